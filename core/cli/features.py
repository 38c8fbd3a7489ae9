"""The verb that measures a folder of videos for training: features."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.console import counted, say, say_json, say_table, show_progress
from core.time import Grid, format_timecode, parse_timecode

if TYPE_CHECKING:
    from core.learning.highlights.feature_store import FeatureStore
    from core.networks.vision import Backbone


def add_features_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds features."""
    features = verbs.add_parser("features", help="measure a folder of videos to learn from")
    features.add_argument("folder", type=Path, metavar="DIR", help="with the videos, in any depth")
    features.add_argument(
        "--out", type=Path, required=True, metavar="STORE", help="folder of the features"
    )
    features.add_argument("--workers", type=int, metavar="N", help="processes, one per core")
    features.add_argument(
        "--emotion-model", type=Path, metavar="FOLDER", help="weights of a network of your own"
    )
    features.add_argument(
        "--visual-model", metavar="FOLDER_OR_ID", help="ViT of the full tier, for the pictures"
    )
    features.add_argument(
        "--allow-download", action="store_true", help="fetch that model if it is missing"
    )
    features.add_argument("--step", default="1", metavar="SECONDS", help="per cell, 0.5 to 2")
    features.add_argument("--json", action="store_true", help="print machine-readable results")
    features.set_defaults(run=_features)


def _features(options: argparse.Namespace) -> int:
    grid = Grid(parse_timecode(options.step))
    from core.analysis.emotion_track import DEFAULT_WEIGHTS
    from core.learning.highlights.feature_extraction import extract_features
    from core.networks.vision import EmbeddedBackbone, TransformerBackbone

    backbone: Callable[[], Backbone] = EmbeddedBackbone
    if options.visual_model:
        backbone = partial(
            TransformerBackbone, options.visual_model, allow_download=options.allow_download
        )
    with show_progress(options.json, f"Measuring {options.folder.absolute().name}") as progress:
        store = extract_features(
            options.folder,
            options.out,
            workers=options.workers,
            backbone=backbone,
            emotion_weights=options.emotion_model or DEFAULT_WEIGHTS,
            grid=grid,
            progress=progress,
        )
    if options.json:
        say_json(_as_json(store))
    else:
        _show(store)
    return int(bool(store.problems))


def _as_json(store: FeatureStore) -> dict[str, Any]:
    videos = [store.video(name) for name in store.videos]
    return {
        "store": str(store.root),
        "videos": [
            {
                "name": video.name,
                "file": video.file,
                "duration": float(video.duration),
                "step": float(video.step),
                "cells": video.cells,
                "tracks": sorted(video.tracks),
            }
            for video in videos
        ],
        "problems": list(store.problems),
    }


def _show(store: FeatureStore) -> None:
    videos = [store.video(name) for name in store.videos]
    if videos:
        say_table(
            ("video", "length", "cells", "tracks"),
            [
                (
                    video.name,
                    format_timecode(video.duration),
                    str(video.cells),
                    str(len(video.tracks)),
                )
                for video in videos
            ],
        )
    say(f"Features of {counted(len(videos), 'video')} are in {store.root}")
    if store.problems:
        say(counted(len(store.problems), "problem"))
    for problem in store.problems:
        say(f"  {problem}")
