"""Clips of several videos in one short: each keeps its frames, shape, colours and sound."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ExportError, MediaError, UsageError
from core.export.clip import Clip, Join
from core.export.ffmpeg import ffmpeg_program
from core.export.plan import plan_short
from core.export.render import Export, ExportSettings, export_short
from core.media.probe import MediaInfo, probe
from core.media.still import StillReader
from core.time import Span
from tests.export.clips import clips_of, frame_spans, settings_of
from tests.synthetic import (
    make_video,
    read_beeps_and_flashes,
    read_number,
    read_pictures,
    read_sound,
)

FILM = Fraction(24_000, 1001)
BLUE, BROWN, GREEN = (60, 60, 130), (150, 70, 40), (40, 120, 60)


@dataclass(frozen=True)
class Take:
    """A made video with its truth: what its background is, and at which frames it flashes."""

    info: MediaInfo
    colour: tuple[int, int, int]
    flashes: tuple[int, ...]


@dataclass(frozen=True)
class Cut:
    """Frames ``first`` to ``last`` (exclusive) of a take."""

    take: Take
    first: int
    last: int

    @property
    def clip(self) -> Clip:
        [span] = frame_spans(self.take.info, [(self.first, self.last)])
        return Clip(self.take.info, span)

    def shown_at(self, rate: Fraction) -> list[tuple[tuple[int, int, int], range]]:
        """What each output frame shows: the frame that has begun by then or an eighth later."""
        own = self.take.info.video.frame_rate
        count = round((self.last - self.first) / own * rate)
        shown = []
        for number in range(count):
            newest = int(number * own / rate), int((number + Fraction(1, 8)) * own / rate)
            numbers = range(self.first + newest[0], self.first + newest[1] + 1)
            shown.append((self.take.colour, numbers))
        return shown


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Take:
    path = tmp_path_factory.mktemp("wide") / "wide.mp4"
    beeps = [Fraction(15, 25), Fraction(60, 25)]
    make_video(path, seconds=4, beeps=beeps, audio="mono", sample_rate=44_100, b_frames=2)
    return Take(probe(path), BLUE, (15, 60))


@pytest.fixture(scope="module")
def tall(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Without sound, turned as telephones do."""
    path = tmp_path_factory.mktemp("tall") / "tall.mov"
    options = {"fps": 30, "size": (270, 480), "rotation": 90, "audio": None}
    make_video(path, seconds=2, beeps=[Fraction(12, 30)], shots=[0], **options)
    return Take(probe(path), BROWN, (12,))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Nearly square; its pictures start after its sound."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    options = {"fps": FILM, "size": (240, 180), "sample_rate": 22_050}
    make_video(path, seconds=3, beeps=[20 / FILM], shots=[0, 0], start=Fraction(2, 5), **options)
    return Take(probe(path), GREEN, (20,))


@pytest.fixture
def interleaved(wide: Take, tall: Take, film: Take) -> list[Cut]:
    """Back and forth, overlapping, and one of them twice."""
    return [
        Cut(wide, 50, 70),
        Cut(tall, 5, 35),
        Cut(wide, 10, 30),
        Cut(film, 10, 40),
        Cut(wide, 5, 26),
        Cut(tall, 5, 35),
        Cut(film, 12, 31),
        Cut(wide, 55, 75),
    ]


def export(cuts: Sequence[Cut], output: Path, settings: ExportSettings | None = None) -> Export:
    return export_short([cut.clip for cut in cuts], output, settings)


