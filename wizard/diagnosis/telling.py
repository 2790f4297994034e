"""From a cause that a rule has come to, to the words for the person, in the active language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.knowledge import fields_of, knowledge
from wizard.diagnosis.values import values
from wizard.language import translate as _
from wizard.model.diagnosis import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.diagnosis.knowledge import Texts
    from wizard.diagnosis.suspicion import Case, Suspicion
    from wizard.model.servers import Protocol

_SWITCH_ON = "{switch_on}"


def tell(suspicion: Suspicion, case: Case) -> Finding:
    """The finding for a person. What ``suspicion.values`` gives as nothing is not known."""
    telling = knowledge().tellings[suspicion.code, suspicion.case]
    known = {name: value for name, value in {**values(case), **suspicion.values}.items() if value}
    provided = _what_to_switch_on(case, suspicion.code)
    return Finding(
        code=suspicion.code,
        protocol=case.observed.target.protocol if _is_of_a_server(suspicion.code) else None,
        confidence=suspicion.confidence,
        evidence=_first(telling.seen, known),
        cause=_first(telling.cause, known),
        steps=tuple(step for texts in telling.steps for step in _steps(texts, known, provided)),
    )


def _is_of_a_server(code: str) -> bool:
    return code not in ("domain_not_found", "captive_portal")


def _first(texts: Texts, known: Mapping[str, str]) -> str:
    """The first text of which everything is known, or nothing."""
    return next((_(one).format(**known) for one in texts if all(name in known for name in fields_of(one))), "")


def _steps(texts: Texts, known: Mapping[str, str], provided: tuple[str, ...]) -> Iterator[str]:
    for one in texts:
        if one == _SWITCH_ON:
            if provided:
                yield from provided
                return
        elif all(name in known for name in fields_of(one)):
            yield _(one).format(**known)
            return


def _what_to_switch_on(case: Case, code: str) -> tuple[str, ...]:
    """The steps that the provider's file has for this protocol, each with its page.

    Those for one protocol tell where that is switched on; those for all, how a password for programs is made.
    """
    if case.provider is None:
        return ()
    protocol = case.observed.target.protocol
    fitting = [one for one in case.provider.switch_on if _fits(one.protocols, protocol)]
    special = [one for one in fitting if one.protocols]
    chosen = special if code == "protocol_switched_off" and special else [one for one in fitting if one not in special]
    return tuple(_(one.text) + (f" ({one.url})" if one.url else "") for one in chosen or fitting)


def _fits(protocols: tuple[Protocol, ...], protocol: Protocol) -> bool:
    return not protocols or protocol in protocols
