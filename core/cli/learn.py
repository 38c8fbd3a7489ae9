"""The verb that learns from the editor's corrections: learn."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core.cli.console import counted, say, say_json, say_table, show_progress, warn
from core.cli.learn_library import add_library_tasks, add_task, chosen_profile

if TYPE_CHECKING:
    from core.learning.personal.profiles import Profile
    from core.learning.personal.versions import Version


def add_learn_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds learn."""
    learn = verbs.add_parser(
        "learn",
        help="learn from your corrections, and choose among what was learned",
        description="Without a task: makes a new version of a profile from your corrections, tries "
        "it on corrected videos that it has not seen, and takes it into use if it is not worse. "
        "What was done stays when it is interrupted.",
    )
    learn.add_argument("--profile", default="", metavar="NAME", help="the usual one by default")
    learn.add_argument("--json", action="store_true", help="print machine-readable results")
    learn.add_argument("--seed", type=int, default=0, help="of the training")
    learn.set_defaults(run=_learn)
    tasks = learn.add_subparsers(metavar="TASK")
    add_library_tasks(tasks)
    versions = add_task(tasks, "versions", "list the versions of a profile", _versions)
    versions.add_argument("--delete", type=int, metavar="NUMBER", help="delete one of them")
    use = add_task(tasks, "use", "take a version into use", _use)
    use.add_argument("number", type=int, metavar="NUMBER")
    add_task(tasks, "back", "take into use again what was before", _back)
    add_task(tasks, "reset", "take the shipped weights into use again", _reset)
    add_task(tasks, "profiles", "list the profiles", _profiles)
    for name, text, run in (
        ("new-profile", "make a profile, which learns apart", _new_profile),
        ("delete-profile", "delete a profile with all its versions", _delete_profile),
    ):
        add_task(tasks, name, text, run).add_argument("name", metavar="NAME")


def _learn(options: argparse.Namespace) -> None:
    from core.learning.personal.retraining import retrain

    profile = chosen_profile(options)
    with show_progress(options.json, "Learning") as progress:
        version = retrain(None, profile, seed=options.seed, progress=progress, tell=warn)
    if options.json:
        say_json(_version_json(version, profile))
        return
    _say_version(version)
    current = profile.current
    say(f"In use: {_called(None if current is None else current.number)}")


def _versions(options: argparse.Namespace) -> None:
    profile = chosen_profile(options)
    if options.delete is not None:
        profile.remove(options.delete)
    versions, damaged = profile.versions(), profile.damaged()
    if options.json:
        say_json([_version_json(version, profile) for version in versions])
        return
    current = _in_use(profile)
    if not versions:
        say(f"There is no version of {profile.called} yet; the shipped weights are in use.")
    for version in versions:
        mark = " · in use" if version.number == current else ""
        say(f"\nVersion {version.number} · {version.made:%Y-%m-%d %H:%M}{mark}")
        _say_version(version)
    for number, problem in damaged.items():
        warn(f"Version {number} cannot be used: {problem}")


def _use(options: argparse.Namespace) -> None:
    profile = chosen_profile(options)
    profile.use(options.number)
    _say_in_use(profile, options)


def _back(options: argparse.Namespace) -> None:
    profile = chosen_profile(options)
    profile.back()
    _say_in_use(profile, options)


def _reset(options: argparse.Namespace) -> None:
    profile = chosen_profile(options)
    profile.use(None)
    _say_in_use(profile, options)


def _profiles(options: argparse.Namespace) -> None:
    from core.learning.personal.profiles import Profile

    found = [(one.name, len(one.versions()), _in_use(one)) for one in Profile.all()]
    if options.json:
        say_json(
            [
                {"name": name, "versions": versions, "in use": number}
                for name, versions, number in found
            ]
        )
        return
    say_table(
        ("Profile", "Versions", "In use"),
        [(name or "(usual)", str(versions), _called(number)) for name, versions, number in found],
    )


def _new_profile(options: argparse.Namespace) -> None:
    from core.learning.personal.profiles import Profile

    profile = Profile.named(options.name, create=True)
    _say_in_use(profile, options)


def _delete_profile(options: argparse.Namespace) -> None:
    from core.learning.personal.profiles import Profile

    Profile.named(options.name).delete()
    if not options.json:
        say("Its corrections stay in the library; 'learn forget --all --profile' deletes them.")


def _say_version(version: Version) -> None:
    from core.learning.personal.learnt import sentence

    corrections = sum(version.videos.values())
    say(
        f"Learned from {counted(corrections, 'correction')} of "
        f"{counted(len(version.videos), 'video')}."
    )
    if version.trial.measures:
        say_table(
            ("On held-out videos", "before", "after", "difference", "95 %", "videos"),
            [
                (
                    one.name,
                    f"{one.before:.3f}",
                    f"{one.after:.3f}",
                    f"{one.after - one.before:+.3f}",
                    f"[{one.low:+.3f}, {one.high:+.3f}]",
                    str(one.videos),
                )
                for one in version.trial.measures
            ],
        )
    say(f"{version.trial.verdict.value.capitalize()}: {version.trial.reason}")
    told = sentence(version.learnt)
    if told:
        say(told)


def _version_json(version: Version, profile: Profile) -> dict[str, Any]:
    from core.learning.personal.learnt import sentence
    from core.learning.personal.version_files import version_to_json

    return {
        **version_to_json(version),
        "profile": profile.name,
        "folder": str(version.folder),
        "in use": _in_use(profile) == version.number,
        "sentence": sentence(version.learnt),
    }


def _say_in_use(profile: Profile, options: argparse.Namespace) -> None:
    number = _in_use(profile)
    if options.json:
        say_json({"profile": profile.name, "in use": number})
    else:
        say(f"{profile.called[0].upper()}{profile.called[1:]} uses {_called(number)}.")


def _in_use(profile: Profile) -> int | None:
    from core.learning.personal.weights_in_use import resolve

    found = resolve(profile)
    if found.problem:
        warn(found.problem)
    return None if found.version is None else found.version.number


def _called(number: int | None) -> str:
    return "the shipped weights" if number is None else f"version {number}"
