from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from core.analysis import pipeline
from core.analysis.analysis import Analysis
from core.analysis.store import Store
from core.errors import Cancelled, MediaError
from core.time import Grid
from tests.networks.test_emotion_weights import save_random_weights
from tests.synthetic import make_video

SECONDS = 48


class FlatBackbone:
    """Describes a picture by its mean colour: quick, and true enough for the pipeline."""

    name = version = "flat"
    dimension = 3

    def features(self, pictures: np.ndarray) -> np.ndarray:
        return pictures.mean(axis=(1, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "video.mp4"
    make_video(path, seconds=SECONDS, fps=10, shots=[9.5, 20, 33], beeps=[5, 41.5], tone=0.02)
    return path


@pytest.fixture(scope="module")
def emotion_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_random_weights(tmp_path_factory.mktemp("weights"))


class Analyse(Protocol):
    def __call__(self, video: Path, folder: Path, **options: object) -> Analysis: ...


@pytest.fixture
def analyse(emotion_weights: Path) -> Analyse:
    def run(video: Path, folder: Path, **options: object) -> Analysis:
        usual = {"backbone": FlatBackbone(), "emotion_weights": emotion_weights}
        return pipeline.analyse(video, store=Store(folder), **(usual | options))  # type: ignore[arg-type]

    return run


def same(one: Analysis, other: Analysis) -> None:
    assert one.tracks.keys() == other.tracks.keys()
    for name in one.tracks:
        a, b = (np.nan_to_num(x.tracks[name].astype(float)) for x in (one, other))
        assert a.shape == b.shape, name
        if name == "speech-activity":
            a, b = a >= 0.5, b >= 0.5
            assert (a == b).mean() > 0.99
            continue
        assert np.abs(a - b).max() <= 0.05 * max(1.0, np.abs(a).max()), name


def test_every_track_is_whole_and_the_curve_too(
    analyse: Analyse, video: Path, tmp_path: Path
) -> None:
    analysis = analyse(video, tmp_path)
    assert analysis.complete
    assert analysis.cells == SECONDS
    assert {len(rows) for rows in analysis.tracks.values()} == {SECONDS}
    assert len(analysis.highlight.score) == SECONDS
    assert analysis.shot_changes()[:, 1].tolist() == pytest.approx([9.5, 20, 33], abs=0.01)


def test_the_second_time_nothing_is_decoded(
    analyse: Analyse, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = analyse(video, tmp_path)

    def refuse(*arguments: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(pipeline, "read_pictures", refuse)
    monkeypatch.setattr(pipeline, "read_sound", refuse)
    same(first, analyse(video, tmp_path))


def test_a_renamed_copy_is_recognised(
    analyse: Analyse, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse(video, tmp_path / "store")
    copy = tmp_path / "같은 영상.mp4"
    copy.write_bytes(video.read_bytes())
    monkeypatch.setattr(pipeline, "read_pictures", lambda *a: pytest.fail("decoded again"))
    assert analyse(copy, tmp_path / "store").complete


def stop_after(share: float) -> tuple[Callable[[float, str], None], Callable[[], bool]]:
    reached = [0.0]

    def progress(fraction: float, message: str) -> None:
        reached[0] = fraction

    return progress, lambda: reached[0] >= share


@pytest.mark.parametrize("share", [0.05, 0.45, 0.8])
def test_a_stopped_analysis_goes_on_where_it_was(
    analyse: Analyse, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(pipeline, "_UPDATE_SECONDS", 0.0)
    progress, cancelled = stop_after(share)
    with pytest.raises(Cancelled):
        analyse(video, tmp_path / "one", progress=progress, cancelled=cancelled)
    fractions: list[float] = []
    resumed = analyse(
        video, tmp_path / "one", progress=lambda fraction, message: fractions.append(fraction)
    )
    assert fractions[1] >= 0.6 * share
    same(resumed, analyse(video, tmp_path / "two"))


def test_the_analysis_grows_from_the_left(analyse: Analyse, video: Path, tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(pipeline, "_UPDATE_SECONDS", 0.0)
    lengths: list[int] = []
    fractions: list[float] = []
    analyse(
        video,
        tmp_path,
        on_update=lambda analysis: lengths.append(len(analysis.highlight.score)),
        progress=lambda fraction, message: fractions.append(fraction),
    )
    assert len(set(lengths)) > 5
    assert lengths == sorted(lengths)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("step", ["0.5", "2"])
def test_other_grids_cover_the_video(
    analyse: Analyse, video: Path, tmp_path: Path, step: str
) -> None:
    grid = Grid(Fraction(step))
    analysis = analyse(video, tmp_path, grid=grid)
    assert analysis.cells == len(analysis.highlight.score) == int(SECONDS / grid.step)


def test_a_video_without_sound_says_so_and_still_has_a_curve(
    analyse: Analyse, tmp_path: Path
) -> None:
    path = tmp_path / "mute.mp4"
    make_video(path, seconds=5, fps=10, audio=None)
    analysis = analyse(path, tmp_path / "store")
    assert len(analysis.highlight.score) == 5
    assert any("no sound" in notice for notice in analysis.notices)
    assert "speech-emotion" not in analysis.tracks


def test_two_seconds_are_enough(analyse: Analyse, tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    make_video(path, seconds=2, fps=10)
    assert len(analyse(path, tmp_path / "store").highlight.score) == 2


def test_a_cut_off_video_gives_what_is_there(analyse: Analyse, tmp_path: Path) -> None:
    path = tmp_path / "broken.ts"
    make_video(path, seconds=8, fps=10, cut_off_bytes=30_000)
    assert len(analyse(path, tmp_path / "store").highlight.score) >= 2


def test_changing_the_second_before_changes_only_what_may_remember_it(
    analyse: Analyse, tmp_path: Path
) -> None:
    tracks = []
    for name, beep in (("one", 3.5), ("two", 2.5)):
        path = tmp_path / f"{name}.mkv"
        make_video(path, seconds=6, fps=10, beeps=[beep], tone=0.02)
        tracks.append(analyse(path, tmp_path / "store").tracks["speech-coefficients"])
    one, two = (track.astype(float) for track in tracks)
    assert np.abs(one[4:] - two[4:]).max() < 2.0
    assert np.abs(one[3] - two[3]).max() > 10


def test_no_such_video_is_named(analyse: Analyse, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        analyse(tmp_path / "nothing.mp4", tmp_path)
