"""The export from a terminal: every option, many inputs, several presets, other editors."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio
import pytest

from core.cli import main
from core.export.captions.files import read_captions
from core.export.sound.loudness import measure_loudness
from core.media.probe import probe
from tests.synthetic import make_video, read_frame_numbers

Run = Callable[..., Any]


@pytest.fixture
def run(
    own_folders: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs a verb and gives what it says as JSON; fails if it fails."""

    def run(*words: object, code: int = 0) -> Any:
        got = main([*map(str, words), *(["--json"] if code == 0 else [])])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert got == code, said.err
        return json.loads(said.out) if code == 0 else said.err

    return run


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    return make_video(folder / "a & 'b'.mp4", seconds=6, tone=0.1, beeps=[1, 4])


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cuts") / "cuts.json"
    spans = [{"start": 1, "end": 2, "score": 0.5}, {"start": 3, "end": 4.2}]
    path.write_text(json.dumps({"cuts": spans}), encoding="utf-8")
    return path


def test_every_option_of_look_and_file_is_understood(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    captions = tmp_path / "said.srt"
    captions.write_text("1\n00:00:01,200 --> 00:00:01,800\nHello\n", encoding="utf-8")
    music = make_video(tmp_path / "music.mp4", seconds=2, tone=0.2)
    output = tmp_path / "out.mp4"
    made = run(
        "export", video, "-o", output, "--cuts", cuts, "--aspect", "1:1", "--layout", "blur",
        "--no-follow", "--title", "Ü", "--title-seconds", 1, "--opening-card", "A",
        "--end-card", "B", "--card-seconds", 1, "--captions", "both", "--caption-file", captions,
        "--caption-style", "word", "--music", music, "--music-level", -20, "--duck", "--gate",
        "--crossfade", 0.2, "--codec", "h264", "--no-hardware", "--height", 240,
        "--frame-rate", "30000/1001", "--crf", 28, "--speed", "ultrafast", "--most-bits", 500000,
        "--sound-bits", 96000, "--loudness", -16, "--peak", -2, "--way", "composed",
    )  # fmt: skip
    assert (made["width"], made["height"], made["way"]) == (240, 240, "composed")
    assert made["duration"] == pytest.approx(2.2 + 2, abs=0.05)
    assert made["loudness"] == pytest.approx(-16, abs=0.5)
    measured = measure_loudness(output)
    assert measured.integrated == pytest.approx(-16, abs=0.5)
    assert measured.true_peak <= -2
    [caption] = read_captions(output.with_suffix(".srt"))
    assert caption.text == "Hello"
    assert float(caption.span.start) == pytest.approx(1.2, abs=0.01)


def test_several_videos_and_presets_get_a_file_each(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    other = make_video(tmp_path / "other.mp4", seconds=6)
    to = tmp_path / "new" / "folder"
    made = run(
        "export", video, other, "--to", to, "--cuts", cuts, "--preset", "source",
        "--preset", "gif", "--height", 90, "--speed", "ultrafast",
    )  # fmt: skip
    names = {"a & 'b'-source.mp4", "a & 'b'-gif.gif", "other-source.mp4", "other-gif.gif"}
    assert {path.name for path in to.iterdir()} == names
    assert {Path(one["path"]).name for one in made} == names
    assert run(
        "export", video, other, "--to", to, "--cuts", cuts, "--preset", "source", "--skip-existing"
    ) == []  # fmt: skip


def test_a_dry_run_tells_what_would_come_and_writes_nothing(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    to = tmp_path / "not" / "made"
    words = ("export", video, "--cuts", cuts, "--preset", "reels", "--preset", "source")
    reels, source = run(*words, "--to", to, "--dry-run")
    assert not to.exists()
    assert (reels["width"], reels["height"], reels["way"]) == (1080, 1920, "fast")
    assert reels["duration"] == source["duration"] == pytest.approx(2.2)
    assert any("3 s" in sentence for sentence in reels["beyond_limits"])
    assert reels["size_bytes"] > 0 < source["seconds"]


def test_one_bad_input_does_not_keep_the_others_from_being_written(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"nothing")
    said = run("export", bad, video, "--to", tmp_path / "out", "--cuts", cuts, code=1)
    assert "bad.mp4" in said
    assert "1 of 2 inputs" in said
    [written] = (tmp_path / "out").iterdir()
    assert len(read_frame_numbers(written)) == 55


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--preset", "vhs", "-o", "x.mp4"), 2, "no preset 'vhs'"),
        (("--preset", "shorts", "--preset", "gif", "-o", "x.mp4"), 2, "--to FOLDER"),
        (("--captions", "burn", "-o", "x.mp4"), 2, "no captions are known"),
        (("--loudness", "loud", "-o", "x.mp4"), 2, "'loud' is not a loudness"),
        (("--crossfade", "-1", "-o", "x.mp4"), 2, "not possible"),
        (("--frame-rate", "1e999999999", "-o", "x.mp4"), 2, "is not a frame rate"),
        (("--height", "9", "-o", "x.mp4"), 2, "not possible"),
        (("--most-bits", "-5", "-o", "x.mp4"), 2, "not enough"),
        (("--sound-bits", "0", "-o", "x.mp4"), 2, "not possible"),
        (("--layout", "spiral", "-o", "x.mp4"), 2, "not a layout"),
        (("--music", "none.mp3", "-o", "x.mp4"), 1, "none.mp3"),
        (("-o", "x.xyz"), 2, "not written as"),
    ],
)
def test_what_is_not_possible_is_said_and_nothing_is_written(
    words: tuple[str, ...], code: int, message: str, run: Run, video: Path, cuts: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    said = run("export", video, "--cuts", cuts, *words, code=code)
    assert message in said
    assert list(tmp_path.iterdir()) == []


def test_a_short_is_handed_to_other_editors(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    for suffix in (".otio", ".csv", ".edl", ".fcpxml", ".mlt", ".chapters.txt"):
        made = run("hand-off", video, "--cuts", cuts, "-o", tmp_path / f"cut{suffix}")
        assert made["clips"] == 2
    timeline = opentimelineio.adapters.read_from_file(str(tmp_path / "cut.otio"))
    assert len(timeline.find_clips()) >= 2
    with (tmp_path / "cut.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["source_in"] for row in rows] == ["1", "3"]


def test_a_timeline_that_came_back_gives_the_cuts(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    timeline = tmp_path / "cut.otio"
    run("hand-off", video, "--cuts", cuts, "-o", timeline)
    made = run("export", video, "--cuts", timeline, "-o", tmp_path / "short.mp4")
    assert made["frames"] == 55
    other = make_video(tmp_path / "other.mp4", seconds=2)
    said = run("export", other, "--cuts", timeline, "-o", tmp_path / "no.mp4", code=2)
    assert "nothing in this timeline" in said


def test_captions_change_their_kind_and_bad_ones_are_refused(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.srt"
    source.write_text("1\n00:00:01,000 --> 00:00:02,500\n안녕\n", encoding="cp949")
    [caption] = run("captions", source, "-o", tmp_path / "b.vtt")
    assert caption == {"start": 1.0, "end": 2.5, "text": "안녕"}
    assert "already" in run("captions", source, "-o", tmp_path / "b.vtt", code=1)
    assert "not written as" in run("captions", source, "-o", tmp_path / "b.doc", code=2)


def test_writing_down_speech_needs_a_model(run: Run, video: Path, tmp_path: Path) -> None:
    assert "--model" in run("captions", video, "-o", tmp_path / "a.srt", code=2)
    said = run("captions", video, "-o", tmp_path / "a.srt", "--model", "tiny", code=1)
    assert "install" in said or "download" in said
    assert probe(video).audio is not None


def test_captions_beside_a_short_replace_nothing_without_leave(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    talk = tmp_path / "talk.srt"
    talk.write_text("1\n00:00:01,200 --> 00:00:01,800\nHello\n", encoding="utf-8")
    words = ("export", video, "--cuts", cuts, "--captions", "sidecar", "--caption-file", talk)
    before = talk.read_bytes()
    said = run(*words, "-o", tmp_path / "talk.mp4", "--overwrite", code=1)
    assert "replace those of the video" in said
    mine = tmp_path / "mine.srt"
    mine.write_text("written by hand", encoding="utf-8")
    assert "already" in run(*words, "-o", tmp_path / "mine.mp4", code=1)
    assert (talk.read_bytes(), mine.read_text("utf-8")) == (before, "written by hand")
    assert not list(tmp_path.glob("*.mp4"))
    made = run(*words, "-o", tmp_path / "mine.mp4", "--overwrite")
    assert made["captions"] == str(mine)
    assert [caption.text for caption in read_captions(mine)] == ["Hello"]


def test_what_a_platform_does_not_take_is_said(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    small = ("--cuts", cuts, "--height", 90, "--speed", "ultrafast")
    made = run("export", video, "-o", tmp_path / "a.mp4", "--preset", "tiktok", *small)
    short, narrow = made["beyond_limits"]
    assert "at least 3 s" in short
    assert "360 pixels" in narrow
    assert "TikTok" in short
    made = run("export", video, "-o", tmp_path / "b.mp4", "--preset", "source", *small)
    assert made["beyond_limits"] == []


def test_no_input_and_no_short_of_another_is_replaced(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "day.mp4", tmp_path / "DAY.mov"
    for path in (first, second):
        path.write_bytes(video.read_bytes())
    to = tmp_path / "out"
    words = ("--cuts", cuts, "--to", to, "--overwrite")
    assert "day-short" in run("export", first, second, *words, code=2).casefold()
    assert not to.exists()
    other = tmp_path / "day-short.mp4"
    other.write_bytes(video.read_bytes())
    words = ("--cuts", cuts, "--to", tmp_path, "--overwrite")
    said = run("export", first, other, *words, code=1)
    assert "would replace one of the videos" in said
    assert other.read_bytes() == video.read_bytes()


def test_one_preset_that_fails_does_not_keep_the_others_from_being_written(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    said = run(
        "export", video, "--to", tmp_path, "--cuts", cuts, "--preset", "reels", "--preset",
        "source", "--way", "lossless", code=1,
    )  # fmt: skip
    assert "cannot be copied: The shape" in said
    assert [path.name for path in tmp_path.glob("*.mp4")] == ["a & 'b'-source.mp4"]


def test_a_video_without_sound_has_no_loudness(run: Run, cuts: Path, tmp_path: Path) -> None:
    mute = make_video(tmp_path / "mute.mp4", seconds=6)
    made = run("export", mute, "-o", tmp_path / "a.mp4", "--cuts", cuts, "--loudness", -14)
    assert (made["loudness"], made["peak"], made["notices"]) == (None, None, [])


def test_signs_that_cannot_be_drawn_are_named(
    run: Run, video: Path, cuts: Path, tmp_path: Path
) -> None:
    words = ("--cuts", cuts, "--height", 90, "--speed", "ultrafast", "--title")
    made = run("export", video, "-o", tmp_path / "a.mp4", *words, "한국 Ü 👍🏽 שלום")
    [notice] = made["notices"]
    assert notice.endswith(": 👍 ש ל ו ם")
    assert run("export", video, "-o", tmp_path / "b.mp4", *words, "한국 Ü")["notices"] == []
