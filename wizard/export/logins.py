"""How a terminal program logs in: the one method that its file names, and the file read back and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.export.forms import Mismatch
from wizard.export.passwords import reason_against_store
from wizard.language import translate as _
from wizard.model.servers import PASSWORD_METHODS, AuthenticationMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.servers import MailAccount, Server
    from wizard.programs.account import ReadAccount

WITHOUT = frozenset({AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS})
"""Nobody logs in: the server knows the computer by its address, or takes messages from everybody."""


def method_for(account: MailAccount, server: Server) -> AuthenticationMethod | None:
    """The first method of ``server`` that goes with the account's password store; None when there is none.

    A store of tokens serves OAuth2 alone, every other store everything else.
    """
    tokens = account.password_store.gives_tokens
    for method in server.authentication:
        if method in WITHOUT or (method is AuthenticationMethod.OAUTH2) is tokens:
            return method
    return None


def logs_in(account: MailAccount, server: Server) -> bool:
    """Whether there is anything to log in with: a user name and a password (or a token)."""
    return method_for(account, server) not in WITHOUT


def reason_against_logins(account: MailAccount, servers: Iterable[Server]) -> str | None:
    """Why the password store and ``servers`` do not go together, with the way out; None when they do."""
    store = account.password_store
    for server in servers:
        if method_for(account, server) is None:
            if store.gives_tokens:
                return _(
                    "“{store}” hands out tokens for the provider’s sign-in page (OAuth2), and {host} wants a password; "
                    "choose another store with --password-store."
                ).format(store=store.value, host=server.hostname)
            return _(
                "{host} wants the provider’s sign-in page (OAuth2), and “{store}” keeps passwords; with "
                "--password-store oama or --password-store pizauth, programs that sign in there and hand out tokens, "
                "the file can be written."
            ).format(host=server.hostname, store=store.value)
    return reason_against_store(account)


def require_servers(
    read: ReadAccount,
    account: MailAccount,
    *,
    incoming: bool,
    outgoing: bool,
    said: Callable[[AuthenticationMethod], AuthenticationMethod] = lambda method: method,
) -> None:
    """Raise Mismatch unless ``read`` holds the account's servers, of the sides that the file has, and nothing else.

    ``said`` is what the file can say of a method.
    """
    for side, found, server in (
        ("incoming", read.incoming, account.incoming if incoming else None),
        ("outgoing", read.outgoing, account.outgoing if outgoing else None),
    ):
        wanted = () if server is None else (_as_written(account, server, said),)
        if found != wanted:
            raise Mismatch(f"{side} servers {found}, not {wanted}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")


def _as_written(
    account: MailAccount, server: Server, said: Callable[[AuthenticationMethod], AuthenticationMethod]
) -> Server:
    method = method_for(account, server)
    assert method is not None
    if method in WITHOUT:
        return replace(server, authentication=(AuthenticationMethod.NONE,), username="")
    return replace(server, authentication=(said(method),))


def without_encryption(method: AuthenticationMethod) -> AuthenticationMethod:
    """For files that say “a password” and leave it to the program how: the weaker of the two words."""
    return AuthenticationMethod.PASSWORD_CLEARTEXT if method in PASSWORD_METHODS else method
