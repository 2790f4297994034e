"""The commands that our mail servers understand: RFC 9051, RFC 1939 and 5034, RFC 5321 and 4954, as far as needed."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.world.mail import Conversation

GREETINGS = {
    "imap": "* OK World ready",
    "pop3": "+OK World ready",
    "smtp": "220 world.test ESMTP ready",
}
GOODBYES = {
    "imap": "* BYE Too many connections",
    "pop3": "-ERR [SYS/TEMP] Too many connections",
    "smtp": "421 4.7.0 Too many connections",
}
NEVER_DONE = {
    "imap": "* OK still loading\r\n",
    "pop3": "+OK still loading\r\n",
    "smtp": "220-still loading\r\n",
}


class NotBase64Error(Exception):
    """What a client sent for SASL is no base64, or the client gave up (``*``)."""


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("" if text == "=" else text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotBase64Error(text) from error


async def _sasl(conversation: Conversation, mechanism: str, initial: str | None, prompt: str) -> bool | None:
    """Run a mechanism; None for one that is not offered. ``prompt`` goes before the text of a challenge."""

    async def ask(challenge: str) -> str:
        await conversation.say(f"{prompt}{base64.b64encode(challenge.encode()).decode()}")
        return _decoded(await conversation.command())

    if mechanism not in conversation.server.auth or not conversation.login_allowed:
        return None
    first = None if initial is None else _decoded(initial)
    match mechanism:
        case "PLAIN":
            parts = (await ask("") if first is None else first).split("\0")
            _, username, password = parts if len(parts) == 3 else ("", "", "")
        case "LOGIN":
            username = await ask("Username:") if first is None else first
            password = await ask("Password:")
        case "CRAM-MD5":
            challenge = "<1896.697170952@world.test>"
            username, _, digest = (await ask(challenge)).rpartition(" ")
            password = conversation.server.users.get(username, "")
            good = hmac.new(password.encode(), challenge.encode(), "md5").hexdigest()
            password = password if hmac.compare_digest(good, digest) else f"not {password}"
        case _:  # offered for its name alone: nobody gets in by it
            username = await ask("") if first is None else first
            password = ""
    return conversation.let_in(mechanism, username, password)


def _imap_capabilities(conversation: Conversation) -> str:
    usual = ["IMAP4rev1", "LITERAL+"]
    if conversation.offers_starttls:
        usual += ["STARTTLS", "LOGINDISABLED"]
    else:
        usual += ["SASL-IR"] if conversation.server.initial_response else []
        usual += [f"AUTH={mechanism}" for mechanism in conversation.server.auth]
        usual += ["ID"] if conversation.server.wants_id else []
        usual += ["QUOTA"] if conversation.server.quota and conversation.logged_in else []
    return " ".join(["CAPABILITY", *conversation.capabilities(usual)])


def _arguments(text: str) -> list[str]:
    """Atoms and quoted strings."""
    reader = shlex.shlex(text, posix=True, punctuation_chars="")
    reader.whitespace_split = True
    reader.commenters = ""
    reader.quotes = '"'
    try:
        return list(reader)
    except ValueError:
        return []


async def imap(conversation: Conversation) -> None:
    """Commands until LOGOUT."""
    while True:
        tag, _, rest = (await _imap_command(conversation)).partition(" ")
        verb, _, text = rest.partition(" ")
        if (answer := conversation.server.answers.get(verb.upper())) is not None:
            await conversation.say(f"{tag} {answer}")
            continue
        match verb.upper():
            case "LOGOUT":
                await conversation.say("* BYE See you", f"{tag} OK Done")
                return
            case "STARTTLS" if conversation.offers_starttls:
                await _imap_starttls(conversation, tag)
            case "AUTHENTICATE":
                await _imap_authenticate(conversation, tag, text)
            case "LOGIN":
                await _imap_login(conversation, tag, text)
            case "ID" if conversation.server.wants_id:
                conversation.identified = conversation.logged_in and '"name"' in text
                if conversation.server.id_answer is not None:
                    await conversation.say('* ID ("name" "Coremail Imap")', f"{tag} {conversation.server.id_answer}")
            case "SELECT" | "EXAMINE" if conversation.server.wants_id and not conversation.identified:
                await conversation.say(f"{tag} NO {verb.upper()} Unsafe Login. Please contact kefu@188.com for help")
            case other:
                await conversation.say(*_imap_answer(conversation, tag, other, text))


async def _imap_command(conversation: Conversation) -> str:
    """A command with its literals, which become quoted strings (RFC 9051 section 4.3)."""
    line = await conversation.command()
    while (literal := re.search(r"\{(\d+)(\+?)\}$", line)) is not None:
        if not literal[2]:
            await conversation.say("+ Go ahead")
        data = (await conversation.reader.readexactly(int(literal[1]))).decode("utf-8", "replace")
        quoted = data.replace("\\", "\\\\").replace('"', '\\"')
        line = f'{line[: literal.start()]}"{quoted}"{await conversation.line()}'
        conversation.commands[-1] = line
    return line


def _imap_answer(conversation: Conversation, tag: str, verb: str, text: str) -> list[str]:
    count = conversation.server.messages
    match verb:
        case "CAPABILITY":
            return [f"* {_imap_capabilities(conversation)}", f"{tag} OK Done"]
        case "NOOP" | "ID" | "CLOSE":
            return [f"{tag} OK Done"]
        case "SELECT" | "EXAMINE":
            return [f"* {count} EXISTS", "* 0 RECENT", "* FLAGS (\\Seen \\Deleted)", f"{tag} OK [READ-WRITE] Done"]
        case "STATUS":
            mailbox = (_arguments(text) or ["INBOX"])[0]
            return [f"* STATUS {mailbox} (MESSAGES {count} UNSEEN 0 UIDNEXT {count + 1})", f"{tag} OK Done"]
        case "GETQUOTAROOT" if conversation.server.quota and conversation.logged_in:
            used, allowed = conversation.server.quota
            return ['* QUOTAROOT INBOX ""', f'* QUOTA "" (STORAGE {used} {allowed})', f"{tag} OK Done"]
        case "LIST":
            return ['* LIST (\\HasNoChildren) "/" INBOX', f"{tag} OK Done"]
    return [f"{tag} BAD Unknown command"]


async def _imap_starttls(conversation: Conversation, tag: str) -> None:
    if conversation.server.behaviour == "starttls_refused":
        await conversation.say(f"{tag} NO Not now")
    else:
        await conversation.upgrade(f"{tag} OK Begin TLS", "* CAPABILITY IMAP4rev1 AUTH=PLAIN")


async def _imap_authenticate(conversation: Conversation, tag: str, text: str) -> None:
    mechanism, _, initial = text.partition(" ")
    try:
        accepted = await _sasl(conversation, mechanism.upper(), initial or None, "+ ")
    except NotBase64Error:
        await conversation.say(f"{tag} BAD Not base64")
        return
    await _imap_verdict(conversation, tag, accepted)


async def _imap_login(conversation: Conversation, tag: str, text: str) -> None:
    arguments = _arguments(text)
    if len(arguments) != 2:
        await conversation.say(f"{tag} BAD LOGIN takes a name and a password")
    elif not conversation.login_allowed:
        await conversation.say(f"{tag} NO [PRIVACYREQUIRED] No password without TLS")
    else:
        await _imap_verdict(conversation, tag, conversation.let_in("", *arguments))


async def _imap_verdict(conversation: Conversation, tag: str, accepted: bool | None) -> None:
    if accepted is None:
        await conversation.say(f"{tag} NO Not offered")
    elif accepted:
        await conversation.say(f"{tag} OK [{_imap_capabilities(conversation)}] Logged in")
    else:
        answer = conversation.refusal(f"NO [AUTHENTICATIONFAILED] {conversation.server.refusal}")
        await conversation.say(answer if answer.startswith("* ") else f"{tag} {answer}")


async def pop3(conversation: Conversation) -> None:
    """Commands until QUIT."""
    username = ""
    while True:
        verb, _, text = (await conversation.command()).partition(" ")
        if (answer := conversation.server.answers.get(verb.upper())) is not None:
            await conversation.say(answer)
            continue
        match verb.upper():
            case "QUIT":
                await conversation.say("+OK See you")
                return
            case "STLS" if conversation.offers_starttls:
                await _pop3_stls(conversation)
            case "USER" if conversation.login_allowed:
                username = text
                await conversation.say("+OK And the password?")
            case "PASS" if conversation.login_allowed:
                await _pop3_verdict(conversation, conversation.let_in("", username, text))
            case "AUTH":
                await _pop3_auth(conversation, text)
            case other:
                await conversation.say(*_pop3_answer(conversation, other))


def _pop3_answer(conversation: Conversation, verb: str) -> list[str]:
    count = conversation.server.messages
    match verb:
        case "CAPA":
            usual = ["TOP", "UIDL", "RESP-CODES", "PIPELINING"]
            if conversation.offers_starttls:
                usual += ["STLS"]
            else:
                usual += [
                    "USER",
                    *([" ".join(["SASL", *conversation.server.auth])] if conversation.server.auth else []),
                ]
            return ["+OK Here it comes", *conversation.capabilities(usual), "."]
        case "STAT":
            return [f"+OK {count} {count * 1000}"]
        case "LIST" | "UIDL":
            return ["+OK", *(f"{number} {number + 1000}" for number in range(1, count + 1)), "."]
        case "NOOP":
            return ["+OK"]
        case "USER" | "PASS":
            return ["-ERR No password without TLS"]
    return ["-ERR Unknown command"]


async def _pop3_stls(conversation: Conversation) -> None:
    if conversation.server.behaviour == "starttls_refused":
        await conversation.say("-ERR Not now")
    else:
        await conversation.upgrade("+OK Begin TLS", "+OK Here it comes\r\nUSER\r\n.")


async def _pop3_auth(conversation: Conversation, text: str) -> None:
    mechanism, _, initial = text.partition(" ")
    try:
        accepted = await _sasl(conversation, mechanism.upper(), initial or None, "+ ")
    except NotBase64Error:
        await conversation.say("-ERR Not base64")
        return
    if accepted is None:
        await conversation.say("-ERR Not offered")
    else:
        await _pop3_verdict(conversation, accepted)


async def _pop3_verdict(conversation: Conversation, accepted: bool) -> None:
    refusal = conversation.refusal(f"-ERR [AUTH] {conversation.server.refusal}")
    await conversation.say("+OK Logged in" if accepted else refusal)


async def smtp(conversation: Conversation) -> None:
    """Commands until QUIT."""
    while True:
        verb, _, text = (await conversation.command()).partition(" ")
        if (answer := conversation.server.answers.get(verb.upper())) is not None:
            await conversation.say(answer)
            continue
        match verb.upper():
            case "QUIT":
                await conversation.say("221 2.0.0 See you")
                return
            case "STARTTLS" if conversation.offers_starttls:
                await _smtp_starttls(conversation)
            case "AUTH":
                await _smtp_auth(conversation, text)
            case "DATA":
                await _smtp_data(conversation)
            case other:
                await conversation.say(*_smtp_answer(conversation, other))


def _smtp_answer(conversation: Conversation, verb: str) -> list[str]:
    match verb:
        case "EHLO":
            usual = ["PIPELINING", "SIZE 10240000", "8BITMIME"]
            if conversation.offers_starttls:
                usual += ["STARTTLS"]
            elif conversation.server.auth:
                usual += [" ".join(["AUTH", *conversation.server.auth])]
            texts = ["world.test", *conversation.capabilities(usual)]
            return [f"250{' ' if place == len(texts) else '-'}{text}" for place, text in enumerate(texts, 1)]
        case "HELO":
            return ["250 world.test"]
        case "MAIL" | "RCPT" | "RSET" | "NOOP":
            return ["250 2.0.0 Done"]
    return ["502 5.5.1 Unknown command"]


async def _smtp_starttls(conversation: Conversation) -> None:
    if conversation.server.behaviour == "starttls_refused":
        await conversation.say("454 4.7.0 Not now")
    else:
        await conversation.upgrade("220 2.0.0 Begin TLS", "250-world.test\r\n250 AUTH PLAIN")


async def _smtp_auth(conversation: Conversation, text: str) -> None:
    mechanism, _, initial = text.partition(" ")
    try:
        accepted = await _sasl(conversation, mechanism.upper(), initial or None, "334 ")
    except NotBase64Error:
        await conversation.say("501 5.5.2 Not base64")
        return
    if accepted is None:
        await conversation.say("504 5.5.4 Not offered")
    elif accepted:
        await conversation.say("235 2.7.0 Logged in")
    else:
        await conversation.say(conversation.refusal(f"535 5.7.8 {conversation.server.refusal}"))


async def _smtp_data(conversation: Conversation) -> None:
    """Take a message and keep it among the commands, line by line."""
    await conversation.say("354 Go ahead")
    while await conversation.command() != ".":
        pass
    await conversation.say(conversation.server.answers.get(".", "250 2.0.0 Taken"))


DIALOGUES: dict[str, Callable[[Conversation], Awaitable[None]]] = {"imap": imap, "pop3": pop3, "smtp": smtp}
