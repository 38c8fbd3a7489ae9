"""The card of fusion weights, for people: what they cannot do comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

IMPORTANCE = (
    "`importance.safetensors` holds how much each number matters to what was learned from: the "
    "diagonal of the Fisher information, which stands in for those videos when the weights are "
    "tuned on an editor's corrections. It is made with the weights."
)


def human_card(card: Mapping[str, Any]) -> str:
    """Markdown of a card that ``fusion_training.train_fusion`` made."""
    mixture = ", ".join(f"{name} {share:g}" for name, share in card["mixture"].items())
    lines = [
        "# Fusion weights",
        "",
        f"Learned from {card['name']}; {card['parameters']} numbers. Mixture: {mixture}.",
        "",
    ]
    if card["cautions"]:
        lines += ["## What they cannot do", "", *(f"- {line}" for line in card["cautions"]), ""]
    if card["command"]:
        lines += ["Made and measured by:", "", f"    {card['command']}", ""]
    if not card["beats_baseline"]:
        reason = (
            "did not beat the transparent baseline in every test set"
            if card["results"]
            else "were not tested on videos that they never saw"
        )
        lines += [f"**These weights {reason}, so the application does not use them.**", ""]
    for name, result in card["results"].items():
        lines += [
            f"## {name}",
            "",
            (
                f"Average precision, mean over videos; {result['prevalence']:.1%} of the seconds "
                "are highlights. The interval is over videos."
            ),
            "",
            "| | AP | 95 % |",
            "|---|---|---|",
        ]
        for row, found in result["average_precision"].items():
            lines.append(f"| {row} | {found['value']:.3f} | {_ends(found) or '–'} |")
        difference = result["difference_to_best_trivial"]
        interval = _ends(difference, "+")
        seeds = ", ".join(f"{value:.3f}" for value in result["seeds"])
        lines += [
            "",
            (
                f"Seeds: {seeds}. Against the best row that learns nothing "
                f"({result['best_trivial']}): {difference['value']:+.3f} "
                f"({interval or 'too few videos for an interval'})."
            ),
            "",
        ]
    lines += ["## Learned from", ""]
    lines += [
        f"- {part['set']}: {part['videos']} videos, {part['hours']:g} hours"
        for part in card["data"]
    ]
    if "importance" in card:
        lines += ["", "## For learning from corrections", "", IMPORTANCE]
    if card["credits"]:
        lines += ["", "## Credits, for what was learned from and measured on", ""]
        lines += [f"- {line}" for line in card["credits"]]
    return "\n".join(lines) + "\n"


def _ends(interval: Mapping[str, Any], sign: str = "") -> str:
    """Empty where there were too few videos."""
    low, high = interval["low"], interval["high"]
    if low is None or high is None:
        return ""
    return f"{low:{sign}.3f} to {high:{sign}.3f}"
