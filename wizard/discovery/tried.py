"""Guesses that were there but failed: never offered, and the reason why nothing is.

A server that shows a certificate was meant by somebody, however little the certificate holds. One that fails otherwise
counts where it is at home: at a usual name that somebody gave, or at the domain itself. Silence alone counts at a
usual name only, for firewalls swallow what is sent to the ports of any host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.wording import explain
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.servers import AuthenticationMethod, server
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.sources.probe import Guess
    from wizard.model.address import EmailAddress
    from wizard.net.failures import Failure

_USUAL_LABELS = ("imap", "pop", "pop3", "mail", "smtp")

_CERTIFICATE = (
    FailureKind.TLS_EXPIRED,
    FailureKind.TLS_NOT_YET_VALID,
    FailureKind.TLS_SELF_SIGNED,
    FailureKind.TLS_UNTRUSTED,
    FailureKind.TLS_NAME_MISMATCH,
)
_CONVERSATION = (
    FailureKind.TLS_TOO_OLD,
    FailureKind.TLS_FAILED,
    FailureKind.NOT_TLS,
    FailureKind.WRONG_PROTOCOL,
    FailureKind.SERVER_SAYS_NO,
    FailureKind.STARTTLS_MISSING,
    FailureKind.STARTTLS_REFUSED,
    FailureKind.STARTTLS_INJECTION,
    FailureKind.ANSWER_TOO_LONG,
)
_SILENCE = (FailureKind.CONNECTION_LOST, FailureKind.TIMEOUT)


def tried_in_vain(
    failed: Iterable[tuple[Guess, Failure]], address: EmailAddress, *, wildcard: bool
) -> tuple[FoundServer, ...]:
    """The servers behind the guesses that ``failed``, likeliest first; none for names and ports where nothing is.

    ``wildcard``: every name of the domain has an address, so that a name says nothing.
    """
    met = [(guess, failure) for guess, failure in failed if _is_there(guess, failure, address, wildcard=wildcard)]
    met.sort(key=lambda pair: (pair[1].kind not in _CERTIFICATE, pair[1].kind in _SILENCE, pair[0].rank))
    return tuple(_found(guess, failure, address) for guess, failure in met)


def _is_there(guess: Guess, failure: Failure, address: EmailAddress, *, wildcard: bool) -> bool:
    domain = address.domain.ascii
    named = not wildcard and guess.host in {f"{label}.{domain}" for label in _USUAL_LABELS}
    if failure.kind in _SILENCE:
        return named
    return failure.kind in _CERTIFICATE or (failure.kind in _CONVERSATION and (named or guess.host == domain))


def _found(guess: Guess, failure: Failure, address: EmailAddress) -> FoundServer:
    return FoundServer(
        server(
            guess.protocol,
            hostname=guess.host,
            port=guess.port,
            socket_type=guess.socket_type,
            username=str(address),
            authentication=(AuthenticationMethod.PASSWORD_CLEARTEXT,),
        ),
        Evidence(Source.PROBE, Trust.GUESSED),
        verified=False,
        trouble=explain(failure),
    )
