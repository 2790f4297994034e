"""Under which names a server could be meant whose certificate is for other names than the one that was entered.

A wildcard (``*.hoster.example``) says whose machine it is, and not which: the machine itself says that where it greets,
its owner in the reverse zone of the DNS. Such a name counts only where it fits and leads to the same address.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.address import AddressProblem, parse_hostname
from wizard.model.servers import SocketType
from wizard.net.domains import registrable
from wizard.net.failures import Failure
from wizard.net.unverified import identify_service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.diagnosis.evidence import Home
    from wizard.model.address import Domain
    from wizard.model.diagnosis import Certificate, Observation, Target
    from wizard.net.connect import Network
    from wizard.net.dns import Answer

NAMES_PATIENCE = 1.5
"""Seconds for the names of a machine: without them a server is told to be the one from before, which is worse."""

MAX_NAMES = 8
"""Names that are tried."""

_MAX_NAMES_READ = 40
_SUBMISSION, _RELAY = 587, 25
_REPLY_CODE = re.compile(r"^[0-9]{3}[ -]")
_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")


async def names_to_try(
    network: Network, certificate: Certificate, observation: Observation, domain: Domain
) -> list[str]:
    """The names of ``certificate``, and of its wildcards those that lead to the machine that was connected to."""
    named = [name for name in certificate.names if not name.startswith("*.")]
    wildcards = [name for name in certificate.names if name.startswith("*.")]
    own_names = await _names_of_machine(network, observation, domain) if wildcards else []
    usual = [f"{label}{name[1:]}" for name in wildcards for label in _usual_labels(observation.target)]
    candidates = dict.fromkeys((*own_names, *usual))
    fitting = [name for name in candidates if any(fits(name, wildcard) for wildcard in wildcards)]
    same = await asyncio.gather(*(_leads_there(network, name, observation) for name in fitting))
    machine = [name for name, leads in zip(fitting, same, strict=True) if leads]
    found = dict.fromkeys((*named, *machine))
    found.pop(observation.target.host, None)
    return list(found)[:MAX_NAMES]


async def at_home(network: Network, home: Home, observations: Iterable[Observation]) -> Home:
    """``home`` with the machines that an alias or a name in the reverse zone says are its own, too."""
    own = [observation for observation in observations if await _belongs(network, home, observation)]
    return replace(home, addresses=home.addresses.union(*(observation.addresses for observation in own)))


async def _belongs(network: Network, home: Home, observation: Observation) -> bool:
    host = observation.target.host
    try:
        async with asyncio.timeout(NAMES_PATIENCE):
            names = [network.resolver.names(address) for address in observation.addresses[:2]]
            _addresses, *reverse = await asyncio.gather(network.resolver.addresses(host), *names)
    except TimeoutError:
        reverse = []
    found = {*_records(reverse), *network.resolver.known_machine(host).aliases}
    return any((registrable(name) or name) in home.names for name in found)


def fits(name: str, wildcard: str) -> bool:
    """Whether a certificate for ``wildcard`` is one for ``name``: the star is one label (RFC 9525 section 6.3)."""
    return name.partition(".")[2] == wildcard.removeprefix("*.")


def host_names_in(words: str) -> list[str]:
    """The host names in the words of a server, in lower case."""
    found: list[str] = []
    for match in _NAME.findall(_REPLY_CODE.sub("", words))[:_MAX_NAMES_READ]:
        try:
            found.append(parse_hostname(match))
        except AddressProblem:
            continue
    return found


def _usual_labels(target: Target) -> tuple[str, ...]:
    return (target.host.partition(".")[0], "mail", target.protocol.value)


async def _names_of_machine(network: Network, observation: Observation, domain: Domain) -> list[str]:
    """What the machine calls itself, what its owner calls it, and who takes the mail of the domain."""
    target = observation.target
    encrypted = target.socket_type is SocketType.SSL
    mx = network.resolver.mx(domain.ascii)
    names = [network.resolver.names(address) for address in observation.addresses[:2]]
    greetings = [
        identify_service(network, target.host, target.port, within_tls=encrypted),
        *(identify_service(network, target.host, port) for port in (_SUBMISSION, _RELAY) if port != target.port),
    ]
    services, reverse, mail = await asyncio.gather(asyncio.gather(*greetings), asyncio.gather(*names), mx)
    greeted = [name for service in services if service is not None for name in host_names_in(service[1])]
    return [*greeted, *_records(reverse), *(() if isinstance(mail, Failure) else (mx.host for mx in mail.records))]


def _records(answers: Iterable[Answer[str] | Failure]) -> list[str]:
    return [name for answer in answers if not isinstance(answer, Failure) for name in answer.records]


async def _leads_there(network: Network, name: str, observation: Observation) -> bool:
    answer = await network.resolver.addresses(name)
    return not isinstance(answer, Failure) and bool(set(answer.records) & set(observation.addresses))
