"""Shared hosting: a host shows a valid certificate for another name of the same machine, and that name is offered.

``mail.example.org`` often is the same machine as ``server42.hoster.example``, and has a certificate for the latter
only. A mail program that is given the first name warns, and whoever sets it up learns to click the warning away; given
the second, it works. The name counts only when it leads to the machine that was meant and everything is right there.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.discovery.foreign import CODE as FOREIGN
from wizard.discovery.foreign import places
from wizard.language import translate as _
from wizard.model.address import AddressProblem, Hostname, Port, parse_hostname
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.notice import Notice
from wizard.model.servers import AuthenticationMethod, server
from wizard.net.domains import registrable, same_registrable
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.look import Look
    from wizard.model.address import Domain
    from wizard.net.mail import ServerInfo

TRIES = 3
"""Names of one certificate that are tried: some carry a hundred customers."""

WARNING = "certificate_name"


async def named_by_certificate(look: Look, endpoint: Endpoint, failure: Failure) -> FoundServer | None:
    """The server at ``endpoint`` under a name that its certificate has; None where there is none that holds.

    ``failure`` is what looking at ``endpoint`` gave. A name holds when it resolves to an address that the host of
    ``endpoint`` has too, and a look at it with its own name passes. What is found is a guess, verified, and its
    evidence names the probe as source. :func:`notices_for` says what a person is to be told and asked.
    """
    if failure.kind is not FailureKind.TLS_NAME_MISMATCH or not failure.certificate_names:
        return None
    names = candidates(failure.certificate_names, endpoint.host, await _hosts_of_mail(look))
    own = await _addresses(look, endpoint.host)
    if not names or not own:
        return None
    seen = await asyncio.gather(*(_holds(look, endpoint, name, own) for name in names))
    first = next((one for one in seen if one is not None), None)
    return None if first is None else found_by_guess(look, first)


def candidates(names: Iterable[str], asked: str, hosts_of_mail: Iterable[str]) -> tuple[Hostname, ...]:
    """The names of a certificate that are worth a look, the likeliest first, at most :data:`TRIES`.

    A wildcard names no host. Names in a domain that takes the mail (``hosts_of_mail``) come first: the others may
    belong to other customers.
    """
    valid = dict.fromkeys(name for text in names if (name := _name(text)) is not None and name != asked)
    owners = {registrable(host) for host in hosts_of_mail} - {None}
    return tuple(sorted(valid, key=lambda name: registrable(name) not in owners))[:TRIES]


def found_by_guess(look: Look, seen: ServerInfo) -> FoundServer:
    """The finding that a look at a guessed server makes. The user name is the whole address, which is the usual one."""
    endpoint = seen.endpoint
    return FoundServer(
        server(
            endpoint.protocol,
            hostname=Hostname(endpoint.host),
            port=Port(endpoint.port),
            socket_type=endpoint.socket_type,
            username=str(look.address),
            authentication=seen.authentication or (AuthenticationMethod.PASSWORD_CLEARTEXT,),
        ),
        Evidence(Source.PROBE, Trust.GUESSED),
        verified=True,
    )


def notices_for(asked: str, found: FoundServer, domain: Domain) -> tuple[Notice, tuple[Notice, ...]]:
    """What to say about ``found`` in place of the host ``asked``: a warning, and what to ask, if it is foreign."""
    name = found.server.hostname
    because = _("{asked} shows a certificate for {name}; both are the same machine.").format(asked=asked, name=name)
    warning = Notice(
        WARNING,
        f"{because} " + _("Enter {name} in your mail program, then it can check who it talks to.").format(name=name),
    )
    if same_registrable(name, domain.ascii):
        return warning, ()
    question = _("Is your mail for {domain} kept at {places}?").format(domain=domain.shown, places=places([name]))
    return warning, (Notice(FOREIGN, f"{because} {question}"),)


async def _holds(look: Look, endpoint: Endpoint, name: Hostname, own: frozenset[str]) -> ServerInfo | None:
    if own.isdisjoint(await _addresses(look, name)):
        return None
    seen = await look.visits.to(Endpoint(endpoint.protocol, name, endpoint.port, endpoint.socket_type))
    return None if isinstance(seen, Failure) else seen


async def _addresses(look: Look, host: str) -> frozenset[str]:
    answer = await look.network.resolver.addresses(host)
    return frozenset() if isinstance(answer, Failure) else frozenset(answer.records)


async def _hosts_of_mail(look: Look) -> tuple[str, ...]:
    answer = await look.network.resolver.mx(look.address.domain.ascii)
    return () if isinstance(answer, Failure) else tuple(one.host for one in answer.records)


def _name(text: str) -> Hostname | None:
    try:
        return parse_hostname(text)  # no wildcard is a host name
    except AddressProblem:
        return None
