"""Looking at the certificate that a server shows, without trusting it: nothing is sent within such a connection."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.diagnosis import Certificate
from wizard.model.text import printable
from wizard.net import der, dialogues
from wizard.net.connect import connect
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import certificate_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.net.mail import Endpoint
    from wizard.net.network import Network

SECONDS = 5.0
"""For one look, connecting included."""

_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT, named in ssl since Python 3.12


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server showed to somebody who believes everything; ``tls_version``: ``TLSv1.3`` … as agreed."""

    certificate: Certificate
    tls_version: str | None


async def look_without_trust(network: Network, endpoint: Endpoint, *, old: bool = False) -> Shown | Failure:
    """What ``endpoint`` shows in a handshake; the connection ends with it. ``protocol`` matters for STARTTLS only.

    ``old``: TLS 1.0 and 1.1, ciphers, keys and signatures that are accepted nowhere else here are accepted too.
    """
    try:
        async with asyncio.timeout(SECONDS):
            connection = await connect(network, endpoint.host, endpoint.port)
            if isinstance(connection, Failure):
                return connection
            with Conversation(connection) as talk:
                return await _shown(talk, endpoint, believing_context(old=old))
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, endpoint.host, endpoint.port)


async def _shown(talk: Conversation, endpoint: Endpoint, context: ssl.SSLContext) -> Shown | Failure:
    try:
        await dialogues.secure(talk, endpoint, context)
    except TimeoutError:
        raise
    except (Ended, OSError, ValueError) as error:
        return talk.failure(error)
    return Shown(certificate_of(talk.certificates(verified=False)), talk.tls_version)


def believing_context(*, old: bool = False, kind: type[ssl.SSLContext] = ssl.SSLContext) -> ssl.SSLContext:
    """A context that verifies nothing. Never for a conversation: see :func:`look_without_trust`."""
    context = kind(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if old:
        context.options |= _LEGACY_SERVER_CONNECT
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def certificate_of(sent: Sequence[bytes], verified: Sequence[bytes] = ()) -> Certificate:
    """The first certificate of ``sent`` (DER), and what the others say of it; ``verified``: the chain up to a root.

    One that cannot be read is an empty one.
    """
    read = _read(sent[0]) if sent else None
    if read is None:
        return Certificate(chain=len(sent))
    root = _read(verified[-1]) if verified else None
    return Certificate(
        names=certificate_names({"subjectAltName": [("DNS", name) for name in read.names]}),
        subject=printable(read.subject.common or read.subject.organisation),
        issuer=_issuer(read.issuer),
        not_before=read.not_before,
        not_after=read.not_after,
        self_signed=read.issuer.whole == read.subject.whole,
        key=printable(read.key),
        signature=printable(read.signature),
        chain=len(sent),
        root="" if root is None else printable(root.subject.common or root.subject.organisation),
    )


def _read(certificate: bytes) -> der.Read | None:
    try:
        return der.read_certificate(certificate)
    except (ValueError, OverflowError):
        return None


def _issuer(name: der.Name) -> str:
    return printable(", ".join(dict.fromkeys(part for part in (name.organisation, name.common) if part)))
