"""Settings that lie in several files of one directory: what a neomuttrc reads, and the rc files of getmail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.programs.reading import ReadAccount, ReadFile

MOST_FILES = 100
"""Files of one directory that are looked at."""


def is_folder(path: str) -> bool:
    """Whether ``path`` is a directory that can be looked into; a path that cannot be used is none."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


class Neighbours:
    """Gives the texts of files that lie in ``folder`` or below it: each once, and together no more than one file may
    be large. What lies elsewhere, also behind a link, stays closed.
    """

    def __init__(self, folder: Path) -> None:
        from wizard.programs.reading import LARGEST_TEXT

        self.folder = folder.resolve()
        self.seen: set[Path] = set()
        self.left = LARGEST_TEXT

    def __call__(self, name: str) -> str | None:
        """The text of the file ``name``, as a neomuttrc has it; None where it stays closed."""
        from wizard.programs.reading import text_of
        from wizard.resources.documents import read_bytes

        try:
            path = (self.folder / Path(name).expanduser()).resolve()
            if (
                path in self.seen
                or len(self.seen) >= MOST_FILES
                or not path.is_relative_to(self.folder)
                or not path.is_file()
            ):
                return None
            content = read_bytes(path, self.left + 1)
            text = text_of(content, str(path)) if len(content) <= self.left else None
        except (OSError, RuntimeError, ValueError, Problem):  # no such home, a loop of links, a NUL in the name
            return None
        self.seen.add(path)
        self.left -= len(content)
        return text


def followed(content: bytes, name: str) -> ReadFile:
    """The accounts of the neomuttrc ``name`` with those of the files of its directory that it reads. Raises Problem."""
    from wizard.programs.neomutt import read_neomutt

    return read_neomutt(content, name, Neighbours(Path(name).parent))


def getmail_folder(folder: str) -> ReadFile:
    """The accounts of all rc files of getmail in ``folder``, each called by its file. Raises Problem."""
    from wizard.programs.reading import LARGEST_TEXT, file_of
    from wizard.programs.registry import recognise
    from wizard.resources.documents import read_bytes
    from wizard.resources.path_problems import unreadable

    try:
        paths = [path for path in sorted(Path(folder).iterdir()) if path.is_file()][:MOST_FILES]
    except OSError as error:
        raise unreadable(folder, error) from None
    contents = ((path.name, read_bytes(path, LARGEST_TEXT + 1)) for path in paths)
    files = [(name, content) for name, content in contents if recognise(content, name) == "getmail"]
    if not files:
        raise Problem(_("The directory holds no file of getmail."), place=Place(printable(folder)))
    return file_of("getmail", [(name, (name, content)) for name, content in files], _only_account, folder)


def _only_account(file: tuple[str, bytes]) -> ReadAccount:
    from dataclasses import replace

    from wizard.programs.getmail import read_getmail

    name, content = file
    return replace(read_getmail(content, name).accounts[0], label=printable(name, 60))
