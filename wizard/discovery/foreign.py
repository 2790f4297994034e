"""Servers and places outside the domain of the address, on a word that cannot be trusted: a person must agree first.

Source: RFC 6186 section 6 and draft-ietf-mailmaint-autoconfig (security considerations): the second-level domain is
shown in full and confirmed. Punycode stands beside Unicode, for letters can look alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import Domain
from wizard.model.discovery import Source, Trust
from wizard.model.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.discovery import FoundServer

CODE = "foreign_domain"

_OWN_WORD = frozenset({Source.CATALOGUE, Source.USER})
"""The catalogue came with the program, and what somebody typed is their own word."""


def is_foreign(found: FoundServer, domain: Domain) -> bool:
    """Whether ``found`` leads out of ``domain`` and nobody who can be trusted said so."""
    if found.evidence.trust is Trust.AUTHENTICATED or found.evidence.source in _OWN_WORD:
        return False
    from wizard.net.domains import same_registrable

    return not same_registrable(found.server.hostname, domain.ascii)


def is_at_home(host: str, domain: Domain) -> bool:
    """Whether ``host`` and ``domain`` are in the same hands; below a public suffix every name has another owner."""
    from wizard.net.domains import same_registrable

    return host == domain.ascii or same_registrable(host, domain.ascii)


def foreign_servers(hosts: Iterable[str], domain: Domain) -> Notice:
    """The question of consent about servers at ``hosts`` for addresses of ``domain``."""
    return Notice(
        CODE,
        _(
            "The servers for {domain} are at {places}, and nothing proves that this is true: somebody who controls the "
            "network could have said so. Is that where your mail is kept?"
        ).format(domain=domain.shown, places=places(hosts)),
    )


def places(hosts: Iterable[str]) -> str:
    """The registrable domains of ``hosts``, each once and in full."""
    from wizard.net.domains import registrable

    return ", ".join(dict.fromkeys(Domain(registrable(host) or host).shown for host in hosts))
