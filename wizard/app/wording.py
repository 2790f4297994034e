"""Words for technical values: the everyday word, with the one that mail programs show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.registry import spec_of
from wizard.language import translate as _
from wizard.model.address import Domain
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.servers import LeavePolicy, Server


def protocol_in_words(protocol: Protocol) -> str:
    """IMAP, POP3, SMTP as they are written."""
    return {Protocol.IMAP: "IMAP", Protocol.POP3: "POP3", Protocol.SMTP: "SMTP"}[protocol]


def security_in_words(socket_type: SocketType) -> str:
    """What programs call the security of the connection."""
    return {
        SocketType.SSL: "SSL/TLS",
        SocketType.STARTTLS: "STARTTLS",
        SocketType.PLAIN: _("none (not encrypted!)"),
    }[socket_type]


def login_in_words(server: Server) -> str:
    """How one logs in: the first method, in words."""
    methods = server.authentication
    if server.only_oauth2:
        return _("sign-in page of the provider (OAuth2)")
    if AuthenticationMethod.OAUTH2 in methods:
        return _("sign-in page of the provider (OAuth2), or a password")
    if AuthenticationMethod.PASSWORD_CLEARTEXT in methods:
        return _("password")
    if AuthenticationMethod.PASSWORD_ENCRYPTED in methods:
        return _("encrypted password")
    return printable(", ".join(methods)) or _("not known")


def server_in_words(server: Server) -> str:
    """Host, port and security on one line; the letters of an internationalised name behind it, in brackets."""
    security = security_in_words(server.socket_type) if server.secure else _("not encrypted!")
    line = f"{server.hostname} {server.port} {security}"
    letters = Domain(server.hostname).unicode
    return line if letters == server.hostname else f"{line} ({letters})"


def source_in_words(source: Source) -> str:
    """Where a setting was read."""
    return _(spec_of(source).origin)


def source_name(source: Source) -> str:
    """Who is asked, in at most 19 characters: beside it an outcome stands on a screen 40 columns wide."""
    return _(spec_of(source).name)


def state_in_words(found: FoundServer) -> str:
    """Whether a server was seen to answer, and why not."""
    if found.verified and not found.server.secure:
        return _("answers, but does not encrypt")
    if found.verified:
        return _("answers, certificate valid")
    if found.verified is False and found.trouble:
        return _("does not answer as it should: {reason}").format(reason=printable(found.trouble))
    return _("not tried") if found.verified is None else _("does not answer as it should")


def origin_in_words(report: DiscoveryReport, found: FoundServer) -> str:
    """Where a server was read, when the catalogue checked it, and how far that can be trusted."""
    origin = source_in_words(found.evidence.source)
    if found.evidence.source is Source.CATALOGUE and report.provider is not None:
        date = month_in_words(report.provider.source.checked_on)
        origin = _("{origin}, checked {date}").format(origin=origin, date=date)
    trust = trust_in_words(found)
    return f"{origin}; {trust}" if trust else origin


def trust_in_words(found: FoundServer) -> str:
    """How far the word of a source can be trusted; empty where the source says it all."""
    if found.evidence.trust is Trust.GUESSED:
        return _("a guess: please check")
    if spec_of(found.evidence.source).local:
        return ""
    if found.evidence.trust is Trust.UNAUTHENTICATED:
        return _("not protected on the way")
    return _("protected on the way")


def outcome_in_words(outcome: Outcome) -> str:
    """What came of asking a source."""
    return {
        Outcome.FOUND: _("found"),
        Outcome.NOTHING: _("nothing"),
        Outcome.UNREACHABLE: _("unreachable"),
        Outcome.MALFORMED: _("malformed"),
        Outcome.REFUSED: _("refused"),
        Outcome.CANCELLED: _("cancelled"),
    }[outcome]


def seconds_in_words(elapsed_ms: int) -> str:
    """Milliseconds as seconds, for people: hundredths where it went fast."""
    seconds = elapsed_ms / 1000
    whole, _point, part = (f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}").partition(".")
    # Translators: the decimal sign of the language.
    return _("{whole}.{part} s").format(whole=whole, part=part)


def month_in_words(date: str) -> str:
    """The month of an ISO date, as it is written in the active language."""
    # Translators: the order and the signs that are usual for a month with its year.
    return _("{year}-{month}").format(year=date[:4], month=date[5:7])


def leave_in_words(policy: LeavePolicy) -> str:
    """How long POP3 leaves messages on the server."""
    if policy.days is not None:
        return _("{days} days on the server, then only on this computer").format(days=policy.days)
    return {
        "remove": _("removed from the server once downloaded"),
        "keep": _("kept on the server for good"),
    }[policy.kind.value]
