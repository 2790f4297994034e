"""The servers of an autoconfig file: its elements ``incomingServer`` and ``outgoingServer``, each read by itself.

Of an element that is given twice, the first usable one counts. How to log in is what the server itself will announce,
so a server stays where the file does not say it, or in words that are not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_port
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    EMAIL_ADDRESS,
    PASSWORD_METHODS,
    WITHOUT_LOGIN,
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.model.servers import server as make_server
from wizard.model.text import has_controls, printable
from wizard.programs.reading import LONGEST_VALUE, IncompleteServer, host_template, written_server

if TYPE_CHECKING:
    from wizard.model.servers import IncomingServer, OutgoingServer
    from wizard.programs.elements import Element

AUTHENTICATION = {
    **{method.value: method for method in AuthenticationMethod},
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "secure": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "smtp-after-pop": AuthenticationMethod.NONE,
}
"""The names of the draft and the older ones that files still carry."""

_AUTHENTICATION = {word.lower(): method for word, method in AUTHENTICATION.items()}
_SOCKET_TYPES = {socket_type.value.lower(): socket_type for socket_type in SocketType}


FOREVER = 3650
"""Days that stand for "keep for good": the format has no word for it, and a program's own default removes sooner."""


def usual_names(entries: list[Element]) -> dict[str, str]:
    """The user name of an element that has none, by the element's name; empty where there is none.

    For sending it is the one for receiving, which files of the ISPDB mean. Where no server has a name, it is the
    address, which is tried first everywhere (RFC 6186 section 4).
    """
    receiving = [first_text(entry, "username") for entry in entries if entry.called("incomingServer")]
    names = [name for name in (first_text(entry, "username") for entry in entries) if name]
    fallback = "" if names else EMAIL_ADDRESS
    return {"incomingServer": fallback, "outgoingServer": next((name for name in receiving if name), fallback)}


def left_out(entry: Element, problem: Problem) -> str:
    words = [_("line {line}").format(line=entry.line), first_text(entry, "hostname"), problem.text]
    return ": ".join(word for word in words if word)


def read_element(entry: Element, usual: dict[str, str]) -> IncomingServer | OutgoingServer:
    """The server of an element; raises Problem with the reason when it cannot be used.

    ``usual``: the user name where the element has none, by its own name.
    """
    kind = entry.attributes.get("type", "").lower()
    sends = entry.called("outgoingServer")
    wanted = ("smtp",) if sends else ("imap", "pop3")
    if kind not in wanted:
        raise Problem(_("the type “{kind}” is not known").format(kind=printable(kind, 40)))
    protocol = Protocol(kind)
    hostname = first_text(entry, "hostname")
    try:
        host = host_template(hostname)
    except AddressProblem:
        raise Problem(_("“{text}” is not a host name").format(text=printable(hostname, 100))) from None
    socket_type = _socket_type(entry)
    if socket_type is None:
        raise Problem(_("there is no known socketType"))
    methods = _methods(entry, protocol)
    return make_server(
        protocol,
        hostname=host,
        port=parse_port(first_text(entry, "port")),
        socket_type=socket_type,
        username=_username(entry, protocol, methods, usual["outgoingServer" if sends else "incomingServer"]),
        authentication=methods,
    )


def _socket_type(entry: Element) -> SocketType | None:
    words = [text.lower() for text in _texts(entry, "socketType")]
    return next((_SOCKET_TYPES[word] for word in words if word in _SOCKET_TYPES), None)


def as_written(entry: Element, usual: dict[str, str]) -> IncompleteServer | None:
    """A server that cannot be used, as far as the file says it; None where its protocol or host is not known."""
    sends = entry.called("outgoingServer")
    kind = entry.attributes.get("type", "").lower()
    if kind not in (("smtp",) if sends else ("imap", "pop3")) or not first_text(entry, "hostname"):
        return None
    words = [text.lower() for text in _texts(entry, "authentication")]
    server = written_server(
        Protocol(kind),
        hostname=first_text(entry, "hostname"),
        port=first_text(entry, "port"),
        socket_type=_socket_type(entry),
        username=first_text(entry, "username") or usual["outgoingServer" if sends else "incomingServer"],
        authentication=[_AUTHENTICATION[word] for word in words if word in _AUTHENTICATION],
        templates=True,
    )
    if not isinstance(server, IncompleteServer):
        return None
    line = Place(line=entry.line)
    return replace(server, reasons=tuple(str(Problem(reason, place=line)) for reason in server.reasons))


def _texts(entry: Element, name: str) -> list[str]:
    return [child.text for child in entry.all(name)]


def first_text(entry: Element, name: str) -> str:
    """The first text of that name that is not empty."""
    return next((text for text in _texts(entry, name) if text), "")


def _methods(entry: Element, protocol: Protocol) -> tuple[AuthenticationMethod, ...]:
    """The known methods in their order, each once; none where the file says none, or in words that are not known.

    Only sending can go without any log-in.
    """
    words = [text.lower() for text in _texts(entry, "authentication") if text]
    known = [_AUTHENTICATION[word] for word in words if word in _AUTHENTICATION]
    sending = protocol is Protocol.SMTP
    methods = tuple(dict.fromkeys(method for method in known if sending or method not in WITHOUT_LOGIN))
    if not methods and known and len(known) == len(words):
        raise Problem(_("there is no known authentication"))
    return methods


def _username(entry: Element, protocol: Protocol, methods: tuple[AuthenticationMethod, ...], usual: str) -> str:
    username = first_text(entry, "username")
    needed = protocol is not Protocol.SMTP or not methods or not PASSWORD_METHODS.isdisjoint(methods)
    if needed and not username:
        username = usual
    if has_controls(username):
        raise Problem(_("the user name contains a control character"))
    if len(username) > LONGEST_VALUE:
        raise Problem(_("the user name is longer than {count} characters").format(count=LONGEST_VALUE))
    if not username and needed:
        raise Problem(_("there is no user name"))
    return username


def leave_of(entry: Element) -> LeavePolicy | None:
    """The policy that a POP3 server carries (Thunderbird's extension of the draft); None when it says nothing."""
    extension = next(entry.all("pop3"), None)
    stays = extension.first("leaveMessagesOnServer") if extension is not None else None
    if extension is None or stays not in ("true", "false"):
        return None
    if stays == "false":
        return LeavePolicy(AfterDownload.REMOVE)
    days = extension.first("daysToLeaveMessagesOnServer") or ""
    if days.isascii() and days.isdigit() and len(days) < 6 and 1 <= int(days) <= FOREVER:
        return LeavePolicy(AfterDownload.KEEP_DAYS, int(days))
    return LeavePolicy(AfterDownload.KEEP)
