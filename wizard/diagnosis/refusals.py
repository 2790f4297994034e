"""What a server's refusal means: known sentences, what its words speak of, and the codes of the standards.

A code tells the kind of failure, words tell which: where both are there, the words decide unless they say less.

Sources of the codes: RFC 5530 (IMAP), RFC 2449 and RFC 3206 (POP3), RFC 3463, RFC 4954 and RFC 5321 (SMTP). All of it
is data in templates/doctor.yaml, read at the first refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.diagnosis.knowledge import knowledge
from wizard.diagnosis.words import nearly_contains, words_of
from wizard.model.diagnosis import Confidence
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from wizard.diagnosis.knowledge import Knowledge, Meaning, Stage
    from wizard.diagnosis.words import Words
    from wizard.model.provider import FactSource

LONGEST = 500
"""Characters of an answer that are looked at."""

_BRACKETS = re.compile(r"\[([A-Z][A-Z/-]*)(?: [^\]]*)?\]", re.IGNORECASE)
_REPLY = re.compile(r"([45]\d\d)(?:[ -]|$)")
_ENHANCED = re.compile(r"(?:^|[ -])([45]\.\d{1,3}\.\d{1,3})\b")
CERTAIN, LIKELY, POSSIBLE = Confidence
_LATER = "temporarily_unavailable"
_BARE_STATUS = frozenset({"NO", "BAD", "BYE", "-ERR", "ERR"})
_SENDING = ("mail", "rcpt", "data")
_STANDARDS = {Protocol.IMAP: "rfc5530", Protocol.POP3: "rfc3206", Protocol.SMTP: "rfc3463"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an answer means. ``who`` is known to say it so, ""; ``by_words``: what it says in words was understood."""

    code: str
    case: str
    confidence: Confidence
    source: FactSource | None
    who: str = ""
    by_words: bool = False

    def same_as(self, other: Refusal) -> bool:
        """Whether both name the same cause, however sure."""
        return (self.code, self.case) == (other.code, other.case)

    @property
    def is_wrong_login(self) -> bool:
        """Whether it says no more than that user name or password are wrong."""
        return self.code == "auth_failed" and self.case in ("", "unclear")


def interpret(
    protocol: Protocol, code: str, text: str, *, stage: Stage | None = None, host: str = ""
) -> Refusal | None:
    """The meaning of a refusal, or None for one that says nothing that is known.

    ``code``: the server's own, in any usual writing (``NO``, ``AUTHENTICATIONFAILED``, ``-ERR``, ``535``,
    ``535 5.7.8``, or none because ``text`` begins with it). ``stage``: when it was said, if that is known;
    ``host``: the server that said it.
    """
    known = knowledge()
    line = answer_line(code, text)
    words = words_of(line)
    meaning = _by_reply_code(known, line) if protocol is Protocol.SMTP else _by_response_code(known, line)
    by_code = None
    if meaning is not None:
        by_code = _refusal(meaning, known.sources.get(_STANDARDS[protocol]), by_words=False)
    sentence = _known_sentence(known, protocol, line, words, host)
    if sentence is not None:
        if by_code is not None and by_code.confidence is CERTAIN and by_code.same_as(sentence):
            return replace(sentence, confidence=CERTAIN)
        return sentence
    # A warning before the log-in is about what may come; afterwards what "will be" refused is this message.
    stated = words.stated(future=stage in _SENDING)
    if by_code is not None and not _content(known, stated):
        return by_code
    by_words = _by_words(known, protocol, stated, stage)
    if by_words is None and not _content(known, stated):
        by_words = _by_words(known, protocol, words, stage)  # there is nothing else
    return by_words if by_code is None else _weighed(by_code, by_words)


def _weighed(by_code: Refusal, by_words: Refusal | None) -> Refusal:
    """What words that stand beside a code leave of it: they are more particular than most codes are."""
    if by_words is None:
        unclear = "unclear" if by_code.is_wrong_login else by_code.case
        return replace(by_code, case=unclear, confidence=_at_most(LIKELY, by_code.confidence))
    if by_words.same_as(by_code):
        return replace(by_code, by_words=True, confidence=_surer(by_code.confidence, by_words.confidence))
    says_more = not by_code.is_wrong_login and by_code.confidence is not POSSIBLE
    if by_words.is_wrong_login and says_more:
        return by_code
    if by_words.code == _LATER and says_more and by_code.code != _LATER:
        return by_code
    return by_words


