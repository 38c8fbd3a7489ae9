"""Caption files: what is written is read again, what others wrote too, what is broken is named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ExportError
from core.export.captions.caption import Caption, Captions, Word
from core.export.captions.files import read_captions, write_captions
from core.export.captions.markup import plain
from core.time import Span

SRT = "1\n00:00:01,000 --> 00:00:02,500\n{}\n\n2\n00:00:03,000 --> 00:00:04,000\n두 번째\n"
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour
Style: Default,Arial,20,&H00FFFFFF

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not shown
Dialogue: 0,{},0:00:03.00,Default,,0,0,0,,{}
"""


def written(tmp_path: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def span(start: str, end: str) -> Span:
    return Span(Fraction(start), Fraction(end))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949", "euc-kr"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_korean_is_read_in_every_usual_encoding(
    encoding: str, line_end: str, tmp_path: Path
) -> None:
    text = SRT.format("감동의 순간, 그리고 눈물").replace("\n", line_end)
    captions = read_captions(written(tmp_path, "a.srt", text, encoding))
    assert [caption.text for caption in captions] == ["감동의 순간, 그리고 눈물", "두 번째"]
    assert captions[0].span == span("1", "2.5")


def test_western_files_without_unicode_are_no_hangul(tmp_path: Path) -> None:
    text = SRT.replace("두 번째", "à bientôt").format("Déjà vu, naïve ÀÉ garçon")
    captions = read_captions(written(tmp_path, "a.srt", text, "latin-1"))
    assert [caption.text for caption in captions] == ["Déjà vu, naïve ÀÉ garçon", "à bientôt"]


def test_formatting_becomes_plain_text(tmp_path: Path) -> None:
    text = SRT.format('{\\an8}<i>Look</i> <font color="red">there</font>,\n1 < 2 and 3 > 2')
    assert read_captions(written(tmp_path, "a.srt", text))[0].text == "Look there,\n1 < 2 and 3 > 2"


def test_notes_styles_and_names_of_cues_are_no_text(tmp_path: Path) -> None:
    text = (
        "WEBVTT - about\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE nothing\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start position:0%\n<v Bob>Rock &amp; <b>roll</b></v>\n\n"
        "NOTE\nstill nothing\n\n00:03.000 --> 01:00:04.000\n1 &lt; 2\n"
    )
    captions = read_captions(written(tmp_path, "a.vtt", text))
    assert [(caption.text, caption.span) for caption in captions] == [
        ("Rock & roll", span("1", "2")),
        ("1 < 2", span("3", "3604")),
    ]


def test_times_of_words_in_webvtt_become_words(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n"
        "said before\nso<00:00:01.500><c> this</c><00:00:02.000><c> works</c>\n"
    )
    (caption,) = read_captions(written(tmp_path, "a.vtt", text))
    assert caption.text == "said before\nso this works"
    assert caption.words == (
        Word(span("1", "1.5"), "so"),
        Word(span("1.5", "2"), "this"),
        Word(span("2", "3"), "works"),
    )


def test_karaoke_becomes_words(tmp_path: Path) -> None:
    body = "{\\an8\\k50}Hel{\\kf25}lo, {\\k25}{\\ko100}다시{\\i1} \\N{\\K20}안녕"
    (caption,) = read_captions(written(tmp_path, "a.ass", ASS.format("0:00:01.00", body)))
    assert caption.text == "Hello, 다시\n안녕"
    assert caption.words == (
        Word(span("1", "1.75"), "Hello,"),
        Word(span("2", "3"), "다시"),
    )


def test_drawings_are_no_text(tmp_path: Path) -> None:
    body = "{\\p1}m 0 0 l 100 0{\\p0}Text"
    (caption,) = read_captions(written(tmp_path, "a.ass", ASS.format("0:00:01.00", body)))
    assert caption.text == "Text"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.srt", SRT.replace("--> 00:00:04", "-> 00:00:04"), "line 6"),
        ("a.srt", SRT.replace("00:00:03,000 -->", "00:00: -->"), "line 6"),
        ("a.srt", "1\n00:00:05,000 --> 00:00:02,000\nx\n", "line 2.*before it begins"),
        ("a.srt", "just a letter to my mother", "no captions"),
        ("a.vtt", SRT, "line 1.*WEBVTT"),
        ("a.ass", ASS.format("soon", "x"), "line 11"),
        ("a.ass", ASS.replace("20,&H00FFFFFF", "big,&H").format("0:00:01.00", "x"), "damaged"),
        ("a.ass", "nothing", "no captions"),
        ("a.srt", b"\x00\x01\x02" * 50, "not a text file|no captions"),
        ("a.txt", "x", "no kind of caption file"),
        ("a.srt", "9" * 100_000, "no captions"),
        ("a.vtt", "WEBVTT\n\n" + "<" * 50_000, "no captions"),
    ],
)
def test_a_broken_file_is_named(
    name: str, content: str | bytes, words: str, tmp_path: Path
) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(ExportError, match=words) as caught:
        read_captions(path)
    assert name in str(caught.value)


