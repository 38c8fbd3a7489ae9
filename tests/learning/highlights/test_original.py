from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, CorpusError, UsageError
from core.learning.highlights.measures import average_precision
from core.learning.highlights.original import OriginalDesign, mean_mfcc, train_original
from core.signals.mfcc import COEFFICIENTS
from tests.learning.highlights.own import kept_cells, labelled
from tests.synthetic import make_video


def heard(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of which the first is higher in highlights, and the highlights."""
    random = np.random.default_rng(number)
    kept = kept_cells(random)
    rows = random.normal(0, 1, (len(kept), COEFFICIENTS)).astype(np.float32)
    rows[:, 0] += 4 * kept
    return rows, kept


@pytest.fixture(scope="module")
def design() -> OriginalDesign:
    rows, kept = zip(*(heard(number) for number in range(30)), strict=True)
    return train_original(rows, kept)


def test_it_learns_what_single_seconds_tell(design: OriginalDesign) -> None:
    rows, kept = heard(100)
    score = design.score(rows)
    assert score.shape == (len(rows),)
    assert score.dtype == np.float32
    assert ((score >= 0) & (score <= 1)).all()
    assert average_precision(kept, score) > 0.7


def test_a_second_knows_of_no_other(design: OriginalDesign) -> None:
    """The flaw that METHOD.md names, kept as it was."""
    rows, _ = heard(100)
    changed = rows.copy()
    changed[9] += 5
    before, after = design.score(rows), design.score(changed)
    assert before[9] != after[9]
    np.testing.assert_allclose(np.delete(after, 9), np.delete(before, 9), atol=1e-6)
    order = np.random.default_rng(0).permutation(len(rows))
    np.testing.assert_allclose(design.score(rows[order]), before[order], atol=1e-6)


def test_the_same_seed_gives_the_same_network(design: OriginalDesign) -> None:
    rows, kept = zip(*(heard(number) for number in range(30)), strict=True)
    np.testing.assert_array_equal(train_original(rows, kept).score(rows[0]), design.score(rows[0]))


def test_rows_without_their_labels_are_refused() -> None:
    rows, kept = heard(0)
    with pytest.raises(UsageError, match="one row of coefficients for each label"):
        train_original([rows], [kept[1:]])
    with pytest.raises(UsageError, match="one row of coefficients for each label"):
        train_original([], [])


def test_training_can_be_cancelled() -> None:
    rows, kept = heard(0)
    with pytest.raises(Cancelled):
        train_original([rows], [kept], cancelled=lambda: True)


def test_each_second_is_heard_by_itself(tmp_path: Path) -> None:
    """A video of 4.5 s with a beep in its third second; its fifth lasts half a second."""
    path = make_video(tmp_path / "v.mp4", seconds=4.5, fps=10, beeps=[2.3], tone=0.02)
    video = replace(labelled("v", np.zeros(6)), file=path)
    rows = mean_mfcc(video)
    assert rows.shape == (6, COEFFICIENTS)
    assert rows.dtype == np.float32
    apart = np.linalg.norm(rows[:4] - rows[0], axis=1)
    assert int(apart.argmax()) == 2
    assert rows[4].any(), "the tail is heard"
    assert not rows[5].any(), "behind the end there is nothing"


def test_a_silent_film_has_no_coefficients(tmp_path: Path) -> None:
    path = make_video(tmp_path / "v.mp4", seconds=2, fps=10, audio=None)
    assert not mean_mfcc(replace(labelled("v", np.zeros(2)), file=path)).any()


def test_a_video_that_is_not_at_hand_is_refused() -> None:
    with pytest.raises(CorpusError, match="v is not at hand"):
        mean_mfcc(labelled("v", np.zeros(2)))


def test_cells_of_no_analysis_are_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "v.mp4", seconds=2, fps=10)
    with pytest.raises(UsageError, match="grid"):
        mean_mfcc(replace(labelled("v", np.zeros(2)), file=path, step=Fraction(5, 3)))
