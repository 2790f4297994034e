"""Autodiscover (plain old XML), asked without credentials at the hosts of the domain itself.

Source: MS-OXDISCO section 3.1.5 (where to ask, in which order) and MS-OXDSCLI (what is asked and answered). A question
holds the address, so it goes to hosts in the registrable domain of the address only: where an SRV record or a redirect
leads elsewhere, that is reported and not followed, unless the person agreed to it in advance. Never over plain http,
which MS-OXDISCO would allow for a redirect. A server that wants a password first gets none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from random import SystemRandom
from typing import TYPE_CHECKING

from wizard.discovery.config_file import is_web_page
from wizard.discovery.consent import (
    FOREIGN_DOMAIN,
    consent_to_redirect,
    consent_to_referral,
    is_own_host,
    registrable_names,
)
from wizard.discovery.source import SourceSpec, first_by_priority
from wizard.discovery.sources.srv import in_order
from wizard.discovery.tried import endpoint, left_out
from wizard.discovery.wording import endpoints, explain, foreign_host, outcome_of, unusual_ports
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_address
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Problem
from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind
from wizard.net.http import fetch
from wizard.net.policy import MAIL_PORTS
from wizard.net.urls import HTTPS_PORT, dns_url, host_of, parse_secure_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.context import Context
    from wizard.model.address import EmailAddress
    from wizard.model.problems import Notice
    from wizard.net.http import Fetched
    from wizard.programs.autodiscover import ReadAutodiscover
    from wizard.programs.reading import ReadAccount

REDIRECTS = 4
"""Of all kinds together, in one chain."""

TARGETS = 3
"""Targets of the SRV record that are asked."""

_WORTH_REPORTING = (Outcome.FOUND, Outcome.REFUSED, Outcome.MALFORMED, Outcome.UNREACHABLE, Outcome.NOTHING)
_BEGIN = 2048  # bytes in which a document says what it is
_ROOT = re.compile(rb"<(\w+:)?Autodiscover[\s>/]", re.IGNORECASE)


async def find(context: Context) -> SourceReport:
    """What the domain answers, at its two usual hosts or where its SRV record leads."""
    lookup = _LookUp(context)
    domain = context.address.domain.ascii
    reports = await first_by_priority(
        [
            lookup.ask(_Question(autodiscover_url(f"autodiscover.{domain}"), context.address)),
            lookup.ask(_Question(autodiscover_url(domain), context.address)),
            lookup.ask_by_srv(),
        ]
    )
    report = _most_telling(reports)
    if report.outcome is Outcome.FOUND or not lookup.hints:
        return report
    details = dict.fromkeys((*lookup.hints, *([report.detail] if report.outcome is not Outcome.NOTHING else [])))
    return SourceReport(
        Source.AUTODISCOVER,
        report.outcome,
        url=report.url,
        detail=" ".join(details),
        needs_consent=report.needs_consent,
    )


def autodiscover_url(host: str) -> str:
    """Where Autodiscover is asked at ``host`` (MS-OXDISCO section 3.1.5.1)."""
    return f"https://{host}/autodiscover/autodiscover.xml"


def question_for(address: EmailAddress) -> bytes:
    """The body of a question (MS-OXDSCLI section 2.2.3); whatever is in the address stays text."""
    schemas = "http://schemas.microsoft.com/exchange/autodiscover/outlook"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<Autodiscover xmlns="{schemas}/requestschema/2006"><Request>'
        f"<EMailAddress>{_escaped(str(address))}</EMailAddress>"
        f"<AcceptableResponseSchema>{schemas}/responseschema/2006a</AcceptableResponseSchema>"
        "</Request></Autodiscover>\n"
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True, slots=True)
class _Question:
    """Where to ask about which address; ``trust``: what the answer is worth.

    ``stranger``: a host of another domain that had a word in it, which was agreed to in advance; empty without one.
    """

    url: str
    address: EmailAddress
    trust: Trust = Trust.AUTHENTICATED
    stranger: str = ""


@dataclass(slots=True)
class _LookUp:
    """One look-up. ``hints``: what is worth saying although it is no finding."""

    context: Context
    hints: list[str] = field(default_factory=list)

    async def ask(self, question: _Question, *, by_name: bool = True) -> SourceReport:
        """Ask, and ask again where the answer refers elsewhere.

        ``by_name``: the host was made up from the domain; below a public suffix it is a stranger, whatever was agreed.
        """
        host = host_of(question.url)
        if by_name and not self._own(host):
            return _report(question, Outcome.REFUSED, foreign_host(host, self.context.address.domain))
        return await self._follow(question, ())

    async def _follow(self, question: _Question, before: tuple[_Question, ...]) -> SourceReport:
        """The answer to ``question``, to which the questions ``before`` have led one after another."""
        if question in before or len(before) > REDIRECTS:
            last = before[-1]
            return _failed(Failure(FailureKind.TOO_MANY_REDIRECTS, host_of(last.url), HTTPS_PORT), last)
        answer = await self._answer(question)
        if isinstance(answer, SourceReport):
            return answer
        chain = (*before, question)
        reports = await first_by_priority([self._follow(following, chain) for following in answer])
        return _most_telling(reports)

    async def ask_by_srv(self) -> SourceReport:
        """Ask the targets of the SRV record that are in the domain, in their order."""
        name = f"_autodiscover._tcp.{self.context.address.domain.ascii}"
        url = dns_url(name, "SRV")
        answer = await self.context.network.resolver.srv(name)
        if isinstance(answer, Failure):
            return SourceReport(Source.AUTODISCOVER, outcome_of(answer), url=url, detail=explain(answer))
        records = in_order([record for record in answer.records if record.target], SystemRandom())
        if not records:
            return SourceReport(Source.AUTODISCOVER, Outcome.NOTHING, url=url, detail=self._no_settings())
        usable = [record.target for record in records if record.port == HTTPS_PORT]
        if not usable:
            odd = unusual_ports(f"{record.target} {record.port}" for record in records)
            return SourceReport(Source.AUTODISCOVER, Outcome.REFUSED, url=url, detail=odd)
        permitted = [host for host in usable if self._may_be_told(host)]
        if not permitted:
            return self._led_away(url, self.context.address.domain.ascii, usable[0])
        begin = _Question(url, self.context.address, Trust.AUTHENTICATED if answer.secure else Trust.UNAUTHENTICATED)
        for host in permitted[:TARGETS]:
            report = await self.ask(self._led(begin, autodiscover_url(host)), by_name=False)
            if report.outcome is Outcome.FOUND:
                break
        return report

    async def _answer(self, question: _Question) -> SourceReport | tuple[_Question, ...]:
        """The result, or what is to be asked instead, the most preferred question first."""
        fetched = await fetch(
            self.context.network,
            question.url,
            method="POST",
            body=question_for(question.address),
            content_type="text/xml; charset=utf-8",
            follow_redirects=False,
        )
        if isinstance(fetched, Failure):
            if fetched.kind is FailureKind.HTTP_STATUS and (fetched.status or 0) // 100 == 3 and fetched.detail:
                return self._redirected(question, fetched.detail)
            return self._no_answer(question, fetched)
        if not fetched.body.strip() or _is_page(fetched):
            return _report(question, Outcome.NOTHING, self._no_settings())
        from wizard.programs.autodiscover import read_autodiscover

        try:
            read = read_autodiscover(fetched.body, host_of(question.url), question.address)
        except Problem as problem:
            return _report(question, Outcome.MALFORMED, str(problem))
        if read.redirect_url is not None:
            return self._redirected(question, read.redirect_url)
        if read.redirect_address is not None:
            return self._readdressed(question, read.redirect_address)
        return self._read(question, read)

    def _no_answer(self, question: _Question, failure: Failure) -> SourceReport:
        if failure.kind is FailureKind.HTTP_STATUS and failure.status == 401:
            hint = _("{host} asks for a password before it answers, as Microsoft Exchange does; none was sent.")
            self.hints.append(hint.format(host=printable(failure.host)))
            return _report(question, Outcome.REFUSED, self.hints[-1])
        return _failed(failure, question)

    def _redirected(self, question: _Question, target: str) -> SourceReport | tuple[_Question, ...]:
        url = parse_secure_url(target)
        host = host_of(question.url)
        if isinstance(url, Failure):
            return _failed(Failure(FailureKind.REDIRECT_REFUSED, host, HTTPS_PORT, url.detail), question)
        if not self._may_be_told(url.host):
            return self._led_away(question.url, host, url.host)
        return (self._led(question, str(url)),)

    def _led(self, question: _Question, url: str) -> _Question:
        """``question``, to be asked at ``url``, which is worth less where that is in another domain."""
        host = host_of(url)
        if self._own(host):
            return replace(question, url=url)
        return replace(question, url=url, trust=Trust.UNAUTHENTICATED, stranger=host)

    def _readdressed(self, question: _Question, text: str) -> SourceReport | tuple[_Question, ...]:
        try:
            address = parse_address(text)
        except AddressProblem as problem:
            return _report(question, Outcome.MALFORMED, problem.reason)
        domain = address.domain
        if not self._may_be_told(domain.ascii):
            return self._led_away(question.url, host_of(question.url), domain.ascii)
        about = replace(question, address=address)
        if domain == question.address.domain:
            return (about,)
        hosts = [host for host in (f"autodiscover.{domain.ascii}", domain.ascii) if is_own_host(host, domain)]
        return tuple(self._led(about, autodiscover_url(host)) for host in hosts)

    def _read(self, question: _Question, read: ReadAutodiscover) -> SourceReport:
        evidence = Evidence(Source.AUTODISCOVER, question.trust, question.url)
        servers, odd_ports = _usable(read.account, evidence)
        sentences = [unusual_ports(map(endpoint, odd_ports))] if odd_ports else []
        host = host_of(question.url)
        if read.exchange and not servers:
            self.hints.append(_("{host} names only Microsoft Exchange servers.").format(host=host))
        if read.error:
            sentences.append(_("{host} says: {error}").format(host=host, error=read.error))
        sentences += [_("Left out: {reason}").format(reason=reason) for reason in read.account.skipped[:3]]
        if servers:
            outcome = Outcome.FOUND
        elif odd_ports:
            outcome = Outcome.REFUSED
        else:
            outcome = Outcome.MALFORMED if read.account.skipped else Outcome.NOTHING
            sentences = sentences or [self._no_settings()]
        consent: tuple[Notice, ...] = ()
        if servers and question.stranger:
            home = self.context.address.domain
            places = registrable_names([question.stranger])
            sentences.append(_("{host} redirects to another domain: {places}.").format(host=home.ascii, places=places))
            consent = (consent_to_redirect(home.ascii, [question.stranger], home),)
        detail = " ".join(sentences) or endpoints(servers)
        return SourceReport(
            Source.AUTODISCOVER,
            outcome,
            url=question.url,
            detail=detail,
            servers=servers,
            needs_consent=consent,
            left_out=left_out(odd_ports),
        )

    def _own(self, host: str) -> bool:
        return is_own_host(host, self.context.address.domain)

    def _may_be_told(self, host: str) -> bool:
        """Whether ``host`` may be told the address: one of its own domain, or another that was agreed to in advance."""
        return self._own(host) or FOREIGN_DOMAIN in self.context.options.accepted

    def _led_away(self, url: str, host: str, target: str) -> SourceReport:
        detail = _("{host} refers to {places}, which is another domain; your address was not sent there.").format(
            host=host, places=registrable_names([target])
        )
        consent = consent_to_referral(target, self.context.address.domain)
        return SourceReport(Source.AUTODISCOVER, Outcome.REFUSED, url=url, detail=detail, needs_consent=(consent,))

    def _no_settings(self) -> str:
        return _("There are no Autodiscover settings for {domain}.").format(domain=self.context.address.domain.shown)


def _most_telling(reports: Iterable[SourceReport | None]) -> SourceReport:
    """The first of the most telling ones; one that asks for consent tells more than one that was merely refused."""
    return min(
        (report for report in reports if report is not None),
        key=lambda report: (_WORTH_REPORTING.index(report.outcome), not report.needs_consent),
    )


def _is_page(fetched: Fetched) -> bool:
    """Whether a web server gave one of its pages; scripts that answer well often call their answer one, too."""
    begin = fetched.body.replace(b"\0", b"")[:_BEGIN]
    return _ROOT.search(begin) is None and is_web_page(fetched.body, fetched.content_type)


def _usable(account: ReadAccount, evidence: Evidence) -> tuple[tuple[FoundServer, ...], list[FoundServer]]:
    """The servers on ports that are for mail, and the others."""
    found = [FoundServer(server, evidence) for server in account.incoming]
    found += [FoundServer(server, evidence) for server in account.outgoing]
    on_mail_ports = tuple(server for server in found if server.server.port in MAIL_PORTS)
    return on_mail_ports, [server for server in found if server.server.port not in MAIL_PORTS]


def _failed(failure: Failure, question: _Question) -> SourceReport:
    return _report(question, outcome_of(failure), explain(failure))


def _report(question: _Question, outcome: Outcome, detail: str) -> SourceReport:
    return SourceReport(Source.AUTODISCOVER, outcome, url=question.url, detail=detail)


def _first_question(context: Context) -> str:
    return autodiscover_url(f"autodiscover.{context.address.domain.ascii}")


SPEC = SourceSpec(
    source=Source.AUTODISCOVER,
    name="Autodiscover",
    origin=mark("published by the provider (Autodiscover)"),
    trust=Trust.AUTHENTICATED,
    find=find,
    first_question=_first_question,
)
