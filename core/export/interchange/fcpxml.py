"""The timeline as FCPXML 1.10: Final Cut Pro, DaVinci Resolve, and Premiere by a converter.

Written by hand: the OpenTimelineIO adapter leaves the frame duration of formats empty, declares
videos to be silent, and begins to count all of them at 0.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction

import av

from core.export.interchange.conform import CutList, Piece, Source
from core.export.interchange.naming import (
    file_name,
    file_url,
    marker_note,
    marker_title,
    text_of,
    title_of,
)
from core.export.interchange.timecode import TIMECODE_RATES, drops_frames, timecode_rate

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
_COLOURS = "1-1-1 (Rec. 709)"


def fcpxml_text(cuts: CutList) -> str:
    """The timeline in a library with one event and one project."""
    root = ET.Element("fcpxml", version="1.10")
    resources = _Resources(ET.SubElement(root, "resources"))
    counted = timecode_rate(cuts.rate)
    # Where no multiple of the rate has a timecode, exact frames are worth more than a known rate.
    rate = counted if (counted / cuts.rate).denominator == 1 else cuts.rate
    sequence_format = resources.format(rate, *cuts.timeline.picture_size)
    assets = {source: resources.asset(source) for source in cuts.sources}

    name = text_of(cuts.timeline.name)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=name)
    sequence = ET.SubElement(
        ET.SubElement(event, "project", name=name),
        "sequence",
        format=sequence_format,
        duration=_seconds(cuts.frames / cuts.rate),
        tcStart="0s",
        tcFormat="DF" if drops_frames(rate) else "NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    spine = ET.SubElement(sequence, "spine")
    for number, piece in enumerate(cuts.pictures):
        if piece.fade:
            ET.SubElement(
                spine,
                "transition",
                name="Cross Dissolve",
                offset=_seconds(piece.record / cuts.rate),
                duration=_seconds(piece.fade / cuts.rate),
            )
        _clip(spine, cuts, number, assets[piece.source])
    ET.indent(root)
    return f"{_HEAD}{ET.tostring(root, encoding='unicode')}\n"


class _Resources:
    """Formats and assets, each once."""

    def __init__(self, parent: ET.Element) -> None:
        self._parent = parent
        self._formats: dict[tuple[Fraction, int, int], str] = {}

    def format(self, rate: Fraction, width: int, height: int) -> str:
        key = (rate, width, height)
        if key not in self._formats:
            self._formats[key] = self._next()
            ET.SubElement(
                self._parent,
                "format",
                id=self._formats[key],
                frameDuration=_seconds(1 / rate),
                width=str(width),
                height=str(height),
                colorSpace=_COLOURS,
            )
        return self._formats[key]

    def asset(self, source: Source) -> str:
        info = source.info
        attributes = {
            "format": self.format(source.rate, info.video.width, info.video.height),
            "id": self._next(),
            "name": file_name(info.path),
            "start": _seconds(source.begin),
            "duration": _seconds(source.duration),
            "hasVideo": "1",
            "videoSources": "1",
        }
        if info.audio is not None:
            attributes |= {
                "hasAudio": "1",
                "audioSources": "1",
                "audioChannels": str(av.AudioLayout(info.audio.layout).nb_channels),
                "audioRate": str(info.audio.sample_rate),
            }
        asset = ET.SubElement(self._parent, "asset", attributes)
        ET.SubElement(asset, "media-rep", kind="original-media", src=file_url(info.path))
        return attributes["id"]

    def _next(self) -> str:
        return f"r{len(self._parent) + 1}"


def _clip(spine: ET.Element, cuts: CutList, number: int, asset: str) -> None:
    piece, sound = cuts.pictures[number], cuts.sounds[number]
    source, rate = piece.source, cuts.rate
    # A transition lies around the edit: both clips reach to the middle of the crossfade.
    record = piece.record + piece.fade // 2
    end = piece.end + _fade_after(cuts.pictures, number) // 2
    start = source.begin + piece.start + (record - piece.record) / rate
    attributes = {
        "ref": asset,
        "name": title_of(piece.notes, source.info.path),
        "offset": _seconds(record / rate),
        "start": _seconds(start),
        "duration": _seconds((end - record) / rate),
        "tcFormat": "DF" if source.drop else "NDF",
    }
    if cuts.split and source.info.audio is not None:
        sound_begin = sound.record + sound.fade // 2
        sound_end = sound.end + _fade_after(cuts.sounds, number) // 2
        if (sound_begin, sound_end) != (record, end):
            attributes["audioStart"] = _seconds(start + (sound_begin - record) / rate)
            attributes["audioDuration"] = _seconds((sound_end - sound_begin) / rate)
    clip = ET.SubElement(spine, "asset-clip", attributes)
    if source.rate != rate and source.rate in TIMECODE_RATES:
        ET.SubElement(
            clip, "conform-rate", scaleEnabled="0", srcFrameRate=f"{float(source.rate):.4g}"
        )
    if _proportions(source) != Fraction(*cuts.timeline.picture_size):
        ET.SubElement(clip, "adjust-conform", type="fill")
    if marker_title(piece.notes):
        ET.SubElement(
            clip,
            "marker",
            start=_seconds(start),
            duration=_seconds(1 / source.rate),
            value=marker_title(piece.notes),
            note=marker_note(piece.notes),
        )


def _fade_after(pieces: tuple[Piece, ...], number: int) -> int:
    return pieces[number + 1].fade if number + 1 < len(pieces) else 0


def _proportions(source: Source) -> Fraction:
    return Fraction(source.info.video.width, source.info.video.height)


def _seconds(time: Fraction) -> str:
    """Rational seconds as FCPXML writes them: ``1001/30000s``."""
    return f"{time}s"
