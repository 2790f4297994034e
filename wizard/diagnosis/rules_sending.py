"""Rules for sending: the message to oneself, and certified mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.answers import as_said, recognise
from wizard.diagnosis.suspicion import CERTAIN, LIKELY, POSSIBLE, Suspicion
from wizard.diagnosis.values import provider_username, quoted
from wizard.net.domains import same_registrable
from wizard.wording import security_setting

if TYPE_CHECKING:
    from wizard.diagnosis.suspicion import Case, Suspicions

_OF_THE_SENDER = frozenset({"MAIL", "DATA"})
_TEMPORARY = "4"


def about_the_message(case: Case) -> Suspicions:
    """A message that was refused; ``mechanism`` of the try is the SMTP command that was answered."""
    sent = case.observed.sent
    if sent is None or sent.accepted:
        return ()
    answer = {"answer": quoted(as_said(sent.code, sent.text))}
    found = recognise(case.observed.target.protocol, sent.code, sent.text)
    # The bare codes of the standards do not tell a refused sender from a refused recipient: the command does.
    if found is not None and (found.who or found.confidence is not POSSIBLE):
        return (Suspicion(found.code, found.confidence, found.case, answer),)
    if sent.code.startswith(_TEMPORARY):
        return (Suspicion("temporarily_unavailable", LIKELY, values=answer),)
    code = "smtp_sender_refused" if sent.mechanism in _OF_THE_SENDER else "smtp_relay_denied"
    return (Suspicion(code, LIKELY if sent.mechanism == "MAIL" else POSSIBLE, values=answer),)


def about_certified_mail(case: Case) -> Suspicions:
    """Certified mail that would leave through somebody else's server."""
    provider, host = case.provider, case.observed.target.host
    if provider is None or not case.sending or not (provider.certified_mail or provider.smtp_must_match):
        return ()
    server = case.provider_server
    if server is None or any(_is_own(case.host_of(one), host) for one in provider.config.outgoing):
        return ()
    values = {
        "other_host": case.host_of(server),
        "other_port": str(server.port),
        "other_security": security_setting(server.socket_type),
        "other_username": quoted(provider_username(case)),
    }
    return (Suspicion("pec_needs_its_own_smtp", CERTAIN if provider.certified_mail else LIKELY, values=values),)


def _is_own(own: str, host: str) -> bool:
    """The host itself, or one beside it (smtp.pec.example.it and smtps.pec.example.it)."""
    above = own.partition(".")[2]
    return own == host or (above.count(".") > 1 and host.endswith(f".{above}") and same_registrable(own, host))
