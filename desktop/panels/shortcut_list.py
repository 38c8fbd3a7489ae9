"""All commands with their keys: to be searched, and changed by pressing other keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.i18n import tr
from desktop.shortcuts import Shortcuts, native_text
from desktop.widgets import label, push_button

_NAME = Qt.ItemDataRole.UserRole
_PORTABLE = QKeySequence.SequenceFormat.PortableText


class ShortcutList(QWidget):
    """A searchable list by group; below it the keys of the chosen command can be changed.

    Keys that another command has are not taken before the user says so.
    """

    def __init__(self, shortcuts: Shortcuts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shortcuts = shortcuts
        self._texts = {command.name: command.text for command in shortcuts.commands()}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._take_over: Callable[[], None] | None = None
        self.search = QLineEdit(placeholderText=tr("Search a command or its keys"))
        self.search.setAccessibleName(tr("Search a command or its keys"))
        self.search.setClearButtonEnabled(True)
        self.list = QTreeWidget()
        self.list.setAccessibleName(tr("Commands and their keys"))
        self.list.setHeaderLabels([tr("Command"), tr("Keys")])
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.command = QLabel()
        self.command.setWordWrap(True)
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName(tr("Press the new keys"))
        self.keys.setToolTip(tr("Click here and press the new keys"))
        self.remove = push_button(tr("No keys"), tr("Leave the command without keys"))
        self.reset = push_button(tr("Reset"), tr("Give the command the keys that it came with"))
        self.reset_all = push_button(
            tr("Reset all"), tr("Give all commands the keys that they came with")
        )
        self.conflict = label(role="problem", wrap=True)
        self.take_over = push_button(
            tr("Take it over"), tr("Take the keys from the command that has them")
        )
        # The list keeps its height when a question comes and goes.
        policy = self.take_over.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.take_over.setSizePolicy(policy)
        self._fill()
        self._compose()
        self._connect()
        self.list.setCurrentItem(next(iter(self._items.values())))
        self._choose()

    def _fill(self) -> None:
        group: QTreeWidgetItem | None = None
        for command in self._shortcuts.commands():
            if group is None or group.text(0) != command.group:
                group = QTreeWidgetItem(self.list, [command.group])
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setFirstColumnSpanned(True)
                font = group.font(0)
                font.setBold(True)
                group.setFont(0, font)
            item = QTreeWidgetItem(group, [command.text])
            item.setData(0, _NAME, command.name)
            self._items[command.name] = item
            self._groups[command.name] = group
            self._show(command.name)
        self.list.expandAll()

    def _compose(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACING)
        top.addWidget(self.search, 1)
        top.addWidget(self.reset_all)
        change = QHBoxLayout()
        change.setSpacing(theme.SPACING)
        change.addWidget(self.command, 1)
        for widget in (self.keys, self.remove, self.reset):
            change.addWidget(widget)
        asking = QHBoxLayout()
        asking.setSpacing(theme.SPACING)
        asking.addWidget(self.conflict, 1)
        asking.addWidget(self.take_over)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(change)
        column.addLayout(asking)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemClicked.connect(self._record)
        self.list.itemActivated.connect(self._record)
        self.keys.editingFinished.connect(self._recorded)
        self.remove.clicked.connect(self._remove)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._shortcuts.reset_all)
        self.take_over.clicked.connect(self._steal)
        self._shortcuts.changed.connect(self._changed)

    @property
    def chosen(self) -> str:
        """The name of the command whose keys can be changed, empty if none is."""
        item = self.list.currentItem()
        return str(item.data(0, _NAME) or "") if item is not None else ""

    def choose(self, name: str) -> None:
        """Shows a command, so that its keys can be changed."""
        self.search.clear()
        self.list.setCurrentItem(self._items[name])
        self.list.scrollToItem(self._items[name])

    def _show(self, name: str) -> None:
        item = self._items[name]
        item.setText(1, self._shortcuts.shown_keys(name))
        font = item.font(1)
        font.setBold(not self._shortcuts.is_default(name))
        item.setFont(1, font)

    def _changed(self, name: str) -> None:
        self._show(name)
        self._filter()
        self._choose()

    def _choose(self) -> None:
        name = self.chosen
        self.command.setText(self._texts.get(name, tr("Choose a command.")))
        keys = self._shortcuts.keys(name) if name else ()
        with QSignalBlocker(self.keys):
            self.keys.setKeySequence(QKeySequence(keys[0] if keys else "", _PORTABLE))
        self.keys.setEnabled(bool(name))
        self.remove.setEnabled(bool(keys))
        self.reset.setEnabled(bool(name) and not self._shortcuts.is_default(name))
        self._ask(None, "")

    def _record(self) -> None:
        if self.chosen:
            self.keys.setFocus()

    def _recorded(self) -> None:
        name, keys = self.chosen, self.keys.keySequence().toString(_PORTABLE)
        if not name or not keys or keys in self._shortcuts.keys(name):
            self._choose()
            return
        holder = self._shortcuts.conflict(keys, name)
        if holder is None:
            self._shortcuts.rebind(name, [keys])
            return
        self._ask(
            lambda: self._shortcuts.rebind(name, [keys], steal=True),
            tr(
                "{keys} belongs to “{command}”.",
                keys=native_text(keys),
                command=self._texts[holder],
            ),
        )

    def _remove(self) -> None:
        self._shortcuts.rebind(self.chosen, [])

    def _reset(self) -> None:
        name = self.chosen
        holder = self._shortcuts.default_holder(name)
        if holder is None:
            self._shortcuts.reset(name)
            return
        self._ask(
            lambda: self._shortcuts.reset(name, steal=True),
            tr("“{command}” has these keys now.", command=self._texts[holder]),
        )

    def _steal(self) -> None:
        if self._take_over is not None:
            self._take_over()
            self.list.setFocus()

    def _ask(self, take_over: Callable[[], None] | None, question: str) -> None:
        self._take_over = take_over
        self.conflict.setText(question)
        self.take_over.setVisible(take_over is not None)
        if take_over is not None:
            self.take_over.setFocus()

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        fitting: set[str] = set()
        for name, item in self._items.items():
            group = self._groups[name]
            text = f"{group.text(0)} {item.text(0)} {item.text(1)}".casefold()
            fits = all(word in text for word in words)
            item.setHidden(not fits)
            if fits:
                fitting.add(group.text(0))
        for group in self._groups.values():
            group.setHidden(group.text(0) not in fitting)
