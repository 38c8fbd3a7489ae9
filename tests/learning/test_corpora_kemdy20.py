"""KEMDy20 in its true layout: two rows of headers, a blank in the cells that a heading spans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import CorpusError
from core.learning.corpora import Utterance, read_kemdy20
from core.learning.corpus_check import check_corpus
from core.learning.splits import group_folds, groups_of
from core.networks.emotion_classes import EMOTIONS

UPPER = "Numb,Wav, ,Segment ID,Total Evaluation, , ,Eval01F, , ,Eval02M, , "
LOWER = " ,start,end, ,Emotion,Valence,Arousal" + ",Emotion,Valence,Arousal" * 2
VOTES = "neutral,3,3,happy,4,4"


def add_session(
    folder: Path,
    session: int,
    segments: dict[str, str],
    *,
    headers: tuple[str, str] = (UPPER, LOWER),
    encoding: str = "utf-8",
    ids: dict[str, str] | None = None,
) -> Path:
    """Writes sounds and table; a segment's text is its emotion, valence and arousal."""
    sounds = folder / "wav" / f"Session{session:02}"
    sounds.mkdir(parents=True)
    lines = list(headers)
    for count, (segment, label) in enumerate(segments.items(), start=1):
        name = f"Sess{session:02}_{segment}"
        soundfile.write(sounds / f"{name}.wav", np.zeros(8000, np.float32), 16_000)
        (sounds / f"{name}.txt").write_bytes("c/ 안녕하세요 \n".encode("cp949"))
        written = (ids or {}).get(segment, name)
        lines.append(f"{count},{count * 7.25},{count * 7.25 + 3},{written},{label},{VOTES}")
    table = folder / "annotation" / f"Sess{session:02}_eval.csv"
    table.parent.mkdir(exist_ok=True)
    table.write_text("\r\n".join(lines) + "\r\n", encoding=encoding)
    return table


def by_name(rows: list[Utterance]) -> dict[str, Utterance]:
    return {row.name: row for row in rows}


def shares(row: Utterance) -> dict[str, float]:
    assert row.distribution is not None
    return {
        name: share for name, share in zip(EMOTIONS, row.distribution, strict=True) if share > 0
    }


def test_labels_and_ratings_are_those_of_all_listeners(tmp_path: Path) -> None:
    add_session(
        tmp_path,
        1,
        {
            "script01_User002M_001": "neutral,3.2,1.4",
            "script01_User001F_002": "happy;neutral,5,4",
            "script01_User001F_003": "disqust;angry;sad;DISGUST,1,3",
            "script02_User001F_001": ",3,3",
            "script02_User001F_002": "happy,,4",
        },
    )
    rows = by_name(read_kemdy20(tmp_path))
    neutral = rows["Sess01_script01_User002M_001"]
    assert (neutral.emotion, shares(neutral)) == ("neutral", {"neutral": 1.0})
    assert neutral.valence == pytest.approx(0.1)
    assert neutral.arousal == pytest.approx(-0.8)
    assert neutral.rated
    assert (neutral.start, neutral.end) == (0.0, None), "the times are those of the recording"
    assert (neutral.speaker, neutral.session) == ("kemdy20-Sess01-User002M", "kemdy20-Sess01")
    assert neutral.licence == "ETRI, on request"
    shared = rows["Sess01_script01_User001F_002"]
    assert (shared.emotion, shares(shared)) == (None, {"neutral": 0.5, "happy": 0.5})
    assert (shared.valence, shared.arousal) == (1.0, 0.5)
    third = pytest.approx(1 / 3)
    assert shares(rows["Sess01_script01_User001F_003"]) == {
        "angry": third,
        "sad": third,
        "disgust": third,
    }
    without = rows["Sess01_script02_User001F_001"]
    assert (without.emotion, without.distribution, without.valence) == (None, None, 0.0)
    half = rows["Sess01_script02_User001F_002"]
    assert (half.valence, half.arousal) == (0.8, 0.5), "a missing rating follows from the emotion"


def test_ids_of_session_17_find_the_sounds_that_have_a_prefix(tmp_path: Path) -> None:
    segments = {
        "script01_User033F_001": "neutral,3,3",
        "script01_User034M_001": "sad,2,2",
        "script02_User034M_001": "angry,1,5",
    }
    ids = {
        "script01_User033F_001": "script01_User033F_001",
        "script01_User034M_001": "_script01_User034M_001",
        "script02_User034M_001": "Sess71_script02_User034M_001",
    }
    add_session(tmp_path, 17, segments, ids=ids)
    rows = by_name(read_kemdy20(tmp_path))
    assert {name: row.emotion for name, row in rows.items()} == {
        "Sess17_script01_User033F_001": "neutral",
        "Sess17_script01_User034M_001": "sad",
        "Sess17_script02_User034M_001": "angry",
    }
    assert {row.speaker for row in rows.values()} == {
        "kemdy20-Sess17-User033F",
        "kemdy20-Sess17-User034M",
    }


