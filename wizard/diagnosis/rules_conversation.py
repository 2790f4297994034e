"""Rules for what a server says, or does not say: greeting, encryption, log-in, mailbox and sending."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import CERTAIN, LIKELY, POSSIBLE, Cause, belong_together, quoted, quoted_list, rule
from wizard.diagnosis.knowledge import Stage
from wizard.diagnosis.refusals import answer_line, interpret, says_nothing
from wizard.language import translate as _
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType, fill
from wizard.net.failures import FailureKind
from wizard.net.responses import offers_starttls
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from wizard.diagnosis.evidence import Causes, Evidence, Rule
    from wizard.diagnosis.refusals import Refusal
    from wizard.model.diagnosis import LoginAttempt

_MAIL_PROTOCOLS = frozenset(protocol.value for protocol in Protocol)
_NOT_THE_PROTOCOL = frozenset({FailureKind.WRONG_PROTOCOL, FailureKind.NOT_TLS, FailureKind.ANSWER_TOO_LONG})
_BROKEN_OFF = frozenset({FailureKind.CONNECTION_LOST, FailureKind.TIMEOUT})
_FIRST_WORDS = (("HTTP/", "http"), ("SSH-", "ssh"), ("* OK", "imap"), ("+OK", "pop3"))
_NO_CREDENTIALS = (AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS)

_BY_PASSWORD_KIND = {
    "app_password": Cause("auth_needs_app_password", LIKELY),
    "authorisation_code": Cause("auth_needs_app_password", LIKELY, "authorisation_code"),
    "bridge": Cause("auth_needs_app_password", LIKELY, "bridge"),
    "none": Cause("auth_oauth2_only", LIKELY),
}
"""What a refused password means at a provider that wants another kind (wizard.model.provider.Provider)."""

_NAMED_BY_THE_PROVIDER = "user_id_not_address"

_STAGES = {RungName.LOGIN: Stage.LOGIN, RungName.MAILBOX: Stage.MAILBOX}
_COMMANDS = {"MAIL": Stage.MAIL, "RCPT": Stage.RCPT, "DATA": Stage.DATA}
_BY_COMMAND = {
    "MAIL": ("smtp_sender_refused", LIKELY),
    "RCPT": ("smtp_relay_denied", POSSIBLE),
    "DATA": ("taken_for_spam", POSSIBLE),
}
"""What a refusal means that says nothing else: of the sender, of the recipient, of the message."""

_PORT_BETWEEN_SERVERS = 25
_TEMPORARY = "4"
_NO_SUCH_MAILBOX = "550"
_PERMANENT = re.compile(r"5\d\d")
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
    return evidence.observation.failure in _NOT_THE_PROTOCOL | _BROKEN_OFF


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


# A server that says no, or breaks off, before the log-in


@rule("temporarily_unavailable", "address_blacklisted", "port_25_blocked", reads_answers=True)
def refused_before_login(evidence: Evidence) -> Causes:
    observation = evidence.observation
    if observation.failure != FailureKind.SERVER_SAYS_NO:
        return ()
    rung = observation.failed_rung
    refusal = _meaning(evidence, "", observation.detail, _STAGES.get(rung, Stage.GREETING) if rung else None)
    unexplained = refusal is None or refusal.code == "temporarily_unavailable"
    if unexplained and rung is RungName.GREETING and _PERMANENT.match(observation.detail):
        return (Cause("address_blacklisted", LIKELY, "network_refused"),)
    if refusal is None:
        return (Cause("temporarily_unavailable", POSSIBLE),)
    if refusal.code == "address_blacklisted" and observation.target.port == _PORT_BETWEEN_SERVERS:
        return (Cause("port_25_blocked", LIKELY, "listed"),)
    return (Cause(refusal.code, refusal.confidence, refusal.case),)


@rule("temporarily_unavailable")
def broken_off(evidence: Evidence) -> Causes:
    failure = evidence.observation.failure
    if failure not in _BROKEN_OFF:
        return ()
    # The detail is only the name of the rung here.
    silent = failure == FailureKind.TIMEOUT
    seen = _("The server took the connection, and then said nothing.") if silent else ""
    return (Cause("temporarily_unavailable", POSSIBLE, values={"answer": "", "detail": seen}),)


# The log-in


@rule("auth_oauth2_only", "auth_failed", "auth_mechanism_missing", "smtp_auth_missing", "login_disabled")
def no_usable_mechanism(evidence: Evidence) -> Causes:
    """No log-in was tried, because none of ours was possible."""
    observation = evidence.observation
    if observation.failure != "login_impossible":
        return ()
    methods = set(observation.methods)
    if methods == {AuthenticationMethod.OAUTH2}:
        return (Cause("auth_oauth2_only", CERTAIN, values={"answer": ""}),)
    if AuthenticationMethod.PASSWORD_CLEARTEXT in methods:
        return (Cause("auth_failed", POSSIBLE, "unsendable", {"answer": ""}),)
    if methods:
        return (Cause("auth_mechanism_missing", LIKELY, values={"answer": "", "wanted": ""}),)
    return (Cause("smtp_auth_missing" if evidence.sending else "login_disabled", CERTAIN, values={"answer": ""}),)


@rule("username_form")
def other_username_accepted(evidence: Evidence) -> Causes:
    """Refused as the program has it, and accepted with another form of the user name."""
    logins = evidence.observation.logins
    accepted = [attempt.username for attempt in logins if attempt.accepted]
    if not accepted or len(accepted) == len(logins) or evidence.observation.target.username in accepted:
        return ()
    name = quoted(accepted[0])
    return (Cause("username_form", CERTAIN, values={"other_username": name, "accepted_username": name}),)


@rule("username_form", reads_answers=True)
def login_refused_with_a_reason(evidence: Evidence) -> Causes:
    """The server says more than that user name or password are wrong."""
    attempt = _refused_attempt(evidence)
    if attempt is None:
        return ()
    refusal = _meaning(evidence, attempt.code, attempt.text, Stage.LOGIN)
    if refusal is None or refusal.is_wrong_login:
        return ()
    values = _answer(attempt)
    if refusal.code == "username_form":  # what they want to be written is the whole address
        if str(evidence.address) in _usernames_tried(evidence):
            unknown = Cause("username_form", refusal.confidence, "unknown", values)
            return (unknown,) if refusal.case == "perhaps" else ()
        values["other_username"] = quoted(str(evidence.address))
    return (Cause(refusal.code, refusal.confidence, refusal.case, values),)


@rule("auth_failed")
def mailbox_of_another_provider(evidence: Evidence) -> Causes:
    """Refused, by a provider that has nothing to do with the one where the mailbox is."""
    attempt, here, home = _refused_attempt(evidence), evidence.server_provider, evidence.home_provider
    if attempt is None or here is None or home is None or belong_together(here, home):
        return ()
    values = {**_answer(attempt), "address_provider": home.name}
    return (Cause("auth_failed", LIKELY, "another_provider", values),)


@rule("username_form")
def username_given_by_the_provider(evidence: Evidence) -> Causes:
    """Refused with the address, at a provider whose user names do not follow from it."""
    attempt, quirk = _refused_attempt(evidence), evidence.username_quirk
    if attempt is None or quirk is None or quirk.code != _NAMED_BY_THE_PROVIDER or "@" not in attempt.username:
        return ()
    return (Cause("username_form", LIKELY, "given", _answer(attempt)),)


@rule("username_form")
def username_not_the_providers(evidence: Evidence) -> Causes:
    """Refused, and the user name that is published for the address, or that the provider wants, was not tried."""
    attempt, expected = _refused_attempt(evidence), evidence.expected_username
    if attempt is None or not expected or expected in _usernames_tried(evidence):
        return ()
    return (Cause("username_form", LIKELY, values={**_answer(attempt), "other_username": quoted(expected)}),)


@rule("auth_oauth2_only", "auth_needs_app_password")
def password_of_another_kind(evidence: Evidence) -> Causes:
    """Refused, and the server or the provider is known not to take the account's own password."""
    attempt = _refused_attempt(evidence)
    if attempt is None:
        return ()
    if set(evidence.observation.methods) == {AuthenticationMethod.OAUTH2}:
        return (Cause("auth_oauth2_only", CERTAIN, values=_answer(attempt)),)
    provider = evidence.provider
    known = _BY_PASSWORD_KIND.get(provider.password_kind) if provider is not None else None
    if provider is None or known is None:
        return ()
    verified = provider.password_source is None or provider.password_source.verified
    return (Cause(known.code, known.confidence if verified else POSSIBLE, known.case, _answer(attempt)),)


