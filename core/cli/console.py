"""What the terminal shows: results, progress and problems."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import EmotionShortFormError

Progress = Callable[[float, str], None]


def fail(error: EmotionShortFormError, code: int) -> int:
    """Prints a problem in one line on standard error, and gives the exit code back."""
    message = " ".join(str(error).split())
    print(f"emotion-shortform: {message}", file=sys.stderr)  # noqa: T201
    return code


def warn(text: str) -> None:
    """Prints a line beside the result, on standard error."""
    print(text, file=sys.stderr)  # noqa: T201


def counted(number: int, what: str) -> str:
    """A number with its noun: 1 cut, 2 cuts."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def say(text: str) -> None:
    """Prints a line of the result."""
    print(text)  # noqa: T201


def say_json(data: Any) -> None:
    """Prints the result as JSON.

    Raises:
        ValueError: A number is not finite.
    """
    say(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))


def say_table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Prints a table, the first column to the left and the others to the right."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)


@contextmanager
def show_progress(quiet: bool, title: str) -> Iterator[Progress]:
    """A progress bar on standard error, or nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda fraction, message: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[message]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0, message="")
        yield lambda fraction, message: bar.update(task, completed=fraction, message=message)
