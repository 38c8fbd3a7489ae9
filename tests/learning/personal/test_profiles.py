from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import EditRefused, ModelError, UsageError
from core.learning.personal.profile_folders import profiles_folder
from core.learning.personal.profiles import PROFILE_FILE, Profile
from core.learning.personal.version_files import VERSION_FILE, read_version
from core.learning.personal.weights_in_use import resolve
from tests.learning.personal.made_versions import folder_bytes, make_version


def test_the_usual_profile_is_always_there_and_uses_the_shipped_weights() -> None:
    usual = Profile.named("")
    assert Profile.all() == [usual]
    assert usual.current is None
    assert usual.versions() == []
    assert resolve("").version is None
    assert resolve("").problem == ""
    assert not profiles_folder().exists()


def test_profiles_with_any_names_stay_apart() -> None:
    names = ["Kochen", "요리", "kochen!", "CON", "usual", "../../x", "요리 2"]
    made = [Profile.named(name, create=True) for name in names]
    assert len({profile.folder for profile in made}) == len(names)
    assert all(profile.folder.parent == profiles_folder() for profile in made)
    assert {profile.name for profile in Profile.all()} == {"", *names}
    assert [Profile.named(name) for name in names] == made
    assert Profile.named("Kochen", create=True) == made[0]


