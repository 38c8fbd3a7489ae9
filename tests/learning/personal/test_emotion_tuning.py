"""What a user says is heard moves the network that hears, a little and nowhere else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, ModelError, UsageError
from core.learning.emotion_replay import REPLAY_FILE
from core.learning.emotion_training import Plan, train_emotion
from core.learning.library.library import Library
from core.learning.personal.emotion_lessons import EmotionLesson, emotion_lessons
from core.learning.personal.emotion_scoring import heard_windows, score_emotion
from core.learning.personal.emotion_settings import EmotionTuning
from core.learning.personal.emotion_tuning import YOURS, tune_emotion
from core.learning.replay_measuring import renew_replay
from core.networks.emotion_classes import EMOTIONS
from core.networks.emotion_weights import load_emotion_network
from core.networks.weights import CARD_FILE, WEIGHTS_FILE, load_card
from core.project.emotion_corrections import EmotionCorrection
from core.signals.speech_activity import SpeechActivity
from core.signals.speech_coefficients import SpeechCoefficients
from core.signals.speech_emotion import SpeechEmotion, emotion_contract, temperature_of
from core.time import Span
from tests.learning.made import make_emodb
from tests.learning.personal.made_speech import (
    SHIPPED,
    hearing,
    lesson_of,
    place,
    project_saying,
    speech_video,
)

MANNERS = ("angry", "sad", "happy", "neutral", "boredom", "angry", "sad", "happy")
FEAR: dict[str, dict[str, str | float]] = {"angry": {"emotion": "fear", "arousal": 0.9}}
"""What the user says of the loud manner."""


QUICK = EmotionTuning(steps=12, rate=1e-3, drawn=8)
"""Fewer and larger steps than usual, because tests are to be short."""


def claims(weights: Path, lesson: EmotionLesson) -> np.ndarray:
    network, card = load_emotion_network(weights, contract=emotion_contract())
    return heard_windows(network, lesson.windows, temperature_of(card))


@pytest.fixture(scope="module")
def lessons() -> list[EmotionLesson]:
    """Three videos in which the loud manner is said to be fear."""
    return [lesson_of(MANNERS, FEAR, f"video {seed}", seed) for seed in range(3)]


@pytest.fixture(scope="module")
def unseen() -> dict[str, EmotionLesson]:
    """The windows of each manner in a video that nobody corrected, as if all were fear."""
    return {
        manner: lesson_of(MANNERS, {manner: FEAR["angry"]}, "unseen", 9)
        for manner in sorted(set(MANNERS))
    }


@pytest.fixture(scope="module")
def tuned(lessons: list[EmotionLesson], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tuned") / "emotion"
    tune_emotion(lessons, SHIPPED, out, settings=QUICK)
    return out


def test_a_corrected_emotion_becomes_likelier_where_it_sounds_alike(
    tuned: Path, unseen: dict[str, EmotionLesson]
) -> None:
    fear = EMOTIONS.index("fear")
    before, after = (claims(weights, unseen["angry"])[:, fear] for weights in (SHIPPED, tuned))
    assert (after > before).all()
    assert after.mean() > before.mean() + 0.1


def test_what_sounds_otherwise_is_heard_as_before(
    tuned: Path, unseen: dict[str, EmotionLesson]
) -> None:
    change = {
        manner: np.abs(claims(tuned, lesson) - claims(SHIPPED, lesson))[:, : len(EMOTIONS)].mean()
        for manner, lesson in unseen.items()
    }
    assert change["sad"] < 0.1
    assert change["boredom"] < 0.1
    assert change["sad"] < change["angry"] / 3


def test_arousal_moves_to_where_it_was_said_to_be(tmp_path: Path) -> None:
    calm = {"angry": {"arousal": -0.5}}
    lessons = [lesson_of(MANNERS, calm, f"video {seed}", seed) for seed in range(3)]
    card = tune_emotion(lessons, SHIPPED, tmp_path / "out", settings=QUICK)
    later = lesson_of(MANNERS, calm, "later", 9)
    before, after = (
        score_emotion(weights, [later])["later"] for weights in (SHIPPED, tmp_path / "out")
    )
    assert after["arousal"] > before["arousal"]
    assert before.keys() == {"arousal"}
    assert card["data"][-1]["arousal"] == 6
    assert card["data"][-1]["emotions"] == {}


def test_the_tuned_weights_score_better_on_a_video_that_they_did_not_learn_from(
    tuned: Path, unseen: dict[str, EmotionLesson]
) -> None:
    before, after = (score_emotion(weights, [unseen["angry"]]) for weights in (SHIPPED, tuned))
    assert after["unseen"]["classes"] >= before["unseen"]["classes"]
    assert 0 <= before["unseen"]["arousal"] < after["unseen"]["arousal"] <= 1


def test_a_tuned_folder_tags_videos(tuned: Path) -> None:
    features = speech_video(MANNERS, 9)
    frames, speech = (
        features.tracks[signal.name].astype(np.float32)
        for signal in (SpeechCoefficients, SpeechActivity)
    )
    signal = SpeechEmotion(tuned)
    track = signal.tag(frames, speech)
    assert np.isfinite(track[0]).all()
    assert np.isnan(track[3]).all(), "nobody speaks there"
    assert signal.version != SpeechEmotion(SHIPPED).version


def test_the_card_says_what_was_learned_from(tuned: Path) -> None:
    card, shipped = load_card(tuned), load_card(SHIPPED)
    assert "tuned on your corrections" in card["name"]
    assert card["shipped"] == shipped["sha256"]
    for same in ("contract", "labels", "emotions", "network", "temperature", "baselines"):
        assert card[same] == shipped[same]
    *base, yours = card["data"]
    assert base == shipped["data"]
    assert yours["corpus"] == YOURS
    assert yours["videos"] == {"video 0": 2, "video 1": 2, "video 2": 2}
    assert yours["emotions"] == {"fear": 6}
    assert card["notes"] == []


def test_the_same_corrections_give_the_same_bytes_and_touch_nothing_global(
    lessons: list[EmotionLesson], tuned: Path, tmp_path: Path
) -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    numbers = str(np.random.get_state())  # noqa: NPY002
    tune_emotion(lessons[::-1], SHIPPED, tmp_path / "again", settings=QUICK)
    for name in (WEIGHTS_FILE, CARD_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (tuned / name).read_bytes()
    assert torch.equal(state, torch.get_rng_state())
    assert numbers == str(np.random.get_state())  # noqa: NPY002
    assert torch.get_num_threads() == threads
    tune_emotion(lessons, SHIPPED, tmp_path / "other", settings=QUICK, seed=1)
    assert load_card(tmp_path / "other")["sha256"] != load_card(tuned)["sha256"]


def test_few_corrections_move_less_than_many(
    lessons: list[EmotionLesson], tuned: Path, unseen: dict[str, EmotionLesson], tmp_path: Path
) -> None:
    tune_emotion(lessons[:1], SHIPPED, tmp_path / "one", settings=QUICK)
    fear = EMOTIONS.index("fear")
    none, few, many = (
        claims(weights, unseen["angry"])[:, fear].mean()
        for weights in (SHIPPED, tmp_path / "one", tuned)
    )
    assert none < few < many


def test_a_cancelled_tuning_leaves_nothing(lessons: list[EmotionLesson], tmp_path: Path) -> None:
    seen: list[float] = []
    with pytest.raises(Cancelled):
        tune_emotion(
            lessons, SHIPPED, tmp_path / "out", settings=QUICK, progress=seen.append,
            cancelled=lambda: len(seen) > 2,
        )  # fmt: skip
    assert not (tmp_path / "out").exists()
    tune_emotion(lessons, SHIPPED, tmp_path / "out", settings=QUICK, progress=seen.append)
    assert seen[3:] == sorted(seen[3:])
    assert seen[-1] == 1.0


def test_nothing_corrected_is_refused(lessons: list[EmotionLesson], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no speech"):
        tune_emotion([], SHIPPED, tmp_path / "out")
    nowhere = lessons[0].only(np.zeros(len(lessons[0].windows), bool))
    with pytest.raises(UsageError, match="no speech"):
        tune_emotion([nowhere], SHIPPED, tmp_path / "out")
    with pytest.raises(UsageError, match="twice"):
        tune_emotion([lessons[0], lessons[0]], SHIPPED, tmp_path / "out")
    with pytest.raises(UsageError, match="own folder"):
        tune_emotion(lessons, SHIPPED, SHIPPED)
    assert not (tmp_path / "out").exists()


def test_an_emotion_never_learned_before_needs_some_corrections(
    lessons: list[EmotionLesson], tmp_path: Path
) -> None:
    said = {"happy": {"emotion": "surprise"}}
    surprise = EMOTIONS.index("surprise")
    few = [lesson_of(MANNERS, said, f"surprise {seed}", 20 + seed) for seed in range(2)]
    with pytest.raises(UsageError, match=r"surprise \(4\) .* 8 corrections in 2 videos"):
        tune_emotion(few, SHIPPED, tmp_path / "out")
    card = tune_emotion([*lessons, *few], SHIPPED, tmp_path / "few", settings=QUICK)
    assert card["unlearned"] == {"surprise": 4}
    assert "surprise (4)" in card["notes"][0]
    assert "surprise" not in card["trained_emotions"]
    many = [*few, *(lesson_of(MANNERS, said, f"surprise {seed}", 20 + seed) for seed in (2, 3))]
    card = tune_emotion(many, SHIPPED, tmp_path / "many", settings=QUICK)
    assert card["notes"] == []
    assert "surprise" in card["trained_emotions"]
    later = lesson_of(MANNERS, said, "later", 9)
    assert not claims(tmp_path / "few", later)[:, surprise].any()
    assert claims(tmp_path / "many", later)[:, surprise].mean() > 0.1
    quiet = lesson_of(MANNERS, {"sad": said["happy"]}, "quiet", 9)
    assert claims(tmp_path / "many", quiet)[:, surprise].max() < 0.05


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, folder))


def test_damaged_statistics_of_the_training_data_are_refused(
    lessons: list[EmotionLesson], tmp_path: Path
) -> None:
    damaged = copied(tmp_path / "damaged")
    data = bytearray((damaged / REPLAY_FILE).read_bytes())
    data[-1] ^= 1
    (damaged / REPLAY_FILE).write_bytes(data)
    missing = copied(tmp_path / "missing")
    (missing / REPLAY_FILE).unlink()
    others, unnamed = copied(tmp_path / "others"), copied(tmp_path / "unnamed")
    card = load_card(SHIPPED)
    moved = {**card["replay"], "weights": "0" * 64}
    (others / CARD_FILE).write_text(json.dumps({**card, "replay": moved}))
    del card["replay"]
    (unnamed / CARD_FILE).write_text(json.dumps(card))
    for folder, problem in (
        (damaged, "checksum"),
        (missing, "cannot be read"),
        (others, "other weights"),
        (unnamed, "no statistics"),
    ):
        with pytest.raises(ModelError, match=problem):
            tune_emotion(lessons, folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_speech_encoder_of_the_user_is_refused(
    lessons: list[EmotionLesson], tmp_path: Path
) -> None:
    card = load_card(SHIPPED)
    card["contract"] = {"front_end": "waveform"}
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(UsageError, match="speech encoder cannot be tuned"):
        tune_emotion(lessons, folder, tmp_path / "out")


@pytest.mark.parametrize("numbers", [{"replay": -1.0}, {"rate": float("nan")}, {"steps": 0}])
def test_settings_that_make_no_sense_are_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="cannot be"):
        EmotionTuning(**numbers)  # type: ignore[arg-type]


def test_lessons_are_heard_as_the_analysis_hears_them() -> None:
    manners = MANNERS * 2
    said = {manner: {"valence": 0.0} for manner in set(manners)}
    lesson = lesson_of(manners, said, "video", 4)
    features = speech_video(manners, 4)
    frames, speech = (
        features.tracks[signal.name].astype(np.float32)
        for signal in (SpeechCoefficients, SpeechActivity)
    )
    signal, voices = hearing()
    track = signal.tag(frames, speech, voices=voices.labels(frames, speech))
    track = track[np.isfinite(track[:, 0])]
    assert len(lesson.windows) == len(track)
    assert np.allclose(claims(SHIPPED, lesson)[:, :-1], track[:, :-1], atol=1e-4)


def test_lessons_come_from_the_library_with_the_later_word(tmp_path: Path) -> None:
    told: list[str] = []
    with Library.open(tmp_path / "library.sqlite") as library:
        first = [EmotionCorrection(place(0), "fear"), EmotionCorrection(place(1), "happy")]
        library.collect(project_saying(first))
        library.collect(project_saying([EmotionCorrection(place(0), "sad")], name="b", minute=5))
        library.collect(project_saying(first, name="c", video="gone"))
        assert emotion_lessons(library, "", tell=told.append) == []
        assert len(told) == 2, "no speech of either is kept"
        library.keep_features("v", speech_video(MANNERS, 1))
        (lesson,) = emotion_lessons(library, "", videos=["v"])
        library.leave_out("v", True)
        assert emotion_lessons(library, "", videos=["v"]) == []
    names = {EMOTIONS[index] for index in lesson.emotions}
    assert names == {"sad", "happy"}
    assert lesson.corrections == 2
    assert np.isnan(lesson.arousal).all()


def test_a_correction_without_speech_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    silence = place(0).end
    with Library.open(tmp_path / "library.sqlite") as library:
        where = Span(silence, silence + 1)
        library.collect(project_saying([EmotionCorrection(where, "fear")]))
        library.keep_features("v", speech_video(MANNERS, 1))
        (lesson,) = emotion_lessons(library, "", tell=told.append)
    assert (lesson.corrections, lesson.silent) == (0, 1)
    assert "no speech is heard" in told[0]


def test_new_weights_bring_their_statistics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.learning.emotion_training.COPIES", 0)
    corpus = make_emodb(tmp_path / "emodb", ("03", "08"), {"happy": 9, "sad": 9})
    out = tmp_path / "weights"
    card = train_emotion({"emodb": corpus}, out, Plan(folds=0, epochs=1))
    assert card == load_card(out)
    data = (out / REPLAY_FILE).read_bytes()
    weights = (out / WEIGHTS_FILE).read_bytes()
    (out / REPLAY_FILE).unlink()
    again = renew_replay(out, {"emodb": corpus})
    assert again == card
    assert (out / REPLAY_FILE).read_bytes() == data
    assert (out / WEIGHTS_FILE).read_bytes() == weights
    fewer = make_emodb(tmp_path / "fewer", speakers=("03",))
    with pytest.raises(UsageError, match="other data"):
        renew_replay(out, {"emodb": fewer})


def test_the_shipped_statistics_are_small_and_those_of_the_shipped_weights() -> None:
    card = load_card(SHIPPED)
    assert card["replay"]["weights"] == card["sha256"]
    assert (SHIPPED / REPLAY_FILE).stat().st_size < 300_000
