"""Logging in, and what can be seen then: with care, because a server that is tried too often locks its account.

Two tries at most at one server. The second is made only where it can tell something: by another mechanism where the
first is not taken, or with another form of the name (the whole address, its local part) where name or password are
wrong. It is not made where the server says something else, that it is busy, or what to read about it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.diagnosis.own_message import own_message
from wizard.language import translate as _
from wizard.model.diagnosis import RungName
from wizard.model.servers import Protocol
from wizard.net.conversation import Ended
from wizard.net.login import MECHANISMS, Login, can_carry, encode_login, encode_plain, open_inbox, send_to_oneself
from wizard.net.responses import mechanisms, takes_login_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.diagnosis.notes import Notes
    from wizard.diagnosis.wishes import CheckWishes
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import LoginTry, Target
    from wizard.model.secret import Secret
    from wizard.net.conversation import Conversation

LOGIN = 8.0
"""Seconds for all tries: servers wait for some before they say that a password is wrong."""

AFTERWARDS = 5.0
"""Seconds for the INBOX, or for a message."""

_NAME_OR_PASSWORD_WRONG = frozenset(
    {"AUTHENTICATIONFAILED", "NO", "AUTH", "-ERR", "535", "535 5.7.0", "535 5.7.3", "535 5.7.8"}
)
_MECHANISM_NOT_TAKEN = frozenset({"BAD", "CANNOT", "500", "501", "504"})
_LINK = "http"


def secrets_of(target: Target, wishes: CheckWishes) -> tuple[Secret, ...]:
    """The password as it stands and as it travels: what no text of a server may repeat. The first is not ours."""
    if wishes.password is None:
        return ()
    names = [target.username, *other_names(target.username, wishes.address)]
    whole = (encode_plain(name, wishes.password) for name in names if can_carry("PLAIN", name, wishes.password))
    return (wishes.password, encode_login(wishes.password), *whole)


def other_names(username: str, address: EmailAddress) -> tuple[str, ...]:
    """Other forms of the name under which the same mailbox may be known."""
    return tuple(one for one in (str(address), address.local) if one.casefold() != username.casefold())[:1]


def usable(protocol: Protocol, capabilities: tuple[str, ...], *, encrypted: bool) -> tuple[str, ...]:
    """The mechanisms of ours that a server takes, the better first: without TLS, the one that hides the password."""
    announced = mechanisms(protocol, capabilities)
    words = {one.upper().split()[0] for one in capabilities if one.strip()}
    found = {one for one in MECHANISMS[protocol] if one in announced}
    if protocol is Protocol.IMAP:
        found.discard("LOGIN")  # here it means the command
        by_command = takes_login_command(protocol, capabilities) or bool(announced & {"PLAIN", "LOGIN"})
        found |= {"LOGIN"} if by_command and "LOGINDISABLED" not in words else set()
    elif protocol is Protocol.POP3 and takes_login_command(protocol, capabilities):
        found.add("USER")
    order = MECHANISMS[protocol] if encrypted else MECHANISMS[protocol][::-1]
    return tuple(one for one in order if one in found)


async def log_in(talk: Conversation, notes: Notes, wishes: CheckWishes) -> None:
    """The rungs of log-in and mailbox, where a password was given."""
    if wishes.password is None:
        notes.skipped(RungName.LOGIN)
        return
    if talk.tls_version is None and not wishes.allow_insecure:
        notes.begin(RungName.LOGIN)
        notes.failed_with("login_unencrypted", _("The connection is not encrypted, so the password was not sent."))
        return
    try:
        async with asyncio.timeout(LOGIN):
            accepted = await _tries(talk, notes, wishes, wishes.password)
        if accepted:
            async with asyncio.timeout(AFTERWARDS):
                await _afterwards(talk, notes, wishes)
    except (Ended, OSError) as error:
        notes.failed(talk.failure(error))


async def _tries(talk: Conversation, notes: Notes, wishes: CheckWishes, password: Secret) -> bool:
    """Log in; whether that succeeded."""
    target, capabilities = notes.target, notes.capabilities or ()
    notes.begin(RungName.LOGIN)
    encrypted = talk.tls_version is not None
    known = usable(target.protocol, capabilities, encrypted=encrypted)
    known = tuple(one for one in known if can_carry(one, target.username, password))
    if not known:
        notes.failed_with("login_impossible", ", ".join(sorted(mechanisms(target.protocol, capabilities))))
        return False
    at_once = any(one.upper() == "SASL-IR" for one in capabilities)
    login = Login(talk, target.protocol, initial_response=at_once, in_clear=wishes.allow_insecure)
    mechanism: str | None = known[0]
    username = target.username
    while mechanism is not None and wishes.tries.take(target.host, target.port):
        tried = await login.attempt(mechanism, username, password)
        notes.logins.append(tried)
        if tried.accepted:
            return _accepted(notes, tried)
        mechanism, username = _next_try(tried, username, known, wishes.address)
    first = notes.logins[0] if notes.logins else None
    notes.failed_with("login_refused", "" if first is None else f"{first.code} {first.text}".strip())
    return False


def _accepted(notes: Notes, tried: LoginTry) -> bool:
    """The log-in of the settings has passed, or only one by another way, which the rules will tell."""
    first = notes.logins[0]
    if first.accepted or first.username == tried.username:
        notes.passed(tried.mechanism)
    else:
        notes.failed_with("login_refused", f"{first.code} {first.text}".strip())
    return True


def _next_try(tried: LoginTry, username: str, known: Sequence[str], address: EmailAddress) -> tuple[str | None, str]:
    """The mechanism and the name of another try, or None for the mechanism."""
    code = tried.code.upper()
    if code.partition(" ")[0] in _MECHANISM_NOT_TAKEN:
        rest = known[known.index(tried.mechanism) + 1 :]
        return (rest[0] if rest else None), username
    others = other_names(username, address)
    if code in _NAME_OR_PASSWORD_WRONG and others and _LINK not in tried.text.lower():
        return tried.mechanism, others[0]
    return None, username


async def _afterwards(talk: Conversation, notes: Notes, wishes: CheckWishes) -> None:
    if notes.target.protocol is Protocol.SMTP:
        if wishes.send_test:
            await _send_test(talk, notes, wishes)
        return
    notes.begin(RungName.MAILBOX)
    inbox = await open_inbox(talk, notes.target.protocol)
    if inbox.quota is not None:
        notes.extra["quota_used"], notes.extra["quota_limit"] = map(str, inbox.quota)
    if inbox.refusal:
        notes.extra["mailbox"] = inbox.refusal
        notes.failed_with("mailbox_refused", inbox.refusal)
        return
    notes.messages = inbox.messages
    notes.passed("" if inbox.messages is None else f"INBOX: {inbox.messages}")


async def _send_test(talk: Conversation, notes: Notes, wishes: CheckWishes) -> None:
    """One message to the person's own address. Nobody else is ever written to."""
    notes.begin(RungName.MAILBOX)
    sent = await send_to_oneself(talk, wishes.address, own_message(wishes.address), notes.capabilities or ())
    notes.sent = sent
    if sent.accepted:
        notes.passed(f"{sent.code} {sent.text}".strip())
    else:
        notes.failed_with("message_refused", f"{sent.mechanism}: {sent.code} {sent.text}".strip())
