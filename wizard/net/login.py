"""Logging in to IMAP, POP3 and SMTP servers, and what is done then: counting the INBOX, a message to oneself.

The mechanisms are those of :data:`MECHANISMS`; OAuth2 is recognised elsewhere and never done. A password goes over an
encrypted connection only, unless the caller permits the other. What the server answers comes back without what it may
repeat of the password. Whatever holds a password is a Secret.

Sources: RFC 4616 (PLAIN), RFC 2195 (CRAM-MD5), draft-murchison-sasl-login (LOGIN), RFC 9051 (IMAP strings), RFC 2971
(ID). Names and
passwords go as UTF-8, as they were typed: what RFC 4616 says of preparing them (SASLprep), programs do not do, and
servers compare bytes.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.diagnosis import LoginAttempt
from wizard.model.secret import Secret, without
from wizard.model.servers import Protocol
from wizard.model.text import printable
from wizard.net.conversation import Ended
from wizard.net.failures import FailureKind
from wizard.net.mail import read_reply, request_capabilities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.model.address import EmailAddress
    from wizard.net.conversation import Conversation

MECHANISMS: Mapping[Protocol, tuple[str, ...]] = {
    Protocol.IMAP: ("PLAIN", "LOGIN", "CRAM-MD5"),
    Protocol.POP3: ("PLAIN", "USER", "CRAM-MD5"),
    Protocol.SMTP: ("PLAIN", "LOGIN", "CRAM-MD5"),
}
"""What can be done, the better first. In IMAP, LOGIN is the command of that name; USER is USER and PASS of POP3."""

ID_TIMEOUT = 2.0
"""Seconds for the answer to ID."""

_TAG = "l"
_LONGEST_LINE = 500  # RFC 4954 section 4: a longer initial response waits until it is asked for
_STATUS = re.compile(r"(OK|NO|BAD|BYE|-ERR|\+OK)(?![^ ]) *(?:\[([^\]]*)\] *)?(.*)", re.IGNORECASE | re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: +|$)")
# Within a quoted string: printable ASCII. Everything else, and CR and LF, needs a literal (RFC 3501 section 4.3).
_QUOTABLE = re.compile(rb"[ -~]*")
_EXISTS = re.compile(r"\* (\d{1,10}) EXISTS\b", re.IGNORECASE)
_STAT = re.compile(r"\+OK (\d{1,10}) ", re.IGNORECASE)
_STORAGE = re.compile(r"\* QUOTA .*\(.*?\bSTORAGE (\d{1,15}) (\d{1,15})\b", re.IGNORECASE)


class _Answered(Exception):
    """The server's final answer came before the exchange was complete. Never leaves this module."""

    def __init__(self, code: str, text: str, *, accepted: bool) -> None:
        super().__init__()
        self.code, self.text, self.accepted = code, text, accepted


