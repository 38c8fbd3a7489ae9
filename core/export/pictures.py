"""Writes the pictures of a short, part by part, each by a run of ffmpeg of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ExportError
from core.export.encoders import encoder_words
from core.export.ffmpeg import Command, run_ffmpeg
from core.export.graph import (
    card_words,
    fade_filters,
    matrix_of,
    overlay_filters,
    picture_input,
    source_filters,
)
from core.export.layers.card import draw_card
from core.export.layers.layer import Layer, layer_input
from core.export.layout import layout_filters
from core.export.plan import Part
from core.export.stage import Stage


@dataclass(frozen=True)
class WrittenPictures:
    """A file with the pictures of a stretch of the short.

    Attributes:
        name: Its name in the work folder.
        frames: Number of frames in it.
    """

    name: str
    frames: int


def write_pictures(
    stage: Stage,
    folder: Path,
    target: Path,
    *,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
    meanwhile: Callable[[Callable[[], None]], None] | None = None,
) -> list[WrittenPictures]:
    """Writes the pictures of every part; memory and open files do not grow with their number.

    Args:
        stage: What they are made with.
        folder: Where they are written; finished ones that are there already are kept.
        target: The file that the user would name when it fails.
        progress: Called with the finished fraction, 0 to 1, and what is being done.
        cancelled: Asked every 50 ms.
        meanwhile: Other work for this thread, as :func:`run_ffmpeg` takes it.

    Returns:
        The files in playing order.

    Raises:
        ExportError: A part cannot be rendered.
        Cancelled: ``cancelled()`` returned true.
    """
    plan = stage.plan
    encoder = encoder_words(stage.encoding, plan.frame_rate, stage.size)
    commands = [
        _part_command(stage, number, encoder, folder, target) for number in range(len(plan.parts))
    ]
    if plan.opening:
        text = stage.look.opening_card
        commands.insert(
            0, _card_command(stage, "opening", text, plan.opening, encoder, commands[0])
        )
    if plan.closing:
        text = stage.look.end_card
        closing = _card_command(stage, "closing", text, plan.closing, encoder, commands[0])
        commands.append(closing)
    written = run_ffmpeg(
        commands,
        progress=progress,
        cancelled=cancelled,
        at_once=_children_at_once(),
        meanwhile=meanwhile,
    )
    for command, frames in zip(commands, written, strict=True):
        if frames != command.frames:
            raise ExportError(
                f"the video cannot be read to the end of the cut ({command.message})",
                path=command.source or target,
                remedy="It is damaged or incomplete; shorten this cut, or copy the video again.",
            )
    return [WrittenPictures(command.results[0], command.frames) for command in commands]


def _part_command(
    stage: Stage, number: int, encoder: Sequence[str], folder: Path, target: Path
) -> Command:
    part = stage.plan.parts[number]
    inputs = picture_input(part)
    graph = [_framed(stage, number, part, 0, "now")]
    base = "now"
    count = 1
    if part.under is not None:
        inputs += picture_input(part.under)
        graph.append(_framed(stage, number - 1, part.under, 1, "under"))
        graph.append(fade_filters("under", "now", part.under.frames, "faded"))
        base = "faded"
        count = 2
    layers: list[tuple[int, Layer]] = []
    for place, layer in enumerate(stage.layers):
        script = folder / f"part-{number:04d}-layer-{place}.ffconcat"
        rate = stage.plan.frame_rate
        words = layer_input(layer, part.first_frame, part.frames, rate, script)
        if words:
            layers.append((count, layer))
            inputs += words
            count += 1
    graph.append(overlay_filters(base, layers, "v"))
    # A window that moves much makes the filters longer than a command line may be.
    script = folder / f"part-{number:04d}.graph"
    script.write_text(";\n".join(graph), encoding="utf-8")
    name = f"part-{number:04d}.mp4"
    return Command(
        arguments=[
            *inputs,
            *("-/filter_complex", script.name),
            *("-map", "[v]", *encoder, "-f", "mp4", name),
        ],
        folder=folder,
        frames=part.frames,
        target=target,
        source=part.media.path,
        message=f"Rendering cut {number + 1} of {len(stage.plan.parts)}",
        results=(name,),
    )


def _framed(stage: Stage, number: int, part: Part, source: int, result: str) -> str:
    """The filters from an input to the pictures of a part in the size of the short."""
    rate = stage.plan.frame_rate
    shown = f"{result}_source"
    framed = layout_filters(
        stage.framings[part.media],
        stage.look.layout,
        stage.cameras[number],
        origin=part.begin,
        frame_rate=rate,
        frames=part.frames,
        in_matrix=matrix_of(part.media.video),
        source=shown,
        result=result,
    )
    return f"{source_filters(part, source, rate, shown)};{framed}"


def _card_command(
    stage: Stage, name: str, text: str, frames: int, encoder: Sequence[str], like: Command
) -> Command:
    picture = draw_card(text, like.folder / f"{name}.png", size=stage.size)
    written = f"{name}.mp4"
    words = card_words(picture.name, frames, stage.plan.frame_rate)
    return Command(
        arguments=[*words, "-map", "[v]", *encoder, "-f", "mp4", written],
        folder=like.folder,
        frames=frames,
        target=like.target,
        message="Drawing the cards",
        results=(written,),
    )


def _children_at_once() -> int:
    """Two children keep two cores busy while one of them starts or ends; more serve more cores."""
    return max(2, min(4, (os.cpu_count() or 1) // 4))
