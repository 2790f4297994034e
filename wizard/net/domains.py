"""Who a host name belongs to, by the public suffix list (https://publicsuffix.org/list/).

Both parts of the list count: under a private suffix (github.io) every name has another owner, too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.model.address import IP_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publicsuffixlist import PublicSuffixList


def registrable(host: str) -> str | None:
    """The registered domain that ``host`` is under (``example.co.uk``), in lower case.

    ``host`` is a name as A-labels. None for a public suffix itself (``co.uk``, and any single label), an IP address,
    and text that is not a name. A top-level domain that is not in the list counts as a public suffix.
    """
    name = host.lower().removesuffix(".")
    top = name.rpartition(".")[2]
    if ":" in name or "." not in name or not top or IP_LABEL.fullmatch(top):
        return None
    found: str | None = _suffixes_under(top).privatesuffix(name)
    return found


def same_registrable(host: str, other: str) -> bool:
    """Whether both hosts are under one registrable domain; False where either has none."""
    domain = registrable(host)
    return domain is not None and domain == registrable(other)


def same_owner(host: str, other: str) -> bool:
    """Whether both are one host, or under one registrable domain."""
    return host == other or same_registrable(host, other)


@cache
def _list() -> bytes:
    from publicsuffixlist import PSLFILE

    return Path(PSLFILE).read_bytes()


@cache
def _suffixes_under(top: str) -> PublicSuffixList:
    """The rules of one top-level domain (A-label): ready after 1 ms, where the whole list takes 35."""
    from publicsuffixlist import PublicSuffixList

    rules = [rule for form in {top, _unicode(top)} for rule in _rules_ending_in(form)]
    return PublicSuffixList(source="\n".join(rules))


def _rules_ending_in(label: str) -> Iterator[str]:
    """The lines that are ``label``, or end in a dot and it; searched for: most of 16,000 lines end otherwise."""
    content, ending = _list(), label.encode()
    end = content.find(ending + b"\n")
    while end >= 0:
        line = content[content.rfind(b"\n", 0, end) + 1 : end + len(ending)]
        if line == ending or (line.endswith(b"." + ending) and not line.startswith(b"//")):
            yield line.decode()
        end = content.find(ending + b"\n", end + 1)


def _unicode(label: str) -> str:
    try:
        return label.encode("ascii").decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label
