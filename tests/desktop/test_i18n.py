from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.analysis.pipeline import analyse
from core.analysis.store import Store
from core.cutting.suggest import suggest
from core.errors import MediaError
from core.learning.personal.learnt import PHRASES
from core.learning.personal.trying import AVERAGE_PRECISION, PAIRS
from core.places import RESOURCES, SAMPLE_VIDEO
from desktop import i18n
from desktop.i18n import qt_translator, set_language, tr, tr_message
from desktop.panels.error_details import ErrorDetails
from desktop.settings import SettingsStore
from desktop.widgets import WrappedText
from desktop.windows import Windows
from tests.desktop.conftest import PATIENCE
from tests.desktop.texts import (
    ROOT,
    called,
    calls,
    core_texts,
    modules,
    phrases,
    places,
    shape,
)

WINDOW = "ko.json"
MESSAGES = "ko-messages.json"

SPOKEN = (
    *(f"core/{name}" for name in ("media", "signals", "analysis", "cutting", "project", "export")),
    "core/time.py",
    *(
        f"core/networks/{name}.py"
        for name in (
            "efficientnet_lite",
            "emotion_weights",
            "frame_weights",
            "speech_encoder",
            "vision",
            "weights",
        )
    ),
    "core/learning/library",
    *(
        f"core/learning/personal/{path.name}"
        for path in sorted((ROOT / "core/learning/personal").glob("*.py"))
        if not path.name.startswith(("simulated_", "within_report", "editors_report"))
    ),
    "core/learning/emotion_replay.py",
    "core/learning/highlights/fusion_importance.py",
    "desktop/jobs",
    "desktop/panels",
)
"""Where errors, progress and notices come from that a user of the window meets."""

PHRASED = "core/export", "core/project"
"""Where sentences are made in many ways: all that reads like English is for the user."""

UNSEEN = re.compile(
    r"ffconcat .*|option .*|\* (FROM|TO) .*|<\?xml .*|emotion-shortform .*|pip install .*"
    r"|FCPXML \(.*|chapters for .*|Like the source",
    re.DOTALL,
)
"""What files and other programs read, and what only the command line says."""

INNER = tuple(
    f"core/export/{name}.py:"
    for name in ("ffmpeg", "orphans", "lossless/bits", "lossless/parameters")
)
"""What other programs say, and errors that are caught."""

MISUSE = re.compile(r"shape \{\}|the \{\} cannot be \{\}")
"""In errors that only somebody who calls core from a program can make."""

COMPOSED = {
    "Something went wrong that should not have ({}). Your cuts are kept; please report this.",
    "curve {}, {} on average: {}",
    "Highlights found by the {}.",
    "transparent baseline ({})",
    "fusion of {} learned from {}",
    "fusion of {} learned from {}; {} by the transparent baseline",
    "composed moments of {}",
    "{}: {}",
    "video {}",
    "cut {}",
    "cut {} ({})",
    "the captions are damaged ({})",
    "speech-to-text stopped",
    "{} s",
    "YouTube Help, November 2026",
    "The font of titles and captions does not have these signs, so they were left out: {}",
    *(
        f"{compared} on {{}} videos that it had not seen: {measure} {{}} points.{rest}"
        for compared, rest in (("Better", ""), ("Worse", " What was in use stays in use."))
        for measure in (AVERAGE_PRECISION, PAIRS, "classes", "arousal", "valence")
    ),
    "Not different on {} videos that it had not seen.",
    (
        "Not worse on {} videos that it had not seen, but they differ too much to be sure. "
        "More corrected videos can tell; until then it waits for you to choose it."
    ),
    *(
        f"{have}. With {more} more it can be told whether this version is better; until then it "
        "waits for you to choose it."
        for have, more in (
            ("None of your videos has {}", "{}"),
            ("Only 1 of your videos has {}", "{}"),
            ("Only {} of your videos have {}", "one"),
        )
    ),
    "{} What is heard: {}",
    "{} What is heard: {} So it hears as the shipped weights do.",
    "The shipped weights are used.",
    *("You keep {}.", "You drop {}.", "You keep {}; you drop {}."),
    *(f"{{}}, and by your {{}} decision{many} in this video" for many in ("", "s")),
    *("attempt to write a readonly database", "database or disk is full"),
    *("disk I/O error", "unable to open database file"),
}
"""Templates that are put together, or made outside of core."""

