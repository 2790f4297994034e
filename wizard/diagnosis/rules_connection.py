"""Rules for what keeps a program from reaching a server: names, ports, networks that answer in its place."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from wizard.diagnosis.suspicion import CERTAIN, LIKELY, POSSIBLE, Suspicion
from wizard.language import translate as _
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.text import printable
from wizard.net.domains import same_registrable
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.diagnosis.suspicion import Case, Suspicions
    from wizard.model.diagnosis import Confidence, Observed

NO_NAME = frozenset({FailureKind.NO_SUCH_NAME, FailureKind.NO_ADDRESS})
SILENT_NAMES = frozenset({FailureKind.DNS_FAILED, FailureKind.DNS_TIMEOUT})
_SMTP_BETWEEN_SERVERS = 25
_MAIL_LABELS = ("imap", "pop", "smtp")
_SIGN_IN_FIRST = "511"  # RFC 6585 section 6


def about_the_network(everything: Sequence[Observed]) -> Suspicions:
    """A network that answers in everybody's place until one has signed in."""
    failing = [one for one in everything if one.failure is not None]
    if not failing:
        return ()
    portal = next((one.extra["http_location"] for one in failing if one.extra.get("http_location")), "")
    invented = next((one.extra.get("dns_invents", "") for one in failing if one.extra.get("dns_invents_host")), "")
    values = {"portal": printable(portal, 100), "invented": printable(invented, 60)}
    sure = _surely_captive(failing)
    return (Suspicion("captive_portal", sure, values=values),) if sure is not None else ()


def _surely_captive(failing: Sequence[Observed]) -> Confidence | None:
    if any(one.extra.get("http_status") == _SIGN_IN_FIRST for one in failing):
        return CERTAIN
    web = [one for one in failing if one.spoke == "http"]
    if any(one.extra.get("dns_invents_host") == "yes" for one in failing):
        return CERTAIN if web or any(one.extra.get("http_location") for one in failing) else LIKELY
    if any(_is_private(one.extra.get("http_location", "")) for one in failing):
        return LIKELY
    led_to = {one.target.host: one.extra.get("http_location", "") for one in failing}
    pages = set(led_to.values())
    strange = len(pages) == 1 and "" not in pages and _unrelated((*led_to, *pages))
    several = _unrelated([one.target.host for one in web])
    return (
        LIKELY
        if len(failing) == len(_beyond_the_names(failing)) and (several or (strange and len(led_to) > 1))
        else None
    )


def _beyond_the_names(failing: Sequence[Observed]) -> list[Observed]:
    """Those that did not end in the name system: there nothing could have answered in their place."""
    return [one for one in failing if one.failure not in NO_NAME | SILENT_NAMES]


def _unrelated(hosts: Sequence[str]) -> bool:
    """Whether there are two hosts or more, and no two of one owner."""
    hosts = list(dict.fromkeys(hosts))
    pairs = ((one, other) for index, one in enumerate(hosts) for other in hosts[index + 1 :])
    return len(hosts) > 1 and not any(same_registrable(one, other) for one, other in pairs)


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


def about_the_domain(case: Case) -> Suspicions:
    """The domain of the address."""
    if case.observed.domain_exists is not False:
        return ()
    return (Suspicion("domain_not_found", CERTAIN if case.observed.failure is not None else LIKELY),)


def about_the_name(case: Case) -> Suspicions:
    """The name of the server."""
    failure, extra = case.observed.failure, case.observed.extra
    if failure in NO_NAME:
        return (Suspicion("host_not_found", CERTAIN),)
    if failure in SILENT_NAMES or (failure == FailureKind.TIMEOUT and case.failed_rung is RungName.DNS):
        return (Suspicion("host_not_found", CERTAIN if extra.get("dns") == "silent" else LIKELY, "no_answer"),)
    if failure == FailureKind.ADDRESS_NOT_ALLOWED:
        return (Suspicion("host_not_found", LIKELY, "private"),)
    return ()


def about_the_port(case: Case) -> Suspicions:
    """A connection that did not come about."""
    observed, target = case.observed, case.observed.target
    if case.failed_rung not in (None, RungName.TCP) or observed.failure not in (
        *(FailureKind.CONNECTION_REFUSED, FailureKind.TIMEOUT, FailureKind.UNREACHABLE),
        *((FailureKind.CONNECTION_LOST,) if case.failed_rung is RungName.TCP else ()),
    ):
        return ()
    if case.sending and target.port == _SMTP_BETWEEN_SERVERS:
        open_elsewhere = any(one.answers for one in observed.other_ports)
        return (Suspicion("port_25_blocked", LIKELY if open_elsewhere else POSSIBLE),)
    if observed.failure == FailureKind.UNREACHABLE:
        return (Suspicion("port_filtered", LIKELY, "unreachable"),)
    web = _looks_like_a_web_server(case)
    if observed.failure == FailureKind.TIMEOUT:
        filtered = Suspicion("port_filtered", LIKELY)
        return (filtered,) if web is None else (web, filtered) if web.confidence is LIKELY else (filtered, web)
    return (web,) if web is not None and web.confidence is LIKELY else (Suspicion("port_refused", CERTAIN),)


def _looks_like_a_web_server(case: Case) -> Suspicion | None:
    """A host of the web and of nothing else: its web ports answer, none of mail does, and no other look found mail."""
    observed, host = case.observed, case.observed.target.host
    label = host.partition(".")[0]
    if (
        not observed.extra.get("web")
        or label.startswith(_MAIL_LABELS)
        or any(one.answers for one in observed.other_ports)
        or any(_spoke_mail(one) for one in case.others if one.target.host == host)
    ):
        return None
    by_name = label == "www" or host == case.address.domain.ascii
    sure = by_name or observed.failure == FailureKind.CONNECTION_REFUSED
    # What it said is the refusal of a port: no words of a web server.
    return Suspicion("host_is_a_web_server", LIKELY if sure else POSSIBLE, values={"answer": ""})


def _spoke_mail(observed: Observed) -> bool:
    return any(
        one.name in (RungName.GREETING, RungName.CAPABILITIES) and one.status is RungStatus.OK for one in observed.rungs
    ) or any(one.answers for one in observed.other_ports)


def about_ipv6(case: Case) -> Suspicions:
    """IPv6 that does not work where IPv4 does. A device without any IPv6 (no way) is as most are, and no finding."""
    families, extra = case.observed.families, case.observed.extra
    six = families.get("ipv6", "")
    used = next((one.detail for one in case.observed.rungs if one.name is RungName.TCP), "")
    words = {
        FailureKind.TIMEOUT: _("no answer"),
        FailureKind.CONNECTION_REFUSED: _("the connection was refused"),
        FailureKind.CONNECTION_LOST: _("the connection was cut"),
    }
    if families.get("ipv4") == "ok" and six in words:
        sure = LIKELY if six == FailureKind.TIMEOUT else POSSIBLE
        return (Suspicion("ipv6_broken", sure, values={"ipv6": words[FailureKind(six)]}),)
    if ":" in used and extra.get("other_family") == "ok" and case.observed.failure is not None:
        return (Suspicion("ipv6_broken", LIKELY, values={"ipv6": words[FailureKind.CONNECTION_LOST]}),)
    return ()
