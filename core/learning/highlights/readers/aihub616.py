"""AI Hub 616: highlights of Korean videos, each by several annotators, with descriptions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.sources import (
    LONGEST,
    collect,
    json_files,
    load_object,
    normal,
    some_json_has,
    video_files,
)
from core.time import exact

NAME = "aihub616"
STEP = Fraction(1)
CODES: Mapping[str, int] = {"place": 21, "action": 65, "emotion": 7, "relationship": 12}
"""The attributes of a moment, and how many codes each has; codes count from 1."""
CLASSES = 8
"""Kinds of video."""
LEAST_SHARE, MOST_SHARE = Fraction(5, 100), Fraction(25, 100)
"""Of the seconds of a video that an annotator may highlight."""


@dataclass(frozen=True)
class Moment:
    """A highlight as one annotator described it; codes count from 1.

    Attributes:
        video: Name of the video.
        annotator: Who described it.
        start: Its first second.
        end: Its last second, which belongs to it.
        place: 1 to 21.
        action: 1 to 65.
        emotion: 1 to 7.
        relationship: 1 to 12.
    """

    video: str
    annotator: str
    start: int
    end: int
    place: int
    action: int
    emotion: int
    relationship: int


@dataclass(frozen=True)
class _Annotation:
    """One file: a video as one annotator saw it."""

    file: Path
    video: str
    annotator: str
    metadata: Mapping[str, Any]
    length: Fraction
    moments: tuple[Moment, ...]

    @property
    def file_name(self) -> str:
        return normal(self.metadata["file_name"])

    def cells(self) -> NDArray[np.float32]:
        """The highlighted seconds, ``(T,) float32`` of 0 and 1."""
        values = np.zeros(math.ceil(self.length / STEP), np.float32)
        for moment in self.moments:
            values[moment.start : moment.end + 1] = 1.0
        return values


def recognises(path: Path) -> bool:
    """Whether a JSON file in the folder has metadata and timelines."""
    return path.is_dir() and some_json_has(
        (file for file in json_files(path, recursive=True) if "_" in file.stem),
        "metadata",
        "timelines",
    )


def read_aihub616(
    path: Path, report: Report = refuse, *, strict: bool = True
) -> list[LabelledVideo]:
    """AI Hub 616, on request: ``<video>_<annotator>.json``, split at the last ``_``.

    A second is labelled 1 if a timeline of the annotator holds it; the end of a timeline belongs
    to it. A video of 9.3 s has ten labelled seconds, the last of which lasts 0.3 s. A file that
    breaks a rule is left out; a video whose annotators' metadata differ is left out altogether,
    because nobody knows which of them is right.

    Args:
        path: Holds the files, itself or below. Videos are looked for there and beside it.
        report: Takes the problems, each of which names its file.
        strict: Also leave out annotators who made too few timelines for the length of the video,
            or highlighted less than 5 % or more than 25 % of it.

    Raises:
        CorpusError: The folder does not hold AI Hub 616.
    """
    annotated = _annotations(path, report, strict)
    files = _find_videos(path, {all_of[0].file_name for all_of in annotated.values()})
    return [
        LabelledVideo(
            corpus=NAME,
            name=video,
            domain=f"class {all_of[0].metadata['class_code']}",
            group=video,
            step=STEP,
            ratings=np.stack([each.cells() for each in all_of], axis=1),
            annotators=tuple(each.annotator for each in all_of),
            file=files.get(all_of[0].file_name),
        )
        for video, all_of in annotated.items()
    ]


def read_moments(path: Path, report: Report = refuse, *, strict: bool = True) -> list[Moment]:
    """The described moments of all annotators, by video, annotator and time.

    Args:
        path: Holds the files, itself or below.
        report: Takes the problems.
        strict: See :func:`read_aihub616`.

    Raises:
        CorpusError: The folder does not hold AI Hub 616.
    """
    annotated = _annotations(path, report, strict)
    return [
        moment for all_of in annotated.values() for each in all_of for moment in each.moments
    ]  # fmt: skip


def _annotations(path: Path, report: Report, strict: bool) -> dict[str, list[_Annotation]]:
    """The valid files by video, annotators in the order of their names."""
    files = sorted(json_files(path, recursive=True)) if path.is_dir() else []
    if not files:
        raise CorpusError(
            "there is no AI Hub 616", path=path,
            remedy="Give the folder that holds the files <video>_<annotator>.json.",
        )  # fmt: skip
    found: defaultdict[str, dict[str, _Annotation]] = defaultdict(dict)
    for each in collect(files, lambda file: _read(file, strict), report):
        known = found[each.video].setdefault(each.annotator, each)
        if known is not each:
            report(
                CorpusError(
                    f"{each.annotator} has labelled {each.video} twice, also in {known.file}",
                    path=each.file,
                )
            )
    result = {}
    for video, by_annotator in sorted(found.items()):
        all_of = [by_annotator[name] for name in sorted(by_annotator)]
        try:
            _compare(all_of)
        except CorpusError as problem:
            report(problem)
        else:
            result[video] = all_of
    return result


def _compare(all_of: list[_Annotation]) -> None:
    first = all_of[0]
    for other in all_of[1:]:
        keys = first.metadata.keys() | other.metadata.keys()
        differing = sorted(k for k in keys if first.metadata.get(k) != other.metadata.get(k))
        if differing:
            raise CorpusError(
                f"the {', '.join(differing)} of {first.video} differs from that in "
                f"{first.file.name}",
                path=other.file,
                remedy="Make the metadata of all its annotators equal.",
            )


def _read(file: Path, strict: bool) -> _Annotation:
    video, _, annotator = normal(file.stem).rpartition("_")
    if not video or not annotator:
        raise CorpusError("the file name is not <video>_<annotator>.json", path=file)
    data = load_object(file)
    metadata, timelines = data.get("metadata"), data.get("timelines")
    if not isinstance(metadata, dict) or not isinstance(timelines, list):
        raise CorpusError("the file lacks its metadata or its timelines", path=file)
    if not isinstance(metadata.get("file_name"), str):
        raise CorpusError("the metadata lacks the file_name", path=file)
    _code(metadata, "class_code", CLASSES, file, "the metadata")
    length = _length(metadata.get("length"), file)
    identifiers: set[str] = set()
    moments = []
    for number, timeline in enumerate(timelines, start=1):
        where = f"timeline {number}"
        if not isinstance(timeline, dict) or "id" not in timeline:
            raise CorpusError(f"{where} has no id", path=file)
        identifier = str(timeline["id"])
        if identifier in identifiers:
            raise CorpusError(f"the timeline id {identifier} is there twice", path=file)
        identifiers.add(identifier)
        moments.append(_moment(timeline, (video, annotator), length, file, where))
    moments.sort(key=lambda moment: (moment.start, moment.end))
    shared = {key: value for key, value in metadata.items() if key != "annotator_id"}
    annotation = _Annotation(file, video, annotator, shared, length, tuple(moments))
    if strict:
        _check_amount(annotation)
    return annotation


def _moment(
    timeline: Mapping[str, Any], of: tuple[str, str], length: Fraction, file: Path, where: str
) -> Moment:
    start, end = (_whole(timeline, key, file, where) for key in ("start", "end"))
    if not 0 <= start <= end < length:
        raise CorpusError(
            f"{where} lasts from {start} to {end} s, which is not within the "
            f"{float(length):g} s of the video",
            path=file,
        )
    attributes = timeline.get("attributes")
    if not isinstance(attributes, dict):
        raise CorpusError(f"{where} has no attributes", path=file)
    codes = (_code(attributes, key, most, file, where) for key, most in CODES.items())
    return Moment(*of, start, end, *codes)


def _check_amount(annotation: _Annotation) -> None:
    """The rules on how much an annotator must have highlighted."""
    needed = round(annotation.length // 60 / 2)
    if len(annotation.moments) < needed:
        raise CorpusError(
            f"{len(annotation.moments)} timelines are fewer than the {needed} that "
            f"{float(annotation.length):g} s need",
            path=annotation.file,
        )
    cells = np.flatnonzero(annotation.cells())
    seconds = sum((min(STEP, annotation.length - int(cell)) for cell in cells), Fraction(0))
    share = seconds / annotation.length
    if not LEAST_SHARE <= share <= MOST_SHARE:
        raise CorpusError(
            f"{float(share):.1%} of the video are highlighted, not "
            f"{float(LEAST_SHARE):.0%} to {float(MOST_SHARE):.0%}",
            path=annotation.file,
        )


def _length(value: Any, file: Path) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CorpusError("the metadata lacks the length in seconds", path=file)
    length = exact(value)
    if not 0 < length <= LONGEST:
        raise CorpusError(f"a length of {value} s is not possible", path=file)
    return length


def _whole(values: Mapping[str, Any], key: str, file: Path, where: str) -> int:
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise CorpusError(f"{where}: {key} is not a whole number ({value!r})", path=file)
    return int(value)


def _code(values: Mapping[str, Any], key: str, most: int, file: Path, where: str) -> int:
    code = _whole(values, key, file, where)
    if not 1 <= code <= most:
        raise CorpusError(f"{where}: {key} {code} is not between 1 and {most}", path=file)
    return code


def _find_videos(path: Path, wanted: set[str]) -> dict[str, Path]:
    """Videos of these names below the folder, or in its parent and the folders beside it."""
    found = video_files(path.rglob("*"))
    if wanted <= found.keys():
        return found
    parent = path.resolve().parent
    return {**video_files([*parent.glob("*"), *parent.glob("*/*")]), **found}
