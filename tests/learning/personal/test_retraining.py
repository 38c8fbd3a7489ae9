from __future__ import annotations

import signal
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.analysis.fusion_features import feature_contract
from core.analysis.taste_file import load_taste
from core.errors import Cancelled, EditRefused, UsageError
from core.learning.library.library import Library
from core.learning.personal.lesson_building import build_lessons
from core.learning.personal.profiles import Profile
from core.learning.personal.recipes import tasted
from core.learning.personal.retraining import retrain
from core.learning.personal.trial import Verdict
from core.learning.personal.version_files import VERSION_FILE
from core.learning.personal.weights_in_use import resolve
from tests.learning.personal.made_library import (
    COLOUR,
    MOMENTS,
    WIDTHS,
    correct,
    correct_heard,
    features_of,
    fingerprint,
    make_library,
    plain_fusion,
    project_file,
)
from tests.learning.personal.made_versions import folder_bytes, weights_of

UNSEEN = 1000


@pytest.fixture(scope="module")
def fusion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_fusion(tmp_path_factory.mktemp("fusion"))


def next_curve(profile: Profile, fusion: Path, tmp_path: Path) -> NDArray[np.float32]:
    """What the application says of a video that nobody corrected."""
    with Library.open(tmp_path / "another.sqlite") as other:
        correct(other, UNSEEN)
        (lesson,) = build_lessons(other, "", fusion=fusion)
    folder = resolve(profile).taste
    if folder is None:
        return lesson.base
    taste, _ = load_taste(folder, feature_contract(*WIDTHS["visual-features"]))
    return tasted(taste, lesson)


def together(curve: NDArray[np.float32]) -> float:
    """How much the curve follows what the made editor goes by."""
    return float(np.corrcoef(curve, features_of(UNSEEN).tracks["motion"][:, COLOUR])[0, 1])


@pytest.mark.parametrize("likes", [1.0, -1.0])
def test_the_next_curve_moves_the_way_that_the_corrections_point(
    likes: float, fusion: Path, tmp_path: Path
) -> None:
    make_library(likes=likes)
    profile = Profile.named("")
    before = next_curve(profile, fusion, tmp_path)
    version = retrain(None, profile, shipped_fusion=fusion)
    assert version.trial.verdict is Verdict.ADOPTED
    assert profile.current == version
    after = next_curve(profile, fusion, tmp_path)
    assert likes * together(after) > likes * together(before) + 0.2
    assert version.videos == {fingerprint(number): MOMENTS for number in range(6)}
    (first, *_) = version.learnt
    assert (first.subject, np.sign(first.change)) == ("colourful", likes)
    for one in version.trial.measures:
        assert one.after > one.before
        assert one.videos == 6


def test_one_step_back_gives_the_very_same_scores_and_reset_those_of_the_factory(
    fusion: Path, tmp_path: Path
) -> None:
    file = make_library()
    profile = Profile.named("")
    factory = next_curve(profile, fusion, tmp_path)
    first = retrain(None, profile, shipped_fusion=fusion)
    learned = next_curve(profile, fusion, tmp_path)
    with Library.open(file) as library:
        correct(library, 6)
    second = retrain(None, profile, shipped_fusion=fusion)
    assert second.number == 2
    profile.use(second.number)
    assert (next_curve(profile, fusion, tmp_path) != learned).any()
    profile.back()
    assert profile.current == first
    assert (next_curve(profile, fusion, tmp_path) == learned).all()
    profile.use(None)
    assert (next_curve(profile, fusion, tmp_path) == factory).all()


def test_the_same_corrections_and_seed_give_the_same_bytes(fusion: Path, tmp_path: Path) -> None:
    make_library(tmp_path / "one.sqlite")
    make_library(tmp_path / "two.sqlite", profile="another")
    first = retrain(tmp_path / "one.sqlite", Profile.named(""), shipped_fusion=fusion)
    second = retrain(
        tmp_path / "two.sqlite", Profile.named("another", create=True), shipped_fusion=fusion
    )
    assert weights_of(second) != {}
    assert weights_of(second) == weights_of(first)
    assert second.trial == first.trial
    assert second.learnt == first.learnt


