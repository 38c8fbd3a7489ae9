"""Tasks of learn that show, fill, empty and move the library of corrections."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.console import counted, say, say_json, say_table, show_progress, warn
from core.errors import MediaError, UsageError

if TYPE_CHECKING:
    from core.learning.library.library import Library
    from core.learning.library.records import StoredCorrection
    from core.learning.personal.profiles import Profile
    from core.project.document import Project

Tasks = argparse._SubParsersAction


def add_library_tasks(tasks: Tasks[argparse.ArgumentParser]) -> None:
    """Adds status, corrections, collect, forget, export, import and check."""
    add_task(tasks, "status", "what there is to learn from, and what is in use", _status)
    add_task(tasks, "corrections", "list the corrections", _corrections)
    collect = add_task(tasks, "collect", "take the corrections of projects", _collect)
    collect.add_argument("projects", nargs="+", type=Path, metavar="PROJECT")
    forget = add_task(tasks, "forget", "delete corrections for good", _forget)
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--video", metavar="NAME", help="all of a video: its name or fingerprint")
    what.add_argument("--cut", metavar="IDENTIFIER", help="one cut, as 'corrections' lists it")
    what.add_argument("--all", action="store_true", help="all of the profile")
    for name, text, run in (
        ("export", "write the library into a folder that people can read", _export),
        ("import", "add what such a folder holds", _import),
    ):
        add_task(tasks, name, text, run).add_argument("folder", type=Path, metavar="FOLDER")
    add_task(tasks, "check", "look for damage in the library and the profiles", _check)


def add_task(
    tasks: Tasks[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int | None],
) -> argparse.ArgumentParser:
    """Adds a task with the options that all of them have.

    Args:
        tasks: Of learn.
        name: Of the task.
        text: What it does.
        run: Does it.
    """
    task: argparse.ArgumentParser = tasks.add_parser(name, help=text)
    # What stands before the task counts as well.
    task.add_argument("--profile", default=argparse.SUPPRESS, metavar="NAME")
    task.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    task.set_defaults(run=run)
    return task


def chosen_profile(options: argparse.Namespace) -> Profile:
    """The profile that the options name.

    Raises:
        UsageError: There is none.
    """
    from core.learning.personal.profiles import Profile

    return Profile.named(options.profile)


def _opened() -> Library:
    from core.learning.library.library import Library

    return Library.open()


def _status(options: argparse.Namespace) -> None:
    from core.learning.personal.weights_in_use import resolve

    profile = chosen_profile(options)
    found = resolve(profile)
    latest = next(iter(profile.versions()), None)
    with _opened() as library:
        videos = library.videos(profile.name)
        state = library.state(profile.name)
    status: dict[str, Any] = {
        "profile": profile.name,
        "in use": None if found.version is None else found.version.number,
        "corrections": sum(sum(one.counts.values()) + one.emotions for one in videos),
        "videos": len(videos),
        "without features": sum(not one.features for one in videos),
        "left out": sum(one.left_out for one in videos),
        "new since then": bool(videos) and (latest is None or latest.library != state),
        "problem": found.problem,
    }
    if options.json:
        say_json(status)
        return
    used = status["in use"]
    say(
        f"{counted(status['corrections'], 'correction')} of {counted(len(videos), 'video')}; "
        f"{'the shipped weights are' if used is None else f'version {used} is'} in use."
    )
    if status["without features"]:
        say(
            f"{counted(status['without features'], 'video')} must be analysed before anything is "
            "learned: open it, or use 'analyze' and 'learn collect'."
        )
    if status["new since then"]:
        say("There are corrections that were not learned from yet.")
    if found.problem:
        warn(found.problem)


def _corrections(options: argparse.Namespace) -> None:
    with _opened() as library:
        profile = _taught_profile(library, options)
        names = {one.video: one.path.name for one in library.videos()}
        rows = [_row(one, names) for one in library.corrections(profile)]
    if options.json:
        say_json(rows)
        return
    say_table(
        ("Video", "from", "to", "what", "identifier"),
        [
            (
                row["name"],
                f"{row['start']:.1f}",
                f"{row['end']:.1f}",
                row["what"],
                row["identifier"],
            )
            for row in rows
        ],
    )


def _row(one: StoredCorrection, names: dict[str, str]) -> dict[str, Any]:
    from core.learning.library.records import CutCorrection

    correction = one.correction
    if isinstance(correction, CutCorrection):
        what, identifier = correction.kind.value, correction.identifier
    else:
        said = (
            correction.emotion,
            *(
                f"{name} {value:+.1f}"
                for name, value in (
                    ("arousal", correction.arousal),
                    ("valence", correction.valence),
                )
                if value is not None
            ),
        )
        what, identifier = f"heard: {', '.join(filter(None, said))}", ""
    return {
        "video": one.video,
        "name": names.get(one.video, one.video),
        "start": float(correction.span.start),
        "end": float(correction.span.end),
        "what": what,
        "identifier": identifier,
        "project": one.project,
        "collected": one.collected.isoformat(),
    }


def _collect(options: argparse.Namespace) -> None:
    from core.analysis.store import Store
    from core.learning.library.collecting import collect_project
    from core.learning.personal.profiles import with_present_profile
    from core.places import cache_folder
    from core.project.project_file import read_project

    projects = [(path, with_present_profile(read_project(path))) for path in options.projects]
    store = Store(cache_folder() / "analysis")
    changed = 0
    with _opened() as library, show_progress(options.json, "Collecting") as progress:
        for number, (path, project) in enumerate(projects):
            progress(number / len(projects), path.name)
            changed += collect_project(
                library,
                project,
                path.resolve(),
                durations=_durations(project),
                seen={},
                store=store,
            )
    if options.json:
        say_json({"changed": changed})
    else:
        say(f"{counted(changed, 'correction')} new, changed or gone")


def _durations(project: Project) -> dict[str, Fraction]:
    """Of the videos that are still there."""
    from core.media.probe import probe

    found = {}
    for medium in project.media:
        try:
            found[medium.identifier] = probe(medium.path).duration
        except MediaError:
            continue
    return found


def _forget(options: argparse.Namespace) -> None:
    from core.learning.library.records import CutCorrection

    with _opened() as library:
        profile = _taught_profile(library, options)
        if options.all:
            touched = [one.video for one in library.videos(profile)]
            library.forget_profile(profile)
        elif options.video is not None:
            touched = [_video_named(library, options.video)]
            library.forget_video(touched[0])
        else:
            found = [
                one
                for one in library.corrections(profile)
                if isinstance(one.correction, CutCorrection)
                and one.correction.identifier == options.cut
            ]
            if not found:
                raise UsageError(
                    f"there is no corrected cut '{options.cut}'",
                    remedy="Take one that 'learn corrections' lists.",
                )
            touched = [one.video for one in found]
            for one in found:
                library.forget(one.project, [options.cut])
    versions = _that_learned_from(touched)
    if options.json:
        say_json({"videos": sorted(set(touched)), "versions that learned from them": versions})
        return
    say("Forgotten.")
    for name, numbers in versions.items():
        called = f"the profile '{name}'" if name else "the usual profile"
        told = ", ".join(map(str, numbers))
        say(
            f"Versions of {called} that learned from it: {told}. Learn again for one that has "
            "not, and delete these with 'learn versions --delete NUMBER'."
        )


def _taught_profile(library: Library, options: argparse.Namespace) -> str:
    """Name of the chosen profile; one that was deleted may have left its corrections."""
    try:
        return chosen_profile(options).name
    except UsageError:
        if options.profile not in library.profiles():
            raise
        return str(options.profile)


def _video_named(library: Library, name: str) -> str:
    found = [one for one in library.videos() if name in (one.video, one.path.name, str(one.path))]
    if len(found) != 1:
        raise UsageError(
            f"{'no video' if not found else 'more than one video'} in the library is called "
            f"'{name}'",
            remedy="Give the fingerprint that 'learn corrections --json' lists.",
        )
    return found[0].video


def _that_learned_from(videos: Iterable[str]) -> dict[str, list[int]]:
    """Numbers of versions by profile."""
    from core.learning.personal.profiles import Profile

    touched = set(videos)
    found = {
        profile.name: [one.number for one in profile.versions() if touched & one.videos.keys()]
        for profile in Profile.all()
    }
    return {name: numbers for name, numbers in found.items() if numbers}


def _export(options: argparse.Namespace) -> None:
    from core.learning.library.exchange import export_library

    chosen = chosen_profile(options).name if options.profile else None
    with _opened() as library:
        export_library(library, options.folder, chosen)
    if not options.json:
        say(f"The library is in {options.folder}")


def _import(options: argparse.Namespace) -> None:
    from core.learning.library.exchange import import_library

    with _opened() as library:
        changed = import_library(library, options.folder)
    if options.json:
        say_json({"changed": changed})
    else:
        say(f"{counted(changed, 'correction')} new or changed")


def _check(options: argparse.Namespace) -> int:
    from core.learning.personal.profiles import Profile
    from core.learning.personal.weights_in_use import resolve

    with _opened() as library:
        problems = list(library.problems())
    for profile in Profile.all():
        told = [f"Version {number}: {error}" for number, error in profile.damaged().items()]
        chosen = resolve(profile).problem
        problems += [*told, *([chosen] if chosen else [])]
    if options.json:
        say_json(problems)
    else:
        say("\n".join(problems) or "The library and the profiles are sound.")
    return 1 if problems else 0
