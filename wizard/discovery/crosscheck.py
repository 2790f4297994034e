"""Where sources disagree: both values are shown, and what the live servers said decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.model.notice import Notice
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.discovery import FoundServer, SourceReport

_NO_WORD = frozenset({Source.PROBE, Source.USER})
"""A guess contradicts nobody, and what somebody typed is meant to."""


def disagreements(reports: Sequence[SourceReport], chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    """A notice for each protocol of which sources name different servers, or servers that do not answer."""
    for protocol in (Protocol.IMAP, Protocol.POP3, Protocol.SMTP):
        taken = next((one for one in chosen if one.server.protocol is protocol), None)
        yield from _about_servers(protocol, reports, taken)
        yield from _about_usernames(protocol, reports)
        if taken is not None and taken.verified is False:
            yield Notice("not_answering", taken.trouble)


def _about_servers(protocol: Protocol, reports: Sequence[SourceReport], taken: FoundServer | None) -> Iterator[Notice]:
    named = {report.source: _of(protocol, report) for report in reports if report.source not in _NO_WORD}
    named = {source: servers for source, servers in named.items() if servers}
    if taken is not None and taken.evidence.source is Source.PROBE:
        named[Source.PROBE] = [taken]
    sets = [{_endpoint(one) for one in servers} for servers in named.values()]
    apart = any(not one & other for at, one in enumerate(sets) for other in sets[at + 1 :])
    if taken is None or not apart:
        return
    values = "; ".join(f"{source.value}: {_in_words(_shown(servers))}" for source, servers in named.items())
    yield Notice(
        "sources_disagree",
        _("The sources disagree about {protocol}: {values}. Taken: {host} {port}.").format(
            protocol=protocol.value.upper(), values=values, host=taken.server.hostname, port=taken.server.port
        ),
    )


def _about_usernames(protocol: Protocol, reports: Sequence[SourceReport]) -> Iterator[Notice]:
    """One server, two user names: nobody can tell which is right before somebody logs in."""
    names: dict[tuple[object, ...], dict[str, Source]] = {}
    for report in reports:
        if report.source in (*_NO_WORD, Source.SRV):
            continue
        own: dict[tuple[object, ...], str] = {}
        for one in _of(protocol, report):
            own.setdefault(_endpoint(one), one.server.username)  # its first; the others are its alternatives
        for endpoint, name in own.items():
            names.setdefault(endpoint, {}).setdefault(name, report.source)
    for by_name in names.values():
        if len(by_name) > 1:
            said = "; ".join(f"{source.value}: {name}" for name, source in by_name.items())
            yield Notice(
                "usernames_disagree",
                _("The sources disagree about the user name: {values}. If logging in fails, try the other one.").format(
                    values=said
                ),
            )
            return


def _of(protocol: Protocol, report: SourceReport) -> list[FoundServer]:
    return [
        one
        for one in report.servers
        if one.server.protocol is protocol and one.server.socket_type is not SocketType.PLAIN
    ]


def _shown(servers: Sequence[FoundServer]) -> FoundServer:
    """The one of a source's servers that stands for it: what answered, else what it names first."""
    return next((one for one in servers if one.verified is True), servers[0])


def _in_words(found: FoundServer) -> str:
    state = {True: _("answers"), False: _("does not answer"), None: _("not tried")}[found.verified]
    return f"{found.server.hostname} {found.server.port} ({state})"


def _endpoint(found: FoundServer) -> tuple[object, ...]:
    server = found.server
    return server.hostname, server.port, server.socket_type
