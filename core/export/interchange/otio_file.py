"""The timeline as OpenTimelineIO, which DaVinci Resolve, Kdenlive, Avid and others read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from core.export.interchange.conform import CutList, Piece, Source
from core.export.interchange.naming import (
    file_name,
    file_url,
    marker_note,
    marker_title,
    text_of,
    title_of,
)
from core.media.probe import MediaInfo

KEY = "emotion-shortform"
"""Where our own data lies in the metadata."""

_COLOURS = {
    "happy": "YELLOW",
    "surprise": "ORANGE",
    "angry": "RED",
    "fear": "PURPLE",
    "sad": "BLUE",
    "disgust": "GREEN",
    "neutral": "WHITE",
}


def otio_text(cuts: CutList, folder: Path) -> str:
    """The timeline with a picture lane and a sound lane, as JSON.

    Args:
        cuts: What lies where.
        folder: Where the file will lie; the addresses of the videos from there are kept too.
    """
    timeline = otio.schema.Timeline(name=text_of(cuts.timeline.name))
    timeline.metadata[KEY] = {"frame_rate": str(cuts.rate)}
    kinds = otio.schema.TrackKind
    timeline.tracks.append(_track(cuts, cuts.pictures, "V1", kinds.Video, folder))
    if any(piece.source.info.audio for piece in cuts.sounds):
        timeline.tracks.append(_track(cuts, cuts.sounds, "A1", kinds.Audio, folder))
    return str(timeline.to_json_string())


def _track(
    cuts: CutList, pieces: Sequence[Piece], name: str, kind: str, folder: Path
) -> otio.schema.Track:
    track = otio.schema.Track(name, kind=kind)
    silent = kind == otio.schema.TrackKind.Audio
    for piece in pieces:
        length = _time(piece.frames, cuts.rate)
        if silent and piece.source.info.audio is None:
            track.append(otio.schema.Gap(duration=length))
            continue
        if piece.fade and not isinstance(track[-1], otio.schema.Gap):
            track.append(
                otio.schema.Transition(
                    "Cross Dissolve",
                    otio.schema.TransitionTypes.SMPTE_Dissolve,
                    in_offset=_time(0, cuts.rate),
                    out_offset=_time(piece.fade, cuts.rate),
                )
            )
        start = _time((piece.source.begin + piece.start) * piece.source.rate, piece.source.rate)
        clip = otio.schema.Clip(
            title_of(piece.notes, piece.source.info.path),
            _reference(piece.source, folder),
            otio.opentime.TimeRange(start, length),
        )
        if kind == otio.schema.TrackKind.Video and marker_title(piece.notes):
            clip.markers.append(_marker(piece, start))
        track.append(clip)
    return track


def _time(frames: Fraction | int, rate: Fraction) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(float(frames), float(rate))


def _reference(source: Source, folder: Path) -> otio.schema.ExternalReference:
    path = source.info.path.absolute()
    reference = otio.schema.ExternalReference(
        file_url(path),
        otio.opentime.TimeRange(
            _time(source.timecode, source.rate), _time(source.frames, source.rate)
        ),
    )
    reference.name = file_name(path)
    reference.metadata[KEY] = {
        "first_picture": str(source.zero),
        "relative": text_of(_relative(path, folder)),
        "size": _size(source.info),
    }
    return reference


def _relative(path: Path, folder: Path) -> str:
    """The way from a folder, with slashes; empty if there is none, as between two disks."""
    try:
        return Path(os.path.relpath(path, folder.absolute())).as_posix()
    except ValueError:
        return ""


def _size(info: MediaInfo) -> list[int]:
    return [info.video.width, info.video.height]


def _marker(piece: Piece, start: otio.opentime.RationalTime) -> otio.schema.Marker:
    notes = piece.notes
    marker = otio.schema.Marker(
        name=marker_title(notes),
        marked_range=otio.opentime.TimeRange(start, _time(0, piece.source.rate)),
        color=_COLOURS.get(notes.emotion.lower(), "GREEN"),
        metadata={
            KEY: {
                "emotion": text_of(notes.emotion),
                "score": notes.score,
                "reasons": [text_of(reason) for reason in notes.reasons],
            }
        },
    )
    marker.comment = marker_note(notes)
    return marker
