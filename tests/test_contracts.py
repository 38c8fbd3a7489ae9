"""What import-linter cannot see: who makes threads, and that jobs know no widgets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAKERS = (
    "PySide6.QtConcurrent",
    "PySide6.QtCore.QRunnable",
    "PySide6.QtCore.QThread",
    "PySide6.QtCore.QThreadPool",
    "_thread",
    "asyncio",
    "concurrent.futures",
    "multiprocessing.Pool",
    "multiprocessing.Process",
    "multiprocessing.get_context",
    "multiprocessing.pool",
    "threading.Thread",
    "threading.Timer",
)
"""What starts threads or processes, and all below it."""

ALLOWED = {
    "core/learning/highlights/feature_workers.py": "a process per video: corpora are hours long",
}
"""Places outside of ``desktop/jobs`` that may, and why."""


def used_names(tree: ast.Module) -> Iterator[str]:
    """All that a module uses of other modules, with their full names."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                modules[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
                yield each.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                modules[each.asname or each.name] = f"{node.module}.{each.name}"
                yield f"{node.module}.{each.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name, inner = node.attr, node.value
            while isinstance(inner, ast.Attribute):
                name, inner = f"{inner.attr}.{name}", inner.value
            if isinstance(inner, ast.Name) and inner.id in modules:
                yield f"{modules[inner.id]}.{name}"


def found(source: str, forbidden: tuple[str, ...]) -> set[str]:
    """What a module uses of what is forbidden."""
    return {
        name
        for name in used_names(ast.parse(source))
        if any(name == each or name.startswith(f"{each}.") for each in forbidden)
    }


def users(folder: str, forbidden: tuple[str, ...]) -> dict[str, set[str]]:
    """The modules below a folder that use what is forbidden, and what of it."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    all_found = {
        path.relative_to(ROOT).as_posix(): found(path.read_text(encoding="utf-8"), forbidden)
        for path in files
    }
    return {path: names for path, names in all_found.items() if names}


@pytest.mark.parametrize(
    "source",
    [
        "from PySide6.QtCore import QThread",
        "from PySide6 import QtCore\nQtCore.QThreadPool.globalInstance()",
        "import PySide6.QtCore as qt\nclass Own(qt.QThread): ...",
        "import threading\nthreading.Thread(target=print)",
        "from threading import Timer as Later",
        "import concurrent.futures",
        "from concurrent import futures",
        "from concurrent.futures import ThreadPoolExecutor",
        "def work():\n    import multiprocessing as m\n    m.get_context('spawn')",
    ],
)
def test_every_way_to_make_a_thread_is_seen(source: str) -> None:
    assert found(source, MAKERS)


def test_locks_and_hooks_are_no_threads() -> None:
    source = "import threading\nthreading.Lock()\nthreading.excepthook = print"
    assert not found(source, MAKERS)


def test_threads_are_made_in_jobs_only() -> None:
    makers = {
        path: names
        for folder in ("core", "desktop")
        for path, names in users(folder, MAKERS).items()
        if not path.startswith("desktop/jobs/")
    }
    assert set(makers) == set(ALLOWED), makers


def test_jobs_know_no_widgets_and_no_pictures_of_qt() -> None:
    assert users("desktop/jobs", ("PySide6.QtWidgets", "PySide6.QtGui")) == {}
