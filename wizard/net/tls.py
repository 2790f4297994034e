"""TLS as a mail program should have it: the system's roots, TLS 1.2 at least, and an error that says what is wrong."""

from __future__ import annotations

import errno
import importlib
import importlib.util
import os
import ssl
import sys
import threading
import warnings

from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind

LEGACY_SERVER_CONNECT = 0x4
"""SSL_OP_LEGACY_SERVER_CONNECT, named in ssl since Python 3.12."""

# The X509_V_ERR_… of OpenSSL's x509_vfy.h; what is not here is a chain that leads to no root of ours.
_BY_VERIFY_CODE = {
    9: FailureKind.TLS_NOT_YET_VALID,
    10: FailureKind.TLS_EXPIRED,
    18: FailureKind.TLS_SELF_SIGNED,
    62: FailureKind.TLS_NAME_MISMATCH,
    64: FailureKind.TLS_NAME_MISMATCH,  # an IP address
    66: FailureKind.TLS_TOO_OLD,  # a key or a signature too weak to mean anything
    67: FailureKind.TLS_TOO_OLD,
    68: FailureKind.TLS_TOO_OLD,
}

# The verifiers of macOS and Windows (through truststore) have numbers of their own: their English is read instead.
_BY_WORDS = (
    ("name mismatch", FailureKind.TLS_NAME_MISMATCH),
    ("name does not match", FailureKind.TLS_NAME_MISMATCH),
    ("host name", FailureKind.TLS_NAME_MISMATCH),
    ("cn name", FailureKind.TLS_NAME_MISMATCH),
    ("not yet valid", FailureKind.TLS_NOT_YET_VALID),
    ("expired", FailureKind.TLS_EXPIRED),
    ("validity period", FailureKind.TLS_EXPIRED),
)

_BY_REASON = {
    "WRONG_VERSION_NUMBER": FailureKind.NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": FailureKind.NOT_TLS,
    "RECORD_LAYER_FAILURE": FailureKind.NOT_TLS,
    "HTTP_REQUEST": FailureKind.NOT_TLS,
    "UNKNOWN_PROTOCOL": FailureKind.NOT_TLS,
    "UNSUPPORTED_PROTOCOL": FailureKind.TLS_TOO_OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": FailureKind.TLS_TOO_OLD,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": FailureKind.TLS_TOO_OLD,
    "WRONG_SSL_VERSION": FailureKind.TLS_TOO_OLD,
    "VERSION_TOO_LOW": FailureKind.TLS_TOO_OLD,
    "DH_KEY_TOO_SMALL": FailureKind.TLS_TOO_OLD,
    "BAD_DH_VALUE": FailureKind.TLS_TOO_OLD,
}

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})

# There OpenSSL sees a part of the system's roots only.
_HAS_OWN_VERIFIER = sys.platform in ("darwin", "win32")

_lock = threading.Lock()
_warming: threading.Thread | None = None
_contexts: dict[tuple[object, bool], ssl.SSLContext] = {}


def client_context(*, check_hostname: bool = True) -> ssl.SSLContext:
    """What every connection uses: the system's roots, or those of ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``.

    Reading the roots takes some 20 ms, so it is done once for what these variables say; safe in any thread.
    ``check_hostname=False`` still verifies the chain: for reading which names a certificate is for, never for a login.
    """
    roots = _roots()
    with _lock:
        context = _contexts.get((roots, check_hostname))
        if context is None:
            for outdated in [key for key in _contexts if key[0] != roots]:
                del _contexts[outdated]
            context = _contexts[roots, check_hostname] = _new_context(check_hostname=check_hostname)
    return context


async def ready_context(*, check_hostname: bool = True) -> ssl.SSLContext:
    """:func:`client_context` without holding up the event loop while the roots are read."""
    context = _contexts.get((_roots(), check_hostname))
    if context is not None:
        return context
    import asyncio

    return await asyncio.to_thread(client_context, check_hostname=check_hostname)


def warm_up() -> None:
    """Begin to read the roots in a thread, unless that has been done: they are there when a connection is."""
    global _warming
    if (_roots(), True) in _contexts or (_warming is not None and _warming.is_alive()):
        return
    # No daemon, not even in one: ending while OpenSSL reads files would take the library from under it, and crash.
    _warming = threading.Thread(target=client_context, name="tls-roots", daemon=False)
    _warming.start()


def unverified_context(*, old: bool = False) -> ssl.SSLContext:
    """A context that verifies nothing, for connections in which nothing is said and nothing is believed.

    ``old``: TLS 1.0 and 1.1, ciphers, keys and signatures that are accepted nowhere else here are accepted too.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if old:
        context.options |= LEGACY_SERVER_CONNECT
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def tls_failure(error: Exception, host: str, port: int | None) -> Failure:
    """What an exception of ``ssl`` or of the socket below it means. ``detail`` is the library's own English."""
    if isinstance(error, ssl.SSLCertVerificationError):
        message = error.verify_message or error.reason or ""
        return Failure(_kind_of_certificate(error, message), host, port, printable(message))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Failure(FailureKind.CONNECTION_LOST, host, port)
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        kind = _BY_REASON.get(reason.upper().replace(" ", "_"), FailureKind.TLS_FAILED)
        return Failure(kind, host, port, printable(reason or str(error)))
    return Failure(_kind_of_socket(error), host, port, printable(getattr(error, "strerror", None) or str(error)))


def _roots() -> tuple[object, ...]:
    """What the roots depend on: another value, and they are read anew."""
    file, directory = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file:
        return file, directory
    try:
        state = os.stat(file)  # noqa: PTH116 # pathlib would be imported for this alone
    except OSError:
        return file, directory
    return file, directory, state.st_mtime_ns, state.st_size


def _new_context(*, check_hostname: bool) -> ssl.SSLContext:
    context = _system_verifier() or _as_by_default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = check_hostname
    return context


def _as_by_default() -> ssl.SSLContext:
    """``ssl.create_default_context`` without SSLKEYLOGFILE: that file lets its reader decrypt passwords."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    return context


def _system_verifier() -> ssl.SSLContext | None:
    """The verifier of macOS or Windows, where truststore is installed; None elsewhere."""
    if not _HAS_OWN_VERIFIER or os.environ.get("SSL_CERT_FILE") or importlib.util.find_spec("truststore") is None:
        return None
    verifier: ssl.SSLContext = importlib.import_module("truststore").SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return verifier


def _kind_of_certificate(error: ssl.SSLCertVerificationError, message: str) -> FailureKind:
    kind = _BY_VERIFY_CODE.get(error.verify_code)
    if kind is not None:
        return kind
    lower = message.lower()
    return next((kind for words, kind in _BY_WORDS if words in lower), FailureKind.TLS_UNTRUSTED)


def _kind_of_socket(error: Exception) -> FailureKind:
    if isinstance(error, TimeoutError):
        return FailureKind.TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return FailureKind.CONNECTION_REFUSED
    if isinstance(error, OSError):
        return FailureKind.UNREACHABLE if error.errno in _NO_WAY else FailureKind.CONNECTION_LOST
    return FailureKind.TLS_FAILED  # ValueError: a name that TLS cannot ask for


def library() -> str:
    """The TLS library with its version, as it calls itself."""
    return ssl.OPENSSL_VERSION
