from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def own_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """No test sees or changes the caches and the data of the user."""
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("EMOTION_SHORTFORM_CACHE", str(folder / "cache"))
    monkeypatch.setenv("EMOTION_SHORTFORM_DATA", str(folder / "data"))
    return


@pytest.fixture
def shared_videos() -> Path:
    """The real videos of this workplace."""
    folder = SHARED / "videos"
    if not folder.is_dir():
        pytest.skip("the real videos (../shared/data/videos) are not on this machine")
    return folder
