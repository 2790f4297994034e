"""Writing: nothing is overwritten unasked, nothing is half, nothing is left behind."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wizard.export import write as writing
from wizard.export.render import RenderedFile
from wizard.export.write import write_files
from wizard.model.problems import ExitCode, OutputExists, Problem


def file(name: str = "a.txt", content: bytes = b"new\n", mode: int = 0o600) -> RenderedFile:
    return RenderedFile("card", name, "text/plain", mode, content, ())


@pytest.fixture(params=["nameless", "temporary name"])
def way(request, monkeypatch):
    """Both ways of writing: without a name until it is finished, and under a temporary one."""
    if request.param == "temporary name":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no nameless files")
    return request.param


@pytest.mark.usefixtures("way")
def test_files_are_written_into_a_directory_that_is_made_with_the_mode_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "one" / "two"
    written = write_files([file(), file("b.txt", b"b", 0o644)], target)
    assert [(Path(result.path).name, result.state) for result in written] == [
        ("a.txt", "written"),
        ("b.txt", "written"),
    ]
    assert (target / "a.txt").read_bytes() == b"new\n"
    assert stat.S_IMODE((target / "a.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((target / "b.txt").stat().st_mode) == 0o644
    assert sorted(path.name for path in target.iterdir()) == ["a.txt", "b.txt"]


@pytest.mark.usefixtures("way")
def test_a_conflict_is_found_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("mine")
    with pytest.raises(OutputExists, match=r"b\.txt.*--force") as caught:
        write_files([file(), file("b.txt")], tmp_path)
    assert caught.value.exit_code is ExitCode.OUTPUT_EXISTS
    assert [path.name for path in tmp_path.iterdir()] == ["b.txt"]
    assert (tmp_path / "b.txt").read_text() == "mine"


@pytest.mark.usefixtures("way")
def test_force_replaces_a_file_in_one_step(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    before = (tmp_path / "a.txt").stat().st_ino
    write_files([file()], tmp_path, force=True)
    assert (tmp_path / "a.txt").read_bytes() == b"new\n"
    assert (tmp_path / "a.txt").stat().st_ino != before
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_the_same_bytes_are_left_as_they_are(tmp_path: Path) -> None:
    write_files([file()], tmp_path)
    before = (tmp_path / "a.txt").stat()
    assert [result.state for result in write_files([file()], tmp_path)] == ["unchanged"]
    after = (tmp_path / "a.txt").stat()  # reading it may have changed the time of access
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def test_a_dry_run_writes_nothing_and_still_finds_conflicts(tmp_path: Path) -> None:
    written = write_files([file()], tmp_path / "new", dry_run=True)
    assert [result.state for result in written] == ["planned"]
    assert not (tmp_path / "new").exists()
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(OutputExists):
        write_files([file()], tmp_path, dry_run=True)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("force", [False, True])
def test_a_symbolic_link_is_never_written_through(tmp_path: Path, force: bool) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"new\n")
    (tmp_path / "out").mkdir()
    link = tmp_path / "out" / "a.txt"
    link.symlink_to(target)
    if not force:
        with pytest.raises(OutputExists):
            write_files([file()], tmp_path / "out")
        assert link.is_symlink()
        return
    write_files([file(content=b"other")], tmp_path / "out", force=True)
    assert not link.is_symlink()
    assert link.read_bytes() == b"other"
    assert target.read_bytes() == b"new\n"


def test_a_dangling_link_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExists):
        write_files([file()], tmp_path)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("what", ["pipe", "socket", "link to a pipe", "link to a device", "link to what is open"])
def test_what_is_no_ordinary_file_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool, what: str
) -> None:
    import socket

    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    place = Path("a.txt")
    if what == "pipe":
        os.mkfifo(place)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("a.txt")
    elif what == "link to a pipe":
        os.mkfifo("pipe")
        place.symlink_to("pipe")
    elif what == "link to a device":
        place.symlink_to("/dev/null")
    else:
        place.symlink_to("/proc/self/fd/1")  # as /dev/stdout is
    before = place.lstat()
    for dry_run in (True, False):
        with pytest.raises(Problem, match=r"not a regular file.*--output -"):
            write_files([file()], tmp_path, force=force, dry_run=dry_run)
        with pytest.raises(Problem, match=r"not a regular file.*--output -"):
            write_files([file()], place, force=force, dry_run=dry_run)
    assert place.lstat() == before


def test_a_full_standard_output_is_said(cli_environment: dict[str, str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    command = ["export", "anna@gmx.net", "--offline", "--no-input", "--format", "autoconfig", "--output", "-"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wizard", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            env=cli_environment,
            check=False,
        )
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "mail-wizard: Standard output cannot be written: No space left on device.\n",
    )


@pytest.mark.usefixtures("way")
def test_a_file_that_appears_in_the_last_moment_is_not_overwritten(tmp_path: Path, monkeypatch) -> None:
    states = writing._states

    def look_and_lose_the_race(files, places, folders, *, force):
        found = states(files, places, folders, force=force)
        places[0].write_text("somebody else was faster")
        return found

    monkeypatch.setattr(writing, "_states", look_and_lose_the_race)
    with pytest.raises(OutputExists):
        write_files([file()], tmp_path)
    assert (tmp_path / "a.txt").read_text() == "somebody else was faster"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("there", [True, False], ids=["a directory that is there", "one that is made"])
@pytest.mark.parametrize("full", [True, False], ids=["a full disk", "room"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no descriptors of directories")
def test_a_directory_that_is_swapped_for_a_link_leaves_nothing_elsewhere(
    tmp_path: Path, monkeypatch, there: bool, full: bool
) -> None:
    target, elsewhere, moved = tmp_path / "out", tmp_path / "elsewhere", tmp_path / "moved"
    elsewhere.mkdir()
    (elsewhere / "a.txt").write_text("mine")
    if there:
        target.mkdir()
    real = os.fsync

    def swapped(descriptor):
        if not moved.exists():
            target.rename(moved)
            target.symlink_to(elsewhere)
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", swapped)
    if full:
        with pytest.raises(Problem, match="disk is full"):
            write_files([file()], target, force=True)
    else:
        write_files([file()], target, force=True)
    assert {path.name: path.read_text() for path in elsewhere.iterdir()} == {"a.txt": "mine"}
    assert [path.name for path in moved.iterdir()] == ([] if full else ["a.txt"])


def test_where_there_are_no_hard_links_the_file_is_written_all_the_same(tmp_path: Path, monkeypatch) -> None:
    def no_links(*_arguments, **_options):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(os, "link", no_links)
    write_files([file()], tmp_path)
    assert (tmp_path / "a.txt").read_bytes() == b"new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    with pytest.raises(OutputExists):
        write_files([file(content=b"x")], tmp_path)


def test_nameless_files_without_links_fall_back_to_a_name(tmp_path: Path, monkeypatch) -> None:
    link = os.link

    def no_links(source, *arguments, **options):
        if str(source).startswith("/proc/"):
            raise OSError(errno.EPERM, "no links here")
        link(source, *arguments, **options)

    monkeypatch.setattr(os, "link", no_links)
    for force in (False, True):
        write_files([file(content=str(force).encode())], tmp_path, force=force)
        assert (tmp_path / "a.txt").read_bytes() == str(force).encode()
        assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_full_disk_leaves_nothing_behind_and_is_said(tmp_path: Path, monkeypatch, failing: str) -> None:
    (tmp_path / "a.txt").write_text("old")
    real, calls = getattr(os, failing), []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(Problem, match="disk is full"):
        write_files([file(), file("b.txt")], tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


TOO_LARGE = """
import os, sys
from wizard.model.problems import Problem
from wizard.export.render import RenderedFile
from wizard.export.write import write_files
try:
    write_files([RenderedFile("card", "a", "t", 0o600, b"x" * 100_000, ())], sys.argv[1])
