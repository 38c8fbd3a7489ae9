"""Finds the texts of the sources: those of the window, and those that core gives to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from core import errors

ROOT = Path(__file__).parents[2]

_ERRORS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.EmotionShortFormError)
}
_TOLD_BY = {
    "damage_named": (0, 1),
    "_damage_in": (0,),
    "damaged": (0,),
    "_items": (2,),
    "_unique": (1,),
    "_refused": (0,),
    "_refusal": (0,),
    "damage_in": (0,),
    "read_object": (1,),
    "write_object": (2,),
    "writing": (0,),
}
"""Helpers that make an error of their arguments, and which of these are its words."""

_NOTICES = ("notice", "_notices", "problem")
_PLACE = re.compile(r"\{\w*\}")
_TWO_WORDS = re.compile(r"[a-z] [a-z]")


def places(text: str) -> list[str]:
    """The places of a text for values, sorted."""
    return sorted(_PLACE.findall(text))


def shape(template: str) -> str:
    """A template without the names of its places."""
    return _PLACE.sub("{}", template)


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules of folders of the repository, or single ones, parsed."""
    for folder in folders:
        place = ROOT / folder
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield path.relative_to(ROOT), _parsed(path)


def called(call: ast.Call) -> str:
    """The last word of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """All calls in a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def core_texts(*folders: str) -> dict[str, str]:
    """Templates of all that core says, without the names of their places, and where each is."""
    found: dict[str, str] = {}
    for path, tree in modules(*folders):
        for node in _words(tree):
            for text in _templates(node, tree):
                if text.strip("{} .:"):
                    found.setdefault(text, f"{path}:{node.lineno}")
    return found


def phrases(*folders: str) -> dict[str, str]:
    """Templates of all that reads like English in sources, but for docstrings, and where it is."""
    found: dict[str, str] = {}
    for path, tree in modules(*folders):
        said = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr | ast.Expr)
            for part in (node.values if isinstance(node, ast.JoinedStr) else [node.value])
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in said:
                for text in _templates(node, tree):
                    if _TWO_WORDS.search(text):
                        found.setdefault(text, f"{path}:{node.lineno}")
    return found


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _words(tree: ast.Module) -> Iterator[ast.expr]:
    """Expressions whose texts people read."""
    for call in calls(tree):
        name = called(call)
        if name in _ERRORS:
            yield from call.args[:1]
            yield from (word.value for word in call.keywords if word.arg == "remedy")
        elif name in _TOLD_BY:
            yield from (call.args[place] for place in _TOLD_BY[name])
        elif name == "tell":
            yield from call.args[:1]
        elif name == "Reason":
            yield from call.args[2:3]
        elif name.endswith("progress"):
            yield from call.args[1:2]
        elif name == "Command":
            yield from (word.value for word in call.keywords if word.arg == "message")
        yield from (word.value for word in call.keywords if word.arg == "problem")
    yield from _assigned(tree, _NOTICES)


def _assigned(tree: ast.Module, names: Iterable[str]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(each, "id", getattr(each, "attr", "")) in names for each in targets):
                yield node.value


def _templates(
    node: ast.expr, tree: ast.Module, seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    else:
        parts: list[ast.expr] = []
        if isinstance(node, ast.Name) and node.id not in seen:
            seen |= {node.id}
            parts = [*_assigned(tree, [node.id])]
            if node.id in ("happened", "remedy"):
                yield from _of_a_table(tree)
        elif isinstance(node, ast.Subscript):
            parts = [node.value]
        elif isinstance(node, ast.Dict):
            parts = node.values
        elif isinstance(node, ast.Tuple):
            parts = node.elts
        elif isinstance(node, ast.IfExp):
            parts = [node.body, node.orelse]
        for part in parts:
            yield from _templates(part, tree, seen)


def _of_a_table(tree: ast.Module) -> Iterator[str]:
    """The sentences of a table of signs, what happened, and what to do."""
    for table in _assigned(tree, ["_REASONS"]):
        for row in table.elts if isinstance(table, ast.Tuple) else []:
            for cell in row.elts[1:] if isinstance(row, ast.Tuple) else []:
                yield from _templates(cell, tree)
