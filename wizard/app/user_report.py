"""What a person reports of their mail program: which one it is, and what it shows. It steers a run of the doctor.

It chooses what is examined first, and what is said where nothing is wrong with the servers; never what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.diagnosis.screen_matching import recognise
from wizard.diagnosis.screen_messages import MailProgram, ScreenWords, program_named, screen_messages
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence
from wizard.model.problems import Notice, Place, Problem
from wizard.model.servers import Protocol
from wizard.wording import confidence_label, protocol_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.diagnosis import Finding, Observation, Target


_ABOUT_SETTINGS = frozenset(
    {
        *("host_not_found", "host_is_a_web_server", "port_refused", "port_25_blocked", "wrong_protocol"),
        *("not_a_mail_server", "tls_name_mismatch", "tls_on_plain_port", "plain_on_tls_port", "starttls_missing"),
        *("plaintext_only", "username_form", "auth_mechanism_missing", "smtp_auth_missing", "unusual_port"),
        *("auth_failed", "auth_needs_app_password"),
    }
)
"""Codes of findings that end with something to enter in the mail program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReport:
    """``program``: the one that was named, else the one whose file or message it is; None: not known.

    ``named``: the person said so. ``not_known``: what is to be told of a name that is not known.
    """

    program: MailProgram | None = None
    named: bool = False
    words: ScreenWords | None = None
    not_known: str = ""

    def for_format(self, format_id: str) -> UserReport:
        """With the program whose file the settings come from, unless the person named one."""
        if self.named:
            return self
        writers = (known for known in screen_messages().programs.values() if format_id in (known.id, *known.also))
        return replace(self, program=next(writers, self.program))

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """Those that the message can be about; none where there is no message that is known."""
        return () if self.words is None else self.words.protocols

    def expected(self, finding: Finding) -> bool:
        """Whether the message usually stands for ``finding``."""
        if self.words is None or finding.code not in self.words.causes:
            return False
        return finding.protocol is None or finding.protocol in self.words.protocols

    @property
    def explanation(self) -> tuple[str, ...]:
        """What the message means; nothing where none was given."""
        return () if self.words is None else explanation(self.words, self.program)

    @property
    def notes(self) -> tuple[Notice, ...]:
        """What the person said, for a helpdesk."""
        sentences = []
        if self.program is not None:
            sentences.append(_("Mail program: {program}").format(program=self.program.label))
        if self.words is not None:
            sentences.append(_("It shows: “{text}”").format(text=self.words.text))
            sentences += self.explanation
        return tuple(Notice("says", text) for text in sentences)

    def settings(self, servers: Sequence[Target]) -> tuple[str, ...]:
        """What to look at in the program where ``servers`` are as they should be."""
        from wizard.export.screens import settings_to_look_at

        if self.program is None or (self.words is not None and self.words.look == "program"):
            return ()
        sending = Protocol.SMTP in self.protocols
        about = "both" if not self.protocols or len(self.protocols) == 3 else "sending" if sending else "receiving"
        return settings_to_look_at(self.program.name, servers, about=about)


def user_report(program: str | None, says: str | None) -> UserReport:
    """What the person said. A program that is not known is noted; Problem that names the option for an empty text."""
    named, not_known = None, ""
    if program is not None:
        try:
            named = program_named(program)
        except Problem as problem:
            not_known = problem.text
    if says is None:
        return UserReport(program=named, named=named is not None, not_known=not_known)
    words = recognise(says, named)
    if not words.text:
        raise Problem(_("Give the code or the sentence that your mail program shows."), place=Place(key="--says"))
    known = named or words.program
    return UserReport(program=known, named=named is not None, words=words, not_known=not_known)


def program_not_known(user_report: UserReport) -> tuple[Notice, ...]:
    """A notice for a name of a program that is not known: the servers are examined anyway."""
    return (Notice("program_not_known", f"--program: {user_report.not_known}"),) if user_report.not_known else ()


