"""Puts finished files on disk: all conflicts are found first, each file appears whole, nothing is overwritten unasked.

Without ``force`` the last step is one that fails when the name is taken, so that not even a race can overwrite a file.
A directory is opened once, and what was found in it is what is written into (:mod:`wizard.resources.files`).

A symbolic link in the place of a file is never followed: it counts as a file that is in the way, and ``force`` replaces
the link, not what it points at. A device or a pipe, or a link to one (/dev/stdout), is replaced by nothing.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.interruption import held
from wizard.language import translate as _
from wizard.model.problems import OutputExists, Problem
from wizard.model.text import printable
from wizard.resources.files import Folder, Staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    with ExitStack() as opened:
        folders = _opened({place.parent for place in places}, opened)
        states = _states(files, places, folders, force=force)
        if not dry_run:
            listed = zip(files, places, states, strict=True)
            pending = {place: file for file, place, state in listed if state == "written"}
            try:
                _write_all(pending, folders, opened, force=force)
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
        for file in files:
            sys.stdout.flush()
            sys.stdout.buffer.write(file.content)
            sys.stdout.buffer.flush()
    return tuple(WrittenFile(file, STDOUT, "planned" if dry_run else "written") for file in files)


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


def _opened(paths: Iterable[Path], opened: ExitStack) -> dict[Path, Folder]:
    """The directories of these paths that are there, until ``opened`` ends."""
    folders = {}
    for path in paths:
        try:
            folders[path] = opened.enter_context(Folder(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _refused(error, path) from None
    return folders


def _states(
    files: Sequence[RenderedFile], places: Sequence[Path], folders: Mapping[Path, Folder], *, force: bool
) -> list[str]:
    """For each file whether it is to be written or is there already; raises OutputExists for the first in the way."""
    states = []
    for file, place in zip(files, places, strict=True):
        folder = folders.get(place.parent)
        try:
            found = None if folder is None else folder.lstat(place.name)
        except FileNotFoundError:
            found = None
        except OSError as error:
            raise _refused(error, place.parent) from None
        if folder is None or found is None:
            states.append("written")
            continue
        if stat.S_ISDIR(found.st_mode):
            raise Problem(
                _("“{path}” is a directory; a file of that name cannot be written.").format(path=printable(str(place)))
            )
        if _is_special(place, found):
            raise Problem(
                _("“{path}” is not a regular file, and is never replaced; for standard output, use --output -.").format(
                    path=printable(str(place))
                )
            )
        same = stat.S_ISREG(found.st_mode) and _holds(folder, place.name, found, file.content)
        if not same and not force:
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


def _holds(folder: Folder, name: str, found: os.stat_result, content: bytes) -> bool:
    if found.st_size != len(content):
        return False
    try:
        return folder.read(name, len(content) + 1) == content
    except OSError:
        return False


def _write_all(
    pending: Mapping[Path, RenderedFile], folders: dict[Path, Folder], opened: ExitStack, *, force: bool
) -> None:
    """Every file is written in full before the first gets its name: neither a full disk nor a signal leaves some."""
    staged: list[tuple[Staged, Path]] = []
    with held:
        try:
            for place, file in pending.items():
                if place.parent not in folders:
                    folders[place.parent] = opened.enter_context(Folder.made(place.parent))
                staged.append((Staged(folders[place.parent], file.content, file.mode), place))
            for waiting, place in staged:
                try:
                    waiting.publish(place.name, force=force)
                except FileExistsError:
                    raise in_the_way(place) from None
            for path in {place.parent for _waiting, place in staged}:
                folders[path].synchronise()
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
    return Problem(sentence.format(path=path, reason=printable(error.strerror or str(error))))


def in_the_way(place: Path) -> OutputExists:
    """The error for a file that is there already, with the way out."""
    return OutputExists(
        _("“{path}” already exists and was left unchanged; --force overwrites it.").format(path=printable(str(place)))
    )
