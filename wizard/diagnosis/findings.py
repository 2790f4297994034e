"""From a cause to the finding for a person, in the active language: the texts of templates/doctor.yaml, filled in.

Text of servers is hostile: here it becomes one printable line, cut short, between quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import quoted, quoted_list
from wizard.diagnosis.knowledge import fields_of, knowledge
from wizard.language import translate as _
from wizard.model.diagnosis import Finding
from wizard.model.servers import USUAL_PORTS, SocketType
from wizard.model.text import printable
from wizard.wording import (
    authentication_label,
    protocol_label,
    security_setting,
    tls_version_label,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.diagnosis.evidence import Cause, Evidence
    from wizard.diagnosis.knowledge import Texts
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Certificate, Observation
    from wizard.model.provider import Provider, Step
    from wizard.model.servers import Protocol

MAX_NAMES = 6

_NOT_OF_ONE_SERVER = ("domain_not_found", "dns_denies_names", "captive_portal")
_SWITCH_ON = "{switch_on}"
_ENCRYPTED = (SocketType.SSL, SocketType.STARTTLS)


def finding_for(cause: Cause, evidence: Evidence) -> Finding:
    """The finding for a person. What ``cause.values`` gives as nothing is not known."""
    protocol = None if cause.code in _NOT_OF_ONE_SERVER else evidence.observation.target.protocol
    return _told(cause, values_of(evidence), protocol, _what_to_switch_on(evidence, cause.code))


def finding_for_unseen(cause: Cause, protocol: Protocol, address: EmailAddress, provider: Provider | None) -> Finding:
    """The finding about a server of ``protocol`` that was not looked at, or that nobody knows."""
    return _told(cause, _of_person(address, protocol, provider), protocol, ())


def _told(cause: Cause, values: Mapping[str, str], protocol: Protocol | None, switch_on: tuple[str, ...]) -> Finding:
    texts = knowledge().texts[cause.code, cause.case]
    known = {name: value for name, value in {**values, **cause.values}.items() if value}
    return Finding(
        code=cause.code,
        protocol=protocol,
        confidence=cause.confidence,
        evidence=_first(texts.seen, known),
        cause=_first(texts.cause, known),
        steps=tuple(step for alternatives in texts.steps for step in _steps(alternatives, known, switch_on)),
    )


def _first(texts: Texts, known: Mapping[str, str]) -> str:
    """The first text of which everything is known, or nothing."""
    return next((_(text).format(**known) for text in texts if all(name in known for name in fields_of(text))), "")


def _steps(texts: Texts, known: Mapping[str, str], switch_on: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        if text == _SWITCH_ON:
            if switch_on:
                yield from switch_on
                return
        elif all(name in known for name in fields_of(text)):
            yield _(text).format(**known)
            return


def _what_to_switch_on(evidence: Evidence, code: str) -> tuple[str, ...]:
    """The steps that the provider's file has for this protocol, each with its page.

    Those for one protocol tell where that is switched on; those for all, how a password for programs is made.
    """
    fitting = evidence.first_steps
    special = [step for step in fitting if step.protocols]
    general = [step for step in fitting if not step.protocols]
    if code == "auth_failed":  # either can be the reason
        chosen = [*special, *general]
    else:
        chosen = special if code == "protocol_switched_off" and special else general
    return tuple(map(_step_told, chosen or fitting))


def _step_told(step: Step) -> str:
    text = _(step.text) + (f" ({step.url})" if step.url else "")
    return text if step.source.verified else f"{text} {_('(not verified)')}"


def values_of(evidence: Evidence) -> dict[str, str]:
    """Everything that can be said of this server, by the names of :data:`wizard.diagnosis.knowledge.PLACEHOLDERS`.

    Nothing unknown is in it.
    """
    observation, target = evidence.observation, evidence.observation.target
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
        "method": next((authentication_label(method) for method in observation.methods), ""),
        "wanted": ", ".join(authentication_label(method) for method in target.authentication),
        "address_provider": evidence.address_provider.name if evidence.address_provider is not None else "",
        "username_is": _(evidence.username_quirk.text) if evidence.username_quirk is not None else "",
        "tls_version": tls_version_label(observation.only_old_tls or ""),
        "other_host": evidence.other_host,
        **dict(_ports(evidence)),
        **dict(_of_certificate(observation.certificate)),
    }
    return {name: value for name, value in found.items() if value}


def _of_person(address: EmailAddress, protocol: Protocol, provider: Provider | None) -> dict[str, str]:
    return {
        "address": address.unicode,
        "domain": address.domain.shown,
        "protocol": protocol_label(protocol),
        "provider": provider.name if provider is not None else address.domain.unicode,
    }


def _ports(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """``other_port``: seen to answer, or the provider's; ``usual_port``: what the standards say, not tried in vain."""
    observation, target = evidence.observation, evidence.observation.target
    answering = [(port.port, port.socket_type) for port in observation.other_ports if port.answers]
    server = evidence.provider_server
    if server is not None and evidence.at_provider and not observation.other_ports:
        answering.append((server.port, server.socket_type))
    places = [place for socket_type in _ENCRYPTED for place in answering if place[1] is socket_type]
    places = [place for place in places if place != (target.port, target.socket_type)]
    if places:
        yield "other_port", str(places[0][0])
        yield "other_security", security_setting(places[0][1])
    tls_port = next((port for port, socket_type in places if socket_type is SocketType.SSL), None)
    if tls_port is not None:
        yield "tls_port", str(tls_port)
    usual = _usual_place(observation)
    if usual is not None:
        yield "usual_port", str(usual[0])
        yield "usual_security", security_setting(usual[1])


def _usual_place(observation: Observation) -> tuple[int, SocketType] | None:
    target = observation.target
    in_vain = {(port.port, port.socket_type) for port in observation.other_ports if not port.answers}
    places = [(int(USUAL_PORTS[target.protocol, socket_type]), socket_type) for socket_type in _ENCRYPTED]
    return next((place for place in places if place[0] != target.port and place not in in_vain), None)


def _of_certificate(certificate: Certificate | None) -> Iterator[tuple[str, str]]:
    if certificate is None:
        return
    yield "names", ", ".join(printable(name, 80) for name in certificate.names[:MAX_NAMES])
    yield "issuer", quoted(certificate.issuer)
