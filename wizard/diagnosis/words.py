"""The words of a refusal, normalised, and patterns of a few words that they are compared with.

A pattern is written as words: ``mailbox .. lock*|busy + session``. Words beside each other stand so in the text; ``..``
lets up to GAP words lie between; ``a|b`` is either; ``*`` at an end stands for any letters; `` + `` joins phrases that
occur in any order. There is no other syntax, and comparing takes a time that grows with the length of the text only.

A negation just before a phrase, or within one of its gaps, undoes it, unless the phrase itself has a negation.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

GAP = 6
"""Words that ``..`` may skip."""

MOST_WORDS = 90

NEGATIONS = frozenset(
    (
        *("not", "no", "never", "without", "non", "senza", "nicht", "kein", "keine", "keinen", "ohne"),
        *("pas", "ne", "sans", "aucun", "aucune", "sin", "ningun", "ninguna"),
    )
)
CONDITIONS = frozenset(
    (
        *("if", "unless", "whenever", "otherwise", "falls", "wenn", "sofern", "sonst", "ansonsten", "andernfalls"),
        *("qualora", "caso", "altrimenti", "cas", "sinon"),
    )
)
"""Words after which a sentence tells what may be, and what to do then; not what is."""

_CONDITIONAL_PAIRS = {
    "should": frozenset(("you", "your", "the", "this")),
    "sollten": frozenset(("sie",)),
    "sollte": frozenset(("ihr", "das", "die", "dies", "es")),
    # Italian: in Spanish and French the word belongs to a verb.
    "se": frozenset(("la", "il", "lo", "l", "i", "gli", "le", "hai", "non", "vuoi", "questo", "usi", "utilizzi")),
    # French and Spanish: in Italian the word belongs to a verb.
    "si": frozenset(
        (
            *("vous", "votre", "vos", "le", "les", "l", "ce", "cela", "un", "une", "tu", "ton"),
            *("ha", "has", "su", "sus", "tiene", "olvido", "usted", "no", "el", "necesita", "desea", "usa", "utiliza"),
        )
    ),
}
"""Words that are a condition only before one of these."""

FUTURE = frozenset(("will", "sara", "saranno", "verra", "verranno", "sera", "seront", "seran"))
"""Words of a clause that tells what is to come."""

_BECOMES = frozenset(("wird", "werden"))
_LATER = frozenset(("nach", "dann", "danach", "weitere", "weiteren", "weiterem", "kunftig", "demnachst", "bald"))
_HELP = ("forget", "forgot", "vergessen", "dimenticat", "oubli", "olvid")
"""Beginnings of words that offer help; nobody is said to have forgotten anything."""

_ENDS = ".;!?|"
"""Signs that end a sentence; other signs end a clause."""

_BEFORE = 2
"""How many words before a phrase a negation still belongs to it, within the same clause."""

_URL = re.compile(r"\b(?:https?|ftp)://([a-z0-9.-]{1,100})[^\s<>\"]*", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@]{1,80}@[^\s<>@,;:]{1,100}")
_HOST = re.compile(
    r"\b(?:[a-z0-9-]{1,63}\.){2,9}[a-z0-9-]{2,63}\b|\b[a-z0-9-]{2,63}\.[a-z]{2,3}(?![\w.])", re.IGNORECASE
)
_CODES = re.compile(r"\[[A-Z][A-Z/-]*(?: [^\]]*)?\]|\b[245]\.\d{1,3}\.\d{1,3}\b|^[-*+ ]*(?:NO|BAD|BYE|OK|ERR)\b")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])")
_TOKEN = re.compile(r"[^\W_]+|[.,;:!?()\[\]|]")
_SHORT_FORMS = {"can't": "can not", "n't": " not", "cannot": "can not"}
_JOINED = {
    ("log", "in"): "login",
    ("log", "on"): "login",
    ("sign", "in"): "login",
    ("sign", "on"): "login",
    ("logged", "in"): "login",
    ("logged", "on"): "login",
    ("e", "mail"): "email",
    ("e", "mails"): "emails",
    ("e", "postfach"): "postfach",
    ("mail", "box"): "mailbox",
    ("mail", "drop"): "maildrop",
    ("web", "mail"): "webmail",
    ("pass", "word"): "password",
    ("user", "name"): "username",
    ("black", "list"): "blacklist",
    ("block", "list"): "blocklist",
}
_SAME = {"logon": "login", "signin": "login", "signon": "login"}


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words, without accents and small; ``clauses``: for each, the number of the clause that it stands in.

    ``sentences``: the same for sentences. Codes, numbers, addresses, names of hosts and web addresses are left out;
    ``hosts`` are those of web addresses.
    """

    words: tuple[str, ...]
    clauses: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    sentences: tuple[int, ...] = ()

    def stated(self, *, future: bool) -> Words:
        """What is said to be so: without conditions and what follows from them, without help with a forgotten password
        and all behind it, and, unless ``future``, without what is to come.
        """
        dropped = (
            set() if future else {self.clauses[place] for place in range(len(self.words)) if self._is_to_come(place)}
        )
        conditional: set[int] = set()
        kept = []
        for place, word in enumerate(self.words):
            if word.startswith(_HELP):
                conditional.update(self.sentences[place:])
            if word in CONDITIONS or self._next(place) in _CONDITIONAL_PAIRS.get(word, ()):
                conditional.add(self.sentences[place])
            if self.sentences[place] not in conditional and self.clauses[place] not in dropped:
                kept.append(place)
        return Words(
            tuple(self.words[place] for place in kept),
            tuple(self.clauses[place] for place in kept),
            self.hosts,
            tuple(self.sentences[place] for place in kept),
        )

    def _next(self, place: int) -> str:
        return self.words[place + 1] if place + 1 < len(self.words) else ""

    def _is_to_come(self, place: int) -> bool:
        word = self.words[place]
        if word in FUTURE:
            return True
        beside = (
            other for other, clause in zip(self.words, self.clauses, strict=True) if clause == self.clauses[place]
        )
        return word in _BECOMES and not _LATER.isdisjoint(beside)


