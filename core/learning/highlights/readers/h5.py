"""TVSum and SumMe in their usual form, one h5 file with features and summaries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CorpusError, UsageError
from core.learning.corpora.tables import Report, refuse
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers.given import H5_ENDINGS
from core.learning.highlights.readers.sources import collect

FRAME_RATE = Fraction(30)
"""Frames per second where the file does not tell them, as it usually does not."""
RATINGS = "ydata-tvsum50-anno.tsv"
"""Table of TVSum with the grade that each annotator gave to each frame."""

_SAME = 0.99
"""Correlation of ``gtscore`` with the mean of grades above which they are of one video."""


def recognises(path: Path) -> bool:
    """Whether it is an h5 file, or a folder with some."""
    return bool(_files(path))


def read_h5(
    path: Path,
    report: Report = refuse,
    *,
    ratings: Path | None = None,
    frame_rate: Fraction = FRAME_RATE,
) -> list[LabelledVideo]:
    """TVSum (Song et al. 2015), SumMe (Gygli et al. 2014) and others in the form of Zhang et al.

    Each video (``video_1`` …) has ``picks``, the frames that have features, evenly spaced. A pick
    makes a cell together with the frames up to the next one. The label of an annotator is the
    share of these frames that is in his ``user_summary``; where there is none, ``gtscore`` is the
    one label. The names of videos are those that splits use; see :func:`read_splits`. Where
    ``video_name`` or the table of ratings tells what the video is, it is the group.

    With TVSum's table of ratings, which is found beside the h5 file too, the labels are the grades
    of the annotators, moved from 1…5 to 0…1. A video is found in the table by its ``video_name``,
    or else by the number of its frames and by ``gtscore``, the mean of its grades.

    Args:
        path: The h5 file, or a folder of them.
        report: Takes the problems of single videos, which are then left out.
        ratings: The table of ratings.
        frame_rate: Frames per second where the file does not tell them as ``fps``: the files in
            use do not, and the seconds of their cells are only as right as this is.

    Raises:
        CorpusError: There is no h5 file, or the table cannot be read.
        UsageError: The frame rate is not possible.
    """
    files = _files(path)
    if not files:
        raise CorpusError("there is no h5 file", path=path)
    if frame_rate <= 0:
        raise UsageError(f"{float(frame_rate):g} frames per second are not possible")
    result = []
    for file in files:
        beside = file.parent / RATINGS
        table = ratings or (beside if beside.is_file() else None)
        grades = _read_ratings(table) if table is not None else {}
        try:
            result += _read_file(file, grades, frame_rate, report)
        except OSError as error:
            report(CorpusError(f"the file cannot be read ({error})", path=file))
    return result


def read_splits(path: Path) -> list[tuple[list[str], list[str]]]:
    """Splits as JSON: a list of ``{"train_keys": […], "test_keys": […]}``, or one of them.

    Args:
        path: The file. Keys may begin with the path of an h5 file, which is left off.

    Returns:
        Names of the videos to train on and to test on, for each split.

    Raises:
        CorpusError: It cannot be read, or a video stands on both sides.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise CorpusError(f"the splits cannot be read ({error})", path=path) from error
    result = []
    for number, split in enumerate(data if isinstance(data, list) else [data], start=1):
        parts = [split.get(part) if isinstance(split, dict) else None for part in _SIDES]
        if not all(isinstance(part, list) and part for part in parts):
            raise CorpusError(f"split {number} lacks {' or '.join(_SIDES)}", path=path)
        train, test = ([str(key).rsplit("/", 1)[-1] for key in part or ()] for part in parts)
        if both := sorted(set(train) & set(test)):
            raise CorpusError(
                f"{', '.join(both)} stands on both sides of split {number}", path=path
            )  # fmt: skip
        result.append((train, test))
    return result


def with_split(videos: Sequence[LabelledVideo], path: Path, number: int = 1) -> list[LabelledVideo]:
    """The videos with one split of a file of splits as the one that they were published with.

    Args:
        videos: Of the h5 file that the splits are of.
        path: The file of splits.
        number: Which of them, from 1 on.

    Raises:
        CorpusError: It cannot be read, has no such split, or names a video that is not there.
    """
    splits = read_splits(path)
    if not 1 <= number <= len(splits):
        raise CorpusError(
            f"there is no split {number}", path=path, remedy=f"Choose 1 to {len(splits)}."
        )
    train, test = (set(part) for part in splits[number - 1])
    if missing := sorted((train | test) - {video.name for video in videos}):
        raise CorpusError(
            f"split {number} names {missing[0]}, which is not among the videos", path=path
        )
    sides = {**dict.fromkeys(train, "train"), **dict.fromkeys(test, "test")}
    return [replace(video, split=sides.get(video.name, "")) for video in videos]


_SIDES = ("train_keys", "test_keys")


@dataclass(frozen=True)
class _Graded:
    """What the table of ratings says of a video: a category, and grades by frame."""

    name: str
    category: str
    grades: NDArray[np.float32]


def _files(path: Path) -> list[Path]:
    """The file itself, or those of a folder."""
    found = [path] if path.is_file() else sorted(path.glob("*")) if path.is_dir() else []
    return [
        file
        for file in found
        if file.suffix.lower() in H5_ENDINGS and not file.name.startswith(".")
    ]