def test_nothing_new_makes_no_new_version(fusion: Path) -> None:
    make_library()
    profile = Profile.named("")
    version = retrain(None, profile, shipped_fusion=fusion)
    assert retrain(None, profile, shipped_fusion=fusion) == version
    profile.use(None)
    assert retrain(None, profile, shipped_fusion=fusion) == version
    assert profile.current == version
    assert profile.versions() == [version]
    assert retrain(None, profile, shipped_fusion=fusion, seed=1).number == 2


def test_with_one_or_two_videos_there_is_a_candidate_that_waits(fusion: Path) -> None:
    make_library(videos=1)
    profile = Profile.named("")
    version = retrain(None, profile, shipped_fusion=fusion)
    assert version.trial.verdict is Verdict.CANDIDATE
    assert version.trial.measures == ()
    assert "With 2 more" in version.trial.reason
    assert profile.current is None
    profile.use(version.number)
    assert resolve(profile).taste == version.taste


def test_a_version_that_is_worse_is_refused_and_what_was_in_use_stays(
    fusion: Path, tmp_path: Path
) -> None:
    """What each video teaches is wrong for most of the others."""
    file = make_library(videos=0)
    profile = Profile.named("")
    before = next_curve(profile, fusion, tmp_path)
    with Library.open(file) as library:
        for number in range(4):
            correct(library, number, likes=(-1.0) ** number)
    version = retrain(None, profile, shipped_fusion=fusion)
    assert version.trial.verdict is Verdict.REFUSED
    assert "Worse on 4 videos" in version.trial.reason
    assert profile.current is None
    assert (next_curve(profile, fusion, tmp_path) == before).all()
    assert profile.versions() == [version]


def test_profiles_learn_apart(fusion: Path, tmp_path: Path) -> None:
    cooking, gaming = (Profile.named(name, create=True) for name in ("cooking", "gaming"))
    file = make_library(videos=4, profile="cooking")
    with Library.open(file) as library:
        for number in range(10, 14):
            correct(library, number, likes=-1.0, profile="gaming")
    retrain(None, cooking, shipped_fusion=fusion)
    version = retrain(None, gaming, shipped_fusion=fusion)
    cooking.use(1)
    gaming.use(1)
    likes = together(next_curve(cooking, fusion, tmp_path))
    dislikes = together(next_curve(gaming, fusion, tmp_path))
    assert likes > dislikes + 0.4
    assert set(version.videos) == {fingerprint(number) for number in range(10, 14)}


def test_what_was_forgotten_is_in_no_new_version(fusion: Path, tmp_path: Path) -> None:
    """The same bytes come out as if it had never been there."""
    file = make_library(videos=4)
    with Library.open(file) as library:
        correct(library, 9, likes=-2.0)
    profile = Profile.named("")
    with_it = retrain(None, profile, shipped_fusion=fusion)
    with Library.open(file) as library:
        library.forget_video(fingerprint(9))
    without = retrain(None, profile, shipped_fusion=fusion)
    assert fingerprint(9) not in without.videos
    learned = weights_of(without)
    assert learned != weights_of(with_it)
    profile.delete()
    make_library(tmp_path / "never.sqlite", videos=4)
    never = retrain(tmp_path / "never.sqlite", profile, shipped_fusion=fusion)
    assert weights_of(never) == learned
    assert not any(
        fingerprint(9).encode() in data for data in folder_bytes(profile.folder).values()
    )


def test_videos_that_are_left_out_teach_nothing(fusion: Path) -> None:
    file = make_library(videos=4)
    with Library.open(file) as library:
        library.leave_out(fingerprint(2), True)
    version = retrain(None, Profile.named(""), shipped_fusion=fusion)
    assert fingerprint(2) not in version.videos


def test_with_nothing_to_learn_from_it_says_what_to_do(fusion: Path) -> None:
    with pytest.raises(UsageError, match="Keep some cuts of a video and reject others"):
        retrain(None, Profile.named(""), shipped_fusion=fusion)
    assert Profile.named("").versions() == []


def test_a_cancelled_retraining_leaves_all_as_it_was_and_goes_on(fusion: Path) -> None:
    make_library()
    profile = Profile.named("")
    reached: list[str] = []
    with pytest.raises(Cancelled):
        retrain(
            None, profile, shipped_fusion=fusion,
            progress=lambda done, message: reached.append(message),
            cancelled=lambda: sum("trying" in one for one in reached) > 3,
        )  # fmt: skip
    assert profile.versions() == []
    assert profile.current is None
    kept = sorted(profile.work.glob("curves-*"))
    assert kept
    times = [path.stat().st_mtime_ns for path in kept]
    with pytest.raises(Cancelled):
        retrain(
            None, profile, shipped_fusion=fusion,
            progress=lambda done, message: reached.append(message),
            cancelled=lambda: reached[-1] == "learning what you like",
        )  # fmt: skip
    assert [path.stat().st_mtime_ns for path in kept] == times
    version = retrain(None, profile, shipped_fusion=fusion)
    assert profile.versions() == [version]
    assert not profile.work.exists()


