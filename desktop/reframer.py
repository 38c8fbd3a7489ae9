"""The window of the short over the picture: shown as it will be exported, moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from core.export.camera import Camera, Keyframe, window_at, window_rectangle
from core.export.framing import frame_pictures
from core.export.layout import complete_cameras
from core.project.document import EditedCut
from desktop.editor import Editor
from desktop.i18n import tr
from desktop.jobs.job import JobSlot
from desktop.jobs.work import follow_in_clip
from desktop.player.player import Player
from desktop.player.video_view import VideoView, Window
from desktop.timeline.drag_keys import DragKeys

_ZOOM_STEP = 1.08
_MOST_ZOOM = 8.0

Followed = tuple[str, Fraction, Fraction, str, str]


@dataclass(frozen=True)
class _Drag:
    """A window in the hand: of which cut, where it was, and the camera that cut had."""

    identifier: str
    place: Keyframe
    camera: Camera
    gesture: str


class Reframer(QObject):
    """Shows where the window of the cut at the playhead is, and puts keyframes where it is moved.

    Args:
        editor: The document.
        player: Says where the playhead is.
        view: Shows the window, and is dragged upon.
        occupied: Whether the machine has other long work: subjects are then looked for only if
            somebody asks for it.
        parent: Owner.

    Signals:
        began: The subject of a cut is being looked for.
        progressed: The fraction that is done, and what is being done.
        ended: Nothing is being looked for any more.
        failed: A message and its report.
    """

    began = Signal()
    progressed = Signal(float, str)
    ended = Signal()
    failed = Signal(str, str)

    def __init__(
        self,
        editor: Editor,
        player: Player,
        view: VideoView,
        occupied: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._player = player
        self._view = view
        self._occupied = occupied
        self._following = JobSlot(self)
        self._followed: dict[Followed, tuple[Camera, ...]] = {}
        self._looked_for: Followed | None = None
        self._asked_for = False
        self._closed = False
        self._dragged: _Drag | None = None
        self._keys = DragKeys(self)
        self._keys.cancelled.connect(self._take_back)
        player.moved.connect(self._show)
        editor.project_changed.connect(self._show)
        editor.selection_changed.connect(self._show)
        editor.media_changed.connect(self._show)
        view.window_grabbed.connect(self._grab)
        view.window_dragged.connect(self._drag)
        view.window_released.connect(self._release)
        view.window_zoomed.connect(self._zoom)

    def cut(self) -> EditedCut | None:
        """The cut that the playhead is in: a selected one rather than another."""
        here, medium = self._now(), self._editor.medium
        inside = [
            edited
            for edited in self._editor.project.short
            if edited.medium == medium and edited.span.start <= here < edited.span.end
        ]
        chosen = (edited for edited in inside if edited.identifier in self._editor.selection)
        return next(chosen, inside[0] if inside else None)

    def move(self, right: float, down: float) -> None:
        """Moves the window from where it is, by fractions of the picture."""
        edited = self.cut()
        if edited is None or not self._movable(edited):
            self._say_why_not(edited)
            return
        old = window_at(self._camera(edited), self._now())
        self._put(edited, replace(old, x=old.x + right, y=old.y + down), self._nudge(edited))

    def zoom(self, steps: float) -> None:
        """Makes the window smaller by steps; larger where they are negative."""
        edited = self.cut()
        if edited is None or not self._movable(edited):
            self._say_why_not(edited)
            return
        old = window_at(self._camera(edited), self._now())
        zoom = min(max(1.0, old.zoom * _ZOOM_STEP**steps), _MOST_ZOOM)
        if zoom != old.zoom:
            self._put(edited, replace(old, zoom=zoom), self._nudge(edited))

    def remove_keyframe(self) -> None:
        """Removes the keyframe that is nearest before the playhead."""
        edited = self.cut()
        times = [one.time for one in edited.camera] if edited is not None else []
        before = [time for time in times if time <= self._now()] or times[:1]
        if edited is None or not before:
            self._editor.problem.emit(tr("There is no keyframe here."))
            return
        self._editor.remove_keyframe(edited.identifier, before[-1])

    def reset(self) -> None:
        """Leaves the window of the selected cuts to the look of the short."""
        here = self.cut()
        chosen = self._editor.selection or ((here.identifier,) if here is not None else ())
        if chosen:
            self._editor.clear_camera(chosen)

    def follow(self) -> None:
        """Looks for the subject of the cut, and makes keyframes of its way."""
        edited = self.cut() or self._editor.selected_cut()
        if edited is None or not self._movable(edited):
            self._say_why_not(edited)
            return
        self._look_for(edited, keep=True)

    def cancel(self) -> None:
        """Stops looking for a subject."""
        self._following.cancel()

    def close(self) -> None:
        """Stops looking for a subject and waits for its end."""
        self._closed = True
        self._release()
        self._following.close()

    def _now(self) -> Fraction:
        seconds = Fraction(self._player.position)
        frames = self._editor.frames
        return seconds if frames is None else frames.shown(seconds)

    def _movable(self, edited: EditedCut) -> bool:
        look = self._editor.project.wishes.look
        return look.layout == "fill" and not edited.locked and not self._editor.read_only

    def _say_why_not(self, edited: EditedCut | None) -> None:
        if edited is None:
            self._editor.problem.emit(tr("Put the playhead into a cut to move its window."))
        elif self._editor.read_only:
            self._editor.problem.emit(
                tr("This project is open in another window. Save it under another name to edit it.")
            )
        elif edited.locked:
            self._editor.problem.emit(tr("This cut is locked."))
        else:
            self._editor.problem.emit(tr("Only the layout that fills the picture has one window."))

    def _show(self) -> None:
        info = self._editor.info
        if info is None:
            self._view.set_windows(())
            return
        look = self._editor.project.wishes.look
        edited = self.cut()
        quiet = not self._player.playing and not self._occupied()
        if look.follow and edited is not None and not edited.camera and quiet:
            self._look_for(edited, keep=False)
        cameras = self._cameras(edited)
        windows: list[Window] = []
        if look.layout in ("fill", "split") and (look.aspect != "source" or any(cameras)):
            now = self._now()
            [framing] = frame_pictures([info.video], look.aspect, layout=look.layout)
            windows = [
                window_rectangle(info.video, look.aspect, window_at(camera, now), look.layout)
                for camera in complete_cameras(framing, look.layout, cameras)
            ]
        self._view.set_windows(windows, movable=edited is not None and self._movable(edited))

    def _cameras(self, edited: EditedCut | None) -> tuple[Camera, ...]:
        """Where each window of the layout is: by hand, by its subject, or at rest."""
        look = self._editor.project.wishes.look
        followed: tuple[Camera, ...] = ()
        if edited is not None and look.follow:
            followed = self._followed.get(self._key(edited), ())
        if edited is not None and edited.camera and look.layout == "fill":
            return (edited.camera,)
        return followed

    def _camera(self, edited: EditedCut) -> Camera:
        return next(iter(self._cameras(edited)), ())

    def _key(self, edited: EditedCut) -> Followed:
        look = self._editor.project.wishes.look
        return edited.medium, edited.span.start, edited.span.end, look.aspect, look.layout

    def _look_for(self, edited: EditedCut, *, keep: bool) -> None:
        """Looks for the subject of a cut, unless that is known or under way.

        Args:
            edited: The cut.
            keep: Whether its way becomes keyframes.
        """
        key = self._key(edited)
        known = self._followed.get(key)
        if known and keep:
            self._editor.set_camera(edited.identifier, known[0])
        if known or (known is not None and not keep):
            return
        if not keep and (key == self._looked_for or self._asked_for):
            return
        info = self._editor.infos.get(edited.medium)
        if info is None:
            return
        look = self._editor.project.wishes.look
        self._looked_for, self._asked_for = key, keep
        job = self._following.start(follow_in_clip(info, edited.span, look.aspect, look.layout))
        job.succeeded.connect(lambda cameras: self._found(key, cameras, edited.identifier, keep))
        job.failed.connect(self.failed)
        # What could not be found once is not looked for again with every move of the playhead.
        job.failed.connect(lambda *_: self._followed.setdefault(key, ()))
        job.stopped.connect(lambda: self._followed.setdefault(key, ()))
        job.finished.connect(self._ended)
        if keep:
            job.progressed.connect(self.progressed)
            self.began.emit()
        job.start()

    def _found(
        self, key: Followed, cameras: tuple[Camera, ...], identifier: str, keep: bool
    ) -> None:
        self._followed[key] = cameras
        edited = self._editor.project.find(identifier)
        if keep and edited is not None and self._key(edited) == key:
            self._editor.set_camera(identifier, cameras[0])
        self._show()

    def _ended(self) -> None:
        if not self._following.busy:
            self._looked_for, self._asked_for = None, False
            self.ended.emit()
            if not self._closed:
                self._show()

    def _grab(self) -> None:
        edited = self.cut()
        if edited is not None:
            self._player.pause()
            place = window_at(self._camera(edited), self._now())
            self._dragged = _Drag(
                edited.identifier, place, edited.camera, self._editor.new_gesture()
            )
            self._keys.start()

    def _drag(self, right: float, down: float) -> None:
        edited, dragged = self.cut(), self._dragged
        # With the playhead in another cut by now, that one is not what the hand holds.
        if edited is not None and dragged is not None and edited.identifier == dragged.identifier:
            place = dragged.place
            moved = replace(place, x=place.x + right, y=place.y + down)
            self._put(edited, moved, dragged.gesture)

    def _release(self) -> None:
        self._keys.stop()
        self._dragged = None

    def _take_back(self) -> None:
        """Escape in the middle of a drag: the window is where it was."""
        dragged = self._dragged
        self._view.let_go()
        if dragged is not None and self._editor.project.find(dragged.identifier) is not None:
            self._editor.set_camera(dragged.identifier, dragged.camera, gesture=dragged.gesture)

    def _zoom(self, steps: float) -> None:
        self._player.pause()
        self.zoom(steps)

    def _nudge(self, edited: EditedCut) -> str:
        """Steps by keys and wheel at one frame of a cut are undone together."""
        return f"window {edited.identifier} {self._now()}"

    def _put(self, edited: EditedCut, place: Keyframe, gesture: str) -> None:
        """Puts a keyframe where the window can be: what was pushed over the edge is not kept."""
        info = self._editor.info
        if info is None:
            return
        aspect = self._editor.project.wishes.look.aspect
        left, top, width, height = window_rectangle(info.video, aspect, place)
        keyframe = replace(place, time=self._now(), x=left + width / 2, y=top + height / 2)
        self._editor.put_keyframe(edited.identifier, keyframe, gesture=gesture)
