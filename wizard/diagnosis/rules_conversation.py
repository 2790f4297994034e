"""Rules for what is spoken on a port, how it is encrypted, and what is offered; ``rules_answers`` stand between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import CERTAIN, LIKELY, POSSIBLE, Cause, quoted, quoted_list, rule
from wizard.diagnosis.rules_answers import ANSWER_RULES, INTERRUPTED_KINDS
from wizard.language import translate as _
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.failures import FailureKind
from wizard.net.responses import offers_starttls
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from wizard.diagnosis.evidence import Causes, Evidence, Rule

_MAIL_PROTOCOLS = frozenset(protocol.value for protocol in Protocol)
_NOT_THE_PROTOCOL = frozenset({FailureKind.WRONG_PROTOCOL, FailureKind.NOT_TLS, FailureKind.ANSWER_TOO_LONG})
_FIRST_WORDS = (("HTTP/", "http"), ("SSH-", "ssh"), ("* OK", "imap"), ("+OK", "pop3"))
_NO_CREDENTIALS = (AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS)

_AVOIDABLE = Cause("plaintext_only", CERTAIN, "avoidable")


# What is spoken


@rule("host_is_a_web_server")
def http_spoken(evidence: Evidence) -> Causes:
    return (Cause("host_is_a_web_server", CERTAIN),) if _spoken(evidence) == "http" else ()


@rule("wrong_protocol")
def other_mail_protocol_spoken(evidence: Evidence) -> Causes:
    spoken, protocol = _spoken(evidence), evidence.observation.target.protocol
    if spoken not in _MAIL_PROTOCOLS or spoken == protocol.value:
        return ()
    values = {"spoken": protocol_label(Protocol(spoken))}
    if Protocol.SMTP not in (protocol, spoken):  # both are for reading mail: the account may be of that kind
        values["account_kind"] = values["spoken"]
    return (Cause("wrong_protocol", CERTAIN, values=values),)


@rule("plain_on_tls_port")
def tls_spoken(evidence: Evidence) -> Causes:
    """The server waits for TLS; the program waits for a greeting."""
    observation = evidence.observation
    encrypted = observation.target.socket_type is SocketType.SSL
    if not _protocol_in_doubt(evidence) or observation.spoken != "tls" or encrypted:
        return ()
    return (Cause("plain_on_tls_port", CERTAIN),)


@rule("tls_on_plain_port")
def greeted_in_the_clear(evidence: Evidence) -> Causes:
    """The program starts TLS; the server greets in the clear."""
    target = evidence.observation.target
    before_greeting = evidence.observation.failed_rung in (None, RungName.TLS)
    if target.socket_type is SocketType.SSL and before_greeting and _spoken(evidence) == target.protocol.value:
        return (Cause("tls_on_plain_port", CERTAIN),)
    return ()


@rule("not_a_mail_server")
def something_else_spoken(evidence: Evidence) -> Causes:
    observation = evidence.observation
    greeted = any(rung.name is RungName.GREETING and rung.status is RungStatus.OK for rung in observation.rungs)
    if observation.failure not in _NOT_THE_PROTOCOL or greeted:
        return ()
    return (Cause("not_a_mail_server", CERTAIN if _spoken(evidence) == "ssh" else LIKELY),)


def _protocol_in_doubt(evidence: Evidence) -> bool:
    return evidence.observation.failure in _NOT_THE_PROTOCOL | INTERRUPTED_KINDS


def _spoken(evidence: Evidence) -> str:
    """The protocol that was heard instead, by the check that was made, else by the first line itself; or nothing."""
    observation = evidence.observation
    if not _protocol_in_doubt(evidence):
        return ""
    if observation.spoken and observation.spoken not in ("plain", "tls"):
        return observation.spoken
    line = observation.extra.get("spoke_line", "") or observation.detail
    for beginning, protocol in _FIRST_WORDS:
        if line.upper().startswith(beginning):
            return protocol
    return "smtp" if line.startswith("220") and (evidence.sending or "SMTP" in line.upper()) else ""


# Encryption after the greeting


@rule("starttls_stripped")
def words_before_tls(evidence: Evidence) -> Causes:
    if evidence.observation.failure != FailureKind.STARTTLS_INJECTION:
        return ()
    return (Cause("starttls_stripped", LIKELY, "injection"),)


@rule("starttls_missing")
def starttls_refused(evidence: Evidence) -> Causes:
    if evidence.observation.failure != FailureKind.STARTTLS_REFUSED:
        return ()
    return (Cause("starttls_missing", CERTAIN, "refused"),)


@rule("starttls_stripped")
def starttls_taken_away(evidence: Evidence) -> Causes:
    """STARTTLS is not offered here, and there is a sign that the server does offer it."""
    observation = evidence.observation
    if observation.failure != FailureKind.STARTTLS_MISSING:
        return ()
    mangled = observation.extra.get("starttls_mangled", "")
    if mangled:
        words = _("In place of STARTTLS, {word} is offered.").format(word=quoted(mangled))
        return (Cause("starttls_stripped", CERTAIN, values={"tampering": words}),)
    elsewhere = observation.extra.get("starttls_elsewhere", "")
    if elsewhere:
        words = _("Another address of {host}, {address}, offers STARTTLS.").format(
            host=observation.target.host, address=quoted(elsewhere)
        )
        return (Cause("starttls_stripped", LIKELY, values={"tampering": words}),)
    server = evidence.provider_server if evidence.at_provider else None
    known = (server.port, server.socket_type) if server is not None else None
    if known == (observation.target.port, SocketType.STARTTLS):
        return (Cause("starttls_stripped", LIKELY, values={"offered": ""}),)
    return ()


@rule("starttls_missing", "plaintext_only")
def starttls_missing(evidence: Evidence) -> Causes:
    observation = evidence.observation
    if observation.failure != FailureKind.STARTTLS_MISSING:
        return ()
    tried = [port for port in observation.other_ports if port.socket_type is not SocketType.PLAIN]
    if tried and not any(port.answers for port in tried):
        return (Cause("plaintext_only", LIKELY),)
    return (Cause("starttls_missing", CERTAIN),)


# What is offered


@rule("login_disabled", "plaintext_only")
def no_encryption(evidence: Evidence) -> Causes:
    """A program that does without encryption."""
    observation = evidence.observation
    if observation.target.socket_type is not SocketType.PLAIN or observation.capabilities is None:
        return ()
    before_tls = observation.clear_capabilities or observation.capabilities
    if offers_starttls(observation.target.protocol, before_tls):
        locked = not observation.methods and not observation.logins
        return (Cause("login_disabled", CERTAIN, "without_encryption") if locked else _AVOIDABLE,)
    server = evidence.provider_server
    encrypted_at_provider = server is not None and evidence.at_provider and server.secure
    return (_AVOIDABLE if encrypted_at_provider else Cause("plaintext_only", CERTAIN, "on_this_port"),)


@rule("smtp_auth_missing", "login_disabled")
def no_login_offered(evidence: Evidence) -> Causes:
    observation = evidence.observation
    if observation.capabilities is None or observation.methods or _logged_in(evidence):
        return ()
    words = {capability.upper().split()[0] for capability in observation.capabilities if capability.strip()}
    offered = {"offered": quoted_list(observation.capabilities), "answer": ""}
    if evidence.sending:
        return (Cause("smtp_auth_missing", CERTAIN, values=offered),)
    return (Cause("login_disabled", CERTAIN, values=offered),) if "LOGINDISABLED" in words else ()


@rule("auth_oauth2_only", "auth_mechanism_missing")
def method_not_offered(evidence: Evidence) -> Causes:
    """The way to log in that the program uses is not among those that are offered."""
    observation, wanted = evidence.observation, set(evidence.observation.target.authentication)
    if observation.capabilities is None or not observation.methods or _logged_in(evidence):
        return ()
    if not wanted or wanted & {*observation.methods, *_NO_CREDENTIALS}:
        return ()
    only_oauth2 = set(observation.methods) == {AuthenticationMethod.OAUTH2}
    return (Cause("auth_oauth2_only" if only_oauth2 else "auth_mechanism_missing", CERTAIN, values={"answer": ""}),)


def _logged_in(evidence: Evidence) -> bool:
    return any(attempt.accepted for attempt in evidence.observation.logins)


@rule("temporarily_unavailable")
def anything_else(evidence: Evidence) -> Causes:
    """A failure that no other rule knows: what was said is told, and nothing more."""
    return (Cause("temporarily_unavailable", POSSIBLE),) if evidence.observation.failure is not None else ()


CONVERSATION_RULES: tuple[Rule, ...] = (
    *(http_spoken, other_mail_protocol_spoken, tls_spoken, greeted_in_the_clear, something_else_spoken),
    *(words_before_tls, starttls_refused, starttls_taken_away, starttls_missing),
    *ANSWER_RULES,
    *(no_encryption, no_login_offered, method_not_offered, anything_else),
)
"""In the order in which they are asked."""
