"""What went wrong on the network, as a value: nothing in this room raises because of a server, a resolver or a wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """The step that failed. A refusal of ours (policy, downgrade) is a kind of its own, never an exception."""

    # DNS
    NO_SUCH_NAME = "no_such_name"
    NO_ADDRESS = "no_address"
    DNS_FAILED = "dns_failed"
    DNS_TIMEOUT = "dns_timeout"
    # connecting
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    PORT_NOT_ALLOWED = "port_not_allowed"
    CONNECTION_REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    # TLS
    TLS_NAME_MISMATCH = "tls_name_mismatch"
    TLS_SELF_SIGNED = "tls_self_signed"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_EXPIRED = "tls_expired"
    TLS_NOT_YET_VALID = "tls_not_yet_valid"
    TLS_TOO_OLD = "tls_too_old"
    NOT_TLS = "not_tls"
    TLS_FAILED = "tls_failed"
    # the mail protocols
    WRONG_PROTOCOL = "wrong_protocol"
    SERVER_SAYS_NO = "server_says_no"
    STARTTLS_MISSING = "starttls_missing"
    STARTTLS_REFUSED = "starttls_refused"
    STARTTLS_INJECTION = "starttls_injection"
    ANSWER_TOO_LONG = "answer_too_long"
    # HTTP
    HTTP_STATUS = "http_status"
    HTTP_MALFORMED = "http_malformed"
    BODY_TOO_LARGE = "body_too_large"
    REDIRECT_REFUSED = "redirect_refused"
    TOO_MANY_REDIRECTS = "too_many_redirects"


CERTIFICATE_KINDS = frozenset(
    {
        FailureKind.TLS_NAME_MISMATCH,
        FailureKind.TLS_SELF_SIGNED,
        FailureKind.TLS_UNTRUSTED,
        FailureKind.TLS_EXPIRED,
        FailureKind.TLS_NOT_YET_VALID,
    }
)
"""Failures of a server that speaks TLS, and shows an invalid certificate."""

NO_ADDRESS_KINDS = frozenset({FailureKind.NO_SUCH_NAME, FailureKind.NO_ADDRESS})
UNKNOWN_ISSUER_KINDS = frozenset({FailureKind.TLS_SELF_SIGNED, FailureKind.TLS_UNTRUSTED})


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed step. ``host`` and ``port`` say where; ``detail`` is the evidence, already printable, in English or raw.

    ``status``: the HTTP status for HTTP_STATUS; for DNS_FAILED the response code with which every server refused.
    ``certificate_names``: the host names of the certificate shown, as A-labels (a wildcard begins with ``*.``), for
    TLS_NAME_MISMATCH; the chain of that certificate is valid.
    """

    kind: FailureKind
    host: str
    port: int | None = None
    detail: str = ""
    status: int | None = None
    certificate_names: tuple[str, ...] = ()
