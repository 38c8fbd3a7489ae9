"""Independent readers find in each file exactly what was written."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import opentimelineio as otio
from hypothesis import given, settings

from core.export.clip import Clip, Join
from core.export.interchange.conform import CutList, Piece, conform
from core.export.interchange.edl import edl_notices, edl_text
from core.export.interchange.fcpxml import fcpxml_text
from core.export.interchange.mlt import mlt_text
from core.export.interchange.otio_file import KEY, otio_text
from core.export.interchange.table import COLUMNS, csv_text
from core.export.interchange.timecode import timecode_rate
from core.export.interchange.timeline import ClipNotes, Timeline
from core.time import Span
from tests.export.interchange.timelines import info_of, timeline_of, timelines

FOLDER = Path("/somewhere")
NTSC = Fraction(30_000, 1001)


def time_of(time: otio.opentime.RationalTime) -> Fraction:
    """Exact seconds of an OpenTimelineIO time at a rate of this field."""
    rate = Fraction(time.rate).limit_denominator(1001)
    return Fraction(time.value).limit_denominator(1 << 20) / rate


def seconds_of(text: str) -> Fraction:
    assert text.endswith("s")
    return Fraction(text[:-1])


def heard(piece: Piece) -> bool:
    return piece.source.info.audio is not None


@given(timelines())
@settings(max_examples=25, deadline=None)
def test_opentimelineio_reads_every_time_address_and_crossfade(timeline: Timeline) -> None:
    cuts = conform(timeline)
    read = otio.adapters.read_from_string(otio_text(cuts, FOLDER), "otio_json")
    lanes = [(read.video_tracks()[0], cuts.pictures, False)]
    lanes += [(track, cuts.sounds, True) for track in read.audio_tracks()]
    assert len(lanes) == 1 + any(map(heard, cuts.sounds))
    for track, pieces, is_sound in lanes:
        items = [item for item in track if not isinstance(item, otio.schema.Transition)]
        for item, piece in zip(items, pieces, strict=True):
            assert time_of(item.duration()) == piece.frames / cuts.rate
            if is_sound and not heard(piece):
                assert isinstance(item, otio.schema.Gap)
                continue
            assert time_of(item.source_range.start_time) == piece.start
            reference = item.media_reference
            assert unquote(urlsplit(reference.target_url).path) == str(piece.source.info.path)
            assert time_of(reference.available_range.duration) == piece.source.duration
        if not is_sound:
            fades = [item for item in track if isinstance(item, otio.schema.Transition)]
            assert [time_of(fade.out_offset) * cuts.rate for fade in fades] == [
                piece.fade for piece in pieces if piece.fade
            ]


def test_opentimelineio_carries_emotion_score_and_reasons_as_markers() -> None:
    notes = ClipNotes("벚꽃 & <so>", "sad", 0.75, ("3 LU louder", "arousal 1.2"))
    clip = Clip(info_of(Path("/a.mp4")), Span(Fraction(1), Fraction(2)))
    timeline = Timeline("x", Fraction(25), (clip,), (notes,))
    read = otio.adapters.read_from_string(otio_text(conform(timeline), FOLDER), "otio_json")
    (found,) = read.find_clips()[:1]
    assert found.name == notes.name
    (marker,) = found.markers
    assert marker.name == "sad 0.75"
    assert marker.comment == "3 LU louder; arousal 1.2"
    own = marker.metadata[KEY]
    assert (own["emotion"], own["score"], list(own["reasons"])) == (
        "sad",
        0.75,
        ["3 LU louder", "arousal 1.2"],
    )


@given(timelines())
@settings(max_examples=25, deadline=None)
def test_the_edl_reader_finds_every_time_and_dissolve(timeline: Timeline) -> None:
    cuts = conform(timeline)
    text = edl_text(cuts)
    assert " M2" not in text
    read = otio.adapters.read_from_string(text, "cmx_3600", rate=float(cuts.rate))
    video = next(track for track in read.tracks if track.kind == otio.schema.TrackKind.Video)
    items = [item for item in video if not isinstance(item, otio.schema.Transition)]
    for item, piece in zip(items, cuts.pictures, strict=True):
        assert item.name == piece.notes.name
        assert item.source_range.start_time.value == round(piece.start * cuts.rate)
        assert item.source_range.duration.value == piece.frames
    fades = [item for item in video if isinstance(item, otio.schema.Transition)]
    assert [fade.out_offset.value for fade in fades] == [p.fade for p in cuts.pictures if p.fade]
    for track in read.tracks:
        if track.kind == otio.schema.TrackKind.Audio:
            found = [
                (item.source_range.start_time.value, item.source_range.duration.value)
                for item in track
                if isinstance(item, otio.schema.Clip)
            ]
            assert found == [
                (round(piece.start * cuts.rate), piece.frames)
                for piece in cuts.sounds
                if heard(piece)
            ]


def test_reels_are_short_and_differ_and_record_timecode_drops_frames() -> None:
    infos = [
        info_of(Path("/x") / name, NTSC, seconds=70)
        for name in ("holiday-1.mp4", "holiday-12.mp4", "가.mp4")
    ]
    clips = [Clip(info, Span(Fraction(0), 1800 / NTSC)) for info in infos]
    events = [
        line.split() for line in edl_text(conform(timeline_of(*clips, rate=NTSC))).splitlines()
        if line[:3].isdigit()
    ]  # fmt: skip
    reels = [event[1] for event in events]
    assert len(set(reels)) == 3
    assert all(len(reel) <= 8 and reel.isalnum() and reel.isascii() for reel in reels)
    assert events[0][4:] == ["00:00:00:00", "00:01:00:00", "01:00:00;00", "01:01:00;02"]


def test_an_edl_says_where_it_cannot_count_like_the_videos() -> None:
    clip = Clip(info_of(Path("/a.mp4"), Fraction(24)), Span(Fraction(1), Fraction(2)))
    assert (
        "at 24 frames per second are counted at 30"
        in edl_notices(conform(timeline_of(clip, rate=Fraction(30))))[0]
    )
    assert not edl_notices(conform(timeline_of(clip, rate=Fraction(24))))
    odd = edl_notices(conform(timeline_of(clip, rate=Fraction(37, 2))))
    assert "one frame off" in odd[0]


@given(timelines())
@settings(max_examples=25, deadline=None)
def test_fcpxml_has_every_time_exactly_and_every_reference_resolves(timeline: Timeline) -> None:
    cuts = conform(timeline)
    root = ET.fromstring(fcpxml_text(cuts))
    formats = {element.get("id"): element for element in root.iter("format")}
    assets = {element.get("id"): element for element in root.iter("asset")}
    assert len(formats) + len(assets) == len(root.findall("resources/*"))
    sequence = root.find(".//sequence")
    assert sequence is not None
    frame = seconds_of(formats[sequence.get("format")].get("frameDuration", ""))
    assert frame == 1 / cuts.rate
    assert seconds_of(sequence.get("duration", "")) == cuts.frames / cuts.rate
    clips = root.findall(".//spine/asset-clip")
    place = Fraction(0)
    for clip, piece in zip(clips, cuts.pictures, strict=True):
        offset, start, duration = (
            seconds_of(clip.get(key, "")) for key in ("offset", "start", "duration")
        )
        assert offset == place
        assert offset / frame == int(offset / frame)
        assert duration / frame == int(duration / frame)
        place += duration
        asset = assets[clip.get("ref")]
        own = seconds_of(formats[asset.get("format")].get("frameDuration", ""))
        assert own == 1 / piece.source.rate
        # What is seen at the first frame of the short that shows this clip alone is unchanged.
        assert start - offset == piece.start - piece.record / cuts.rate
        assert start + duration <= seconds_of(asset.get("duration", ""))
        media = asset.find("media-rep")
        assert media is not None
        assert unquote(urlsplit(media.get("src", "")).path) == str(piece.source.info.path)
        assert (asset.get("hasAudio") == "1") == heard(piece)
        marker = clip.find("marker")
        assert marker is not None
        assert start <= seconds_of(marker.get("start", "")) < start + duration
    assert place == cuts.frames / cuts.rate
    fades = [
        (seconds_of(fade.get("offset", "")), seconds_of(fade.get("duration", "")))
        for fade in root.findall(".//spine/transition")
    ]
    assert fades == [
        (piece.record / cuts.rate, piece.fade / cuts.rate) for piece in cuts.pictures if piece.fade
    ]


FCPXML = {
    "fcpxml": ({"version"}, ["resources", "library"]),
    "resources": (set(), ["format", "asset"]),
    "format": ({"id", "frameDuration", "width", "height", "colorSpace"}, []),
    "asset": (
        {"id", "name", "start", "duration", "format", "hasVideo", "videoSources"}
        | {"hasAudio", "audioSources", "audioChannels", "audioRate"},
        ["media-rep"],
    ),
    "media-rep": ({"kind", "src"}, []),
    "library": (set(), ["event"]),
    "event": ({"name"}, ["project"]),
    "project": ({"name"}, ["sequence"]),
    "sequence": (
        {"format", "duration", "tcStart", "tcFormat", "audioLayout", "audioRate"},
        ["spine"],
    ),
    "spine": (set(), ["asset-clip", "transition"]),
    "transition": ({"name", "offset", "duration"}, []),
    "asset-clip": (
        {"ref", "name", "offset", "start", "duration", "tcFormat", "audioStart", "audioDuration"},
        ["conform-rate", "adjust-conform", "marker"],
    ),
    "conform-rate": ({"scaleEnabled", "srcFrameRate"}, []),
    "adjust-conform": ({"type"}, []),
    "marker": ({"start", "duration", "value", "note"}, []),
}
"""Attributes and children of what we use that FCPXML 1.10 allows; those of a clip in order."""


@given(timelines())
@settings(max_examples=15, deadline=None)
def test_fcpxml_uses_only_what_its_definition_allows(timeline: Timeline) -> None:
    root = ET.fromstring(fcpxml_text(conform(replace(timeline, size=(1080, 1920)))))
    for element in root.iter():
        attributes, children = FCPXML[element.tag]
        assert set(element.keys()) <= attributes
        found = [child.tag for child in element]
        assert set(found) <= set(children)
        if element.tag == "asset-clip":
            assert found == sorted(set(found), key=children.index)
    rates = {element.get("srcFrameRate") for element in root.iter("conform-rate")}
    assert rates <= {"23.98", "24", "25", "29.97", "30", "60", "47.95", "48", "50", "59.94"}


def test_fcpxml_moves_sound_against_its_picture() -> None:
    a, b = info_of(Path("/a.mp4")), info_of(Path("/b.mp4"))
    first = Clip(a, Span(Fraction(1), Fraction(3)))
    second = Clip(b, Span(Fraction(10), Fraction(12)), Join(sound=Fraction(1, 5)))
    root = ET.fromstring(fcpxml_text(conform(timeline_of(first, second))))
    before, after = root.findall(".//spine/asset-clip")
    assert (before.get("audioStart"), before.get("audioDuration")) == ("1s", "11/5s")
    assert (after.get("audioStart"), after.get("audioDuration")) == ("51/5s", "9/5s")


def test_the_fcpxml_reader_of_opentimelineio_finds_the_clips() -> None:
    info = info_of(Path("/a.mp4"), NTSC)
    clips = [Clip(info, Span(n / NTSC, (n + 30) / NTSC)) for n in (0, 300)]
    text = fcpxml_text(conform(timeline_of(*clips, rate=NTSC, named="a & b")))
    read = otio.adapters.read_from_string(text, "fcpx_xml")
    assert [clip.name for clip in read.find_clips()] == ["clip 0", "clip 1"]


def shown_by(root: ET.Element, lane: str) -> list[tuple[str, int, int]]:
    """Resource, first and last frame of what a lane plays alone or fades to, in order."""
    resources = {
        producer.get("id"): next(p.text for p in producer if p.get("name") == "resource")
        for producer in root.findall("producer")
    }
    playlists = {playlist.get("id"): playlist for playlist in root.findall("playlist")}
    tractors = {tractor.get("id"): tractor for tractor in root.findall("tractor")}
    found = []
    for item in playlists[lane]:
        if item.tag == "entry" and item.get("producer") in tractors:
            incoming = tractors[item.get("producer")].findall("track")[1].get("producer")
            found += [entry for entry in playlists[incoming] if entry.tag == "entry"]
        elif item.tag == "entry":
            found.append(item)
    return [
        (resources[e.get("producer")] or "", int(e.get("in", "")), int(e.get("out", "")))
        for e in found
    ]


def lane_of(cuts: CutList, pieces: tuple[Piece, ...]) -> list[tuple[str, int, int]]:
    rows = []
    for piece in pieces:
        first = round(piece.start * cuts.rate)
        edges = [first, first + piece.fade, first + piece.frames]
        rows += [
            (str(piece.source.info.path), begin, end - 1)
            for begin, end in pairwise(edges)
            if end > begin
        ]
    return rows


@given(timelines(one_rate=True))
@settings(max_examples=25, deadline=None)
def test_mlt_plays_the_frames_of_both_lanes(timeline: Timeline) -> None:
    cuts = conform(timeline)
    root = ET.fromstring(mlt_text(cuts))
    profile = root.find("profile")
    assert profile is not None
    assert profile.get("frame_rate_num") == str(cuts.rate.numerator)
    assert profile.get("frame_rate_den") == str(cuts.rate.denominator)
    assert shown_by(root, "video-lane") == lane_of(cuts, cuts.pictures)
    if cuts.split:
        audible = tuple(filter(heard, cuts.sounds))
        assert shown_by(root, "audio-lane") == lane_of(cuts, audible)
    names = {element.get("id") for element in root}
    for element in root.iter():
        assert element.get("producer") in {None, *names}


@given(timelines())
@settings(max_examples=25, deadline=None)
def test_the_table_has_exact_seconds(timeline: Timeline) -> None:
    cuts = conform(timeline)
    rows = list(csv.DictReader(io.StringIO(csv_text(cuts).removeprefix("\ufeff"), newline="")))
    assert len(rows) == len(cuts.pictures)
    for row, piece in zip(rows, cuts.pictures, strict=True):
        assert tuple(row) == COLUMNS
        assert row["source"] == str(piece.source.info.path)
        begin = piece.source.zero + piece.start
        assert Fraction(row["source_in"]) == begin
        assert Fraction(row["source_out"]) == begin + piece.frames / cuts.rate
        assert Fraction(row["record_in"]) == piece.record / cuts.rate
        assert Fraction(row["record_out"]) == piece.end / cuts.rate
        if piece.source.rate == timecode_rate(piece.source.rate):
            text = row["source_in_timecode"]
            time = otio.opentime.from_timecode(text, float(piece.source.rate))
            assert time.value == piece.start * piece.source.rate
        assert (row["emotion"], row["score"], row["reasons"]) == ("happy", "0.5000", "loud")


def test_a_spreadsheet_runs_no_formula_out_of_a_name() -> None:
    notes = ClipNotes('=HYPERLINK("x")', "@sad", 0.5, ("-1 LU",))
    clip = Clip(info_of(Path("/a.mp4")), Span(Fraction(0), Fraction(1)))
    text = csv_text(conform(Timeline("x", Fraction(25), (clip,), (notes,))))
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["name"], row["emotion"], row["reasons"]) == ('\'=HYPERLINK("x")', "'@sad", "'-1 LU")
