"""What IMAP, POP3 and SMTP servers say before a login, read from single lines. Pure: no socket, no clock.

Sources: RFC 9051 (IMAP), RFC 1939 and RFC 2449 (POP3, CAPA), RFC 5321 and RFC 4954 (SMTP, AUTH), RFC 3207 and
RFC 2595 (STARTTLS). Every line is a stranger's: whatever it holds, the answer is a value, printable, and no longer
than the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.net.failures import FailureKind

MAX_CAPABILITIES = 200
"""Capabilities of one server that are kept; the longest list seen in the wild has about 60."""

_CODE = re.compile(r"\[CAPABILITY ([^\[\]]*)\]", re.IGNORECASE)
_REPLY = re.compile(r"([2-5][0-9]{2})([ -]|$)(.*)", re.DOTALL)
_IMAP_WORD = re.compile(r"\* (OK|PREAUTH|BYE)\b *(.*)", re.IGNORECASE | re.DOTALL)
_POP3_WORD = re.compile(r"(\+OK|-ERR)(?: +(.*)|$)", re.IGNORECASE | re.DOTALL)

_CLEARTEXT = frozenset({"PLAIN", "LOGIN"})
_ENCRYPTED = frozenset({"CRAM-MD5", "DIGEST-MD5"})
_METHODS = {
    "XOAUTH2": AuthenticationMethod.OAUTH2,
    "OAUTHBEARER": AuthenticationMethod.OAUTH2,
    "GSSAPI": AuthenticationMethod.GSSAPI,
    "NTLM": AuthenticationMethod.NTLM,
    "EXTERNAL": AuthenticationMethod.TLS_CLIENT_CERT,
}

# A password inside TLS is what every program can do, and what most accounts have; inside TLS, hiding it once more
# adds nothing. OAuth2 comes last, because most programs have no registration with most providers: it is first only
# where nothing else is offered. Without TLS, a password that does not travel readable comes first.
_ORDER = (
    AuthenticationMethod.PASSWORD_CLEARTEXT,
    AuthenticationMethod.PASSWORD_ENCRYPTED,
    AuthenticationMethod.GSSAPI,
    AuthenticationMethod.NTLM,
    AuthenticationMethod.TLS_CLIENT_CERT,
    AuthenticationMethod.OAUTH2,
)
_ORDER_WITHOUT_TLS = (_ORDER[1], _ORDER[0], *_ORDER[2:])


@dataclass(frozen=True, slots=True)
class Greeting:
    """A friendly first line. ``capabilities``: those that an IMAP greeting names already, else None.

    ``logged_in``: IMAP's PREAUTH. ``more``: further lines of the same greeting follow (SMTP).
    """

    text: str
    capabilities: tuple[str, ...] | None = None
    logged_in: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """A first line that ends it: WRONG_PROTOCOL or SERVER_SAYS_NO, with the server's words, printable.

    ``more``: further lines of the same refusal follow (SMTP).
    """

    kind: FailureKind
    detail: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One line of an SMTP reply: code 200 to 599; ``more`` when further lines of the same reply follow."""

    code: int
    text: str
    more: bool

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300


def parse_greeting(protocol: Protocol, line: str) -> Greeting | Rejection:
    """The first line of a server that should speak ``protocol``, without its line end."""
    match protocol:
        case Protocol.IMAP:
            found = _imap_greeting(line)
        case Protocol.POP3:
            found = _pop3_greeting(line)
        case Protocol.SMTP:
            found = _smtp_greeting(line)
    other = recognise_protocol(line)
    detail = f"{other}: {line.strip()}" if other else line.strip()
    return found or Rejection(FailureKind.WRONG_PROTOCOL, printable(detail))


def _imap_greeting(line: str) -> Greeting | Rejection | None:
    word = _IMAP_WORD.match(line)
    if word is None:
        return None
    text = printable(word[2])
    if word[1].upper() == "BYE":
        return Rejection(FailureKind.SERVER_SAYS_NO, text)
    return Greeting(text, parse_imap_capabilities(line), logged_in=word[1].upper() == "PREAUTH")


def _pop3_greeting(line: str) -> Greeting | Rejection | None:
    word = _POP3_WORD.match(line)
    if word is None:
        return None
    text = printable(word[2] or "")
    return Greeting(text) if word[1].startswith("+") else Rejection(FailureKind.SERVER_SAYS_NO, text)


def _smtp_greeting(line: str) -> Greeting | Rejection | None:
    reply = parse_reply_line(line)
    if reply is not None and reply.code == 220:
        return Greeting(reply.text, more=reply.more)
    if reply is not None and reply.code >= 400:
        return Rejection(FailureKind.SERVER_SAYS_NO, f"{reply.code} {reply.text}".strip(), reply.more)
    return None


