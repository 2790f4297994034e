"""Autoconfig files that a provider or a database publishes over https: fetched and read as the report of a source."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.discovery.consent import consent_to_redirect, registrable_names
from wizard.discovery.tried import endpoint, left_out
from wizard.discovery.wording import (
    ABSENT,
    explain,
    invalid_names,
    outcome_of,
    refused_question,
    unusual_ports,
)
from wizard.language import translate as _
from wizard.model.address import AddressProblem, EmailAddress
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Problem
from wizard.model.servers import EMAIL_ADDRESS, EMAIL_LOCAL_PART, fill, with_password
from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind
from wizard.net.policy import MAIL_PORTS
from wizard.net.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.discovery.context import Context
    from wizard.model.address import Domain
    from wizard.model.servers import ClientConfig, IncomingServer, OutgoingServer
    from wizard.net.http import Fetched

NAMED = 3
"""Servers that were left out and are named; more would fill a screen."""

_WEB_PAGES = ("text/html", "application/xhtml+xml")
_PAGE_START = 2048  # bytes of a body that tell a web page from settings


@dataclass(frozen=True, slots=True)
class OtherQuestion:
    """What is asked where a host refuses the first question; ``invented``: the invented address in ``url``.

    For hosts that answer about addresses only, and are not to learn the person's; or that take no address at all.
    """

    url: str
    invented: EmailAddress | None = None


def invented_address(domain: Domain) -> EmailAddress:
    """An invented address at ``domain``; its local part does not occur in a file by chance."""
    from secrets import token_hex

    return EmailAddress(f"mw{token_hex(6)}", domain)


async def fetch_config(
    context: Context,
    source: Source,
    url: str,
    *,
    about: Domain,
    home: str,
    trust: Trust = Trust.AUTHENTICATED,
    any_port: bool = False,
    instead: Sequence[OtherQuestion] = (),
) -> SourceReport:
    """Fetch the file at ``url`` with the settings of addresses at ``about``.

    ``home`` is a name of the domain that may publish it; where ``url`` or a redirect leaves that registrable domain,
    the finding is worth less and needs consent. ``trust`` is what the finding is worth otherwise. ``any_port``: the
    person gave ``url`` themselves. ``instead``: what is asked one after another where the host refuses the question.
    """
    from wizard.net.http import fetch

    fetched, invented = await fetch(context.network, url, any_port=any_port), None
    if isinstance(fetched, Failure) and refused_question(fetched):
        fetched, invented = await _ask_instead(context, fetched, instead)
    if isinstance(fetched, Failure):
        return _failed(fetched, source, url, about)
    host = host_of(fetched.url)
    if fetched.status == 204 or not fetched.body.strip():
        return SourceReport(source, Outcome.NOTHING, url=url, detail=_no_settings(host, about))
    if is_web_page(fetched.body, fetched.content_type):
        detail = _("{host} answers with a web page, not with settings.").format(host=host)
        return SourceReport(source, Outcome.NOTHING, url=url, detail=detail)
    strangers = _strangers(fetched, home)
    evidence = Evidence(source, Trust.UNAUTHENTICATED if strangers else trust, printable(fetched.url, 2000))
    report = read_config(fetched.body, context.address, evidence, host, invented=invented)
    if not strangers or report.outcome is not Outcome.FOUND:
        return _with_url(report, url)
    led_by = about.shown if host_of(url) in strangers else host_of(url)  # then a record of the domain named it
    return _redirected(_with_url(report, url), led_by, strangers, about)


def read_config(
    body: bytes, address: EmailAddress, evidence: Evidence, name: str, *, invented: EmailAddress | None = None
) -> SourceReport:
    """The servers of a file for ``address``; ``name`` is what the detail calls it when it is wrong.

    ``invented``: the address about which the host was asked instead, which stands for everybody's.
    """
    from wizard.programs.autoconfig import read_autoconfig

    try:
        read = read_autoconfig(body, name, address.domain)
    except Problem as problem:
        return SourceReport(evidence.source, Outcome.MALFORMED, url=evidence.url, detail=str(problem))
    config = read.config if invented is None else _for_any_address(read.config, invented)
    servers, odd_ports, odd_names = _usable(config, address, evidence)
    title = printable(fill(config.display_name, address), 60)
    sentences = [_("Settings of “{name}”.").format(name=title), *_missing(config)] if servers else []
    sentences += [_("Left out: {reason}").format(reason=reason) for reason in read.skipped[:NAMED]]
    if odd_ports:
        sentences.append(unusual_ports(map(endpoint, odd_ports)))
    if odd_names:
        sentences.append(invalid_names(odd_names))
    found_nothing = Outcome.REFUSED if odd_ports else Outcome.MALFORMED
    return SourceReport(
        evidence.source,
        Outcome.FOUND if servers else found_nothing,
        url=evidence.url,
        detail=" ".join(sentences),
        servers=servers,
        left_out=left_out(odd_ports),
    )


async def _ask_instead(
    context: Context, refused: Failure, questions: Sequence[OtherQuestion]
) -> tuple[Fetched | Failure, EmailAddress | None]:
    """The first answer to ``questions`` that holds settings, and the invented address that was told.

    Else the last answer that says that there is nothing, unless one of them was refused, too.
    """
    from wizard.net.http import fetch

    answer: Fetched | Failure = refused
    for question in questions:
        fetched = await fetch(context.network, question.url)
        if not isinstance(fetched, Failure) and _holds_settings(fetched):
            return fetched, question.invented
        answer = refused if isinstance(fetched, Failure) and outcome_of(fetched) is not Outcome.NOTHING else fetched
    return answer, None


def _holds_settings(fetched: Fetched) -> bool:
    return bool(fetched.body.strip()) and not is_web_page(fetched.body, fetched.content_type)


def _for_any_address(config: ClientConfig, invented: EmailAddress) -> ClientConfig:
    """``config`` with placeholders where a host put the ``invented`` address in itself."""

    def template(text: str) -> str:
        whole = re.sub(re.escape(str(invented)), EMAIL_ADDRESS, text, flags=re.IGNORECASE)
        return re.sub(re.escape(invented.local), EMAIL_LOCAL_PART, whole, flags=re.IGNORECASE)

    return replace(
        config,
        display_name=template(config.display_name),
        incoming=tuple(replace(server, username=template(server.username)) for server in config.incoming),
        outgoing=tuple(replace(server, username=template(server.username)) for server in config.outgoing),
    )


def _missing(config: ClientConfig) -> Iterator[str]:
    if not config.incoming:
        yield _("The file names no server for reading mail.")
    if not config.outgoing:
        yield _("The file names no server for sending mail.")


def is_web_page(body: bytes, content_type: str) -> bool:
    """Whether a web server gave one of its pages: many do so for every path, and with status 200."""
    begin = body.replace(b"\0", b"")[:_PAGE_START].lower()  # without the zeros of UTF-16
    if b"<clientconfig" in begin:
        return False
    if content_type in _WEB_PAGES:
        return True
    return b"<html" in begin or b"<!doctype html" in begin


def _usable(
    config: ClientConfig, address: EmailAddress, evidence: Evidence
) -> tuple[tuple[FoundServer, ...], list[FoundServer], list[str]]:
    """The servers, filled in; those with a port that is not for mail; the host names that came out wrong."""
    listed: tuple[IncomingServer | OutgoingServer, ...] = (*config.incoming, *config.outgoing)
    servers: list[FoundServer] = []
    odd_ports: list[FoundServer] = []
    odd_names = []
    for server in listed:
        try:
            filled = server.filled(address)
        except AddressProblem:
            odd_names.append(printable(server.hostname, 80))
            continue
        found = FoundServer(with_password(filled), evidence, says_log_in=bool(filled.authentication))
        (servers if filled.port in MAIL_PORTS else odd_ports).append(found)
    return tuple(servers), odd_ports, odd_names


def _failed(failure: Failure, source: Source, url: str, about: Domain) -> SourceReport:
    absent = failure.kind is FailureKind.HTTP_STATUS and failure.status in ABSENT
    detail = _no_settings(printable(failure.host), about) if absent else explain(failure)
    return SourceReport(source, outcome_of(failure), url=url, detail=detail)


def _no_settings(host: str, about: Domain) -> str:
    return _("{host} has no settings for {domain}.").format(host=host, domain=about.shown)


def _strangers(fetched: Fetched, home: str) -> list[str]:
    """The hosts outside the registrable domain of ``home`` that had a word in it."""
    from wizard.net.domains import same_registrable

    hosts = dict.fromkeys(host_of(url) for url in fetched.hops)
    return [host for host in hosts if host != home and not same_registrable(host, home)]


def _redirected(report: SourceReport, host: str, strangers: list[str], about: Domain) -> SourceReport:
    detail = _("{host} redirects to another domain: {places}.").format(host=host, places=registrable_names(strangers))
    consent = consent_to_redirect(host, strangers, about)
    return replace(report, detail=f"{report.detail} {detail}", needs_consent=(*report.needs_consent, consent))


def _with_url(report: SourceReport, url: str) -> SourceReport:
    """The report names what was asked; the evidence of its servers what was read in the end."""
    return replace(report, url=url)
