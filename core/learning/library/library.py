"""The library of corrections: what the editor changed in every project, and what it looked like."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType

from core.learning.library import contents, schema, tracks
from core.learning.library.check import problems_of
from core.learning.library.forgetting import (
    emotion_key,
    forget_projects,
    forget_rows,
    forget_video,
    forgetting,
)
from core.learning.library.records import (
    LibraryVideo,
    ProjectCorrections,
    StoredCorrection,
    VideoFeatures,
)
from core.learning.library.rows import CUT, EMOTION, check_given, plain
from core.learning.library.taking import collect, left_out_videos
from core.places import data_folder
from core.time import Span


def library_file() -> Path:
    """Where the library of this user is."""
    return data_folder() / "learning" / "library.sqlite"


class Library:
    """All corrections of this user, in one file; made by :meth:`open`.

    It belongs to the thread that opened it. Several windows, and several threads with a library of
    their own, may use one file at once: writers wait for each other, and each call is done wholly
    or not at all.

    All methods raise :class:`core.errors.LibraryError` if the file cannot be read or written, or is
    damaged.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @staticmethod
    def open(path: Path | None = None) -> Library:
        """Opens a library, and makes an empty one if there is none.

        Args:
            path: The file; None for that of this user.

        Raises:
            LibraryError: It cannot be opened, is no library, is damaged, or was made by a later
                version of the application. It is left as it is.
        """
        chosen = library_file() if path is None else path
        return Library(chosen, schema.connect(chosen))

    def close(self) -> None:
        """Lets go of the file."""
        self.connection.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def collect(self, corrections: ProjectCorrections) -> int:
        """Takes what a project says now, in place of what it said before.

        What was forgotten stays forgotten until the editor changes it; of videos that are left out
        nothing is taken, and what there is of them stays as it is. What is the same stays
        untouched, with the time of its last change. A video of which only something was watched
        is not kept; where no project says something of one any more, its features go too.

        Args:
            corrections: Of one project.

        Returns:
            How many corrections are new, changed or gone.

        Raises:
            UsageError: The moment has no time zone, a video or a cut is there twice, or a name or
                a time is not possible.
        """
        check_given(corrections)
        with schema.writing(self.connection, self.path) as connection:
            return collect(connection, corrections)

    def keep_features(self, video: str, features: VideoFeatures) -> None:
        """Keeps what training needs of a video, in place of what was kept; not if it is left out.

        Args:
            video: Fingerprint.
            features: The tracks may hold NaN where nothing is known.

        Raises:
            UsageError: The tracks have not all the same cells, or one of them is not made of
                float16, float32 or float64, has no version, or is too large.
        """
        name, packed = plain(video), tracks.pack(features)
        with schema.writing(self.connection, self.path) as connection:
            if name not in left_out_videos(connection):
                tracks.keep(connection, name, features, packed)

    def features(self, video: str) -> VideoFeatures | None:
        """What is kept of a video, just as it was given; None if there is nothing."""
        with schema.reading(self.connection, self.path) as connection:
            return tracks.read(connection, plain(video))

    def has_features(self, video: str) -> Mapping[str, str]:
        """Versions of the tracks that are kept of a video, by their names."""
        with schema.reading(self.connection, self.path) as connection:
            return tracks.versions_of(connection, plain(video))

    def videos(self, profile: str | None = None) -> list[LibraryVideo]:
        """The videos that the library knows, by path.

        Args:
            profile: Counts only what its projects say, and leaves out videos of which they say
                nothing; None for all, with those that are only left out, of which no path is known.
        """
        with schema.reading(self.connection, self.path) as connection:
            return contents.videos(connection, profile)

    def corrections(
        self, profile: str | None = None, video: str | None = None
    ) -> list[StoredCorrection]:
        """All corrections, also those of videos that are left out by now.

        Args:
            profile: Only those that it learns from.
            video: Only those of this fingerprint.

        Returns:
            Cuts, then what is heard; each by project, video and time.
        """
        with schema.reading(self.connection, self.path) as connection:
            return contents.corrections(connection, profile, video and plain(video))

    def seen(
        self, profile: str | None, video: str, *, project: str | None = None
    ) -> tuple[Span, ...]:
        """What the editor has watched of a video, in order, none touching another.

        Args:
            profile: Of the projects that it was watched in; None for all.
            video: Fingerprint.
            project: Only what was watched in this one.
        """
        with schema.reading(self.connection, self.path) as connection:
            return contents.seen(connection, profile, plain(video), project and plain(project))

    def profiles(self) -> list[str]:
        """Names of the profiles that there are corrections for, in order."""
        with schema.reading(self.connection, self.path) as connection:
            return contents.profiles(connection)

    def left_out(self) -> frozenset[str]:
        """Fingerprints of the videos that nothing may be learned from."""
        with schema.reading(self.connection, self.path) as connection:
            return left_out_videos(connection)

    def state(self, profile: str) -> str:
        """A digest of everything that a training of a profile would see.

        That is, of the videos that are not left out: cuts and what is heard, by project; what was
        watched; the durations and the features. It changes if and only if one of these does.
        Where files lie, when something was collected, and in which order, makes no difference.
        """
        with schema.reading(self.connection, self.path) as connection:
            return contents.state(connection, profile)

    def forget(self, project: str, cuts: Collection[str]) -> None:
        """Forgets cuts: nothing of them stays in the file but that they are not to come back.

        Their stretches count as not watched in this project, so that they are not taken for
        something that was left untouched. Videos without corrections go with their features.

        Args:
            project: Path of its file.
            cuts: Identifiers.
        """
        name, chosen = plain(project), {plain(cut) for cut in cuts}
        forgetting(
            self.connection, self.path,
            lambda connection: forget_rows(connection, name, CUT, lambda key: key[1] in chosen),
        )  # fmt: skip

    def forget_emotion(self, project: str, video: str, span: Span) -> None:
        """Forgets what is heard in a stretch, as :meth:`forget` does cuts.

        Args:
            project: Path of its file.
            video: Fingerprint.
            span: Just as it was corrected.
        """
        name, chosen = plain(project), emotion_key(plain(video), span)
        forgetting(
            self.connection, self.path,
            lambda connection: forget_rows(connection, name, EMOTION, lambda key: key == chosen),
        )  # fmt: skip

    def forget_video(self, video: str) -> None:
        """Forgets a video with its features; it is left out until :meth:`leave_out` says else.

        Args:
            video: Fingerprint; that alone stays.
        """
        name = plain(video)
        forgetting(self.connection, self.path, lambda connection: forget_video(connection, name))

    def leave_out(self, video: str, out: bool) -> None:
        """Says whether nothing may be learned from a video.

        What is known of it stays until :meth:`forget_video`, but teaches nothing.

        Args:
            video: Fingerprint.
            out: False to learn from it again.
        """
        with schema.writing(self.connection, self.path) as connection:
            if out:
                connection.execute("INSERT OR IGNORE INTO left_out VALUES (?)", (plain(video),))
            else:
                connection.execute("DELETE FROM left_out WHERE video = ?", (plain(video),))

    def forget_profile(self, profile: str) -> None:
        """Forgets all that the projects of a profile said, as :meth:`forget` does."""
        name = plain(profile)
        forgetting(self.connection, self.path, lambda connection: forget_projects(connection, name))

    def rename_profile(self, profile: str, name: str) -> None:
        """Lets a profile learn from all that the projects of another one said, as its new name."""
        with schema.writing(self.connection, self.path) as connection:
            connection.execute(
                "UPDATE project SET profile = ? WHERE profile = ?", (plain(name), plain(profile))
            )

    def forget_everything(self) -> None:
        """Forgets all corrections and features; videos that are left out stay so."""
        forgetting(self.connection, self.path, lambda connection: forget_projects(connection, None))

    def problems(self) -> list[str]:
        """What is damaged in the file, a sentence each; empty if it is sound."""
        return problems_of(self.connection, self.path)
