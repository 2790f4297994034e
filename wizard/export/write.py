"""Puts finished files on disk: all conflicts are found first, each file appears whole, nothing is overwritten unasked.

A file is written under no name at all where the system can do that (Linux, O_TMPFILE), else under a temporary name
beside its place; it is synchronised, and only then linked or moved to its name. Without ``force`` the last step is one
that fails when the name is taken, so that not even a race can overwrite a file.

A symbolic link in the place of a file is never followed: it counts as a file that is in the way, and ``force`` replaces
the link, not what it points at. A device or a pipe, or a link to one (/dev/stdout), is replaced by nothing.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import ExitCode, OutputExists, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.export.render import RenderedFile

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file with its place (``-``: standard output).

    ``state`` is written, unchanged (the same bytes were there already) or planned (a dry run). The rest is what export
    documents and screens show of it; ``mode`` is the permissions as a number, ``sha256`` hexadecimal.
    """

    file: RenderedFile
    path: str
    state: str

    @property
    def format(self) -> str:
        return self.file.format

    @property
    def media_type(self) -> str:
        return self.file.media_type

    @property
    def mode(self) -> int:
        return self.file.mode

    @property
    def install(self) -> tuple[str, ...]:
        """The steps, with the name that the file really has; a name in a path or in quotes is one to give it."""
        given, real = self.file.name, Path(self.path).name
        if self.path == STDOUT or real == Path(given).name:
            return self.file.install
        named = re.compile(rf"(?<![\w/\\.“]){re.escape(given)}(?!\w)")
        return tuple(named.sub(lambda _found: printable(real), step) for step in self.file.install)

    @property
    def sha256(self) -> str:
        from hashlib import sha256

        return sha256(self.file.content).hexdigest()


def write_files(
    files: Sequence[RenderedFile], output: Path | str, *, force: bool = False, dry_run: bool = False
) -> tuple[WrittenFile, ...]:
    """Write ``files`` into the directory ``output`` (made if need be), or one file to the path ``output``, or to ``-``.

    ``output`` is a file when one is there, or when nothing is there, it is one file, and the endings are the same. Of a
    format with several files, the one with that ending is written, and the others are not.
    Raises OutputExists before anything is written when another file is in the way and ``force`` is not given; Problem
    with a sentence about what the system refuses. A file that has the same bytes already is left as it is.
    """
    if str(output) == STDOUT:
        return _to_stdout(files, dry_run=dry_run)
    files = _selected(files, Path(output))
    places = _places(files, Path(output))
    states = _states(files, places, force=force)
    if not dry_run:
        by_place = {place: file for file, place, state in zip(files, places, states, strict=True) if state == "written"}
        pending = [(file, place) for place, file in by_place.items()]
        try:
            _write_all(pending, force=force)
        except OSError as error:
            raise _refused(error, places[0].parent) from None
    else:
        states = ["planned" if state == "written" else state for state in states]
    listed = zip(files, places, states, strict=True)
    return tuple(WrittenFile(file, str(place), state) for file, place, state in listed)


def _to_stdout(files: Sequence[RenderedFile], *, dry_run: bool) -> tuple[WrittenFile, ...]:
    if len(files) > 1:
        raise Problem(
            _("{count} files cannot go to standard output; name a directory with --output.").format(count=len(files))
        )
    if not dry_run:
        try:
            for file in files:
                sys.stdout.flush()
                sys.stdout.buffer.write(file.content)
                sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            _close_stdout()
            raise Problem(
                _("Standard output cannot be written: {reason}.").format(
                    reason=printable(error.strerror or str(error))
                ),
                exit_code=ExitCode.UNEXPECTED,
            ) from None
    return tuple(WrittenFile(file, STDOUT, "planned" if dry_run else "written") for file in files)


