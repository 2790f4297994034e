"""Rules for a log-in that was refused, and for a mailbox that did not open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.answers import as_said, recognise
from wizard.diagnosis.suspicion import CERTAIN, LIKELY, POSSIBLE, Suspicion
from wizard.diagnosis.values import provider_username, quoted
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, Protocol
from wizard.net.failures import FailureKind
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from wizard.diagnosis.suspicion import Case, Suspicions
    from wizard.model.diagnosis import LoginTry

NOT_ASKED = frozenset({FailureKind.DNS_FAILED, FailureKind.DNS_TIMEOUT, FailureKind.ADDRESS_NOT_ALLOWED})
"""Nobody came as far as the provider."""

_OFFERED_BY = {"imap_only": (Protocol.IMAP,), "pop_only": (Protocol.POP3,), "neither": ()}
_OFFERED_TO = {Protocol.IMAP: Protocol.POP3, Protocol.POP3: Protocol.IMAP}

_BY_PASSWORD_KIND = {
    "app_password": Suspicion("auth_needs_app_password", LIKELY),
    "authorisation_code": Suspicion("auth_needs_app_password", LIKELY, "authorisation_code"),
    "bridge": Suspicion("auth_needs_app_password", LIKELY, "bridge"),
    "none": Suspicion("auth_oauth2_only", LIKELY),
}
"""What a refused password means at a provider that takes another kind (wizard.model.provider.Provider)."""


def about_the_offer(case: Case) -> Suspicions:
    """A protocol that the provider does not offer at all; a name that there is not is what comes of it."""
    if case.observed.failure in NOT_ASKED:
        return ()
    protocol = case.observed.target.protocol
    offered = _OFFERED_BY.get(case.provider.offers or "") if case.provider is not None else None
    if case.observed.failure is None or case.sending or offered is None or protocol in offered:
        return ()
    other = _OFFERED_TO[protocol]
    values = {"alternative": protocol_label(other)} if other in offered else {}
    if case.observed.failure in (FailureKind.NO_SUCH_NAME, FailureKind.NO_ADDRESS):
        host = case.observed.target.host
        values["detail"] = _("The name system knows no address of {host}.").format(host=host)
    return (Suspicion("protocol_switched_off", LIKELY, "not_offered", values),)


def about_the_login(case: Case) -> Suspicions:
    """A refused log-in."""
    observed = case.observed
    if observed.failure == "login_impossible" and not observed.logins:
        return _impossible(case)
    refused = [one for one in observed.logins if not one.accepted]
    if not refused or any(one.accepted and one.username == observed.target.username for one in observed.logins):
        return ()
    answer = {"answer": quoted(as_said(refused[0].code, refused[0].text))}
    accepted = next((one for one in observed.logins if one.accepted), None)
    if accepted is not None:
        return (Suspicion("username_form", CERTAIN, values={"other_username": quoted(accepted.username)}),)
    found = recognise(observed.target.protocol, refused[0].code, refused[0].text)
    if found is None:
        return _by_circumstances(case, refused[0], Suspicion("auth_failed", LIKELY, values=answer))
    if found.code == "auth_failed" and not found.case:
        return _by_circumstances(case, refused[0], Suspicion(found.code, found.confidence, values=answer))
    if found.code == "username_form" and not found.case:
        answer["other_username"] = quoted(str(case.address))
    return (Suspicion(found.code, found.confidence, found.case, answer),)


def _impossible(case: Case) -> Suspicions:
    methods = set(case.observed.methods)
    if methods == {AuthenticationMethod.OAUTH2}:
        return (Suspicion("auth_oauth2_only", CERTAIN, values={"answer": ""}),)
    if AuthenticationMethod.PASSWORD_CLEARTEXT in methods:
        return (Suspicion("auth_failed", POSSIBLE, "unsendable", {"answer": ""}),)
    if methods:
        return (Suspicion("auth_mechanism_missing", LIKELY, values={"answer": "", "wanted": ""}),)
    return (Suspicion("smtp_auth_missing" if case.sending else "login_disabled", CERTAIN, values={"answer": ""}),)


def _by_circumstances(case: Case, refused: LoginTry, plain: Suspicion) -> Suspicions:
    """Name or password wrong: by what is known of the provider, which of the two, and which password it wants."""
    observed, answer = case.observed, {"answer": plain.values["answer"]}
    tried = {one.username for one in observed.logins}
    expected = provider_username(case) if case.at_provider else ""
    if expected and expected not in tried:
        return (Suspicion("username_form", LIKELY, values={**answer, "other_username": quoted(expected)}),)
    if set(observed.methods) == {AuthenticationMethod.OAUTH2}:
        return (Suspicion("auth_oauth2_only", CERTAIN, values=answer),)
    kind = case.provider.password_kind if case.provider is not None else ""
    known = _BY_PASSWORD_KIND.get(kind)
    if known is not None:
        return (Suspicion(known.code, known.confidence, known.case, answer),)
    if kind == "app_password_if_2fa":
        return (plain, Suspicion("auth_needs_app_password", POSSIBLE, values=answer))
    if not expected and "@" not in refused.username and str(case.address) not in tried:
        return (
            plain,
            Suspicion("username_form", POSSIBLE, "perhaps", {**answer, "other_username": case.address.unicode}),
        )
    return (plain,)


def about_the_mailbox(case: Case) -> Suspicions:
    """A mailbox that is full, or does not open although the log-in was accepted."""
    observed = case.observed
    used, limit = (_number(observed.extra.get(name, "")) for name in ("quota_used", "quota_limit"))
    if limit and used >= limit:
        return (Suspicion("mailbox_full", CERTAIN, values={"answer": ""}),)
    if observed.failure != "mailbox_refused":
        return ()
    words = observed.extra.get("mailbox", "") or observed.detail
    found = recognise(observed.target.protocol, "", words)
    if found is None:
        return (Suspicion("temporarily_unavailable", POSSIBLE, values={"answer": quoted(words)}),)
    return (Suspicion(found.code, found.confidence, found.case, {"answer": quoted(words)}),)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
