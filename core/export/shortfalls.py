"""What was asked of a short and could not be had, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator

from core.export.captions.caption import Captions
from core.export.encoders import chosen_encoder
from core.export.encoding import Encoding
from core.export.layers.lettering import undrawable
from core.export.look import Look
from core.export.sound.mastering import MOST_GAIN, MasteredSound

_FAR_TOO_QUIET = 2.0
_NEAR_PEAK = 1.5
_MOST_SIGNS = 12


def encoder_shortfalls(encoding: Encoding) -> Iterator[str]:
    """Why the pictures were not encoded by the machine's own encoder, if that was asked for.

    Raises:
        ExportError: There is no ffmpeg for this machine.
    """
    if encoding.hardware:
        choice = chosen_encoder(encoding)
        if not choice.hardware:
            yield choice.reason


def sound_shortfalls(encoding: Encoding, sound: MasteredSound | None) -> Iterator[str]:
    """Why the sound is quieter than asked for, if it is; silence is no shortfall."""
    if sound is None or sound.loudness is None or encoding.loudness is None:
        return
    if sound.loudness >= encoding.loudness - _FAR_TOO_QUIET:
        return
    if sound.peak is not None and sound.peak > encoding.peak - _NEAR_PEAK:
        yield (
            f"With no peak above {encoding.peak:g} dBTP the sound became "
            f"{sound.loudness:.1f} LUFS loud only."
        )
    else:
        yield (
            f"The sound is so quiet that it was raised by {MOST_GAIN:g} dB only, "
            f"to {sound.loudness:.1f} LUFS."
        )


def lettering_shortfalls(look: Look, captions: Captions) -> Iterator[str]:
    """Which signs of the title, the cards and the captions were left out of the pictures.

    Args:
        look: How the short looks.
        captions: What is said in it.
    """
    texts = [look.title, look.opening_card, look.end_card]
    if look.captions:
        texts += [caption.text for caption in captions]
    missing = undrawable("".join(texts))
    if missing:
        more = " …" if len(missing) > _MOST_SIGNS else ""
        yield (
            "The font of titles and captions does not have these signs, so they were left out: "
            f"{' '.join(missing[:_MOST_SIGNS])}{more}"
        )
