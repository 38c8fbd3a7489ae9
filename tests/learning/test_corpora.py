"""Readers of corpora, on tiny corpora in the true layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import CorpusError
from core.learning.corpora import (
    AROUSAL_VALENCE,
    READERS,
    guess_reader,
    read_corpora,
    read_crema_d,
    read_emodb,
    read_nemo,
    read_rated,
    read_ravdess,
    read_table,
)
from core.networks.emotion_classes import EMOTIONS

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech"


def sounds(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        soundfile.write(folder / name, np.zeros(8000, np.float32), 16_000)
    return folder


def test_emodb_reads_speaker_and_letter(tmp_path: Path) -> None:
    rows = read_emodb(sounds(tmp_path, "03a01Fa.wav", "16b10Lb.flac", "08a02Wc.wav"))
    assert [(row.speaker, row.emotion) for row in rows] == [
        ("emodb-03", "happy"),
        ("emodb-08", "angry"),
        ("emodb-16", "boredom"),
    ]
    bored = rows[2]
    assert bored.distribution is None, "boredom is none of the seven classes"
    assert (bored.arousal, bored.valence) == AROUSAL_VALENCE["boredom"]


def test_crema_d_shares_the_label_with_the_listeners(tmp_path: Path) -> None:
    sounds(tmp_path, "1001_DFA_HAP_XX.wav", "1002_IEO_SAD_HI.wav")
    (tmp_path / "votes.csv").write_text(
        '"","FileName","VoiceVote"\n"1","1001_DFA_HAP_XX","H:N"\n"2","1002_IEO_SAD_HI","N"\n'
    )
    happy, sad = read_crema_d(tmp_path)
    assert happy.distribution is not None
    assert sad.distribution is not None
    assert dict(zip(EMOTIONS, happy.distribution, strict=True))["happy"] == 0.75
    assert dict(zip(EMOTIONS, sad.distribution, strict=True))["neutral"] == 0.5
    assert sum(sad.distribution) == 1
    assert (happy.speaker, happy.licence) == ("crema-d-1001", "ODbL-1.0")
    assert happy.arousal is not None
    assert 0 < happy.arousal < AROUSAL_VALENCE["happy"][0]


def test_nemo_reads_its_table(tmp_path: Path) -> None:
    sounds(tmp_path, "EB0_surprised_1.ogg")
    (tmp_path / "data.tsv").write_text(
        "file_id\temotion\tspeaker_id\nEB0_surprised_1.wav\tsurprised\tEB0\n"
    )
    (row,) = read_nemo(tmp_path)
    assert (row.emotion, row.speaker, row.licence) == ("surprise", "nemo-EB0", "CC-BY-NC-SA-4.0")


def test_rated_has_ratings_and_no_classes(tmp_path: Path) -> None:
    sounds(tmp_path, "00.flac", "01.flac")
    (tmp_path / "arousal.csv").write_text("00.wav,0.7\n01.wav,-0.2\n")
    (tmp_path / "valence.csv").write_text("00.wav,-0.7\n")
    first, second = read_rated(tmp_path)
    assert (first.arousal, first.valence, first.rated) == (0.7, -0.7, ("arousal", "valence"))
    assert (second.valence, second.distribution) == (None, None)


def test_ravdess_reads_speech_of_any_folder_and_leaves_songs_out(tmp_path: Path) -> None:
    sounds(tmp_path / "Actor_12", "03-01-06-01-02-01-12.wav", "03-02-03-01-01-01-12.wav")
    sounds(tmp_path, "03-01-02-01-01-01-01.wav", "03-01-08-02-01-01-01.flac")
    (tmp_path / "README.txt").write_text("no sound")
    (tmp_path / "Actor_12" / "._03-01-06-01-02-01-12.wav").write_bytes(b"left by an archive")
    calm, fear, surprise = sorted(read_ravdess(tmp_path), key=lambda row: row.emotion or "")
    assert (calm.emotion, calm.distribution) == ("calm", None), "calm is none of the classes"
    assert (calm.arousal, calm.valence) == AROUSAL_VALENCE["calm"]
    assert (fear.emotion, fear.speaker, fear.licence) == ("fear", "ravdess-12", "CC-BY-NC-SA-4.0")
    assert (surprise.emotion, surprise.speaker) == ("surprise", "ravdess-01")


@pytest.mark.parametrize("name", ["03-01-06-01-02-01.wav", "03-01-09-01-02-01-12.wav"])
def test_a_name_that_ravdess_does_not_know_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="RAVDESS") as caught:
        read_ravdess(sounds(tmp_path, name))
    assert caught.value.path == tmp_path / name


def test_anyones_table_reads(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    table = tmp_path / "mine.csv"
    table.write_text(
        "file,speaker,emotion,arousal,valence,start,end\n"
        "a.wav,Kim,happy,,,0,0.2\na.wav,Lee,,0.5,-0.5,0.2,0.5\na.wav,Lee,boredom,,,,\n"
    )
    happy, rated, bored = read_table(table)
    assert happy.speaker == happy.session == "mine-Kim"
    assert not happy.rated
    assert happy.end == 0.2
    assert (happy.arousal, happy.valence) == AROUSAL_VALENCE["happy"]
    assert rated.rated
    assert rated.distribution is None
    assert rated.arousal == 0.5
    assert bored.distribution is None
    assert bored.end is None


def test_each_rating_of_a_table_takes_the_place_of_the_emotions(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav", "b.wav")
    table = tmp_path / "mine.csv"
    table.write_text(
        "file,speaker,session,emotion,arousal,valence\n"
        "a.wav,Kim,talk,happy,-0.25,\nb.wav,Lee,talk,angry,,0\n"
    )
    happy, angry = read_table(table)
    assert (happy.arousal, happy.valence) == (-0.25, AROUSAL_VALENCE["happy"][1])
    assert (angry.arousal, angry.valence) == (AROUSAL_VALENCE["angry"][0], 0.0)
    assert happy.rated == ("arousal",)
    assert angry.rated == ("valence",)
    assert happy.session == angry.session == "mine-talk"


@pytest.mark.parametrize(
    "line",
    ["b.wav,Kim,happy,,", "a.wav,Kim,merry,,", "a.wav,Kim,,2,", "a.wav,Kim,,x,", "a.wav"],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    sounds(tmp_path, "a.wav")
    table = tmp_path / "mine.csv"
    table.write_text(f"file,speaker,emotion,arousal,valence\n{line}\n")
    with pytest.raises(CorpusError, match="line 2") as caught:
        read_table(table)
    assert caught.value.path == table


def test_wrong_folders_are_refused(tmp_path: Path) -> None:
    folders = {name: reader for name, reader in READERS.items() if name != "table"}
    for reader in folders.values():
        with pytest.raises(CorpusError):
            reader(tmp_path / "absent")
        with pytest.raises(CorpusError):
            reader(tmp_path)
    strange = sounds(tmp_path / "strange", "song.wav")
    for reader in folders.values():
        with pytest.raises(CorpusError):
            reader(strange)
    with pytest.raises(CorpusError, match="no reader"):
        read_corpora({"iemocap": tmp_path})


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    sounds(tmp_path, "1001_DFA_HAP_XX.wav")
    (tmp_path / "votes.csv").write_text("FileName\n1001_DFA_HAP_XX\n")
    with pytest.raises(CorpusError, match="VoiceVote"):
        read_crema_d(tmp_path)


def test_the_reader_is_guessed_from_the_layout(tmp_path: Path) -> None:
    assert guess_reader(sounds(tmp_path / "1", "03a01Fa.wav")) == "emodb"
    assert guess_reader(sounds(tmp_path / "2", "1001_DFA_HAP_XX.wav")) == "crema-d"
    sounds(tmp_path / "3" / "speech" / "Actor_01", "03-01-02-01-01-01-01.wav")
    assert guess_reader(tmp_path / "3") == "ravdess"
    (tmp_path / "4" / "wav").mkdir(parents=True)
    (tmp_path / "4" / "annotation").mkdir()
    assert guess_reader(tmp_path / "4") == "kemdy20"
    table = tmp_path / "mine.csv"
    table.write_text("file,speaker\n")
    assert guess_reader(table) == "table"
    table.write_text("video,start,end\n")
    with pytest.raises(CorpusError, match="no known corpus"):
        guess_reader(table)


def test_a_layout_of_none_or_of_two_corpora_is_no_guess(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such"):
        guess_reader(tmp_path / "absent")
    with pytest.raises(CorpusError, match="emodb, crema-d, nemo, rated, ravdess, kemdy20, table"):
        guess_reader(sounds(tmp_path / "strange", "song.wav"))
    both = sounds(tmp_path / "both", "03a01Fa.wav")
    (both / "data.tsv").write_text("")
    with pytest.raises(CorpusError, match="emodb or nemo"):
        guess_reader(both)


@pytest.mark.parametrize(
    ("name", "count", "speakers"),
    [("emodb", 535, 10), ("crema-d", 2005, 78), ("nemo", 2865, 6), ("rated", 47, 1)],
)
def test_the_real_corpora_read(name: str, count: int, speakers: int) -> None:
    if not (SPEECH / name).is_dir():
        pytest.skip(f"the {name} corpus is not beside this checkout")
    assert guess_reader(SPEECH / name) == name
    rows = read_corpora({name: SPEECH / name})
    assert len(rows) == len({row.name for row in rows}) == count
    assert len({row.speaker for row in rows}) == speakers
    for row in rows:
        if row.distribution is not None:
            assert sum(row.distribution) == pytest.approx(1)
