"""The words and filters that tell ffmpeg exactly which frames and samples make up one part."""

from __future__ import annotations

from fractions import Fraction

from core.export.ffmpeg import as_input
from core.export.framing import Framing
from core.export.plan import Part
from core.export.titles import TitleLayer
from core.media.probe import MediaInfo, open_media

SAMPLE_RATE = 48_000
"""Samples per second of the short's sound."""

_FADE = SAMPLE_RATE * 8 // 1000
_SOUND_LEAD = Fraction(1, 2)
_RESERVE = Fraction(1, 2)
_UNSPECIFIED = 2


def part_inputs(part: Part, title: TitleLayer | None) -> list[str]:
    """One input for the pictures, one for the sound: each starts as near as it can."""
    media = part.media
    seek = ("-seek_timestamp", "1", "-noaccurate_seek", "-ss")
    source = as_input(media.path)
    words = ["-copyts", *seek, seconds_word(part.seek), "-an", "-sn", "-dn", "-i", source]
    if media.audio is None:
        words += ["-f", "lavfi", "-i", f"anullsrc=r={SAMPLE_RATE}:cl=stereo"]
    else:
        lead = part.zero - _SOUND_LEAD
        # A seek to the very begin may leave out the packet that the first samples depend on.
        if lead > media.origin:
            words += [*seek, seconds_word(lead)]
        words += ["-vn", "-sn", "-dn", "-i", source]
    if title is not None:
        words += ["-i", title.path.name]
    return words


def picture_filters(
    part: Part,
    frame_rate: Fraction,
    framing: Framing,
    matrix: str,
    title: TitleLayer | None,
    first_frame: int,
) -> str:
    """The filters from the source's pictures to exactly the frames of a part, labelled ``[v]``.

    Args:
        part: What to show.
        frame_rate: Frames per second of the short.
        framing: The window of the picture and its size.
        matrix: Colour matrix of the source as the scale filter names it.
        title: The layer to lay over it, the third input, if there is one.
        first_frame: Number of the part's first frame in the short.
    """
    rate = f"{frame_rate.numerator}/{frame_rate.denominator}"
    # Each output frame shows the last source frame that has begun by then; a little patience
    # keeps rounded time stamps (1 ms in WebM) from falling to the next one.
    zero = part.zero + part.patience
    reserve = part.held + int(frame_rate * _RESERVE)
    chain = (
        f"[0:{part.media.video.index}]settb=AVTB,"
        f"trim=start={seconds_word(part.after)}:end={seconds_word(part.before)},"
        f"setpts='max(PTS-{seconds_word(zero)}/TB,0)',"
        f"fps={rate}:start_time=0:round=up,"
        f"tpad=stop={reserve}:stop_mode=clone,trim=end_frame={part.frames},"
        f"{framing.filters(matrix)}"
    )
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    if title is None:
        return f"{chain},{tags}[v]"
    return (
        f"{chain}[base];[2:v]trim=start_frame={first_frame},setpts=N/({rate})/TB[title];"
        f"[base][title]overlay={title.x}:{title.y}:eof_action=pass,format=yuv420p,{tags}[v]"
    )


def sound_filters(part: Part, rate: Fraction) -> str:
    """The filters from the source's sound to exactly the samples of a part, labelled ``[a]``."""
    samples = round(part.frames / rate * SAMPLE_RATE)
    audio = part.media.audio
    if audio is None:
        return f"[1:a]atrim=end_sample={samples}[a]"
    fade = min(_FADE, samples // 4)
    # A lone channel goes to both sides unchanged; ffmpeg's own way makes it 3 dB quieter.
    stereo = "pan=stereo|c0=c0|c1=c0" if audio.layout in ("mono", "1 channels") else "anull"
    return (
        f"[1:{audio.index}]asetpts=PTS-{seconds_word(part.zero)}/TB,atrim=start=0,{stereo},"
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.02:first_pts=0:ochl=stereo:osf=s16,"
        f"apad=whole_len={samples},atrim=end_sample={samples},"
        f"afade=t=in:ns={fade},afade=t=out:ss={samples - fade}:ns={fade}[a]"
    )


def video_codec(crf: int, preset: str, rate: Fraction) -> list[str]:
    """The words for the H.264 encoder, with a key frame every two seconds."""
    return [
        *("-c:v", "libx264", "-preset", preset, "-crf", str(crf)),
        *("-profile:v", "high", "-pix_fmt", "yuv420p", "-g", str(max(1, round(2 * rate)))),
        *("-fps_mode", "passthrough"),
    ]


def colour_matrix(media: MediaInfo) -> str:
    """What the source says, or what players assume if it says nothing."""
    with open_media(media.path) as container:
        streams = container.streams.video
        stated = next(s for s in streams if s.index == media.video.index).codec_context.colorspace
    if int(stated) != _UNSPECIFIED:
        return "auto"
    return "bt709" if media.video.coded_height >= 720 else "bt601"


def seconds_word(time: Fraction) -> str:
    """Seconds with as many digits as ffmpeg keeps."""
    return f"{round(time * 1_000_000) / 1_000_000:.6f}"