class Login:
    """The log-in of one conversation, greeted and asked for its capabilities before.

    ``initial_response``: the server takes the first answer of AUTHENTICATE with the command (IMAP's SASL-IR).
    ``in_clear``: the password may go without encryption.
    """

    def __init__(
        self, conversation: Conversation, protocol: Protocol, *, initial_response: bool = False, in_clear: bool = False
    ) -> None:
        self._conversation, self._protocol = conversation, protocol
        self._initial_response, self._in_clear = initial_response, in_clear
        self._remarks: list[str] = []
        self._sent: list[Secret] = []

    async def attempt(self, mechanism: str, username: str, password: Secret) -> LoginAttempt:
        """Try it once. Ended where the conversation is over; it shows nothing of what was sent.

        ValueError where the mechanism cannot carry these characters (:func:`can_carry`).
        """
        if not can_carry(mechanism, username, password):
            raise ValueError("this mechanism cannot carry these characters")
        self._remarks.clear()
        self._sent = [password]
        try:
            accepted, code, text = await self._try(mechanism, username, password)
        except (Ended, OSError, ValueError) as error:
            raise self._ended(error) from None
        except BaseException:
            self._conversation.forget()
            raise
        else:
            text = " ".join(dict.fromkeys(part for part in (*self._remarks, text) if part))
            code, text = self._safe(code), self._safe(text)
            return LoginAttempt(
                mechanism=mechanism, username=printable(username), accepted=accepted, code=code, text=text
            )
        finally:
            for secret in self._sent[1:]:
                secret.wipe()

    def _ended(self, error: Exception) -> Ended:
        """``error`` without what it may repeat; its own words are then in no frame that a traceback passes through."""
        failure = self._conversation.failure(error)
        self._conversation.forget()
        return Ended(failure.kind, self._safe(failure.detail))

    def _safe(self, text: str) -> str:
        return printable(without(text, tuple(self._sent)))

    async def _try(self, mechanism: str, username: str, password: Secret) -> tuple[bool, str, str]:
        try:
            match mechanism:
                case "PLAIN":
                    await self._plain(username, password)
                case "CRAM-MD5":
                    await self._cram_md5(username, password)
                case "USER":
                    await self._user_and_pass(username, password)
                case _ if self._protocol is Protocol.IMAP:
                    await self._login_command(username, password)
                case _:
                    await self._login(username, password)
            await self._expect_more()
        except _Answered as answer:
            return answer.accepted, answer.code, answer.text
        raise Ended(FailureKind.WRONG_PROTOCOL, "the log-in goes on after its end")

    async def _plain(self, username: str, password: Secret) -> None:
        message = self._noted(encode_plain(username, password))
        at_once = self._initial_response if self._protocol is Protocol.IMAP else self._protocol is Protocol.SMTP
        if at_once and len(message) < _LONGEST_LINE:
            await self._send(Secret(self._command("PLAIN ").encode() + message.reveal()))
            return
        await self._conversation.send(self._command("PLAIN"))
        await self._expect_more()
        await self._send(message)

    async def _cram_md5(self, username: str, password: Secret) -> None:
        await self._conversation.send(self._command("CRAM-MD5"))
        challenge = decode_challenge(await self._expect_more())
        if not challenge:
            await self._conversation.send("*")  # RFC 4954 section 4, RFC 9051 section 6.2.2: the client gives up
            return
        await self._send(encode_cram_md5(username, password, challenge))

    async def _user_and_pass(self, username: str, password: Secret) -> None:
        """The commands of RFC 1939."""
        await self._send(Secret(f"USER {username}"))
        await self._pop3_answer(final=False)
        await self._send(Secret(b"PASS " + password.reveal()))

    async def _login(self, username: str, password: Secret) -> None:
        """The mechanism. What the server asks is asked in an order that never changes, whatever its words."""
        await self._conversation.send(self._command("LOGIN"))
        await self._expect_more()
        await self._send(encode_login(username))
        await self._expect_more()
        await self._send(self._noted(encode_login(password)))

    async def _login_command(self, username: str, password: Secret) -> None:
        """IMAP's own command; what cannot be quoted goes as a literal (RFC 9051 section 4.3)."""
        line = Secret(f"{_TAG} LOGIN ")
        for value, end in ((Secret(username), b" "), (password, b"")):
            quoted = quote_imap(value)
            if quoted is not None:
                line = Secret(line.reveal() + self._noted(quoted).reveal() + end)
            else:
                await self._send(Secret(line.reveal() + b"{%d}" % len(value)))
                await self._expect_more()
                line = Secret(value.reveal() + end)
        await self._send(line)

    def _command(self, rest: str) -> str:
        return f"{_TAG} AUTHENTICATE {rest}" if self._protocol is Protocol.IMAP else f"AUTH {rest}"

    def _noted(self, secret: Secret) -> Secret:
        self._sent.append(secret)
        return secret

    async def _send(self, secret: Secret) -> None:
        await self._conversation.send_secret(secret, in_clear=self._in_clear)

    async def _expect_more(self) -> str:
        """What the server wants next; _Answered when it is done."""
        match self._protocol:
            case Protocol.SMTP:
                return await self._smtp_answer()
            case Protocol.POP3:
                return await self._pop3_answer()
            case Protocol.IMAP:
                return await self._imap_answer()

    async def _smtp_answer(self) -> str:
        replies = await read_reply(self._conversation)
        code, texts = replies[-1].code, [reply.text for reply in replies]
        if 300 <= code < 400:
            return texts[-1]
        raise _Answered(*smtp_words(code, texts), accepted=code < 300)

    async def _pop3_answer(self, *, final: bool = True) -> str:
        line = await self._conversation.read_line()
        word = _STATUS.match(line)
        if word is None and line[:1] == "+":
            return line[1:]
        if word is None:
            raise Ended(FailureKind.WRONG_PROTOCOL, line.strip())
        if word[1].startswith("+") and not final:
            return word[3]
        raise _answered(word, accepted=word[1].startswith("+"))

    async def _imap_answer(self) -> str:
        while True:
            line = await self._conversation.read_line()
            if line.startswith("+"):
                return line[1:]
            tag, _space, rest = line.partition(" ")
            word = _STATUS.match(rest)
            if tag.lower() == _TAG and word is not None:
                raise _answered(word, accepted=word[1].upper() == "OK")
            if word is not None and word[1].upper() != "OK":  # “* NO [ALERT] …”, “* BYE …”
                self._remarks.append(rest.strip())
                if word[1].upper() == "BYE":
                    raise _answered(word, accepted=False)


