from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Cancelled
from core.media.fingerprint import fingerprint
from core.media.probe import probe
from core.project.document import Medium, Project
from core.project.opening import open_media
from tests.synthetic import make_video


@pytest.fixture
def media(tmp_path: Path) -> tuple[Medium, Medium]:
    """Two videos."""
    files = (
        make_video(tmp_path / "a.mp4", seconds=1, fps=10),
        make_video(tmp_path / "b.mp4", seconds=2, fps=10),
    )
    first, second = (Medium(fingerprint(file), file) for file in files)
    return first, second


def test_videos_at_hand_are_looked_at_and_missing_ones_named(
    tmp_path: Path, media: tuple[Medium, Medium]
) -> None:
    first, second = media
    first.path.rename(tmp_path / "moved.mp4")
    gone = Medium("0" * 32, tmp_path / "gone.mp4")
    opened = open_media(Project((first, gone, second)), tmp_path / "mine.emotionshort")
    assert [m.path.name for m in opened.project.media] == ["moved.mp4", "gone.mp4", "b.mp4"]
    assert opened.missing == (gone,)
    assert {name: info.path.name for name, info in opened.infos.items()} == {
        first.identifier: "moved.mp4",
        second.identifier: "b.mp4",
    }
    assert opened.infos[second.identifier].duration == 2


def test_what_is_known_is_not_looked_at_again(tmp_path: Path, media: tuple[Medium, Medium]) -> None:
    first, second = media
    place = first.path.rename(tmp_path / "moved.mp4")
    known = {first.identifier: probe(place)}
    opened = open_media(Project(media), tmp_path / "mine.emotionshort", known=known)
    assert opened.infos[first.identifier] is known[first.identifier]
    assert opened.project.media[0].path == place
    assert second.identifier in opened.infos


def test_it_stops_when_it_is_cancelled(tmp_path: Path, media: tuple[Medium, Medium]) -> None:
    with pytest.raises(Cancelled):
        open_media(Project(media), tmp_path / "mine.emotionshort", cancelled=lambda: True)
