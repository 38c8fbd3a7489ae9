"""The card of speech emotion weights, for people: what they cannot do comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
            "follow from the emotion by a convention (`core/learning/corpora.py`, quadrants of "
            "Russell's circumplex, 1980)."
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
            "speaker). Speech that is excited from beginning to end looks usual, and several "
            "speakers of a video share one normalisation."
        ),
        (
            "- Measures are per utterance, from the mean of the claims about its seconds. Rows "
            "marked ✗ have an interval that reaches their best trivial value: they show nothing."
        ),
    ]
    others = card.get("other_corpora", [])
    if others:
        lines += ["", "## On corpora that were never trained or tuned on", "", *_table(others)]
    if card["results"]:
        protocol = card["protocol"]
        lines += [
            "",
            "## On held-out speakers of the training corpora",
            "",
            (
                f"{protocol['split']}; seeds {protocol['seeds']}; {protocol['epochs']} epochs; "
                f"{protocol['development']}. Intervals: 95 %, bootstrap over speakers."
            ),
            "",
            *_table(card["results"]),
        ]
    lines += ["", "## Data", ""]
    for entry in card["data"]:
        lines.append(
            f"- {entry['corpus']}: {entry['utterances']} utterances, {entry['speakers']} "
            f"speakers, {entry['licence']}. {ATTRIBUTION.get(entry['corpus'], '')}".strip()
        )
    network, contract = card["network"], card["contract"]
    lines += [
        "",
        "## Network and features",
        "",
        (
            f"{network['layers']} bidirectional {network['kind'].upper()} layers of "
            f"{network['hidden']} units with attention pooling, {card['parameters']:,} numbers. "
            f"{contract['coefficients']} MFCC and their slopes, {contract['sample_rate']} "
            f"Hz, a frame per {contract['hop']} samples; normalised by the speech frames of the "
            "speaker in training, of the video at use."
        ),
        "",
        "## Made with",
        "",
        f"    {card['command']}",
        "",
        f"SHA-256 of the weights: `{card['sha256']}`",
        "",
    ]
    return "\n".join(lines)


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| corpus | measure | value | 95 % | trivial | utterances / speakers | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        best = max(row["trivial"].values())
        verdict = "" if row["low"] is not None and row["low"] > best else "✗"
        trivial = ", ".join(f"{name} {value:.3f}" for name, value in row["trivial"].items())
        seeds = row["seeds"]
        value = f"{row['value']:.3f}" if row["value"] is not None else "none"
        if len(seeds) > 1:
            value += f" (seeds {min(seeds):.3f} to {max(seeds):.3f})"
        lines.append(
            f"| {row['corpus']} | {row['measure']} | {value} | {row['low']} to {row['high']} | "
            f"{trivial} | {row['utterances']} / {row['speakers']} | {verdict} |"
        )
    return lines
