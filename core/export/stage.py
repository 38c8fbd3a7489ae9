"""All that the pictures of a short are made with: its layers, and where its windows are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from core.export.camera import Camera
from core.export.captions.caption import Captions
from core.export.captions.retime import Placement, retime
from core.export.encoding import Encoding
from core.export.framing import Framing
from core.export.layers.layer import Layer
from core.export.layers.title import render_title
from core.export.look import Look
from core.export.plan import Plan
from core.media.probe import MediaInfo

_CAPTIONS_SHARE = 0.2


@dataclass(frozen=True)
class Stage:
    """What the pictures of a short are made with.

    Attributes:
        plan: The frames of every part.
        look: How the short looks.
        encoding: How the pictures are written.
        framings: The window of each source, and the size of the short.
        cameras: Where the windows of each part are over time, in the order of the parts.
        layers: What lies over the pictures, the lowest first.
    """

    plan: Plan
    look: Look
    encoding: Encoding
    framings: Mapping[MediaInfo, Framing]
    cameras: Sequence[Sequence[Camera]]
    layers: Sequence[Layer] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the short in pixels."""
        framing = self.framings[self.plan.parts[0].media]
        return framing.width, framing.height


def prepare_stage(
    plan: Plan,
    look: Look,
    encoding: Encoding,
    framings: Mapping[MediaInfo, Framing],
    folder: Path,
    *,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> Stage:
    """Draws the layers of a short, and follows its subjects where nobody placed the window.

    Args:
        plan: The frames of every part.
        look: How the short looks.
        encoding: How the pictures are written.
        framings: The window of each source.
        folder: Where the pictures of the layers are written.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked now and then.

    Raises:
        MediaError: A source is not there or not readable any more.
        ExportError: A layer cannot be drawn.
        Cancelled: ``cancelled()`` returned true.
    """
    stage = Stage(plan, look, encoding, framings, ())
    if look.captions or look.title.strip():
        progress(0.0, "Drawing titles and captions")
    layers = [*_captions(stage, folder, cancelled), *_title(stage, folder, cancelled)]
    if look.follow and look.layout in ("fill", "split"):
        cameras = _followed(stage, progress, cancelled)
    else:
        cameras = [_placed(part.clip.camera) for part in plan.parts]
    progress(1.0, "Drawing titles and captions")
    return replace(stage, cameras=cameras, layers=layers)


def _placed(camera: Camera) -> Sequence[Camera]:
    return (camera,) if camera else ()


def _followed(
    stage: Stage, progress: Callable[[float, str], None], cancelled: Callable[[], bool]
) -> list[Sequence[Camera]]:
    # Looking for faces needs OpenCV, which takes long to load.
    from core.export.reframe.follow import follow_subject

    parts = stage.plan.parts
    cameras: list[Sequence[Camera]] = []
    for number, part in enumerate(parts):
        if part.clip.camera:
            cameras.append(_placed(part.clip.camera))
            continue

        def tell(done: float, message: str, number: int = number) -> None:
            whole = (number + done) / len(parts)
            progress(_CAPTIONS_SHARE + (1 - _CAPTIONS_SHARE) * whole, message)

        framing = stage.framings[part.media]
        cameras.append(
            follow_subject(
                part.media,
                part.span,
                framing,
                stage.look.layout,
                progress=tell,
                cancelled=cancelled,
            )
        )
    return cameras


def captions_of(plan: Plan) -> Captions:
    """The captions of the clips of a short, in its own time."""
    return retime(
        [
            Placement(part.clip.captions, part.span, part.first_frame / plan.frame_rate)
            for part in plan.parts
        ]
    )


def _captions(stage: Stage, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Layer]:
    plan, look = stage.plan, stage.look
    if not look.captions or not any(part.clip.captions for part in plan.parts):
        return
    # Captions are drawn with moviepy and Pillow, which take long to load.
    from core.export.captions.drawing import render_captions

    layer = render_captions(
        captions_of(plan),
        look.caption_style,
        folder,
        size=stage.size,
        frames=plan.frames,
        frame_rate=plan.frame_rate,
        cancelled=cancelled,
    )
    if layer is not None:
        yield layer


def _title(stage: Stage, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Layer]:
    plan, look = stage.plan, stage.look
    shown = plan.frames - plan.opening - plan.closing
    frames = min(shown, round(Fraction(look.title_seconds) * plan.frame_rate))
    layer = None
    if look.title.strip():
        layer = render_title(
            look.title,
            folder,
            size=stage.size,
            frames=frames,
            frame_rate=plan.frame_rate,
            cancelled=cancelled,
        )
    if layer is not None:
        # It belongs to the first picture of the film, not to the card before it.
        moved = [
            replace(picture, first_frame=picture.first_frame + plan.opening)
            for picture in layer.pictures
        ]
        yield replace(layer, pictures=tuple(moved))
