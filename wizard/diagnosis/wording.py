"""Everyday words for values of a diagnosis, with the one that technicians use; and words of servers, made harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.diagnosis import Confidence, RungName, RungStatus
from wizard.model.servers import AuthenticationMethod, SocketType
from wizard.model.text import printable
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.diagnosis import Finding, Observation, Rung, Target
    from wizard.model.servers import Protocol

LONGEST_QUOTE = 140
"""Characters of a server's words that are shown."""


def quoted(text: str) -> str:
    """Words of somebody else: printable, short, in quotes that they cannot close; nothing for nothing."""
    shown = " ".join(printable(text, LONGEST_QUOTE).split()).replace("“", '"').replace("”", '"')
    return f"“{shown}”" if shown else ""


def quoted_list(words: Iterable[str]) -> str:
    """A list of a server's words, in quotes, cut short."""
    return quoted(", ".join(words))


def protocol_name(protocol: Protocol) -> str:
    """``IMAP``, ``POP3`` or ``SMTP``."""
    return protocol.value.upper()


def security_in_words(socket_type: SocketType) -> str:
    """What most programs call the security of the connection."""
    if socket_type is SocketType.PLAIN:
        return _("none")
    return "SSL/TLS" if socket_type is SocketType.SSL else "STARTTLS"


def method_in_words(method: AuthenticationMethod) -> str:
    """What most programs call the authentication method."""
    words = {
        AuthenticationMethod.PASSWORD_CLEARTEXT: _("normal password"),
        AuthenticationMethod.PASSWORD_ENCRYPTED: _("encrypted password"),
        AuthenticationMethod.OAUTH2: "OAuth2",
        AuthenticationMethod.GSSAPI: "Kerberos / GSSAPI",
        AuthenticationMethod.TLS_CLIENT_CERT: _("certificate"),
    }
    return words.get(method, "NTLM" if method is AuthenticationMethod.NTLM else _("none"))


def tls_version_in_words(version: str) -> str:
    """``TLS 1.0`` for OpenSSL's ``TLSv1``, ``SSL 3`` for ``SSLv3``."""
    name, _v, number = version.partition("v")
    return f"{name} {number}{'.0' if name == 'TLS' and '.' not in number else ''}" if number else ""


def rung_in_words(name: RungName) -> str:
    """A step of the ladder, in at most 22 characters."""
    return {
        RungName.DNS: _("name (DNS)"),
        RungName.TCP: _("connection (TCP)"),
        RungName.TLS: _("encryption (TLS)"),
        RungName.GREETING: _("greeting"),
        RungName.CAPABILITIES: _("capabilities"),
        RungName.STARTTLS: _("upgrade (STARTTLS)"),
        RungName.LOGIN: _("log-in"),
        RungName.MAILBOX: _("mailbox"),
    }[name]


def status_in_words(status: RungStatus) -> str:
    """What came of a step."""
    return {
        RungStatus.OK: _("ok"),
        RungStatus.FAILED: _("failed"),
        RungStatus.SKIPPED: _("not tried"),
    }[status]


def confidence_in_words(confidence: Confidence) -> str:
    """How sure a finding is."""
    return {
        Confidence.CERTAIN: _("certain"),
        Confidence.LIKELY: _("likely"),
        Confidence.POSSIBLE: _("possible"),
    }[confidence]


def detail_in_words(rung: Rung, observation: Observation) -> str:
    """What was seen at a step; of the connection, IPv4 and IPv6 separately."""
    if rung.name is not RungName.TCP or not observation.families:
        return rung.detail
    words = {
        "ok": _("ok"),
        FailureKind.TIMEOUT.value: _("no answer"),
        FailureKind.CONNECTION_REFUSED.value: _("refused"),
        FailureKind.UNREACHABLE.value: _("no way there"),
    }
    by_family = ", ".join(
        f"IP{family.removeprefix('ip')}: {words.get(outcome, _('failed'))}"
        for family, outcome in sorted(observation.families.items())
    )
    return f"{rung.detail} ({by_family})" if rung.detail else by_family


def target_in_words(target: Target) -> str:
    """``mail.example.org 993 SSL/TLS``: the values as a mail program shows them."""
    return f"{target.host} {target.port} {security_in_words(target.socket_type)}"


def where_in_words(finding: Finding) -> str:
    """The protocol that a finding is about, or nothing where it is not one server's."""
    return "" if finding.protocol is None else protocol_name(finding.protocol)
