"""A file that appears whole or not at all.

It is written under no name at all where the system can do that (Linux, O_TMPFILE), else under a temporary name beside
its place; it is synchronised, and only then linked or moved to its name. Without ``force`` the last step is one that
fails when the name is taken, so that not even a race can overwrite a file.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from wizard.language import translate as _
from wizard.model.problems import OutputExists
from wizard.model.text import printable


def in_the_way(place: Path) -> OutputExists:
    """The error for a file that is there already, with the way out."""
    return OutputExists(
        _("“{path}” exists already and is left as it is; --force overwrites it.").format(path=printable(str(place)))
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
        """Give the file its name, in one step; raises OutputExists when somebody took the name meanwhile."""
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
    """Make the new names last; some systems cannot synchronise a directory, which is no reason to fail."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
