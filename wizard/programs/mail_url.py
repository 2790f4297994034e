"""Addresses of mail servers as terminal programs write them: ``imaps://anna%40example.org@imap.example.org:993/``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.text import printable

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+]*)://(?:(?P<user>[^/?]*)@)?(?P<host>[^/:@?]+)(?::(?P<port>[0-9]{1,5}))?(?:[/?].*)?"
)


@dataclass(frozen=True, slots=True)
class MailUrl:
    """The parts of such an address; ``port`` is None where none is written. A password in it is not kept."""

    scheme: str
    username: str
    hostname: str
    port: int | None


def read_mail_url(text: str) -> MailUrl:
    """Read an address; raises Problem when it is none. The user name may hold ``@``; its escapes are resolved."""
    found = _URL.fullmatch(text.strip())
    user = "" if found is None else _unescaped((found["user"] or "").partition(":")[0])
    if found is None or user is None:
        raise Problem(_("“{text}” is no address of a server.").format(text=printable(_without_password(text), 60)))
    return MailUrl(
        scheme=found["scheme"],
        username=user,
        hostname=found["host"],
        port=None if found["port"] is None else int(found["port"]),
    )


def mail_url(scheme: str, hostname: str, port: int, username: str = "", path: str = "") -> str:
    """Such an address, with every character of the user name escaped that could mean something else."""
    who = quote(username, safe="") + "@" if username else ""
    return f"{scheme}://{who}{hostname}:{port}{path}"


def _unescaped(text: str) -> str | None:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


def _without_password(text: str) -> str:
    """``text`` for a message: what may be a password is left out."""
    return re.sub(r"://.*@", "://…@", text)
