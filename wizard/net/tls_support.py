"""What a server takes from programs of every age: versions of TLS, keys, cipher suites, and the chain that it shows.

Many short connections, each a handshake with one thing chosen and nothing after it; only finding the ways to log in
reads a greeting and capabilities. All of them go to one address of the host, so that they tell of one server.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.servers import SocketType
from wizard.model.text import printable
from wizard.net.certificates import try_certificate
from wizard.net.connect import Connection, connect, dial
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import ServerInfo, check_server, secure
from wizard.net.tls import LEGACY_SERVER_CONNECT

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from wizard.model.servers import AuthenticationMethod
    from wizard.net.connect import Network
    from wizard.net.mail import Endpoint

MAX_CONNECTIONS = 14
"""Connections to one server."""

MAX_PARALLEL = 4
"""Of these, side by side."""

TIMEOUT = 12.0
"""For all together; what has not been found out by then stays unknown."""

_CHECK_CONNECTIONS = 2  # connections that looking for ways to log in can take
_MAX_CHAIN = 10
_OLDER = ("1.2", "1.1", "1.0")
_CURVE = ("P-256", "prime256v1")

HANDSHAKE_TIMEOUT = 5.0
"""For one handshake, connecting included."""

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}

CIPHERS = {
    "rsa": "aRSA:!PSK:!SRP:!eNULL",
    "ecdsa": "aECDSA:!eNULL",
    "gcm": "ECDHE+aRSA+AESGCM",
    "gcm_ecdsa": "ECDHE+aECDSA+AESGCM",
    "gcm_dhe": "DHE+aRSA+AESGCM:kRSA+AESGCM",
    "cbc": "AES:!AESGCM:!AESCCM:!ADH:!AECDH:!PSK:!SRP",
    "3des": "3DES:!ADH:!AECDH:!PSK:!SRP",
    "rc4": "RC4:!ADH:!AECDH:!PSK:!SRP",
}
"""Kinds of keys and families of cipher suites up to TLS 1.2, as OpenSSL names them."""

_ANY = "ALL:!ADH:!AECDH:!eNULL:!PSK:!SRP"
# What OpenSSL says before it has sent anything: that tells of this computer, not of the server.
_OURS = frozenset({"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "UNSUPPORTED_SSL_VERSION"})
_IN_THE_HANDSHAKE = frozenset(
    {FailureKind.TLS_FAILED, FailureKind.TLS_TOO_OLD, FailureKind.CONNECTION_LOST, FailureKind.NOT_TLS}
)


@dataclass(frozen=True, slots=True)
class Support:
    """Which of some handshake_context a server takes and which not; what is in neither could not be found out."""

    accepted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChainCertificate:
    """One certificate of a chain, printable. ``subject``, ``issuer``: their common names, else organisations.

    ``key`` and ``signature`` as :class:`wizard.net.certificates.CertificateFields` has them: ``RSA 2048``, ``ECDSA
    with SHA-256``.
    """

    subject: str
    issuer: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSupport:
    """What a server takes. ``versions``: ``1.0`` to ``1.3``; ``keys``: ``rsa``, ``ecdsa``; ``ciphers``: families of
    :data:`CIPHERS` up to TLS 1.2; ``curves``: ``P-256`` alone is tried.

    ``chains``: each chain that was shown, as sent, the server's own certificate first. ``needs_name``: without the
    server's name in the handshake (SNI) there is none, or a certificate for another host. ``methods``: ways to log in
    as announced; None where that could not be seen.
    """

    endpoint: Endpoint
    versions: Support = Support()
    keys: Support = Support()
    ciphers: Support = Support()
    curves: Support = Support()
    chains: tuple[tuple[ChainCertificate, ...], ...] = ()
    needs_name: bool | None = None
    methods: tuple[AuthenticationMethod, ...] | None = None


async def find_tls_support(
    network: Network, endpoint: Endpoint, *, methods: tuple[AuthenticationMethod, ...] | None = None
) -> TlsSupport | Failure:
    """What ``endpoint`` takes; at most MAX_CONNECTIONS connections, MAX_PARALLEL side by side, TIMEOUT in all.

    ``methods``: the ways to log in, where they are known: then they are not looked for. A Failure where no connection
    or no handshake at all comes about. A server that goes away in the middle of a handshake counts as refusing it:
    many say no like that.
    """
    if endpoint.socket_type is SocketType.PLAIN:
        return Failure(FailureKind.NOT_TLS, endpoint.host, endpoint.port)
    survey = _Survey(network, endpoint, methods)
    try:
        async with asyncio.timeout(TIMEOUT):
            failure = await survey.run()
            if failure is not None:
                return failure
    except TimeoutError:
        pass
    return survey.answer()


class _Survey:
    """All handshakes with one server, and their results so far."""

    def __init__(self, network: Network, endpoint: Endpoint, methods: tuple[AuthenticationMethod, ...] | None) -> None:
        self._network, self._endpoint, self._methods = network, endpoint, methods
        self._address = ""
        self._left = MAX_CONNECTIONS
        self._slots = asyncio.Semaphore(MAX_PARALLEL)
        self._results: dict[tuple[str, str], Handshake | HandshakeRefused] = {}

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
        context = handshake_context("1.2")
        assert context is not None
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT):
                result = await handshake_over(connection, self._endpoint, context)
        except TimeoutError:
            return Failure(FailureKind.TIMEOUT, self._endpoint.host, self._endpoint.port)
        if result is not None:
            self._results["version", "1.2"] = result
            return None
        info = await self._check()  # that comes as far, and says why
        return info if isinstance(info, Failure) else None

    async def _versions(self) -> None:
        questions: list[Coroutine[Any, Any, object]] = [
            self._ask("version", version, version) for version in VERSIONS if version != "1.2"
        ]
        if self._methods is None and self._left == MAX_CONNECTIONS - 1:  # not checked yet
            questions.append(self._check())
        await asyncio.gather(*questions)

    async def _families(self, version: str) -> None:
        """Each family of cipher suites that the server can have, with the keys that it has."""
        wanted = ["cbc"]
        if version == "1.2":
            refused = {
                name
                for (what, name), result in self._results.items()
                if what == "key" and isinstance(result, HandshakeRefused)
            }
            wanted += ["gcm"] if "rsa" not in refused else []
            wanted += ["gcm_ecdsa"] if "ecdsa" not in refused else []
        await asyncio.gather(*(self._ask("cipher", kind, version, kind=kind) for kind in (*wanted, "3des")))
        if version == "1.2" and "cbc" not in self._accepted("cipher"):
            await self._ask("cipher", "gcm_dhe", version, kind="gcm_dhe")
        await self._ask("cipher", "rc4", version, kind="rc4")

    async def _ask(self, what: str, name: str, version: str, **chosen: Any) -> None:
        context = handshake_context(version, **chosen)
        if context is None or self._left < 1:
            return
        self._left -= 1
        async with self._slots:
            result = await handshake(self._network, self._endpoint, self._address, context)
        if result is not None:
            self._results[what, name] = result

    async def _check(self) -> ServerInfo | Failure:
        self._left -= _CHECK_CONNECTIONS
        async with self._slots:
            info = await check_server(self._network, self._endpoint)
        if isinstance(info, ServerInfo) and self._methods is None:
            self._methods = info.authentication
        return info

    def _accepted(self, what: str) -> frozenset[str]:
        return self._support(what).accepted

    def _support(self, what: str) -> Support:
        found = {
            name: isinstance(result, Handshake) for (asked, name), result in self._results.items() if asked == what
        }
        return Support(
            frozenset(name for name, good in found.items() if good),
            frozenset(name for name, good in found.items() if not good),
        )

    def _why_none(self) -> Failure:
        refused = [result.failure for result in self._results.values() if isinstance(result, HandshakeRefused)]
        return refused[0] if refused else Failure(FailureKind.TLS_FAILED, self._endpoint.host, self._endpoint.port)

    def answer(self) -> TlsSupport:
        """What is known so far."""
        handshakes = [
            result
            for (what, _name), result in self._results.items()
            if isinstance(result, Handshake) and what != "name"
        ]
        return TlsSupport(
            endpoint=self._endpoint,
            versions=self._support("version"),
            keys=self._support("key"),
            ciphers=self._support("cipher"),
            curves=self._support("curve"),
            chains=tuple(chain for chain in dict.fromkeys(_chain(handshake.sent) for handshake in handshakes) if chain),
            needs_name=self._needs_name(handshakes),
            methods=self._methods,
        )

    def _needs_name(self, handshakes: list[Handshake]) -> bool | None:
        nameless = self._results.get(("name", "none"))
        if nameless is None or not any(_covers(handshake.sent, self._endpoint.host) for handshake in handshakes):
            return None
        return isinstance(nameless, HandshakeRefused) or not _covers(nameless.sent, self._endpoint.host)


def _chain(sent: tuple[bytes, ...]) -> tuple[ChainCertificate, ...]:
    """The certificates up to the first that cannot be read."""
    found = []
    for fields in map(try_certificate, sent[:_MAX_CHAIN]):
        if fields is None:
            break
        subject, issuer = (printable(name.short, 100) for name in (fields.subject, fields.issuer))
        found.append(ChainCertificate(subject, issuer, printable(fields.key, 40), printable(fields.signature, 60)))
    return tuple(found)


def _covers(sent: tuple[bytes, ...], host: str) -> bool:
    """Whether the first certificate is for ``host`` (RFC 9525 section 6.3: a wildcard stands for one label)."""
    fields = try_certificate(sent[0]) if sent else None
    names = () if fields is None else fields.host_names
    return host in names or "*." + host.partition(".")[2] in names


class _Nameless(ssl.SSLContext):
    """A context that says to no server which name is wanted (no SNI, RFC 6066 section 3)."""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001 - the signature of ssl
        server_hostname: str | bytes | None = None,  # noqa: ARG002 - left out: that is the point
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, None, session)


@dataclass(frozen=True, slots=True)
class Handshake:
    """A handshake that succeeded; ``sent``: the certificates as DER, the server's own first."""

    sent: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class HandshakeRefused:
    """The server would not do this handshake: it says so, or it goes away."""

    failure: Failure


