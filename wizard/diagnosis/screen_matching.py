"""Which message of a mail program a text is: codes first, then words in their order, with slips and parts left out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from wizard.diagnosis.screen_messages import SIDES, ScreenWords, screen_messages
from wizard.model.servers import RECEIVING, Protocol
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.diagnosis.screen_messages import Kind, MailProgram, ScreenMessage

LONGEST = 2000
"""Characters of a text that are looked at."""

MOST_WORDS = 120
SHOWN = 160
"""Characters of a text that are shown."""

ENOUGH = 0.84
"""The part of a wording, or of what was typed, that has to be there."""

LONG = 20
"""Letters of a wording that can be told from any other text."""

ALONE = 0.6
"""The part of a text that a shorter one has to be, unless it stands there word by word."""

NEAR = 0.3
SHORTEST = 12
"""Letters that a part of a wording needs to be taken for it."""

_HEX = re.compile(r"(?<![0-9a-z])(?:[0o][x×])?(8[0-9a-fo]{7})(?![0-9a-z])")
_TYPED_HEX = re.compile(r"(?<![0-9a-z])[0o][x×]([0-9a-fo]{6,9})(?![0-9a-z])")
_ESCAPE = re.compile("\x1b\\[[0-9;]{0,20}[a-zA-Z]")
_SYMBOL = re.compile(r"(?<![0-9a-z])(?:sec|ssl|mozilla)_[a-z0-9_]{3,60}")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,8}\.?")
_WORDS = re.compile(r"[^\W_]+")
_NEGATIONS = frozenset({"not", "non", "no"})
_COMMON = 0.25
"""What a word of up to three letters counts, for each letter."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """The words of a wording; ``gaps``: how many parts in it differ."""

    message: ScreenMessage
    words: tuple[str, ...]
    weight: float
    gaps: int


@dataclass(frozen=True, slots=True)
class _Match:
    message: ScreenMessage
    weight: float
    share: float


def recognise(text: str, program: MailProgram | None = None) -> ScreenWords:
    """What ``text`` says; of messages that fit alike, one of ``program``."""
    text = _ESCAPE.sub(" ", text[: 2 * LONGEST])
    shown = printable(" ".join("".join(sign if sign.isprintable() else " " for sign in text).split()), SHOWN)
    plain = _folded(text[:LONGEST])
    known = tuple(_by_code(plain))
    typical = bool(known)
    typed = _corrected_words(plain)
    if not known:
        fewest = 3 if _HEX.search(plain) else 1  # beside a code that is not known two words say nothing
        best = max(_matches(typed, fewest=fewest), key=lambda match: _rank(match, program), default=None)
        known = () if best is None else (best.message,)
        typical = best is not None and best.weight >= LONG and best.share >= ENOUGH
    if not known:
        subject = _subject(plain)
        about = () if subject is None else _narrowed(SIDES[subject.about], typed)
        return ScreenWords(text=shown, subject=subject, nearest=_near(typed, program), protocols=about)
    protocols = {protocol for message in known for protocol in _narrowed(message.protocols, typed)}
    about = tuple(protocol for protocol in Protocol if protocol in protocols)
    return ScreenWords(text=shown, messages=known, protocols=about, typical=typical)


def _subject(plain: str) -> Kind | None:
    """What a text speaks of that is no known message."""
    present = set(_tokens(plain))
    for subject in screen_messages().subjects:
        if all(any(_contains(word, present) for word in group) for group in subject.words):
            return subject.kind
    return None


def _contains(word: str, present: set[str]) -> bool:
    if not word.endswith("*"):
        return word in present
    return any(candidate.startswith(word[:-1]) for candidate in present)


def _folded(text: str) -> str:
    """Without case and accents; every sort of apostrophe, quote, dash and control character becomes a plain one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("×", "x"))
    kept = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return "".join(sign if sign.isprintable() else " " for sign in kept)


def _by_code(plain: str) -> Iterator[ScreenMessage]:
    """The messages of the codes in a text, in their order, each once."""
    by_code = _codes()
    found: dict[int, ScreenMessage] = {}
    for match in _HEX.finditer(plain):
        message = by_code.get(match[1].replace("o", "0"))
        if message is not None:
            found.setdefault(match.start(), message)
    for match in _SYMBOL.finditer(plain):
        message = by_code.get(match[0].rstrip("_"))
        if message is not None:
            found.setdefault(match.start(), message)
    if not found:
        for match in _TYPED_HEX.finditer(plain):
            near = get_close_matches(match[1].replace("o", "0"), by_code, n=1, cutoff=0.93)
            if near:
                found.setdefault(match.start(), by_code[near[0]])
    yield from dict.fromkeys(found[position] for position in sorted(found))


@cache
def _codes() -> dict[str, ScreenMessage]:
    return {
        code.casefold().removeprefix("0x"): message for message in screen_messages().messages for code in message.codes
    }


@cache
def _wordings() -> tuple[_Wording, ...]:
    made = []
    for message in screen_messages().messages:
        for wording in (wording for wordings in message.says.values() for wording in wordings):
            words = tuple(_tokens(_folded(wording)))
            made.append(_Wording(message, words, _weight(words), wording.count("…")))
    return tuple(made)


@cache
def _vocabulary() -> dict[str, None]:
    return dict.fromkeys(word for wording in _wordings() for word in wording.words)


def _tokens(plain: str) -> Iterator[str]:
    """The words of a text; addresses, names of servers, web addresses and numbers differ and are left out."""
    for chunk in plain.split():
        bare = chunk.strip("\"'“”‘’«»()[]<>,;:!?")
        if "@" in bare or "://" in bare or (_HOST.fullmatch(bare) and _names_a_server(bare)):
            continue
        for word in _WORDS.findall(chunk):
            if not word.isdigit():
                yield word


