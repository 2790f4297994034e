"""The ladder to one server: each rung as it passes or fails, then what else tells causes apart.

Nothing is judged here; what was seen becomes findings elsewhere. The order of the rungs is that of the connection: DNS,
TCP, TLS, greeting, capabilities, log-in, mailbox; with STARTTLS the greeting comes before STARTTLS and TLS.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.diagnosis.families import Families
from wizard.diagnosis.inquiry import inquire
from wizard.diagnosis.login import log_in, secrets_of
from wizard.diagnosis.notes import Notes
from wizard.model.diagnosis import RungName
from wizard.model.servers import Protocol, SocketType
from wizard.net import mail
from wizard.net.certificates import describe_chain
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.responses import login_methods
from wizard.net.tls import ready_context, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.diagnosis.wishes import CheckWishes
    from wizard.model.diagnosis import Observed, Rung, Target
    from wizard.net.connect import Connection, Network
    from wizard.net.responses import Greeting

CONVERSATION = 5.0
"""Seconds from the connection to the capabilities."""

AAAA_PATIENCE = 1.0
"""Seconds that IPv6 addresses are waited for when those of IPv4 are there: here it matters whether there are any."""


async def climb(
    network: Network, target: Target, wishes: CheckWishes, *, shown: Callable[[Target, Rung], None] | None = None
) -> Observed:
    """Climb to ``target`` and look around where a rung fails, within ``wishes.timeout``.

    ``shown`` is called with each rung that has ended. Nothing raises for what servers do; cancelling closes everything.
    """
    notes = Notes(target=target, shown=shown, secrets=secrets_of(target, wishes))
    try:
        async with asyncio.timeout(wishes.timeout):
            await _Climb(network, target, wishes, notes).run()
    except TimeoutError:
        notes.stop()
    try:
        return notes.observed()
    finally:
        for derived in notes.secrets[1:]:
            derived.wipe()


class _Climb:
    def __init__(self, network: Network, target: Target, wishes: CheckWishes, notes: Notes) -> None:
        self._network, self._target, self._wishes, self._notes = network, target, wishes, notes

    async def run(self) -> None:
        if self._target.socket_type is not SocketType.PLAIN:
            warm_up()
        addresses = await self._find_addresses()
        if addresses:
            async with Families(self._network, self._target.host, self._target.port, addresses) as families:
                try:
                    await self._by(families)
                finally:
                    self._notes.families = families.so_far()
        else:
            await inquire(self._network, self._notes, self._wishes)

    async def _by(self, families: Families) -> None:
        """From TCP on."""
        notes = self._notes
        notes.begin(RungName.TCP)
        connection = await families.first()
        if isinstance(connection, Failure):
            notes.failed(connection)
        else:
            notes.passed(connection.address)
            await self._talk(connection)
        if notes.failure is None:
            await families.results()
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(inquire(self._network, notes, self._wishes))
                group.create_task(families.results())

    async def _find_addresses(self) -> list[str]:
        notes, host = self._notes, self._target.host
        notes.begin(RungName.DNS)
        answer = await self._network.resolver.addresses(host, patience=AAAA_PATIENCE)
        if isinstance(answer, Failure):
            notes.failed(answer)
            return []
        notes.addresses = answer.records
        allowed = [one for one in answer.records if self._network.policy.allows(host, one)]
        if allowed:
            notes.passed(", ".join(answer.records))
        elif answer.records:
            notes.failed(Failure(FailureKind.ADDRESS_NOT_ALLOWED, host, detail=", ".join(answer.records[:4])))
        else:
            notes.failed(Failure(FailureKind.NO_ADDRESS if answer.exists else FailureKind.NO_SUCH_NAME, host))
        return allowed

    async def _talk(self, connection: Connection) -> None:
        with Conversation(connection) as talk:
            try:
                async with asyncio.timeout(CONVERSATION):
                    await self._up_to_capabilities(talk)
            except (Ended, OSError, ValueError) as error:
                self._notes.failed(talk.failure(error))
                return
            await log_in(talk, self._notes, self._wishes)
            talk.say_goodbye(mail.FAREWELL[self._target.protocol])

    async def _up_to_capabilities(self, talk: Conversation) -> None:
        notes, target = self._notes, self._target
        if target.socket_type is SocketType.SSL:
            await self._tls(talk)
        greeting = await self._greeting(talk)
        if target.socket_type is SocketType.STARTTLS:
            await self._starttls(talk, greeting)
        notes.begin(RungName.CAPABILITIES)
        notes.capabilities = await mail.request_capabilities(talk, target.protocol)
        if target.socket_type is SocketType.PLAIN:
            notes.clear_capabilities = notes.capabilities
        notes.methods = login_methods(target.protocol, notes.capabilities, target.socket_type)
        notes.passed(", ".join(notes.capabilities))

    async def _tls(self, talk: Conversation) -> None:
        context = await ready_context()
        self._notes.begin(RungName.TLS)
        talk.begin("tls")
        await talk.upgrade(context)
        self._notes.tls_version = talk.tls_version
        self._notes.certificate = describe_chain(talk.certificates(verified=False), talk.certificates(verified=True))
        self._notes.passed(f"{talk.tls_version}, {self._notes.certificate.issuer}")

    async def _greeting(self, talk: Conversation) -> Greeting:
        self._notes.begin(RungName.GREETING)
        greeting = await mail.read_greeting(talk, self._target.protocol)
        self._notes.greeting = greeting.text
        self._notes.passed(greeting.text)
        return greeting

    async def _starttls(self, talk: Conversation, greeting: Greeting) -> None:
        notes, protocol = self._notes, self._target.protocol
        notes.begin(RungName.STARTTLS)
        if greeting.logged_in:  # nobody can upgrade then (RFC 9051 section 7.1.4)
            raise Ended(FailureKind.STARTTLS_REFUSED, "PREAUTH")
        # Asked although it saves nothing: what is announced in the clear tells a server that cannot from a network
        # that takes it away.
        known = await mail.request_capabilities(talk, protocol)
        notes.clear_capabilities = known
        # A POP3 server older than CAPA may still know STLS.
        asked = None if protocol is Protocol.POP3 and not known else known
        await mail.request_tls(talk, protocol, asked)
        notes.passed()
        await self._tls(talk)
