"""What stands for the ``{values}`` in the texts of a cause, read off what was seen; nothing unknown is in it.

Text of servers is hostile: here it becomes one printable line, cut short, between quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.placeholders import fill
from wizard.model.servers import USUAL_PORTS, Protocol, SocketType
from wizard.model.text import printable
from wizard.wording import authentication_label, protocol_label, security_setting, tls_version_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.diagnosis.suspicion import Case
    from wizard.model.diagnosis import Certificate, Observed

LONGEST_QUOTE = 140
"""Characters of a server's words that are shown."""

MOST_LISTED = 6

_ENCRYPTED = (SocketType.SSL, SocketType.STARTTLS)
_LABELS = {Protocol.IMAP: ("imap", "imaps"), Protocol.POP3: ("pop", "pop3", "pops"), Protocol.SMTP: ("smtp", "smtps")}


def values(case: Case) -> dict[str, str]:
    """Everything that can be said of this server, by the names of wizard.diagnosis.knowledge.PLACEHOLDERS."""
    observed, target = case.observed, case.observed.target
    found = {
        "address": case.address.unicode,
        "domain": case.address.domain.shown,
        "host": target.host,
        "port": str(target.port),
        "protocol": protocol_label(target.protocol),
        "provider": case.provider.name if case.provider is not None else case.address.domain.unicode,
        "security": security_setting(target.socket_type),
        "username": quoted(target.username),
        "detail": quoted(observed.detail),
        "ip": ", ".join(observed.addresses[:2]),
        "answer": quoted(observed.extra.get("spoke_line", "") or observed.detail),
        "offered": listed(observed.capabilities or observed.clear_capabilities or ()),
        "offered_methods": ", ".join(authentication_label(one) for one in observed.methods),
        "method": next((authentication_label(one) for one in observed.methods), ""),
        "wanted": ", ".join(authentication_label(one) for one in target.authentication),
        "tls_version": tls_version_label(observed.only_old_tls or ""),
        "other_host": other_host(case),
        **dict(_ports(case)),
        **dict(_of_certificate(observed.certificate)),
    }
    return {name: value for name, value in found.items() if value}


def quoted(text: str) -> str:
    """Words of somebody else: printable, short, in quotes that they cannot close; nothing for nothing."""
    shown = " ".join(printable(text, LONGEST_QUOTE).split()).replace("“", '"').replace("”", '"')
    return f"“{shown}”" if shown else ""


def listed(words: Iterable[str]) -> str:
    """A list of a server's words, in quotes, cut short."""
    return quoted(", ".join(words))


def best_name(names: Iterable[str], protocol: Protocol) -> str:
    """The host of a certificate that looks most like a server of ``protocol``; no wildcard."""
    whole = [name for name in names if not name.startswith("*.")]
    for labels in (_LABELS[protocol], ("mail", "mx")):
        for name in whole:
            if name.partition(".")[0] in labels:
                return name
    return whole[0] if whole else ""


def other_host(case: Case) -> str:
    """The host to enter instead: one that was seen to answer, else the provider's own."""
    target = case.observed.target
    if case.observed.other_names:
        return best_name(case.observed.other_names, target.protocol)
    server = case.provider_server
    return case.host_of(server) if server is not None and not case.at_provider else ""


def _ports(case: Case) -> Iterator[tuple[str, str]]:
    """``other_port``: seen to answer, or the provider's; ``usual_port``: what the standards say, not tried in vain."""
    observed, target = case.observed, case.observed.target
    answering = [(one.port, one.socket_type) for one in observed.other_ports if one.answers]
    server = case.provider_server
    if server is not None and case.at_provider and not observed.other_ports:
        answering.append((server.port, server.socket_type))
    places = [place for kind in _ENCRYPTED for place in answering if place[1] is kind]
    places = [place for place in places if place != (target.port, target.socket_type)]
    if places:
        yield "other_port", str(places[0][0])
        yield "other_security", security_setting(places[0][1])
    within = next((port for port, kind in places if kind is SocketType.SSL), None)
    if within is not None:
        yield "tls_port", str(within)
    usual = _usual(observed)
    if usual is not None:
        yield "usual_port", str(usual[0])
        yield "usual_security", security_setting(usual[1])


def _usual(observed: Observed) -> tuple[int, SocketType] | None:
    target = observed.target
    in_vain = {(one.port, one.socket_type) for one in observed.other_ports if not one.answers}
    places = [(int(USUAL_PORTS[target.protocol, kind]), kind) for kind in _ENCRYPTED]
    return next((one for one in places if one[0] != target.port and one not in in_vain), None)


def _of_certificate(certificate: Certificate | None) -> Iterator[tuple[str, str]]:
    if certificate is None:
        return
    yield "names", ", ".join(printable(name, 80) for name in certificate.names[:MOST_LISTED])
    yield "issuer", quoted(certificate.issuer)


def day(seconds: float) -> str:
    """A day of UTC as YYYY-MM-DD, nothing where that is none."""
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
    except (OverflowError, OSError, ValueError):
        return ""


def provider_username(case: Case) -> str:
    """The user name as the provider's file has it for this server, or nothing."""
    server = case.provider_server
    return fill(server.username, case.address) if server is not None else ""
