"""Rules for what a server says, or does not say, before anybody logs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.answers import recognise
from wizard.diagnosis.suspicion import CERTAIN, LIKELY, POSSIBLE, Suspicion
from wizard.diagnosis.values import listed, quoted
from wizard.language import translate as _
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.failures import FailureKind
from wizard.net.responses import offers_starttls
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from wizard.diagnosis.suspicion import Case, Suspicions

_MAIL = frozenset(one.value for one in Protocol)
_ANOTHER_SPEECH = frozenset(
    {
        *(FailureKind.WRONG_PROTOCOL, FailureKind.NOT_TLS, FailureKind.ANSWER_TOO_LONG, FailureKind.TIMEOUT),
        *(FailureKind.CONNECTION_LOST, FailureKind.TLS_FAILED),
    }
)
_SPEECH_IS_WRONG = frozenset({FailureKind.WRONG_PROTOCOL, FailureKind.NOT_TLS, FailureKind.ANSWER_TOO_LONG})
_WITHOUT_PASSWORD = (AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS)
_BROKEN_OFF = frozenset({FailureKind.CONNECTION_LOST, FailureKind.TIMEOUT})


def about_the_speech(case: Case) -> Suspicions:
    """Another protocol than the one that was meant, or encryption where there is none, and the other way round."""
    observed, target = case.observed, case.observed.target
    if observed.failure not in _ANOTHER_SPEECH:
        return ()
    spoke = _spoken(case)
    if spoke == "http":
        return (Suspicion("host_is_a_web_server", CERTAIN),)
    if spoke in _MAIL and spoke != target.protocol.value:
        return (Suspicion("wrong_protocol", CERTAIN, values=_account_of(spoke, target.protocol)),)
    if observed.spoke == "tls" and target.socket_type is not SocketType.SSL:
        return (Suspicion("plain_on_tls_port", CERTAIN),)
    if (
        spoke == target.protocol.value
        and target.socket_type is SocketType.SSL
        and case.failed_rung in (None, RungName.TLS)
    ):
        return (Suspicion("tls_on_plain_port", CERTAIN),)
    greeted = any(one.name is RungName.GREETING and one.status is RungStatus.OK for one in observed.rungs)
    if observed.failure in _SPEECH_IS_WRONG and not greeted:
        sure = CERTAIN if spoke == "ssh" else LIKELY
        return (Suspicion("not_a_mail_server", sure),)
    return ()


def _spoken(case: Case) -> str:
    """The protocol that was heard, by the look that was taken, else by the first line itself."""
    observed = case.observed
    line = observed.extra.get("spoke_line", "") or observed.detail
    if observed.spoke and observed.spoke not in ("plain", "tls"):
        return observed.spoke
    for beginning, protocol in (("HTTP/", "http"), ("SSH-", "ssh"), ("* OK", "imap"), ("+OK", "pop3")):
        if line.upper().startswith(beginning):
            return protocol
    if line.startswith("220") and (case.sending or "SMTP" in line.upper()):
        return "smtp"
    return ""


def _account_of(spoke: str, meant: Protocol) -> dict[str, str]:
    """``spoken``, and the kind of account to choose where both are for reading mail."""
    found = {"spoken": protocol_label(Protocol(spoke))}
    if Protocol.SMTP not in (meant, spoke):
        found["account_kind"] = found["spoken"]
    return found


def about_starttls(case: Case) -> Suspicions:
    """The encryption that should begin after the greeting."""
    observed = case.observed
    match observed.failure:
        case FailureKind.STARTTLS_INJECTION:
            return (Suspicion("starttls_stripped", LIKELY, "injection"),)
        case FailureKind.STARTTLS_REFUSED:
            return (Suspicion("starttls_missing", CERTAIN, "refused"),)
        case FailureKind.STARTTLS_MISSING:
            return _missing(case)
        case _:
            return ()


def _missing(case: Case) -> Suspicions:
    observed, extra = case.observed, case.observed.extra
    mangled, elsewhere = extra.get("starttls_mangled", ""), extra.get("starttls_elsewhere", "")
    server = case.provider_server
    if mangled:
        words = _("In place of STARTTLS, {word} is offered.").format(word=quoted(mangled))
        return (Suspicion("starttls_stripped", CERTAIN, values={"tampering": words}),)
    if elsewhere:
        words = _("Another address of {host}, {address}, offers STARTTLS.").format(
            host=observed.target.host, address=quoted(elsewhere)
        )
        return (Suspicion("starttls_stripped", LIKELY, values={"tampering": words}),)
    if (
        server is not None
        and case.at_provider
        and (server.port, server.socket_type)
        == (
            observed.target.port,
            SocketType.STARTTLS,
        )
    ):
        return (Suspicion("starttls_stripped", LIKELY, values={"offered": ""}),)
    tried = [one for one in observed.other_ports if one.socket_type is not SocketType.PLAIN]
    if tried and not any(one.answers for one in tried):
        return (Suspicion("plaintext_only", LIKELY),)
    return (Suspicion("starttls_missing", CERTAIN),)


def about_no_encryption(case: Case) -> Suspicions:
    """A program that does without encryption."""
    observed = case.observed
    if observed.target.socket_type is not SocketType.PLAIN or observed.capabilities is None:
        return ()
    before = observed.clear_capabilities or observed.capabilities
    if offers_starttls(observed.target.protocol, before):
        locked = not observed.methods and not observed.logins
        return (Suspicion("login_disabled", CERTAIN, "without_encryption"),) if locked else (_AVOIDABLE,)
    server = case.provider_server
    encrypted = server is not None and case.at_provider and server.secure
    return (_AVOIDABLE,) if encrypted else (Suspicion("plaintext_only", CERTAIN, "on_this_port"),)


_AVOIDABLE = Suspicion("plaintext_only", CERTAIN, "avoidable")


def about_a_refusal(case: Case) -> Suspicions:
    """A server that says no, or breaks off, before the log-in."""
    observed = case.observed
    if observed.failure == FailureKind.SERVER_SAYS_NO:
        found = recognise(observed.target.protocol, "", observed.detail)
        if found is None:
            return (Suspicion("temporarily_unavailable", POSSIBLE),)
        return (Suspicion(found.code, found.confidence, found.case),)
    if observed.failure in _BROKEN_OFF:
        # The detail is only the name of the step here.
        silent = observed.failure == FailureKind.TIMEOUT
        seen = _("The server took the connection, and then said nothing.") if silent else ""
        return (Suspicion("temporarily_unavailable", POSSIBLE, values={"answer": "", "detail": seen}),)
    return ()


def about_anything_else(case: Case) -> Suspicions:
    """A failure that none of the other rules knows: what was said is told, and nothing more."""
    if case.observed.failure is None:
        return ()
    return (Suspicion("temporarily_unavailable", POSSIBLE),)


def about_what_is_offered(case: Case) -> Suspicions:
    """Capabilities without any way to log in, or without the one that the program uses."""
    observed, target = case.observed, case.observed.target
    if observed.capabilities is None or any(one.accepted for one in observed.logins):
        return ()
    words = {one.upper().split()[0] for one in observed.capabilities if one.strip()}
    offered = {"offered": listed(observed.capabilities), "answer": ""}
    if not observed.methods and case.sending:
        return (Suspicion("smtp_auth_missing", CERTAIN, values=offered),)
    if not observed.methods and "LOGINDISABLED" in words:
        return (Suspicion("login_disabled", CERTAIN, values=offered),)
    wanted = set(target.authentication)
    if not wanted or not observed.methods or wanted & {*observed.methods, *_WITHOUT_PASSWORD}:
        return ()
    only_oauth2 = set(observed.methods) == {AuthenticationMethod.OAUTH2}
    return (Suspicion("auth_oauth2_only" if only_oauth2 else "auth_mechanism_missing", CERTAIN, values={"answer": ""}),)