def test_an_id_that_fits_two_sounds_is_refused(tmp_path: Path) -> None:
    segment = "script01_User033F_001"
    add_session(tmp_path, 17, {segment: "neutral,3,3"}, ids={segment: segment})
    sounds = tmp_path / "wav" / "Session17"
    copy = (sounds / f"Sess17_{segment}.wav").read_bytes()
    (sounds / f"Sess17b_{segment}.wav").write_bytes(copy)
    with pytest.raises(CorpusError, match=f"Sess17_{segment}, Sess17b_{segment}"):
        read_kemdy20(tmp_path)


@pytest.mark.parametrize(
    ("headers", "encoding"),
    [
        ((UPPER.upper(), LOWER.replace("Emotion", " emotion ")), "utf-8-sig"),
        ((UPPER.replace("Total Evaluation", "Total  evaluation"), LOWER + ",비고"), "cp949"),
    ],
)
def test_other_headers_and_encodings_read(
    tmp_path: Path, headers: tuple[str, str], encoding: str
) -> None:
    segment = {"script01_User001F_001": "fear,2,4"}
    add_session(tmp_path, 1, segment, headers=headers, encoding=encoding)
    (row,) = read_kemdy20(tmp_path)
    assert (row.emotion, row.valence, row.arousal) == ("fear", -0.5, 0.5)


def test_columns_are_found_by_their_headings(tmp_path: Path) -> None:
    upper = "Total Evaluation,,,Numb,Wav,,ECG,,E4-EDA,,E4-TEMP,,Segment ID,Eval01,,"
    lower = "Arousal,Emotion,Valence,,start,end,start,end,start,end,start,end,,Emotion,Valence,"
    add_session(tmp_path, 1, {"script01_User001F_001": ",,"})
    (tmp_path / "annotation" / "Sess01_eval.csv").write_text(
        f"{upper}\n{lower}\n5,happy,4,1,0,1,0,1,0,1,0,1,Sess01_script01_User001F_001,sad,1,1\n"
    )
    (row,) = read_kemdy20(tmp_path)
    assert (row.emotion, row.valence, row.arousal) == ("happy", 0.5, 1.0)


def test_a_transcript_that_cannot_be_decoded_does_not_matter(tmp_path: Path) -> None:
    add_session(tmp_path, 1, {"script01_User001F_001": "fear,2,4"})
    transcript = tmp_path / "wav" / "Session01" / "Sess01_script01_User001F_001.txt"
    transcript.write_bytes(b"\xff\xfe\xff")
    assert len(read_kemdy20(tmp_path)) == 1


def test_a_missing_sound_is_named(tmp_path: Path) -> None:
    segments = {"script01_User005F_001": "fear,2,4", "script01_User005F_002": "sad,2,2"}
    table = add_session(tmp_path, 3, segments)
    (tmp_path / "wav" / "Session03" / "Sess03_script01_User005F_001.wav").unlink()
    with pytest.raises(CorpusError, match=r"Session03/Sess03_script01_User005F_001\.wav") as caught:
        read_kemdy20(tmp_path)
    assert caught.value.path == table


def test_the_check_goes_on_after_a_session_that_is_not_there(tmp_path: Path) -> None:
    add_session(tmp_path, 1, {"script01_User001F_001": "fear,2,4"})
    for session in (2, 4):
        add_session(tmp_path, session, {"script01_User003F_001": "neutral,3,3"})
    for file in (tmp_path / "wav" / "Session02").iterdir():
        file.unlink()
    report = check_corpus("kemdy20", tmp_path)
    assert [text for text in report.problems if "Session02" in text] == report.problems
    assert (report.utterances, report.neutral_share, report.rated) == (2, 0.5, 2)


@pytest.mark.parametrize(
    ("label", "message"),
    [("merry,3,3", "merry"), ("happy,7,3", "not between 1 and 5"), ("happy,x,3", "not a number")],
)
def test_a_wrong_label_is_named_with_its_line(tmp_path: Path, label: str, message: str) -> None:
    table = add_session(tmp_path, 1, {"script01_User001F_001": label})
    with pytest.raises(CorpusError, match=message) as caught:
        read_kemdy20(tmp_path)
    assert "line 3" in str(caught.value)
    assert caught.value.path == table


def test_a_table_without_ratings_is_refused(tmp_path: Path) -> None:
    segment = {"script01_User001F_001": "fear,2,4"}
    add_session(tmp_path, 1, segment, headers=(UPPER, LOWER.replace("Valence", "Liking")))
    with pytest.raises(CorpusError, match="total evaluation valence"):
        read_kemdy20(tmp_path)


def test_who_talks_together_is_tested_together(tmp_path: Path) -> None:
    for session in (1, 2, 3):
        segments = {
            f"script01_User{2 * session - 1:03}F_001": "happy,4,4",
            f"script01_User{2 * session:03}M_001": "neutral,3,3",
        }
        add_session(tmp_path, session, segments)
    rows = read_kemdy20(tmp_path)
    for training, test in group_folds(groups_of(rows), 3):
        assert not {rows[row].session for row in training} & {rows[row].session for row in test}
        assert len({rows[row].speaker for row in test}) == 2
