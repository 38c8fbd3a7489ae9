from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cutting.cut import Cut, Reason
from core.errors import ProjectError
from core.project.cuts_file import cut_from_json, cut_to_json, read_cuts, write_json
from core.time import Span

times = st.fractions(0, 10_000, max_denominator=90_000)


@given(times, st.fractions(Fraction(1, 1000), 100, max_denominator=90_000))
def test_a_cut_comes_back_exactly(start: Fraction, length: Fraction) -> None:
    cut = Cut(
        Span(start, start + length), 0.5, {"sound": 0.25}, (Reason("arousal", 2.3, "arousal 2.3"),)
    )
    assert cut_from_json(json.loads(json.dumps(cut_to_json(cut))), Path("file")) == cut


def test_plain_seconds_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "cuts.json"
    path.write_text('{"cuts": [{"start": 1.5, "end": 3}]}', encoding="utf-8")
    assert read_cuts(path)[0].span == Span(Fraction(3, 2), Fraction(3))


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "{}", "[]", "3", '{"cuts": []}', '{"cuts": "abc"}', '{"cuts": [3]}',
        '{"cuts": [{"start": 1}]}', '{"cuts": [{"start": 3, "end": 1}]}',
        '{"cuts": [{"start": "a", "end": 1}]}', '{"cuts": [{"start": true, "end": 3}]}',
        '{"cuts": [{"start": NaN, "end": 3}]}', '{"cuts": [{"start": 0, "end": Infinity}]}',
        '{"cuts": [{"start_exact": "1/0", "end": 3}]}', "[" * 100_000,
        '{"cuts": [{"start_exact": "1e999999999", "end": 3}]}',
        '{"cuts": [{"start": 0, "end": 3, "contributions": {"a": NaN}}]}',
    ],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cuts.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        read_cuts(path)
    assert str(path) in str(caught.value)


def test_a_time_that_somebody_edited_counts(tmp_path: Path) -> None:
    data = cut_to_json(Cut(Span(Fraction(1, 3), Fraction(7, 3))))
    path = tmp_path / "cuts.json"
    write_json(path, {"cuts": [data]})
    assert read_cuts(path)[0].span == Span(Fraction(1, 3), Fraction(7, 3))
    write_json(path, {"cuts": [{**data, "start": 1.5}]})
    assert read_cuts(path)[0].span == Span(Fraction(3, 2), Fraction(7, 3))


def test_a_file_that_cannot_be_written_keeps_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ProjectError, match="cannot be saved"):
        write_json(folder, {"cuts": []})
    assert folder.is_dir()
    assert list(tmp_path.iterdir()) == [folder]