def recognise_protocol(line: str) -> str:
    """The protocol that a first line is of (IMAP, POP3, SMTP, HTTP, SSH), or nothing."""
    if _IMAP_WORD.match(line):
        return "IMAP"
    if _POP3_WORD.match(line):
        return "POP3"
    if _REPLY.match(line):
        return "SMTP" if "SMTP" in line.upper() else ""  # FTP and NNTP begin with a number too
    if line[:5].upper() == "HTTP/" or line.lstrip()[:1] == "<":
        return "HTTP"
    return "SSH" if line.startswith("SSH-") else ""


def parse_reply_line(line: str) -> ReplyLine | None:
    """One line of an SMTP reply (RFC 5321 section 4.2), or None where it is none."""
    parts = _REPLY.fullmatch(line)
    return None if parts is None else ReplyLine(int(parts[1]), printable(parts[3].strip()), parts[2] == "-")


def parse_imap_capabilities(line: str) -> tuple[str, ...] | None:
    """What ``* CAPABILITY …`` or the response code ``[CAPABILITY …]`` lists, in the server's order; None: no list."""
    if line[:13].upper() == "* CAPABILITY ":
        listed = line[13:]
    else:
        code = _CODE.search(line)
        if code is None:
            return None
        listed = code[1]
    return tuple(printable(word) for word in listed.split()[:MAX_CAPABILITIES])


def unstuff_pop3_line(line: str) -> str | None:
    """A line of a multi-line answer with its stuffing taken off; None is the end (RFC 1939 section 3)."""
    if line == ".":
        return None
    return printable(line.removeprefix(".").strip())


def offers_starttls(protocol: Protocol, capabilities: tuple[str, ...]) -> bool:
    """Whether the connection can be upgraded: ``STARTTLS``, or ``STLS`` in POP3."""
    wanted = "STLS" if protocol is Protocol.POP3 else "STARTTLS"
    return any(capability.upper().split()[:1] == [wanted] for capability in capabilities)


def mechanisms(protocol: Protocol, capabilities: tuple[str, ...]) -> frozenset[str]:
    """The SASL mechanisms that ``capabilities`` announce, in upper case."""
    found: set[str] = set()
    for capability in map(str.upper, capabilities):
        if protocol is Protocol.IMAP:
            found.update([capability[5:]] if capability.startswith("AUTH=") else [])
        else:
            # “AUTH=PLAIN LOGIN” is what servers said before RFC 4954, and some say both to this day.
            word, *rest = capability.replace("AUTH=", "AUTH ", 1).split() or [""]
            found.update(rest if word == ("SASL" if protocol is Protocol.POP3 else "AUTH") else [])
    return frozenset(found - {""})


def login_methods(
    protocol: Protocol, capabilities: tuple[str, ...], socket_type: SocketType
) -> tuple[AuthenticationMethod, ...]:
    """How one can log in, in preference order; empty where the server announces no way.

    The password in clear text, the password encrypted (the other way round without TLS), GSSAPI, NTLM, the client's
    certificate, and OAuth2 last: it is first only where it is the only one.
    """
    found: set[AuthenticationMethod] = set()
    for name in mechanisms(protocol, capabilities):
        if name in _CLEARTEXT:
            found.add(AuthenticationMethod.PASSWORD_CLEARTEXT)
        elif name in _ENCRYPTED or name.startswith("SCRAM-"):
            found.add(AuthenticationMethod.PASSWORD_ENCRYPTED)
        elif name in _METHODS:
            found.add(_METHODS[name])
    if takes_login_command(protocol, capabilities):
        found.add(AuthenticationMethod.PASSWORD_CLEARTEXT)
    order = _ORDER_WITHOUT_TLS if socket_type is SocketType.PLAIN else _ORDER
    return tuple(method for method in order if method in found)


def takes_login_command(protocol: Protocol, capabilities: tuple[str, ...]) -> bool:
    """Whether the protocol's own command takes a password: IMAP's LOGIN, POP3's USER and PASS."""
    words = {capability.upper().split()[0] for capability in capabilities if capability.strip()}
    if protocol is Protocol.IMAP:
        # Beside AUTH= it may be there and refused (OAuth2 only): then what AUTH= lists decides. Where there is no
        # list at all, nothing is known.
        announced = any(word.startswith("AUTH=") for word in words)
        return bool(words) and "LOGINDISABLED" not in words and not announced
    # A server without CAPA, or without a word on SASL, is older than both and knows USER (RFC 2449 section 6.3).
    return protocol is Protocol.POP3 and ("USER" in words or "SASL" not in words)
