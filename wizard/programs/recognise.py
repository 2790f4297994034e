"""Which of our formats a file is in, and what it says: by what is in it, and only then by what it is called.

Nothing here trusts a file: every format has its own reader with its own limits. A name decides only which reader is to
say what is wrong with a file in which nothing was recognised.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress
from wizard.model.placeholders import EMAIL_DOMAIN, EMAIL_LOCAL_PART
from wizard.model.problems import Place, Problem
from wizard.model.text import printable
from wizard.programs.account import ReadAccount

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes: what the reader of the largest of these files takes. Each reader has its own limit below it."""

SETTINGS = "settings"
"""The one kind that is no format of clients.yaml: the program's own documents, read in formats/settings.py."""

_HEAD = 64 * 1024
"""Bytes that are looked at: every one of these formats shows itself early."""

_ROOTS = {
    "clientConfig": "autoconfig",
    "Autodiscover": "outlook-autodiscover",
    "plist": "mobileconfig",
    "k9settings": "thunderbird-android",
    "svg": "thunderbird-qr",
    "html": "card",
}
# Atomic and possessive: what was passed over is never gone through again, however the file is made.
_ROOT = re.compile(
    r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*+(?>\[.*?\]\s*)?>)*+<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL
)

# The order matters where one format's line could stand in another's file.
_LINES = tuple(
    (kind, re.compile(pattern, re.MULTILINE | flags))
    for kind, pattern, flags in (
        ("outlook-local", r"\AWindows Registry Editor Version 5\.00|\AREGEDIT4", 0),
        ("outlook-prf", r"^[ \t]*\[[ \t]*Internet Account List[ \t]*\]", re.IGNORECASE),
        ("thunderbird-userjs", r"^[ \t]*(?:user_|sticky_)?pref[ \t]*\([ \t]*[\"']", 0),
        (SETTINGS, r"\A\s*\{|^[\"']?schema[\"']?[ \t]*:", 0),
        ("thunderbird-qr", r"\A\s*\[\s*\d+\s*,\s*\[", 0),
        ("getmail", r"^\[retriever\]", 0),
        ("himalaya", r"^[ \t]*\[accounts\.", 0),
        ("mbsync", r"^[ \t]*IMAP(?:Account|Store)[ \t]", re.IGNORECASE),
        ("aerc", r"^[ \t]*(?:source|outgoing)[ \t]*=", 0),
        ("neomutt", r"^[ \t]*set[ \t]+[a-z_]+[ \t]*=", 0),
        ("msmtp", r"^[ \t]*account[ \t]+\S", 0),
        ("fetchmail", r"^[ \t]*(?:poll|skip|server)[ \t]+\S", 0),
        (SETTINGS, r"\A(?:\s|#.*\n|---)*[\"']?[a-z_0-9]+[\"']?[ \t]*:(?:\s|\Z)", 0),
    )
)

_NAMES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("autoconfig", r"config-v1\.[0-9]\.xml"),
        ("outlook-autodiscover", r"autodiscover\.xml"),
        ("mobileconfig", r".*\.mobileconfig"),
        ("outlook-prf", r".*\.prf"),
        ("outlook-local", r".*\.reg"),
        ("thunderbird-android", r".*\.k9s"),
        ("thunderbird-qr", r".*\.(?:png|svg)"),
        ("thunderbird-userjs", r"(?:user|prefs)\.js"),
        ("neomutt", r"\.?(?:neo)?muttrc"),
        ("aerc", r"accounts\.conf"),
        ("mbsync", r"\.?(?:mbsync|isync)rc"),
        ("getmail", r"\.?getmailrc"),
        ("fetchmail", r"\.?fetchmailrc"),
        ("msmtp", r"\.?msmtprc|msmtp\.conf"),
        ("himalaya", r"(?:himalaya.*|config)\.toml"),
        (SETTINGS, r".*\.(?:json|ya?ml)"),
    )
)

