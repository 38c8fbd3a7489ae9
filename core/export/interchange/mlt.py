"""The timeline as MLT XML, which Shotcut opens as a project, and Kdenlive and melt as a clip.

Written by hand: the OpenTimelineIO adapter leaves out the frame rate, and the one for Kdenlive is
given up in favour of Kdenlive's own reading of OpenTimelineIO.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.export.interchange.conform import CutList, Piece, Source
from core.export.interchange.naming import (
    marker_note,
    marker_title,
    path_text,
    text_of,
    title_of,
)

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_MARKER_COLOUR = "#2aa198"


def mlt_text(cuts: CutList) -> str:
    """The timeline; all its times are whole frames of its own rate."""
    root = ET.Element("mlt", {"LC_NUMERIC": "C", "version": "7.0.0", "producer": "main"})
    _profile(root, cuts)
    writer = _Writer(root, cuts, {})
    for source in cuts.sources:
        writer.add_producer(source)
    last = cuts.frames - 1
    black = ET.SubElement(root, "producer", {"id": "black", "in": "0", "out": str(last)})
    for name, value in (
        ("length", str(cuts.frames)),
        ("eof", "pause"),
        ("resource", "0"),
        ("mlt_service", "color"),
        ("mlt_image_format", "rgba"),
        ("set.test_audio", "0"),
    ):
        _property(black, name, value)
    background = ET.SubElement(root, "playlist", id="background")
    ET.SubElement(background, "entry", {"producer": "black", "in": "0", "out": str(last)})
    lanes = [writer.add_lane("video", cuts.pictures, sounds=not cuts.split)]
    if cuts.split:
        lanes.append(writer.add_lane("audio", cuts.sounds, sounds=True))

    main = ET.SubElement(root, "tractor", {"id": "main", "in": "0", "out": str(last)})
    main.set("title", text_of(cuts.timeline.name))
    _property(main, "shotcut", "1")
    _markers(main, cuts)
    ET.SubElement(main, "track", producer="background")
    for lane, hidden in zip(lanes, ("audio" if cuts.split else "", "video"), strict=False):
        track = ET.SubElement(main, "track", producer=lane)
        if hidden:
            track.set("hide", hidden)
    for number in range(1, len(lanes) + 1):
        _transition(main, "mix", 0, number, {"always_active": "1", "sum": "1"})
    ET.indent(root)
    return f"{_HEAD}{ET.tostring(root, encoding='unicode')}\n"


def mlt_notices(cuts: CutList) -> list[str]:
    """What MLT cannot say of this timeline."""
    others = sorted({source.rate for source in cuts.sources} - {cuts.rate})
    if not others:
        return []
    rates = ", ".join(f"{float(other):.5g}" for other in others)
    counted = f"{float(cuts.rate):.5g}"
    return [f"MLT has one frame rate: videos at {rates} per second are counted at {counted} too."]


@dataclass(frozen=True)
class _Writer:
    """Puts producers and lanes into a document.

    Attributes:
        root: The document.
        cuts: What lies where.
        producers: Identifiers of the producers of the sources so far.
    """

    root: ET.Element
    cuts: CutList
    producers: dict[Source, str]

    def add_producer(self, source: Source) -> None:
        frames = max(1, math.ceil(source.duration * self.cuts.rate))
        identifier = f"producer{len(self.producers)}"
        self.producers[source] = identifier
        last = str(frames - 1)
        producer = ET.SubElement(self.root, "producer", {"id": identifier, "in": "0", "out": last})
        _property(producer, "length", str(frames))
        _property(producer, "eof", "pause")
        _property(producer, "resource", path_text(source.info.path))
        _property(producer, "mlt_service", "avformat-novalidate")
        _property(producer, "seekable", "1")

    def add_lane(self, kind: str, pieces: Sequence[Piece], *, sounds: bool) -> str:
        """A playlist of one kind of lane; crossfades become small tractors in it."""
        crossfades = {
            number: self._crossfade(f"{kind}{number}", pieces[number - 1], piece, kind, sounds)
            for number, piece in enumerate(pieces)
            if piece.fade
        }
        lane = ET.SubElement(self.root, "playlist", id=f"{kind}-lane")
        _property(lane, f"shotcut:{kind}", "1")
        _property(lane, "shotcut:name", "V1" if kind == "video" else "A1")
        for number, piece in enumerate(pieces):
            if number in crossfades:
                inside = {"in": "0", "out": str(piece.fade - 1)}
                ET.SubElement(lane, "entry", {"producer": crossfades[number], **inside})
            if kind == "audio" and piece.source.info.audio is None:
                ET.SubElement(lane, "blank", length=str(piece.frames - piece.fade))
            elif piece.frames > piece.fade:
                self._entry(lane, piece, piece.fade, piece.frames - piece.fade)
        return f"{kind}-lane"

    def _entry(self, parent: ET.Element, piece: Piece, offset: int, frames: int) -> None:
        first = round(piece.start * self.cuts.rate) + offset
        attributes = {
            "producer": self.producers[piece.source],
            "in": str(first),
            "out": str(first + frames - 1),
        }
        entry = ET.SubElement(parent, "entry", attributes)
        _property(entry, "shotcut:caption", title_of(piece.notes, piece.source.info.path))

    def _crossfade(
        self, identifier: str, before: Piece, piece: Piece, kind: str, sounds: bool
    ) -> str:
        last = str(piece.fade - 1)
        sides = ((before, before.frames), (piece, 0))
        for side, (shown, offset) in enumerate(sides):
            playlist = ET.SubElement(self.root, "playlist", id=f"{identifier}-{side}")
            if kind == "audio" and shown.source.info.audio is None:
                ET.SubElement(playlist, "blank", length=str(piece.fade))
            else:
                self._entry(playlist, shown, offset, piece.fade)
        tractor = ET.SubElement(self.root, "tractor", {"id": identifier, "in": "0", "out": last})
        _property(tractor, "shotcut:transition", "lumaMix")
        for side in range(2):
            ET.SubElement(tractor, "track", producer=f"{identifier}-{side}")
        inside = {"in": "0", "out": last}
        if kind == "video":
            _transition(tractor, "luma", 0, 1, inside)
        if sounds:
            _transition(tractor, "mix", 0, 1, {**inside, "start": "-1", "accepts_blanks": "1"})
        return identifier


def _profile(root: ET.Element, cuts: CutList) -> None:
    width, height = cuts.timeline.picture_size
    shape = Fraction(width, height)
    ET.SubElement(
        root,
        "profile",
        description=f"{width} × {height}",
        width=str(width),
        height=str(height),
        progressive="1",
        sample_aspect_num="1",
        sample_aspect_den="1",
        display_aspect_num=str(shape.numerator),
        display_aspect_den=str(shape.denominator),
        frame_rate_num=str(cuts.rate.numerator),
        frame_rate_den=str(cuts.rate.denominator),
        colorspace="709",
    )


def _markers(main: ET.Element, cuts: CutList) -> None:
    marked = [piece for piece in cuts.pictures if marker_title(piece.notes)]
    if not marked:
        return
    markers = ET.SubElement(main, "properties", name="shotcut:markers")
    for number, piece in enumerate(marked):
        marker = ET.SubElement(markers, "properties", name=str(number))
        words = [marker_title(piece.notes), marker_note(piece.notes)]
        _property(marker, "text", ": ".join(filter(None, words)))
        _property(marker, "start", _clock(piece.record / cuts.rate))
        _property(marker, "end", _clock(piece.record / cuts.rate))
        _property(marker, "color", _MARKER_COLOUR)


def _clock(seconds: Fraction) -> str:
    thousandths = round(seconds * 1000)
    minutes, thousandths = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{thousandths // 1000:02d}.{thousandths % 1000:03d}"


def _transition(parent: ET.Element, service: str, a: int, b: int, more: dict[str, str]) -> None:
    inside = {name: value for name, value in more.items() if name in ("in", "out")}
    transition = ET.SubElement(parent, "transition", inside)
    _property(transition, "a_track", str(a))
    _property(transition, "b_track", str(b))
    _property(transition, "mlt_service", service)
    for name, value in more.items():
        if name not in inside:
            _property(transition, name, value)


def _property(parent: ET.Element, name: str, value: str) -> None:
    ET.SubElement(parent, "property", name=name).text = text_of(value)
