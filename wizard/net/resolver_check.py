"""Whether the name servers of this network give right answers, judged by names of which the right answer is known.

Guest and company networks may deny every name, or refuse every question. A captive portal gives one address for all of
them until the user has signed in (RFC 8952 section 2). What such a network says of a domain says nothing about it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from secrets import token_hex
from typing import TYPE_CHECKING

import dns.rcode

from wizard.net.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.net.connect import Network
    from wizard.net.dns import Answer

SURE_NAMES = ("gmail.com", "outlook.com", "yahoo.com")
"""Domains that surely exist, and that no list of advertisers denies; asking for them reveals nothing."""


class ResolverFault(StrEnum):
    """What a network does to names: it says that none exists, answers no question, or gives one address for all."""

    DENIES = "denies"
    REFUSES = "refuses"
    INVENTS = "invents"


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What the DNS said of a name. ``exists`` None: no answer; ``reason``: the response code of a server that refused.

    ``addresses``: those that a server can have; a name with none but 0.0.0.0 and its like counts as denied.
    ``takes_mail``: it has MX records.
    """

    name: str
    exists: bool | None
    addresses: tuple[str, ...] = ()
    reason: str = ""
    takes_mail: bool = False


@dataclass(frozen=True, slots=True)
class ResolverView:
    """What the DNS said of the ``domain`` of an address, of ``known`` names, which exist, and of one that cannot.

    ``invented``: the addresses of a name below ``invalid``, which never has any (RFC 6761 section 6.4).
    """

    domain: NameAnswer
    known: tuple[NameAnswer, ...] = ()
    invented: tuple[str, ...] = ()

    @property
    def fault(self) -> ResolverFault | None:
        """What the network does to names; None where its answers may be right."""
        answered = [answer for answer in self.known if answer.exists is not None]
        if not answered:
            refused = all(answer.reason for answer in (self.domain, *self.known))
            return ResolverFault.REFUSES if refused and self.known else None
        everything = (self.domain, *answered)
        if self.invented and all(set(self.invented) & set(answer.addresses) for answer in everything):
            return ResolverFault.INVENTS
        denied = all(answer.exists is False for answer in everything)
        empty = all(answer.exists and not (answer.addresses or answer.takes_mail) for answer in everything)
        return ResolverFault.DENIES if denied or empty else None

    @property
    def sign(self) -> str:
        """The known name that shows it best: a large provider's before that of a service."""
        names = [answer.name for answer in self.known if answer.exists is not None]
        return next((name for name in names if name in SURE_NAMES), names[0] if names else "")

    @property
    def reason(self) -> str:
        """The response code with which questions are refused."""
        return next((answer.reason for answer in self.known if answer.reason), "")


async def exists_by_address(network: Network, domain: str) -> bool:
    """Whether ``domain``, of which the DNS denied one type of records (NXDOMAIN), has an answer of another type.

    There are resolvers that deny types which they do not like, MX for one. Others lead every name that does not exist
    to a page of their own: an address that a name gets which cannot exist (RFC 6761 section 6.4) proves nothing.
    """
    own = await network.resolver.addresses(domain)
    if isinstance(own, Failure) or not own.exists:
        return False
    impossible = await network.resolver.addresses(_impossible_name())
    if isinstance(impossible, Failure) or not impossible.exists:
        return True
    return bool(own.records) and not set(own.records) & set(impossible.records)


def _impossible_name() -> str:
    return f"mw-{token_hex(6)}.invalid"


async def check_resolver(network: Network, domain: str, hosts: Sequence[str] = ()) -> ResolverView:
    """What the resolver of ``network`` says of names (A-labels); ``hosts``: some that exist and are asked for anyway.

    Where those have answers of their own, nothing more is asked.
    """
    own, *known = await asyncio.gather(_ask_domain(network, domain), *(_ask(network, host) for host in hosts))
    if known and all(answer.addresses and not set(answer.addresses) & set(own.addresses) for answer in known):
        return ResolverView(own, tuple(known))
    *more, impossible = await asyncio.gather(
        *(_ask(network, name) for name in SURE_NAMES if name != domain),
        _ask(network, _impossible_name()),
    )
    return ResolverView(own, (*known, *more), impossible.addresses)


async def _ask_domain(network: Network, domain: str) -> NameAnswer:
    """The addresses of ``domain``, and whether it exists by any sign: a name with an MX record does."""
    mail, addresses = await asyncio.gather(network.resolver.mx(domain), network.resolver.addresses(domain))
    answer = _read(network, domain, addresses)
    if isinstance(mail, Failure) or not mail.exists:
        return answer
    return replace(answer, exists=answer.exists is not False or bool(mail.records), takes_mail=bool(mail.records))


async def _ask(network: Network, name: str) -> NameAnswer:
    return _read(network, name, await network.resolver.addresses(name))


def _read(network: Network, name: str, answer: Answer[str] | Failure) -> NameAnswer:
    if isinstance(answer, Failure):
        reason = "" if answer.status is None else dns.rcode.to_text(dns.rcode.Rcode.make(answer.status))
        return NameAnswer(name, exists=None, reason=reason)
    usable = tuple(address for address in answer.records if not is_blocking_address(network, address))
    return NameAnswer(name, answer.exists and (bool(usable) or not answer.records), usable)


def is_blocking_address(network: Network, address: str) -> bool:
    """Whether a filter gave ``address`` in order to deny the name."""
    parsed = ip_address(address)
    return parsed.is_unspecified or (parsed.is_loopback and not network.policy.allow_private)