def _answered(word: re.Match[str], *, accepted: bool) -> _Answered:
    """A status line with its response code (RFC 9051 section 7.1, RFC 2449 section 8), else with its first word."""
    code = "" if accepted else (word[2] or "").strip() or word[1].upper()
    return _Answered(code, word[3].strip(), accepted=accepted)


def smtp_words(code: int, texts: Sequence[str]) -> tuple[str, str]:
    """The code of a reply with the enhanced one (RFC 3463), and its text, in which that is not repeated."""
    enhanced = _ENHANCED.match(texts[-1])
    bare = " ".join(_ENHANCED.sub("", text, count=1) if _ENHANCED.match(text) else text for text in texts)
    return f"{code} {enhanced[1]}" if enhanced else str(code), bare.strip()


def encode_plain(username: str, password: Secret) -> Secret:
    """The one message of PLAIN, as base64."""
    return Secret(base64.b64encode(b"\0%b\0%b" % (username.encode(), password.reveal())))


def encode_cram_md5(username: str, password: Secret, challenge: bytes) -> Secret:
    """The answer to the challenge of CRAM-MD5, as base64. ValueError where this machine permits no MD5 (FIPS)."""
    digest = hmac.new(password.reveal(), challenge, "md5").hexdigest()
    return Secret(base64.b64encode(f"{username} {digest}".encode()))


def encode_login(value: Secret | str) -> Secret:
    """One answer of LOGIN, as base64."""
    return Secret(base64.b64encode(value.encode() if isinstance(value, str) else value.reveal()))