except Problem as problem:
    print(problem, os.listdir(sys.argv[1]))
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file system of its own can be mounted here")
def test_a_really_full_file_system_is_said(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=16k none "$1" && exec "$2" -c "$3" "$1"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, TOO_LARGE],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Operation not permitted" in done.stderr or "must be superuser" in done.stderr or "unshare" in done.stderr:
        pytest.skip("no file system of its own can be mounted here")
    assert "The disk is full" in done.stdout, done
    assert done.stdout.strip().endswith("[]")


def test_a_file_in_the_place_of_a_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "file" / "sub", tmp_path / "file" / "sub" / "deeper"):
        with pytest.raises(Problem, match="is a file, not a directory"):
            write_files([file(), file("b.txt")], target)
    with pytest.raises(Problem, match="2 files need a directory"):
        write_files([file(), file("b.txt")], tmp_path / "file")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no directory that even root cannot write into")
def test_a_directory_that_cannot_be_written_is_said() -> None:
    with pytest.raises(Problem, match="/proc"):
        write_files([file(), file("b.txt")], Path("/proc/self"))


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_directory_without_permission_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(Problem, match="may not write"):
            write_files([file()], tmp_path)
    finally:
        tmp_path.chmod(0o755)


def test_a_directory_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(Problem, match="is a directory"):
        write_files([file()], tmp_path, force=True)


