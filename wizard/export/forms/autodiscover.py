"""Autodiscover as plain old XML, for Outlook; read back by the reader of responses of any server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import require_same, untidy_name
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, SocketType

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server

_ENCRYPTION = {SocketType.SSL: "SSL", SocketType.STARTTLS: "TLS", SocketType.PLAIN: "None"}
_UPGRADE_PORTS = (143, 110, 587, 25)
"""On these, and on no other, programs that go by the port take an encrypted connection for STARTTLS."""


def reason_against(account: MailAccount) -> str | None:
    """Programs read “encrypted” together with the port: what contradicts it would be understood in two ways."""
    for server in (account.incoming, account.outgoing):
        if server.secure and (server.socket_type is SocketType.STARTTLS) != (server.port in _UPGRADE_PORTS):
            return _(
                "Programs that read Autodiscover go by the port, and would not use {security} on port {port}; type the "
                "values of the card instead."
            ).format(security=server.socket_type.value, port=server.port)
    return untidy_name(account)


def words(_account: MailAccount) -> dict[str, Any]:
    """The words of the format for a server."""
    return {"encryption": lambda server: _ENCRYPTION[server.socket_type], "needs_log_in": needs_log_in}


def needs_log_in(server: Server) -> bool:
    """Whether one proves to ``server`` who one is."""
    return _method(server) is not AuthenticationMethod.NONE


def _method(server: Server) -> AuthenticationMethod:
    method = server.authentication[0]
    return AuthenticationMethod.NONE if method is AuthenticationMethod.CLIENT_IP_ADDRESS else method


def write(text: str) -> bytes:
    """The XML as UTF-8 without a byte order mark."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as a response of any server and compare what it says with the account."""
    from wizard.model.problems import Problem
    from wizard.programs.autodiscover import read_autodiscover
    from wizard.programs.elements import read_tree

    try:
        read = read_autodiscover(content, "autodiscover.xml", account.address)
        response = next(read_tree(content, "autodiscover.xml").all("Response"))
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if read.exchange or read.redirect_url or read.redirect_address or read.error:
        raise Mismatch("it says more than the servers of an account")
    # The reader keeps of the name what can be shown; here every character counts.
    user = next(response.all("User"), None)
    name = (user.first("DisplayName") if user is not None else None) or ""
    said = replace(read.account, display_name=name)
    if not account.outgoing.username:
        # Where nobody logs in the name says nothing; without one the reader takes the address.
        said = replace(said, outgoing=tuple(replace(one, username="") for one in said.outgoing))
    require_same(said, account, method=_method, leave=None)