def _read_file(
    file: Path, grades: Mapping[str, _Graded], frame_rate: Fraction, report: Report
) -> list[LabelledVideo]:
    import h5py

    with h5py.File(file, "r") as data:
        names = sorted(key for key in data if isinstance(data[key], h5py.Group))
        if not names:
            raise CorpusError("the file holds no videos", path=file)
        rate = _frame_rate(data, frame_rate)
        matches = {name: _match(data[name], grades) for name in names}
        graded = any(match is not None for match in matches.values())

        def video(name: str) -> LabelledVideo:
            match = matches[name]
            if graded and match is None:
                raise CorpusError(f"the table of ratings does not know {name}", path=file)
            return _video(file, name, data[name], match, rate)

        return collect(names, video, report)


def _video(
    file: Path, name: str, group: Any, match: _Graded | None, rate: Fraction
) -> LabelledVideo:
    missing = [key for key in ("picks", "n_frames") if key not in group]
    if missing:
        raise CorpusError(f"{name} lacks {' and '.join(missing)}", path=file)
    picks, frames = np.asarray(group["picks"][()], np.int64), _count(group)
    gaps = np.diff(picks)
    if len(picks) < 2 or picks[0] != 0 or len(set(gaps.tolist())) != 1 or picks[-1] >= frames:
        raise CorpusError(
            f"the picks of {name} are not evenly spaced from 0 to before {frames}", path=file
        )
    ratings: NDArray[np.floating]
    if match is not None:
        ratings = (_by_cell(match.grades, picks) - 1) / 4
    elif "user_summary" in group:
        kept = np.asarray(group["user_summary"][()], np.float64).T
        if kept.ndim != 2 or len(kept) != frames or not _shares(kept):
            raise CorpusError(
                f"the user_summary of {name} is not 0 or 1 for each of {frames} frames", path=file
            )
        ratings = _by_cell(kept, picks)
    elif "gtscore" in group:
        ratings = np.asarray(group["gtscore"][()], np.float64).reshape(-1, 1)
        if len(ratings) != len(picks) or not _shares(ratings):
            raise CorpusError(f"the gtscore of {name} is not 0 to 1 for each pick", path=file)
    else:
        raise CorpusError(f"{name} lacks user_summary and gtscore", path=file)
    features = {}
    if "features" in group:
        shape = group["features"].shape
        if len(shape) != 2 or shape[0] != len(picks):
            raise CorpusError(
                f"{name} has {len(picks)} picks, but features of shape {shape}", path=file
            )
        features["rgb"] = file / name / "features"
    summarised = match is None and "user_summary" in group
    return LabelledVideo(
        corpus=file.stem,
        name=name,
        domain=match.category if match is not None else file.stem,
        group=match.name if match is not None else _text(group, "video_name") or name,
        step=int(gaps[0]) / _frame_rate(group, rate),
        ratings=ratings.astype(np.float32),
        annotators=tuple(str(number + 1) for number in range(ratings.shape[1])),
        graded=not summarised,
        features=features,
    )


def _by_cell(values: NDArray[np.floating], picks: NDArray[np.int64]) -> NDArray[np.floating]:
    """Mean over the frames from each pick to the next, (frames, A) to (T, A)."""
    sums = np.add.reduceat(values.astype(np.float64), picks, axis=0)
    return sums / np.diff([*picks, len(values)])[:, None]


def _shares(values: NDArray[np.floating]) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _frame_rate(group: Any, usual: Fraction) -> Fraction:
    """Frames per second where an attribute or data set ``fps`` tells them."""
    told = group.attrs.get("fps", group["fps"][()] if "fps" in group else usual)
    value = float(np.ravel(told)[0])
    if not 0 < value < np.inf:
        return usual
    return Fraction(value).limit_denominator(1001)


def _count(group: Any) -> int:
    """Number of frames; some files keep it as an array of one."""
    return int(np.ravel(group["n_frames"][()])[0])


def _text(group: Any, key: str) -> str:
    value = group[key][()] if key in group else ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _match(group: Any, grades: Mapping[str, _Graded]) -> _Graded | None:
    """The video of the table of ratings that this is."""
    named = _text(group, "video_name")
    if named in grades:
        return grades[named]
    if any(key not in group for key in ("picks", "n_frames", "gtscore")):
        return None
    frames, picks = _count(group), np.asarray(group["picks"][()], np.int64)
    score = np.asarray(group["gtscore"][()], np.float64)
    if len(score) != len(picks) or len(picks) < 2 or picks.min() < 0 or picks.max() >= frames:
        return None
    for candidate in grades.values():
        if len(candidate.grades) == frames:
            mean = candidate.grades[picks].mean(axis=1)
            if score.std() > 0 and mean.std() > 0 and np.corrcoef(score, mean)[0, 1] > _SAME:
                return candidate
    return None


def _read_ratings(file: Path) -> dict[str, _Graded]:
    """The table of ratings by video: lines of its id, its category and grades by frame."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"the ratings cannot be read ({error})", path=file) from error
    columns: dict[tuple[str, str], list[NDArray[np.float32]]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            name, category, text = line.split("\t")
            grades = np.array(text.split(","), np.float32)
        except ValueError:
            raise CorpusError(
                f"line {number} is not an id, a category and grades", path=file
            ) from None
        known = columns.setdefault((name, category), [])
        if not ((grades >= 1) & (grades <= 5)).all() or (known and len(known[0]) != len(grades)):
            raise CorpusError(
                f"line {number}: not every frame of {name} has a grade from 1 to 5", path=file
            )
        known.append(grades)
    return {
        name: _Graded(name, category, np.stack(rows, axis=1))
        for (name, category), rows in columns.items()
    }
