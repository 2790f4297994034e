"""The commands with which a password store is asked for an account's password, and told it for the first time.

The name under which a password lies is the address as a file name (:func:`wizard.export.names.safe_name`): letters,
digits and ``. _ + - = @``, never with a hyphen in front. So whatever the address is, no shell, and no store that reads
options, can take a part of it for something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.export.names import safe_name
from wizard.language import translate as _
from wizard.model.password_store import PasswordStore
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount


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
            # The service is a name in the person's own configuration of oama; the usual ones are google and microsoft.
            return ("oama", "authorize", "SERVICE", key)
        case PasswordStore.PIZAUTH:
            return ("pizauth", "refresh", key)


def in_shell(command: tuple[str, ...]) -> str:
    """``command`` as one line for a shell (POSIX)."""
    from shlex import join

    return join(command)


def reason_against_store(account: MailAccount) -> str | None:
    """Why the store cannot be asked for this account, as a finished sentence; None when it can."""
    store = account.password_store
    if store.gives_tokens and safe_name(account.address) != str(account.address):
        return _(
            "“{store}” knows accounts by their exact address, and “{address}” holds characters that are not safe in a "
            "command; choose another store with --password-store."
        ).format(store=store.value, address=printable(str(account.address), 60))
    return None
