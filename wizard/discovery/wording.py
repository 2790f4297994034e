"""What failed in the network, as a sentence for the user and as the outcome of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Outcome
from wizard.model.text import printable
from wizard.net.failures import NO_ADDRESS_KINDS, FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.address import Domain
    from wizard.model.discovery import FoundServer
    from wizard.net.failures import Failure

# {where} is the host, with the port where there is one.
_SENTENCES = {
    FailureKind.NO_SUCH_NAME: mark("The name {host} does not exist."),
    FailureKind.NO_ADDRESS: mark("The name {host} has no address."),
    FailureKind.DNS_FAILED: mark("The DNS gave no usable answer for {host}."),
    FailureKind.DNS_TIMEOUT: mark("The DNS did not answer for {host} in time."),
    FailureKind.ADDRESS_NOT_ALLOWED: mark(
        "{host} was not contacted: its address is not a public one; --allow-private permits it."
    ),
    FailureKind.PORT_NOT_ALLOWED: mark("{where} was not contacted: that port is not used for this."),
    FailureKind.CONNECTION_REFUSED: mark("{where} refused the connection."),
    FailureKind.UNREACHABLE: mark("There is no route to {where} from here."),
    FailureKind.TIMEOUT: mark("{where} did not answer in time."),
    FailureKind.CONNECTION_LOST: mark("{where} closed the connection."),
    FailureKind.TLS_NAME_MISMATCH: mark("The certificate of {where} is for another name: {names}."),
    FailureKind.TLS_SELF_SIGNED: mark("The certificate of {where} is self-signed."),
    FailureKind.TLS_UNTRUSTED: mark("The certificate of {where} comes from an authority that is not trusted here."),
    FailureKind.TLS_EXPIRED: mark("The certificate of {where} has expired."),
    FailureKind.TLS_NOT_YET_VALID: mark("The certificate of {where} is not valid yet."),
    FailureKind.TLS_TOO_OLD: mark("{where} supports only outdated, unsafe encryption."),
    FailureKind.NOT_TLS: mark("{where} does not speak TLS."),
    FailureKind.TLS_FAILED: mark("No encrypted connection to {where} could be established."),
    FailureKind.WRONG_PROTOCOL: mark("{where} uses a different protocol than expected."),
    FailureKind.SERVER_SAYS_NO: mark("{where} rejected the connection: {detail}"),
    FailureKind.STARTTLS_MISSING: mark("{where} does not offer to encrypt (STARTTLS)."),
    FailureKind.STARTTLS_REFUSED: mark("{where} offers to encrypt (STARTTLS), but then refuses to."),
    FailureKind.STARTTLS_INJECTION: mark(
        "{where} sent something before the encryption began: somebody on the way may have inserted it."
    ),
    FailureKind.ANSWER_TOO_LONG: mark("The answer of {where} does not end."),
    FailureKind.HTTP_STATUS: mark("{host} answers with the HTTP status {status}."),
    FailureKind.HTTP_MALFORMED: mark("{where} sent an answer that is not valid HTTP."),
    FailureKind.BODY_TOO_LARGE: mark("What {host} sends is too large."),
    FailureKind.REDIRECT_REFUSED: mark("{host} redirects to an unsafe address, which was not followed."),
    FailureKind.TOO_MANY_REDIRECTS: mark("{host} redirects too many times."),
}

ABSENT = (404, 410)
"""HTTP statuses that mean that there is nothing at the URL."""

# What we would not do, although it could have been done.
_REFUSED = frozenset(
    {
        FailureKind.ADDRESS_NOT_ALLOWED,
        FailureKind.PORT_NOT_ALLOWED,
        FailureKind.REDIRECT_REFUSED,
        FailureKind.TOO_MANY_REDIRECTS,
        FailureKind.STARTTLS_INJECTION,
    }
)
_MALFORMED = frozenset(
    {
        FailureKind.WRONG_PROTOCOL,
        FailureKind.ANSWER_TOO_LONG,
        FailureKind.HTTP_MALFORMED,
        FailureKind.BODY_TOO_LARGE,
    }
)


def explain(failure: Failure) -> str:
    """A finished sentence in the active language; it can be printed."""
    host = printable(failure.host, 260)
    where = host if failure.port is None else f"{host} {failure.port}"
    if failure.kind is FailureKind.TLS_NAME_MISMATCH and not failure.certificate_names:
        return _("The certificate of {where} is for another name.").format(where=where)
    if failure.kind is FailureKind.SERVER_SAYS_NO and not failure.detail:
        return _("{where} rejected the connection.").format(where=where)
    if refused_question(failure):
        return _("{host} refused the question (HTTP status {status}).").format(host=host, status=failure.status)
    return _(_SENTENCES[failure.kind]).format(
        host=host,
        port=failure.port,
        where=where,
        status=failure.status,
        detail=printable(failure.detail),
        names=printable(", ".join(failure.certificate_names)),
    )


def refused_question(failure: Failure) -> bool:
    """Whether a web server is there and did not like what it was asked (RFC 9110 section 15.5), which says nothing of
    what it would answer to others: not that there is nothing.
    """
    refused = 400 <= (failure.status or 0) < 500 and failure.status not in ABSENT
    return failure.kind is FailureKind.HTTP_STATUS and refused


def unexpected(error: Exception) -> str:
    """The sentence for an error of this program while it read an answer."""
    return _("unexpected: {error}").format(error=type(error).__name__)


def foreign_host(host: str, domain: Domain) -> str:
    """Why ``host`` was not asked about ``domain``, which is a public suffix."""
    return _("{host} was not asked: under {domain}, every name belongs to somebody else.").format(
        host=printable(host, 260), domain=domain.shown
    )


def unusual_ports(servers: Iterable[str]) -> str:
    """Why ``servers``, each as “HOST PORT”, were left out: no stranger may send a program to any port they like."""
    return _("Left out, because the port is not a mail port: {servers}.").format(
        servers=printable(", ".join(dict.fromkeys(servers)))
    )


def invalid_names(names: Iterable[str]) -> str:
    """Why the servers called ``names`` were left out."""
    return _("Left out, because these are not server names: {names}.").format(
        names=printable(", ".join(dict.fromkeys(names)))
    )


def endpoints(servers: Iterable[FoundServer]) -> str:
    """The hosts and ports of ``servers``, each once, the first six: what was found where nothing else is to be said."""
    places = dict.fromkeys(f"{found.server.hostname} {found.server.port}" for found in servers)
    return ", ".join(list(places)[:6])


def outcome_of(failure: Failure) -> Outcome:
    """What a source reports where ``failure`` is all it got.

    ``refused`` is our own refusal, of an address, a port, a redirect, an injection, or that of a web server, of the
    question. A certificate that does not hold is ``unreachable``: the answer did not come from the host that was asked.
    A name that does not exist or has no address is ``nothing``, and so is an HTTP status of a file that is not there;
    that of a server in trouble (5xx) is ``unreachable``.
    """
    if failure.kind in NO_ADDRESS_KINDS:
        return Outcome.NOTHING
    if failure.kind in _REFUSED or refused_question(failure):
        return Outcome.REFUSED
    if failure.kind in _MALFORMED:
        return Outcome.MALFORMED
    if failure.kind is FailureKind.HTTP_STATUS and (failure.status or 0) < 500:
        return Outcome.NOTHING
    return Outcome.UNREACHABLE
