"""Writing a small file so that an interruption leaves the old one or the new one, never half."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from wizard.language import translate as _


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 to ``path``, readable by its owner alone (mode 0600); raises OSError.

    A device or a pipe is never replaced, nor anything in /dev: what /dev/stdout leads to may be a file.
    """
    if os.path.lexists(path) and (not path.is_file() or path.parent.resolve() == Path("/dev")):
        raise OSError(errno.EINVAL, _("this is no ordinary file"))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