@rule("auth_failed", "auth_needs_app_password", "username_form")
def username_or_password_wrong(evidence: Evidence) -> Causes:
    attempt = _refused_attempt(evidence)
    if attempt is None:
        return ()
    answer = _answer(attempt)
    refusal = _meaning(evidence, attempt.code, attempt.text, Stage.LOGIN)
    wrong = Cause("auth_failed", POSSIBLE, "unclear", answer)
    if refusal is not None and refusal.is_wrong_login:
        wrong = Cause("auth_failed", refusal.confidence, refusal.case, answer)
    elif refusal is not None or says_nothing(attempt.code, attempt.text):
        wrong = Cause("auth_failed", LIKELY, values=answer)
    if evidence.first_steps:  # the server need not say so where they were not taken
        wrong = replace(wrong, case="first_steps", confidence=LIKELY)
    if evidence.provider is not None and evidence.provider.password_kind == "app_password_if_2fa":
        return (wrong, Cause("auth_needs_app_password", POSSIBLE, values=answer))
    known_form = evidence.at_provider and evidence.provider_username
    if not known_form and "@" not in attempt.username and str(evidence.address) not in _usernames_tried(evidence):
        whole = {**answer, "other_username": evidence.address.unicode}
        return (wrong, Cause("username_form", POSSIBLE, "perhaps", whole))
    return (wrong,)


