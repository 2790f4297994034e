"""Logs in, and sees what can be seen then: with care, because a server that is tried too often locks its account.

Two attempts at most at one server. The second is made only where it can tell something: by another mechanism where the
first is not accepted, or with another form of the user name (the whole address, its local part) where name or password
are wrong. It is not made where the server says something else: that it is busy, or what to read about it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.diagnosis.knowledge import Stage
from wizard.diagnosis.refusals import interpret
from wizard.language import translate as _
from wizard.model.diagnosis import RungName
from wizard.model.servers import AuthenticationMethod, Protocol
from wizard.net.conversation import Ended
from wizard.net.login import MECHANISMS, Login, can_carry, encode_login, encode_plain, open_inbox, send_to_oneself
from wizard.net.responses import mechanisms, takes_login_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.diagnosis.options import CheckOptions
    from wizard.diagnosis.recorder import Recorder
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import LoginAttempt, Target
    from wizard.model.secret import Secret
    from wizard.net.conversation import Conversation

LOGIN = 8.0
"""Seconds for all attempts: servers wait for some before they say that a password is wrong."""

AFTER_LOGIN = 5.0
"""Seconds for the INBOX, or for a message."""

_NAME_OR_PASSWORD_WRONG = frozenset(
    {"AUTHENTICATIONFAILED", "NO", "AUTH", "-ERR", "535", "535 5.7.0", "535 5.7.3", "535 5.7.8"}
)
_MECHANISM_NOT_ACCEPTED = frozenset({"BAD", "CANNOT", "500", "501", "504"})
_LINK = "http"
_OF_THE_NAME = frozenset({"username_form", "auth_needs_app_password"})
"""What may be meant although another form of the user name would do."""


def method_of(mechanism: str) -> AuthenticationMethod:
    """What mail programs call the method that ``mechanism`` belongs to."""
    if mechanism in ("PLAIN", "LOGIN", "USER"):
        return AuthenticationMethod.PASSWORD_CLEARTEXT
    return AuthenticationMethod.PASSWORD_ENCRYPTED


def refuses_mechanism(protocol: Protocol, attempt: LoginAttempt) -> bool:
    """Whether it was the mechanism that the server did not accept, by its words or its code."""
    if attempt.accepted:
        return False
    refusal = interpret(protocol, attempt.code, attempt.text, stage=Stage.LOGIN)
    # No password travels without encryption here: who asks for it means a password that is not readable.
    unencrypted = ("login_disabled", "without_encryption")
    by_words = refusal is not None and (
        refusal.code == "auth_mechanism_missing" or (refusal.code, refusal.case) == unencrypted
    )
    return by_words or attempt.code.upper().partition(" ")[0] in _MECHANISM_NOT_ACCEPTED


def secrets_in_answers(target: Target, options: CheckOptions) -> tuple[Secret, ...]:
    """What no text of a server may repeat: the password as it is (the caller's own object), and as it travels."""
    if options.password is None:
        return ()
    names = (target.username, other_username(target.username, options.address))
    whole = (encode_plain(name, options.password) for name in names if can_carry("PLAIN", name, options.password))
    return (options.password, encode_login(options.password), *whole)


def other_username(username: str, address: EmailAddress) -> str:
    """Another form of the user name under which the same mailbox may be known: the whole address, or its local part."""
    whole = str(address)
    return address.local if username.casefold() == whole.casefold() else whole


def usable_mechanisms(protocol: Protocol, capabilities: tuple[str, ...], *, encrypted: bool) -> tuple[str, ...]:
    """The mechanisms of ours that a server accepts, the better first: without TLS, the one that hides the password."""
    announced = mechanisms(protocol, capabilities)
    words = {capability.upper().split()[0] for capability in capabilities if capability.strip()}
    usable = {mechanism for mechanism in MECHANISMS[protocol] if mechanism in announced}
    if protocol is Protocol.IMAP:
        usable.discard("LOGIN")  # here it means the command
        by_command = takes_login_command(protocol, capabilities) or bool(announced & {"PLAIN", "LOGIN"})
        usable |= {"LOGIN"} if by_command and "LOGINDISABLED" not in words else set()
    elif protocol is Protocol.POP3 and takes_login_command(protocol, capabilities):
        usable.add("USER")
    order = MECHANISMS[protocol] if encrypted else MECHANISMS[protocol][::-1]
    return tuple(mechanism for mechanism in order if mechanism in usable)


async def log_in(talk: Conversation, recorder: Recorder, options: CheckOptions) -> None:
    """The rungs of log-in and mailbox, where a password was given."""
    if options.password is None:
        recorder.skipped(RungName.LOGIN)
        return
    if talk.tls_version is None and not options.allow_insecure:
        recorder.start(RungName.LOGIN)
        recorder.failed_with("login_unencrypted", _("The connection is not encrypted, so the password was not sent."))
        return
    try:
        async with asyncio.timeout(LOGIN):
            accepted = await _attempt(talk, recorder, options, options.password)
        if accepted:
            async with asyncio.timeout(AFTER_LOGIN):
                await _after_login(talk, recorder, options)
    except (Ended, OSError) as error:
        recorder.failed(talk.failure(error))


async def _attempt(talk: Conversation, recorder: Recorder, options: CheckOptions, password: Secret) -> bool:
    """Log in; whether that succeeded."""
    target, capabilities = recorder.target, recorder.observation.capabilities or ()
    recorder.start(RungName.LOGIN)
    encrypted = talk.tls_version is not None
    usable = usable_mechanisms(target.protocol, capabilities, encrypted=encrypted)
    usable = tuple(mechanism for mechanism in usable if can_carry(mechanism, target.username, password))
    if not usable:
        recorder.failed_with("login_impossible", ", ".join(sorted(mechanisms(target.protocol, capabilities))))
        return False
    initial_response = any(capability.upper() == "SASL-IR" for capability in capabilities)
    login = Login(talk, target.protocol, initial_response=initial_response, in_clear=options.allow_insecure)
    mechanism: str | None = usable[0]
    username = target.username
    while mechanism is not None and options.login_limit.take(target.host, target.port):
        attempt = await login.attempt(mechanism, username, password)
        recorder.record(logins=(*recorder.observation.logins, attempt))
        if attempt.accepted:
            return _accepted(recorder, attempt)
        mechanism, username = next_attempt(target.protocol, attempt, username, usable, options.address)
    logins = recorder.observation.logins
    recorder.failed_with("login_refused", f"{logins[0].code} {logins[0].text}".strip() if logins else "")
    return False


def _accepted(recorder: Recorder, attempt: LoginAttempt) -> bool:
    """The log-in of the settings has passed, or only one with another user name, which the rules will tell."""
    first = recorder.observation.logins[0]
    if first.accepted or first.username == attempt.username:
        recorder.passed(attempt.mechanism)
    else:
        recorder.failed_with("login_refused", f"{first.code} {first.text}".strip())
    return True


def next_attempt(
    protocol: Protocol, attempt: LoginAttempt, username: str, usable: Sequence[str], address: EmailAddress
) -> tuple[str | None, str]:
    """The mechanism and the user name of another attempt, or None for the mechanism."""
    code = attempt.code.upper()
    refusal = interpret(protocol, attempt.code, attempt.text, stage=Stage.LOGIN)
    if refuses_mechanism(protocol, attempt):
        rest = usable[usable.index(attempt.mechanism) + 1 :]
        method = method_of(attempt.mechanism)
        other = next((mechanism for mechanism in rest if method_of(mechanism) is not method), None)
        return other or (rest[0] if rest else None), username
    says_more = refusal is not None and not refusal.is_wrong_login and refusal.code not in _OF_THE_NAME
    if code in _NAME_OR_PASSWORD_WRONG and not says_more and _LINK not in attempt.text.lower():
        return attempt.mechanism, other_username(username, address)
    return None, username


async def _after_login(talk: Conversation, recorder: Recorder, options: CheckOptions) -> None:
    if recorder.target.protocol is Protocol.SMTP:
        if options.send_test:
            await _send_test(talk, recorder, options)
        return
    recorder.start(RungName.MAILBOX)
    inbox = await open_inbox(talk, recorder.target.protocol)
    if inbox.quota is not None:
        used, limit = inbox.quota
        recorder.record_extra(quota_used=str(used), quota_limit=str(limit))
    if inbox.refusal:
        recorder.record_extra(mailbox=inbox.refusal)
        recorder.failed_with("mailbox_refused", inbox.refusal)
        return
    recorder.record(messages=inbox.messages)
    recorder.passed("" if inbox.messages is None else f"INBOX: {inbox.messages}")


async def _send_test(talk: Conversation, recorder: Recorder, options: CheckOptions) -> None:
    """One message to the person's own address. Nobody else is ever written to."""
    recorder.start(RungName.MAILBOX)
    message = message_to_oneself(options.address)
    sent = await send_to_oneself(talk, options.address, message, recorder.observation.capabilities or ())
    recorder.record(sent=sent)
    if sent.accepted:
        recorder.passed(f"{sent.code} {sent.text}".strip())
    else:
        recorder.failed_with("message_refused", f"{sent.mechanism}: {sent.code} {sent.text}".strip())


def message_to_oneself(address: EmailAddress) -> bytes:
    """A short message from ``address`` to itself, to see that sending works (RFC 5322, lines ending in CR LF).

    ASCII, if the address is. Its identifier holds the domain of the address, and nothing of this machine.
    """
    from datetime import UTC, datetime
    from email import policy
    from email.headerregistry import Address
    from email.message import EmailMessage
    from email.utils import format_datetime
    from secrets import token_hex

    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit", utf8=not address.local.isascii()))
    # In one piece the library takes ASCII only; in two it would quote what is quoted already.
    ascii_only = address.local.isascii()
    oneself = Address(addr_spec=str(address)) if ascii_only else Address("", address.local, address.domain.ascii)
    message["From"] = message["To"] = oneself
    message["Subject"] = _("A test of mail-wizard")
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{token_hex(12)}@{address.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    message.set_content(
        _("You asked mail-wizard to send this message. It has arrived, so sending works. You can delete it.") + "\n",
        cte="base64",
    )
    return message.as_bytes()
