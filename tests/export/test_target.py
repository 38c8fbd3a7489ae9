"""The folder beside the output: one export at a time, resumed after a kill, gone otherwise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from core.errors import Cancelled, ExportError, UsageError
from core.export.ffmpeg import Command, run_ffmpeg
from core.export.target import SUFFIXES, check_output, work_folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def killed_export(output: Path, key: str, script: str = "") -> None:
    """Leaves what an export leaves that is killed in the middle of its work."""
    words = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from core.export.target import work_folder\n"
        "with work_folder(Path(sys.argv[1]), sys.argv[2]) as folder:\n"
        "    (folder / 'part.mp4').write_text('part')\n"
        f"    {script}\n"
        "    os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    ran = subprocess.run([sys.executable, "-c", words, str(output), key], check=False)
    assert ran.returncode != 0


def encode(folder: Path, frames: int = 5) -> int:
    command = Command(
        arguments=[
            *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25", "-frames:v", str(frames)),
            *("-c:v", "libx264", "part.mp4"),
        ],
        folder=folder,
        frames=frames,
        target=folder / "short.mp4",
        results=("part.mp4",),
    )
    [written] = run_ffmpeg(
        [command], progress=lambda fraction, message: None, cancelled=lambda: False
    )
    return written


def test_it_is_on_the_disk_of_the_output_and_goes_away(tmp_path: Path) -> None:
    with work_folder(tmp_path / "short.mp4", "key") as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith(".")
        (folder / "deep").mkdir()
        (folder / "deep" / "part.mp4").write_text("part")
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [ExportError("broken"), Cancelled(), KeyboardInterrupt()])
def test_it_goes_away_when_the_export_fails(error: BaseException, tmp_path: Path) -> None:
    def export() -> None:
        with work_folder(tmp_path / "short.mp4", "key") as folder:
            (folder / "part.mp4").write_text("part")
            raise error

    with pytest.raises(type(error)):
        export()
    assert names(tmp_path) == []


def test_two_exports_of_one_file_do_not_meet(tmp_path: Path) -> None:
    with work_folder(tmp_path / "short.mp4", "one"):
        for key in ("one", "other"):
            with (
                pytest.raises(ExportError, match="another export is writing"),
                work_folder(tmp_path / "short.mp4", key),
            ):
                pass
        with work_folder(tmp_path / "another.mp4", "one") as folder:
            assert folder.is_dir()
    with work_folder(tmp_path / "short.mp4", "other"):
        pass
    assert names(tmp_path) == []


def test_two_processes_do_not_meet_either(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from core.errors import ExportError\n"
        "from core.export.target import work_folder\n"
        "try:\n"
        "    with work_folder(Path(sys.argv[1]), 'key'):\n"
        "        print('both')\n"
        "except ExportError as error:\n"
        "    print(error)\n"
    )
    output = tmp_path / "short.mp4"
    with work_folder(output, "key") as folder:
        ran = subprocess.run(
            [sys.executable, "-c", script, str(output)], capture_output=True, text=True, check=True
        )
        assert "another export is writing" in ran.stdout
        assert folder.is_dir()


def test_a_killed_export_is_found_again_by_the_same_one(tmp_path: Path) -> None:
    output = tmp_path / "short.mp4"
    killed_export(output, "key")
    assert len(names(tmp_path)) == 2
    with work_folder(output, "key") as folder:
        assert (folder / "part.mp4").read_text() == "part"
    assert names(tmp_path) == []


def test_a_killed_export_is_removed_by_another_one_of_that_file_only(tmp_path: Path) -> None:
    killed_export(tmp_path / "short.mp4", "key")
    with work_folder(tmp_path / "other.mp4", "key") as folder:
        assert names(folder) == []
    assert len(names(tmp_path)) == 2
    with work_folder(tmp_path / "short.mp4", "changed") as folder:
        assert names(folder) == []
        assert len(names(tmp_path)) == 2
    assert names(tmp_path) == []


def test_finished_parts_are_not_written_again(tmp_path: Path) -> None:
    with work_folder(tmp_path / "short.mp4", "key") as folder:
        assert encode(folder) == 5
        assert sorted(name for name in names(folder) if name.startswith("part")) == [
            "part.mp4",
            "part.mp4.whole",
        ]
        written = (folder / "part.mp4").stat().st_mtime_ns
        assert encode(folder) == 5
        assert (folder / "part.mp4").stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", ["cut off", "without a note", "half a note"])
def test_half_a_part_is_written_again(damage: str, tmp_path: Path) -> None:
    with work_folder(tmp_path / "short.mp4", "key") as folder:
        encode(folder)
        part, note = folder / "part.mp4", folder / "part.mp4.whole"
        whole = part.read_bytes()
        if damage == "cut off":
            part.write_bytes(whole[:-10])
        elif damage == "without a note":
            note.unlink()
        else:
            note.write_text("")
        assert encode(folder) == 5
        assert len(part.read_bytes()) == len(whole)


def test_a_run_that_fails_leaves_no_part(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_text("no video")
    command = Command(
        arguments=["-i", "video.mp4", "part.mp4"],
        folder=tmp_path,
        frames=1,
        target=tmp_path / "short.mp4",
        results=("part.mp4",),
    )
    with pytest.raises(ExportError):
        run_ffmpeg([command], progress=lambda *step: None, cancelled=lambda: False)
    assert "part.mp4" not in names(tmp_path)


@pytest.mark.parametrize("name", ["ä" * 120 + ".mp4", "한" * 83 + ".mp4", "a" * 251 + ".mp4"])
def test_names_that_are_as_long_as_they_can_be(name: str, tmp_path: Path) -> None:
    output = tmp_path / name
    check_output(output, [], overwrite=False)
    with work_folder(output, "key") as folder:
        (folder / "short.mp4").write_text("short")
        os.replace(folder / "short.mp4", output)
    assert [unicodedata.normalize("NFC", name) for name in names(tmp_path)] == [name]


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="name too long"):
        check_output(tmp_path / f"{'a' * 300}.mp4", [], overwrite=False)


@pytest.mark.skipif(sys.platform == "win32", reason="no such rights on Windows")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    place = Path("/proc/self") if Path("/proc/self").is_dir() else tmp_path / "closed"
    if not place.exists():
        place.mkdir(mode=0o500)
    with pytest.raises(ExportError), work_folder(place / "short.mp4", "key"):
        pass


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(ExportError, match="folder does not exist"),
        work_folder(tmp_path / "missing" / "short.mp4", "key"),
    ):
        pass
    assert names(tmp_path) == []


def test_keys_may_be_any_text(tmp_path: Path) -> None:
    for key in ("", "../../etc", "한글 🎉", "\udcff", "x" * 100_000):
        with work_folder(tmp_path / "short.mp4", key) as folder:
            assert folder.parent == tmp_path
    assert names(tmp_path) == []


def test_previews_are_accepted_and_other_kinds_refused(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        check_output(tmp_path / f"short{suffix.upper()}", [], overwrite=False)
    assert {".gif", ".webp"} <= set(SUFFIXES)
    with pytest.raises(UsageError, match="ends in"):
        check_output(tmp_path / "short.avi", [], overwrite=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_children_end_with_an_application_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from core.export.ffmpeg import Command, run_ffmpeg\n"
        "folder = Path(sys.argv[1])\n"
        "def progress(fraction, message):\n"
        "    if fraction > 0:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "words = ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=25', '-f', 'mpegts', 'endless.ts']\n"
        "command = Command(words, folder, 100_000, folder)\n"
        "run_ffmpeg([command], progress=progress, cancelled=lambda: False)\n"
    )
    pipe = tmp_path / "endless.ts"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as written:
        ran = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
        assert ran.returncode == -signal.SIGKILL
        # The pipe ends when the child that writes to it does; otherwise it never would.
        os.set_blocking(written.fileno(), True)
        length = 0
        while piece := written.read(65_536):
            length += len(piece)
            assert length < 20_000_000
