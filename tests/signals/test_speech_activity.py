from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.media.probe import probe
from core.media.sound import read_sound
from core.places import SAMPLE_VIDEO
from core.signals.base import run
from core.signals.speech_activity import SpeechActivity
from core.time import Grid
from tests.synthetic import make_video


def test_speech_is_found_where_the_sample_has_it() -> None:
    truth = json.loads(SAMPLE_VIDEO.with_suffix(".json").read_text(encoding="utf-8"))
    info, grid = probe(SAMPLE_VIDEO), Grid()
    rows = run(
        SpeechActivity(), read_sound(info, grid), info, grid, lambda f, m: None, lambda: False
    )
    found = rows.reshape(-1) >= 0.5
    spoken = np.zeros(len(found), bool)
    for item in truth["speech"]:
        spoken[int(item["start"] * 50) : int(item["end"] * 50)] = True
    assert (found & spoken).sum() > 0.75 * spoken.sum()
    assert (found & ~spoken).sum() < 0.15 * (~spoken).sum()


@pytest.mark.parametrize("step", ["0.5", "2"])
def test_other_grids_hear_the_same(step: str) -> None:
    from fractions import Fraction

    info = probe(SAMPLE_VIDEO)
    tracks = [
        run(SpeechActivity(), read_sound(info, grid), info, grid, lambda f, m: None, lambda: False)
        for grid in (Grid(), Grid(Fraction(step)))
    ]
    one, other = (track.reshape(-1)[:4500] >= 0.5 for track in tracks)
    assert (one == other).mean() > 0.98


def test_a_tone_is_not_speech(tmp_path: Path) -> None:
    path = tmp_path / "tone.mkv"
    make_video(path, seconds=4, tone=0.3)
    info, grid = probe(path), Grid()
    rows = run(
        SpeechActivity(), read_sound(info, grid), info, grid, lambda f, m: None, lambda: False
    )
    assert rows.max() < 0.5
