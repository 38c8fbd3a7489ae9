"""Whether a corpus of highlights can be trained on, and what is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, CorpusError, MediaError
from core.files import replace_file
from core.learning.highlights.agreement import Agreement, agreement
from core.learning.highlights.check_pictures import agreements, lengths, positions
from core.learning.highlights.labelled_video import LabelledVideo
from core.learning.highlights.readers import given_features, read_videos
from core.media.probe import probe

PARTS = 10
"""Equal parts of a video that highlights are counted in."""
LENGTHS = (2, 5, 10, 20, 30, 60)
"""Seconds that the histogram of lengths is divided at; a length on a limit is below it."""
TOLERANCE = Fraction(1)
"""Seconds that a video may differ in length from its labels, beside one cell."""


@dataclass(frozen=True)
class Range:
    """Least, middle and most of some numbers."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Range | None:
        """That of some numbers, None of none."""
        if not values:
            return None
        return cls(float(min(values)), float(np.median(values)), float(max(values)))


@dataclass(frozen=True)
class HighlightReport:
    """What a corpus of highlights holds and what is wrong with it.

    Positive is what an annotator would keep; of grades, those above his median in the video.

    Attributes:
        reader: Name of the reader.
        path: Folder or file.
        videos: Number of videos that can be used.
        seconds: What their cells last.
        cells: Number of labelled cells.
        steps: Cells by the seconds that they last.
        domains: Videos by domain.
        groups: Number of groups: the most folds that a cross-validation can have.
        graded: Number of videos whose ratings are grades.
        annotators: Annotators of a video.
        prevalence: Share of positive ones among all labels; None if there are no labels.
        prevalence_by_annotator: The same of each annotator in each video.
        unlabelled: Cells that nobody said anything about.
        highlights: Number of runs of positive cells, counted for each annotator.
        highlight_seconds: What they last.
        lengths: Highlights by seconds.
        positions: Share of positive labels in each tenth of the videos, None where there are none.
        agreement: Mean over the videos with several annotators, None if there are none.
        features: Videos by given features and their number of columns.
        at_hand: Number of videos that are there as files.
        split: Videos by part of the published split.
        problems: Each names the file it is about.
    """

    reader: str
    path: Path
    videos: int
    seconds: float
    cells: int
    steps: Mapping[float, int]
    domains: Mapping[str, int]
    groups: int
    graded: int
    annotators: Range | None
    prevalence: float | None
    prevalence_by_annotator: Range | None
    unlabelled: int
    highlights: int
    highlight_seconds: Range | None
    lengths: Mapping[str, int]
    positions: Sequence[float | None]
    agreement: Agreement | None
    features: Mapping[str, int]
    at_hand: int
    split: Mapping[str, int]
    problems: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        steps = {f"{step:.4g}": count for step, count in self.steps.items()}
        seconds = round(self.seconds, 3)
        return {**asdict(self), "path": str(self.path), "seconds": seconds, "steps": steps}


