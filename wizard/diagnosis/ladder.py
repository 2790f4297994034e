"""Observes one server: each rung of the ladder as it passes or fails, then what else tells causes apart.

Nothing is judged here; the rules do that. The order of the rungs is that of the connection: DNS, TCP, TLS, greeting,
capabilities, log-in, mailbox; with STARTTLS the greeting comes before STARTTLS and TLS.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from wizard.diagnosis.dual_stack import DualStack
from wizard.diagnosis.follow_up import follow_up
from wizard.diagnosis.login import log_in, secrets_in_answers
from wizard.diagnosis.recorder import Recorder
from wizard.model.diagnosis import RungName
from wizard.model.servers import Protocol, SocketType
from wizard.net import mail
from wizard.net.certificates import describe_chain
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.responses import login_methods
from wizard.net.tls import ready_context, warm_up
from wizard.net.unverified import speaks_tls

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.diagnosis.options import CheckOptions
    from wizard.model.diagnosis import Observation, Rung, Target
    from wizard.net.connect import Connection, Network
    from wizard.net.responses import Greeting

CONVERSATION = 5.0
"""Seconds from the connection to the capabilities."""

QUIET = 1.0
"""Seconds without a greeting in the clear after which it is looked whether the port waits for TLS instead."""

AAAA_PATIENCE = 1.0
"""Seconds that IPv6 addresses are waited for when those of IPv4 are there: here it matters whether there are any."""


async def observe_server(
    network: Network,
    target: Target,
    options: CheckOptions,
    *,
    on_rung: Callable[[Target, Rung], None] | None = None,
) -> Observation:
    """Climb to ``target``, and follow up a rung that fails, within ``options.timeout``.

    ``on_rung`` is called with each rung that has ended. Nothing raises for what servers do; cancelling closes
    everything.
    """
    secrets = secrets_in_answers(target, options)
    recorder = Recorder(target, on_rung=on_rung, secrets=secrets)
    try:
        async with asyncio.timeout(options.timeout):
            await _Ladder(network, target, options, recorder).climb()
    except TimeoutError:
        recorder.deadline_reached()
    try:
        return recorder.finished()
    finally:
        for derived in secrets[1:]:  # the first is the caller's
            derived.wipe()


class _Ladder:
    def __init__(self, network: Network, target: Target, options: CheckOptions, recorder: Recorder) -> None:
        self._network, self._target, self._options, self._recorder = network, target, options, recorder

    async def climb(self) -> None:
        if self._target.socket_type is not SocketType.PLAIN:
            warm_up()
        addresses = await self._resolve()
        if addresses:
            async with DualStack(self._network, self._target.host, self._target.port, addresses) as dual_stack:
                try:
                    await self._connect(dual_stack)
                finally:
                    self._recorder.record(families=dual_stack.results_so_far())
        else:
            await follow_up(self._network, self._recorder, self._options)

    async def _resolve(self) -> list[str]:
        """The addresses that may be connected to."""
        recorder, host = self._recorder, self._target.host
        recorder.start(RungName.DNS)
        answer = await self._network.resolver.addresses(host, patience=AAAA_PATIENCE)
        if isinstance(answer, Failure):
            recorder.failed(answer)
            return []
        recorder.record(addresses=answer.records)
        allowed = [address for address in answer.records if self._network.policy.allows(host, address)]
        if allowed:
            recorder.passed(", ".join(answer.records))
        elif answer.records:
            recorder.failed(Failure(FailureKind.ADDRESS_NOT_ALLOWED, host, detail=", ".join(answer.records[:4])))
        else:
            recorder.failed(Failure(FailureKind.NO_ADDRESS if answer.exists else FailureKind.NO_SUCH_NAME, host))
        return allowed

    async def _connect(self, dual_stack: DualStack) -> None:
        """From TCP on."""
        recorder = self._recorder
        recorder.start(RungName.TCP)
        connection = await dual_stack.first()
        if isinstance(connection, Failure):
            recorder.failed(connection)
        else:
            recorder.passed(connection.address)
            await self._talk(connection)
        if recorder.observation.failure is None:
            await dual_stack.all_results()
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(follow_up(self._network, recorder, self._options))
                group.create_task(dual_stack.all_results())

    async def _talk(self, connection: Connection) -> None:
        with Conversation(connection) as talk:
            try:
                async with asyncio.timeout(CONVERSATION):
                    await self._up_to_capabilities(talk)
            except (Ended, OSError, ValueError) as error:
                self._recorder.failed(talk.failure(error))
                return
            await log_in(talk, self._recorder, self._options)
            talk.say_goodbye(mail.FAREWELL[self._target.protocol])

    async def _up_to_capabilities(self, talk: Conversation) -> None:
        recorder, protocol, socket_type = self._recorder, self._target.protocol, self._target.socket_type
        if socket_type is SocketType.SSL:
            await self._start_tls(talk)
        greeting = await self._greeting(talk)
        if socket_type is SocketType.STARTTLS:
            await self._upgrade(talk, greeting)
        recorder.start(RungName.CAPABILITIES)
        capabilities = await mail.request_capabilities(talk, protocol)
        recorder.record(capabilities=capabilities, methods=login_methods(protocol, capabilities, socket_type))
        if socket_type is SocketType.PLAIN:
            recorder.record(clear_capabilities=capabilities)
        recorder.passed(", ".join(capabilities))

    async def _start_tls(self, talk: Conversation) -> None:
        context = await ready_context()
        self._recorder.start(RungName.TLS)
        talk.begin("tls")
        await talk.upgrade(context)
        certificate = describe_chain(talk.certificates(verified=False), talk.certificates(verified=True))
        self._recorder.record(tls_version=talk.tls_version, certificate=certificate)
        self._recorder.passed(f"{talk.tls_version}, {certificate.issuer}")

    async def _greeting(self, talk: Conversation) -> Greeting:
        self._recorder.start(RungName.GREETING)
        greeting = await self._first_words(talk)
        self._recorder.record(greeting=greeting.text)
        self._recorder.passed(greeting.text)
        return greeting

    async def _first_words(self, talk: Conversation) -> Greeting:
        """The greeting. One in the clear is not waited for to the end where the port is found to speak TLS."""
        encrypted = self._target.socket_type is SocketType.SSL
        reading = asyncio.create_task(mail.read_greeting(talk, self._target.protocol))
        tasks: list[asyncio.Task[Any]] = [reading]
        try:
            await asyncio.wait(tasks, timeout=None if encrypted else QUIET)
            if not reading.done():
                looking = asyncio.create_task(speaks_tls(self._network, self._target.host, self._target.port))
                tasks.append(looking)
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done() and looking.result():
                    raise Ended(FailureKind.TIMEOUT)
            return await reading
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _upgrade(self, talk: Conversation, greeting: Greeting) -> None:
        """STARTTLS, and TLS after it."""
        protocol = self._target.protocol
        self._recorder.start(RungName.STARTTLS)
        if greeting.logged_in:  # no upgrade is possible then (RFC 9051 section 7.1.4)
            raise Ended(FailureKind.STARTTLS_REFUSED, "PREAUTH")
        # Asked although it saves nothing: what is announced in the clear tells a server that cannot from a network
        # that takes it away.
        announced = await mail.request_capabilities(talk, protocol)
        self._recorder.record(clear_capabilities=announced)
        # A POP3 server older than CAPA may still know STLS.
        asked = None if protocol is Protocol.POP3 and not announced else announced
        await mail.request_tls(talk, protocol, asked)
        self._recorder.passed()
        await self._start_tls(talk)
