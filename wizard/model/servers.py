"""Servers, client configurations and accounts, in the terms of the autoconfig draft.

Source of the names: draft-ietf-mailmaint-autoconfig. Lists of servers and of authentication methods are in
preference order, everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self, TypeVar

from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress, Hostname, Port, parse_hostname, parse_port
from wizard.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable


class Protocol(StrEnum):
    IMAP = "imap"
    POP3 = "pop3"
    SMTP = "smtp"


RECEIVING = (Protocol.IMAP, Protocol.POP3)
SENDING = (Protocol.SMTP,)

USUAL_LABELS = {
    Protocol.IMAP: ("imap", "mail"),
    Protocol.POP3: ("pop", "pop3", "mail"),
    Protocol.SMTP: ("smtp", "mail"),
}
"""First labels of the host names that hosters use most, the likeliest first."""


class SocketType(StrEnum):
    """How the connection is secured: TLS from the first byte, TLS by an upgrade (RFC 3207, RFC 2595), or not."""

    SSL = "SSL"
    STARTTLS = "STARTTLS"
    PLAIN = "plain"


class AuthenticationMethod(StrEnum):
    PASSWORD_CLEARTEXT = "password-cleartext"
    PASSWORD_ENCRYPTED = "password-encrypted"
    OAUTH2 = "OAuth2"
    NTLM = "NTLM"
    GSSAPI = "GSSAPI"
    TLS_CLIENT_CERT = "TLS-client-cert"
    CLIENT_IP_ADDRESS = "client-IP-address"
    NONE = "none"


PASSWORD_METHODS = frozenset({AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.PASSWORD_ENCRYPTED})
WITHOUT_LOGIN = frozenset({AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS})
"""No log-in: the server knows the computer by its address, or accepts messages from any client."""

USUAL_PORTS: dict[tuple[Protocol, SocketType], Port] = {
    # RFC 8314 section 3.3 for implicit TLS; RFC 9051, RFC 1939 and RFC 6409 for the others.
    (Protocol.IMAP, SocketType.SSL): Port(993),
    (Protocol.IMAP, SocketType.STARTTLS): Port(143),
    (Protocol.IMAP, SocketType.PLAIN): Port(143),
    (Protocol.POP3, SocketType.SSL): Port(995),
    (Protocol.POP3, SocketType.STARTTLS): Port(110),
    (Protocol.POP3, SocketType.PLAIN): Port(110),
    (Protocol.SMTP, SocketType.SSL): Port(465),
    (Protocol.SMTP, SocketType.STARTTLS): Port(587),
    (Protocol.SMTP, SocketType.PLAIN): Port(587),
}

_SECURITY_OF_PORTS = {
    # RFC 8314 section 7.3; RFC 3207 and RFC 2595 for the upgrade. 2525 stands in for 587 and 25 where they are blocked.
    **dict.fromkeys((993, 995, 465), SocketType.SSL),
    **dict.fromkeys((143, 110, 587, 25, 2525), SocketType.STARTTLS),
}


def security_of_port(port: int) -> SocketType | None:
    """The usual encryption of ``port``, for any mail protocol; None where the number says nothing."""
    return _SECURITY_OF_PORTS.get(port)


# The placeholders of the draft (section “Placeholders”), filled once and never recursively: a local part that itself
# reads %EMAILDOMAIN% stays as it is. What others publish is understood in small letters, too; what is written here, in
# files and in the catalogue, is in capitals: Thunderbird and others know no other spelling.
EMAIL_ADDRESS = "%EMAILADDRESS%"
EMAIL_LOCAL_PART = "%EMAILLOCALPART%"
EMAIL_DOMAIN = "%EMAILDOMAIN%"
PLACEHOLDERS = (EMAIL_ADDRESS, EMAIL_LOCAL_PART, EMAIL_DOMAIN)

_PLACEHOLDER = re.compile("|".join(PLACEHOLDERS), re.IGNORECASE)
_AS_WRITTEN = re.compile("|".join(PLACEHOLDERS))
_LOOKS_LIKE_ONE = re.compile(r"%[A-Za-z]+%|%EMAIL[A-Z]*", re.IGNORECASE)


def check_template(template: str) -> None:
    """Raise Problem when ``template`` holds something that looks like a placeholder and is none of the three.

    For what people write for this program: in capitals, as the draft has them.
    """
    odd = _LOOKS_LIKE_ONE.search(_AS_WRITTEN.sub("", template))
    if odd is not None:
        raise Problem(
            _("{word} is not a placeholder; the placeholders are {words}.").format(
                word=odd.group(), words=", ".join(PLACEHOLDERS)
            )
        )


def fill(template: str, address: EmailAddress) -> str:
    """``template`` with its placeholders replaced by the parts of ``address`` (the domain as A-labels)."""
    if "%" not in template:
        return template
    values = {EMAIL_ADDRESS: str(address), EMAIL_LOCAL_PART: address.local, EMAIL_DOMAIN: address.domain.ascii}
    return _PLACEHOLDER.sub(lambda found: values[found.group().upper()], template)


def canonical_form(template: str) -> str:
    """``template`` with its placeholders in capitals, as every program knows them."""
    return _PLACEHOLDER.sub(lambda found: found.group().upper(), template)


def has_placeholder(text: str) -> bool:
    """Whether :func:`fill` would change ``text``."""
    return "%" in text and _PLACEHOLDER.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of an account. ``hostname`` and ``username`` may hold placeholders until :meth:`filled`.

    ``authentication`` is empty where nobody says how to log in: until the server itself did, or :func:`with_password`.
    ``username_form``: what ``username`` was filled in from; empty where it was published as it is.
    """

    protocol: Protocol
    hostname: Hostname
    port: Port
    socket_type: SocketType
    username: str
    authentication: tuple[AuthenticationMethod, ...]
    username_form: str = field(default="", compare=False)

    def filled(self, address: EmailAddress) -> Self:
        """The same server with its placeholders filled in for ``address``; raises AddressProblem for a bad host."""
        return type(self)(
            protocol=self.protocol,
            hostname=parse_hostname(fill(self.hostname, address)),
            port=parse_port(self.port),
            socket_type=self.socket_type,
            username=fill(self.username, address),
            authentication=self.authentication,
            username_form=self.username if has_placeholder(self.username) else self.username_form,
        )

    def named_as(self, other: Server) -> Self:
        """The same server with the user name of ``other``."""
        return replace(self, username=other.username, username_form=other.username_form)

    @property
    def secure(self) -> bool:
        """Whether the password travels encrypted."""
        return self.socket_type is not SocketType.PLAIN

    @property
    def takes_password(self) -> bool:
        """Whether a password (of any kind) is one of the ways to log in."""
        return not PASSWORD_METHODS.isdisjoint(self.authentication)

    @property
    def only_oauth2(self) -> bool:
        """Whether OAuth2 is the only way to log in."""
        return bool(self.authentication) and set(self.authentication) == {AuthenticationMethod.OAUTH2}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingServer(Server):
    """An IMAP or POP3 server."""

    def __post_init__(self) -> None:
        if self.protocol is Protocol.SMTP:
            raise ValueError("SMTP is no incoming protocol")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingServer(Server):
    """An SMTP submission server (RFC 6409)."""

    def __post_init__(self) -> None:
        if self.protocol is not Protocol.SMTP:
            raise ValueError(f"{self.protocol} is no outgoing protocol")


