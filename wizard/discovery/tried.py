"""Servers that are never offered, and the reason why nothing is: guesses that were there but failed, and published
servers on ports that no program is sent to.

A server that shows a certificate was set up on purpose, even if the certificate is not valid, and one that speaks is
there. Silence counts at a usual name of the domain only, for firewalls swallow what is sent to the ports of any host.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.guesses import Lead
from wizard.discovery.wording import explain, unusual_ports
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.servers import AuthenticationMethod, server
from wizard.net.failures import CERTIFICATE_KINDS, FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.guesses import Guess
    from wizard.model.address import EmailAddress
    from wizard.net.failures import Failure

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


def left_out(servers: Iterable[FoundServer]) -> tuple[FoundServer, ...]:
    """Published servers that are not connected to, because their ports are none of mail."""
    return tuple(replace(found, verified=False, trouble=unusual_ports([endpoint(found)])) for found in servers)


def endpoint(found: FoundServer) -> str:
    """``HOST PORT``"""
    return f"{found.server.hostname} {found.server.port}"


def is_there(guess: Guess, failure: Failure) -> bool:
    """Whether a server was met, and not an empty port; the name of ``guess`` may still be there as every name is."""
    silent = failure.kind in _SILENCE and guess.lead is Lead.OWN and bool(guess.zone)
    return silent or failure.kind in CERTIFICATE_KINDS or failure.kind in _CONVERSATION


def tried_in_vain(failed: Iterable[tuple[Guess, Failure]], address: EmailAddress) -> tuple[FoundServer, ...]:
    """The servers of guesses that are there and ``failed``, likeliest first."""
    by_likelihood = sorted(
        failed, key=lambda pair: (pair[1].kind not in CERTIFICATE_KINDS, pair[1].kind in _SILENCE, pair[0].rank)
    )
    return tuple(_found(guess, failure, address) for guess, failure in by_likelihood)


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