_KILLED = """
import os, signal, sys
from pathlib import Path
import core.files
from core.learning.personal import plain_files, profiles, retraining, retraining_work
from core.networks import weights

really, name, left = core.files.replace_file, sys.argv[2], int(sys.argv[3])
def counted(path, data):
    global left
    left -= path.name.startswith(name)
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    really(path, data)
for module in (plain_files, retraining_work, weights):
    module.replace_file = counted
retraining.retrain(None, profiles.Profile.named(""), shipped_fusion=Path(sys.argv[1]))
"""


def test_killed_at_any_write_it_goes_on_to_the_same_bytes(fusion: Path, tmp_path: Path) -> None:
    make_library(tmp_path / "calm.sqlite")
    profile = Profile.named("")
    expected = weights_of(retrain(tmp_path / "calm.sqlite", profile, shipped_fusion=fusion))
    profile.delete()
    make_library()
    for name, time, versions in (("curves", 2, 0), ("version.json", 1, 0), ("profile.json", 1, 1)):
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, str(fusion), name, str(time)], check=False
        )
        assert done.returncode == -signal.SIGKILL
        assert len(profile.versions()) == versions
        assert profile.current is None
        assert resolve(profile).problem == ""
        with Library.open() as library:
            assert library.problems() == []
    version = retrain(None, profile, shipped_fusion=fusion)
    assert weights_of(version) == expected
    assert profile.versions() == [version]
    assert version.number == 1
    assert profile.current == version
    assert not profile.work.exists()


def test_of_two_at_once_one_is_told_and_one_that_waits_gets_the_same_version(fusion: Path) -> None:
    make_library(videos=3)
    profile = Profile.named("")
    begun, go_on = threading.Event(), threading.Event()

    def slow(done: float, message: str) -> None:
        begun.set()
        assert go_on.wait(60)

    found = []
    first = threading.Thread(
        target=lambda: found.append(retrain(None, profile, shipped_fusion=fusion, progress=slow))
    )
    second = threading.Thread(
        target=lambda: found.append(retrain(None, profile, shipped_fusion=fusion, patience=60))
    )
    first.start()
    assert begun.wait(60)
    with pytest.raises(EditRefused, match="is learning already"):
        retrain(None, profile, shipped_fusion=fusion)
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert found[0] == found[1] == profile.versions()[0]
    assert len(profile.versions()) == 1


def test_a_damaged_present_version_is_no_reason_not_to_learn(fusion: Path) -> None:
    file = make_library()
    profile = Profile.named("")
    retrain(None, profile, shipped_fusion=fusion)
    (profile.folder / "versions" / "0001" / VERSION_FILE).write_text("{")
    with Library.open(file) as library:
        correct(library, 7)
    version = retrain(None, profile, shipped_fusion=fusion)
    assert version.number == 2
    assert resolve(profile).version == version


def test_what_is_deleted_cut_by_cut_is_gone_too(fusion: Path) -> None:
    file = make_library(videos=4)
    with Library.open(file) as library:
        cuts = [f"cut 0 {begin}" for begin in range(120)]
        library.forget(project_file(0), cuts)
    version = retrain(None, Profile.named(""), shipped_fusion=fusion)
    assert fingerprint(0) not in version.videos
    assert Fraction(sum(version.videos.values()), len(version.videos)) == MOMENTS


def test_corrections_of_what_is_heard_are_learned_without_any_of_cuts(fusion: Path) -> None:
    with Library.open() as library:
        correct_heard(library, 0)
    profile = Profile.named("")
    version = retrain(None, profile, shipped_fusion=fusion)
    assert version.emotion is not None
    assert version.taste is None
    assert version.trial.verdict is Verdict.CANDIDATE
    assert "Only 1 of your videos has corrections of what is heard" in version.trial.reason
    assert version.videos == {fingerprint(0): 4}
    profile.use(version.number)
    assert resolve(profile).emotion == version.emotion
