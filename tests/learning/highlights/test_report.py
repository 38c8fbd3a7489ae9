"""The page that says who wins: its first line, its rows, its pictures, and hostile names."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.errors import ExportError
from core.learning.highlights.comparison import Comparison, Fold
from core.learning.highlights.page import Page
from core.learning.highlights.pictures import Curves, intervals, roc, shown
from core.learning.highlights.report import verdict, write_report
from core.learning.highlights.systems import ALWAYS, FEATURE_SETS
from core.learning.highlights.tables import MEASURES
from core.learning.metrics import Interval
from tests.learning.highlights.scored import (
    compared,
    guessing,
    knowing,
    made_videos,
    system,
    worse_than_the_centre,
)

HOSTILE = "<script>alert('$x_1$')</script>|`_*](http://evil) & \"친구\" 😀"


class Words(HTMLParser):
    """The text of a page and the names of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and self.tags[-1] not in ("style", "title"):
            self.words.append(data.strip())


def written(folder: Path, comparison: Comparison, title: str = "Made videos") -> tuple[str, str]:
    write_report(
        folder, comparison, title=title, command="emotion-shortform evaluate highlights made DIR",
        facts={"corpus": "made here"}, protocol=["Everything was fixed beforehand."],
    )  # fmt: skip
    return (folder / "report.html").read_text(), (folder / "report.md").read_text()


def test_a_model_worse_than_the_centre_is_named_in_the_first_line(tmp_path: Path) -> None:
    videos = made_videos()
    models = system(videos, knowing, "good"), system(videos, worse_than_the_centre, "edges")
    page, text = written(tmp_path, compared(videos, *models))
    for first in (Words(page).words[0], text.splitlines()[0]):
        assert "do not beat the best trivial row" in first
        assert "edges (Video)" in first
        assert "good (Video)" not in first
    assert '<p class="verdict bad">' in page


def test_the_first_line_says_when_all_win_none_wins_or_none_was_there() -> None:
    videos = made_videos()
    good, bad = system(videos, knowing, "good"), system(videos, guessing, "bad")
    assert "every model row beats" in verdict(compared(videos, good))
    none = verdict(compared(videos, bad))
    assert "no model row beats" in none
    assert "bad (Video)" in none
    assert verdict(compared(videos)).startswith("No model was measured")


def test_every_system_stands_in_every_table(tmp_path: Path) -> None:
    videos = made_videos()
    models = [system(videos, knowing, "fusion", features) for features in FEATURE_SETS]
    page, text = written(tmp_path, compared(videos, *models))
    words = Words(page).words
    for name in ALWAYS:
        tables = words.count(name)
        assert tables >= 8
        assert text.count(f"| {name} |") == tables
    assert words.count("fusion") == 5 * tables
    for fact in (
        "made here", "Everything was fixed beforehand.", "domain0 (12)", "F1 %",
        "emotion-shortform evaluate highlights made DIR", "No split was given",
    ):  # fmt: skip
        assert fact in page
        assert fact in text
    assert "Not measured" not in page


def test_feature_sets_that_were_not_measured_are_named(tmp_path: Path) -> None:
    videos = made_videos()
    for page in written(tmp_path, compared(videos, system(videos, knowing))):
        assert "Not measured here: Audio, Audio+Emotion, Video+Audio, Video+Audio+Emotion." in page


def test_the_split_says_who_was_tested_where(tmp_path: Path) -> None:
    videos = made_videos()
    tested = frozenset(video.key for video in videos)
    fold = Fold("published", frozenset({("made", "a"), ("made", "b")}), frozenset(), tested)
    found = compared(videos, system(videos, knowing), split=dict.fromkeys(tested, fold))
    page, text = written(tmp_path, found)
    assert "<details><summary>The split: 1 fold</summary>" in page
    assert "| published | 2 | 0 | 24 | video0, video1, " in text
    (saved,) = json.loads((tmp_path / "report.json").read_text())["split"]
    assert saved["train"] == [["made", "a"], ["made", "b"]]
    assert len(saved["test"]) == 24


def test_the_page_needs_no_other_file_and_no_network(tmp_path: Path) -> None:
    videos = made_videos()
    page, text = written(tmp_path, compared(videos, system(videos, knowing)))
    assert not re.search(r"""(src|href)\s*=\s*["'](?!data:)|url\(|@import""", page)
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    names = re.findall(r"!\[[^]]*\]\(([a-z0-9-]+\.png)\)", text)
    assert len(pictures) == len(names) == 4
    for code, name in zip(pictures, names, strict=True):
        assert base64.b64decode(code) == (tmp_path / name).read_bytes()


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    videos = [replace(video, domain=f"{HOSTILE}{video.domain}") for video in made_videos()]
    found = compared(videos, system(videos, guessing, HOSTILE))
    page, text = written(tmp_path, found, title=HOSTILE)
    assert "<script" not in page
    assert HOSTILE in Words(page).words[0]
    assert HOSTILE in Words(page).words
    assert "<script" not in text
    assert not re.search(r"(?<!\\)]\(http", text)
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) >= 8
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def test_the_same_comparison_gives_the_same_bytes(tmp_path: Path) -> None:
    videos = made_videos()
    for folder in (tmp_path / "one", tmp_path / "two"):
        written(folder, compared(videos, system(videos, knowing)))
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_what_has_no_value_is_written_as_such(tmp_path: Path) -> None:
    videos = made_videos(4)
    page, _ = written(tmp_path, compared(videos, system(videos, knowing)))
    assert "nan" not in Words(page).words
    assert "– to –" in page
    saved = json.loads((tmp_path / "report.json").read_text())
    measures = saved["systems"][-1]["measures"]
    assert measures["map"]["low"] is None
    assert measures["map"]["value"] is not None
    assert saved["does_not_beat_trivial"] == ["model (Video)"]


def test_pictures_show_the_values() -> None:
    def width(high: float) -> int:
        from matplotlib.image import imread

        found = {
            "model": (Interval(0.5, 0.5, 0.5 + high), False),
            "chance": (Interval(0, 0, 1), True),
        }
        image = imread(io.BytesIO(intervals(found, 0.5, "mAP", share=True)), format="png")
        blue = np.abs(image[..., :3] * 255 - (0x2F, 0x6F, 0x9F)).max(axis=2) < 3
        return int(np.ptp(np.flatnonzero(blue.any(axis=0))))

    assert width(0.4) > 1.5 * width(0.2)


def test_a_name_that_the_font_cannot_show_is_drawn_without_it() -> None:
    assert shown("융합 GRU 😀") == "융합 GRU ?"
    assert len(shown("x" * 400)) < 60
    videos = made_videos()
    part = compared(videos, system(videos, knowing)).rows[-1]
    assert roc([Curves(HOSTILE, False, part.sweep, part.roc)] * 9, "ROC").startswith(b"\x89PNG")


def test_any_measure_can_be_the_headline(tmp_path: Path) -> None:
    videos = made_videos()
    found = compared(videos, system(videos, knowing), headline="tau")
    page, _ = written(tmp_path, found)
    assert Words(page).words[0].startswith("In Kendall τ, every model row beats")
    assert '<p class="verdict good">' in page
    assert "Kendall τ by domain" in page
    for name, measure in MEASURES.items():
        assert verdict(replace(found, headline=name)).startswith(f"In {measure.title}, ")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ExportError, match="taken"):
        Page("It is so.", True, "A page", []).write(tmp_path / "taken", "page")
