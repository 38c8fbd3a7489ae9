"""A page of text, tables and pictures, written as one HTML file and as Markdown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from core.errors import ExportError
from core.files import replace_file

GOOD, BAD = "✓", "✗"
"""Marks that are coloured where they end a cell; the shape says the same without the colour."""


@dataclass(frozen=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True)
class Text:
    """Sentences."""

    text: str


@dataclass(frozen=True)
class Command:
    """What to type into a terminal."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells.

    Args:
        header: Names of the columns.
        rows: As many cells as the header.
        words: Leading columns that hold words; the others hold numbers.
        muted: Numbers of the rows that step back.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    muted: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A picture.

    Args:
        name: Of its file beside the Markdown.
        png: Its content.
        text: What it shows.
    """

    name: str
    png: bytes
    text: str


@dataclass(frozen=True)
class Folded:
    """Parts that are only seen when asked for."""

    summary: str
    parts: Sequence[Table]


Part = Heading | Text | Command | Table | Picture | Folded


@dataclass(frozen=True)
class Page:
    """A report.

    Args:
        verdict: Its first line.
        good: Whether the verdict is good news.
        title: What it is about.
        parts: Everything below.
    """

    verdict: str
    good: bool
    title: str
    parts: Sequence[Part]

    @property
    def pictures(self) -> list[Picture]:
        """All pictures."""
        return [part for part in self.parts if isinstance(part, Picture)]

    def as_html(self) -> str:
        """One file with all pictures in it, which loads nothing."""
        body = "\n".join(_html(part) for part in self.parts)
        kind = "good" if self.good else "bad"
        return (
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n"
            f'<p class="verdict {kind}">{escape(self.verdict)}</p>\n'
            f"<h1>{escape(self.title)}</h1>\n{body}\n</body>\n</html>\n"
        )

    def as_markdown(self) -> str:
        """The same, with pictures as files beside it."""
        parts = [_plain(self.verdict), f"# {_plain(self.title)}"]
        parts += ["\n".join(_markdown(part)) for part in self.parts]
        return "\n\n".join(parts) + "\n"

    def write(self, folder: Path, name: str, data: Mapping[str, Any] | None = None) -> list[Path]:
        """Writes it as HTML and as Markdown with its pictures, and what it shows as JSON.

        Args:
            folder: Made if there is none.
            name: Of the files, without an ending.
            data: Plain data; None for no such file.

        Returns:
            The files, the HTML first; without the pictures.

        Raises:
            ExportError: The folder cannot be written.
        """
        texts = {"html": self.as_html(), "md": self.as_markdown()}
        if data is not None:
            plain = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
            texts["json"] = f"{plain}\n"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for picture in self.pictures:
                replace_file(folder / picture.name, picture.png)
            for ending, text in texts.items():
                replace_file(folder / f"{name}.{ending}", text.encode())
        except OSError as error:
            raise ExportError(
                f"the report cannot be written ({error.strerror or error})",
                path=folder,
                remedy="Choose a folder that you may write to, on a disk with free space.",
            ) from error
        return [folder / f"{name}.{ending}" for ending in texts]


def _html(part: Part) -> str:
    match part:
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Text(text):
            return f"<p>{escape(text)}</p>"
        case Command(text):
            return f"<pre><code>{escape(text)}</code></pre>"
        case Picture(_, data, text):
            code = base64.b64encode(data).decode()
            return (
                f'<figure><img alt="{escape(text)}" src="data:image/png;base64,{code}">'
                f"<figcaption>{escape(text)}</figcaption></figure>"
            )
        case Folded(summary, parts):
            inner = "\n".join(_html(table) for table in parts)
            return f"<details><summary>{escape(summary)}</summary>\n{inner}\n</details>"
        case Table():
            return _html_table(part)


def _html_table(table: Table) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        kinds = ["" if place < table.words else ' class="number"' for place in range(len(cells))]
        return "".join(
            f"<{tag}{kind}>{_marked(cell)}</{tag}>" for kind, cell in zip(kinds, cells, strict=True)
        )

    kinds = [' class="muted"' if row in table.muted else "" for row in range(len(table.rows))]
    rows = "\n".join(
        f"<tr{kind}>{line(row, 'td')}</tr>" for kind, row in zip(kinds, table.rows, strict=True)
    )
    return (
        f'<div class="table"><table>\n<thead><tr>{line(table.header, "th")}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _marked(cell: str) -> str:
    for mark, kind in ((GOOD, "good"), (BAD, "bad")):
        if cell.endswith(mark):
            return f'{escape(cell[:-1])}<span class="{kind}">{mark}</span>'
    return escape(cell)


def _markdown(part: Part) -> Iterator[str]:
    match part:
        case Heading(text):
            yield f"## {_plain(text)}"
        case Text(text):
            yield _plain(text)
        case Command(text):
            yield from (f"    {line}" for line in text.splitlines())
        case Picture(name, _, text):
            yield f"![{_plain(text)}]({name})"
        case Folded(summary, parts):
            yield f"<details><summary>{escape(summary)}</summary>"
            for table in parts:
                yield ""
                yield from _markdown(table)
            yield ""
            yield "</details>"
        case Table(header, rows, words):
            yield _markdown_row(header)
            yield "|" + "---|" * words + "---:|" * (len(header) - words)
            for row in rows:
                yield _markdown_row(row)


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _plain(text: str) -> str:
    """Text of one line in which nothing is markup."""
    one_line = " ".join(escape(text, quote=False).split())
    return re.sub(r"([\\`*_|~$])|([\[\]])|^([#>+-])(?= )", lambda found: f"\\{found[0]}", one_line)


_CSS = """
:root { color-scheme: light; }
body { font: 15px/1.55 system-ui, "Noto Sans KR", "Nanum Gothic", sans-serif; color: #20242c;
  background: #fff; max-width: 1120px; margin: 0 auto; padding: 28px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 20px 0 8px; }
h2 { font-size: 18px; margin: 36px 0 8px; }
p { margin: 8px 0; max-width: 90ch; }
.verdict { font-size: 16px; font-weight: 600; padding: 12px 16px; border-radius: 8px;
  max-width: none; margin: 0; border-left: 5px solid; }
.verdict.good { background: #e9f5ee; border-color: #1b7f4d; }
.verdict.bad { background: #fdf0e7; border-color: #b3541e; }
.table { overflow-x: auto; margin: 10px 0; }
table { border-collapse: collapse; font-size: 14px; min-width: 50%; }
th, td { padding: 6px 12px; text-align: left; vertical-align: top;
  border-bottom: 1px solid #e3e6ea; }
td:first-child { min-width: 170px; }
th { font-weight: 600; border-bottom: 2px solid #c9ced6; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr:hover { background: #f6f8fa; }
.muted td { color: #687080; background: #fafbfc; }
span.good { color: #1b7f4d; font-weight: 700; }
span.bad { color: #b3261e; font-weight: 700; }
figure { margin: 16px 0; }
img { width: 860px; max-width: 100%; height: auto; }
figcaption { font-size: 13px; color: #687080; }
pre { background: #f4f6f8; padding: 12px 16px; border-radius: 8px; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
summary { cursor: pointer; padding: 6px 0; }
details td { overflow-wrap: anywhere; }
"""
