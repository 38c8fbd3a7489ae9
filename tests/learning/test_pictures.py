"""Pictures of the reports."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray

from core.learning.pictures import arousal_valence, class_balance, confusion


def pixels(png: bytes) -> NDArray[np.uint8]:
    from matplotlib.image import imread

    assert png.startswith(b"\x89PNG")
    return np.asarray(imread(io.BytesIO(png), format="png")[..., :3] * 255, np.uint8)


def amount(image: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    near = np.abs(image.astype(int) - colour).max(axis=2) < 3
    return int(near.sum())


BLUE, GREY = (0x2F, 0x6F, 0x9F), (0x8A, 0x8F, 0x98)


def test_the_bars_are_as_long_as_the_counts() -> None:
    image = pixels(class_balance({"neutral": 300, "happy": 100}, "내 말뭉치"))
    assert amount(image, GREY) / amount(image, BLUE) == pytest.approx(3, rel=0.05)


def test_categories_of_nothing_can_be_drawn() -> None:
    assert pixels(class_balance({}, "empty")).shape[1] > 600


def test_a_crowded_plane_shows_density_instead_of_points() -> None:
    random = np.random.default_rng(0)
    few = random.uniform(-1, 1, (2, 50))
    many = random.uniform(-1, 1, (2, 5000))
    assert amount(pixels(arousal_valence(*few, "few")), (255, 255, 255)) > 0
    crowded = pixels(arousal_valence(*many, "many"))
    yellow = (crowded[..., 0] > 200) & (crowded[..., 1] > 180) & (crowded[..., 2] < 110)
    assert yellow.sum() > 1000


def test_a_network_that_errs_looks_unlike_one_that_does_not() -> None:
    labels = ["neutral", "happy", "sad"]
    right = pixels(confusion(np.diag([30, 20, 10]), labels, "right"))
    wrong = pixels(confusion(np.full((3, 3), 10), labels, "wrong"))
    bright = (254, 232, 56)
    assert amount(right, bright) > 3 * amount(wrong, bright) + 10_000


def test_a_class_that_never_occurs_is_no_division_by_zero() -> None:
    assert pixels(confusion(np.array([[5, 1], [0, 0]]), ["neutral", "happy"], "one class")).size


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels"):
        confusion(np.zeros((3, 3), np.int64), ["a", "b"], "no")


def test_drawing_twice_gives_the_same_bytes() -> None:
    counts = {"neutral": 3, "happy": 1}
    assert class_balance(counts, "same") == class_balance(counts, "same")