WORDS = {
    *("neutral", "happy", "surprise", "angry", "fear", "sad", "disgust"),
    *("arousal", "valence", "emotion", "sound", "picture", "position"),
    *("loudness", "visual energy", "centre prior"),
    *("emotion {}", "sound {}", "picture {}", "position {}"),
    *("place", "action", "relationship", "place {}", "action {}", "relationship {}"),
    *("captions", "layout"),
    *PHRASES.values(),
}
"""What stands in places of messages."""

SYSTEM = re.compile(r"[A-Z][a-z]+([-/][a-z]+)?( [a-z]+)+")
"""What the operating system says, as in "No space left on device"."""

SHOWN = {
    **dict.fromkeys(
        (
            "setText", "setToolTip", "setWindowTitle", "setAccessibleName", "setPlaceholderText",
            "setAccessibleDescription", "setStatusTip", "setSuffix", "setPrefix", "setEmptyLabel",
            "setSpecialValueText", "QLabel", "QPushButton", "QCheckBox", "QAction", "QMenu",
            "addAction", "addMenu", "addItems", "addRow", "inform", "error", "announce", "set_wish",
            "set_look", "push", "attempt", "_numbered", "setTitle",
        )
    ),
    **dict.fromkeys(("label", "push_button", "addItem", "ElidedLabel", "WrappedText"), slice(1)),
    "addTab": slice(1, 2),
    "icon_button": slice(1, 2),
}  # fmt: skip
"""What shows a text, and which of its arguments are texts; all where nothing is said."""

ROLES = frozenset({"heading", "secondary", "problem"})
NAMES = frozenset({"EmotionShortForm", " – EmotionShortForm", "source", " dB", " LUFS"})
MARKUP = re.compile(r"<[^>]*>?|^[^<]*>|[+]?\.\d?f")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    set_language("en")


@pytest.fixture
def korean() -> None:
    set_language("ko")


def catalogue(name: str) -> dict[str, str]:
    return json.loads((RESOURCES / "translations" / name).read_text(encoding="utf-8"))


def window_texts() -> dict[str, str]:
    found: dict[str, str] = {}
    for path, tree in modules("desktop"):
        for call in calls(tree):
            if called(call) == "tr":
                text = call.args[0]
                assert isinstance(text, ast.Constant), f"{path}:{call.lineno} is no literal"
                assert isinstance(text.value, str)
                found[text.value] = f"{path}:{call.lineno}"
    return found


def latin(text: str) -> str:
    """Words of other letters than Korean ones, but for units."""
    return " ".join(set(re.findall(r"[A-Za-z]{2,}", text)) - {"LU", "MB", "EMO", "DB", "CREMA"})


def test_every_text_of_the_window_is_in_korean_with_the_same_places() -> None:
    told = catalogue(WINDOW)
    for text, place in window_texts().items():
        assert text in told, f"no Korean for {text!r} ({place})"
        assert places(told[text]) == places(text), f"other places in Korean: {text!r}"


def test_the_catalogue_holds_no_text_that_the_window_has_not() -> None:
    assert not set(catalogue(WINDOW)) - set(window_texts())


@pytest.mark.parametrize("name", [WINDOW, MESSAGES])
def test_a_catalogue_is_sorted_and_has_no_empty_text(name: str) -> None:
    told = catalogue(name)
    assert list(told) == sorted(told)
    assert all(text.strip() and korean.strip() for text, korean in told.items())


def test_all_that_the_window_says_goes_through_tr() -> None:
    bare = []
    for path, tree in modules("desktop"):
        for call in calls(tree):
            name = called(call)
            if name not in SHOWN:
                continue
            asked = {id(part) for c in calls(call) if called(c) == "tr" for part in ast.walk(c)}
            for argument in call.args[SHOWN[name] or slice(None)]:
                bare += [
                    f"{path}:{call.lineno}: {part.value!r}"
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Constant)
                    and id(part) not in asked
                    and isinstance(part.value, str)
                    and part.value not in NAMES | ROLES
                    and re.search("[A-Za-z]", MARKUP.sub("", part.value))
                ]
    assert not bare, "\n".join(bare)


def test_every_text_of_core_is_in_korean_with_the_same_places() -> None:
    told = catalogue(MESSAGES)
    known = {shape(text) for text in told}
    missing = {
        text: place
        for text, place in core_texts(*SPOKEN).items()
        if text not in known and not MISUSE.search(text)
    }
    assert not missing
    for text, korean in told.items():
        assert places(korean) == places(text), f"other places in Korean: {text!r}"


def test_nothing_that_reads_like_english_is_left_out() -> None:
    known = {shape(text) for text in catalogue(MESSAGES)}
    missing = {
        text: place
        for text, place in phrases(*PHRASED).items()
        if text not in known and not place.startswith(INNER)
        if not UNSEEN.fullmatch(text) and not MISUSE.search(text)
    }
    assert not missing


