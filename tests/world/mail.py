"""IMAP, POP3 and SMTP servers that greet, upgrade and let in, or do one thing wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.world import dialogues, wires
from tests.world.certificates import server_context, wanted
from tests.world.secured import secured

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

BEHAVIOURS = (
    "silent",
    "close",
    "reset",
    "slow",
    "no_greeting",
    "greeting_bye",
    "endless_greeting",
    "endless_line",
    "garbage",
    "web",
    "starttls_refused",
    "starttls_broken",
    "injection",
)
CONNECTED = 0.05
"""Seconds before a reset without a handshake: an earlier one sometimes is a failure to connect instead."""
PROTOCOLS = ("imap", "pop3", "smtp")
SECURITY = ("SSL", "STARTTLS", "plain")


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """What one port says.

    ``certificate``: names, a kind of :mod:`tests.world.certificates`, or None for whatever name is asked for.
    ``greeting``: the whole line without CRLF. ``capabilities``: instead of the usual ones, after TLS (or where there
    is none); ``capabilities_before_tls``: the same before STARTTLS. ``auth``: SASL mechanisms.
    ``users``: names and passwords that are let in; ``refusal``: the text for all others; ``refused_with``: their whole
    answer instead (without the tag of IMAP), in which ``{password}`` and ``{command}`` repeat what came last.
    ``answers``: whole answers to commands, instead of the usual ones, by their first word (IMAP: without the tag);
    by ``.`` to a message that has come.
    ``wants_id``: no mailbox is opened for a program that has not said which it is (ID, RFC 2971) after the log-in;
    ``id_answer``: what is answered to it, None for nothing.
    ``initial_response``: SASL-IR is announced. ``quota``: KiB used and allowed, after the log-in.
    ``allowed``: so many connections are served, and all others closed without a word; of those that are open
    ``at_once``, or of all that ever came.
    ``tls_versions``: of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3. ``messages``: in the INBOX.

    ``behaviour``, one of BEHAVIOURS: silent (connects, says nothing, not even TLS), no_greeting (TLS, then nothing),
    close (at once), reset (in the handshake; without one, soon), slow (a byte a second), greeting_bye,
    endless_greeting (lines), endless_line (no line), garbage (binary), web (HTTP), starttls_refused, starttls_broken
    (plain text instead of the handshake), injection (text in the packet that agrees to STARTTLS).
    """

    protocol: str
    security: str = "SSL"
    certificate: Sequence[str] | str | None = None
    greeting: str | None = None
    capabilities: Sequence[str] | None = None
    capabilities_before_tls: Sequence[str] | None = None
    auth: Sequence[str] = ("PLAIN", "LOGIN")
    behaviour: str | None = None
    tls_versions: Sequence[str] | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    refusal: str = "Invalid credentials"
    messages: int = 3
    refused_with: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    initial_response: bool = True
    quota: tuple[int, int] | None = None
    allowed: int | None = None
    at_once: bool = False
    wants_id: bool = False
    id_answer: str | None = "OK Done"

    def __post_init__(self) -> None:
        for value, allowed in (
            (self.protocol, PROTOCOLS),
            (self.security, SECURITY),
            (self.behaviour, (None, *BEHAVIOURS)),
        ):
            if value not in allowed:
                raise ValueError(f"{value!r} is none of {allowed}")
        wanted(self.certificate)

    def context(self) -> ssl.SSLContext:
        """A context that shows the certificate."""
        return server_context(wanted(self.certificate), self.tls_versions)


class Login(NamedTuple):
    """One try to log in."""

    protocol: str
    address: str
    port: int
    mechanism: str
    username: str
    accepted: bool


class Conversation:
    """One connection to a mail server: lines in, lines out, and what was said."""

    def __init__(
        self,
        server: MailServer,
        context: ssl.SSLContext,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        commands: list[str],
        tried: Callable[[str, str, bool], None],
    ) -> None:
        self.server = server
        self._context = context
        self.reader, self.writer = streams
        self.commands = commands
        self.encrypted = False
        self.logged_in = False
        self.identified = False
        self.last_password = ""
        self._tried = tried

    @property
    def login_allowed(self) -> bool:
        """No password without TLS, unless the server has none."""
        return self.encrypted or self.server.security == "plain"

    @property
    def offers_starttls(self) -> bool:
        """Whether STARTTLS is to be offered now."""
        return self.server.security == "STARTTLS" and not self.encrypted

    def capabilities(self, usual: Sequence[str]) -> list[str]:
        """The usual ones, unless the server was given others."""
        given = self.server.capabilities_before_tls if self.offers_starttls else self.server.capabilities
        return list(usual if given is None else given)

    async def command(self) -> str:
        """The next line, recorded; EOFError when the client is gone."""
        line = await self.line()
        self.commands.append(line)
        return line

    async def line(self) -> str:
        """The next line without CRLF, not recorded."""
        data = await self.reader.readuntil(b"\n")
        return data.decode("utf-8", "replace").rstrip("\r\n")

    async def say(self, *lines: str) -> None:
        """Lines, in one packet."""
        data = "".join(f"{line}\r\n" for line in lines).encode()
        if self.server.behaviour == "slow":
            await wires.slowly(self.writer, data)
            return
        self.writer.write(data)
        await self.writer.drain()

    async def upgrade(self, agreement: str, injected: str) -> None:
        """Agree to STARTTLS and shake hands."""
        behaviour = self.server.behaviour
        text = f"{agreement}\r\n" + (f"{injected}\r\n" if behaviour == "injection" else "")
        self.writer.write(text.encode())
        if behaviour == "starttls_broken":
            await self.reader.read(wires.TLS_HELLO)
            self.writer.write(b"This is no handshake\r\n")
            raise EOFError
        await self.secure()

    async def secure(self) -> None:
        """Shake hands."""
        stream = await secured(self.reader, self.writer, self._context)
        self.reader = self.writer = stream
        self.encrypted = True

    def let_in(self, mechanism: str, username: str, password: str) -> bool:
        """Whether this name and password are good; the try is counted."""
        accepted = username in self.server.users and self.server.users[username] == password
        self.logged_in, self.last_password = accepted, password
        self._tried(mechanism, username, accepted)
        return accepted

    def refusal(self, usual: str) -> str:
        """The answer to who is not let in."""
        answer = usual if self.server.refused_with is None else self.server.refused_with
        return answer.replace("{password}", self.last_password).replace("{command}", self.commands[-1])


async def talk(conversation: Conversation) -> None:
    """Everything from the first packet to the end of one connection."""
    match conversation.server.behaviour:
        case "silent":
            await wires.silent(conversation.reader, conversation.writer)
        case "close":
            pass
        case "reset" if conversation.server.security != "SSL":
            await asyncio.sleep(CONNECTED)
            wires.reset(conversation.writer)
        case "reset":
            await wires.reset_after_first_bytes(conversation.reader, conversation.writer)
        case _:
            if conversation.server.security == "SSL":
                await conversation.secure()
            await _greet(conversation)
            conversation.writer.close()


async def _greet(conversation: Conversation) -> None:
    """From the greeting on."""
    server, writer, reader = conversation.server, conversation.writer, conversation.reader
    greeting = server.greeting or dialogues.GREETINGS[server.protocol]
    match server.behaviour:
        case "no_greeting":
            await wires.silent(reader, writer)
        case "endless_greeting":
            await wires.endlessly(writer, dialogues.NEVER_DONE[server.protocol].encode())
        case "endless_line":
            await wires.endlessly(writer, greeting.encode() + b" and so on")
        case "garbage":
            writer.write(wires.GARBAGE)
            await wires.silent(reader, writer)
        case "web":
            await _answer_as_web_server(conversation)
        case "greeting_bye":
            await conversation.say(dialogues.GOODBYES[server.protocol])
        case _:
            await conversation.say(greeting)
            await dialogues.DIALOGUES[server.protocol](conversation)


async def _answer_as_web_server(conversation: Conversation) -> None:
    """What nginx says to a line that is no request."""
    await conversation.command()
    page = "<html><head><title>400 Bad Request</title></head></html>"
    head = ("HTTP/1.1 400 Bad Request", "Server: nginx", "Content-Type: text/html", f"Content-Length: {len(page)}")
    await conversation.say(*head, "Connection: close", "", page)
