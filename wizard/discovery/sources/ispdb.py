"""The ISPDB, Thunderbird's database of providers, on the web or in a directory. It is told the domain alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.published import ask_for_file
from wizard.discovery.urls import host_of, ispdb_url
from wizard.language import translate as _
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.discovery.look import Look
    from wizard.model.address import Domain


async def find(look: Look) -> SourceReport:
    """What the database knows of the domain of the address."""
    return await ask_ispdb(look, look.address.domain)


async def ask_ispdb(
    look: Look, domain: Domain, *, source: Source = Source.ISPDB, trust: Trust = Trust.AUTHENTICATED
) -> SourceReport:
    """What the database knows of ``domain``, filled in for the address, as evidence of ``source`` and ``trust``."""
    directory = look.options.ispdb_directory
    if directory is None:
        url = ispdb_url(look.options.ispdb_url, domain)
        if not url.startswith("https://"):  # somebody's own mirror
            detail = _("The address of the ISPDB does not begin with https://.")
            return SourceReport(source, Outcome.REFUSED, url=printable(url), detail=detail)
        return await ask_for_file(look, source, url, about=domain, home=host_of(url), trust=trust, any_port=True)
    import asyncio
    from threading import Event

    from wizard.discovery.ispdb_directory import find_in_directory

    over = Event()
    try:  # in a thread: a thousand files on a slow disk must not hold up the others, nor the end
        return await asyncio.to_thread(
            find_in_directory, directory, domain, look.address, source=source, trust=trust, given_up=over.is_set
        )
    finally:
        over.set()
