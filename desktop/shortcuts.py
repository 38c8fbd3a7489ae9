"""All commands of the window, their keys, and the actions that they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from core.errors import UsageError
from desktop.i18n import tr
from desktop.settings import SettingsStore
from desktop.widgets import with_keys

_PORTABLE = QKeySequence.SequenceFormat.PortableText
_NATIVE = QKeySequence.SequenceFormat.NativeText


@dataclass(frozen=True)
class Command:
    """Something that the user can do by keys.

    Attributes:
        name: How the code calls it.
        group: Which part of the window it belongs to, in the language of the window.
        text: What it does, in the language of the window.
        keys: The default keys as portable texts of ``QKeySequence``; any of them will do.
        repeats: Holding the keys does it again and again.
    """

    name: str
    group: str
    text: str
    keys: tuple[str, ...]
    repeats: bool = False


def commands() -> tuple[Command, ...]:
    """All commands, group by group, with texts in the present language."""
    return (
        *_file_commands(tr("File")),
        *_edit_commands(tr("Edit")),
        *_play_commands(tr("Play")),
        *_cut_commands(tr("Cut")),
        *_window_commands(tr("Window of the short")),
        *_suggestion_commands(tr("Suggestions")),
        *_view_commands(tr("View")),
    )


def _file_commands(group: str) -> Iterable[Command]:
    yield Command("project.new", group, tr("New project"), ("Ctrl+N",))
    yield Command("project.open", group, tr("Open a video or a project"), ("Ctrl+O",))
    yield Command("project.add-video", group, tr("Add a video to the project"), ("Ctrl+Shift+O",))
    yield Command("project.save", group, tr("Save the project"), ("Ctrl+S",))
    yield Command(
        "project.save-as", group, tr("Save the project under another name"), ("Ctrl+Shift+S",)
    )
    yield Command("export", group, tr("Export the short"), ("Ctrl+E",))
    yield Command("analyse", group, tr("Analyse the video"), ("Ctrl+R",))
    yield Command("cancel", group, tr("Cancel what is going on"), ("Esc",))
    yield Command("learning", group, tr("What was learned from you"), ("Ctrl+I",))
    yield Command("preferences", group, tr("Preferences"), ("Ctrl+,",))
    yield Command("shortcuts", group, tr("Keyboard shortcuts"), ("F1",))
    yield Command("quit", group, tr("Quit"), ("Ctrl+Q",))


def _edit_commands(group: str) -> Iterable[Command]:
    yield Command("undo", group, tr("Undo"), ("Ctrl+Z",), repeats=True)
    yield Command("redo", group, tr("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), repeats=True)
    yield Command("select-all", group, tr("Select all cuts"), ("Ctrl+A",))
    yield Command("select-none", group, tr("Select nothing"), ("Ctrl+Shift+A",))
    yield Command("history", group, tr("Show the history"), ("Ctrl+H",))
    yield Command("captions", group, tr("Show the captions"), ("Ctrl+T",))


def _play_commands(group: str) -> Iterable[Command]:
    yield Command("play", group, tr("Play or pause"), ("Space",))
    yield Command("shuttle-back", group, tr("Play backwards, faster each time"), ("J",))
    yield Command("pause", group, tr("Pause"), ("K",))
    yield Command("shuttle-on", group, tr("Play, faster each time"), ("L",))
    yield Command("frame-back", group, tr("One frame back"), ("Left",), repeats=True)
    yield Command("frame-on", group, tr("One frame on"), ("Right",), repeats=True)
    yield Command("second-back", group, tr("One second back"), ("Shift+Left",), repeats=True)
    yield Command("second-on", group, tr("One second on"), ("Shift+Right",), repeats=True)
    yield Command("begin", group, tr("To the begin"), ("Home",))
    yield Command("end", group, tr("To the end"), ("End",))
    yield Command("previous-cut", group, tr("To the previous cut"), ("Up",), repeats=True)
    yield Command("next-cut", group, tr("To the next cut"), ("Down",), repeats=True)
    yield Command("play-short", group, tr("Play only the short"), ("Shift+Space",))
    yield Command("loop-cut", group, tr("Play the cut again and again"), ("Ctrl+L",))
    yield Command("slower", group, tr("Slower"), ("[",), repeats=True)
    yield Command("faster", group, tr("Faster"), ("]",), repeats=True)


def _cut_commands(group: str) -> Iterable[Command]:
    yield Command("cut.begin", group, tr("The cut begins here"), ("I",))
    yield Command("cut.end", group, tr("The cut ends here"), ("O",))
    yield Command("cut.add", group, tr("Add a cut here"), ("C",))
    yield Command("cut.split", group, tr("Split the cut"), ("S",))
    yield Command("cut.delete", group, tr("Delete the cut"), ("Del", "Backspace"))
    yield Command("cut.duplicate", group, tr("Duplicate the cut"), ("Ctrl+D",))
    yield Command("cut.merge", group, tr("Merge neighbouring cuts"), ("Ctrl+M",))
    yield Command("cut.lock", group, tr("Lock or unlock the cut"), ("Ctrl+Shift+L",))
    yield Command("cut.keep", group, tr("Keep the cut"), ("P",))
    yield Command("cut.maybe", group, tr("Mark the cut as a maybe"), ("U",))
    yield Command("cut.reject", group, tr("Reject the cut"), ("X",))
    yield Command(
        "cut.begin-earlier", group, tr("Begin one frame earlier"), ("Ctrl+Left",), repeats=True
    )
    yield Command(
        "cut.begin-later", group, tr("Begin one frame later"), ("Ctrl+Right",), repeats=True
    )
    yield Command(
        "cut.end-earlier", group, tr("End one frame earlier"), ("Alt+Left",), repeats=True
    )
    yield Command("cut.end-later", group, tr("End one frame later"), ("Alt+Right",), repeats=True)
    yield Command(
        "cut.earlier",
        group,
        tr("Move the cut one frame earlier in the video"),
        (",",),
        repeats=True,
    )
    yield Command(
        "cut.later", group, tr("Move the cut one frame later in the video"), (".",), repeats=True
    )
    yield Command("cut.up", group, tr("Play the cut earlier in the short"), ("Ctrl+Up",))
    yield Command("cut.down", group, tr("Play the cut later in the short"), ("Ctrl+Down",))


def _window_commands(group: str) -> Iterable[Command]:
    move = "Ctrl+Alt+"
    yield Command("window.left", group, tr("Move it left"), (f"{move}Left",), repeats=True)
    yield Command("window.right", group, tr("Move it right"), (f"{move}Right",), repeats=True)
    yield Command("window.up", group, tr("Move it up"), (f"{move}Up",), repeats=True)
    yield Command("window.down", group, tr("Move it down"), (f"{move}Down",), repeats=True)
    yield Command("window.closer", group, tr("Closer"), (f"{move}+", f"{move}="), repeats=True)
    yield Command("window.wider", group, tr("Wider"), (f"{move}-",), repeats=True)
    yield Command("window.follow", group, tr("Follow the subject in the cut"), ("F",))
    yield Command("window.remove-keyframe", group, tr("Remove the keyframe"), ("Shift+K",))
    yield Command("window.reset", group, tr("Forget all keyframes of the cut"), ("Ctrl+Shift+K",))


def _suggestion_commands(group: str) -> Iterable[Command]:
    yield Command("suggest-again", group, tr("Suggest cuts again"), ("Ctrl+Shift+R",))
    yield Command(
        "emotion", group, tr("Correct the emotion of the marked stretch"), ("Ctrl+Shift+E",)
    )


def _view_commands(group: str) -> Iterable[Command]:
    yield Command("full-screen", group, tr("Full screen"), ("F11",))
    yield Command("safe-area", group, tr("Show the safe area"), ("G",))
    yield Command("snapping", group, tr("Snap to what is near"), ("N",))
    yield Command("zoom-in", group, tr("Zoom in"), ("+", "="), repeats=True)
    yield Command("zoom-out", group, tr("Zoom out"), ("-",), repeats=True)
    yield Command("zoom-all", group, tr("Zoom to the whole video"), ("0",))
    yield Command("zoom-cut", group, tr("Zoom to the cut"), ("Z",))
    yield Command("zoom-frames", group, tr("Zoom to single frames"), ("Shift+Z",))


def native_text(keys: str) -> str:
    """How this machine writes keys."""
    return QKeySequence(keys, _PORTABLE).toString(_NATIVE)


class Shortcuts(QObject):
    """The actions of all commands with the keys that the user gave them.

    No two commands ever have the same keys: keys that the user gave to a command are missing from
    the one that has them by default. Texts are in the language of the time when this was made.

    Args:
        store: Where the keys that differ from the defaults are kept.
        parent: Owner.

    Signals:
        changed: A command has other keys: its name.
    """

    changed = Signal(str)

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._commands = {command.name: command for command in commands()}
        self._keys = self._resolved(store.current.shortcuts)
        self._actions = {name: self._made(command) for name, command in self._commands.items()}
        store.changed.connect(self._follow)

    def commands(self) -> tuple[Command, ...]:
        """All commands, group by group."""
        return tuple(self._commands.values())

    def action(self, name: str) -> QAction:
        """The action of a command; it acts when it was added to the window."""
        return self._actions[name]

    def actions(self) -> list[QAction]:
        """All actions."""
        return list(self._actions.values())

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of a command as portable texts."""
        return self._keys[name]

    def shown_keys(self, name: str) -> str:
        """The keys of a command as this machine writes them, empty if it has none."""
        return " / ".join(native_text(keys) for keys in self._keys[name])

    def tip(self, name: str, text: str = "") -> str:
        """A tooltip: what is done, by default in the command's words, and the keys for it."""
        return with_keys(text or self._commands[name].text, self.shown_keys(name))

    def is_default(self, name: str) -> bool:
        """Whether a command has the keys that it came with."""
        return self._keys[name] == self._commands[name].keys

    def conflict(self, keys: str | Collection[str], name: str) -> str | None:
        """The command, other than this one, that has one of these keys already."""
        wanted = set(_normalised((keys,) if isinstance(keys, str) else keys))
        for other, theirs in self._keys.items():
            if other != name and not wanted.isdisjoint(theirs):
                return other
        return None

    def default_holder(self, name: str) -> str | None:
        """The other command that has one of the keys that this one came with."""
        return self.conflict(self._commands[name].keys, name)

    def rebind(self, name: str, keys: Collection[str], *, steal: bool = False) -> None:
        """Gives a command other keys.

        Args:
            name: The command.
            keys: Portable texts, one key with modifiers each; none to leave it without keys.
            steal: Take them from the commands that have them.

        Raises:
            UsageError: A text names no key, or, unless ``steal``, another command has it.
        """
        wanted = _normalised(keys)
        holder = self.conflict(wanted, name)
        if holder is not None and not steal:
            raise UsageError(
                f"the keys are those of {holder!r} already",
                remedy="Choose others, or take them from it.",
            )
        chosen = {
            other: tuple(key for key in theirs if key not in wanted)
            for other, theirs in self._store.current.shortcuts.items()
        }
        chosen[name] = wanted
        self._keep(chosen)

    def reset(self, name: str, *, steal: bool = False) -> None:
        """Gives a command the keys that it came with.

        Raises:
            UsageError: Another command has them, and ``steal`` is false.
        """
        self.rebind(name, self._commands[name].keys, steal=steal)

    def reset_all(self) -> None:
        """Gives all commands the keys that they came with."""
        self._store.change(shortcuts={})

    def _keep(self, chosen: Mapping[str, tuple[str, ...]]) -> None:
        self._store.change(
            shortcuts={
                name: keys
                for name, keys in chosen.items()
                if name not in self._commands or keys != self._commands[name].keys
            }
        )

    def _made(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setAutoRepeat(command.repeats)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self._show(command.name, action)
        return action

    def _show(self, name: str, action: QAction) -> None:
        action.setShortcuts([QKeySequence(keys, _PORTABLE) for keys in self._keys[name]])
        action.setToolTip(self.tip(name))

    def _follow(self, fields: frozenset[str]) -> None:
        if "shortcuts" not in fields:
            return
        before, self._keys = self._keys, self._resolved(self._store.current.shortcuts)
        different = [name for name, keys in self._keys.items() if keys != before[name]]
        for name in different:
            self._show(name, self._actions[name])
        for name in different:
            self.changed.emit(name)

    def _resolved(self, chosen: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """The keys of all commands: what was chosen first, then the defaults that are free."""
        taken: set[str] = set()
        keys: dict[str, tuple[str, ...]] = {}
        for name in sorted(self._commands, key=lambda name: name not in chosen):
            wanted = self._commands[name].keys
            if name in chosen:
                wanted = tuple(key for key in map(_normal, chosen[name]) if key)
            keys[name] = tuple(dict.fromkeys(key for key in wanted if key not in taken))
            taken.update(keys[name])
        return {name: keys[name] for name in self._commands}


def _normal(keys: str) -> str:
    """The one spelling of keys; empty if they are none."""
    sequence = QKeySequence(keys, _PORTABLE)
    return sequence.toString(_PORTABLE) if sequence.count() == 1 else ""


def _normalised(keys: Iterable[str]) -> tuple[str, ...]:
    normal = tuple(dict.fromkeys(_normal(key) for key in keys))
    if "" in normal:
        raise UsageError("there is no such key", remedy='Name it as in "Ctrl+Shift+Z".')
    return normal
