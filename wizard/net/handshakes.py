"""One TLS handshake with chosen means, and nothing after it: what does a server take, and what does it show then?"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.net import dialogues
from wizard.net.connect import Connection, dial
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind

if TYPE_CHECKING:
    from wizard.net.mail import Endpoint
    from wizard.net.network import Network

SECONDS = 5.0
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

_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT, named in ssl since Python 3.12
_ANY = "ALL:!ADH:!AECDH:!eNULL:!PSK:!SRP"
# What OpenSSL says before it has sent anything: that tells of this computer, not of the server.
_OURS = frozenset({"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "UNSUPPORTED_SSL_VERSION"})
_IN_THE_HANDSHAKE = frozenset(
    {FailureKind.TLS_FAILED, FailureKind.TLS_TOO_OLD, FailureKind.CONNECTION_LOST, FailureKind.NOT_TLS}
)


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
class Shook:
    """A handshake that came about; ``sent``: the certificates as DER, the server's own first."""

    sent: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The server would not shake hands like that: it says so, or it goes away."""

    failure: Failure


def means(
    version: str, *, kind: str | None = None, curve: str | None = None, named: bool = True
) -> ssl.SSLContext | None:
    """A context for one version of TLS alone, ``kind`` of CIPHERS, one ``curve`` as OpenSSL names it.

    It verifies nothing and takes the weakest keys. None where this computer's OpenSSL cannot do that.
    """
    context = (ssl.SSLContext if named else _Nameless)(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= _LEGACY_SERVER_CONNECT
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


async def shake(network: Network, endpoint: Endpoint, address: str, context: ssl.SSLContext) -> Shook | Refused | None:
    """Shake hands with ``address``, go away. None: it did not come to that (no connection, no STARTTLS, no time)."""
    try:
        async with asyncio.timeout(SECONDS):
            connection = await dial(network, endpoint.host, endpoint.port, [address])
            if isinstance(connection, Failure):
                return None
            return await shake_over(connection, endpoint, context)
    except TimeoutError:
        return None


async def shake_over(connection: Connection, endpoint: Endpoint, context: ssl.SSLContext) -> Shook | Refused | None:
    """The same over a connection that is there; the time is the caller's to bound."""
    with Conversation(connection) as talk:
        try:
            await dialogues.secure(talk, endpoint, context)
        except TimeoutError:
            raise
        except (Ended, OSError, ValueError) as error:
            failure = talk.failure(error)
            begun = bool(talk.rungs) and talk.rungs[-1][0] == "tls"
            said_no = begun and failure.kind in _IN_THE_HANDSHAKE and failure.detail not in _OURS
            return Refused(failure) if said_no else None
        return Shook(talk.certificates(verified=False))