@pytest.mark.parametrize("name", ["a\nb", "x" * 81, "\0"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        Profile.named(name, create=True)
    assert Profile.all() == [Profile.named("")]


def test_an_unknown_profile_is_refused_and_the_shipped_weights_are_used() -> None:
    with pytest.raises(UsageError, match="no profile 'gaming'"):
        Profile.named("gaming")
    found = resolve("gaming")
    assert found.version is None
    assert "gaming" in found.problem


def test_a_renamed_profile_is_found_by_projects_that_know_its_old_name() -> None:
    profile = Profile.named("cooking", create=True)
    make_version(profile)
    profile.use(1)
    renamed = profile.rename("baking")
    assert Profile.named("cooking") == Profile.named("baking") == renamed
    assert renamed.current is not None
    with pytest.raises(UsageError, match="already"):
        Profile.named("gaming", create=True).rename("baking")
    with pytest.raises(EditRefused):
        Profile.named("").rename("x")


def test_a_version_reads_back_as_it_was_written() -> None:
    profile = Profile.named("")
    version = make_version(profile)
    assert version.number == 1
    assert profile.versions() == [version]
    assert version.taste == version.folder / "taste"
    assert version.fusion is None
    assert version.emotion is None
    assert not (profile.work / "made").exists()


def test_one_step_back_and_another_and_back_to_the_factory() -> None:
    profile = Profile.named("")
    for number in (1, 2, 3):
        make_version(profile, value=number)
        profile.use(number)
    before = folder_bytes(profile.folder / "versions")
    assert profile.previous == 2
    assert profile.back() == 2
    assert profile.back() == 1
    assert profile.back() is None
    assert profile.current is None
    assert profile.back() is None
    profile.use(2)
    assert profile.previous is None
    profile.use(3)
    profile.use(profile.previous)
    assert profile.current == profile.version(2)
    assert [version.number for version in profile.versions()] == [3, 2, 1]
    assert folder_bytes(profile.folder / "versions") == before


def test_a_version_that_is_not_there_cannot_be_used() -> None:
    profile = Profile.named("")
    make_version(profile)
    profile.use(1)
    with pytest.raises(UsageError, match="no version 2"):
        profile.use(2)
    assert profile.current == profile.version(1)


def test_a_number_is_never_given_twice() -> None:
    profile = Profile.named("")
    for _ in range(3):
        make_version(profile)
    profile.use(3)
    profile.remove(3)
    assert profile.current is None
    assert profile.history == (None,)
    assert make_version(profile).number == 4
    assert [version.number for version in profile.versions()] == [4, 2, 1]


def test_deleting_a_profile_deletes_every_file_of_it() -> None:
    profile = Profile.named("cooking", create=True)
    make_version(profile)
    other = Profile.named("gaming", create=True)
    profile.delete()
    assert not profile.folder.exists()
    assert Profile.all() == [Profile.named(""), other]
    assert list(profiles_folder().rglob("*.safetensors")) == []
    with pytest.raises(UsageError):
        Profile.named("cooking")


def test_nobody_deletes_what_is_learning() -> None:
    profile = Profile.named("cooking", create=True)
    make_version(profile)
    with profile.learning():
        with pytest.raises(EditRefused, match="'cooking' is learning already"):
            profile.delete()
        with pytest.raises(EditRefused), Profile.named("cooking").learning():
            pass
        with Profile.named("").learning():
            pass
    profile.delete()


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def _changed(path: Path, change: Callable[[Any], object]) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


_DAMAGE: dict[str, Callable[[Path], object]] = {
    "weights changed": lambda folder: _flip(folder / "taste" / "weights.safetensors"),
    "weights gone": lambda folder: (folder / "taste" / "weights.safetensors").unlink(),
    "card is no JSON": lambda folder: (folder / "taste" / "card.json").write_text("{"),
    "card is huge": lambda folder: (folder / "taste" / "card.json").write_text(" " * 2_000_000),
    "part gone": lambda folder: shutil.rmtree(folder / "taste"),
    "part added": lambda folder: shutil.copytree(folder / "taste", folder / "fusion"),
    "no JSON": lambda folder: (folder / VERSION_FILE).write_bytes(b"\xff\xfe{"),
    "deep": lambda folder: (folder / VERSION_FILE).write_text("[" * 100_000),
    "a list": lambda folder: (folder / VERSION_FILE).write_text("[]"),
    "huge": lambda folder: (folder / VERSION_FILE).write_text(" " * 2_000_000),
    "gone": lambda folder: (folder / VERSION_FILE).unlink(),
    "a folder": lambda folder: (
        (folder / VERSION_FILE).unlink(),
        (folder / VERSION_FILE).mkdir(),
    ),
    **{
        name: lambda folder, change=change: _changed(folder / VERSION_FILE, change)  # type: ignore[misc]
        for name, change in {
            "another number": lambda data: data.update(number=1),
            "a number as text": lambda data: data.update(number="1"),
            "a later format": lambda data: data.update(format=2),
            "no time zone": lambda data: data.update(made="2026-01-01T00:00:00"),
            "no verdict": lambda data: data["trial"].update(verdict="perfect"),
            "no number": lambda data: data["trial"]["measures"][0].update(after=float("nan")),
            "endless": lambda data: data["trial"]["measures"][0].update(after=10**400),
            "long reason": lambda data: data["trial"].update(reason="x" * 100_000),
            "videos listed": lambda data: data.update(videos=["a"]),
            "another checksum": lambda data: data["weights"].update(taste="0" * 64),
            "a part elsewhere": lambda data: data["weights"].update({"../../x": "0" * 64}),
        }.items()
    },
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_a_damaged_version_is_refused_and_nobody_is_kept_from_working(damage: str) -> None:
    profile = Profile.named("")
    make_version(profile, value=1)
    version = make_version(profile, value=2)
    profile.use(1)
    profile.use(2)
    _DAMAGE[damage](version.folder)
    with pytest.raises(ModelError) as raised:
        read_version(version.folder, check_weights=True)
    assert str(version.folder) in str(raised.value)
    found = resolve(profile)
    assert (found.version, found.fusion, found.taste, found.emotion) == (None,) * 4
    assert "The shipped weights are used." in found.problem
    with pytest.raises(ModelError):
        profile.use(2)
    assert 2 in profile.damaged()
    assert profile.back() == 1
    assert resolve(profile).version == profile.version(1)
    assert resolve(profile).problem == ""
    assert make_version(profile).number == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xff",
        b"[]",
        b"{}",
        b'{"format": 2}',
        b'{"format":1,"name":"x","former":[],"current":"1","history":[],"last":1}',
        b'{"format":1,"name":"x","former":[],"current":-1,"history":[],"last":1}',
        b'{"format":1,"name":"a\\nb","former":[],"current":1,"history":[],"last":1}',
        b'{"format":1,"name":"x","former":[],"current":1,"history":{},"last":1}',
        b"[" * 200_000,
    ],
)
def test_a_damaged_profile_is_told_and_repaired_by_the_next_choice(content: bytes) -> None:
    profile = Profile.named("cooking", create=True)
    make_version(profile)
    profile.use(1)
    (profile.folder / PROFILE_FILE).write_bytes(content)
    with pytest.raises(ModelError, match="profile"):
        _ = profile.current
    assert resolve(profile).version is None
    assert "profile" in resolve(profile).problem
    assert [one.folder for one in Profile.all()][1:] == [profile.folder]
    assert len(profile.versions()) == 1
    profile.use(1)
    assert profile.current == profile.version(1)
    assert Profile.named("cooking") == profile


def test_half_a_version_is_never_seen() -> None:
    profile = Profile.named("")
    whole = make_version(profile)
    (profile.folder / "versions" / "0002" / "taste").mkdir(parents=True)
    (profile.folder / "versions" / ".gone-0003").mkdir()
    (profile.folder / "versions" / "notes").mkdir()
    assert profile.versions() == [whole]
    assert make_version(profile).number == 3
    profile.use(3)
    assert not (profile.folder / "versions" / ".gone-0003").exists()


def test_another_process_that_dies_gives_the_right_to_learn_back() -> None:
    profile = Profile.named("")
    program = (
        "import os, signal\n"
        "from core.learning.personal.profiles import Profile\n"
        "with Profile.named('').learning():\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    with profile.learning():
        pass


def test_a_name_outside_of_the_folder_of_versions_is_no_version() -> None:
    profile = Profile.named("")
    version = make_version(profile)
    moved = profile.folder / "versions" / "00001"
    shutil.copytree(version.folder, moved)
    assert [one.number for one in profile.versions()] == [1]
