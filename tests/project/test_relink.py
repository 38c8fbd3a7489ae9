from __future__ import annotations

import unicodedata
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from core.errors import Cancelled, ProjectError
from core.media.fingerprint import fingerprint
from core.project.document import Medium, Project
from core.project.emotion_corrections import EmotionCorrection
from core.project.relink import find_media, relinked
from core.time import Span
from tests.synthetic import make_video


def video(path: Path, content: str = "a") -> Medium:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return Medium(fingerprint(path), path)


def moved(medium: Medium, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return medium.path.rename(path)


@pytest.fixture
def project_path(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project" / "mine.emotionshort"


def test_real_videos_are_told_apart_by_their_content(project_path: Path) -> None:
    folder = project_path.parent
    first = make_video(folder / "first.mp4", seconds=1, fps=10)
    second = make_video(folder / "second.mp4", seconds=1, fps=10, tone=0.1)
    media = tuple(Medium(fingerprint(file), file) for file in (first, second))
    first.rename(folder / "other.mp4")
    second.rename(first)
    project, missing = find_media(Project(media), project_path)
    assert missing == []
    assert [m.path for m in project.media] == [folder / "other.mp4", first]


def test_a_moved_video_is_found_near_the_project(tmp_path: Path, project_path: Path) -> None:
    medium = video(tmp_path / "old" / "a.mp4")
    place = moved(medium, project_path.parent / "clips" / "day 1" / "a.mp4")
    video(project_path.parent / "a.mp4", "another video of this name")
    project, missing = find_media(Project((medium,)), project_path)
    assert (project.media[0].path, missing) == (place, [])
    deep = moved(project.media[0], project_path.parent / "x" / "y" / "z" / "a.mp4")
    assert find_media(Project((medium,)), project_path)[1] == [medium]
    assert find_media(Project((medium,)), project_path, searched=[deep.parent])[1] == []


def test_a_renamed_video_is_found_by_its_content(tmp_path: Path, project_path: Path) -> None:
    medium = video(tmp_path / "old" / "a.mp4")
    video(project_path.parent / "b.mp4", "b")
    place = moved(medium, project_path.parent / "c.MP4")
    assert find_media(Project((medium,)), project_path)[0].media[0].path == place


def test_where_one_video_is_found_the_others_are_looked_for(
    tmp_path: Path, project_path: Path
) -> None:
    names = ("here", "moved", "beside")
    here, far, beside = (video(tmp_path / "old" / f"{name}.mp4", name) for name in names)
    near = replace(here, path=moved(here, tmp_path / "new" / "here.mp4"))
    moved(far, tmp_path / "new" / "moved.mp4")
    moved(beside, tmp_path / "newer" / "beside.mp4")
    project, missing = find_media(Project((near, far, beside)), project_path)
    assert [m.path.parent.name for m in project.media] == ["new", "new", "old"]
    assert missing == [beside]
    project = relinked(project, beside, tmp_path / "newer" / "beside.mp4")
    assert find_media(project, project_path) == (project, [])


def test_the_same_hangul_written_differently_is_the_same_name(
    tmp_path: Path, project_path: Path
) -> None:
    medium = video(tmp_path / "old" / "휴가.mp4")
    place = moved(medium, project_path.parent / unicodedata.normalize("NFD", "휴가.mp4"))
    for number in range(60):
        video(project_path.parent / f"{number}.mp4", str(number))
    assert find_media(Project((medium,)), project_path)[0].media[0].path == place


def test_another_file_at_the_place_does_not_count(tmp_path: Path, project_path: Path) -> None:
    medium = video(tmp_path / "a.mp4")
    medium.path.write_text("another video")
    project = Project((medium,))
    assert find_media(project, project_path) == (project, [medium])
    with pytest.raises(ProjectError, match=r"another video than 'a\.mp4'"):
        relinked(project, medium, medium.path)
    with pytest.raises(ProjectError, match="cannot be read"):
        relinked(project, medium, tmp_path / "gone.mp4")


def test_impossible_places_and_links_in_circles_are_missing_videos(
    tmp_path: Path, project_path: Path
) -> None:
    (project_path.parent / "circle").symlink_to(project_path.parent)
    (project_path.parent / "a.mp4").symlink_to(project_path.parent / "a.mp4")
    media = [Medium("a", tmp_path / ("x" * 5000)), Medium("b", tmp_path), Medium("c", Path("a\0b"))]
    project = Project(tuple(media))
    assert find_media(project, project_path / "gone" / "p") == (project, media)
    assert find_media(project, project_path) == (project, media)


def test_a_video_that_was_found_keeps_its_corrected_emotions(tmp_path: Path) -> None:
    sad = EmotionCorrection(Span(Fraction(0), Fraction(1)), "sad")
    medium = replace(video(tmp_path / "a.mp4"), emotion_corrections=(sad,))
    place = moved(medium, tmp_path / "b.mp4")
    project = relinked(Project((medium,)), replace(medium, emotion_corrections=()), place)
    assert project.media == (Medium(medium.identifier, place, (sad,)),)


def test_searching_stops_when_it_is_cancelled(tmp_path: Path, project_path: Path) -> None:
    medium = video(tmp_path / "old" / "a.mp4")
    moved(medium, project_path.parent / "renamed.mp4")
    for number in range(30):
        video(project_path.parent / f"{number}.mp4", str(number))
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > limit

    limit = 10_000
    assert find_media(Project((medium,)), project_path, cancelled=cancelled)[1] == []
    assert asked > 31, "before each file"
    for limit in range(asked):
        asked = 0
        with pytest.raises(Cancelled):
            find_media(Project((medium,)), project_path, cancelled=cancelled)
        assert asked == limit + 1
    with pytest.raises(Cancelled):
        relinked(Project((medium,)), medium, medium.path, cancelled=lambda: True)