def without_bars(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    bright = picture.max(axis=2) > 40
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def seen_in(picture: NDArray[np.uint8]) -> tuple[tuple[int, int, int] | None, int | None]:
    """Which of the backgrounds a frame has, and its number."""
    inner = without_bars(picture)
    corner = inner[4:10, 4:10].reshape(-1, 3).mean(axis=0)
    near = [c for c in (BLUE, BROWN, GREEN) if np.abs(corner - c).max() < 12]
    return (near[0] if near else None), read_number(inner)


@pytest.mark.parametrize("aspect", ["source", "16:9", "9:16"])
def test_each_frame_is_at_its_place(aspect: str, interleaved: list[Cut], tmp_path: Path) -> None:
    height = 480 if aspect == "9:16" else None
    settings = settings_of(aspect=aspect, height=height)
    short = export(interleaved, tmp_path / "short.mp4", settings)
    assert short.frame_rate == 25
    expected = [frame for cut in interleaved for frame in cut.shown_at(short.frame_rate)]
    pictures = list(read_pictures(short.path))
    code_lost = (BROWN, GREEN) if aspect == "16:9" else ()  # their middle is shown enlarged
    for place, ((time, picture), (colour, numbers)) in enumerate(
        zip(pictures, expected, strict=True)
    ):
        assert time == place / short.frame_rate
        assert picture.shape == (short.height, short.width, 3)
        seen_colour, seen_number = seen_in(picture)
        assert seen_colour == colour
        assert seen_number in numbers or colour in code_lost
    assert (short.frames, short.duration) == (len(expected), Fraction(len(expected), 25))


def test_sound_and_pictures_of_each_clip_stay_together(
    interleaved: list[Cut], tmp_path: Path
) -> None:
    cuts = interleaved * 3
    short = export(cuts, tmp_path / "short.mp4", settings_of(speed="ultrafast"))
    frame = 1 / short.frame_rate
    heard, seen = read_beeps_and_flashes(short.path)
    rate, _, sound = read_sound(short.path)
    begin = Fraction(0)
    beeps: list[Fraction] = []
    flashes: list[Fraction] = []
    for cut in cuts:
        own = cut.take.info.video.frame_rate
        places = [n for n in cut.take.flashes if cut.first <= n < cut.last]
        flashes += [begin + (n - cut.first) / own for n in places]
        length = len(cut.shown_at(short.frame_rate)) * frame
        if cut.take.info.audio is None:
            inner = (begin + Fraction(1, 20), begin + length - Fraction(1, 20))
            assert np.abs(sound[int(inner[0] * rate) : int(inner[1] * rate)]).max() < 1e-3
        else:
            beeps += [begin + (n - cut.first) / own for n in places]
        begin += length
    assert begin == short.duration
    assert len(heard) == len(beeps) == 18
    assert len(seen) == len(flashes) == 24
    assert max(abs(a - b) for a, b in zip(heard, beeps, strict=True)) <= Fraction(1, 100)
    assert max(abs(a - b) for a, b in zip(seen, flashes, strict=True)) <= frame
    assert 0 <= len(sound) - short.duration * rate <= 1024


def test_another_shape_lies_whole_and_round_between_black_bars(
    wide: Take, tall: Take, tmp_path: Path
) -> None:
    short = export([Cut(tall, 5, 20), Cut(wide, 0, 30)], tmp_path / "short.mp4")
    assert (short.width, short.height) == (270, 480)
    first, last = (picture for _, picture in list(read_pictures(short.path))[:: short.frames - 1])
    assert without_bars(first).shape[:2] == (480, 270)
    inner = without_bars(last)
    assert inner.shape[1] == 270
    assert abs(inner.shape[0] - 270 * 180 / 320) <= 3
    top = (480 - inner.shape[0]) // 2
    assert last[: top - 4].max() <= 3
    assert last[-top + 4 :].max() <= 3
    disc = inner[: round(0.24 * inner.shape[0])].min(axis=2) > 170
    assert abs(int(disc.any(axis=0).sum()) - int(disc.any(axis=1).sum())) <= 3
    assert disc.any(axis=1).sum() >= 20


def test_vertical_shorts_have_no_bars(wide: Take, tall: Take, tmp_path: Path) -> None:
    settings = settings_of(aspect="9:16", height=480)
    short = export([Cut(wide, 0, 5), Cut(tall, 0, 5)], tmp_path / "short.mp4", settings)
    for _, picture in read_pictures(short.path):
        assert without_bars(picture).shape == picture.shape == (480, 270, 3)


@pytest.mark.parametrize(
    ("of_wide", "of_tall", "rate"), [(30, 20, 25), (20, 30, 30), (25, 30, 30)], ids=str
)
def test_the_frame_rate_is_that_of_most_of_the_length(
    of_wide: int, of_tall: int, rate: int, wide: Take, tall: Take
) -> None:
    clips = [Cut(wide, 0, 3).clip, Cut(tall, 0, of_tall).clip, Cut(wide, 10, 7 + of_wide).clip]
    plan = plan_short(clips, lambda: False)
    assert plan.frame_rate == rate


def test_a_fast_video_in_a_slow_short_keeps_its_pace(tmp_path: Path, wide: Take) -> None:
    path = make_video(tmp_path / "fast.mp4", fps=120, seconds=1, size=(160, 90), shots=[0])
    fast = Take(probe(path), BROWN, ())
    cuts = [Cut(wide, 0, 40), Cut(fast, 7, 103), Cut(wide, 70, 75)]
    short = export(cuts, tmp_path / "short.mp4")
    assert short.frame_rate == 25
    expected = [frame for cut in cuts for frame in cut.shown_at(short.frame_rate)]
    pictures = read_pictures(short.path)
    for (_, picture), (colour, numbers) in zip(pictures, expected, strict=True):
        seen_colour, seen_number = seen_in(picture)
        assert seen_colour == colour
        assert seen_number in numbers


def test_only_clips_of_the_same_video_are_joined(wide: Take, film: Take) -> None:
    half = Fraction(1, 2)
    spans = [Span(half, 2 * half), Span(2 * half, 3 * half)]
    same, again = clips_of(wide.info, spans), clips_of(probe(wide.info.path), spans)
    assert len(plan_short([same[0], again[1]], lambda: False).parts) == 1
    other = Clip(film.info, spans[1])
    assert len(plan_short([same[0], other, same[1]], lambda: False).parts) == 3


def solid(path: Path, colour: str, matrix: str, levels: str, *words: str) -> MediaInfo:
    """A video of one colour whose matrix and range are stated in the file."""
    tags = {"bt601": "smpte170m", "bt709": "bt709"}[matrix]
    made = f"color=c={colour}:s=320x180:r=25:d=1,scale=out_color_matrix={matrix}:out_range={levels}"
    command = [ffmpeg_program(), "-v", "error", "-f", "lavfi", "-i", made, *words]
    tagged = [*command, "-colorspace", tags, "-color_range", levels, str(path)]
    subprocess.run(tagged, check=True)
    return probe(path)


def read_bt709(path: Path, frame_number: int) -> list[float]:
    """Colour in the middle of a frame, 0 to 255, by the formula of BT.709 with limited range."""
    with av.open(str(path)) as container:
        frame = list(container.decode(video=0))[frame_number]
    planes = [np.frombuffer(plane, np.uint8).reshape(plane.height, -1) for plane in frame.planes]
    y, u, v = (float(p[p.shape[0] // 2, p.shape[0] // 2]) for p in planes)
    light, blue, red = (y - 16) * 255 / 219, (u - 128) * 255 / 224, (v - 128) * 255 / 224
    return [light + 1.5748 * red, light - 0.1873 * blue - 0.4681 * red, light + 1.8556 * blue]


def test_colours_of_every_kind_of_source_are_kept_in_one_stream(tmp_path: Path) -> None:
    colour, truth = "0x28783C", (0x28, 0x78, 0x3C)
    h264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
    sources = [
        solid(tmp_path / "a.mp4", colour, "bt601", "tv", *h264),
        solid(tmp_path / "b.mp4", colour, "bt709", "pc", *h264),
        solid(tmp_path / "c.mkv", colour, "bt709", "tv", *h264),
        solid(tmp_path / "d.mov", colour, "bt601", "pc", "-c:v", "mjpeg", "-pix_fmt", "yuvj422p"),
    ]
    clips = [Clip(info, Span(Fraction(0), Fraction(2, 5))) for info in sources]
    short = export_short(clips, tmp_path / "short.mp4")
    assert short.frames == 40
    for number in (5, 15, 25, 35):
        assert read_bt709(short.path, number) == pytest.approx(truth, abs=4)
    # Players read the header of the pictures once: all parts must have the same.
    with av.open(str(short.path)) as container:
        stream = container.streams.video[0]
        headers = {bytes(stream.codec_context.extradata or b"")[8:]}
        for packet in container.demux(stream):
            data = bytes(packet)
            while data:
                length = int.from_bytes(data[:4], "big")
                if data[4] & 31 == 7:
                    headers.add(data[4 : 4 + length])
                data = data[4 + length :]
    stated = max(headers, key=len)
    assert all(header in stated for header in headers)


@pytest.mark.parametrize("size", ["320x180", "960x600", "1280x532"])
def test_colours_that_no_file_states_are_those_that_the_player_shows(
    size: str, tmp_path: Path
) -> None:
    made = f"color=c=0x28783C:s={size}:r=25:d=1,format=yuv420p,setparams=colorspace=unknown"
    words = ("-c:v", "libx264", "-preset", "ultrafast", str(tmp_path / "a.mp4"))
    command = [ffmpeg_program(), "-v", "error", "-f", "lavfi", "-i", made, *words]
    subprocess.run(command, check=True)
    info = probe(tmp_path / "a.mp4")
    assert info.video.matrix == ""
    with StillReader(info) as reader:
        shown = reader.picture(Fraction(0), 180).pixels[20, 20].tolist()
    short = export_short(
        [Clip(info, Span(Fraction(0), Fraction(1, 5)))],
        tmp_path / "short.mp4",
        settings_of(way="fast", speed="ultrafast"),
    )
    assert read_bt709(short.path, 2) == pytest.approx(shown, abs=4)


def test_no_source_is_ever_replaced(wide: Take, tall: Take, tmp_path: Path) -> None:
    before = tall.info.path.read_bytes()
    link = tmp_path / "link.mov"
    link.symlink_to(tall.info.path)
    for target in (tall.info.path, link):
        with pytest.raises(ExportError, match="one of the videos"):
            export([Cut(wide, 0, 5), Cut(tall, 0, 5)], target, settings_of(overwrite=True))
    assert tall.info.path.read_bytes() == before


def test_messages_name_the_video_that_they_are_about(wide: Take, tmp_path: Path) -> None:
    other = probe(make_video(tmp_path / "other.mp4", seconds=1, size=(160, 90)))
    output = tmp_path / "out" / "short.mp4"
    output.parent.mkdir()
    beyond = Clip(other, Span(Fraction(5), Fraction(6)))
    with pytest.raises(UsageError, match=r"outside the video: .*other\.mp4"):
        export_short([Cut(wide, 0, 5).clip, beyond], output)

    def progress(fraction: float, message: str) -> None:
        if fraction > 0:
            other.path.unlink(missing_ok=True)

    inside = Clip(other, Span(Fraction(0), Fraction(1, 2)))
    clips = [Cut(wide, 0, 5).clip, Cut(wide, 9, 30).clip, *[Cut(wide, 5, 9).clip, inside] * 4]
    with pytest.raises(ExportError, match=r"disappeared.*other\.mp4"):
        export_short(clips, output, progress=progress)
    with pytest.raises(MediaError, match=r"no such file: .*other\.mp4"):
        export_short(clips, output)
    assert list(output.parent.iterdir()) == []


def test_a_damaged_video_is_named(wide: Take, tmp_path: Path) -> None:
    path = make_video(tmp_path / "broken.mp4", seconds=2, size=(160, 90))
    broken = probe(path)
    with path.open("r+b") as file:
        data = file.read()
        begin = data.index(b"mdat") + 8
        file.seek(begin)
        file.write(bytes(data.index(b"moov") - begin - 8))
    clips = [Cut(wide, 0, 5).clip, Clip(broken, Span(Fraction(1), Fraction(2)))]
    with pytest.raises(ExportError, match=r"broken\.mp4"):
        export_short(clips, tmp_path / "short.mp4")
    assert not (tmp_path / "short.mp4").exists()


def test_roundings_of_other_rates_never_add_up(wide: Take, tall: Take, film: Take) -> None:
    cuts = [Cut(wide, 3, 6), Cut(film, 5, 6), Cut(tall, 7, 8), Cut(film, 20, 31)]
    plan = plan_short([cut.clip for cut in cuts] * 40, lambda: False)
    exact = Fraction(0)
    for cut, part in zip(cuts * 40, plan.parts, strict=True):
        assert abs(part.first_frame / plan.frame_rate - exact) <= 1 / plan.frame_rate
        exact += (cut.last - cut.first) / cut.take.info.video.frame_rate
    assert abs(plan.duration - exact) <= 1 / plan.frame_rate


def test_a_picture_fades_over_into_the_next_and_nothing_gets_longer(
    wide: Take, tall: Take, tmp_path: Path
) -> None:
    first, second = Cut(wide, 50, 97), Cut(tall, 5, 41)
    clips = [first.clip, replace(second.clip, join=Join(crossfade=Fraction(10, 25)))]
    short = export_short(clips, tmp_path / "short.mp4")
    pictures = [picture for _, picture in read_pictures(short.path)]
    assert short.way.name == "composed"
    assert len(pictures) == 47 + 30
    assert [seen_in(picture) for picture in pictures[:48]] == [(BLUE, n) for n in range(50, 98)]
    # The video before ends with frame 99, which then stands until it is gone.
    sides = np.array([picture[60:120, 4:10].mean(axis=(0, 1)) for picture in pictures[47:58]])
    assert np.abs(sides[0] - BLUE).max() < 8
    assert (np.diff(sides[:, 2]) < 0).all()
    seen = [seen_in(picture) for picture in pictures[57:]]
    expected = second.shown_at(Fraction(25))[10:]
    assert [colour for colour, _ in seen] == [colour for colour, _ in expected]
    assert all(number in numbers for (_, number), (_, numbers) in zip(seen, expected, strict=True))


def test_cards_come_before_and_after_the_film(wide: Take, tmp_path: Path) -> None:
    settings = settings_of(
        opening_card="Now", end_card="The end", card_seconds=0.6, title="A title", title_seconds=0.5
    )
    short = export([Cut(wide, 5, 15), Cut(wide, 40, 50)], tmp_path / "short.mp4", settings)
    numbers = [read_number(picture) for _, picture in read_pictures(short.path)]
    assert numbers == [None] * 15 + [*range(5, 15), *range(40, 50)] + [None] * 15
    beeps, flashes = read_beeps_and_flashes(short.path)
    assert (beeps, flashes) == ([], [])
    rate, _, sound = read_sound(short.path)
    assert 0 <= len(sound) - short.duration * rate <= 1024
