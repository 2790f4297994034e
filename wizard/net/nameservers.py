"""Which name servers are asked, and the names that this machine knows without asking."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.text import printable

_RESOLV_CONF = Path("/etc/resolv.conf")
_MOST = 3  # as the C libraries have it (MAXNS of resolv.h)
_MOST_BYTES = 1 << 20  # of a file of the system; lists that block advertising are long
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Nameserver:
    """A recursive DNS server. ``trusted``: whether its word that an answer was validated (the AD bit) counts.

    A server in another house says it over a wire that anybody on the way can write on (RFC 4035 section 4.9.3). So it
    counts from this very machine, from where its administrator said so (``options trust-ad`` of resolv.conf(5)), and
    from the server that the person named.
    """

    address: str
    port: int = 53
    trusted: bool = False


def parse_nameserver(text: str) -> Nameserver:
    """Read ``IP``, ``IP:PORT`` or ``[IPv6]:PORT``; raises Problem."""
    typed = text.strip()
    host, port = typed, "53"
    if not is_address(typed):
        host, colon, port = typed.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif typed.startswith("[") and typed.endswith("]"):
            host, colon, port = typed[1:-1], ":", "53"
        elif not colon or ":" in host:
            host = ""
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not is_address(host) or not 1 <= number <= 65535:
        raise Problem(
            _("“{text}” is no DNS server: please give an IP address, such as 9.9.9.9, or 9.9.9.9:5353.").format(
                text=printable(typed, 60)
            )
        )
    return Nameserver(host, number, trusted=True)


def system_nameservers() -> tuple[Nameserver, ...]:
    """The servers that this machine is set up to ask, at most three; none where it has no network."""
    if sys.platform == "win32":
        from dns.win32util import get_dns_info

        return tuple(_nameserver(str(address), said=False) for address in get_dns_info().nameservers[:_MOST])
    return read_resolv_conf(_text_of(_RESOLV_CONF))


def read_resolv_conf(text: str) -> tuple[Nameserver, ...]:
    """The servers of a resolv.conf(5); search lists do not count here, every name asked for is whole."""
    lines = [line.split() for line in text.splitlines() if not line.startswith(("#", ";"))]
    said = any(words[:1] == ["options"] and "trust-ad" in words[1:] for words in lines)
    addresses = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
    return tuple(_nameserver(address, said=said) for address in addresses if is_address(address))[:_MOST]


def _nameserver(address: str, *, said: bool) -> Nameserver:
    return Nameserver(address, trusted=said or ip_address(address).is_loopback)


class Hosts:
    """The hosts file of this machine, read when the first name is looked for."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or _hosts_path()
        self._text: str | None = None

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of ``host`` (A-labels), in the order of the file; localhost has some always (RFC 6761)."""
        if self._text is None:
            self._text = _text_of(self._path).lower()
        found = list(_named(host, self._text)) if host in self._text else []
        if host == "localhost" or host.endswith(".localhost"):
            return tuple(found) or _LOOPBACK
        return tuple(dict.fromkeys(found))


def _named(host: str, text: str) -> list[str]:
    lines = [line.partition("#")[0].split() for line in text.splitlines() if host in line]
    return [words[0] for words in lines if host in words[1:] and is_address(words[0])]


def _hosts_path() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "drivers", "etc", "hosts")
    return Path("/etc/hosts")


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def is_address(text: str) -> bool:
    """Whether ``text`` is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
