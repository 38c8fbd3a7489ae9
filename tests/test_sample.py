"""The committed sample video and the truth about it agree."""

import json
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "resources" / "sample"
VIDEO = FOLDER / "sample.mp4"


@dataclass(frozen=True)
class Decoded:
    """Small grey pictures `(N, 45, 80)`, their times in seconds, and stereo sound `(2, M)`."""

    pictures: NDArray[np.float32]
    times: list[Fraction]
    sound: NDArray[np.float32]
    rate: int
    size: tuple[int, int]
    duration: float


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((FOLDER / "sample.json").read_text(encoding="utf-8"))
    return answer


@pytest.fixture(scope="module")
def decoded() -> Decoded:
    pictures: list[NDArray[np.uint8]] = []
    times: list[Fraction] = []
    blocks: list[NDArray[np.float32]] = []
    with av.open(str(VIDEO)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        video.thread_type = "AUTO"
        assert container.duration is not None
        for frame in container.decode(video, audio):
            if isinstance(frame, av.VideoFrame):
                luma = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
                luma = luma.reshape(-1, frame.planes[0].line_size)[:, : frame.width]
                pictures.append(luma[8::16, 8::16].copy())
                assert frame.pts is not None
                assert frame.time_base is not None
                times.append(frame.pts * frame.time_base)
            elif isinstance(frame, av.AudioFrame):
                blocks.append(frame.to_ndarray().astype(np.float32))
        return Decoded(
            np.stack(pictures).astype(np.float32),
            times,
            np.concatenate(blocks, axis=1),
            audio.rate,
            (video.width, video.height),
            container.duration / av.time_base,
        )


def level(decoded: Decoded, start: float, end: float) -> float:
    """Level of the sound between two times in dBFS."""
    samples = decoded.sound[:, round(start * decoded.rate) : round(end * decoded.rate)]
    return 10.0 * float(np.log10(np.mean(samples**2) + 1e-12))


def test_the_file_is_small() -> None:
    assert VIDEO.stat().st_size < 6_000_000


def test_duration_and_size_are_those_of_the_truth(decoded: Decoded, truth: dict[str, Any]) -> None:
    frame = truth["fps"][1] / truth["fps"][0]
    assert decoded.duration == pytest.approx(truth["duration"], abs=frame)
    assert len(decoded.times) == round(truth["duration"] / frame)
    assert decoded.size == (truth["width"], truth["height"])


def test_the_frame_rate_is_constant(decoded: Decoded, truth: dict[str, Any]) -> None:
    step = Fraction(truth["fps"][1], truth["fps"][0])
    assert decoded.times == [number * step for number in range(len(decoded.times))]


def test_each_hard_cut_is_at_its_frame(decoded: Decoded, truth: dict[str, Any]) -> None:
    change = np.abs(np.diff(decoded.pictures, axis=0)).mean(axis=(1, 2))
    cuts = [shot["frame"] for shot in truth["shots"] if shot["transition"] == "cut"]
    assert len(cuts) >= 8
    for cut in cuts:
        around = np.delete(change[cut - 9 : cut + 8], 8)
        assert change[cut - 1] > 12.0
        assert change[cut - 1] > 2.5 * around.max(), f"no jump at frame {cut}"


def test_the_dissolve_has_no_jump(decoded: Decoded, truth: dict[str, Any]) -> None:
    change = np.abs(np.diff(decoded.pictures, axis=0)).mean(axis=(1, 2))
    (shot,) = [shot for shot in truth["shots"] if shot["transition"] == "dissolve"]
    length = round(shot["transition_seconds"] * truth["fps"][0])
    assert change[shot["frame"] - 2 : shot["frame"] + length + 2].max() < 8.0
    before, after = decoded.pictures[[shot["frame"] - 1, shot["frame"] + length]]
    assert np.abs(after - before).mean() > 12.0


def test_shots_follow_each_other(truth: dict[str, Any]) -> None:
    starts = [shot["start"] for shot in truth["shots"]]
    assert starts[0] == 0.0
    assert all(later - earlier >= 2.0 for earlier, later in pairwise([*starts, truth["duration"]]))


def test_silence_is_silent(decoded: Decoded, truth: dict[str, Any]) -> None:
    silences = [sound for sound in truth["sounds"] if sound["kind"] == "silence"]
    assert max(sound["end"] - sound["start"] for sound in silences) >= 3.0
    for silence in silences:
        assert level(decoded, silence["start"] + 0.05, silence["end"] - 0.05) < -60.0


def test_excited_speech_is_louder_than_calm_speech(decoded: Decoded, truth: dict[str, Any]) -> None:
    levels: dict[str, list[float]] = {}
    for line in truth["speech"]:
        measured = level(decoded, line["start"], line["end"])
        levels.setdefault(line["manner"], []).append(measured)
    assert min(levels["excited"]) > max(levels["calm"]) + 6.0
    assert min(levels["angry"]) > max(levels["calm"]) + 6.0


def test_no_sound_clips(decoded: Decoded) -> None:
    assert np.abs(decoded.sound).max() < 10.0 ** (-1.0 / 20.0)


def test_the_replay_has_the_picture_and_the_sound_of_its_original(
    decoded: Decoded, truth: dict[str, Any]
) -> None:
    fps = truth["fps"][0] / truth["fps"][1]
    (replay,) = truth["replays"]
    here, there = round(replay["start"] * fps), round(replay["of"][0] * fps)
    length = round((replay["end"] - replay["start"]) * fps)
    again, first = decoded.pictures[here : here + length], decoded.pictures[there : there + length]
    assert np.abs(again - first).mean() < 4.0
    start, origin = (round(moment * decoded.rate) for moment in (replay["start"], replay["of"][0]))
    count, edge = round((replay["end"] - replay["start"]) * decoded.rate), decoded.rate // 20
    heard = decoded.sound[0, start + edge : start + count - edge]
    original = decoded.sound[0, origin + edge : origin + count - edge]
    assert np.corrcoef(heard, original)[0, 1] > 0.98


def test_highlights_are_few_and_short(truth: dict[str, Any]) -> None:
    assert 2 <= len(truth["highlights"]) <= 3
    for highlight in truth["highlights"]:
        assert 5.0 <= highlight["end"] - highlight["start"] <= 12.0