def test_the_messages_hold_no_text_that_core_has_not() -> None:
    known = {*core_texts(*SPOKEN), *phrases(*PHRASED, *SPOKEN), *COMPOSED, *WORDS}
    stale = [text for text in catalogue(MESSAGES) if shape(text) not in known]
    assert not [text for text in stale if not SYSTEM.fullmatch(text)]


def test_every_message_is_recognised_with_values_in_its_places(korean: None) -> None:
    for text, told in catalogue(MESSAGES).items():
        if "{message}" in text or shape(text).startswith("{}"):
            continue
        values = {name.strip("{}"): f"{7 + number}" for number, name in enumerate(places(text))}
        assert tr_message(text.format(**values)) == told.format(**values)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("happy 71\u00a0%", "기쁨 71%"),
        (
            "curve 0.52, 0.31 on average: emotion +0.12, picture -0.05",
            "곡선 0.52, 평균 0.31: 감정 +0.12, 화면 -0.05",
        ),
        ("place kitchen (71\u00a0%)", "장소 kitchen(71%)"),
        (
            (
                "Highlights found by the fusion of emotion and sound learned from composed moments "
                "of EMO-DB and CREMA-D; picture and position by the transparent baseline."
            ),
            (
                "하이라이트 점수 – 감정, 소리: 학습한 융합 모델(EMO-DB, CREMA-D 합성 장면) · "
                "화면, 위치: 기본 방식."
            ),
        ),
        (
            "Highlights found by the transparent baseline (arousal, loudness).",
            "하이라이트 점수 – 기본 방식(각성도, 음량).",
        ),
        ("ends in a pause of speech", "말이 쉬는 곳에서 끝"),
        ("12 s of 95 s", "12초 / 95초"),
        (
            "a locked cut cannot be changed. Unlock it first.",
            "잠긴 컷은 바꿀 수 없습니다. 먼저 잠금을 해제하세요.",
        ),
        (
            "The last picture begins at 00:01:02.00, 30 s before the end: is the file complete?",
            "마지막 화면이 00:01:02.00에 시작합니다(끝나기 30초 전). 파일이 온전한지 확인하세요.",
        ),
        (
            "cut 3: a span must end after it starts (1.000 s to 0.500 s): /p. Correct the file.",
            "컷 3: 구간의 끝은 시작보다 뒤여야 합니다(1.000초~0.500초): /p. 파일을 바로잡으세요.",
        ),
        (
            "a caption lasts at least 0.1 s: it cannot be split here.",
            "자막은 0.1초 이상이어야 하므로 여기서 분할할 수 없습니다.",
        ),
        (
            (
                "this short cannot be copied: The bit rate is limited. "
                "Choose the way auto, or leave out what changes the pictures."
            ),
            (
                "무손실로 내보낼 수 없습니다: 비트레이트가 제한되어 있습니다. "
                "자동 방식을 선택하거나 화면을 바꾸는 항목을 빼세요."
            ),
        ),
        (
            "The pictures are encoded anew, with nothing over them: The video is interlaced.",
            "화면을 다시 인코딩합니다: 비월 주사 동영상입니다.",
        ),
        (
            "The short is 181.5 s long; at most 180 s are accepted. Remove a cut or shorten one.",
            "숏폼 길이가 181.5초입니다(최대 180초). 컷을 빼거나 줄이세요.",
        ),
        (
            (
                "the captions are damaged in line 7 (these are not two times): /p. "
                "Open it in a caption editor and save it as .srt or .vtt."
            ),
            (
                "자막 파일의 7번째 줄이 손상되었습니다(시작과 끝 시간을 읽을 수 없음): /p. "
                "자막 편집 프로그램에서 열어 .srt나 .vtt로 저장하세요."
            ),
        ),
        (
            "the cut at 1–2: a crossfade lasts 0 to 10 s, not 11 s: /p. Correct the file.",
            "컷 1–2: 교차 디졸브는 0~10초여야 합니다(현재 11초): /p. 파일을 바로잡으세요.",
        ),
        (
            (
                "cut 3 (b.mp4) begins 12 ms beside its time: editors count this video at 29.97 "
                "frames per second."
            ),
            (
                "컷 3(b.mp4): 시작점이 12 ms 어긋납니다. 편집 프로그램은 이 동영상을 초당 "
                "29.97프레임으로 계산합니다."
            ),
        ),
        (
            "the list of cuts is damaged: /p. Correct the file, or open one of its backups.",
            "손상된 부분이 있습니다(컷 목록): /p. 파일을 바로잡거나 백업을 여세요.",
        ),
    ],
)
def test_what_core_says_is_told_in_korean_as_a_whole(korean: None, said: str, told: str) -> None:
    assert tr_message(said) == told


