"""The card of speech emotion weights, for people: what they cannot do comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.learning.emotion_report import table

ATTRIBUTION: Mapping[str, str] = {
    "emodb": (
        "EMO-DB: F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss: A database of "
        "German emotional speech, Interspeech 2005. CC0 1.0."
    ),
    "crema-d": (
        "CREMA-D: H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova, R. Verma: "
        "CREMA-D: Crowd-sourced emotional multimodal actors dataset, IEEE Transactions on "
        "Affective Computing, 2014. Open Database License (ODbL) 1.0."
    ),
    "nemo": (
        "nEMO: I. Christop: nEMO: Dataset of emotional speech in Polish, LREC-COLING 2024. "
        "CC BY-NC-SA 4.0: not for weights that are given away."
    ),
}
"""Whom to name, by corpus."""


def human_card(card: Mapping[str, Any]) -> str:
    """Markdown of a card.

    Args:
        card: As :func:`core.learning.emotion_training.train_emotion` returns it; ``other_corpora``
            holds the results on corpora that were never trained on, if there are any.
    """
    missing = [name for name in card["emotions"] if name not in card["trained_emotions"]]
    lines = ["# Speech emotion weights", "", "## What they cannot do", ""]
    if missing:
        lines.append(f"- They never heard {', '.join(missing)}: that always has probability 0.")
    if not all(entry["rated"] for entry in card["data"]):
        lines.append(
            "- Arousal and valence were not rated by people in (all of) the training data: they "
            "follow from the emotion by a convention (`core/learning/corpora/utterance.py`, "
            "quadrants of Russell's circumplex, 1980)."
        )
    lines += [
        (
            "- The training data are short utterances "
            f"({', '.join(entry['corpus'] for entry in card['data'])}); if those are acted, "
            "spontaneous speech, shouting over music, children and other languages are farther "
            "from them than the numbers below say."
        ),
        (
            "- Everything is heard beside the rest of the same video (in the measures: of the same "
            "speaker). Speech that is excited from beginning to end looks usual. A low and a high "
            "voice are told apart where that is sure; other speakers share one normalisation."
        ),
        (
            "- Measures are per utterance, from the mean of the claims about its seconds; what is "
            "speech is told by the level there, by the speech detector in a video. Rows "
            "marked ✗ do not beat their best trivial or reference value beyond the interval."
        ),
    ]
    others = card.get("other_corpora", [])
    if others:
        lines += ["", "## On corpora that were never trained or tuned on", "", *table(others)]
    if card["results"]:
        protocol = card["protocol"]
        lines += [
            "",
            "## On held-out speakers of the training corpora",
            "",
            (
                f"{protocol['split']}; seeds {protocol['seeds']}; "
                f"{protocol['training']['epochs']} epochs; {protocol['development']}. Values and "
                "intervals (95 %, bootstrap over speakers) are those of the first seed, the others "
                "stand beside it. The speakers of each fold are in `card.json`."
            ),
            "",
            *table(card["results"]),
            "",
            (
                "Probabilities are calibrated on the claims about whole utterances of these rows "
                f"(temperature {card['temperature']}; expected calibration error "
                f"{card['calibration'].get('error_before')} before, "
                f"{card['calibration'].get('error_after')} after, on the same rows): claims about "
                "single seconds are somewhat surer of themselves than they should be."
            ),
        ]
    lines += ["", "## Data", ""]
    for entry in card["data"]:
        lines.append(
            f"- {entry['corpus']}: {entry['utterances']} utterances, {entry['speakers']} "
            f"speakers, {entry['licence']}. {ATTRIBUTION.get(entry['corpus'], '')}".strip()
        )
    lines += [
        "",
        "## Network and features",
        "",
        f"{_network_words(card)} {card['parameters']:,} numbers.",
        "",
        "## Made with",
        "",
        f"    {card['command']}",
        "",
        f"SHA-256 of the weights: `{card['sha256']}`",
        "",
    ]
    return "\n".join(lines)


def _network_words(card: Mapping[str, Any]) -> str:
    network, contract = card["network"], card["contract"]
    if network["kind"] == "speech-encoder":
        return f"A fine-tuned {network['encoder'].get('model_type')} over the waveform."
    heard = (
        f"{contract['coefficients']} MFCC, {contract['sample_rate']} Hz, a frame per "
        f"{contract['hop']} samples"
    )
    usual = "normalised by what is usual for the speaker in training, for the video at use"
    if network["kind"] == "statistics":
        return (
            f"Mean of {network['members']} perceptrons (2 × {network['hidden']} units) over "
            f"statistics of the speech in 4 s: {heard}, pitch and voice quality; {usual}."
        )
    return (
        f"{network['layers']} bidirectional {network['kind'].upper()} layers of "
        f"{network['hidden']} units with attention pooling over sequences: {heard}, and their "
        f"slopes; {usual}."
    )
