"""What terminal programs share: the one log-in that a file names, the command that gives the password, URLs of servers.

The name under which a password lies is the address as a file name (:func:`wizard.programs.names.safe_name`): letters,
digits and ``. _ + - = @``, never with a hyphen in front. So whatever the address is, no shell, and no store that reads
options, can take a part of it for something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import PASSWORD_METHODS, WITHOUT_LOGIN, AuthenticationMethod, PasswordStore
from wizard.model.text import printable
from wizard.programs.names import safe_name
from wizard.programs.program import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.servers import MailAccount, Server
    from wizard.programs.reading import ReadAccount, ReadFile


def method_for(account: MailAccount, server: Server) -> AuthenticationMethod | None:
    """The first method of ``server`` that goes with the account's password store; None when there is none.

    A store of tokens serves OAuth2 alone, every other store everything else.
    """
    tokens = account.password_store.gives_tokens
    for method in server.authentication:
        if method in WITHOUT_LOGIN or (method is AuthenticationMethod.OAUTH2) is tokens:
            return method
    return None


def logs_in(account: MailAccount, server: Server) -> bool:
    """Whether there is anything to log in with: a user name and a password (or a token)."""
    return method_for(account, server) not in WITHOUT_LOGIN


def reason_against_logins(account: MailAccount, servers: Iterable[Server]) -> str | None:
    """Why the password store and ``servers`` do not go together, with the way out; None when they do."""
    store = account.password_store
    for server in servers:
        if method_for(account, server) is None:
            if store.gives_tokens:
                return _(
                    "“{store}” provides tokens for the provider’s sign-in page (OAuth2), but {host} requires "
                    "a password; choose another store with --password-store."
                ).format(store=store.value, host=server.hostname)
            return _(
                "{host} requires the provider’s sign-in page (OAuth2), but “{store}” stores passwords; "
                "use --password-store oama or --password-store pizauth, programs that sign in there and "
                "provide tokens."
            ).format(host=server.hostname, store=store.value)
    return _reason_against_store(account)


def _reason_against_store(account: MailAccount) -> str | None:
    store = account.password_store
    if store.gives_tokens and safe_name(account.address) != str(account.address):
        return _(
            "“{store}” identifies accounts by their exact address, and “{address}” contains "
            "characters that are not safe in a command; choose another store with --password-store."
        ).format(store=store.value, address=printable(str(account.address), 60))
    return None


def read_back(read: Callable[[bytes, str], ReadFile], content: bytes, file: str) -> ReadAccount:
    """The one account of a file that was just written; raises Mismatch when it holds another number of them."""
    try:
        found = read(content, file)
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if len(found.accounts) != 1 or found.skipped:
        raise Mismatch(f"{len(found.accounts)} accounts; unreadable parts: {found.skipped}")
    return found.accounts[0]


def require_servers(
    read: ReadAccount,
    account: MailAccount,
    *,
    incoming: bool,
    outgoing: bool,
    as_written: Callable[[AuthenticationMethod], AuthenticationMethod] = lambda method: method,
) -> None:
    """Raise Mismatch unless ``read`` holds the account's servers, of the sides that the file has, and nothing else.

    ``as_written`` is what the file can say of a method.
    """
    for side, found, server in (
        ("incoming", read.incoming, account.incoming if incoming else None),
        ("outgoing", read.outgoing, account.outgoing if outgoing else None),
    ):
        wanted = () if server is None else (_with_written_method(account, server, as_written),)
        if found != wanted:
            raise Mismatch(f"{side} servers {found}, not {wanted}")


def _with_written_method(
    account: MailAccount, server: Server, as_written: Callable[[AuthenticationMethod], AuthenticationMethod]
) -> Server:
    method = method_for(account, server)
    if method is None:  # the entry of a format names the form of a program that does not use this server
        raise Mismatch(f"no way to log in at {server.hostname} that the form knows")
    if method in WITHOUT_LOGIN:
        return replace(server, authentication=(AuthenticationMethod.NONE,), username="")
    return replace(server, authentication=(as_written(method),))


def without_encryption(method: AuthenticationMethod) -> AuthenticationMethod:
    """For files that say “a password” and leave it to the program how: the weaker of the two words."""
    return AuthenticationMethod.PASSWORD_CLEARTEXT if method in PASSWORD_METHODS else method


def password_command(account: MailAccount) -> tuple[str, ...]:
    """The program with its arguments that prints the password (or, for OAuth2, an access token) on one line."""
    key = safe_name(account.address)
    match account.password_store:
        case PasswordStore.PASS:
            return ("pass", "show", f"mail/{key}")
        case PasswordStore.SECRET_TOOL:
            return ("secret-tool", "lookup", "mail", key)
        case PasswordStore.KEYRING:
            return ("keyring", "get", "mail", key)
        case PasswordStore.KEYCHAIN:
            return ("security", "find-generic-password", "-s", "mail", "-a", key, "-w")
        case PasswordStore.OAMA:
            return ("oama", "access", key)
        case PasswordStore.PIZAUTH:
            return ("pizauth", "show", key)


def save_command(account: MailAccount) -> tuple[str, ...]:
    """The command that a person runs once so that :func:`password_command` finds something; it asks for it."""
    key = safe_name(account.address)
    match account.password_store:
        case PasswordStore.PASS:
            return ("pass", "insert", f"mail/{key}")
        case PasswordStore.SECRET_TOOL:
            return ("secret-tool", "store", "--label=Mail", "mail", key)
        case PasswordStore.KEYRING:
            return ("keyring", "set", "mail", key)
        case PasswordStore.KEYCHAIN:
            return ("security", "add-generic-password", "-s", "mail", "-a", key, "-w")
        case PasswordStore.OAMA:
            # The service is a name in the user's own configuration of oama; the usual ones are google and microsoft.
            return ("oama", "authorize", "SERVICE", key)
        case PasswordStore.PIZAUTH:
            return ("pizauth", "refresh", key)


def in_shell(command: tuple[str, ...]) -> str:
    """``command`` as one line for a shell (POSIX)."""
    from shlex import join

    return join(command)


_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+]*)://(?:(?P<user>[^/?]*)@)?(?P<host>[^/:@?]+)(?::(?P<port>[0-9]{1,5}))?(?:[/?].*)?"
)


@dataclass(frozen=True, slots=True)
class MailUrl:
    """The parts of such an address; ``port`` is None where none is written. A password in it is not kept."""

    scheme: str
    username: str
    hostname: str
    port: int | None


def read_mail_url(text: str) -> MailUrl:
    """Read an address; raises Problem when it is none. The user name may hold ``@``; its escapes are resolved."""
    found = _URL.fullmatch(text.strip())
    user = "" if found is None else _unquoted((found["user"] or "").partition(":")[0])
    if found is None or user is None:
        raise Problem(_("“{text}” is not a server address.").format(text=printable(_without_password(text), 60)))
    return MailUrl(
        scheme=found["scheme"],
        username=user,
        hostname=found["host"],
        port=None if found["port"] is None else int(found["port"]),
    )


def mail_url(scheme: str, hostname: str, port: int, username: str = "", path: str = "") -> str:
    """Such an address, with every character of the user name escaped that could mean something else."""
    who = quote(username, safe="") + "@" if username else ""
    return f"{scheme}://{who}{hostname}:{port}{path}"


def _unquoted(text: str) -> str | None:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


def _without_password(text: str) -> str:
    """``text`` for a message: what may be a password is left out."""
    return re.sub(r"://.*@", "://…@", text)