@pytest.mark.parametrize("path", ["/videos/a. b: c/Done.mp4", "C:\\Filme\\happy, sad.mkv"])
def test_the_path_of_an_error_stays_as_it_is(korean: None, path: str) -> None:
    error = MediaError(
        "the file cannot be read (No such file or directory)",
        path=path,
        remedy="Is it still there?",
    )

    told = tr_message(str(error))

    assert path in told
    assert not latin(told.replace(path, ""))


def test_the_details_of_a_problem_are_told_in_korean(qtbot: QtBot, korean: None) -> None:
    details = ErrorDetails("there is not enough memory. Try again.", "")
    qtbot.addWidget(details)

    assert not latin(details.accessibleName())
    assert not [text for text in details.findChildren(WrappedText) if latin(text.toPlainText())]


def test_the_reasons_of_the_cuts_of_the_sample_are_korean(korean: None, tmp_path: Path) -> None:
    analysis = analyse(SAMPLE_VIDEO, store=Store(tmp_path))
    cuts = suggest(analysis)

    reasons = [reason.text for cut in cuts for reason in cut.reasons]

    assert reasons
    assert not [told for told in map(tr_message, reasons) if latin(told)]
    assert not [told for told in map(tr_message, analysis.notices) if latin(told)]


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}: {0}. {x}.", ". . : : ", "something quite unknown: /x. Do this. And that.", "컷"],
)
def test_what_is_not_known_stays(korean: None, text: str) -> None:
    assert tr_message(text) == text


def test_english_stays_english(korean: None) -> None:
    assert tr("Cancel") == "취소"

    set_language("en")

    assert tr("Cancel") == "Cancel"
    assert tr("{seconds} s left", seconds=3) == "3 s left"
    assert tr_message("Joining the cuts") == "Joining the cuts"


@pytest.mark.parametrize("language", ["xx", "", "../fonts/x"])
def test_an_unknown_language_is_english(korean: None, language: str) -> None:
    set_language(language)

    assert tr("Cancel") == "Cancel"
    assert tr_message("Done") == "Done"


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"\xff\xfe", b"[1]", b'{"Cancel": 1, "Done": {"x": 2}}'],
)
def test_a_missing_or_damaged_catalogue_is_english(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    if content is not None:
        for name in (WINDOW, MESSAGES):
            (tmp_path / name).write_bytes(content)

    set_language("ko")

    assert tr("Cancel") == "Cancel"
    assert tr_message("Done") == "Done"


def test_a_text_whose_places_are_wrong_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    damaged = {"{seconds} s left": "{minutes}초 남음", "Cancel": "취소"}
    (tmp_path / WINDOW).write_text(json.dumps(damaged), encoding="utf-8")

    set_language("ko")

    assert tr("{seconds} s left", seconds=3) == "3 s left"
    assert tr("Cancel") == "취소"


def test_the_dialogs_of_qt_are_korean_too(qapp: QApplication) -> None:
    translator = qt_translator("ko")

    assert translator is not None
    assert translator.translate("QPlatformTheme", "Cancel") == "취소"
    assert qt_translator("xx") is None


def texts_of(windows: Windows) -> set[str]:
    return {button.text() for button in windows.window.findChildren(QPushButton)}


def test_another_language_makes_the_window_anew_and_keeps_the_project(
    qtbot: QtBot, qapp: QApplication, clip: Path
) -> None:
    SettingsStore().change(welcomed=True, language="en")
    windows = Windows(qapp)
    try:
        windows.show(None, None)
        windows.window.open(clip)
        qtbot.waitUntil(lambda: windows.window.editor.info is not None, timeout=PATIENCE)
        editor = windows.window.editor
        editor.set_look("Title", title="제목")
        assert "Export" in texts_of(windows)

        for language, export in (("ko", "내보내기"), ("en", "Export")):
            before = windows.window
            before.settings.change(language=language)
            qtbot.waitUntil(lambda old=before: windows.window is not old)  # type: ignore[misc]

            assert export in texts_of(windows)
            assert windows.window.isVisible()
            assert windows.window.editor is editor
            assert editor.project.wishes.look.title == "제목"
            assert windows.window.player.info == editor.info
            assert windows.window.editor.undo_stack.canUndo()
    finally:
        window = windows.window
        window.close()
        window.deleteLater()
        windows.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
