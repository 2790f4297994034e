"""What is to be said of a look-up that did not find everything: why, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress
from wizard.model.discovery import NETWORK_CODES, NO_NETWORK, Source
from wizard.model.servers import RECEIVING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.problems import Notice


def nothing_known(report: DiscoveryReport) -> str:
    """Why there is not what an account needs: a sentence, and another one where a server is there but fails."""
    left_out = [
        found for source in report.sources for found in source.left_out if not report.best(found.server.protocol)
    ]
    reasons = dict.fromkeys(found.trouble for found in (*failing_servers(report), *left_out) if found.trouble)
    return " ".join((_lacking(report), *list(reasons)[:2]))


def failing_servers(report: DiscoveryReport) -> list[FoundServer]:
    """Servers that are there but fail, of what an account lacks: one for reading, and one for sending."""
    reading = report.imap is not None or report.pop3 is not None
    lacking = [] if reading else [next(filter(None, map(report.failing, RECEIVING)), None)]
    return [found for found in (*lacking, report.failing(Protocol.SMTP)) if found is not None]


def _lacking(report: DiscoveryReport) -> str:
    texts = {notice.code: notice.text for notice in report.warnings}
    domain = report.address.domain.shown
    name = domain if report.provider is None else report.provider.name
    if report.provider is not None and report.provider.offers == "neither":
        return _("No mail program can connect to {name} directly.").format(name=name)
    if report.smtp is not None:
        return _("Only a server for sending is known for {domain}, none for reading.").format(domain=domain)
    if report.imap is not None or report.pop3 is not None:
        return _("Only a server for reading is known for {domain}, none for sending.").format(domain=domain)
    if "plaintext_only" in texts:
        return _("No server of {name} with encryption is known.").format(name=name)
    if report.provider is not None:
        return _("{name} is known, but not the names of its servers.").format(name=name)
    for code in (*NETWORK_CODES, "no_such_domain", "takes_no_mail"):
        if code in texts:
            return texts[code]
    if failing_servers(report):
        return _("No server of {domain} is known that could be used.").format(domain=domain)
    return _("Nothing is known about {domain}.").format(domain=domain)


def next_step(report: DiscoveryReport) -> str:
    """What can be done where :func:`nothing_known` was said, in one sentence; empty where nothing can."""
    if report.provider is not None and report.provider.offers == "neither":
        return ""
    if lacks_network(report) and not network_is_at_fault(report):
        return _("The servers can be looked up again later.")
    unknown = not report.usable and not network_is_at_fault(report)
    meant = near_address(report.address, sure=does_not_exist(report)) if unknown else None
    if meant is not None:
        return _("Did you mean {address}?").format(address=meant.unicode)
    if does_not_exist(report):
        return ""
    hint = _("In a terminal, “mail-wizard {address}” asks you for the servers.").format(address=report.address.unicode)
    if failing_servers(report):
        why = _("“mail-wizard doctor {address}” says what is wrong and what to do.")
        hint = why.format(address=report.address.unicode) + " " + hint
    if [source.source for source in report.sources] == [Source.CATALOGUE]:
        return _("Without --offline, the network is searched too.") + " " + hint
    return hint


def lacks_network(report: DiscoveryReport) -> bool:
    """Whether nobody in the network could be reached, or nothing that it says can be relied on."""
    return network_notice(report) is not None


def network_is_at_fault(report: DiscoveryReport) -> bool:
    """Whether the network does answer, and what it says of names is not true."""
    network = network_notice(report)
    return network is not None and network.code != NO_NETWORK


def network_notice(report: DiscoveryReport) -> Notice | None:
    """What is wrong with the network as a whole."""
    return next((notice for notice in report.warnings if notice.code in NETWORK_CODES), None)


def does_not_exist(report: DiscoveryReport) -> bool:
    """Whether the DNS says that there is no such domain."""
    return any(notice.code == "no_such_domain" for notice in report.warnings)


def what_to_do_about_silence() -> str:
    """What can be done about a server that does not answer as it should."""
    return _(
        "Not every server answers as it should. If it stays so, ask your provider which servers are the right ones."
    )


def near_address(address: EmailAddress, *, sure: bool = False) -> EmailAddress | None:
    """``address`` at the well-known domain that is one slip away from its own, or None.

    None where the domain is itself a provider's. ``sure``: the domain does not exist, so that a short name counts, too,
    in which one slip is much.
    """
    from difflib import get_close_matches

    from wizard.discovery.catalogue import all_providers, find_provider

    if find_provider(address.domain) is not None:
        return None
    typed = address.domain.ascii
    known = [str(domain) for provider in all_providers() for domain in provider.config.domains]
    near = get_close_matches(typed, known, n=1, cutoff=0.86) or (_one_slip(typed, known) if sure else [])
    return EmailAddress(address.local, Domain(near[0])) if near else None


def _one_slip(typed: str, known: Iterable[str]) -> list[str]:
    return [domain for domain in known if _is_one_slip(typed, domain)][:1]


def _is_one_slip(typed: str, known: str) -> bool:
    """Whether a character was left out, put in, or mistaken, or two neighbours have changed places."""
    if abs(len(typed) - len(known)) > 1:
        return False
    pairs = enumerate(zip(typed, known, strict=False))
    same = next((position for position, pair in pairs if pair[0] != pair[1]), None)
    if same is None:
        return len(typed) != len(known)
    left, right = typed[same:], known[same:]
    return (
        left[1:] == right
        or left == right[1:]
        or left[1:] == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
