"""Make the sample video and the truth about it: `sample.mp4` and `sample.json`.

Run as `python resources/sample/make_sample.py`; it needs espeak-ng and takes some minutes.
"""

import argparse
import json
import multiprocessing
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from picture import HEIGHT, WIDTH
from PIL import Image
from scenes import SCENES, Scene
from sound import RATE, Stereo
from soundtrack import Soundtrack, make_soundtrack, starts
from story import CLIMAX_LENGTH, FADE_OUT, FPS, REPLAY_OF, SHOTS

FOLDER = Path(__file__).parent
_VIDEO = {
    "crf": "35",
    "preset": "fast",
    "tune": "animation",
    "x264-params": "keyint=120:aq-mode=3:vbv-maxrate=1000:vbv-bufsize=1500",
}
_BT709 = 1


@dataclass(frozen=True)
class View:
    """One scene at one moment, and its share of a frame."""

    scene: str
    time: float
    mouth: float
    share: float


def main() -> int:
    """Make both files; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files are written")
    folder: Path = parser.parse_args().folder
    if shutil.which("espeak-ng") is None:
        message = "espeak-ng is missing: install it (apt install espeak-ng) and run this again."
        print(message, file=sys.stderr)
        return 1
    begun = time.monotonic()
    soundtrack = make_soundtrack()
    print(f"Sound made in {time.monotonic() - begun:.0f} s.")
    truth = json.dumps(describe(soundtrack), indent=2)
    unfinished = folder / "sample.part.mp4"
    write_video(unfinished, plan(soundtrack.mouth), soundtrack.mix)
    unfinished.replace(folder / "sample.mp4")
    (folder / "sample.json").write_text(truth + "\n", encoding="utf-8")
    size = (folder / "sample.mp4").stat().st_size / 1e6
    print(f"sample.mp4: {size:.2f} MB, made in {time.monotonic() - begun:.0f} s.")
    return 0


def plan(mouth: NDArray[np.float32]) -> list[list[View]]:
    """What each frame shows; shares that sum to less than 1 fade to black."""
    frames: list[list[View]] = []
    last = round(starts()["end"] * FPS)
    for number, shot in enumerate(SHOTS):
        before = SHOTS[number - 1]
        for index in range(round(shot.seconds * FPS)):
            frame = len(frames)
            moment = shot.offset + index / FPS
            open_wide = float(mouth[frame])
            share = 1.0
            views = []
            if shot.transition != "cut" and index < shot.transition_seconds * FPS:
                share = (index + 1) / (shot.transition_seconds * FPS + 1)
                if shot.transition == "dissolve":
                    earlier = before.offset + before.seconds + index / FPS
                    views.append(View(before.scene, earlier, 0.0, 1.0 - share))
            share = min(share, (last - frame - 1) / (FADE_OUT * FPS))
            frames.append([*views, View(shot.scene, moment, open_wide, share)])
    return frames


def describe(soundtrack: Soundtrack) -> dict[str, object]:
    """The truth about the sample, as it is written to `sample.json`."""
    begin = starts()
    end, climax = begin["end"], begin["race"]
    replayed = begin["evening"] - begin["replay"]
    shots = [
        {
            "start": begin[shot.name],
            "frame": round(begin[shot.name] * FPS),
            "transition": shot.transition,
            "transition_seconds": shot.transition_seconds,
            "name": shot.name,
        }
        for shot in SHOTS
    ]
    angry = [entry for entry in soundtrack.speech if entry["manner"] == "angry"]
    return {
        "duration": end,
        "fps": [FPS, 1],
        "width": WIDTH,
        "height": HEIGHT,
        "shots": shots,
        "fades": [
            {"start": 0.0, "end": SHOTS[0].transition_seconds, "kind": "in"},
            {"start": end - FADE_OUT, "end": end, "kind": "out"},
        ],
        "speech": soundtrack.speech,
        "sounds": soundtrack.sounds,
        "highlights": [
            {
                "start": begin["outburst"],
                "end": _to_frame(float(angry[-1]["end"]) + 0.2),
                "why": "angry outburst in close-up, with thunder and a shaking camera",
            },
            {
                "start": climax,
                "end": climax + CLIMAX_LENGTH,
                "why": "climax: overtaking, cheering crowd, excited speech, fireworks",
            },
        ],
        "replays": [
            {
                "start": begin["replay"],
                "end": begin["evening"],
                "of": [begin[REPLAY_OF], begin[REPLAY_OF] + replayed],
            }
        ],
    }


def write_video(path: Path, frames: list[list[View]], sound: Stereo) -> None:
    """Draw all frames on all cores and encode them with the sound."""
    with (
        multiprocessing.get_context("spawn").Pool() as pool,
        av.open(str(path), "w", options={"movflags": "+faststart"}) as container,
    ):
        video = _add_video(container)
        audio = container.add_stream("aac", rate=RATE, layout="stereo")
        audio.bit_rate = 96_000
        pictures = _reported(pool.imap(draw, frames, chunksize=8), len(frames))
        blocks = _audio_blocks(sound)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709"
            )
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
            for block in blocks:
                container.mux(audio.encode(block))
                if block.time is not None and block.time > number / FPS:
                    break
        for block in blocks:
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def draw(views: list[View]) -> NDArray[np.uint8]:
    """Draw one frame as `(H, W, 3) uint8`."""
    images = [(_scene(view.scene).draw(view.time, view.mouth), view.share) for view in views]
    if len(images) == 1 and images[0][1] == 1.0:
        return np.asarray(images[0][0])
    total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for image, share in images:
        total += share * np.asarray(image, np.float32)
    return np.asarray(Image.fromarray((total + 0.5).astype(np.uint8)))


@cache
def _scene(name: str) -> Scene:
    return SCENES[name]()


def _add_video(container: av.container.OutputContainer) -> VideoStream:
    stream = container.add_stream("libx264", rate=FPS, options=_VIDEO)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.time_base = Fraction(1, FPS)
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = context.color_range = _BT709
    return stream


def _audio_blocks(sound: Stereo, size: int = 1024) -> Iterator[av.AudioFrame]:
    for start in range(0, sound.shape[1], size):
        samples = np.ascontiguousarray(sound[:, start : start + size])
        block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        yield block


def _reported(pictures: Iterable[NDArray[np.uint8]], total: int) -> Iterator[NDArray[np.uint8]]:
    for number, picture in enumerate(pictures, start=1):
        if number % (10 * FPS) == 0 or number == total:
            print(f"{number} of {total} frames drawn.", flush=True)
        yield picture


def _to_frame(seconds: float) -> float:
    return round(round(seconds * FPS) / FPS, 3)


if __name__ == "__main__":
    sys.exit(main())
