"""Files of people: read within bounds, and written whole or not at all, in the very directory that was looked at.

A file is written under no name at all where the system can do that (Linux, O_TMPFILE), else under a temporary name
beside its place; it is synchronised, and only then linked or moved to its name. Where the system can (not on Windows),
a directory is worked in through its descriptor: when its path comes to lead elsewhere meanwhile, nothing is left there.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.interruption import held
from wizard.language import translate as _

if TYPE_CHECKING:
    from typing import Self

PIPE_SECONDS = 30.0
"""How long a pipe may take to give everything: one that nobody writes into would never end."""

_BY_DESCRIPTOR = {os.open, os.mkdir, os.stat, os.link, os.rename, os.unlink, os.readlink} <= os.supports_dir_fd
_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class SilentPipe(OSError):
    """A pipe that did not end within PIPE_SECONDS."""


def read_at_most(path: Path, most: int) -> bytes:
    """At most ``most`` bytes of a file or a pipe. Raises OSError (SilentPipe), and ValueError for a NUL in the name."""
    with os.fdopen(os.open(path, os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if stat.S_ISFIFO(mode):
            return _from_pipe(stream.fileno(), most)
        if hasattr(os, "O_NONBLOCK") and not stat.S_ISREG(mode):
            os.set_blocking(stream.fileno(), True)  # a terminal
        return stream.read(most)


def _from_pipe(descriptor: int, most: int) -> bytes:
    import select

    deadline = time.monotonic() + PIPE_SECONDS
    content = bytearray()
    while len(content) < most:
        ready, _none, _neither = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise SilentPipe(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        try:
            part = os.read(descriptor, most - len(content))
        except BlockingIOError:  # another reader was faster
            continue
        if not part:
            break
        content += part
    return bytes(content)


class Folder:
    """An open directory: what is done here is done in it, whatever becomes of its path. Every method raises OSError."""

    def __init__(self, path: Path, *, within: Folder | None = None) -> None:
        """``within``: where ``path`` has just been made, so that a link in its place is somebody else's."""
        self.path: Path = path if within is None else within.path / path
        self.descriptor: int | None = None
        if _BY_DESCRIPTOR:
            flags = _DIRECTORY if within is None else _DIRECTORY | _NO_FOLLOW
            self.descriptor = os.open(path, flags, dir_fd=None if within is None else within.descriptor)
        elif not self.path.is_dir():
            code = errno.ENOTDIR if os.path.lexists(self.path) else errno.ENOENT
            raise OSError(code, os.strerror(code), str(self.path))

    @classmethod
    def made(cls, path: Path) -> Folder:
        """The directory ``path``, made with its parents where it is not there."""
        missing: list[str] = []
        existing = path
        while True:
            try:
                folder = cls(existing)
                break
            except FileNotFoundError:
                if existing == existing.parent:
                    raise
                missing.append(existing.name)
                existing = existing.parent
        for name in reversed(missing):
            with folder as above:
                with suppress(FileExistsError):
                    os.mkdir(above._place(name), 0o777, dir_fd=above.descriptor)
                folder = cls(Path(name), within=above)
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the directory."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def open(self, name: str, flags: int) -> int:
        """A descriptor of a file, which its owner alone may read where it is made."""
        return os.open(self._place(name), flags | _BINARY, 0o600, dir_fd=self.descriptor)

    def lstat(self, name: str) -> os.stat_result:
        """What is there; of a link, the link."""
        return os.stat(self._place(name), dir_fd=self.descriptor, follow_symlinks=False)

    def read(self, name: str, most: int) -> bytes:
        """At most ``most`` bytes of the regular file ``name``."""
        descriptor = self.open(name, os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            return stream.read(most)

    def link(self, source: str, name: str) -> None:
        """Give the file ``source`` a further name, which may not be taken."""
        os.link(self._place(source), self._place(name), src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)

    def replace(self, source: str, name: str) -> None:
        """Move the file ``source`` to ``name``, in place of whatever is there."""
        os.replace(self._place(source), self._place(name), src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)

    def unlink(self, name: str) -> None:
        """Remove a name, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(self._place(name), dir_fd=self.descriptor)

    def synchronise(self) -> None:
        """Make new names last; some systems cannot synchronise a directory, which is not a reason to fail."""
        with suppress(OSError):
            descriptor = self.open(".", os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _place(self, name: str) -> str:
        return name if self.descriptor is not None else str(self.path / name)


class Staged:
    """A finished file without its name yet: nameless on Linux, else under a temporary name. Raises OSError."""

    def __init__(self, folder: Folder, content: bytes, mode: int) -> None:
        self.temporary: str | None = None
        self.folder, self.content, self.mode = folder, content, mode
        self.descriptor = self._open()
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

    def _open(self) -> int:
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and Path("/proc/self/fd").is_dir():
            with suppress(OSError):  # not every file system can; an error that lasts comes again below
                return self.folder.open(".", nameless | os.O_WRONLY)
        return self._open_named()

    def _open_named(self) -> int:
        name = _temporary_name()
        descriptor = self.folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW)
        self.temporary = name
        return descriptor

    def publish(self, name: str, *, force: bool) -> None:
        """Give the file its name, in one step; raises FileExistsError where it is taken, unless ``force``."""
        if self.temporary is None and not force and self._link_nameless(name):
            return
        if self.temporary is None:
            temporary = _temporary_name()
            if self._link_nameless(temporary):
                self.temporary = temporary
            else:
                self._close()
                self.descriptor = self._open_named()
                self._fill()
        assert self.temporary is not None
        self._close()
        if force:
            self.folder.replace(self.temporary, name)
            self.temporary = None
        elif os.name == "nt":
            (self.folder.path / self.temporary).rename(self.folder.path / name)  # fails when the name is taken
            self.temporary = None
        else:
            self._link(self.temporary, name)

    def _link_nameless(self, name: str) -> bool:
        """Whether the nameless file has got the name ``name``; not every system lets it."""
        # The descriptors make Python call linkat(): link(), which it calls otherwise, does not follow the link in
        # /proc (open(2), O_TMPFILE). The absolute path of the source does without its own.
        try:
            os.link(
                f"/proc/self/fd/{self.descriptor}",
                self.folder._place(name),
                src_dir_fd=self.descriptor,
                dst_dir_fd=self.folder.descriptor,
                follow_symlinks=True,
            )
        except FileExistsError:
            raise
        except OSError:
            return False
        return True

    def _link(self, temporary: str, name: str) -> None:
        try:
            self.folder.link(temporary, name)
        except FileExistsError:
            raise
        except OSError as error:
            # No hard links here (FAT, some network shares): take the name with an empty file, then move over that.
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
                raise
            os.close(self.folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW))
            self.folder.replace(temporary, name)
            self.temporary = None

    def _close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def discard(self) -> None:
        """Let go of everything that has no name of its own by now."""
        self._close()
        if self.temporary is not None:
            self.folder.unlink(self.temporary)
            self.temporary = None


def _temporary_name() -> str:
    from secrets import token_hex

    return f".{token_hex(6)}.mail-wizard.part"


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 in place of whatever is at ``path``, readable by its owner alone. Raises OSError.

    A device or a pipe is never replaced, nor anything in /dev: what /dev/stdout leads to may be a file.
    """
    with held, Folder(path.parent) as folder:
        try:
            found: os.stat_result | None = folder.lstat(path.name)
        except FileNotFoundError:
            found = None
        if found is not None and (not path.is_file() or path.parent.resolve() == Path("/dev")):
            raise OSError(errno.EINVAL, _("this is not a regular file"))
        staged = Staged(folder, text.encode(), 0o600)
        try:
            staged.publish(path.name, force=True)
        finally:
            staged.discard()
        folder.synchronise()