def _known_sentence(known: Knowledge, protocol: Protocol, line: str, words: Words, host: str) -> Refusal | None:
    """A sentence of the list, as it is or with a word that differs; elsewhere than at home it is likely at most."""
    fitting = [sentence for sentence in known.sentences if protocol in sentence.protocols]
    for sentence in fitting:
        at_home = _at_home(known, sentence.who, host)
        if sentence.pattern.search(line) and (at_home or not sentence.only_there):
            found = _refusal(sentence.meaning, sentence.source, sentence.who)
            if found.is_wrong_login and _content(known, words) - set(sentence.words.words):
                continue  # many sentences begin like this one, and go on with the reason
            return found if at_home is not False else replace(found, confidence=_at_most(LIKELY, found.confidence))
    for sentence in fitting:
        if _at_home(known, sentence.who, host) is not False and nearly_contains(words.words, sentence.words.words):
            found = _refusal(sentence.meaning, sentence.source, sentence.who)
            return replace(found, confidence=_at_most(LIKELY, found.confidence))
    return None


def _at_home(known: Knowledge, who: str, host: str) -> bool | None:
    """Whether ``host`` is a server of ``who``; None where ``who`` is a program that anybody may run."""
    domains = known.speakers.get(who)
    if domains is None:
        return None
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _by_words(known: Knowledge, protocol: Protocol, words: Words, stage: Stage | None) -> Refusal | None:
    """What the words speak of: the first class that fits."""
    for kind in known.word_classes:
        if protocol not in kind.protocols or (stage is not None and stage not in kind.stages):
            continue
        by_host = any(host == name or host.endswith(f".{name}") for host in words.hosts for name in kind.hosts)
        speaks_of_it = by_host or any(pattern.matches(words) for pattern in kind.says)
        if speaks_of_it and kind.frame and _content(known, words):
            return None
        if speaks_of_it and not any(pattern.matches(words) for pattern in kind.unless):
            return _refusal(kind.meaning, kind.source)
    return None


def _surer(first: Confidence, second: Confidence) -> Confidence:
    return min(first, second, key=list(Confidence).index)


def _at_most(limit: Confidence, confidence: Confidence) -> Confidence:
    return max(limit, confidence, key=list(Confidence).index)


def answer_line(code: str, text: str) -> str:
    """Code and text as the server's line had them: one line, at most LONGEST characters."""
    code, text = " ".join(code.split()), " ".join(text[:LONGEST].split())
    if not code or text.startswith((f"{code} ", f"[{code}")):
        return text
    if not code[0].isdigit() and code.upper() not in _BARE_STATUS:
        code = f"[{code}]"
    return f"{code} {text}".strip()[:LONGEST]


def says_nothing(code: str, text: str) -> bool:
    """Whether the server gives no reason at all, in words or by a code."""
    return not _content(knowledge(), words_of(answer_line(code, text)))


def _content(known: Knowledge, words: Words) -> set[str]:
    """The words that may say something."""
    return set(words.words) - known.empty_words


def _refusal(meaning: Meaning, source: FactSource | None, who: str = "", *, by_words: bool = True) -> Refusal:
    return Refusal(meaning.code, meaning.case, meaning.confidence, source, who, by_words)


def _by_response_code(known: Knowledge, line: str) -> Meaning | None:
    """The code in brackets (RFC 5530, RFC 2449)."""
    codes = (match[1].upper() for match in _BRACKETS.finditer(line))
    return next((known.response_codes[code] for code in codes if code in known.response_codes), None)


def _by_reply_code(known: Knowledge, line: str) -> Meaning | None:
    """The enhanced code says more than the three digits, except where they are those of a log-in (RFC 4954)."""
    reply, enhanced = _REPLY.match(line), _ENHANCED.search(line)
    if enhanced is not None:
        whole = enhanced[1]
        for code in (whole, f"{whole.rpartition('.')[0]}.x"):
            if code in known.enhanced_codes:
                return known.enhanced_codes[code]
    return known.reply_codes.get(reply[1]) if reply is not None else None
