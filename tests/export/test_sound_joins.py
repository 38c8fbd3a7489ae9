"""Where the sound changes from one cut to the next: in time, and without a click or a hole."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.export.clip import Join
from core.export.render import export_short
from core.export.sound.assembly import assemble
from core.export.sound.pieces import CLICK_FADE, SoundPiece, lay_stretches
from core.export.sound.reading import SoundFiles
from core.media.probe import MediaInfo, probe
from core.time import Span
from tests.export.clips import clips_of, settings_of
from tests.export.sounds import RATE, heard_in, make_sounding, noise, pieces_of, tone
from tests.synthetic import read_pictures


@pytest.fixture(scope="module")
def low(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    """Four seconds of 220 Hz."""
    return probe(make_sounding(tmp_path_factory.mktemp("low") / "a.mov", tone(4, 220)))


@pytest.fixture(scope="module")
def high(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    """Four seconds of 3000 Hz."""
    return probe(make_sounding(tmp_path_factory.mktemp("high") / "b.mov", tone(4, 3000)))


def assembled(pieces: list[SoundPiece]) -> NDArray[np.float32]:
    samples = round(pieces[-1].end * RATE)
    with SoundFiles() as files:
        blocks = list(assemble(lay_stretches(pieces, samples), samples, files))
    return np.concatenate(blocks, axis=1)


def change(sound: NDArray[np.floating]) -> float:
    """Seconds at which 220 Hz gives way to 3000 Hz."""
    length = RATE // 100
    blocks = sound[0][: sound.shape[1] // length * length].reshape(-1, length)
    crossings = (np.diff(np.signbit(blocks), axis=1)).sum(axis=1)
    return int(np.argmax(crossings > 20)) / 100


@pytest.mark.parametrize(
    ("shift", "changes"),
    [(Fraction(0), 1.0), (Fraction(1, 2), 1.5), (Fraction(-2, 5), 0.6)],
    ids=["straight", "L-cut", "J-cut"],
)
def test_sound_changes_when_the_join_says(
    low: MediaInfo, high: MediaInfo, shift: Fraction, changes: float
) -> None:
    sound = assembled(pieces_of([(low, 1, 1), (high, 2, 1)], [Join(), Join(sound=shift)]))
    assert sound.shape == (2, 2 * RATE)
    assert change(sound) == pytest.approx(changes, abs=0.011)


def test_sound_stays_in_step_with_its_own_pictures_in_j_and_l_cuts(tmp_path: Path) -> None:
    clicks = np.zeros(4 * RATE)
    clicks[RATE // 2 :: RATE] = 0.9
    media = probe(make_sounding(tmp_path / "a.mov", clicks))
    for shift in (Fraction(-2, 5), Fraction(0), Fraction(2, 5)):
        cuts = pieces_of([(media, 0, 1), (media, 2, 1)], [Join(), Join(sound=shift)])
        places = np.flatnonzero(assembled(cuts)[0] > 0.5)
        assert places.tolist() == [RATE // 2, RATE * 3 // 2]


def test_sound_moves_no_further_than_neighbours_and_videos_reach(
    low: MediaInfo, high: MediaInfo
) -> None:
    def moved(begin: float, shift: int) -> float:
        cuts = [(low, begin, 1), (high, Fraction(1, 4), 1)]
        return change(assembled(pieces_of(cuts, [Join(), Join(sound=Fraction(shift))])))

    assert moved(1, -9) == pytest.approx(0.75, abs=0.011)
    assert moved(2.5, 9) == pytest.approx(1.5, abs=0.011)
    # The first sound could go on for two seconds, but the second piece has one only.
    assert (
        change(
            assembled(
                pieces_of(
                    [(low, 1, 1), (high, 1, 1), (low, 0, 1)], [Join(), Join(sound=Fraction(9))]
                )
            )
        )
        == 0
    )


def test_joins_asked_to_cross_each_other_keep_their_order(low: MediaInfo, high: MediaInfo) -> None:
    joins = [Join(), Join(sound=Fraction(4, 5)), Join(sound=Fraction(-4, 5))]
    cuts = pieces_of([(low, 1, 1), (high, 1, 1), (low, 2, 1)], joins)
    stretches = lay_stretches(cuts, 3 * RATE)
    assert all(one.end <= two.first for one, two in pairwise(stretches))
    assert sum(one.samples for one in stretches) == 3 * RATE


def test_a_crossfade_is_as_loud_as_its_neighbours(tmp_path: Path) -> None:
    one = probe(make_sounding(tmp_path / "a.mov", noise(3, 0.1, 1)))
    two = probe(make_sounding(tmp_path / "b.mov", noise(3, 0.1, 2)))
    join = Join(crossfade=Fraction(1))
    sound = assembled(pieces_of([(one, 0, 1), (two, 1, 2)], [Join(), join]))
    power = np.square(sound[:, RATE // 10 : -RATE // 10]).mean(axis=0)
    smooth = np.convolve(power, np.full(RATE // 5, 5 / RATE), "valid")
    assert 10 * np.log10(smooth.max() / smooth.min()) < 1


def test_in_a_crossfade_the_sound_before_goes_on_and_fades(low: MediaInfo, high: MediaInfo) -> None:
    join = Join(crossfade=Fraction(1))
    sound = assembled(pieces_of([(low, 1, 1), (high, 1, 2)], [Join(), join]))[0]
    clock = np.arange(len(sound)) / RATE
    lows = sound * np.exp(-2j * np.pi * 220 * clock)
    levels = [
        abs(lows[round(at * RATE) : round((at + 0.1) * RATE)].mean()) for at in (0.9, 1.2, 1.7, 2.1)
    ]
    assert levels[0] == pytest.approx(0.25, rel=0.02)
    assert levels[0] > levels[1] > levels[2] > 10 * levels[3]


def test_a_hard_join_neither_clicks_nor_pauses(low: MediaInfo) -> None:
    sound = assembled(pieces_of([(low, 0.501, 1), (low, 2.0033, 1)]))[0]
    step = 0.5 * 2 * np.pi * 220 / RATE
    assert np.abs(np.diff(sound)).max() < 1.5 * step
    quiet = [
        np.abs(sound[at : at + 240]).max() < 0.4 for at in range(RATE - 2400, RATE + 2400, 240)
    ]
    assert sum(quiet) * 240 <= 2 * CLICK_FADE
    assert np.abs(sound[: RATE - CLICK_FADE]).max() == pytest.approx(0.5, rel=0.001)


def test_cuts_that_continue_one_another_sound_as_if_never_cut(low: MediaInfo) -> None:
    cut = assembled(pieces_of([(low, 1, Fraction(1, 3)), (low, Fraction(4, 3), Fraction(2, 3))]))
    whole = assembled(pieces_of([(low, 1, 1)]))
    assert np.array_equal(cut, whole)


def test_between_and_around_pieces_there_is_silence(low: MediaInfo) -> None:
    cuts = pieces_of([(low, 0, 1), (low, 2, 1)])
    later = [replace(cuts[0], start=Fraction(1)), replace(cuts[1], start=Fraction(3))]
    sound = assembled(later)[0]
    assert not sound[:RATE].any()
    assert not sound[2 * RATE : 3 * RATE].any()
    assert np.abs(sound[RATE : 2 * RATE]).max() > 0.49


PIECES = st.lists(
    st.tuples(
        st.fractions(0, 3, max_denominator=1001),
        st.fractions(Fraction(1, 1001), Fraction(3, 2), max_denominator=1001),
        st.fractions(0, 2, max_denominator=100),
        st.fractions(-2, 2, max_denominator=100),
    ),
    min_size=1,
    max_size=6,
)


@given(PIECES)
@settings(max_examples=30, deadline=None)
def test_whatever_the_pieces_every_sample_is_there_once(
    low: MediaInfo, asked: list[tuple[Fraction, Fraction, Fraction, Fraction]]
) -> None:
    cuts = [(low, begin, length) for begin, length, _, _ in asked]
    pieces = pieces_of(cuts, [Join(fade, sound) for _, _, fade, sound in asked])
    samples = round(pieces[-1].end * RATE)
    stretches = lay_stretches(pieces, samples)
    covered = np.zeros(samples, int)
    for stretch in stretches:
        assert stretch.samples > 0
        assert 0 <= stretch.rise <= stretch.samples
        assert 0 <= stretch.fall <= stretch.samples
        covered[stretch.first : stretch.end] += 1
        offset = Fraction(stretch.first, RATE) - stretch.begin
        assert offset in {piece.start - piece.zero for piece in pieces}
    assert covered.min() >= 1
    assert covered.max() <= 2
    assert assembled(pieces).shape == (2, samples)


def test_beeps_are_on_their_flashes_after_30_cuts_through_10_minutes(tmp_path: Path) -> None:
    rate = Fraction(30_000, 1001)
    sound = np.zeros((1, 600 * 44_100), np.float32)
    beep = 0.5 * np.cos(2 * np.pi * 1000 * np.arange(4410) / 44_100)
    flashes = [Fraction(round((10 + 19 * number) * rate)) / rate for number in range(30)]
    for flash in flashes:
        first = round(flash * 44_100)
        sound[0, first : first + 4410] = beep
    path = make_sounding(
        tmp_path / "long.mp4",
        sound,
        rate=44_100,
        codec="aac",
        seconds=Fraction(600),
        fps=rate,
        flashes=flashes,
    )
    media = probe(path)
    # Each cut is a different length, so that an error per cut would add up.
    cuts = [
        Span(flash - 3 / rate, flash + (5 + number % 7) / rate)
        for number, flash in enumerate(flashes)
    ]
    short = export_short(
        clips_of(media, cuts), tmp_path / "short.mp4", settings_of(speed="ultrafast", height=64)
    )
    heard = np.abs(heard_in(short.path)[0]) > 0.2
    seen = [time for time, picture in read_pictures(short.path) if picture.mean() > 128]
    assert len(seen) == 30
    for time in seen:
        due = round(time * RATE)
        assert not heard[due - 400 : due - 60].any()
        assert abs(int(np.argmax(heard[due - 60 :])) - 60) < RATE / 500
