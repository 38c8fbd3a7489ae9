"""A state of a project as the text of JSON, made anew only where it has changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.export.captions.caption import Caption, Captions
from core.project.caption_parts import caption_to_json
from core.project.document import EditedCut, Medium, Project
from core.project.project_file import FORMAT, VERSION
from core.project.project_parts import (
    check_caption,
    check_captions,
    check_finish,
    edited_cut_to_json,
    medium_head_to_json,
    wishes_to_json,
)

T = TypeVar("T")

_Texts = dict[int, tuple[T, str]]
"""Objects and their texts; they are held here, and so no other object has their id."""


@dataclass(frozen=True)
class _KnownCaptions:
    """The captions of a video and their texts, together and each."""

    captions: Captions
    joined: str
    texts: _Texts[Caption]


class StateText:
    """Writes the states of one project after another; edits share nearly everything.

    Args:
        path: The project's file, for messages.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cuts: _Texts[EditedCut] = {}
        self._captions: dict[int, _KnownCaptions] = {}

    def of(self, project: Project) -> str:
        """A state as JSON in one line, without relative paths.

        Raises:
            ProjectError: A join, a camera or a caption in it could not be read back.
        """
        captions = {id(m.captions): self._of_captions(m) for m in project.media}
        cuts = _texts(project.cuts, self._cuts, self._of_cut)
        self._captions, self._cuts = captions, cuts
        media = ", ".join(
            f"{json.dumps(medium_head_to_json(medium))[:-1]}, "
            f'"captions": [{captions[id(medium.captions)].joined}]}}'
            for medium in project.media
        )
        return (
            f'{{"format": "{FORMAT}", "version": {VERSION}, "media": [{media}], '
            f'"cuts": [{_joined(project.cuts, cuts)}], '
            f'"wishes": {json.dumps(wishes_to_json(project.wishes))}}}'
        )

    def _of_captions(self, medium: Medium) -> _KnownCaptions:
        captions = medium.captions
        known = self._captions.get(id(captions))
        if known is not None:
            return known
        check_captions(medium, self._path)
        before: _Texts[Caption] = {}
        for one in self._captions.values():
            before.update(one.texts)
        texts = _texts(captions, before, self._of_caption)
        return _KnownCaptions(captions, _joined(captions, texts), texts)

    def _of_caption(self, caption: Caption) -> str:
        check_caption(caption, self._path)
        return json.dumps(caption_to_json(caption))

    def _of_cut(self, edited: EditedCut) -> str:
        check_finish(edited, f"the cut at {edited.span}", self._path)
        return json.dumps(edited_cut_to_json(edited))


def _texts(values: Sequence[T], before: _Texts[T], text: Callable[[T], str]) -> _Texts[T]:
    return {id(value): before.get(id(value)) or (value, text(value)) for value in values}


def _joined(values: Sequence[T], texts: _Texts[T]) -> str:
    return ", ".join([texts[id(value)][1] for value in values])