def check_highlights(
    name: str,
    path: Path,
    out: Path | None = None,
    *,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> HighlightReport:
    """Reads a corpus of highlights, all its given features and the length of each video at hand.

    Args:
        name: One of :data:`core.learning.highlights.readers.READERS`.
        path: Folder or file.
        out: Folder for ``report.json``, ``position-histogram.png``, ``length-histogram.png`` and,
            with several annotators, ``agreement.png``; it is made if there is none. None to
            write nothing.
        progress: Called with the share that is done, 0 to 1, and what is being done.
        cancelled: Asked before each video.

    Raises:
        CorpusError: The path does not hold this corpus at all.
        Cancelled: ``cancelled()`` returned true.
    """
    problems: list[CorpusError] = []
    videos = read_videos(name, path, problems.append)
    good: list[LabelledVideo] = []
    columns = Counter[str]()
    keys: set[tuple[str, str]] = set()
    for index, video in enumerate(videos):
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(index / len(videos), video.name)
        try:
            if video.key in keys:
                raise CorpusError(f"{video.name} is there twice", path=path)
            keys.add(video.key)
            _check_length(video)
            found = given_features(video)
        except CorpusError as problem:
            problems.append(problem)
            continue
        good.append(video)
        columns.update(f"{kind} ({rows.shape[1]})" for kind, rows in found.items())
    agreed = {video.key: agreement(video) for video in good}
    known = [each for each in agreed.values() if each is not None]
    report = _report(name, path, good, columns, known, [str(problem) for problem in problems])
    if out is not None:
        _write(report, good, known, out)
    if progress is not None:
        progress(1.0, "done")
    return report


def _check_length(video: LabelledVideo) -> None:
    """Whether the labels end where the video does."""
    if video.file is None:
        return
    try:
        duration = probe(video.file).duration
    except MediaError as error:
        raise CorpusError(error.happened, path=video.file, remedy=error.remedy) from error
    labelled = video.cells * video.step
    if not labelled - video.step - TOLERANCE < duration < labelled + video.step + TOLERANCE:
        raise CorpusError(
            f"{video.name} has labels for {float(labelled):g} s, but the video lasts "
            f"{float(duration):.3f} s",
            path=video.file,
            remedy="Is it another version of the video?",
        )


def _report(
    name: str,
    path: Path,
    videos: Sequence[LabelledVideo],
    columns: Counter[str],
    agreed: Sequence[Agreement],
    problems: Sequence[str],
) -> HighlightReport:
    runs = highlight_lengths(videos)
    shares = _prevalences(videos)
    said = sum(int(np.isfinite(video.ratings).sum()) for video in videos)
    positive = sum(int(video.positives().sum()) for video in videos)
    steps, domains = Counter[float](), Counter[str]()
    for video in videos:
        steps[float(video.step)] += video.cells
        domains[video.domain] += 1
    return HighlightReport(
        reader=name,
        path=path,
        videos=len(videos),
        seconds=float(sum((video.cells * video.step for video in videos), Fraction(0))),
        cells=sum(video.cells for video in videos),
        steps=dict(sorted(steps.items())),
        domains=dict(sorted(domains.items())),
        groups=len({video.group for video in videos}),
        graded=sum(video.graded for video in videos),
        annotators=Range.of([len(video.annotators) for video in videos]),
        prevalence=positive / said if said else None,
        prevalence_by_annotator=Range.of(shares),
        unlabelled=sum(int(np.isnan(v.ratings).all(axis=1).sum()) for v in videos),
        highlights=len(runs),
        highlight_seconds=Range.of(runs),
        lengths=_by_length(runs),
        positions=position_shares(videos),
        agreement=_mean_agreement(agreed),
        features=dict(sorted(columns.items())),
        at_hand=sum(video.file is not None for video in videos),
        split=dict(sorted(Counter(video.split for video in videos if video.split).items())),
        problems=problems,
    )


def highlight_lengths(videos: Sequence[LabelledVideo]) -> list[float]:
    """Seconds of each run of positive cells of each annotator, in order of the videos."""
    result = []
    for video in videos:
        edges = np.diff(np.pad(video.positives().astype(np.int8), ((1, 1), (0, 0))), axis=0)
        for column in edges.T:
            cells = np.flatnonzero(column < 0) - np.flatnonzero(column > 0)
            result += [float(int(count) * video.step) for count in cells]
    return result


def position_shares(videos: Sequence[LabelledVideo]) -> list[float | None]:
    """Share of positive labels in each of :data:`PARTS` equal parts of the videos.

    A cell counts for the part that its middle lies in; None for a part without labels.
    """
    said, positive = np.zeros(PARTS), np.zeros(PARTS)
    for video in videos:
        part = (2 * np.arange(video.cells) + 1) * PARTS // (2 * video.cells)
        np.add.at(said, part, np.isfinite(video.ratings).sum(axis=1))
        np.add.at(positive, part, video.positives().sum(axis=1))
    return [float(p / s) if s else None for p, s in zip(positive, said, strict=True)]


def _prevalences(videos: Sequence[LabelledVideo]) -> list[float]:
    """Share of positive cells of each annotator in each video."""
    result: list[float] = []
    for video in videos:
        said: NDArray[np.int64] = np.isfinite(video.ratings).sum(axis=0)
        positive = video.positives().sum(axis=0)
        result += [float(p / s) for p, s in zip(positive, said, strict=True) if s]
    return result


def _by_length(runs: Sequence[float]) -> dict[str, int]:
    limits = (0, *LENGTHS)
    names = [f"{low}–{high} s" for low, high in zip(limits, LENGTHS, strict=False)]
    counts = np.bincount(np.searchsorted(LENGTHS, runs), minlength=len(limits))
    return dict(zip([*names, f"over {LENGTHS[-1]} s"], counts.tolist(), strict=True))


def _mean_agreement(agreed: Sequence[Agreement]) -> Agreement | None:
    if not agreed:
        return None

    def mean(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return float(np.mean(known)) if known else None

    return Agreement(
        mean([each.kappa for each in agreed]),
        mean([each.f1 for each in agreed]),
        mean([each.spearman for each in agreed]),
    )


def _write(
    report: HighlightReport,
    videos: Sequence[LabelledVideo],
    agreed: Sequence[Agreement],
    out: Path,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    replace_file(out / "report.json", text.encode())
    title = report.path.resolve().name
    if report.prevalence is not None:
        of = f"{title}, videos: {len(videos)}"
        replace_file(
            out / "position-histogram.png", positions(report.positions, report.prevalence, of)
        )
        of = f"{title}, highlights: {report.highlights}"
        replace_file(out / "length-histogram.png", lengths(report.lengths, of))
    measured = {
        measure: [value for each in agreed if (value := getattr(each, measure)) is not None]
        for measure in ("kappa", "f1", "spearman")
    }
    if any(measured.values()):
        picture = agreements(measured, f"{title}, agreement of the annotators")
        replace_file(out / "agreement.png", picture)