def explanation(words: ScreenWords, program: MailProgram | None) -> tuple[str, ...]:
    """What the words on the screen mean, as finished sentences; where they are not known, what comes nearest."""
    if not words.messages:
        sentences = [_("These words are not known here, so the servers are examined as always.")]
        if words.subject is not None:
            template = _("These words are not known here. As far as can be told from them: {meaning}")
            sentences = [template.format(meaning=words.meaning(program))]
        elif words.nearest:
            nearest = "; ".join(f"“{message.wording}”" for message in words.nearest)
            sentences.append(_("The nearest messages that are known: {messages}").format(messages=nearest))
        return tuple(sentences)
    meaning = words.meaning(program)
    if words.confidence is Confidence.POSSIBLE:
        meaning = f"{meaning} ({confidence_label(words.confidence)})"
    sentences = [meaning]
    if program is not None and words.typical and not any(program.is_akin_to(other) for other in words.programs):
        others = ", ".join(other.label for other in words.programs)
        sentences.append(
            _("These words are known from {others}, not from {program}.").format(others=others, program=program.label)
        )
    return tuple(sentences)


def side_not_examined(user_report: UserReport, targets: Sequence[Target]) -> tuple[Notice, ...]:
    """A notice where no server was examined that the message can be about."""
    if not user_report.protocols or any(target.protocol in user_report.protocols for target in targets):
        return ()
    receiving = [target.protocol for target in targets if target.protocol is not Protocol.SMTP]
    if receiving and len(user_report.protocols) == 1 and Protocol.SMTP not in user_report.protocols:
        (protocol,) = user_report.protocols
        text = _("The message is about {protocol}, and no such server was examined: give it with {option}.")
        text = text.format(protocol=protocol_label(protocol), option=f"--{protocol.value}")
    elif user_report.protocols == (Protocol.SMTP,):
        text = _("The message is about sending, and no outgoing server was examined: give it with --smtp.")
    else:
        text = _("The message is about receiving, and no incoming server was examined: give it with --imap or --pop3.")
    return (Notice("next_look", text),)


def where_to_enter(user_report: UserReport, findings: Sequence[Finding]) -> tuple[Notice, ...]:
    """Where in the program the value of the first finding is entered."""
    from wizard.export.screens import where_settings_are

    if user_report.program is None or not findings or findings[0].code not in _ABOUT_SETTINGS:
        return ()
    where = where_settings_are(user_report.program.name, findings[0].protocol or Protocol.IMAP)
    text = _("In {program} this is entered here: {where}.").format(program=user_report.program.label, where=where)
    return (Notice("next_look", text),)


def next_look(user_report: UserReport, observed: Sequence[Observation]) -> tuple[Notice, ...]:
    """What to look at next where the servers are as they should be: what the message is about and was not seen."""
    words = user_report.words
    if words is None:
        return ()
    logins = [login for server in observed for login in server.logins]
    if words.look == "login" and not logins:
        text = _(
            "The message is about the log-in, and that was not tried: run this again with --login. It tells whether "
            "the user name and the password are right."
        )
        return (Notice("login_not_tried", text),)
    if words.look == "login" and all(login.accepted for login in logins):
        text = _("The log-in works here: enter exactly this user name and this password in the mail program again.")
    elif words.look == "send" and all(server.sent is None for server in observed):
        text = _(
            "The message is about sending, and no message was sent: run this again with --send-test. It logs in, sends "
            "one message to your own address, and shows what the server says."
        )
    elif words.look == "certificate":
        text = _(
            "The certificates are valid here. If a device shows this message anyway, its clock is wrong, it is too "
            "old for the certificate (--device NAME compares that), or a security program on it scans the mail."
        )
    elif words.look == "program":
        text = _("The servers have nothing to do with this message.")
    else:
        return ()
    return (Notice("next_look", text),)


def words_document(words: ScreenWords, program: MailProgram | None) -> dict[str, Any]:
    """The words on the screen in the document of a run."""
    return {
        "program": None if program is None else program.id,
        "text": words.text,
        "known": bool(words.messages),
        "meaning": " ".join(explanation(words, program)),
        "confidence": words.confidence.value if words.kinds else None,
        "causes": list(words.causes),
        "protocols": [protocol.value for protocol in words.protocols],
        "nearest": [message.wording for message in words.nearest],
    }


def program_document(program: MailProgram, settings: Sequence[str]) -> dict[str, Any]:
    """The mail program in the document of a run, and what to look at in it."""
    return {"id": program.id, "name": program.label, "settings": list(settings)}