def test_one_file_can_be_given_its_own_path(tmp_path: Path) -> None:
    assert write_files([file()], tmp_path / "mine.txt")[0].path == str(tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").is_file()
    with pytest.raises(OutputExists):
        write_files([file(content=b"x")], tmp_path / "mine.txt")
    assert write_files([file()], tmp_path / "directory.d")[0].path == str(tmp_path / "directory.d" / "a.txt")


def test_two_formats_with_the_same_file_name_are_not_mixed_up(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="one at a time"):
        write_files([file(), file(content=b"x")], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_standard_output_takes_one_file_byte_for_byte(capfdbinary) -> None:
    content = b"\xc3\xa4\r\n\n"
    assert write_files([file(content=content)], "-")[0].path == "-"
    assert capfdbinary.readouterr().out == content
    with pytest.raises(Problem, match="--output"):
        write_files([file(), file("b.txt")], "-")


def test_the_checksum_is_of_the_bytes(tmp_path: Path) -> None:
    (result,) = write_files([file(content=b"abc")], tmp_path)
    assert result.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


KILLED = """
import os, sys
from wizard.export.render import RenderedFile
from wizard.export.write import write_files
if sys.argv[2] == "named" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
number = 0
print("started", flush=True)
while True:
    number += 1
    content = (b"%09d" % number) * 200_000
    write_files([RenderedFile("card", "a", "t", 0o600, content, ())], sys.argv[1], force=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["nameless", "named"])
def test_a_killed_process_leaves_the_old_file_or_the_new_one_never_half(tmp_path: Path, how: str) -> None:
    for round_ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), how], stdout=subprocess.PIPE, env=dict(os.environ)
        )
        assert process.stdout is not None
        process.stdout.readline()
        while not (tmp_path / "a").exists():
            assert process.poll() is None, f"the writer died by itself with {process.returncode}"
            time.sleep(0.005)
        time.sleep(0.007 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        content = (tmp_path / "a").read_bytes()
        assert len(content) == 1_800_000
        assert content == content[:9] * 200_000
    if how == "nameless" and hasattr(os, "O_TMPFILE"):
        # Between its temporary and its final name a finished file can be caught, never a half one.
        for path in tmp_path.iterdir():
            assert path.stat().st_size == 1_800_000


@pytest.mark.usefixtures("way")
def test_an_interruption_by_the_person_leaves_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    def interrupted(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_files([file()], tmp_path)
    assert list(tmp_path.iterdir()) == []
