"""Timelines as the tests of the hand-off need them, with and without files behind them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st

from core.export.clip import Clip, Join
from core.export.interchange.timeline import ClipNotes, Timeline
from core.media.probe import AudioStream, MediaInfo, VideoStream
from core.time import Span

ODD_NAMES = [
    "a & <b> \"quoted\" 'it'.mp4",
    "100% #1 ?.mp4",
    "한글 이름 🎉.mp4",
    "two\nlines\tand tab.mp4",
]
RATES = [Fraction(n) for n in (24, 25, 30, 50, 60)] + [
    Fraction(n * 1000, 1001) for n in (24, 30, 60)
]


def info_of(
    path: Path,
    rate: Fraction = Fraction(25),
    *,
    seconds: int = 60,
    delay: Fraction = Fraction(0),
    sound: bool = True,
) -> MediaInfo:
    """A video that is nowhere, as :func:`core.media.probe.probe` would describe it."""
    video = VideoStream(
        0, "h264", 320, 180, 320, 180, 0, rate, Fraction(1, 90_000), delay
    )  # fmt: skip
    audio = AudioStream(1, "aac", 48_000, "stereo", Fraction(0)) if sound else None
    length = round(seconds * rate) / rate + delay
    return MediaInfo(path, Fraction(0), length, video, audio)


def timeline_of(*clips: Clip, rate: Fraction = Fraction(25), named: str = "short") -> Timeline:
    """A timeline with a note for each clip."""
    notes = tuple(ClipNotes(f"clip {n}", "happy", 0.5, ("loud",)) for n in range(len(clips)))
    return Timeline(named, rate, clips, notes)


@st.composite
def timelines(draw: st.DrawFn, *, one_rate: bool = False) -> Timeline:
    """Cuts at exact frames of videos of any rates, with crossfades and J- and L-cuts."""
    rate = draw(st.sampled_from(RATES))
    infos = [
        info_of(
            Path("/somewhere") / name,
            rate if one_rate else draw(st.sampled_from(RATES)),
            delay=draw(st.sampled_from([Fraction(0), Fraction(1, 2)])),
            sound=draw(st.booleans()),
        )
        for name in ODD_NAMES[: draw(st.integers(1, 3))]
    ]
    clips = []
    for _ in range(draw(st.integers(1, 6))):
        info = draw(st.sampled_from(infos))
        own = info.video.frame_rate
        first = draw(st.integers(0, round(50 * own)))
        start = info.video.start + first / own
        length = draw(st.integers(1, 200)) / rate
        join = Join(
            draw(st.sampled_from([Fraction(0), Fraction(1, 5), Fraction(2)])),
            draw(st.sampled_from([Fraction(0), Fraction(1, 5), Fraction(-1, 5), Fraction(3)])),
        )
        clips.append(Clip(info, Span(start, start + length), join))
    return timeline_of(*clips, rate=rate, named="<short> & 'more'")
