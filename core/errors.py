"""One hierarchy of errors; each message says what happened, to which file, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from os import PathLike


class EmotionShortFormError(Exception):
    """A problem that the user can understand and act on.

    Args:
        happened: What went wrong, as a sentence without a full stop.
        path: The file or folder that it happened to.
        remedy: What the user can do about it, as a sentence.
    """

    def __init__(
        self, happened: str, *, path: str | PathLike[str] | None = None, remedy: str = ""
    ) -> None:
        self.happened = happened
        self.path = path
        self.remedy = remedy
        where = f": {path}" if path is not None else ""
        super().__init__(f"{happened}{where}. {remedy}".strip())

    def __reduce__(self) -> tuple[Callable[..., EmotionShortFormError], tuple[str]]:
        """Another process gets the same error."""
        return partial(type(self), path=self.path, remedy=self.remedy), (self.happened,)


class UsageError(EmotionShortFormError):
    """The request itself makes no sense (a negative length, an unknown option)."""


class MediaError(EmotionShortFormError):
    """A video or sound file cannot be opened, read or understood."""


class StoreError(EmotionShortFormError):
    """The analysis store cannot be read or written."""


class ModelError(EmotionShortFormError):
    """Weights are missing, damaged, or made for other features."""


class ConsentNeeded(ModelError):
    """Weights would have to be downloaded, and the user has not agreed to that."""


class CorpusError(EmotionShortFormError):
    """A training corpus is missing, incomplete or damaged."""


class LibraryError(EmotionShortFormError):
    """The library of corrections cannot be read or written."""


class EditRefused(EmotionShortFormError):
    """An edit is not possible, as on a locked cut."""


class ProjectError(EmotionShortFormError):
    """A file with cuts or a project cannot be read or written."""


class ProjectChanged(ProjectError):
    """Something else has changed a project's file since it was read or saved."""


class LaterVersion(ProjectError):
    """A later version of the application made the file; this one must leave it alone."""


class ExportError(EmotionShortFormError):
    """The short cannot be rendered or saved."""


class Cancelled(Exception):
    """Raised inside long work after ``cancelled()`` returned true; not an error."""
