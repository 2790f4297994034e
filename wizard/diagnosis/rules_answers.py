"""Rules for what a server answers: no greeting, a log-in or a mailbox that is refused, a message that is not taken."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import CERTAIN, LIKELY, POSSIBLE, Cause, belong_together, quoted, rule
from wizard.diagnosis.knowledge import Stage
from wizard.diagnosis.refusals import answer_line, interpret, says_nothing
from wizard.language import translate as _
from wizard.model.diagnosis import RungName
from wizard.model.servers import AuthenticationMethod, SocketType, fill
from wizard.net.failures import FailureKind
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from wizard.diagnosis.evidence import Causes, Evidence, Rule
    from wizard.diagnosis.refusals import Refusal
    from wizard.model.diagnosis import LoginAttempt

INTERRUPTED_KINDS = frozenset({FailureKind.CONNECTION_LOST, FailureKind.TIMEOUT})

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
        return (_refused_for_a_reason(observation.detail),)
    if refusal.code == "address_blacklisted" and observation.target.port == _PORT_BETWEEN_SERVERS:
        return (Cause("port_25_blocked", LIKELY, "listed"),)
    return (Cause(refusal.code, refusal.confidence, refusal.case),)


@rule("temporarily_unavailable")
def interrupted(evidence: Evidence) -> Causes:
    failure = evidence.observation.failure
    if failure not in INTERRUPTED_KINDS:
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
    encrypted = evidence.observation.target.socket_type is not SocketType.PLAIN
    if refusal.code == "login_disabled" and refusal.case == "without_encryption" and encrypted:
        # The connection is encrypted already: what is not taken is a password that is not.
        return (Cause("auth_mechanism_missing", LIKELY, values={**values, "wanted": ""}),)
    if refusal.code == "username_form":  # what they want to be written is the whole address
        if refusal.case == "named":
            return (Cause("username_form", refusal.confidence, "named", values),)
        if str(evidence.address) in _usernames_tried(evidence):
            unknown = Cause("username_form", refusal.confidence, "unknown", values)
            return (unknown,) if refusal.case == "perhaps" else ()
        values["other_username"] = quoted(str(evidence.address))
    named = Cause(refusal.code, refusal.confidence, refusal.case, values)
    other = _BY_PASSWORD_KIND.get(evidence.provider.password_kind) if evidence.provider is not None else None
    if refusal.confidence is POSSIBLE and refusal.code == "protocol_switched_off" and other is not None:
        return (named, Cause(other.code, POSSIBLE, other.case, values))  # the sentence names two reasons
    return (named,)


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
    if (accepting := evidence.accepting) is not None:
        values = {
            **answer,
            "accepting": accepting.target.host,
            "accepting_protocol": protocol_label(accepting.target.protocol),
        }
        return (Cause("auth_failed", LIKELY, "accepted_elsewhere", values),)
    refusal = _meaning(evidence, attempt.code, attempt.text, Stage.LOGIN)
    wrong = Cause("auth_failed", POSSIBLE, "unclear", answer)
    if refusal is not None and refusal.is_wrong_login:
        wrong = Cause("auth_failed", refusal.confidence, refusal.case, answer)
    elif refusal is not None or says_nothing(attempt.code, attempt.text):
        wrong = Cause("auth_failed", LIKELY, values=answer)
    if evidence.first_steps:  # the server need not say so where they were not taken
        return (replace(wrong, case="first_steps", confidence=LIKELY),)  # with the app password, where one is needed
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
        return (replace(_refused_for_a_reason(words), values=answer),)
    return (Cause(refusal.code, refusal.confidence, refusal.case, answer),)


def _refused_for_a_reason(words: str) -> Cause:
    """What nobody understands is not called temporary, unless a code says so or there is no word of a reason."""
    temporary = words.startswith(_TEMPORARY) or says_nothing("", words)
    return Cause("temporarily_unavailable", POSSIBLE, "" if temporary else "unclear")


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
        case = refusal.case or _relay_case(evidence, refusal.code)
        return (Cause(refusal.code, refusal.confidence, case, _answer(sent)),)
    if sent.code.startswith(_TEMPORARY):
        return (Cause("temporarily_unavailable", LIKELY, values=_answer(sent)),)
    code, confidence = _BY_COMMAND[sent.mechanism]
    if sent.mechanism == "RCPT" and sent.code == _NO_SUCH_MAILBOX:
        code = "mailbox_moved"
    own_sender = code == "smtp_sender_refused" and str(evidence.address) in _usernames_tried(evidence)
    case = "own_address" if own_sender else _relay_case(evidence, code)
    return (Cause(code, confidence, case, _answer(sent)),)


def _relay_case(evidence: Evidence, code: str) -> str:
    """The server knows the account, whose log-in it accepted before: its own users' mail is not passed on either."""
    if code != "smtp_relay_denied":
        return ""
    return "old_port" if evidence.observation.target.port == _PORT_BETWEEN_SERVERS else "after_login"


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


ANSWER_RULES: tuple[Rule, ...] = (
    *(refused_before_login, interrupted),
    *(no_usable_mechanism, other_username_accepted, login_refused_with_a_reason),
    *(mailbox_of_another_provider, username_given_by_the_provider),
    *(username_not_the_providers, password_of_another_kind, username_or_password_wrong),
    *(quota_used_up, mailbox_refused, message_refused),
)
"""In the order in which they are asked."""
