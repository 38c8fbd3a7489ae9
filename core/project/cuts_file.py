"""Lists of cuts as JSON: what ``suggest --json`` prints, ``export --cuts`` reads, sessions keep."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.analysis.analysis import Analysis
from core.cutting.cut import Cut, Reason
from core.errors import EmotionShortFormError, ProjectError
from core.files import replace_file
from core.time import Span, exact

_LARGEST_FILE = 16 << 20
_ROUNDING = Fraction(1, 1_000_000)


def cut_to_json(cut: Cut) -> dict[str, Any]:
    """Plain data of a cut; seconds as numbers for people, and exactly as fractions."""
    return {
        **span_to_json(cut.span),
        "score": cut.score,
        "contributions": dict(cut.contributions),
        "reasons": [
            {"kind": reason.kind, "value": round(reason.value, 4), "text": reason.text}
            for reason in cut.reasons
        ],
    }


def cut_from_json(data: Any, path: Path) -> Cut:
    """A cut from plain data; only ``start`` and ``end`` in seconds are needed.

    Raises:
        ProjectError: Something is missing or is not a number.
    """
    with damage_named("a cut", 'Each cut needs "start" and "end" in seconds.', path):
        score = finite(data.get("score", 0.0))
        contributions = {
            str(name): finite(value) for name, value in data.get("contributions", {}).items()
        }
        reasons = tuple(_reason(item) for item in data.get("reasons", ()))
        return Cut(span_from_json(data), score, contributions, reasons)


def span_to_json(span: Span) -> dict[str, Any]:
    """Plain data of a span; seconds as numbers for people, and exactly as fractions."""
    return {**time_to_json("start", span.start), **time_to_json("end", span.end)}


def span_from_json(data: Any) -> Span:
    """A span from plain data, to be called inside of :func:`damage_named`."""
    return Span(time_from_json(data, "start"), time_from_json(data, "end"))


def time_to_json(name: str, seconds: Fraction) -> dict[str, Any]:
    """Plain data of a time: as a number for people, and exactly as a fraction."""
    return {name: round(float(seconds), 6), f"{name}_exact": str(seconds)}


def time_from_json(data: Any, name: str) -> Fraction:
    """The exact time, unless somebody has edited the rounded one beside it.

    To be called inside of :func:`damage_named`.
    """
    precise = exact(str(data[f"{name}_exact"])) if f"{name}_exact" in data else None
    if precise is not None and name not in data:
        return precise
    value = data[name]
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(name)
    if precise is not None and abs(precise - exact(float(value))) <= _ROUNDING:
        return precise
    return exact(float(value))


@contextmanager
def damage_named(what: str, remedy: str, path: Path) -> Iterator[None]:
    """Says of plain data that cannot be understood what it is and which file it is in.

    Args:
        what: What is being read: "a cut".
        remedy: What it needs, for whoever made it by hand.
        path: The file that it comes from.

    Raises:
        ProjectError: Something is missing, is not a number, or is not possible.
    """
    try:
        yield
    except EmotionShortFormError as error:
        raise ProjectError(error.happened, path=path, remedy="Correct the file.") from error
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError):
        raise ProjectError(
            f"{what} in this file is damaged",
            path=path,
            remedy=remedy,
        ) from None


def finite(value: Any) -> float:
    """A number.

    Raises:
        TypeError: It is none.
        ValueError: It is none, or not finite.
    """
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(value)
    return number


def _reason(data: Any) -> Reason:
    if isinstance(data, str):
        return Reason("note", 0.0, data)
    return Reason(str(data["kind"]), finite(data["value"]), str(data["text"]))


def write_json(path: Path, data: Any) -> None:
    """Saves plain data so that the file is never half written.

    Raises:
        ProjectError: The file cannot be written; what was there before is unchanged.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode(errors="backslashreplace"))
    except OSError as error:
        raise ProjectError(
            f"the file cannot be saved ({error.strerror or error})",
            path=path,
            remedy="Choose a folder that you may write to, on a disk with free space.",
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object.

    Raises:
        ProjectError: The file is missing, too large, or not a JSON object.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ProjectError("this file is too large to be a list of cuts", path=path)
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProjectError(
            f"the file cannot be read ({error.strerror or error})",
            path=path,
            remedy="Check the name and the folder.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            "this is not a JSON file", path=path, remedy="Make one with 'suggest --json'."
        ) from error
    if isinstance(data, list):
        data = {"cuts": data}
    if not isinstance(data, dict):
        raise ProjectError("this file holds no cuts", path=path)
    return data


def read_cuts(path: Path) -> list[Cut]:
    """The cuts of a file, in its order.

    Raises:
        ProjectError: The file cannot be read, or a cut in it is damaged, or there are none.
    """
    data = read_json(path)
    items = data.get("cuts")
    if not isinstance(items, Sequence) or isinstance(items, str) or not items:
        raise ProjectError(
            "there are no cuts in this file", path=path, remedy="Make one with 'suggest --json'."
        )
    return [cut_from_json(item, path) for item in items]


def suggestion_to_json(analysis: Analysis, cuts: Sequence[Cut], target: float) -> dict[str, Any]:
    """Plain data of suggested cuts and where they come from."""
    return {
        "video": str(analysis.info.path),
        "duration": float(analysis.info.duration),
        "target_length": target,
        "length": float(sum((cut.span.duration for cut in cuts), Fraction(0))),
        "source": analysis.highlight.source,
        "notices": list(analysis.notices),
        "cuts": [cut_to_json(cut) for cut in cuts],
    }
