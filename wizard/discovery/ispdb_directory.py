"""A local copy of the ISPDB: a directory of autoconfig files, one a provider, named after one of its domains.

Only the names are looked at first; where none is the domain's, the texts are scanned for it and those that have it are
parsed. A checkout of the repository, where the files lie in ``ispdb/``, will do. The files are the word of others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.discovery.published import read_published
from wizard.language import translate as _
from wizard.model.discovery import Evidence, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Problem
from wizard.model.text import printable
from wizard.programs.autoconfig import read_autoconfig
from wizard.programs.elements import SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.model.address import Domain, EmailAddress

FOLDER = "ispdb"
FILE_LIMIT = 20_000
"""Files that are looked into; the database has about a thousand."""


def find_in_directory(
    directory: Path,
    domain: Domain,
    address: EmailAddress,
    *,
    source: Source = Source.ISPDB,
    trust: Trust = Trust.AUTHENTICATED,
    given_up: Callable[[], bool] = lambda: False,
) -> SourceReport:
    """What the files of ``directory`` say of ``domain``, filled in for ``address``. It needs no network.

    When ``given_up`` says so, nobody waits for the report any more, and no further file is read.
    """
    try:
        folders = [one for one in (directory, directory / FOLDER) if one.is_dir()]
        path, content = _named(folders, domain) or _listing(folders, domain, given_up) or (directory, b"")
    except OSError as error:
        reason = printable(error.strerror or str(error))
        detail = _("The directory of the ISPDB cannot be read: {reason}.").format(reason=reason)
        return SourceReport(source, Outcome.UNREACHABLE, url=_url(directory), detail=detail)
    if not folders:
        detail = _("The ISPDB is to be in a directory that does not exist: {path}.").format(
            path=printable(str(directory))
        )
        return SourceReport(source, Outcome.UNREACHABLE, url=_url(directory), detail=detail)
    if not content:
        detail = _("The ISPDB has no settings for {domain}.").format(domain=domain.shown)
        return SourceReport(source, Outcome.NOTHING, url=_url(directory), detail=detail)
    return read_published(content, address, Evidence(source, trust, _url(path)), path.name)


def _named(folders: list[Path], domain: Domain) -> tuple[Path, bytes] | None:
    for folder in folders:
        for name in (domain.ascii, f"{domain.ascii}.xml"):
            content = _content(folder / name)
            if content:
                return folder / name, content
    return None


def _listing(folders: list[Path], domain: Domain, given_up: Callable[[], bool]) -> tuple[Path, bytes] | None:
    """The first file that lists ``domain``; one that has the name and cannot be read, where no other has it."""
    spoiled = None
    for path, content in _holding(folders, domain, given_up):
        try:
            if domain in read_autoconfig(content, path.name).config.domains:
                return path, content
        except Problem:
            spoiled = spoiled or (path, content)
    return spoiled


def _holding(folders: list[Path], domain: Domain, given_up: Callable[[], bool]) -> Iterator[tuple[Path, bytes]]:
    """The files that hold ``domain`` as a whole word, however it is written."""
    names = {domain.ascii.encode(), domain.unicode.encode()}
    # A letter beyond ASCII is several bytes, so that a longer word in Unicode is only found out by parsing.
    word = re.compile(
        rb"(?<![a-z0-9.-])(?:%s)(?![a-z0-9-]|\.[a-z0-9])" % b"|".join(re.escape(one) for one in sorted(names))
    )
    looked_at = 0
    for folder in folders:
        for path in sorted(folder.iterdir()):
            looked_at += 1
            if looked_at > FILE_LIMIT or given_up():
                return
            content = _content(path)
            folded = content.lower()
            # Looking for the bytes first is ten times as fast as the expression, and rules out nearly every file.
            if any(name in folded for name in names) and word.search(folded):
                yield path, content


def _content(path: Path) -> bytes:
    """The bytes of a file, one more than are read; empty for what is no file or cannot be read."""
    try:
        if not path.is_file():  # to open a pipe would wait for ever
            return b""
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError:
        return b""


def _url(path: Path) -> str:
    return path.absolute().as_uri()
