"""E-mail addresses, domains, host names and ports: parsed once, at the door.

Rules: RFC 5321 section 4.1.2 (local parts and their lengths), RFC 6531 (letters beyond ASCII), RFC 1035 and
RFC 1123 section 2.1 (host names), RFC 5891 (IDNA 2008, with the mapping of UTS 46).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.text import has_controls, printable

Hostname = NewType("Hostname", str)
"""A host name as A-labels, in lower case, without a final dot; at most 253 characters."""

Port = NewType("Port", int)
"""A TCP port, 1 to 65535."""

# The last label of what the network reads as an IP address: "1.2.3.4", "10.1", "0x7f000001" (inet_aton).
IP_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IPV6 = re.compile(r"\[?[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*\]?")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# What is no atext of RFC 5322 is left out, and a dot: to list the rest, up to the last letter of Unicode, would take
# the compiler of expressions longer than all others here together.
_ATOM = re.compile(r'[^\x00-\x20"(),.:;<>@\[\]\\\x7f]+')
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')


class AddressProblem(Problem):
    """Text that is not an e-mail address, domain, host name or port. ``suggestion`` is the nearest that is, if any."""

    def __init__(self, reason: str, suggestion: str | None = None) -> None:
        hint = "" if suggestion is None else " " + _("Did you mean {word}?").format(word=suggestion)
        super().__init__(reason + hint)
        self.reason = reason
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain name as A-labels in lower case; ``str()`` gives that form."""

    ascii: str

    def __str__(self) -> str:
        return self.ascii

    @property
    def unicode(self) -> str:
        """The name as people read it; the A-labels where one is no valid IDNA 2008 or holds something invisible."""
        if "xn--" not in self.ascii:
            return self.ascii
        import idna

        try:
            name = idna.decode(self.ascii)
        except idna.IDNAError:
            return self.ascii
        # IDNA 2008 allows joiners in some scripts; an invisible character in a name of a server is never shown.
        return self.ascii if has_controls(name) else name

    @property
    def shown(self) -> str:
        """For people: the Unicode form with the A-labels beside it, so that a look-alike shows itself."""
        return self.ascii if self.unicode == self.ascii else f"{self.unicode} ({self.ascii})"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address: the local part as written (case kept), and the domain."""

    local: str
    domain: Domain

    def __str__(self) -> str:
        """The address with the domain as A-labels: what servers and files get."""
        return f"{self.local}@{self.domain.ascii}"

    @property
    def unicode(self) -> str:
        """The address as people write it."""
        return f"{self.local}@{self.domain.unicode}"


def parse_address(text: str) -> EmailAddress:
    """Read an e-mail address; spaces around it, ``mailto:`` and angle brackets are forgiven.

    Raises AddressProblem with one sentence saying what is wrong, and the nearest valid address where there is one.
    """
    typed = text.strip()
    typed = typed[7:] if typed[:7].lower() == "mailto:" else typed
    typed = typed[1:-1] if typed.startswith("<") and typed.endswith(">") else typed
    if not typed:
        raise AddressProblem(_("This is empty; an e-mail address looks like anna@example.org."))
    if has_controls(typed):
        raise AddressProblem(_("The address contains an invisible control character; please type it again."))
    local, domain = _split(typed)
    _check_local(local, domain, typed)
    return EmailAddress(local, _domain_of_address(local, domain))


def _shown(typed: str) -> str:
    return printable(typed, 60)


def _split(typed: str) -> tuple[str, str]:
    quoted = _QUOTED.match(typed)
    if quoted is not None and typed[quoted.end() :].startswith("@"):
        return quoted.group(), typed[quoted.end() + 1 :]
    local, at, domain = typed.rpartition("@")
    if not at:
        raise AddressProblem(
            _("“{text}” has no @; an e-mail address looks like anna@example.org.").format(text=_shown(typed))
        )
    if not local:
        raise AddressProblem(_("“{text}” has nothing before the @.").format(text=_shown(typed)))
    if not domain:
        raise AddressProblem(
            _("“{text}” has nothing after the @; the part after it is your provider, such as gmail.com.").format(
                text=_shown(typed)
            )
        )
    return local, domain


def _check_local(local: str, domain: str, typed: str) -> None:
    if _QUOTED.fullmatch(local):
        pass
    elif "@" in local:
        parts = [part for part in typed.split("@") if part]
        raise AddressProblem(
            _("“{text}” has more than one @.").format(text=_shown(typed)),
            _valid_or_none(f"{parts[0]}@{parts[-1]}") if len(parts) > 1 else None,
        )
    elif any(character.isspace() for character in local):
        raise AddressProblem(
            _("“{text}” has a space in it.").format(text=_shown(typed)), _valid_or_none("".join(typed.split()))
        )
    elif not all(_ATOM.fullmatch(atom) for atom in local.split(".")):
        cleaned = re.sub(r"\.{2,}", ".", local).strip(".")
        wrong = next((c for c in local if c != "." and not _ATOM.fullmatch(c)), None)
        reason = (
            _("“{text}” has a dot at the start or end of the part before the @, or two dots in a row.")
            if wrong is None
            else _("“{text}” has a character before the @ that addresses cannot have: “{character}”.")
        )
        raise AddressProblem(
            reason.format(text=_shown(typed), character=wrong),
            _valid_or_none(f"{cleaned}@{domain}") if wrong is None else None,
        )
    if len(local.encode()) > 64:
        raise AddressProblem(_("The part before the @ is longer than 64 characters."))


def _domain_of_address(local: str, text: str) -> Domain:
    if text.startswith("["):
        raise AddressProblem(_("An address with a number in brackets after the @ has no provider to ask."))
    try:
        domain = parse_domain(text)
    except AddressProblem as problem:
        suggestion = _valid_or_none(f"{local}@{problem.suggestion}") if problem.suggestion else None
        raise AddressProblem(problem.reason, suggestion) from None
    return domain


def hostname_or_none(text: str) -> Hostname | None:
    """``text`` as a host name, None where it is none: a wildcard, an IP address, a name that is too long."""
    try:
        return parse_hostname(text)
    except AddressProblem:
        return None


def _valid_or_none(text: str) -> str | None:
    try:
        return parse_address(text).unicode
    except AddressProblem:
        return None


def parse_domain(text: str) -> Domain:
    """Read a domain with at least two labels (``example.org``, ``bücher.de``); raises AddressProblem."""
    name = _parse_name(text)
    if "." not in name:
        raise AddressProblem(
            _("The domain “{text}” has no dot; it should end like .com or .it.").format(text=_shown(text))
        )
    if IP_LABEL.fullmatch(name.rpartition(".")[2]):
        raise AddressProblem(_("“{text}” is a number, not the name of a domain.").format(text=_shown(text)))
    return Domain(name)


def parse_hostname(text: str) -> Hostname:
    """Read the name of a server as A-labels; an IP address is no host name. Raises AddressProblem."""
    return _parse_hostname(text.strip())


def is_number(text: str) -> bool:
    """Whether the network reads ``text`` as an IP address, in whichever notation, and not as a name."""
    typed = text.strip().lower()
    last = typed.removesuffix(".").rpartition(".")[2]
    return _IPV6.fullmatch(typed) is not None or IP_LABEL.fullmatch(last) is not None


@lru_cache(maxsize=1024)  # a file is read back with the names that were read a moment ago; errors are not kept
def _parse_hostname(text: str) -> Hostname:
    name = _parse_name(text)
    if IP_LABEL.fullmatch(name.rpartition(".")[2]):
        raise AddressProblem(
            _("“{text}” is a number; please give the name of the server, as its certificate has it.").format(
                text=_shown(text)
            )
        )
    return Hostname(name)


def _parse_name(text: str) -> str:
    typed = text.strip()
    if has_controls(typed):
        raise AddressProblem(_("The name contains an invisible control character; please type it again."))
    name = typed.removesuffix(".")
    if not name:
        raise AddressProblem(_("The name is empty."))
    if len(name) > 253:
        raise AddressProblem(
            _("The name “{text}” has {count} characters; a name can have 253 at most.").format(
                text=printable(name, 24), count=len(name)
            )
        )
    name = name.lower() if name.isascii() else _to_ascii(name, typed).removesuffix(".")
    if len(name) > 253:
        raise AddressProblem(_("The name is too long: 253 characters at most, in its encoded form."))
    for label in name.split("."):
        if not _LABEL.fullmatch(label):
            raise AddressProblem(_wrong_label(label, typed), _mended_name(typed))
    return name


def _to_ascii(name: str, typed: str) -> str:
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise AddressProblem(
            _("“{text}” cannot be written as a domain name.").format(text=_shown(typed)), _mended_name(typed)
        ) from None


def _wrong_label(label: str, typed: str) -> str:
    if not label:
        return _("“{text}” has two dots in a row, or begins with one.").format(text=_shown(typed))
    if len(label) > 63:
        return _("A part of “{text}” between two dots is longer than 63 characters.").format(text=printable(typed, 24))
    if label.startswith("-") or label.endswith("-"):
        return _("A part of “{text}” begins or ends with a hyphen.").format(text=_shown(typed))
    wrong = next((c for c in label if not _LABEL.fullmatch(c) and c != "-"), label)
    if wrong.isspace():
        return _("“{text}” has a space in it.").format(text=_shown(typed))
    return _("“{text}” has a character that the name of a server cannot have: “{character}”.").format(
        text=_shown(typed), character=wrong
    )


def _mended_name(typed: str) -> str | None:
    mended = re.sub(r"\.{2,}", ".", "".join(typed.split()).replace(",", ".")).strip(".-")
    try:
        return _parse_name(mended) if mended != typed else None
    except AddressProblem:
        return None


def parse_port(text: str | int) -> Port:
    """Read a TCP port, 1 to 65535; raises AddressProblem."""
    number = int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 7 else 0
    if isinstance(text, bool) or not 1 <= number <= 65535:
        raise AddressProblem(
            _("“{text}” is not a port; a port is a number from 1 to 65535, usually 993, 995 or 465.").format(
                text=_shown(str(text))
            )
        )
    return Port(number)