AnyServer = TypeVar("AnyServer", bound=Server)


def server(
    protocol: Protocol,
    *,
    hostname: Hostname,
    port: Port,
    socket_type: SocketType,
    username: str,
    authentication: Iterable[AuthenticationMethod],
) -> IncomingServer | OutgoingServer:
    """The server of the class that ``protocol`` asks for."""
    kind = OutgoingServer if protocol is Protocol.SMTP else IncomingServer
    return kind(
        protocol=protocol,
        hostname=hostname,
        port=port,
        socket_type=socket_type,
        username=username,
        authentication=tuple(authentication),
    )


def with_password(server: AnyServer) -> AnyServer:
    """``server``, with a password as its way to log in where none is known: what nearly every server takes."""
    if server.authentication:
        return server
    return replace(server, authentication=(AuthenticationMethod.PASSWORD_CLEARTEXT,))


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What a provider publishes for its domains (the ``clientConfig`` of the draft); placeholders not yet filled."""

    id: str
    domains: tuple[Domain, ...]
    display_name: str
    incoming: tuple[IncomingServer, ...]
    outgoing: tuple[OutgoingServer, ...]

    def filled(self, address: EmailAddress) -> ClientConfig:
        """The same configuration with every placeholder filled in for ``address``."""
        return replace(
            self,
            id=fill(self.id, address),
            display_name=fill(self.display_name, address),
            incoming=tuple(server.filled(address) for server in self.incoming),
            outgoing=tuple(server.filled(address) for server in self.outgoing),
        )


class AfterDownload(StrEnum):
    """What a POP3 program does with a message on the server once it has been downloaded."""

    REMOVE = "remove"
    KEEP_DAYS = "keep_days"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class LeavePolicy:
    """How long POP3 leaves messages on the server; ``days`` (1 to 3650) only with KEEP_DAYS.

    Always written into a file, never left to a program's default: the defaults differ, and some remove at once.
    """

    kind: AfterDownload
    days: int | None = None

    def __post_init__(self) -> None:
        if (self.kind is AfterDownload.KEEP_DAYS) != (self.days is not None):
            raise ValueError("days belong to KEEP_DAYS, and only to it")
        if self.days is not None and not 1 <= self.days <= 3650:
            raise ValueError(f"not a number of days from 1 to 3650: {self.days}")


class PasswordStore(StrEnum):
    """The programs that terminal programs ask for the password; each keeps it and prints it when asked.

    ``pass`` comes first, and is the default.

    It needs nothing but GnuPG, works without a desktop and over SSH, on Linux, macOS and the BSDs, and is what the
    manuals of the terminal programs show. ``secret-tool`` asks the keyring of the desktop (Secret Service, libsecret),
    ``keyring`` the program of that name from Python, ``keychain`` the keychain of macOS. ``oama`` and ``pizauth`` sign
    in at the provider's page (OAuth2) and print access tokens instead of passwords.
    """

    PASS = "pass"
    SECRET_TOOL = "secret-tool"
    KEYRING = "keyring"
    KEYCHAIN = "keychain"
    OAMA = "oama"
    PIZAUTH = "pizauth"

    @property
    def gives_tokens(self) -> bool:
        """Whether it prints access tokens of OAuth2 (RFC 6749) instead of a password."""
        return self in (PasswordStore.OAMA, PasswordStore.PIZAUTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """One person's mailbox as a mail program is to be set up; every value is final, nothing is a placeholder.

    ``incoming`` is the recommended server; ``alternatives`` are further incoming and outgoing servers in preference
    order. ``leave`` is set exactly when any incoming server is POP3. ``display_name`` is the sender's name.
    ``password_store`` is the program that hands the password to terminal programs; the password itself is nowhere.
    """

    address: EmailAddress
    display_name: str
    incoming: IncomingServer
    outgoing: OutgoingServer
    alternatives: tuple[IncomingServer | OutgoingServer, ...] = ()
    leave: LeavePolicy | None = None
    provider_id: str | None = None
    provider_name: str | None = None
    password_store: PasswordStore = PasswordStore.PASS

    def __post_init__(self) -> None:
        if not self.has_pop3 and self.leave is not None:
            raise ValueError("a leave policy belongs to POP3")
        if self.has_pop3 and self.leave is None:
            raise ValueError("POP3 needs a leave policy: no program's default can be relied upon")

    @property
    def has_pop3(self) -> bool:
        return any(server.protocol is Protocol.POP3 for server in (self.incoming, *self.alternatives))

    @property
    def only_oauth2(self) -> bool:
        """Whether the incoming or the outgoing server can be used with OAuth2 alone."""
        return self.incoming.only_oauth2 or self.outgoing.only_oauth2