def _close_stdout() -> None:
    """Lead standard output nowhere: what is left in its buffer would fail again while the interpreter ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _selected(files: Sequence[RenderedFile], output: Path) -> Sequence[RenderedFile]:
    """The one file that a path with an ending can mean (``card.html``, ``code.png``), else all ``files``."""
    fitting = [file for file in files if output.suffix and Path(file.name).suffix == output.suffix]
    one_format = len({file.format for file in files}) == 1
    return fitting if one_format and len(fitting) == 1 and not output.is_dir() else files


def _places(files: Sequence[RenderedFile], output: Path) -> list[Path]:
    """Where each file goes; raises Problem when several would go to one place."""
    if _is_file_path(files, output):
        if len(files) != 1:
            raise Problem(
                _("“{path}” is a file, and {count} files need a directory.").format(
                    path=printable(str(output)), count=len(files)
                )
            )
        return [output]
    places = [output / file.name for file in files]
    for index, place in enumerate(places):
        # Two formats may share a file, as long as it is the same.
        if place in places[:index] and files[places.index(place)].content != files[index].content:
            raise Problem(
                _("Two of the formats write a file called “{name}”; export them one at a time.").format(
                    name=printable(place.name)
                )
            )
    return places


def _is_file_path(files: Sequence[RenderedFile], output: Path) -> bool:
    if output.is_dir():
        return False
    if os.path.lexists(output):
        return True
    return len(files) == 1 and output.suffix != "" and output.suffix == Path(files[0].name).suffix


def _states(files: Sequence[RenderedFile], places: Sequence[Path], *, force: bool) -> list[str]:
    """For each file whether it is to be written or is there already; raises OutputExists for the first in the way."""
    states = []
    for file, place in zip(files, places, strict=True):
        try:
            found: os.stat_result | None = place.lstat()
        except FileNotFoundError:
            found = None
        except OSError as error:
            raise _refused(error, place.parent) from None
        if found is not None and stat.S_ISDIR(found.st_mode):
            raise Problem(
                _("“{path}” is a directory; a file of that name cannot be written.").format(path=printable(str(place)))
            )
        if found is not None and _is_special(place, found):
            raise Problem(
                _("“{path}” is not a regular file, and is never replaced; for standard output, use --output -.").format(
                    path=printable(str(place))
                )
            )
        same = found is not None and stat.S_ISREG(found.st_mode) and _holds(place, found, file.content)
        if found is not None and not same and not force:
            raise in_the_way(place)
        states.append("unchanged" if same else "written")
    return states


def _is_special(place: Path, found: os.stat_result) -> bool:
    """Whether a device, a pipe or a socket is there, or a link to one: not even ``force`` may put a file in its place.

    A link into /dev or /proc counts in any case: what /dev/stdout leads to is a file when the output is redirected.
    """
    if not stat.S_ISLNK(found.st_mode):
        return not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode)
    try:
        target = Path(os.path.normpath(place.parent.absolute() / place.readlink()))
        mode = place.stat().st_mode
    except OSError:
        return False  # it leads nowhere
    return target.parts[1:2] in (("dev",), ("proc",)) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _holds(place: Path, found: os.stat_result, content: bytes) -> bool:
    if found.st_size != len(content):
        return False
    try:
        return place.read_bytes() == content
    except OSError:
        return False


def _write_all(pending: Sequence[tuple[RenderedFile, Path]], *, force: bool) -> None:
    """All files are written in full before the first one gets its name: a full disk leaves nothing behind."""
    staged: list[tuple[Staged, Path]] = []
    try:
        for file, place in pending:
            place.parent.mkdir(parents=True, exist_ok=True)
            staged.append((Staged(place, file.content, file.mode), place))
        for waiting, place in staged:
            waiting.publish(place, force=force)
        for directory in {place.parent for _waiting, place in staged}:
            synchronise(directory)
    finally:
        for waiting, _place in staged:
            waiting.discard()


def _refused(error: OSError, directory: Path) -> Problem:
    """What the system refused, as a sentence with what to do about it."""
    path = printable(str(directory))
    sentences = {
        errno.ENOSPC: _("The disk is full; nothing was written into “{path}”."),
        errno.EDQUOT: _("Your disk quota is used up; nothing was written into “{path}”."),
        errno.EACCES: _("You may not write into “{path}”; choose another directory with --output."),
        errno.EPERM: _("You may not write into “{path}”; choose another directory with --output."),
        errno.EROFS: _("“{path}” is on a read-only disk; choose another directory with --output."),
        errno.ENOTDIR: _("A part of “{path}” is a file, not a directory; choose another directory with --output."),
        errno.EEXIST: _("A part of “{path}” is a file, not a directory; choose another directory with --output."),
        errno.ENAMETOOLONG: _("The path “{path}” is too long for this system."),
    }
    other = _("“{path}” cannot be written: {reason}.")
    sentence = sentences.get(error.errno or 0, other)
    return Problem(
        sentence.format(path=path, reason=printable(error.strerror or str(error))), exit_code=ExitCode.UNEXPECTED
    )


def in_the_way(place: Path) -> OutputExists:
    """The error for a file that is there already, with the way out."""
    return OutputExists(
        _("“{path}” already exists and was left unchanged; --force overwrites it.").format(path=printable(str(place)))
    )


class Staged:
    """A finished file without its name yet: nameless on Linux, else under a temporary name."""

    def __init__(self, place: Path, content: bytes, mode: int) -> None:
        self.temporary: Path | None = None
        self.content, self.mode = content, mode
        self.descriptor = self._open(place)
        self._fill()

    def _fill(self) -> None:
        try:
            view = memoryview(self.content)
            while view:
                view = view[os.write(self.descriptor, view) :]
            if hasattr(os, "fchmod"):
                os.fchmod(self.descriptor, self.mode)
            os.fsync(self.descriptor)
        except BaseException:
            self.discard()
            raise

    def _open(self, place: Path) -> int:
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and Path("/proc/self/fd").is_dir():
            with suppress(OSError):  # not every file system can; an error that lasts comes again below
                return os.open(place.parent, nameless | os.O_WRONLY, 0o600)
        return self._open_named(place)

    def _open_named(self, place: Path) -> int:
        name = _temporary(place)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(name, flags, 0o600)
        self.temporary = name
        return descriptor

    def publish(self, place: Path, *, force: bool) -> None:
        """Give the file its name, in one step; raises OutputExists when the name was taken meanwhile."""
        if self.temporary is None and not force and self._link_nameless(place):
            return
        if self.temporary is None:
            name = _temporary(place)
            if self._link_nameless(name):
                self.temporary = name
            else:
                self._close()
                self.descriptor = self._open_named(place)
                self._fill()
        assert self.temporary is not None
        self._close()
        if force:
            self.temporary.replace(place)
            self.temporary = None
        elif os.name == "nt":
            self._rename(place)
        else:
            self._link(str(self.temporary), place)

    def _rename(self, place: Path) -> None:
        assert self.temporary is not None
        try:
            self.temporary.rename(place)  # on Windows this fails when the name is taken
        except FileExistsError:
            raise in_the_way(place) from None
        self.temporary = None

    def _link_nameless(self, place: Path) -> bool:
        """Whether the nameless file has got the name ``place``; not every system lets it."""
        # A descriptor of a directory, which an absolute path does without, makes Python call linkat(): link(), which
        # it calls otherwise, does not follow the link in /proc (open(2), O_TMPFILE).
        source = f"/proc/self/fd/{self.descriptor}"
        try:
            os.link(source, place, src_dir_fd=self.descriptor, follow_symlinks=True)
        except FileExistsError:
            raise in_the_way(place) from None
        except OSError:
            return False
        return True

    def _link(self, source: str, place: Path) -> None:
        try:
            os.link(source, place)
        except FileExistsError:
            raise in_the_way(place) from None
        except OSError as error:
            # No hard links here (FAT, some network shares): take the name with an empty file, then move over that.
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK) or self.temporary is None:
                raise
            try:
                os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                raise in_the_way(place) from None
            self.temporary.replace(place)
            self.temporary = None

    def _close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def discard(self) -> None:
        """Let go of everything that has no name of its own by now."""
        self._close()
        if self.temporary is not None:
            self.temporary.unlink(missing_ok=True)
            self.temporary = None


def _temporary(place: Path) -> Path:
    from secrets import token_hex

    return place.with_name(f".{token_hex(6)}.mail-wizard.part")


def synchronise(directory: Path) -> None:
    """Make the new names last; some systems cannot synchronise a directory, which is not a reason to fail."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
