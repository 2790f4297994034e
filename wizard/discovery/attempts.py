"""How a server is tried whose published port and security contradict each other, and what the results mean.

RFC 8314 section 3 gives each port its security: on 993, 995 and 465 a client that waits for a greeting in the clear
waits in vain, and on 143, 110 and 587 a server answers a TLS handshake with its greeting. Settings that name such a
pair are common, and the server is fine: what the port says works. Encryption that was published is never given up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.registry import spec_of
from wizard.discovery.wording import explain
from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.model.problems import Notice
from wizard.model.servers import AuthenticationMethod, SocketType, security_of_port
from wizard.net.failures import CERTIFICATE_KINDS, Failure, FailureKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.model.servers import Server
    from wizard.net.mail import ServerInfo

    Attempts = Mapping[SocketType, ServerInfo | Failure]

SECURITY_ORDER = {SocketType.SSL: 0, SocketType.STARTTLS: 1, SocketType.PLAIN: 2}
"""The better security first (RFC 8314 section 3)."""

CONTRADICTORY_PORT, ENCRYPTION_OFFERED = "contradictory_port", "encryption_offered"
CONTRADICTIONS = (CONTRADICTORY_PORT, ENCRYPTION_OFFERED)
"""The codes of :func:`contradictions`."""

_NOT_CONNECTED = frozenset(
    {
        FailureKind.NO_SUCH_NAME,
        FailureKind.NO_ADDRESS,
        FailureKind.DNS_FAILED,
        FailureKind.DNS_TIMEOUT,
        FailureKind.ADDRESS_NOT_ALLOWED,
        FailureKind.PORT_NOT_ALLOWED,
        FailureKind.CONNECTION_REFUSED,
        FailureKind.UNREACHABLE,
    }
)
"""Failures before the security of the connection matters."""

_SPOKE_TLS = {
    # From the first byte, whatever a server says it says within TLS.
    SocketType.SSL: CERTIFICATE_KINDS
    | {FailureKind.TLS_TOO_OLD, FailureKind.SERVER_SAYS_NO, FailureKind.WRONG_PROTOCOL, FailureKind.ANSWER_TOO_LONG},
    SocketType.STARTTLS: CERTIFICATE_KINDS | {FailureKind.TLS_TOO_OLD},
    SocketType.PLAIN: frozenset(),
}
"""Failures that show that the server expects its connections in this way."""

_CONCLUSIVE = frozenset(
    {FailureKind.STARTTLS_INJECTION, FailureKind.SERVER_SAYS_NO, FailureKind.WRONG_PROTOCOL} | _NOT_CONNECTED
)
"""Failures that say all there is to say, in whichever way they were met."""

_NOT_ANNOUNCED = frozenset(
    {AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS, AuthenticationMethod.TLS_CLIENT_CERT}
)
"""Ways to log in that no capability names."""


def expected_security(server: Server) -> SocketType:
    """The security with which ``server`` will probably answer: its port decides."""
    return security_of_port(server.port) or server.socket_type


def is_doubtful(found: FoundServer) -> bool:
    """Whether ``found`` was published with a port and a security that contradict each other, and was not tried."""
    server, expected = found.server, expected_security(found.server)
    offered = server.socket_type is SocketType.PLAIN and expected is SocketType.STARTTLS
    return found.verified is None and expected is not server.socket_type and not offered


def by_port(found: FoundServer) -> tuple[FoundServer, ...]:
    """In which ways ``found`` is to be understood where nobody connects: a port of TLS has its meaning whatever was
    written beside it (RFC 8314 section 3.3), and what was written comes after that.
    """
    if not is_doubtful(found) or expected_security(found.server) is not SocketType.SSL:
        return (found,)
    return replace(found, server=replace(found.server, socket_type=SocketType.SSL)), found


def contradictory_ports(servers: Iterable[FoundServer]) -> Iterator[Notice]:
    """A notice for each server of a file of which :func:`by_port` puts another security first."""
    from wizard.wording import protocol_label, security_setting

    for found in servers:
        first = by_port(found)[0].server
        if first.socket_type is not found.server.socket_type:
            text = _("{server} is written with {written}, which contradicts the port; {usual} is used, as usual there.")
            yield Notice(
                CONTRADICTORY_PORT,
                text.format(
                    server=f"{protocol_label(first.protocol)} {first.hostname} {first.port}",
                    written=security_setting(found.server.socket_type),
                    usual=security_setting(first.socket_type),
                ),
            )


def securities_to_try(server: Server, *, allow_insecure: bool) -> tuple[SocketType, ...]:
    """What to connect with, the better security first: as published, and as the port says.

    A server that was published without encryption may well offer it, and without ``allow_insecure`` that alone is
    tried.
    """
    tried = {server.socket_type, expected_security(server)}
    if server.socket_type is SocketType.PLAIN:
        tried.add(SocketType.STARTTLS)
        if not allow_insecure:
            tried.remove(SocketType.PLAIN)
    return tuple(sorted(tried, key=SECURITY_ORDER.__getitem__))


def is_decided(tried: Sequence[SocketType], seen: Attempts) -> bool:
    """Whether what is still awaited of the connections with ``tried`` cannot change what comes of them."""
    for security in tried:
        result = seen.get(security)
        if result is None:
            return False
        if not isinstance(result, Failure):
            return True
        if security is SocketType.SSL and result.kind in _SPOKE_TLS[security]:
            return True  # on such a port nothing is said in the clear, however long one waits
    return True


def settled(found: FoundServer, tried: Sequence[SocketType], seen: Attempts) -> FoundServer:
    """``found`` after connecting to it with ``tried``; what is missing in ``seen`` did not answer in time.

    It has the security that works, else the one with which the server was seen to expect connections, else what was
    published.
    """
    for security in tried:
        result = seen.get(security)
        if result is not None and not isinstance(result, Failure):
            works = _secured(found, security)
            methods = login_methods(found, result.authentication)
            return replace(works, verified=True, server=replace(works.server, authentication=methods))
    failures = {security: result for security in tried if isinstance(result := seen.get(security), Failure)}
    for security, failure in failures.items():
        if failure.kind in _SPOKE_TLS[security]:
            return replace(_secured(found, security), verified=False, trouble=explain(failure))
    missing = [failure for failure in failures.values() if failure.kind is FailureKind.STARTTLS_MISSING]
    if found.server.socket_type is SocketType.PLAIN and missing:
        return replace(found, verified=False, trouble=explain(missing[0]), offers_no_encryption=True)
    trouble = _why_no_connection(found.server, tried, failures)
    claimed = found.server.socket_type is SocketType.PLAIN and SocketType.PLAIN not in tried
    if claimed and expected_security(found.server) is SocketType.SSL:
        # Nobody saw what was claimed on a port of TLS (RFC 8314 section 3.3): the port's meaning stays.
        found = _secured(found, SocketType.SSL)
    return replace(found, verified=False, trouble=trouble)


def _secured(found: FoundServer, security: SocketType) -> FoundServer:
    server = found.server
    if security is server.socket_type:
        return found
    return replace(found, server=replace(server, socket_type=security), published=server.socket_type)


def _why_no_connection(server: Server, tried: Sequence[SocketType], failures: Mapping[SocketType, Failure]) -> str:
    """Why no connection succeeded, in one sentence, which does not say whose fault that is."""
    conclusive = next((failure for failure in failures.values() if failure.kind in _CONCLUSIVE), None)
    if conclusive is not None:
        return explain(conclusive)
    if len(tried) == 1:
        return explain(failures.get(tried[0]) or Failure(FailureKind.TIMEOUT, server.hostname, server.port))
    in_order = sorted(tried, key=lambda security: security is not server.socket_type)
    attempts = ", ".join(_attempt(server, security) for security in in_order)
    return _("No connection to {where} succeeded; the following was tried: {attempts}.").format(
        where=f"{server.hostname} {server.port}", attempts=attempts
    )


def _attempt(server: Server, security: SocketType) -> str:
    from wizard.wording import security_setting  # most look-ups end without these words

    label = security_setting(security)
    if security is server.socket_type:
        return _("{security} (as published)").format(security=label)
    if security is expected_security(server):
        return _("{security} (usual on this port)").format(security=label)
    return label


def login_methods(found: FoundServer, announced: tuple[AuthenticationMethod, ...]) -> tuple[AuthenticationMethod, ...]:
    """How to log in: what was published and the server announces; where the two have nothing in common, the server's.

    The catalogue keeps its word: that a server still announces passwords which no account may use any more is what
    its entries know.
    """
    if not announced:
        return found.server.authentication
    if spec_of(found.evidence.source).provisional or not found.says_log_in:
        return announced
    published = found.server.authentication
    common = tuple(method for method in published if method in announced or method in _NOT_ANNOUNCED)
    return common or (published if found.evidence.source is Source.CATALOGUE else announced)


def contradictions(reports: Iterable[SourceReport], concerns: Callable[[FoundServer], bool]) -> Iterator[Notice]:
    """A notice for each server that was seen to work with another security than the published one.

    ``concerns``: whether a server is one of those that the notices are to be about.
    """
    sources: dict[tuple[Server, SocketType], list[Source]] = {}
    for report in reports:
        as_published = {_place(found.server) for found in report.servers if found.published is None}
        for found in report.servers:
            server, published = found.server, found.published
            if published is None or found.verified is not True or _place(server) in as_published or not concerns(found):
                continue
            same = next((key for key in sources if (_place(key[0]), key[1]) == (_place(server), published)), None)
            sources.setdefault(same or (server, published), []).append(report.source)
    for (place, security), by in sources.items():
        yield _contradiction(place, security, dict.fromkeys(by))


def _place(server: Server) -> tuple[object, ...]:
    return server.protocol, server.hostname, server.port, server.socket_type


def _contradiction(server: Server, published: SocketType, sources: Iterable[Source]) -> Notice:
    from wizard.wording import protocol_label, security_setting

    values = {
        "server": f"{protocol_label(server.protocol)} {server.hostname} {server.port}",
        "sources": ", ".join(_(spec_of(source).name) for source in sources),
        "published": security_setting(published),
        "working": security_setting(server.socket_type),
    }
    if published is SocketType.PLAIN:
        text = _(
            "{server} is published without encryption ({sources}), but works with {working}, which is used. The "
            "published settings should be corrected."
        )
        return Notice(ENCRYPTION_OFFERED, text.format(**values))
    text = _(
        "{server} is published with {published} ({sources}), which contradicts the port; {working} works there and is "
        "used. The published settings should be corrected."
    )
    return Notice(CONTRADICTORY_PORT, text.format(**values))