def decode_challenge(challenge: str) -> bytes | None:
    """What a server asks, out of its base64; None where it is none."""
    try:
        return base64.b64decode(challenge.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def quote_imap(value: Secret) -> Secret | None:
    """``value`` as a quoted string of IMAP, or None where it can only be a literal."""
    if not _QUOTABLE.fullmatch(value.reveal()):
        return None
    return Secret(b'"%b"' % re.sub(rb'(["\\])', rb"\\\1", value.reveal()))


def can_carry(mechanism: str, username: str, password: Secret) -> bool:
    """Whether ``mechanism`` can carry them: a line of POP3 has no line end within, and most take no NUL."""
    try:
        both = username.encode() + password.reveal()
    except UnicodeEncodeError:
        return False
    return not re.search(rb"[\0\r\n]" if mechanism == "USER" else rb"\0", both)


@dataclass(frozen=True, slots=True)
class Inbox:
    """``messages``: how many, None where the server does not say or refuses (``refusal``: its words, printable).

    ``quota``: KiB used and KiB allowed (RFC 9208), where the server tells them.
    """

    messages: int | None = None
    refusal: str = ""
    quota: tuple[int, int] | None = None


async def open_inbox(conversation: Conversation, protocol: Protocol) -> Inbox:
    """Open the INBOX without changing anything in it (EXAMINE, STAT). Ended, OSError as always."""
    if protocol is Protocol.POP3:
        await conversation.send("STAT")
        line = await conversation.read_line()
        counted = _STAT.match(line + " ")
        if counted is None:
            return Inbox(refusal=printable(line.strip()))
        return Inbox(int(counted[1]))
    # Many announce what concerns the account after the log-in only.
    known = {capability.upper() for capability in await request_capabilities(conversation, protocol)}
    if "ID" in known:
        await _identify(conversation)
    await conversation.send("m EXAMINE INBOX")
    lines, end = await _until_tagged(conversation, "m")
    if not end.upper().startswith("OK"):
        return Inbox(refusal=printable(end))
    counted = next(filter(None, map(_EXISTS.match, lines)), None)
    quota = await _quota(conversation) if "QUOTA" in known else None
    return Inbox(int(counted[1]) if counted else None, quota=quota)


async def _identify(conversation: Conversation) -> None:
    """Say which program this is, and nothing about the person (RFC 2971): some let only such programs in, NetEase for
    one, and between the log-in and the mailbox. What the server answers counts for nothing, and neither does silence:
    an answer that comes late belongs to no command that is waited for.
    """
    from wizard import __version__

    await conversation.send(f'i ID ("name" "mail-wizard" "version" "{__version__}")')
    with suppress(TimeoutError):
        async with asyncio.timeout(ID_TIMEOUT):
            await _until_tagged(conversation, "i")


async def _quota(conversation: Conversation) -> tuple[int, int] | None:
    await conversation.send("q GETQUOTAROOT INBOX")
    lines, _end = await _until_tagged(conversation, "q")
    storage = next(filter(None, map(_STORAGE.match, lines)), None)
    return (int(storage[1]), int(storage[2])) if storage else None


async def _until_tagged(conversation: Conversation, tag: str) -> tuple[list[str], str]:
    """The lines before the tagged one, and that one without its tag."""
    lines: list[str] = []
    while True:
        line = await conversation.read_line()
        if line.lower().startswith(f"{tag} "):
            return lines, line[2:].strip()
        if line[:5].upper() == "* BYE":
            raise Ended(FailureKind.SERVER_SAYS_NO, printable(line[5:].strip()))
        lines.append(line)


async def send_to_oneself(
    conversation: Conversation, address: EmailAddress, message: bytes, capabilities: tuple[str, ...]
) -> LoginAttempt:
    """Hand in ``message`` (lines ending in CR LF) from ``address`` to ``address``, and to no other recipient.

    The answer's ``mechanism`` is the command that was refused: MAIL, RCPT or DATA; DATA too where all went well.
    """
    utf8 = " SMTPUTF8" if not address.local.isascii() else ""  # RFC 6531 section 3.4
    if utf8 and "SMTPUTF8" not in {capability.upper() for capability in capabilities}:
        return LoginAttempt(mechanism="MAIL", username=str(address), accepted=False, code="SMTPUTF8")
    for command, line in (("MAIL", f"MAIL FROM:<{address}>{utf8}"), ("RCPT", f"RCPT TO:<{address}>"), ("DATA", "DATA")):
        await conversation.send(line)
        code, words, text = await _reply(conversation)
        if code >= 400 or (command == "DATA" and code != 354):
            return LoginAttempt(mechanism=command, username=str(address), accepted=False, code=words, text=text)
    body = "\r\n".join("." + line if line.startswith(".") else line for line in message.decode().split("\r\n"))
    await conversation.send(body.removesuffix("\r\n") + "\r\n.")
    code, words, text = await _reply(conversation)
    return LoginAttempt(mechanism="DATA", username=str(address), accepted=code < 300, code=words, text=text)


async def _reply(conversation: Conversation) -> tuple[int, str, str]:
    replies = await read_reply(conversation)
    words, text = smtp_words(replies[-1].code, [reply.text for reply in replies])
    return replies[-1].code, words, printable(text)
