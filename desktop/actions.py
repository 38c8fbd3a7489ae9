"""Which command does what: binds the actions of the window to its parts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from core.project.document import Decision
from desktop.i18n import tr

if TYPE_CHECKING:
    from desktop.main_window import MainWindow

_WINDOW_STEP = 0.01
"""Part of the picture by which keys move the window of the short."""


def bind(window: MainWindow) -> None:
    """Lets every command of the window do its work."""
    for name, act in (
        *_file_actions(window),
        *_play_actions(window),
        *_cut_actions(window),
        *_window_actions(window),
        *_view_actions(window),
    ):
        window.shortcuts.action(name).triggered.connect(lambda checked=False, act=act: act())
    window.addActions(window.shortcuts.actions())


Actions = list[tuple[str, Callable[[], object]]]


def _file_actions(window: MainWindow) -> Actions:
    stack = window.editor.undo_stack
    return [
        ("project.new", window.new_project),
        ("project.open", window.dialogs.ask_for_file),
        ("project.add-video", window.dialogs.ask_for_video),
        ("project.save", window.save),
        ("project.save-as", window.dialogs.ask_for_project_name),
        ("export", window.show_export),
        ("analyse", window.analyse),
        ("cancel", window.cancel),
        ("learning", window.show_learning),
        ("preferences", window.show_preferences),
        ("shortcuts", lambda: window.show_preferences("shortcuts")),
        ("quit", window.close),
        ("undo", stack.undo),
        ("redo", stack.redo),
        ("history", lambda: window.side.show_tab("history")),
        ("emotion", lambda: window.side.show_tab("emotion")),
        ("captions", lambda: window.side.show_tab("captions")),
    ]


def _play_actions(window: MainWindow) -> Actions:
    player, navigator = window.player, window.navigator
    return [
        ("play", player.toggle),
        ("shuttle-back", lambda: player.shuttle(-1)),
        ("pause", player.pause),
        ("shuttle-on", lambda: player.shuttle(1)),
        ("frame-back", lambda: player.step(-1)),
        ("frame-on", lambda: player.step(1)),
        ("second-back", lambda: navigator.go_by(-1)),
        ("second-on", lambda: navigator.go_by(1)),
        ("begin", lambda: player.seek(0.0)),
        ("end", navigator.go_to_end),
        ("previous-cut", lambda: navigator.jump(-1)),
        ("next-cut", lambda: navigator.jump(1)),
        ("play-short", window.transport.short_only.toggle),
        ("loop-cut", window.transport.loop.toggle),
        ("slower", window.transport.slower),
        ("faster", window.transport.faster),
    ]


def _cut_actions(window: MainWindow) -> Actions:
    editor, player = window.editor, window.player

    def here() -> Fraction:
        return Fraction(player.position)

    def trim(*, begin: bool) -> None:
        if editor.selected_cut() is None:
            window.notices.inform(
                tr(
                    "Select a cut first, then set its begin ({begin}) or its end ({end}).",
                    begin=window.shortcuts.shown_keys("cut.begin"),
                    end=window.shortcuts.shown_keys("cut.end"),
                )
            )
        else:
            editor.trim_cut(editor.selected, here(), begin=begin)

    def add() -> None:
        if editor.mark is not None:
            editor.add_span(editor.mark)
        else:
            editor.add_cut(here())

    def toggle(decision: Decision) -> None:
        editor.toggle(editor.selection, decision)

    def lock() -> None:
        chosen = [c for c in map(editor.project.find, editor.selection) if c is not None]
        editor.lock(editor.selection, not all(c.locked for c in chosen))

    return [
        ("select-all", lambda: editor.set_selection([c.identifier for c in editor.project.short])),
        ("select-none", lambda: editor.select("")),
        ("cut.begin", lambda: trim(begin=True)),
        ("cut.end", lambda: trim(begin=False)),
        ("cut.add", add),
        ("cut.split", lambda: editor.split(here())),
        ("cut.delete", lambda: editor.delete(editor.selection)),
        ("cut.duplicate", lambda: editor.duplicate(editor.selection)),
        ("cut.merge", lambda: editor.merge(editor.selection)),
        ("cut.lock", lock),
        ("cut.keep", lambda: editor.decide(editor.selection, Decision.KEPT)),
        ("cut.maybe", lambda: toggle(Decision.MAYBE)),
        ("cut.reject", lambda: toggle(Decision.REJECTED)),
        ("cut.begin-earlier", lambda: editor.nudge(-1, begin=True, end=False)),
        ("cut.begin-later", lambda: editor.nudge(1, begin=True, end=False)),
        ("cut.end-earlier", lambda: editor.nudge(-1, begin=False, end=True)),
        ("cut.end-later", lambda: editor.nudge(1, begin=False, end=True)),
        ("cut.earlier", lambda: editor.nudge(-1, begin=True, end=True)),
        ("cut.later", lambda: editor.nudge(1, begin=True, end=True)),
        ("cut.up", lambda: editor.shift(editor.selection, -1)),
        ("cut.down", lambda: editor.shift(editor.selection, 1)),
        ("suggest-again", window.analyst.suggest_soon),
    ]


def _window_actions(window: MainWindow) -> Actions:
    reframer = window.reframer
    return [
        ("window.left", lambda: reframer.move(-_WINDOW_STEP, 0)),
        ("window.right", lambda: reframer.move(_WINDOW_STEP, 0)),
        ("window.up", lambda: reframer.move(0, -_WINDOW_STEP)),
        ("window.down", lambda: reframer.move(0, _WINDOW_STEP)),
        ("window.closer", lambda: reframer.zoom(1)),
        ("window.wider", lambda: reframer.zoom(-1)),
        ("window.follow", reframer.follow),
        ("window.remove-keyframe", reframer.remove_keyframe),
        ("window.reset", reframer.reset),
    ]


def _view_actions(window: MainWindow) -> Actions:
    timeline = window.timeline
    return [
        ("full-screen", window.full_screen.toggle),
        ("safe-area", window.transport.safe_area.toggle),
        ("snapping", window.toggle_snapping),
        ("zoom-in", lambda: timeline.zoom(0.5)),
        ("zoom-out", lambda: timeline.zoom(2.0)),
        ("zoom-all", timeline.fit),
        ("zoom-cut", timeline.zoom_to_cut),
        ("zoom-frames", timeline.zoom_to_frames),
    ]