def words_of(text: str) -> Words:
    """The words of a text of at most some hundred characters."""
    hosts = tuple(match[1].lower() for match in _URL.finditer(text))
    text = _CODES.sub(" ", _HOST.sub(" ", _ADDRESS.sub(" ", _URL.sub(" ", text.replace("’", "'")))))
    text = _folded(_CAMEL.sub(" ", text))
    for short, whole in _SHORT_FORMS.items():
        text = text.replace(short, whole)
    words: list[str] = []
    clauses: list[int] = []
    sentences: list[int] = []
    clause = sentence = 0
    for token in _TOKEN.findall(text):
        if not token.isalnum():
            clause += 1
            sentence += token in _ENDS
            continue
        word = _without_digits(token)
        if not word:
            continue
        joined = _JOINED.get((words[-1], word)) if words and clauses[-1] == clause else None
        if joined is not None:
            words[-1] = joined
            continue
        words.append(_SAME.get(word, word))
        clauses.append(clause)
        sentences.append(sentence)
    numbers = tuple(clauses[:MOST_WORDS]), tuple(sentences[:MOST_WORDS])
    return Words(tuple(words[:MOST_WORDS]), numbers[0], hosts, numbers[1])


def _without_digits(token: str) -> str:
    """``imap`` of imap4; nothing of a number, an ordinal or an identifier."""
    digits = sum(letter.isdigit() for letter in token)
    return "" if digits > 1 or token[0].isdigit() else token.rstrip("0123456789")


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@dataclass(frozen=True, slots=True)
class _Slot:
    """One word of a phrase: any of ``choices``, each exact, or with ``*`` at an end; ``gap``: others may precede it."""

    choices: tuple[str, ...]
    gap: bool

    def fits(self, word: str) -> bool:
        return any(_fits(choice, word) for choice in self.choices)


def _fits(choice: str, word: str) -> bool:
    core = choice.strip("*")
    if choice.startswith("*"):
        return core in word if choice.endswith("*") else word.endswith(core)
    return word.startswith(core) if choice.endswith("*") else word == core


@dataclass(frozen=True, slots=True)
class Pattern:
    """A written pattern, ready to compare."""

    phrases: tuple[tuple[_Slot, ...], ...]

    def matches(self, text: Words) -> bool:
        """Whether every phrase occurs, unnegated."""
        return all(_occurs(phrase, text) for phrase in self.phrases)


def parse_pattern(written: str) -> Pattern:
    """A pattern as the data has it; ValueError for one without words, or with a sign that has no meaning."""
    phrases = []
    for part in written.split(" + "):
        slots: list[_Slot] = []
        gap = False
        for word in part.split():
            if word == "..":
                gap = True
                continue
            choices = tuple(_folded(choice) for choice in word.split("|"))
            if not all(choice.strip("*").isalnum() for choice in choices):
                raise ValueError(word)
            slots.append(_Slot(choices, gap and bool(slots)))
            gap = False
        if not slots:
            raise ValueError(written)
        phrases.append(tuple(slots))
    return Pattern(tuple(phrases))


def _occurs(phrase: tuple[_Slot, ...], text: Words) -> bool:
    negative = any(choice in NEGATIONS for slot in phrase for choice in slot.choices)
    return any(
        phrase[0].fits(word) and _goes_on(phrase[1:], text, start + 1) and (negative or not _negated(text, start))
        for start, word in enumerate(text.words)
    )


def _goes_on(slots: tuple[_Slot, ...], text: Words, start: int) -> bool:
    """Whether the rest of a phrase follows: all ends that are possible so far are carried along."""
    ends = {start}
    for slot in slots:
        ends = {next_end for end in ends for next_end in _ends(slot, text, end)}
    return bool(ends)


def _ends(slot: _Slot, text: Words, start: int) -> set[int]:
    found = set()
    for place in range(start, min(start + (GAP if slot.gap else 0) + 1, len(text.words))):
        if slot.fits(text.words[place]):
            found.add(place + 1)
        if text.words[place] in NEGATIONS:
            break
    return found


def _negated(text: Words, start: int) -> bool:
    before = range(max(0, start - _BEFORE), start)
    return any(text.words[place] in NEGATIONS and text.clauses[place] == text.clauses[start] for place in before)


def nearly_contains(text: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether ``wanted`` stands in ``text`` with one word left out, put in or another, of at least five.

    A negation must not differ. Of many words, one in six may.
    """
    if len(wanted) < 5:
        return False
    allowed = 1 if len(wanted) < 12 else 2
    # Sellers' algorithm: the distance of every beginning of ``wanted`` from what ends at a place of ``text``.
    above = list(range(len(wanted) + 1))
    for word in text:
        row = [0]
        for place, other in enumerate(wanted, 1):
            differs = 0 if word == other else 9 if {word, other} & NEGATIONS else 1
            lacks = 9 if other in NEGATIONS else 1
            extra = 9 if word in NEGATIONS else 1
            row.append(min(above[place - 1] + differs, above[place] + extra, row[place - 1] + lacks))
        if row[-1] <= allowed:
            return True
        above = row
    return False