UNKNOWN = EmailAddress(EMAIL_LOCAL_PART, Domain(EMAIL_DOMAIN))
"""What stands for the address in a file that leaves it to its reader: its placeholders are filled once it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """The accounts of a file in their order; ``format`` is an id of clients.yaml.

    ``unfilled``: the file is for any address of its ``domains``, and host and user names hold placeholders. ``skipped``
    says what was left out. ``provider`` is the name that the file gives it, else empty. ``signed``: a signature is
    around the file, which nobody has checked.
    """

    format: str
    accounts: tuple[ReadAccount, ...]
    skipped: tuple[str, ...] = ()
    unfilled: bool = False
    domains: tuple[Domain, ...] = ()
    provider: str = ""
    signed: bool = False


def recognise(content: bytes, name: str) -> str | None:
    """The format of a file, as its id in clients.yaml, or :data:`SETTINGS`; None when it is none that is known."""
    from pathlib import PureWindowsPath

    found = _by_content(content[:_HEAD])
    if found is not None:
        return found
    last = PureWindowsPath(name).name  # which splits at both kinds of slashes
    return next((kind for kind, pattern in _NAMES if pattern.fullmatch(last)), None)


def _by_content(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "thunderbird-qr"
    # A signature begins with a sequence (0x30, also the digit 0) and a length that is no character.
    if head.startswith(b"bplist0") or (head[:1] == b"\x30" and head[1:2] > b"\x7f"):
        return "mobileconfig"
    text = _text(head)
    root = _ROOT.match(text)
    if root is not None:
        return _ROOTS.get(root[1])
    return next((kind for kind, pattern in _LINES if pattern.search(text)), None)


def _text(head: bytes) -> str:
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    return head.removeprefix(BOM_UTF8).decode("utf-8", "replace")


def read_file(kind: str, content: bytes, name: str) -> ReadFile:
    """Read a file of the format ``kind`` (not :data:`SETTINGS`); ``name`` is what errors call it.

    Raises Problem with file, and line where there is one, when it cannot be read or has no account that can be used.
    """
    special: dict[str, Callable[[bytes, str], ReadFile]] = {
        "autoconfig": _autoconfig,
        "outlook-autodiscover": _autodiscover,
        "outlook-local": _registry,
        "thunderbird-qr": _code,
        "card": _card,
    }
    if kind in special:
        return special[kind](content, name)
    read = _readers()[kind](content, name)
    if isinstance(read, ReadAccount):
        _require_a_server(read, name)
        return ReadFile(format=kind, accounts=(read,), skipped=read.skipped)
    return ReadFile(format=kind, accounts=read.accounts, skipped=read.skipped, signed=getattr(read, "signed", False))


def _readers() -> dict[str, Callable[[bytes, str], Any]]:
    """The readers that need nothing but the bytes; what they give has accounts, or is one."""
    from wizard.programs.aerc import read_aerc
    from wizard.programs.fetchmail import read_fetchmail
    from wizard.programs.getmail import read_getmail
    from wizard.programs.himalaya import read_himalaya
    from wizard.programs.k9s import read_k9s
    from wizard.programs.mbsync import read_mbsync
    from wizard.programs.msmtp import read_msmtp
    from wizard.programs.neomutt import read_neomutt
    from wizard.programs.prf import read_prf
    from wizard.programs.profile import read_profile
    from wizard.programs.userjs import read_userjs

    return {
        "mobileconfig": read_profile,
        "outlook-prf": read_prf,
        "thunderbird-android": read_k9s,
        "thunderbird-userjs": read_userjs,
        "neomutt": read_neomutt,
        "aerc": read_aerc,
        "mbsync": read_mbsync,
        "getmail": read_getmail,
        "fetchmail": read_fetchmail,
        "msmtp": read_msmtp,
        "himalaya": read_himalaya,
    }


def _require_a_server(read: ReadAccount, name: str) -> None:
    if not read.incoming and not read.outgoing:
        raise Problem(
            _("The file has no account that can be used ({reason}).").format(
                reason=printable("; ".join(read.skipped) or _("it is empty"))
            ),
            place=Place(printable(name)),
        )


def _autoconfig(content: bytes, name: str) -> ReadFile:
    from wizard.programs.autoconfig import read_autoconfig

    read = read_autoconfig(content, name)
    config = read.config
    account = ReadAccount(address=None, incoming=config.incoming, outgoing=config.outgoing, leave=read.leave)
    return ReadFile(
        format="autoconfig",
        accounts=(account,),
        skipped=read.skipped,
        unfilled=True,
        domains=config.domains,
        provider="" if config.display_name == config.id else config.display_name,
    )


def _autodiscover(content: bytes, name: str) -> ReadFile:
    from wizard.programs.autodiscover import read_autodiscover

    read = read_autodiscover(content, name, UNKNOWN)
    account = ReadAccount(
        address=None,
        display_name=read.account.display_name,
        incoming=read.account.incoming,
        outgoing=read.account.outgoing,
        skipped=read.account.skipped,
    )
    if not account.incoming and not account.outgoing:
        raise Problem(_why_no_server(read.redirect_url or read.redirect_address, read.error), place=Place(name))
    return ReadFile(format="outlook-autodiscover", accounts=(account,), skipped=account.skipped, unfilled=True)


def _why_no_server(elsewhere: str | None, error: str) -> str:
    if elsewhere is not None:
        return _("The file names no servers, it only sends programs on to {place}.").format(place=printable(elsewhere))
    if error:
        return _("The file names no servers, it reports an error: {error}.").format(error=error)
    return _("The file names no servers of IMAP, POP3 or SMTP.")


def _registry(content: bytes, name: str) -> ReadFile:
    """A registry file names no server: it says where the file is that does."""
    found = re.search(r'="([^"\r\n]+\.xml)"', _text(content[:_HEAD]))
    if found is None:
        text = _("This registry file names no Autodiscover file.")
    else:
        place = printable(found[1].replace("\\\\", "\\"), 200)
        text = _("This file only tells Outlook that the settings are in {place}; inspect that file.").format(
            place=place
        )
    raise Problem(text, place=Place(printable(name)))


def _code(content: bytes, name: str) -> ReadFile:
    from wizard.programs.qr import read_code, read_picture

    if _text(content[:_HEAD]).lstrip()[:1] == "[":
        code = read_code(_text(content).strip(), name)
    else:
        code = read_picture(content, name)
    return ReadFile(format="thunderbird-qr", accounts=code.accounts, skipped=_other_codes(code.number, code.total))


def _other_codes(number: int, total: int) -> tuple[str, ...]:
    if total == 1:
        return ()
    return (
        _("This is code {number} of {total}; the others hold further accounts.").format(number=number, total=total),
    )


def _card(content: bytes, name: str) -> ReadFile:
    """A page to print is for people; the QR code on it is the part that a program reads."""
    from wizard.programs.qr import read_picture

    start = content.find(b"<svg")
    end = content.find(b"</svg>", start)
    if start < 0 or end < 0 or len(content) > SIZE_LIMIT:
        raise Problem(
            _("This page is for people: it has no QR code that could be read back."), place=Place(printable(name))
        )
    code = read_picture(content[start : end + len(b"</svg>")], name)
    return ReadFile(format="card", accounts=code.accounts, skipped=_other_codes(code.number, code.total))
