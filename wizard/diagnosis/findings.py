"""From a cause to the finding for a person, in the active language: the texts of templates/doctor.yaml, filled in.

Text of servers is hostile: here it becomes one printable line, cut short, between quotes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import quoted, quoted_list
from wizard.diagnosis.knowledge import fields_of, knowledge
from wizard.diagnosis.login import method_of, refuses_mechanism
from wizard.diagnosis.published import server_difference
from wizard.diagnosis.way_out import way_out
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence, Finding
from wizard.model.servers import AuthenticationMethod
from wizard.model.text import printable
from wizard.wording import (
    authentication_label,
    protocol_label,
    security_setting,
    tls_version_label,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from wizard.diagnosis.evidence import Cause, Evidence, Published
    from wizard.diagnosis.knowledge import Texts
    from wizard.diagnosis.way_out import WayOut
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Certificate, Target
    from wizard.model.provider import Provider, Step
    from wizard.model.servers import Protocol

MAX_NAMES = 6

_NOT_OF_ONE_SERVER = ("domain_not_found", "domain_expired", "dns_denies_names", "captive_portal")
_SWITCH_ON = "{switch_on}"
_WAY_OUT = "{way_out}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding, and what to enter instead, which is its first step: alone, or beside those of other servers.

    ``replaced``: the server is published, and a guess stands for it.
    """

    finding: Finding
    way_out: WayOut | None = None
    replaced: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What findings have in common that are shown as one."""
        finding, way = self.finding, self.way_out
        own = way.step if way is not None and not way.names_protocol else ""
        return finding.code, finding.cause, finding.steps, own


def joined(drafts: Sequence[Draft]) -> Finding:
    """Findings of one key as one, with every way out, and what was found for the address instead."""
    findings = [draft.finding for draft in drafts]
    surest = min(findings, key=lambda finding: list(Confidence).index(finding.confidence))
    ways = [draft.way_out for draft in drafts if draft.way_out is not None]
    evidence = surest.evidence
    for draft in drafts:
        if draft.way_out is not None and draft.way_out.found is not None:
            seen = f"{evidence}." if evidence.endswith("”") else evidence
            difference = server_difference(draft.way_out.mine, draft.way_out.found, published=draft.replaced)
            evidence = f"{seen} {difference}".strip()
    correct = _(
        "If you look after the domain, correct what is published: mail programs that set themselves up take it from "
        "there."
    )
    steps = (*dict.fromkeys(way.step for way in ways), *surest.steps)
    if correct not in steps and any(draft.replaced and draft.way_out is not None for draft in drafts):
        steps = (*steps, correct)
    one_protocol = len({finding.protocol for finding in findings}) == 1
    return replace(surest, protocol=surest.protocol if one_protocol else None, evidence=evidence, steps=steps)


def finding_for(cause: Cause, evidence: Evidence, replaced: Collection[Target] = ()) -> Draft:
    """The finding for a person. What ``cause.values`` gives as nothing is not known."""
    mine = evidence.observation.target
    protocol = None if cause.code in _NOT_OF_ONE_SERVER else mine.protocol
    way = way_out(mine, evidence.observation, evidence.published.get(mine.protocol, ()))
    if way is not None and evidence.sending and evidence.certifier is not None and not evidence.certifies(way.host):
        way = None  # it would answer, and the mail would not be certified
    if cause.code == "temporarily_unavailable" and cause.confidence is not Confidence.POSSIBLE:
        way = None  # the server says itself that it passes
    switch_on = _what_to_switch_on(evidence, cause.code)
    return _draft(cause, values_of(evidence), protocol, switch_on, way, replaced=mine in replaced)


def finding_for_unseen(
    cause: Cause,
    protocol: Protocol,
    address: EmailAddress,
    provider: Provider | None,
    left_out: Target | None = None,
    published: Published | None = None,
) -> Draft:
    """The finding about a server of ``protocol`` that nobody knows, or about one that was ``left_out``."""
    way = None if left_out is None else way_out(left_out, None, (published or {}).get(protocol, ()))
    return _draft(cause, _of_person(address, protocol, provider), protocol, (), way, replaced=left_out is not None)


def _draft(
    cause: Cause,
    values: Mapping[str, str],
    protocol: Protocol | None,
    switch_on: tuple[str, ...],
    way: WayOut | None,
    *,
    replaced: bool,
) -> Draft:
    texts = knowledge().texts[cause.code, cause.case]
    known = {name: value for name, value in {**values, **cause.values}.items() if value}
    has_way_out = any(text == _WAY_OUT for alternatives in texts.steps for text in alternatives)
    whole = {_SWITCH_ON: switch_on, _WAY_OUT: None if way is None else ()}
    finding = Finding(
        code=cause.code,
        protocol=protocol,
        confidence=cause.confidence,
        evidence=_first(texts.seen, known),
        cause=_first(texts.cause, known),
        steps=tuple(step for alternatives in texts.steps for step in _steps(alternatives, known, whole)),
    )
    return Draft(finding, way if has_way_out else None, replaced)


def _first(texts: Texts, known: Mapping[str, str]) -> str:
    """The first text of which everything is known, or nothing."""
    return next((_filled(text, known) for text in texts if all(name in known for name in fields_of(text))), "")


def _filled(text: str, known: Mapping[str, str]) -> str:
    """The text in the language of the person, with its values; words begin a sentence with a capital letter."""
    template = _(text)
    filled = template.format(**known)
    several_words = template.startswith("{") and " " in known[template[1 : template.index("}")]]
    return filled[0].upper() + filled[1:] if several_words else filled


def _steps(texts: Texts, known: Mapping[str, str], whole: Mapping[str, tuple[str, ...] | None]) -> Iterator[str]:
    """The first of ``texts`` of which every value is known; ``whole``: what replaces texts that are one value. The way
    out, where there is one, comes before all of them.
    """
    for text in texts:
        if text in whole:
            steps = whole[text]
            if steps or (steps is not None and text == _WAY_OUT):
                yield from steps
                return
        elif all(name in known for name in fields_of(text)):
            yield _filled(text, known)
            return


def _what_to_switch_on(evidence: Evidence, code: str) -> tuple[str, ...]:
    """The steps that the provider's file has for this protocol, each with its page.

    Those for one protocol say where that is switched on; those for all, how a password for programs is made.
    """
    fitting = evidence.first_steps
    special = [step for step in fitting if step.protocols]
    general = [step for step in fitting if not step.protocols]
    if code == "auth_failed":  # either can be the reason
        chosen = [*special, *general]
    else:
        chosen = special if code == "protocol_switched_off" and special else general
    return tuple(map(_step_text, chosen or fitting))


def _step_text(step: Step) -> str:
    text = _(step.text) + (f" ({step.url})" if step.url else "")
    return text if step.source.verified else f"{text} {_('(not verified)')}"


def values_of(evidence: Evidence) -> dict[str, str]:
    """Everything that can be said of this server, by the names of :data:`wizard.diagnosis.knowledge.PLACEHOLDERS`.

    Nothing unknown is in it.
    """
    observation, target = evidence.observation, evidence.observation.target
    refused = {method_of(each.mechanism) for each in observation.logins if refuses_mechanism(target.protocol, each)}
    found = {
        **_of_person(evidence.address, target.protocol, evidence.provider),
        "host": target.host,
        "port": str(target.port),
        "security": security_setting(target.socket_type),
        "username": quoted(target.username),
        "detail": quoted(observation.detail),
        "ip": ", ".join(observation.addresses[:2]),
        "answer": quoted(observation.extra.get("spoke_line", "") or observation.detail),
        "offered": quoted_list(observation.capabilities or observation.clear_capabilities or ()),
        "offered_methods": ", ".join(authentication_label(method) for method in observation.methods),
        "method": next((authentication_label(method) for method in observation.methods if method not in refused), ""),
        "wanted": ", ".join(authentication_label(method) for method in target.authentication),
        "username_is": _(evidence.username_quirk.text) if evidence.username_quirk is not None else "",
        "tls_version": tls_version_label(observation.only_old_tls or ""),
        **_of_username(evidence),
        "oauth2_provider": _oauth2_provider(evidence),
        **dict(_of_provider(evidence.provider)),
        **dict(_of_certificate(observation.certificate)),
    }
    return {name: value for name, value in found.items() if value}


def _oauth2_provider(evidence: Evidence) -> str:
    """The provider, where its server lets programs in by its own sign-in page, too."""
    server = evidence.provider_server
    known = evidence.server_provider is not None or evidence.at_provider
    offers = server is not None and known and AuthenticationMethod.OAUTH2 in server.authentication
    return evidence.provider.name if offers and evidence.provider is not None else ""


def _of_username(evidence: Evidence) -> dict[str, str]:
    """The user name as the provider of this server has it: ``fitting_username`` where it is what the person has."""
    right = evidence.provider_username if evidence.at_provider else ""
    fits = right.casefold() == evidence.observation.target.username.casefold()
    return {"fitting_username" if fits else "right_username": quoted(right)}


def _of_person(address: EmailAddress, protocol: Protocol, provider: Provider | None) -> dict[str, str]:
    return {
        "address": address.unicode,
        "domain": address.domain.shown,
        "protocol": protocol_label(protocol),
        "provider": provider.name if provider is not None else _host_of_mail(address),
    }


def _host_of_mail(address: EmailAddress) -> str:
    """Who to ask where no provider is known: the domain may be one's own, and nobody asks oneself."""
    return _("the company that hosts the mail of {domain}").format(domain=address.domain.shown)


def _of_provider(provider: Provider | None) -> Iterator[tuple[str, str]]:
    """What the provider whose server it is allows, where somebody has read it."""
    if provider is None or not provider.facts:
        return
    from wizard.model.provider_facts import MostConnections, OAuth2Issuer, PasswordEnds, SenderDomain, SendingLimits
    from wizard.wording.provider_facts import sending_limits

    if connections := provider.known(MostConnections):
        yield "most_connections", str(connections.most)
    if sending := provider.known(SendingLimits):
        yield "sending_limits", sending_limits(sending)
    if password := provider.known(PasswordEnds):
        yield "password_days", str(password.days)
    if oauth2 := provider.known(OAuth2Issuer):
        yield "oauth2_issuer", oauth2.issuer
    if provider.known(SenderDomain):
        yield "sender_domain", provider.name


def _of_certificate(certificate: Certificate | None) -> Iterator[tuple[str, str]]:
    if certificate is None:
        return
    yield "names", ", ".join(printable(name, 80) for name in certificate.names[:MAX_NAMES])
    yield "issuer", quoted(certificate.issuer)
