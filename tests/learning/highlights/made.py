"""Made corpora of highlights with known truth, in the layouts of the public ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

COLUMNS = {"rgb": 6, "flow": 5, "audio": 4}
"""Columns of the features of made benchmarks."""


def timeline(identifier: object, start: int, end: int, **attributes: int) -> dict[str, Any]:
    """A highlight as AI Hub 616 describes it."""
    described = {"place": 1, "action": 1, "emotion": 1, "relationship": 1, **attributes}
    return {"id": identifier, "start": start, "end": end, "attributes": described}


def make_annotation(
    folder: Path,
    video: str,
    annotator: str,
    spans: Sequence[tuple[int, int]] | None = None,
    *,
    length: float = 100.0,
    timelines: Sequence[Mapping[str, Any]] | None = None,
    encoding: str = "utf-8",
    **metadata: Any,
) -> Path:
    """A file of AI Hub 616.

    Args:
        folder: Made if there is none.
        video: Name of the video.
        annotator: Name of the annotator.
        spans: First and last seconds of the highlights.
        length: Of the video, seconds.
        timelines: In place of those that the spans give.
        encoding: Of the file.
        metadata: In place of the usual, or beside it.
    """
    if timelines is None:
        timelines = [timeline(number, *span) for number, span in enumerate(spans or ())]
    data = {
        "metadata": {
            "file_name": f"{video}.mp4", "annotator_id": annotator, "length": length,
            "class_code": 3, "type": "vlog", "quality": "1080p", "date": "2022-01-01",
            "license": "CC", **metadata,
        },
        "timelines": list(timelines),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{video}_{annotator}.json"
    file.write_text(json.dumps(data, ensure_ascii=False), encoding=encoding)
    return file


def make_benchmark(
    folder: Path,
    labels: Mapping[str, Sequence[Any]],
    *,
    domains: Mapping[str, str] | None = None,
    split: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    features: Mapping[str, Mapping[str, NDArray[np.float32]]] | None = None,
    order: Sequence[str] | None = None,
) -> Path:
    """TVSum (labels are lists of grades) or YouTube Highlights (-1, 0, 1) in the public layout.

    Args:
        folder: Made if there is none.
        labels: By video, one for each clip.
        domains: By video; ``dog`` for those that are not named.
        split: By domain, videos of ``train`` and ``val``.
        features: By video and by kind of :data:`COLUMNS`, in place of random ones.
        order: Of the videos in the table of labels.
    """
    for part in ("video_features", "audio_features"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    places = {"rgb": "video_features/{}_rgb", "flow": "video_features/{}_opt"}
    for video, clips in labels.items():
        for kind, columns in COLUMNS.items():
            rows = random.normal(0, 1, (len(clips), columns)).astype(np.float32)
            rows = ((features or {}).get(video) or {}).get(kind, rows)
            name = places.get(kind, "audio_features/{}").format(video)
            np.save(folder / f"{name}.npy", rows)
    table = {
        video: {"domain": (domains or {}).get(video, "dog"), "labels": list(labels[video])}
        for video in (order or labels)
    }
    (folder / "labels.json").write_text(json.dumps(table))
    (folder / "splits.json").write_text(json.dumps(split or {}))
    return folder


def make_h5(file: Path, videos: Mapping[str, Mapping[str, Any]]) -> Path:
    """An h5 file with these data sets by video."""
    with h5py.File(file, "w") as data:
        for video, sets in videos.items():
            for name, values in sets.items():
                data[f"{video}/{name}"] = values
    return file


def h5_video(frames: int = 100, step: int = 15, users: int = 3, seed: int = 0) -> dict[str, Any]:
    """A video of TVSum or SumMe in the usual form, with random features and summaries."""
    random = np.random.default_rng(seed)
    picks = np.arange(0, frames, step)
    kept = random.integers(0, 2, (users, frames)).astype(np.float32)
    return {
        "features": random.normal(0, 1, (len(picks), 8)).astype(np.float32),
        "gtscore": kept.mean(axis=0)[picks],
        "user_summary": kept,
        "change_points": np.array([[0, frames // 2 - 1], [frames // 2, frames - 1]]),
        "picks": picks,
        "n_frames": frames,
        "n_frame_per_seg": np.array([frames // 2, frames - frames // 2]),
    }
