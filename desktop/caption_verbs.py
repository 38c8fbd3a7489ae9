"""The verbs of captions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from fractions import Fraction

from core.export.captions.caption import Caption, Captions
from core.project import caption_editing
from core.project.document import Project
from core.time import Span
from desktop.edits import Edits
from desktop.i18n import tr


class CaptionVerbs(Edits):
    """Edits of the captions of the video on show, which are known by their number."""

    @property
    def captions(self) -> Captions:
        """What is said in the video on show."""
        medium = self.project.medium(self.medium)
        return () if medium is None else medium.captions

    def replace_captions(self, text: str, medium: str, captions: Iterable[Caption]) -> bool:
        """Puts captions of any video in place of all that it had.

        Args:
            text: Name of the edit.
            medium: Identifier of the video; it need not be on show any more.
            captions: In any order.

        Returns:
            Whether something has changed.
        """
        return self.attempt(text, lambda p: caption_editing.replace_captions(p, medium, captions))

    def edit_caption(self, number: int, text: str) -> bool:
        """Changes the text of a caption; says whether something has changed."""
        return self.attempt(
            tr("Edit caption"),
            lambda p: caption_editing.edit_caption_text(p, self.medium, number, text),
        )

    def retime_caption(self, number: int, span: Span, *, gesture: str = "") -> int:
        """Changes when a caption is shown.

        Args:
            number: The caption.
            span: When it is shown, in media time.
            gesture: As :meth:`new_gesture` gave it where this is one step of a drag.

        Returns:
            The number that the caption has now; it changes where it passes others.
        """
        return self._numbered(
            tr("Retime caption"),
            lambda p: caption_editing.retime_caption(p, self.medium, number, span),
            number,
            gesture,
        )

    def add_caption(self, caption: Caption) -> int:
        """Adds a caption; gives its number, -1 if that is not possible."""
        return self._numbered(
            tr("Add caption"), lambda p: caption_editing.add_caption(p, self.medium, caption), -1
        )

    def split_caption(
        self,
        number: int,
        *,
        seconds: Fraction | None = None,
        place: int | None = None,
        text: str | None = None,
    ) -> bool:
        """Makes two captions of one, at a time or at a place of its text.

        Args:
            number: The caption.
            seconds: When the second one begins; None for the begin of its first word.
            place: How many characters the first one keeps; None for what is said until then.
            text: What the caption says from now on, as it was typed before it is split.

        Returns:
            Whether something has changed.
        """

        def split(project: Project) -> Project:
            if text is not None:
                project = caption_editing.edit_caption_text(project, self.medium, number, text)
            return caption_editing.split_caption(
                project, self.medium, number, seconds=seconds, place=place
            )

        return self.attempt(tr("Split caption"), split)

    def merge_captions(self, numbers: Collection[int]) -> bool:
        """Makes one caption of neighbours; says whether something has changed."""
        return self.attempt(
            tr("Merge captions"),
            lambda p: caption_editing.merge_captions(p, self.medium, numbers),
        )

    def delete_captions(self, numbers: Collection[int]) -> bool:
        """Removes captions; says whether something has changed."""
        return self.attempt(
            tr("Delete captions"),
            lambda p: caption_editing.delete_captions(p, self.medium, numbers),
        )

    def _numbered(
        self,
        text: str,
        edit: Callable[[Project], tuple[Project, int]],
        otherwise: int,
        gesture: str = "",
    ) -> int:
        made = otherwise

        def made_and_numbered(project: Project) -> Project:
            nonlocal made
            project, made = edit(project)
            return project

        done = self.attempt(text, made_and_numbered, gesture)
        return made if done else otherwise
