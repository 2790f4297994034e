"""The URLs that may be asked (https, port 443, a host name, nothing else), and where a redirect leads.

Readers of URLs disagree about odd ones (``https:/x``, ``///x``, backslashes), and what is read differently by two
programs is how a check is passed and something else is done. So what is ambiguous is refused, not mended.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from wizard.model.address import parse_hostname
from wizard.model.problems import Problem
from wizard.model.text import has_controls, printable
from wizard.net.failures import Failure, FailureKind

MAX_URL = 2_000
HTTPS_PORT = 443
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_OFTEN_MISREAD = re.compile(r"[\\\s]|^[A-Za-z][A-Za-z0-9+.\-]*:(?!//[^/])|^//(?![^/])")
# What RFC 3986 allows in a path and a query; "%" stays, for what is escaped already.
_UNESCAPED = "!$&'()*+,/:;=?@%~"


class SecureUrl(NamedTuple):
    """``host`` is an A-label name; ``target`` is what the request line has: path and query, escaped, ASCII."""

    host: str
    target: str
    port: int = HTTPS_PORT

    def __str__(self) -> str:
        return f"https://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """The host, with the port where it is another than that of https."""
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"


def parse_secure_url(text: str, *, any_port: bool = False) -> SecureUrl | Failure:
    """Read an absolute URL. Refused: another scheme or port, a user name, an IP address, odd spelling.

    ``any_port`` is for URLs that the user gave.
    """
    refused = _refused_at_sight(text)
    if refused is not None:
        return refused
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parse_hostname(parts.hostname or "")
    except (Problem, ValueError):
        return _refuse(text, "no valid host name")
    if parts.scheme != "https":
        return _refuse(text, "not https", host)
    if set("@[]") & set(parts.netloc):
        return _refuse(text, "a user name or an address in the URL", host)
    if port is None:
        port = HTTPS_PORT
    if not 1 <= port <= 65535 or (port != HTTPS_PORT and not any_port):
        return _refuse(text, f"port {port}", host)
    target = quote(parts.path or "/", safe=_UNESCAPED)
    if parts.query:
        target += "?" + quote(parts.query, safe=_UNESCAPED)
    if len(target) > MAX_URL:
        return _refuse(text, "too long", host)
    return SecureUrl(host, target, port)


def follow(asked: SecureUrl, location: str) -> SecureUrl | Failure:
    """The URL that ``location`` (the field of a redirect, RFC 9110 section 10.2.2) means, seen from ``asked``.

    A refusal names the host that sent it, for that is who is to blame.
    """
    led = _refused_at_sight(location) or _joined(asked, location)
    if isinstance(led, Failure):
        return Failure(led.kind, asked.host, HTTPS_PORT, led.detail)
    return led


def host_of(url: str) -> str:
    """The host of any URL, in lower case; empty where there is none."""
    try:
        return printable(urlsplit(url).hostname or "", 253)
    except ValueError:
        return ""


def _joined(asked: SecureUrl, location: str) -> SecureUrl | Failure:
    try:
        whole = urljoin(str(asked), location)
    except ValueError:
        return _refuse(location, "no valid URL")
    return parse_secure_url(whole)


def _refused_at_sight(text: str) -> Failure | None:
    if len(text) > MAX_URL:
        return _refuse(text, "too long")
    if has_controls(text) or _OFTEN_MISREAD.search(text):
        return _refuse(text, "no valid URL")
    scheme = _SCHEME.match(text)
    if scheme and scheme[0].lower() != "https:":
        return _refuse(text, "not https")
    return None


def _refuse(text: str, reason: str, host: str = "") -> Failure:
    return Failure(FailureKind.REDIRECT_REFUSED, host, HTTPS_PORT, printable(f"{reason}: {text}", 200))


def dns_url(name: str, kind: str) -> str:
    """The question for the records ``kind`` of ``name`` to the DNS, as a URL (RFC 4501)."""
    return f"dns:{name}?type={kind}"