def _names_a_server(word: str) -> bool:
    """``imap.example.org``, but not two sentences that were written together."""
    last = word.rstrip(".").rpartition(".")[2]
    return not word.endswith(".") and "." in word and 2 <= len(last) <= 6 and not last.isdigit()


def _corrected_words(plain: str) -> tuple[str, ...]:
    """The words of a text, those with a slip in them as the wordings have them."""
    vocabulary = _vocabulary()
    fixed: list[str] = []
    for word in _tokens(plain):
        if len(fixed) == MOST_WORDS:
            break
        fixed.append(word if word in vocabulary or len(word) < 5 else _corrected(word[:40], vocabulary))
    return tuple(fixed)


def _corrected(word: str, vocabulary: Iterable[str]) -> str:
    """The word of the wordings of which ``word`` is a slip, else the word itself."""
    alike = [
        known
        for known in vocabulary
        if abs(len(known) - len(word)) < 3 and (known[0] == word[0] or known[-1] == word[-1])
    ]
    return next(iter(get_close_matches(word, alike, n=1, cutoff=0.84)), word)


def _weight(words: Iterable[str]) -> float:
    return sum(4 if word in _NEGATIONS else len(word) if len(word) > 3 else len(word) * _COMMON for word in words)


def _matches(typed: Sequence[str], *, fewest: int) -> Iterator[_Match]:
    """The wordings of at least so many words that stand in the text, and those of which the text is a part."""
    typed_weight, present = _weight(typed), set(typed)
    for wording in _wordings():
        shared = _weight(word for word in wording.words if word in present)
        if len(wording.words) < fewest or shared < ENOUGH * min(wording.weight, typed_weight) or not shared:
            continue
        weight = max(_weight(common) for common in _windows(typed, wording))
        own_words = wording.weight >= LONG or weight >= ALONE * typed_weight or _is_phrase(wording.words, typed)
        whole = weight >= ENOUGH * wording.weight and own_words
        part = typed_weight >= SHORTEST and len(typed) > 1 and _is_part(typed, wording, ENOUGH * typed_weight)
        if whole or part:
            yield _Match(wording.message, weight, weight / wording.weight)


def _is_phrase(words: tuple[str, ...], typed: Sequence[str]) -> bool:
    """Whether the words, three at least, stand in the text one behind the other."""
    size = len(words)
    return size > 2 and any(tuple(typed[start : start + size]) == words for start in range(len(typed) - size + 1))


def _is_part(typed: Sequence[str], wording: _Wording, enough: float) -> bool:
    """Whether the text is a stretch of the wording, with a word left out at most."""
    size = len(typed) + 1
    stretches = (wording.words[start : start + size] for start in range(max(1, len(wording.words) - size + 1)))
    return any(_weight(_in_order(stretch, typed)) >= enough for stretch in stretches)


def _windows(typed: Sequence[str], wording: _Wording) -> Iterator[tuple[str, ...]]:
    """What of the wording stands in its order in each stretch of the text that is about as long as it."""
    size = len(wording.words) + 6 * wording.gaps + 3
    yield _in_order(wording.words, typed[:size])
    for start in range(1, max(1, len(typed) - len(wording.words) // 2)):
        if typed[start] in wording.words[:3]:
            yield _in_order(wording.words, typed[start : start + size])


def _in_order(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The longest sequence of words that both have in this order, by their letters."""
    best: list[list[tuple[float, tuple[str, ...]]]] = [[(0.0, ())] * (len(second) + 1)]
    for word in first:
        row: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
        for position, other in enumerate(second):
            above, left = best[-1][position + 1], row[-1]
            longest = above if above[0] >= left[0] else left
            if word == other:
                weight, common = best[-1][position]
                taken = (weight + _weight((word,)), (*common, word))
                longest = taken if taken[0] > longest[0] else longest
            row.append(longest)
        best.append(row)
    return best[-1][-1][1]


def _rank(match: _Match, program: MailProgram | None) -> tuple[float, float]:
    return match.weight * (1.15 if _of(match.message, program) else 1), match.share


def _of(message: ScreenMessage, program: MailProgram | None) -> bool:
    """Whether ``program``, or one of its family, shows the message."""
    return program is not None and any(program.is_akin_to(other) for other in message.programs)


def _near(typed: Sequence[str], program: MailProgram | None) -> tuple[ScreenMessage, ...]:
    """The messages that have most in common with a text that is none of them: two at most."""
    present = {word for word in typed if len(word) > 3 and word not in ("server", "mail", "posta", "account")}
    if not present:
        return ()
    scored = []
    for wording in _wordings():
        own = set(wording.words)
        score = _weight(present & own) / _weight(present | own)
        scored.append((score * (1.15 if _of(wording.message, program) else 1), wording.message))
    scored.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(dict.fromkeys(message for score, message in scored if score >= NEAR))[:2]


def _narrowed(protocols: tuple[Protocol, ...], typed: Sequence[str]) -> tuple[Protocol, ...]:
    """Those that the text itself names, where it names one side only."""
    present = set(typed)
    sides = [side for side, words in screen_messages().words.items() if present.intersection(words)]
    if sides == ["sending"]:
        named = {Protocol.SMTP}
    elif sides == ["receiving"]:
        named = set(RECEIVING)
        named -= {Protocol.POP3} if present & {"imap", "imap4"} and not present & {"pop", "pop3"} else set()
        named -= {Protocol.IMAP} if present & {"pop", "pop3"} and not present & {"imap", "imap4"} else set()
    else:
        return protocols
    return tuple(protocol for protocol in protocols if protocol in named) or protocols