def _refused_attempt(evidence: Evidence) -> LoginAttempt | None:
    """The first log-in that was refused, where none was accepted."""
    logins = evidence.observation.logins
    return None if not logins or any(attempt.accepted for attempt in logins) else logins[0]


def _usernames_tried(evidence: Evidence) -> set[str]:
    return {attempt.username for attempt in evidence.observation.logins}


def _meaning(evidence: Evidence, code: str, text: str, stage: Stage | None) -> Refusal | None:
    target = evidence.observation.target
    return interpret(target.protocol, code, text, stage=stage, host=target.host)


def _answer(attempt: LoginAttempt) -> dict[str, str]:
    return {"answer": quoted(answer_line(attempt.code, attempt.text))}


# The mailbox


@rule("mailbox_full")
def quota_used_up(evidence: Evidence) -> Causes:
    extra = evidence.observation.extra
    used, limit = (_number(extra.get(name, "")) for name in ("quota_used", "quota_limit"))
    return (Cause("mailbox_full", CERTAIN, values={"answer": ""}),) if limit and used >= limit else ()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@rule("temporarily_unavailable", reads_answers=True)
def mailbox_refused(evidence: Evidence) -> Causes:
    """A mailbox that does not open although the log-in was accepted."""
    observation = evidence.observation
    if observation.failure != "mailbox_refused":
        return ()
    words = observation.extra.get("mailbox", "") or observation.detail
    answer = {"answer": quoted(words)}
    refusal = _meaning(evidence, "", words, Stage.MAILBOX)
    if refusal is None:
        return (Cause("temporarily_unavailable", POSSIBLE, values=answer),)
    return (Cause(refusal.code, refusal.confidence, refusal.case, answer),)


# Sending


@rule(
    *("smtp_sender_refused", "smtp_relay_denied", "taken_for_spam", "mailbox_moved", "temporarily_unavailable"),
    reads_answers=True,
)
def message_refused(evidence: Evidence) -> Causes:
    """The message to oneself was refused; ``mechanism`` of the attempt is the SMTP command that was answered."""
    sent = evidence.observation.sent
    if sent is None or sent.accepted:
        return ()
    refusal = _meaning(evidence, sent.code, sent.text, _COMMANDS.get(sent.mechanism))
    # The bare codes of the standards do not tell a refused sender from a refused recipient: the command does.
    if refusal is not None and (refusal.by_words or refusal.confidence is not POSSIBLE):
        return (Cause(refusal.code, refusal.confidence, refusal.case, _answer(sent)),)
    if sent.code.startswith(_TEMPORARY):
        return (Cause("temporarily_unavailable", LIKELY, values=_answer(sent)),)
    code, confidence = _BY_COMMAND[sent.mechanism]
    if sent.mechanism == "RCPT" and sent.code == _NO_SUCH_MAILBOX:
        code = "mailbox_moved"
    return (Cause(code, confidence, values=_answer(sent)),)


@rule("pec_needs_its_own_smtp")
def certified_mail_elsewhere(evidence: Evidence) -> Causes:
    """Certified mail that would leave through somebody else's server."""
    certifier = evidence.certifier
    if certifier is None or not evidence.sending or evidence.certifies(evidence.observation.target.host):
        return ()
    given = any(quirk.code == _NAMED_BY_THE_PROVIDER for quirk in certifier.quirks)
    username = "" if given else quoted(fill(certifier.config.outgoing[0].username, evidence.address))
    values = {"provider": certifier.name, "other_username": username}
    return (Cause("pec_needs_its_own_smtp", CERTAIN if certifier.certified_mail else LIKELY, values=values),)


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
    *(refused_before_login, broken_off),
    *(no_usable_mechanism, other_username_accepted, login_refused_with_a_reason),
    *(mailbox_of_another_provider, username_given_by_the_provider),
    *(username_not_the_providers, password_of_another_kind, username_or_password_wrong),
    *(quota_used_up, mailbox_refused, message_refused),
    *(no_encryption, no_login_offered, method_not_offered, anything_else),
)
"""In the order in which they are asked."""
