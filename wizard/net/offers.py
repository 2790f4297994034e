"""What a server takes from programs of every age: versions of TLS, keys, cipher suites, and the chain that it shows.

Many short connections, each a handshake with one thing chosen and nothing after it (see
:mod:`wizard.net.handshakes`); only the look for ways to log in says a greeting's worth. All of them go to one address
of the host, so that they tell of one server.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.servers import SocketType
from wizard.model.text import printable
from wizard.net import der
from wizard.net.connect import connect
from wizard.net.failures import Failure, FailureKind
from wizard.net.handshakes import SECONDS as HANDSHAKE
from wizard.net.handshakes import VERSIONS, Refused, Shook, means, shake, shake_over
from wizard.net.mail import Seen, look_at
from wizard.net.tls import certificate_names

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from wizard.model.servers import AuthenticationMethod
    from wizard.net.mail import Endpoint
    from wizard.net.network import Network

MOST = 14
"""Connections to one server."""

AT_ONCE = 4
"""Of these, side by side."""

SECONDS = 12.0
"""For all together; what has not been found out by then stays unknown."""

_LOOK = 2  # connections that looking for ways to log in can take
_LONGEST_CHAIN = 10
_OLDER = ("1.2", "1.1", "1.0")
_CURVE = ("P-256", "prime256v1")


@dataclass(frozen=True, slots=True)
class Tried:
    """Which of some means a server takes and which not; what is in neither could not be found out."""

    accepted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sent:
    """One certificate of a chain, printable. ``subject``, ``issuer``: their common names, else organisations.

    ``key`` and ``signature`` as :class:`wizard.net.der.Read` has them: ``RSA 2048``, ``ECDSA with SHA-256``.
    """

    subject: str
    issuer: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a server takes. ``versions``: ``1.0`` to ``1.3``; ``keys``: ``rsa``, ``ecdsa``; ``ciphers``: families of
    :data:`wizard.net.handshakes.CIPHERS` up to TLS 1.2; ``curves``: ``P-256`` alone is tried.

    ``chains``: each chain that was shown, as sent, the server's own certificate first. ``needs_name``: without the
    server's name in the handshake (SNI) there is none, or a certificate for somebody else. ``methods``: ways to log in
    as announced; None where that could not be seen.
    """

    endpoint: Endpoint
    versions: Tried = Tried()
    keys: Tried = Tried()
    ciphers: Tried = Tried()
    curves: Tried = Tried()
    chains: tuple[tuple[Sent, ...], ...] = ()
    needs_name: bool | None = None
    methods: tuple[AuthenticationMethod, ...] | None = None


async def offers(
    network: Network, endpoint: Endpoint, *, methods: tuple[AuthenticationMethod, ...] | None = None
) -> Offered | Failure:
    """What ``endpoint`` takes; at most MOST connections, AT_ONCE side by side, SECONDS in all.

    ``methods``: the ways to log in, where they are known: then there is one look less. A Failure where no connection
    or no handshake at all comes about. A server that goes away in the middle of a handshake counts as refusing it:
    many say no like that.
    """
    if endpoint.socket_type is SocketType.PLAIN:
        return Failure(FailureKind.NOT_TLS, endpoint.host, endpoint.port)
    asking = _Asking(network, endpoint, methods)
    try:
        async with asyncio.timeout(SECONDS):
            failure = await asking.run()
            if failure is not None:
                return failure
    except TimeoutError:
        pass
    return asking.answer()