def handshake_context(
    version: str, *, kind: str | None = None, curve: str | None = None, named: bool = True
) -> ssl.SSLContext | None:
    """A context for one version of TLS alone, ``kind`` of CIPHERS, one ``curve`` as OpenSSL names it.

    It verifies nothing and takes the weakest keys. None where this computer's OpenSSL cannot do that.
    """
    context = (ssl.SSLContext if named else _Nameless)(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= LEGACY_SERVER_CONNECT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = VERSIONS[version]
        context.set_ciphers((CIPHERS[kind] if kind else _ANY) + ":@SECLEVEL=0")
        if curve is not None:
            context.set_ecdh_curve(curve)
    except (ValueError, ssl.SSLError):
        return None
    return context


async def handshake(
    network: Network, endpoint: Endpoint, address: str, context: ssl.SSLContext
) -> Handshake | HandshakeRefused | None:
    """Shake hands with ``address``, go away. None: it did not come to that (no connection, no STARTTLS, no time)."""
    try:
        async with asyncio.timeout(HANDSHAKE_TIMEOUT):
            connection = await dial(network, endpoint.host, endpoint.port, [address])
            if isinstance(connection, Failure):
                return None
            return await handshake_over(connection, endpoint, context)
    except TimeoutError:
        return None


async def handshake_over(
    connection: Connection, endpoint: Endpoint, context: ssl.SSLContext
) -> Handshake | HandshakeRefused | None:
    """The same over a connection that is there; the time is the caller's to bound."""
    with Conversation(connection) as conversation:
        try:
            await secure(conversation, endpoint, context)
        except TimeoutError:
            raise
        except (Ended, OSError, ValueError) as error:
            failure = conversation.failure(error)
            begun = bool(conversation.rungs) and conversation.rungs[-1][0] == "tls"
            refused = begun and failure.kind in _IN_THE_HANDSHAKE and failure.detail not in _OURS
            return HandshakeRefused(failure) if refused else None
        return Handshake(conversation.certificates(verified=False))
