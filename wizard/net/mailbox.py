"""After the log-in: how many messages the INBOX holds, and, if wanted, a message to oneself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.diagnosis import LoginAttempt
from wizard.model.servers import Protocol
from wizard.model.text import printable
from wizard.net.conversation import Ended
from wizard.net.dialogues import ask, rest_of_reply
from wizard.net.failures import FailureKind
from wizard.net.login import smtp_words

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.net.conversation import Conversation

_EXISTS = re.compile(r"\* (\d{1,10}) EXISTS\b", re.IGNORECASE)
_STAT = re.compile(r"\+OK (\d{1,10}) ", re.IGNORECASE)
_STORAGE = re.compile(r"\* QUOTA .*\(.*?\bSTORAGE (\d{1,15}) (\d{1,15})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Inbox:
    """``messages``: how many, None where the server does not say or refuses (``refusal``: its words, printable).

    ``quota``: KiB used and KiB allowed (RFC 9208), where the server tells them.
    """

    messages: int | None = None
    refusal: str = ""
    quota: tuple[int, int] | None = None


async def open_inbox(talk: Conversation, protocol: Protocol) -> Inbox:
    """Open the INBOX without changing anything in it (EXAMINE, STAT). Ended, OSError as always."""
    if protocol is Protocol.POP3:
        await talk.send("STAT")
        line = await talk.read_line()
        counted = _STAT.match(line + " ")
        if counted is None:
            return Inbox(refusal=printable(line.strip()))
        return Inbox(int(counted[1]))
    await talk.send("m EXAMINE INBOX")
    lines, end = await _until_tagged(talk, "m")
    if not end.upper().startswith("OK"):
        return Inbox(refusal=printable(end))
    counted = next(filter(None, map(_EXISTS.match, lines)), None)
    # Many announce what concerns the account after the log-in only.
    known = {one.upper() for one in await ask(talk, protocol)}
    quota = await _quota(talk) if "QUOTA" in known else None
    return Inbox(int(counted[1]) if counted else None, quota=quota)


async def _quota(talk: Conversation) -> tuple[int, int] | None:
    await talk.send("q GETQUOTAROOT INBOX")
    lines, _end = await _until_tagged(talk, "q")
    told = next(filter(None, map(_STORAGE.match, lines)), None)
    return (int(told[1]), int(told[2])) if told else None


async def _until_tagged(talk: Conversation, tag: str) -> tuple[list[str], str]:
    """The lines before the tagged one, and that one without its tag."""
    lines: list[str] = []
    while True:
        line = await talk.read_line()
        if line.lower().startswith(f"{tag} "):
            return lines, line[2:].strip()
        if line[:5].upper() == "* BYE":
            raise Ended(FailureKind.SERVER_SAYS_NO, printable(line[5:].strip()))
        lines.append(line)


async def send_to_oneself(
    talk: Conversation, address: EmailAddress, message: bytes, capabilities: tuple[str, ...]
) -> LoginAttempt:
    """Hand in ``message`` (lines ending in CR LF) from ``address`` to ``address``, and to nobody else.

    The answer's ``mechanism`` is the command that was refused: MAIL, RCPT or DATA; DATA too where all went well.
    """
    utf8 = " SMTPUTF8" if not address.local.isascii() else ""  # RFC 6531 section 3.4
    if utf8 and "SMTPUTF8" not in {one.upper() for one in capabilities}:
        return LoginAttempt(mechanism="MAIL", username=str(address), accepted=False, code="SMTPUTF8")
    for command, line in (("MAIL", f"MAIL FROM:<{address}>{utf8}"), ("RCPT", f"RCPT TO:<{address}>"), ("DATA", "DATA")):
        await talk.send(line)
        code, words, text = await _reply(talk)
        if code >= 400 or (command == "DATA" and code != 354):
            return LoginAttempt(mechanism=command, username=str(address), accepted=False, code=words, text=text)
    body = "\r\n".join("." + one if one.startswith(".") else one for one in message.decode().split("\r\n"))
    await talk.send(body.removesuffix("\r\n") + "\r\n.")
    code, words, text = await _reply(talk)
    return LoginAttempt(mechanism="DATA", username=str(address), accepted=code < 300, code=words, text=text)


async def _reply(talk: Conversation) -> tuple[int, str, str]:
    replies = await rest_of_reply(talk)
    words, text = smtp_words(replies[-1].code, [reply.text for reply in replies])
    return replies[-1].code, words, printable(text)