class _Asking:
    """All that is asked of one server, and what it said so far."""

    def __init__(self, network: Network, endpoint: Endpoint, methods: tuple[AuthenticationMethod, ...] | None) -> None:
        self._network, self._endpoint, self._methods = network, endpoint, methods
        self._address = ""
        self._left = MOST
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._said: dict[tuple[str, str], Shook | Refused] = {}

    async def run(self) -> Failure | None:
        """Ask everything; a Failure where there is nothing to ask."""
        failure = await self._first()
        if failure is not None:
            return failure
        await self._versions()
        if not self._accepted("version"):
            return self._why_none()
        best = next((version for version in _OLDER if version in self._accepted("version")), None)
        newest = best or "1.3"
        later: list[Coroutine[Any, Any, None]] = [
            self._ask("name", "none", newest, named=False),
            self._ask("curve", _CURVE[0], newest, curve=_CURVE[1]),
        ]
        if best is not None:
            kinds = ("rsa", "ecdsa")
            await asyncio.gather(*later, *(self._ask("key", kind, best, kind=kind) for kind in kinds))
            await self._families(best)
        else:
            await asyncio.gather(*later)
        return None

    async def _first(self) -> Failure | None:
        """The first connection decides about the address."""
        self._left -= 1
        connection = await connect(self._network, self._endpoint.host, self._endpoint.port)
        if isinstance(connection, Failure):
            return connection
        self._address = connection.address
        context = means("1.2")
        assert context is not None
        try:
            async with asyncio.timeout(HANDSHAKE):
                said = await shake_over(connection, self._endpoint, context)
        except TimeoutError:
            return Failure(FailureKind.TIMEOUT, self._endpoint.host, self._endpoint.port)
        if said is not None:
            self._said["version", "1.2"] = said
            return None
        seen = await self._look()  # that comes as far, and says why
        return seen if isinstance(seen, Failure) else None

    async def _versions(self) -> None:
        questions: list[Coroutine[Any, Any, object]] = [
            self._ask("version", version, version) for version in VERSIONS if version != "1.2"
        ]
        if self._methods is None and self._left == MOST - 1:  # not looked yet
            questions.append(self._look())
        await asyncio.gather(*questions)

    async def _families(self, version: str) -> None:
        """Each family of cipher suites that the server can have, with the keys that it has."""
        wanted = ["cbc"]
        if version == "1.2":
            refused = {name for (what, name), said in self._said.items() if what == "key" and isinstance(said, Refused)}
            wanted += ["gcm"] if "rsa" not in refused else []
            wanted += ["gcm_ecdsa"] if "ecdsa" not in refused else []
        await asyncio.gather(*(self._ask("cipher", kind, version, kind=kind) for kind in (*wanted, "3des")))
        if version == "1.2" and "cbc" not in self._accepted("cipher"):
            await self._ask("cipher", "gcm_dhe", version, kind="gcm_dhe")
        await self._ask("cipher", "rc4", version, kind="rc4")

    async def _ask(self, what: str, name: str, version: str, **chosen: Any) -> None:
        context = means(version, **chosen)
        if context is None or self._left < 1:
            return
        self._left -= 1
        async with self._turn:
            said = await shake(self._network, self._endpoint, self._address, context)
        if said is not None:
            self._said[what, name] = said

    async def _look(self) -> Seen | Failure:
        self._left -= _LOOK
        async with self._turn:
            seen = await look_at(self._network, self._endpoint)
        if isinstance(seen, Seen) and self._methods is None:
            self._methods = seen.authentication
        return seen

    def _accepted(self, what: str) -> frozenset[str]:
        return self._tried(what).accepted

    def _tried(self, what: str) -> Tried:
        found = {name: isinstance(said, Shook) for (asked, name), said in self._said.items() if asked == what}
        return Tried(
            frozenset(name for name, good in found.items() if good),
            frozenset(name for name, good in found.items() if not good),
        )

    def _why_none(self) -> Failure:
        refused = [said.failure for said in self._said.values() if isinstance(said, Refused)]
        return refused[0] if refused else Failure(FailureKind.TLS_FAILED, self._endpoint.host, self._endpoint.port)

    def answer(self) -> Offered:
        """What is known so far."""
        shook = [said for (what, _name), said in self._said.items() if isinstance(said, Shook) and what != "name"]
        return Offered(
            endpoint=self._endpoint,
            versions=self._tried("version"),
            keys=self._tried("key"),
            ciphers=self._tried("cipher"),
            curves=self._tried("curve"),
            chains=tuple(chain for chain in dict.fromkeys(_chain(one.sent) for one in shook) if chain),
            needs_name=self._needs_name(shook),
            methods=self._methods,
        )

    def _needs_name(self, shook: list[Shook]) -> bool | None:
        nameless = self._said.get(("name", "none"))
        if nameless is None or not any(_covers(one.sent, self._endpoint.host) for one in shook):
            return None
        return isinstance(nameless, Refused) or not _covers(nameless.sent, self._endpoint.host)


def _read(certificate: bytes) -> der.Read | None:
    try:
        return der.read_certificate(certificate)
    except (ValueError, OverflowError):
        return None


def _chain(sent: tuple[bytes, ...]) -> tuple[Sent, ...]:
    """The certificates up to the first that cannot be read."""
    found = []
    for read in map(_read, sent[:_LONGEST_CHAIN]):
        if read is None:
            break
        subject, issuer = (printable(name.common or name.organisation, 100) for name in (read.subject, read.issuer))
        found.append(Sent(subject, issuer, printable(read.key, 40), printable(read.signature, 60)))
    return tuple(found)


def _covers(sent: tuple[bytes, ...], host: str) -> bool:
    """Whether the first certificate is for ``host`` (RFC 9525 section 6.3: a wildcard stands for one label)."""
    read = _read(sent[0]) if sent else None
    if read is None:
        return False
    names = certificate_names({"subjectAltName": [("DNS", name) for name in read.names]})
    return host in names or "*." + host.partition(".")[2] in names
