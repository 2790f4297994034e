"""The catalogue of providers: a file each, looked up without parsing all of them.

A look-up scans the texts of the files for the name as a whole word and parses those that have it; what was parsed
decides. A person's own directory ``own`` shadows the bundled one by file name, and is looked at first.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_domain
from wizard.model.problems import Place, Problem
from wizard.resources.templates import templates_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.model.address import Domain
    from wizard.model.provider import Provider

FOLDER = "providers"


def load_provider(path: Path, *, bundled: bool = False) -> Provider:
    """The provider of a file. Raises Problem with file, line, key and the nearest valid value."""
    from wizard.discovery.provider_file import load_provider as load  # most look-ups need none

    return load(path, bundled=bundled)


def find_provider(domain: Domain, *, own: Path | None = None) -> Provider | None:
    """The provider of addresses at exactly ``domain``: a subdomain may belong to others."""
    for provider in _having((domain.ascii,), own):
        if domain in provider.config.domains:
            return provider
    return None


def find_by_host(host: str, *, likely: Provider | None = None, own: Path | None = None) -> Provider | None:
    """The provider that runs the mail server ``host``, a name as A-labels.

    That is the one that lists this host; else the one with the longest of ``server_suffixes``; else the only one that
    lists a host beside it (``smtps.example.it`` beside ``imaps.example.it``; of ``example.it`` itself, one under it).
    Of several that list the same, ``likely`` (the provider of the address), else the one that takes the mail of other
    domains.
    """
    name = host.lower().rstrip(".")
    place = _place_of(name)
    if likely is not None and name in _hosts_of(likely):
        return likely
    known = list(_having((name, place), own, within=place))
    listing = [provider for provider in known if name in _hosts_of(provider)]
    if not listing and (found := _by_suffix(name, lambda provider: provider.server_suffixes, own)) is not None:
        return found
    listing = listing or [provider for provider in known if place in map(_place_of, _hosts_of(provider))]
    if len(listing) > 1:
        of_the_address = [provider for provider in listing if likely is not None and provider.id == likely.id]
        listing = of_the_address or [provider for provider in listing if provider.spf_suffixes] or listing
        listing = listing if len(listing) == 1 else [provider for provider in listing if provider.mx_suffixes]
    return listing[0] if len(listing) == 1 else None


def _hosts_of(provider: Provider) -> set[str]:
    """The hosts of the file; those in the domain of the address belong to no provider in particular."""
    servers = (*provider.config.incoming, *provider.config.outgoing)
    return {server.hostname.lower() for server in servers if "%" not in server.hostname}


def _place_of(host: str) -> str:
    """The domain that a host is in: what comes after its first label; of a registered domain, this itself."""
    from wizard.net.domains import registrable

    parent = host.partition(".")[2]
    return parent if registrable(parent) is not None else host


def find_by_mx(host: str, *, own: Path | None = None) -> Provider | None:
    """The provider whose mail servers ``host`` (a name as A-labels, from an MX record) is one of; longest suffix wins.

    What follows from an MX record is only as sure as the DNS answer was.
    """
    return _by_suffix(host, lambda provider: provider.mx_suffixes, own)


def find_by_spf(name: str, *, own: Path | None = None) -> Provider | None:
    """The provider whose customers include ``name`` in their SPF record.

    That is the one with the longest suffix for this, else for its mail servers; else the one with addresses at the
    registrable domain of ``name``.
    """
    from wizard.net.domains import registrable

    found = _by_suffix(name, lambda provider: provider.spf_suffixes, own)
    found = found or _by_suffix(name, lambda provider: provider.mx_suffixes, own)
    base = registrable(name)
    if found is not None or base is None:
        return found
    try:
        return find_provider(parse_domain(base), own=own)
    except AddressProblem:
        return None


def _by_suffix(host: str, suffixes_of: Callable[[Provider], tuple[str, ...]], own: Path | None) -> Provider | None:
    """The provider of which one suffix is the longest that ``host`` ends with, at a dot."""
    name = host.lower().rstrip(".")
    labels = name.split(".")
    suffixes = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    best: tuple[int, Provider] | None = None
    for provider in _having(suffixes, own):
        length = max((len(suffix) for suffix in suffixes_of(provider) if suffix in suffixes), default=0)
        if length and (best is None or length > best[0]):
            best = length, provider
    return best[1] if best is not None else None


def provider_named(name: str, *, own: Path | None = None) -> Provider | None:
    """The provider with this id, one of these domains, or this name (capitals do not matter)."""
    wanted = name.strip().casefold()
    for path, bundled in _files(own):
        if path.stem == wanted:
            return _load(path, bundled)
    try:
        found = find_provider(parse_domain(wanted), own=own)
    except AddressProblem:
        found = None
    if found is not None or not wanted:
        return found
    return next((provider for provider in all_providers(own=own) if provider.name.casefold() == wanted), None)


def all_providers(*, own: Path | None = None) -> tuple[Provider, ...]:
    """Every provider, by id. This parses every file."""
    return tuple(sorted((_load(path, bundled) for path, bundled in _files(own)), key=lambda provider: provider.id))


def _having(names: tuple[str, ...] | list[str], own: Path | None, *, within: str = "") -> Iterator[Provider]:
    """The providers whose file holds one of ``names`` as a whole word, or a name in the domain ``within``."""
    # A word is what a domain can be part of: “mail.com” is not found in “hotmail.com” nor in “imap.mail.com”.
    wanted = [name.encode() for name in (*names, within) if name]
    if not wanted:
        return
    words = b"|".join(re.escape(name.encode()) for name in names if name)
    inside = rb"|(?<=\.)%s" % re.escape(within.encode()) if within else b""
    word = re.compile(rb"(?:(?<![A-Za-z0-9.-])(?:%s)%s)(?![A-Za-z0-9-]|\.[A-Za-z0-9])" % (words, inside))
    for path, bundled in _files(own):
        content = _bundled_bytes(path) if bundled else _bytes(path)
        # Looking for the bytes first is ten times as fast as the expression, and rules out nearly every file.
        if any(name in content for name in wanted) and word.search(content):
            yield _load(path, bundled)


def _files(own: Path | None) -> Iterator[tuple[Path, bool]]:
    """The files with whether each is a bundled one; the person's own first, shadowing by file name."""
    shadowed = set()
    if own is not None:
        for path in _listed(own / FOLDER):
            shadowed.add(path.name)
            yield path, False
    for path in _bundled_files():
        if path.name not in shadowed:
            yield path, True


def _listed(folder: Path) -> tuple[Path, ...]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".yaml") and name[0] != ".")  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        from wizard.resources.path_problems import unreadable

        raise unreadable(folder, error) from None
    return tuple(folder / name for name in names)  # os is ten times as fast as Path here, and every look-up does it


def _bytes(path: Path) -> bytes:
    from wizard.resources.documents import SIZE_LIMIT

    try:
        if path.exists() and not path.is_file():  # to open a pipe would wait for ever
            raise Problem(_("This is not a file."), place=Place(str(path)))
        # One byte more than allowed: a larger file is complained about when it is parsed, if it matters at all.
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        from wizard.resources.path_problems import unreadable

        raise unreadable(path, error) from None


def _load(path: Path, bundled: bool) -> Provider:  # noqa: FBT001 - what _files yields
    return _bundled_provider(path) if bundled else load_provider(path)


# The bundled files do not change while the program runs; a look-up for many accounts reads them once.
@cache
def _bundled_files() -> tuple[Path, ...]:
    return _listed(templates_root() / FOLDER)


@cache
def _bundled_bytes(path: Path) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see _listed
        return file.read()


@cache
def _bundled_provider(path: Path) -> Provider:
    return load_provider(path, bundled=True)
