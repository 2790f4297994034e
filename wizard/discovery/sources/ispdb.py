"""The ISPDB, Thunderbird's database of providers, on the web or in a directory. It receives only the domain.

A local copy is a directory of autoconfig files, one a provider, named after one of its domains; a checkout of the
repository, where the files lie in ``ispdb/``, will do. Only the names are looked at first; where none is the domain's,
the texts are scanned for it and those that have it are parsed. The files are the word of others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.discovery.config_file import fetch_config, read_config
from wizard.discovery.source import SourceSpec
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Evidence, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Problem
from wizard.model.text import printable
from wizard.net.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.discovery.context import Context, LookUpOptions
    from wizard.model.address import Domain, EmailAddress

FOLDER = "ispdb"
FILE_LIMIT = 20_000
"""Files that are looked into; the database has about a thousand."""


def ispdb_url(base: str, domain: Domain) -> str:
    """The file of ``domain`` in the database at ``base``; the domain is all that is ever sent there."""
    return f"{base if base.endswith(('/', '=')) else base + '/'}{domain.ascii}"


async def find(context: Context) -> SourceReport:
    """What the database knows of the domain of the address."""
    return await ask_ispdb(context, context.address.domain)


async def ask_ispdb(
    context: Context, domain: Domain, *, source: Source = Source.ISPDB, trust: Trust = Trust.AUTHENTICATED
) -> SourceReport:
    """What the database knows of ``domain``, filled in for the address, as evidence of ``source`` and ``trust``."""
    directory = context.options.ispdb_directory
    if directory is None:
        url = ispdb_url(context.options.ispdb_url, domain)
        if not url.startswith("https://"):  # a private mirror
            detail = _("The address of the ISPDB does not begin with https://.")
            return SourceReport(source, Outcome.REFUSED, url=printable(url), detail=detail)
        return await fetch_config(context, source, url, about=domain, home=host_of(url), trust=trust, any_port=True)
    import asyncio
    from threading import Event

    over = Event()
    try:  # in a thread: a thousand files on a slow disk must not hold up the others, nor the end
        return await asyncio.to_thread(
            find_in_directory, directory, domain, context.address, source=source, trust=trust, cancelled=over.is_set
        )
    finally:
        over.set()


def find_in_directory(
    directory: Path,
    domain: Domain,
    address: EmailAddress,
    *,
    source: Source = Source.ISPDB,
    trust: Trust = Trust.AUTHENTICATED,
    cancelled: Callable[[], bool] = lambda: False,
) -> SourceReport:
    """What the files of ``directory`` say of ``domain``, filled in for ``address``. It needs no network.

    Once ``cancelled`` returns True, the report is no longer needed, and no further file is read.
    """
    try:
        folders = [folder for folder in (directory, directory / FOLDER) if folder.is_dir()]
        path, content = _named_file(folders, domain) or _listing_file(folders, domain, cancelled) or (directory, b"")
    except OSError as error:
        reason = printable(error.strerror or str(error))
        detail = _("The ISPDB directory cannot be read: {reason}.").format(reason=reason)
        return SourceReport(source, Outcome.UNREACHABLE, url=_file_url(directory), detail=detail)
    if not folders:
        detail = _("The ISPDB directory does not exist: {path}.").format(path=printable(str(directory)))
        return SourceReport(source, Outcome.UNREACHABLE, url=_file_url(directory), detail=detail)
    if not content:
        detail = _("The ISPDB has no settings for {domain}.").format(domain=domain.shown)
        return SourceReport(source, Outcome.NOTHING, url=_file_url(directory), detail=detail)
    return read_config(content, address, Evidence(source, trust, _file_url(path)), path.name)


def _named_file(folders: list[Path], domain: Domain) -> tuple[Path, bytes] | None:
    for folder in folders:
        for name in (domain.ascii, f"{domain.ascii}.xml"):
            content = _content(folder / name)
            if content:
                return folder / name, content
    return None


def _listing_file(folders: list[Path], domain: Domain, cancelled: Callable[[], bool]) -> tuple[Path, bytes] | None:
    """The first file that lists ``domain``; one that has the name and cannot be read, where no other has it."""
    from wizard.programs.autoconfig import read_autoconfig

    unreadable = None
    for path, content in _holding(folders, domain, cancelled):
        try:
            if domain in read_autoconfig(content, path.name).config.domains:
                return path, content
        except Problem:
            unreadable = unreadable or (path, content)
    return unreadable


def _holding(folders: list[Path], domain: Domain, cancelled: Callable[[], bool]) -> Iterator[tuple[Path, bytes]]:
    """The files that hold ``domain`` as a whole word, however it is written."""
    names = {domain.ascii.encode(), domain.unicode.encode()}
    # A letter beyond ASCII is several bytes, so that a longer word in Unicode is only found out by parsing.
    word = re.compile(
        rb"(?<![a-z0-9.-])(?:%s)(?![a-z0-9-]|\.[a-z0-9])" % b"|".join(re.escape(name) for name in sorted(names))
    )
    count = 0
    for folder in folders:
        for path in sorted(folder.iterdir()):
            count += 1
            if count > FILE_LIMIT or cancelled():
                return
            content = _content(path)
            folded = content.lower()
            # Looking for the bytes first is ten times as fast as the expression, and rules out nearly every file.
            if any(name in folded for name in names) and word.search(folded):
                yield path, content


def _content(path: Path) -> bytes:
    """The bytes of a file, up to one more than the limit; empty if it is not a file or cannot be read."""
    from wizard.programs.elements import SIZE_LIMIT

    try:
        if not path.is_file():  # to open a pipe would wait for ever
            return b""
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError:
        return b""


def _file_url(path: Path) -> str:
    return path.absolute().as_uri()


def _permitted(options: LookUpOptions) -> bool:
    return options.ispdb


def _first_question(context: Context) -> str:
    directory = context.options.ispdb_directory
    if directory is not None:
        return _file_url(directory)
    return printable(ispdb_url(context.options.ispdb_url, context.address.domain))


SPEC = SourceSpec(
    source=Source.ISPDB,
    name="Thunderbird (ISPDB)",
    origin=mark("from Thunderbird's database"),
    trust=Trust.AUTHENTICATED,
    find=find,
    permitted=_permitted,
    first_question=_first_question,
)
