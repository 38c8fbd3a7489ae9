"""The verb corpus check: what a corpus of speech or of highlights holds."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import Progress, counted, say, say_json, say_table, show_progress
from core.errors import CorpusError

if TYPE_CHECKING:
    from core.learning.corpus_check import CorpusReport
    from core.learning.highlights.check import HighlightReport, Range

SHOWN_PROBLEMS = 20
"""Problems of a corpus that the terminal lists; ``--json`` has all of them."""


def check_corpus(options: argparse.Namespace) -> int:
    """Checks the corpus at ``options.path``, whichever of the two kinds it is.

    Returns:
        1 if there are problems, else 0.
    """
    of_highlights, reader = _kind(options.path, options.reader)
    return (_check_highlights if of_highlights else _check_speech)(reader, options)


def _check_speech(reader: str, options: argparse.Namespace) -> int:
    from core.learning.corpus_check import check_corpus as check

    with _progress(options) as progress:
        report = check(reader, options.path, options.out, progress=progress)
    return _tell(report, lambda: _show_speech(report), options)


def _check_highlights(reader: str, options: argparse.Namespace) -> int:
    from core.learning.highlights.check import check_highlights

    with _progress(options) as progress:
        report = check_highlights(reader, options.path, options.out, progress=progress)
    return _tell(report, lambda: _show_highlights(report), options)


def _progress(options: argparse.Namespace) -> AbstractContextManager[Progress]:
    return show_progress(options.json, f"Checking {options.path.name}")


def _tell(
    report: CorpusReport | HighlightReport, show: Callable[[], None], options: argparse.Namespace
) -> int:
    if options.json:
        say_json(report.as_json())
        return int(bool(report.problems))
    show()
    _show_problems(report.problems)
    if options.out is not None:
        say(f"Pictures and report are in {options.out}")
    return int(bool(report.problems))


def _kind(path: Path, reader: str | None) -> tuple[bool, str]:
    """Whether a corpus is one of highlights, and its reader."""
    from core.learning import corpora
    from core.learning.highlights import readers

    if reader is not None:
        if reader in readers.READERS and reader in corpora.READERS:
            return reader in readers.fitting_readers(path), reader
        return reader in readers.READERS, reader
    if not path.exists():
        raise CorpusError("there is no such file or folder", path=path)
    of_highlights = readers.fitting_readers(path)
    of_speech = corpora.fitting_readers(path)
    if bool(of_highlights) != bool(of_speech):
        guess = readers.guess_reader if of_highlights else corpora.guess_reader
        return bool(of_highlights), guess(path)
    fitting = " or ".join((*of_speech, *of_highlights))
    known = ", ".join(dict.fromkeys((*corpora.READERS, *readers.READERS)))
    raise CorpusError(
        f"this could be {fitting}" if fitting else "this looks like no known corpus",
        path=path,
        remedy=f"Name a reader: --reader {known}. A table begins with the names of its columns: "
        "file,speaker,emotion or video,start,end.",
    )


def _show_speech(report: CorpusReport) -> None:
    minutes, seconds = divmod(round(report.seconds), 60)
    rates = ", ".join(f"{rate} Hz ({count})" for rate, count in report.sample_rates.items())
    say(
        f"{report.path} ({report.reader}): {counted(report.utterances, 'utterance')}, "
        f"{minutes}:{seconds:02}"
    )
    say(
        f"{counted(report.speakers, 'speaker')}, {counted(report.sessions, 'session')}, "
        f"{counted(report.groups, 'group')} to split by"
    )
    say(f"sample rates: {rates or 'none'}; licence: {', '.join(report.licences) or 'none'}")
    say(
        f"arousal and valence: {report.rated} rated by people, "
        f"{report.mapped} follow from the category"
    )
    say_table(
        ("category", "utterances", "share"),
        [
            (name, str(count), f"{count / report.utterances:.1%}")
            for name, count in report.categories.items()
        ],
    )
    if report.neutral_share is not None:
        say(f"neutral: {report.neutral_share:.1%} of those with an emotion")


def _show_highlights(report: HighlightReport) -> None:
    steps = " or ".join(f"{step:.4g} s" for step in report.steps)
    say(
        f"{report.path} ({report.reader}): {counted(report.videos, 'video')}, "
        f"{report.seconds / 3600:.2f} hours, {counted(report.cells, 'cell')} of {steps or '0 s'}"
    )
    say(
        f"{counted(len(report.domains), 'domain')}, {counted(report.groups, 'group')} to split by; "
        f"{report.at_hand} at hand as files"
    )
    features = ", ".join(f"{name} of {count}" for name, count in report.features.items())
    split = ", ".join(f"{part} {count}" for part, count in report.split.items())
    say(f"given features: {features or 'none'}; published split: {split or 'none'}")
    if report.prevalence is None:
        return
    say(
        f"annotators of a video: {_range(report.annotators, '.0f')}; grades: {report.graded} videos"
    )
    say(
        f"highlighted: {report.prevalence:.1%} of the labels, by annotator and video "
        f"{_range(report.prevalence_by_annotator, '.1%')}; "
        f"{counted(report.unlabelled, 'cell')} without a label"
    )
    say(
        f"{counted(report.highlights, 'highlight')}, seconds: "
        f"{_range(report.highlight_seconds, '.4g')}"
    )
    if report.agreement is not None:
        measures = {
            "kappa": report.agreement.kappa,
            "F1": report.agreement.f1,
            "Spearman's rho": report.agreement.spearman,
        }
        said = ", ".join(f"{name} {v:.3f}" for name, v in measures.items() if v is not None)
        say(f"agreement of two annotators, mean over videos: {said or 'not defined'}")
    say_table(("domain", "videos"), [(name, str(count)) for name, count in report.domains.items()])
    say_table(
        ("place in the video", "highlighted"),
        [
            (f"{part * 10}–{part * 10 + 10} %", "" if share is None else f"{share:.1%}")
            for part, share in enumerate(report.positions)
        ],
    )
    say_table(
        ("length", "highlights"),
        [(length, str(count)) for length, count in report.lengths.items()],
    )


def _range(values: Range | None, form: str) -> str:
    """Least, middle and most; one number if they are the same."""
    if values is None:
        return "none"
    if values.least == values.most:
        return format(values.least, form)
    return f"{values.least:{form}} to {values.most:{form}} (median {values.median:{form}})"


def _show_problems(problems: Sequence[str]) -> None:
    say(counted(len(problems), "problem"))
    for problem in problems[:SHOWN_PROBLEMS]:
        say(f"  {problem}")
    if len(problems) > SHOWN_PROBLEMS:
        say(f"  and {len(problems) - SHOWN_PROBLEMS} more; --json lists them all")