def test_files_far_too_large_and_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="too large"):
        read_captions(written(tmp_path, "a.srt", b" " * 16_000_001))
    many = "".join(f"{n}\n00:00:01,000 --> 00:00:02,000\nx\n\n" for n in range(20_001))
    with pytest.raises(ExportError, match="more than 20000"):
        read_captions(written(tmp_path, "b.srt", many))
    with pytest.raises(ExportError, match=r"c\.srt"):
        read_captions(tmp_path / "c.srt")


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.ass"])
def test_an_empty_file_has_no_captions(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_captions((), path)
    assert read_captions(path) == ()


@given(data=st.binary(max_size=300), suffix=st.sampled_from([".srt", ".vtt", ".ass", ".ssa"]))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_are_captions_or_an_error(data: bytes, suffix: str, tmp_path: Path) -> None:
    heads = {
        ".srt": b"1\n00:00:01,000 --> 00:00:02,000\n",
        ".vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n",
    }
    head = heads.get(
        suffix, b"[V4+ Styles]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,a,,0,0,0,,"
    )
    for content in (data, head + data):
        try:
            read_captions(written(tmp_path, f"a{suffix}", content))
        except ExportError:
            continue


TEXTS = st.text(
    st.one_of(st.sampled_from("ab 가나다漢字\n,!?&;#{}"), st.characters(codec="utf-8")), max_size=40
)


@st.composite
def spoken(draw: st.DrawFn, unit: int) -> Captions:
    """Captions whose times are whole units, some words known."""
    captions = []
    clock = draw(st.integers(0, 100_000))
    for _ in range(draw(st.integers(1, 4))):
        start = clock
        pieces: list[str] = []
        words: list[Word] = []
        for _ in range(draw(st.integers(0, 5))):
            text = draw(st.text("abc가나漢字,.!?&'-", min_size=1, max_size=6))
            pieces.append(text)
            clock += draw(st.integers(0, 50))
            begin, clock = clock, clock + draw(st.integers(1, 90))
            if draw(st.booleans()):
                words.append(Word(Span(Fraction(begin, unit), Fraction(clock, unit)), text))
        text = " ".join(pieces) if pieces else plain(draw(TEXTS))
        clock += draw(st.integers(1, 500))
        if text.strip() and _is_found(text, words):
            captions.append(
                Caption(Span(Fraction(start, unit), Fraction(clock, unit)), text, tuple(words))
            )
    return tuple(captions)


def _is_found(text: str, words: list[Word]) -> bool:
    """Every known word stands at the first place where it could be."""
    reached = 0
    for word in words:
        place = text.find(word.text, reached)
        if place < 0 or text[place - 1 : place].strip():
            return False
        reached = place + len(word.text)
        if text[reached : reached + 1].strip():
            return False
    return True


@pytest.mark.parametrize(("suffix", "unit"), [(".vtt", 1000), (".ass", 100)])
@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_words_and_times_come_back_exactly(
    suffix: str, unit: int, data: st.DataObject, tmp_path: Path
) -> None:
    captions = data.draw(spoken(unit))
    path = tmp_path / f"a{suffix}"
    write_captions(captions, path)
    assert read_captions(path) == captions


@given(captions=spoken(1000))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_subrip_keeps_texts_and_milliseconds(captions: Captions, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    write_captions(captions, path)
    assert read_captions(path) == tuple(Caption(c.span, c.text) for c in captions)


def test_times_are_rounded_not_cut(tmp_path: Path) -> None:
    captions = (Caption(Span(Fraction(2, 3), Fraction(5, 3)), "x"),)
    for name, expected in (("a.srt", span("0.667", "1.667")), ("a.ass", span("0.67", "1.67"))):
        write_captions(captions, tmp_path / name)
        assert read_captions(tmp_path / name)[0].span == expected


def test_a_countdown_is_no_number_of_a_cue(tmp_path: Path) -> None:
    captions = (Caption(span("1", "2"), "3\n2\n1"), Caption(span("2", "3"), "2"))
    write_captions(captions, tmp_path / "a.srt")
    assert read_captions(tmp_path / "a.srt") == captions


def test_what_cannot_be_written_is_named_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text("old")
    late = (Caption(span("36000", "36001"), "late"),)
    with pytest.raises(ExportError, match=r"a\.ass.*srt"):
        write_captions(late, path)
    assert path.read_text() == "old"
    with pytest.raises(ExportError, match="can be written"):
        write_captions((), tmp_path / "a.doc")
    with pytest.raises(ExportError, match="nowhere"):
        write_captions((), tmp_path / "nowhere" / "a.srt")
