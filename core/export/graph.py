"""The words and filters that tell ffmpeg exactly which pictures make up one part."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from core.export.ffmpeg import as_input
from core.export.layers.layer import Layer
from core.export.plan import Part
from core.media.probe import VideoStream

_BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
"""Says what the pictures of every short are."""

_RESERVE = Fraction(1, 2)
_NEIGHBOURS = 3
_HDR_TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67"}
# ffmpeg seeks 3/23 s before what it is told where pictures are reordered and have no stamps of
# their own; a little more than that is the key frame itself.
_SEEKS_EARLIER = Fraction(3, 23) + Fraction(1, 1000)


def picture_input(part: Part) -> list[str]:
    """The words of an input for the pictures of a part, from the key frame before it on."""
    begin = part.key + _SEEKS_EARLIER if _is_counted(part.media.video) else part.seek
    seek = ("-seek_timestamp", "1", "-noaccurate_seek", "-ss", seconds_word(begin))
    # Some streams say what their colours are only after some frames: that must not begin the
    # filters, and with them the counting of frames, anew.
    kept = ("-copyts", "-reinit_filter", "0")
    return [*kept, *seek, "-an", "-sn", "-dn", "-i", as_input(part.media.path)]


def source_filters(part: Part, number: int, rate: Fraction, result: str) -> str:
    """The filters from a video to exactly the pictures of a part, in its own size and colours.

    Interlaced pictures are made whole, one of two fields, at the rate of the pictures; pictures of
    a high dynamic range are brought to BT.709, with 203 cd/m² as reference white (ITU-R BT.2408)
    and the highlights rolled off.

    Args:
        part: What to show.
        number: Which of the inputs it is.
        rate: Frames per second of the short.
        result: Label of what comes out: frame n at n / rate.
    """
    video = part.media.video
    # Each output frame shows the last source frame that has begun by then; a little patience
    # keeps rounded time stamps (1 ms in WebM) from falling to the next one.
    zero = part.zero + part.patience
    reserve = part.held + int(rate * _RESERVE)
    word = _rate_word(rate)
    upright = video.coded_width, video.coded_height
    if video.rotation in (90, 270):
        upright = upright[::-1]
    # Filters that are never begun anew need pictures of one size.
    filters = [f"scale={upright[0]}:{upright[1]}", "settb=AVTB"]
    if _is_counted(video):
        # Neither this file nor ffmpeg knows when reordered pictures are shown: they are counted.
        step = 1 / video.frame_rate
        filters.append(
            f"setpts='({seconds_word(part.key)}+N*{step.numerator}/{step.denominator})/TB'"
        )
    if video.interlaced:
        around = _NEIGHBOURS / video.frame_rate
        filters += [_trim(part.after - around, part.before + around), "bwdif=send_frame:auto:1"]
        filters.append("settb=AVTB")
    filters += [
        _trim(part.after, part.before),
        f"setpts='max(PTS-{seconds_word(zero)}/TB,0)'",
        f"fps={word}:start_time=0:round=up",
        f"tpad=stop={reserve}:stop_mode=clone",
        f"trim=end_frame={part.frames}",
    ]
    if video.is_hdr:
        filters.append(_to_standard_range(video))
    return f"[{number}:{video.index}]{','.join(filters)}[{result}]"


def _is_counted(video: VideoStream) -> bool:
    return video.decoding_stamps and video.reordered


def _trim(after: Fraction, before: Fraction) -> str:
    return f"trim=start={seconds_word(after)}:end={seconds_word(before)}"


def _to_standard_range(video: VideoStream) -> str:
    tags = (
        f"setparams=color_primaries={video.primaries or 'bt2020'}"
        f":color_trc={_HDR_TRANSFERS[video.transfer]}:colorspace=bt2020nc"
        f":range={'pc' if video.full_range else 'tv'}"
    )
    return (
        f"{tags},zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,"
        "tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
    )


def matrix_of(video: VideoStream) -> str:
    """Colour matrix of the pictures of ``source_filters``, as the scale filter names it: what the
    video says, or what players assume if it says nothing."""
    if video.is_hdr:
        return "bt709"
    return "auto" if video.matrix else video.assumed_matrix


def fade_filters(under: str, over: str, frames: int, result: str) -> str:
    """The filters that let one picture fade over into another.

    Args:
        under: Label of the picture that goes, of exactly ``frames`` frames.
        over: Label of the picture that comes, at least as long.
        frames: Number of frames that it takes.
        result: Label of what comes out, as long as ``over``.
    """
    alpha = f"format=yuva420p,fade=t=out:start_frame=0:nb_frames={frames}:alpha=1"
    return f"[{under}]{alpha}[{under}f];[{over}][{under}f]overlay=eof_action=pass[{result}]"


def overlay_filters(base: str, layers: Sequence[tuple[int, Layer]], result: str) -> str:
    """The filters that lay pictures over a part, and say what the colours are.

    Args:
        base: Label of the part.
        layers: Number of the input and place of each layer, the lowest first.
        result: Label of what comes out.
    """
    steps = []
    for place, (number, layer) in enumerate(layers):
        laid = f"{base}{place}"
        steps.append(
            f"[{base if not place else f'{base}{place - 1}'}][{number}:v]"
            f"overlay={layer.x}:{layer.y}[{laid}]"
        )
    last = f"{base}{len(layers) - 1}" if layers else base
    return ";".join([*steps, f"[{last}]format=yuv420p,{_BT709}[{result}]"])


def card_words(name: str, frames: int, rate: Fraction) -> list[str]:
    """The words that make a still picture last, labelled ``[v]``.

    Args:
        name: A PNG in the folder that ffmpeg runs in, as large as the short.
        frames: Number of frames.
        rate: Frames per second of the short.
    """
    word = _rate_word(rate)
    filters = (
        f"[0:v]trim=end_frame={frames},setpts=N/({word})/TB,"
        f"scale=out_color_matrix=bt709:out_range=limited,format=yuv420p,setsar=1,{_BT709}[v]"
    )
    return ["-loop", "1", "-framerate", word, "-i", name, "-filter_complex", filters]


def seconds_word(time: Fraction) -> str:
    """Seconds with as many digits as ffmpeg keeps."""
    return f"{round(time * 1_000_000) / 1_000_000:.6f}"


def _rate_word(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
