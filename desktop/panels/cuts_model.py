"""The rows of the list of cuts: changed in place, so that a view keeps where it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.project.document import Decision, EditedCut
from desktop.i18n import tr, tr_message

CUT = Qt.ItemDataRole.UserRole
"""The role of a row's :class:`EditedCut`; None for the line above the rejected ones."""

IDENTIFIERS = "application/x-emotion-shortform-cuts"
"""Media type of dragged cuts: their identifiers, a line each."""

_FOLD = ""
_ITEM_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
Index = QModelIndex | QPersistentModelIndex


def decision_name(decision: Decision) -> str:
    """What the editor thinks of a cut, in a word."""
    return {
        Decision.OPEN: tr("undecided"),
        Decision.KEPT: tr("kept"),
        Decision.MAYBE: tr("set aside"),
        Decision.REJECTED: tr("rejected"),
    }[decision]


def length_text(edited: EditedCut) -> str:
    """How long a cut is."""
    return tr("{seconds} s", seconds=f"{float(edited.span.duration):.1f}")


def reasons_text(edited: EditedCut) -> str:
    """Why a cut is worth keeping, as one sentence."""
    # What the curve is made of comes last: it is the least like what people say.
    reasons = sorted(edited.cut.reasons, key=lambda reason: reason.kind == "curve")
    words = "; ".join(tr_message(reason.text) for reason in reasons) or tr("your cut")
    return f"{words[:1].upper()}{words[1:]}."


def cut_text(edited: EditedCut) -> str:
    """A cut in one line: its times, its length, what was decided."""
    parts = [str(edited.span), length_text(edited), decision_name(edited.decision)]
    if edited.locked:
        parts.append(tr("locked"))
    return " · ".join(parts)


class CutsModel(QAbstractListModel):
    """Cuts in playing order, then the rejected ones behind a line that hides or shows them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys: list[str] = []
        self._cuts: dict[str, EditedCut] = {}
        self.rejected = 0
        self.rejected_shown = False

    def sync(self, cuts: Iterable[EditedCut], *, rejected_shown: bool) -> frozenset[str]:
        """Makes the rows those of a project, by inserting, moving and removing what differs.

        Returns:
            Identifiers of the cuts that changed places.
        """
        known = {c.identifier: c for c in cuts}
        keys = [i for i, c in known.items() if c.decision is not Decision.REJECTED]
        rejected = [i for i, c in known.items() if c.decision is Decision.REJECTED]
        if rejected:
            keys += [_FOLD, *(rejected if rejected_shown else ())]
        fold = (self.rejected, self.rejected_shown)
        before, self._cuts = self._cuts, {**self._cuts, **known}
        self.rejected, self.rejected_shown = len(rejected), rejected_shown
        self._remove(set(keys))
        moved = self._arrange(keys)
        self._cuts = known
        for row, key in enumerate(keys):
            same = (
                fold == (len(rejected), rejected_shown)
                if key == _FOLD
                else (before.get(key) == known[key])
            )
            if not same:
                self.dataChanged.emit(self.index(row), self.index(row))
        return moved

    def cut(self, index: Index) -> EditedCut | None:
        """The cut of a row; None for the line above the rejected ones and for no row."""
        return self._cuts.get(self._keys[index.row()]) if index.isValid() else None

    def is_fold(self, index: Index) -> bool:
        """Whether a row is the line above the rejected cuts."""
        return index.isValid() and self._keys[index.row()] == _FOLD

    def row(self, identifier: str) -> int:
        """The row of a cut, −1 if it has none."""
        return self._keys.index(identifier) if identifier and identifier in self._keys else -1

    def order(self) -> list[str]:
        """Identifiers of the cuts that were not rejected, in playing order."""
        return self._keys[: self._keys.index(_FOLD)] if _FOLD in self._keys else list(self._keys)

    def _remove(self, wanted: set[str]) -> None:
        last = len(self._keys)
        while last:
            first = last
            while first and self._keys[first - 1] not in wanted:
                first -= 1
            if first < last:
                self.beginRemoveRows(QModelIndex(), first, last - 1)
                del self._keys[first:last]
                self.endRemoveRows()
            last = max(0, first - 1)

    def _arrange(self, keys: list[str]) -> frozenset[str]:
        staying = _longest_rising(self._keys, keys)
        moved = set(self._keys) - staying
        place = 0
        number = 0
        while number < len(keys):
            key = keys[number]
            if key in staying:
                place = self._keys.index(key) + 1
                number += 1
            elif key in moved:
                place = self._move(self._keys.index(key), place)
                number += 1
            else:
                run = number
                while run < len(keys) and keys[run] not in staying and keys[run] not in moved:
                    run += 1
                self.beginInsertRows(QModelIndex(), place, place + run - number - 1)
                self._keys[place:place] = keys[number:run]
                self.endInsertRows()
                place += run - number
                number = run
        return frozenset(moved - {_FOLD})

    def _move(self, source: int, target: int) -> int:
        """Moves a row to a place among the rows before the move; gives the place behind it."""
        if target in (source, source + 1):
            return source + 1
        root = QModelIndex()
        self.beginMoveRows(root, source, source, root, target)
        key = self._keys.pop(source)
        place = target - 1 if source < target else target
        self._keys.insert(place, key)
        self.endMoveRows()
        return place + 1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._keys)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        edited = self.cut(index)
        if edited is None:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        if edited.decision is Decision.REJECTED:
            return _ITEM_FLAGS & ~Qt.ItemFlag.ItemIsDragEnabled
        return _ITEM_FLAGS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        edited = self.cut(index)
        if role == CUT:
            return edited
        if edited is None:
            spoken = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return self._fold_text() if role in spoken and index.isValid() else None
        if role == Qt.ItemDataRole.DisplayRole:
            return cut_text(edited)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{cut_text(edited)}. {reasons_text(edited)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join([cut_text(edited), *(tr_message(r.text) for r in edited.cut.reasons)])
        return None

    def mimeTypes(self) -> list[str]:
        return [IDENTIFIERS]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        chosen = [self._keys[row] for row in sorted(index.row() for index in indexes)]
        data = QMimeData()
        data.setData(IDENTIFIERS, "\n".join(chosen).encode())
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def _fold_text(self) -> str:
        if self.rejected_shown:
            return tr("{count} rejected · Hide", count=self.rejected)
        return tr("{count} rejected · Show", count=self.rejected)


def dragged_identifiers(data: QMimeData) -> list[str]:
    """The cuts that are dragged; none if it is something else."""
    return bytes(data.data(IDENTIFIERS).data()).decode(errors="replace").split()


def _longest_rising(keys: Sequence[str], order: Sequence[str]) -> frozenset[str]:
    """A largest set of keys that are in the wanted order already and need not move."""
    rank = {key: number for number, key in enumerate(order)}
    ends: list[int] = []
    chain: list[str] = []
    behind: dict[str, str | None] = {}
    for key in keys:
        place = bisect_left(ends, rank[key])
        behind[key] = chain[place - 1] if place else None
        ends[place : place + 1] = [rank[key]]
        chain[place : place + 1] = [key]
    found: set[str] = set()
    step = chain[-1] if chain else None
    while step is not None:
        found.add(step)
        step = behind[step]
    return frozenset(found)
