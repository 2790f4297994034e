"""The commands of muttrc and neomuttrc, as far as they say which servers are used; nothing is ever executed.

Source of the grammar: the manual of NeoMutt, “Syntax of Initialization Files”, and what NeoMutt 20220429 makes of
files. A backslash at the end of a line joins it with the next, even in a comment; a quotation mark that is not closed
ends with its line. What a command in backticks would print, and variables that the file does not set itself, are
unknown here.
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

UNKNOWN = "\0"
"""Stands in a value for what the file alone does not say; no text file holds it."""

MOST_HOOKS = 100
"""Profiles, and rules for accounts, that are read of one file."""

_LONGEST = 4096
"""Characters of a value: variables may multiply each other."""

_VARIABLE = re.compile(r"\$(?:\{([^}\n]*)\}|([A-Za-z]\w*))")
_OCTAL = re.compile(r"[0-9]{3}")
_ASSIGNMENT = re.compile(r"\s*(?P<prefix>no|inv|&|\?)?(?P<name>[A-Za-z_]\w*)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "e": "\x1b"}
_SETTING = frozenset({"set", "unset", "reset", "toggle"})
_SYNONYMS = {"spool_file": "spoolfile", "real_name": "realname"}
_SWITCHES = {"ssl_starttls": "yes", "ssl_force_tls": "yes", "pop_delete": "no"}
"""Variables that are on or off, with what they are unless the file says."""
_EVERYWHERE = frozenset({".", ".*", "^.", "^.*", "*"})


@dataclass(slots=True)
class Configuration:
    """What a file says: variables and their values, the same for each profile (by the pattern of its folder-hook), what
    its account-hooks set for which servers, the mailboxes it lists, and the other files it reads.
    """

    values: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, dict[str, str]] = field(default_factory=dict)
    account_rules: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    mailboxes: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    opened: Callable[[str], str | None] | None = None
    left_out: int = 0
    """Hooks beyond the number that is read."""


def read_configuration(text: str, opened: Callable[[str], str | None] | None = None) -> Configuration:
    """Read the commands of a file, in their order. ``opened`` gives the text of a file that it reads with ``source``,
    once for each; None for one that stays closed.
    """
    found = Configuration(opened=opened)
    _run(text, found, found.values)
    return found


def _run(text: str, found: Configuration, values: MutableMapping[str, str], *, in_hook: bool = False) -> None:
    for line in text.replace("\\\n", "").split("\n"):
        words = _Words(line, values)
        while (command := words.command()) is not None:
            if command in _SETTING:
                _assign(words, values, command)
            elif command == "my_hdr":
                name, _colon, value = words.rest().partition(":")
                if name.strip().lower() == "from":
                    values["my_hdr from"] = value.strip()
            elif command == "source":
                _read_source(words, found, values, in_hook=in_hook)
            elif not in_hook:
                _collect(command, words, found)
            words.skip()


def _read_source(words: _Words, found: Configuration, values: MutableMapping[str, str], *, in_hook: bool) -> None:
    """Another file, whose variables are those of the profile where a hook reads it."""
    for name in words.remaining()[:1]:
        text = found.opened(name) if found.opened is not None else None
        if text is None:
            found.sources.append(name)
        else:
            _run(text, found, values, in_hook=in_hook)


def _collect(command: str, words: _Words, found: Configuration) -> None:
    """Commands that are about folders and accounts."""
    if command in ("mailboxes", "named-mailboxes"):
        found.mailboxes += [word for word in words.remaining() if "://" in word]
    elif command in ("folder-hook", "account-hook"):
        pattern, *rest = [word for word in words.remaining() if word != "-noregex"] or [""]
        if command == "folder-hook" and pattern in _EVERYWHERE:
            _run(" ".join(rest), found, found.values, in_hook=True)
            return
        known = pattern in found.profiles if command == "folder-hook" else False
        if not known and len(found.profiles) + len(found.account_rules) >= MOST_HOOKS:
            found.left_out += 1
            return
        own: dict[str, str] = found.profiles.setdefault(pattern, {}) if command == "folder-hook" else {}
        _run(" ".join(rest), found, ChainMap(own, found.values), in_hook=True)
        if command == "account-hook":
            found.account_rules.append((pattern, own))


def matches(pattern: str, url: str) -> bool:
    """Whether the pattern of an account-hook is about ``url``; it is compared as text, its escapes resolved."""
    text = re.sub(r"\\(.)", r"\1", pattern).removeprefix("^").removesuffix("$")
    return pattern in _EVERYWHERE or (text != "" and text.rstrip("/") in url)


def _assign(words: _Words, values: MutableMapping[str, str], command: str) -> None:
    """Everything after ``set``, ``unset``, ``reset`` or ``toggle``."""
    while (found := words.match(_ASSIGNMENT)) is not None:
        prefix, name = found["prefix"], _SYNONYMS.get(found["name"], found["name"])
        if name in _SETTING:  # no variable is called so: NeoMutt gives the rest of the line up
            words.give_up()
            break
        now = values.get(name, _SWITCHES.get(name, ""))
        operator = words.operator() if command == "set" and prefix is None else ""
        if operator:
            token = words.token() or ""
            value = now + token if operator == "+=" and name not in _SWITCHES else token
            values[name] = value if len(value) <= _LONGEST else UNKNOWN
        elif command == "reset" or prefix == "&":
            values[name] = _SWITCHES.get(name, "")
        elif command == "toggle" or prefix == "inv":
            values[name] = "no" if now == "yes" else "yes"
        elif command == "unset" or prefix == "no":
            values[name] = "no" if name in _SWITCHES else ""
        elif name in _SWITCHES and prefix is None:
            values[name] = "yes"


class _Words:
    """The words of a line, read once from left to right."""

    def __init__(self, line: str, values: MutableMapping[str, str]) -> None:
        self.line = line
        self.position = 0
        self.values = values

    def command(self) -> str | None:
        """The next command of the line; None at its end or at a comment."""
        while self.position < len(self.line) and (self.line[self.position].isspace() or self._here(";")):
            self.position += 1
        return None if self._here("#") else self.token()

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.line, self.position)
        if found is not None:
            self.position = found.end()
        return found

    def operator(self) -> str:
        """``=`` or ``+=`` where one stands here; else nothing."""
        found = self.match(re.compile(r"\s*([+-]?=)"))
        return "" if found is None else found[1]

    def remaining(self) -> list[str]:
        """The other words of this command."""
        words = []
        while (word := self.token()) is not None:
            words.append(word)
        return words

    def rest(self) -> str:
        """The rest of this command as it stands."""
        found = self.match(re.compile(r"[^;#]*"))
        return "" if found is None else found.group()

    def give_up(self) -> None:
        """Pass over the rest of the line."""
        self.position = len(self.line)

    def skip(self) -> None:
        """Pass over the rest of this command."""
        while self.token() is not None:
            pass
        if self._here(";"):
            self.position += 1
        elif self.position < len(self.line) and not self._here("#"):
            self.give_up()

    def token(self) -> str | None:
        """The next word, quotes and escapes resolved; None at the end of the command."""
        while self.position < len(self.line) and self.line[self.position].isspace():
            self.position += 1
        start, quote, size = self.position, "", 0
        parts: list[str] = []
        while self.position < len(self.line):
            character = self.line[self.position]
            if not quote and (character.isspace() or character in ";#"):
                break
            if character == quote or (not quote and character in "\"'"):
                quote = "" if quote else character
                self.position += 1
                continue
            part = self._part(character, quote)
            size += len(part)
            if size <= _LONGEST:
                parts.append(part)
        if self.position == start:
            return None
        return "".join(parts) if size <= _LONGEST else UNKNOWN

    def _here(self, characters: str) -> bool:
        return self.position < len(self.line) and self.line[self.position] in characters

    def _part(self, character: str, quote: str) -> str:
        """The text that the character here stands for; moves past it."""
        if character == "\\" and quote != "'":
            return self._escaped()
        if character == "`" and quote != "'":
            end = self.line.find("`", self.position + 1)
            self.position = len(self.line) if end < 0 else end + 1
            return UNKNOWN
        variable = _VARIABLE.match(self.line, self.position) if character == "$" and quote != "'" else None
        if variable is not None:
            self.position = variable.end()
            name = variable[1] or variable[2] or ""
            return self.values.get(_SYNONYMS.get(name, name), UNKNOWN)
        self.position += 1
        return character

    def _escaped(self) -> str:
        octal = _OCTAL.match(self.line, self.position + 1)
        if octal is not None:
            self.position = octal.end()
            digits = [int(digit) for digit in octal.group()]
            return chr((digits[0] * 64 + digits[1] * 8 + digits[2]) & 0xFF)
        character = self.line[self.position + 1 : self.position + 2]
        self.position += 2
        if character in ("c", "C"):
            self.position += 1
            return chr((ord((self.line[self.position - 1 : self.position] or "@").upper()) - 64) & 0x7F)
        return _ESCAPES.get(character, character)
