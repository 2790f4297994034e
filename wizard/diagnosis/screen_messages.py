"""What mail programs show when something does not work: templates/messages.yaml, and the message that a text is.

A text is what somebody read on a screen and typed or pasted: a code, a part of a sentence, a whole dialog. It is
compared without case, accents, punctuation, addresses, names of servers and numbers, word by word, and a word may have
a slip in it. Nothing here looks at a server, and no text is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from wizard.language import active, mark
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence
from wizard.model.problems import Problem, nearest
from wizard.model.servers import RECEIVING, SENDING, Protocol
from wizard.model.text import printable
from wizard.resources.documents import read_document
from wizard.resources.facts import SOURCE, sources
from wizard.resources.schema import (
    CODE,
    Invalid,
    ListOf,
    MapOf,
    Message,
    OneOrMany,
    Record,
    Reference,
    Text,
    as_dict,
    member,
    missing,
    optional,
    words,
)
from wizard.resources.templates import find_data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from wizard.model.provider import FactSource

FILE = "messages.yaml"
LOOKS = ("login", "send", "certificate", "settings", "program")
SIDES = {
    "sending": SENDING,
    "receiving": RECEIVING,
    "both": (*RECEIVING, *SENDING),
}

mark("another mail program")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailProgram:
    """A mail program by its id; ``also``: other words for it. Those of a ``family`` show the same messages."""

    id: str
    name: str
    also: tuple[str, ...] = ()
    family: str = ""

    @property
    def label(self) -> str:
        return _(self.name)

    def is_akin_to(self, other: MailProgram) -> bool:
        """Whether both show the same messages."""
        return self == other or (bool(self.family) and self.family == other.family)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a message means; ``causes``: codes of findings, the likeliest first; ``look``: one of LOOKS."""

    meaning: str
    about: str
    causes: tuple[str, ...]
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenMessage:
    """A message: ``says`` are wordings by language, in which … stands for what differs."""

    programs: tuple[MailProgram, ...]
    kind: Kind
    says: Mapping[str, tuple[str, ...]] = field(hash=False)
    source: tuple[FactSource, ...]
    codes: tuple[str, ...] = ()
    protocols: tuple[Protocol, ...] = ()

    @property
    def wording(self) -> str:
        """A wording in the active language, else in English."""
        return self.says.get(active(), self.says["en"])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a text speaks of that has a word of each of ``words``; * at the end of one stands for any ending."""

    kind: Kind
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The whole file. ``words``: what says that a text is about sending, or receiving."""

    programs: Mapping[str, MailProgram]
    words: Mapping[str, tuple[str, ...]]
    subjects: tuple[Subject, ...]
    messages: tuple[ScreenMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenWords:
    """What was recognised in a text. ``messages``: none where it is not known; then ``subject`` is what its words
    speak of, if anything, and ``nearest`` are the messages that come next. ``typical``: no other program says it so.
    """

    text: str
    messages: tuple[ScreenMessage, ...] = ()
    subject: Kind | None = None
    nearest: tuple[ScreenMessage, ...] = ()
    protocols: tuple[Protocol, ...] = ()
    typical: bool = False

    @property
    def program(self) -> MailProgram | None:
        """The program that says so, where it is one that can be told."""
        return self.programs[0] if self.typical and len(self.programs) == 1 else None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What it means, as far as that is known."""
        return tuple(message.kind for message in self.messages) or ((self.subject,) if self.subject else ())

    @property
    def causes(self) -> tuple[str, ...]:
        """The codes of findings that it usually stands for."""
        return tuple(dict.fromkeys(code for kind in self.kinds for code in kind.causes))

    @property
    def look(self) -> str:
        """What is looked at where the servers are as they should be; empty where nothing is known."""
        return self.kinds[0].look if self.kinds else ""

    @property
    def programs(self) -> tuple[MailProgram, ...]:
        return tuple(dict.fromkeys(program for message in self.messages for program in message.programs))

    @property
    def confidence(self) -> Confidence:
        """At most possible where nobody could look the wording up."""
        unverified = all(source.confidence == "unverified" for message in self.messages for source in message.source)
        return Confidence.POSSIBLE if unverified else Confidence.LIKELY

    def meaning(self, program: MailProgram | None) -> str:
        """What it means, in the active language; ``program``: the one that the person named."""
        sentences = []
        for kind in self.kinds:
            shown_by = [shown for message in self.messages if message.kind is kind for shown in message.programs]
            names = [program] if program in shown_by or not self.typical else shown_by
            name = " / ".join(shown.label for shown in names if shown is not None) or _("your mail program")
            meaning = _(kind.meaning).format(program=name)
            sentences.append(meaning[:1].upper() + meaning[1:] if name == _("your mail program") else meaning)
        return " ".join(dict.fromkeys(sentences))


@cache
def screen_messages(own: Path | None = None) -> Messages:
    """What messages.yaml says; the person's own directory of templates shadows the bundled file."""
    return read_messages(find_data(FILE, own), bundled=own is None)


def read_messages(path: Path, *, bundled: bool = False) -> Messages:
    """The messages of a file; Problem with file, line, key and the nearest known word."""
    return SCHEMA.load(read_document(path, bundled=bundled))


def program_named(name: str) -> MailProgram:
    """The program of this id, or that is called so in any usual way; Problem with the nearest one."""
    programs = screen_messages().programs
    by_word = {
        _plain(word): program
        for program in programs.values()
        for word in (program.label, program.name, *program.also, program.id)
    }
    known = by_word.get(_plain(name)) or by_word.get(_without_versions(name))
    if known is not None:
        return known
    near = nearest(_plain(name), by_word)
    text = _("The mail program “{name}” is not known.").format(name=printable(name, 60))
    if near is None:
        hint = _("It can be: {words}.").format(words=", ".join(programs))
    else:
        hint = _("Did you mean {word}?").format(word=by_word[near].id)
    raise Problem(f"{text} {hint}")


def _plain(name: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())


def _without_versions(name: str) -> str:
    """“Outlook 2016” and “Microsoft Outlook 365” are Outlook."""
    return " ".join(word for word in _plain(name).split() if not word.isdigit() and word not in ("app", "pro", "x64"))


def _message(
    *, says: dict[str, tuple[str, ...]], codes: tuple[str, ...] = (), protocols: tuple[Protocol, ...] = (), **rest: Any
) -> ScreenMessage:
    if "en" not in says:
        raise Invalid(missing("en"), "says")
    about = SIDES[rest["kind"].about]
    chosen = tuple(protocol for protocol in about if not protocols or protocol in protocols)
    return ScreenMessage(says=says, codes=codes, protocols=chosen or protocols, **rest)


def _messages(*, programs: Any, words: Any, subjects: Any, messages: Any, **_used: Any) -> Messages:
    return Messages(programs=programs, words=words, subjects=subjects, messages=messages)


_PROGRAM = Record(
    MailProgram, {"name": Text(), "also": optional(ListOf(Text()), ()), "family": optional(CODE, "")}, key="id"
)
_KIND = Record(
    Kind,
    {
        "meaning": Message(("program",)),
        "about": words(*SIDES),
        "causes": ListOf(CODE, empty=True),
        "look": words(*LOOKS),
    },
)
_MESSAGE = Record(
    _message,
    {
        "programs": ListOf(Reference("programs")),
        "kind": Reference("kinds"),
        "codes": optional(ListOf(Text())),
        "protocols": optional(ListOf(member(Protocol))),
        "says": MapOf(words("en", "it"), ListOf(Text())),
        "source": OneOrMany(SOURCE),
    },
)
SCHEMA = Record(
    _messages,
    {
        "sources": sources(Text()),
        "programs": MapOf(Text(), _PROGRAM, names="programs"),
        "words": Record(as_dict, {"sending": ListOf(Text()), "receiving": ListOf(Text())}),
        "kinds": MapOf(CODE, _KIND, names="kinds"),
        "subjects": ListOf(Record(Subject, {"kind": Reference("kinds"), "words": ListOf(ListOf(Text()))}), empty=True),
        "messages": ListOf(_MESSAGE),
    },
)
"""The schema of messages.yaml."""
