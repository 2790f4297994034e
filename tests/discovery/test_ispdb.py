"""The catalogue beside Thunderbird's database: every difference is listed with its reason, and none of them is stale.

The database lies beside the project (see ``shared_data``); files of it that are not there are not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml

from wizard.discovery.catalogue import all_providers
from wizard.model.servers import USUAL_PORTS, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.provider import Provider

LIST = Path(__file__).with_name("ispdb_differences.yaml")
OPEN = {protocol.value for protocol in Protocol}


@dataclass(frozen=True)
class Entry:
    """One file of the database: domains, and its servers of open protocols in order, each as one line."""

    file: str
    domains: frozenset[str]
    servers: tuple[str, ...]


def line(protocol, host, port, socket_type, username, methods):
    return f"{protocol} {host} {port} {socket_type} {username} {' '.join(methods)}"


def read(path: Path) -> Entry:
    provider = ET.parse(path).getroot().find("emailProvider")
    assert provider is not None, path
    servers = []
    for element in (*provider.findall("incomingServer"), *provider.findall("outgoingServer")):
        if element.get("type") not in OPEN:
            continue
        values = [(element.findtext(key) or "").strip() for key in ("hostname", "port", "socketType", "username")]
        methods = [(method.text or "").strip() for method in element.findall("authentication")]
        servers.append(line(element.get("type"), *values, methods))
    domains = frozenset((element.text or "").strip() for element in provider.findall("domain"))
    return Entry(path.name, domains, tuple(servers))


def ours(provider: Provider) -> tuple[str, ...]:
    return tuple(
        line(server.protocol, server.hostname, server.port, server.socket_type, server.username, server.authentication)
        for server in (*provider.config.incoming, *provider.config.outgoing)
    )


def in_order(servers, protocol):
    return [found for found in servers if found.startswith(protocol)]


def differences(provider: Provider, entry: Entry):
    """Every fact that one has and the other has not, and orders that disagree on the facts that both have."""
    mine, theirs = ours(provider), entry.servers
    names = {str(domain) for domain in provider.config.domains} | set(provider.mx_suffixes)
    yield from (("only_here", reference) for reference in mine if reference not in theirs)
    yield from (("only_in_ispdb", server) for server in theirs if server not in mine)
    yield from (("only_in_ispdb", f"domain {domain}") for domain in sorted(entry.domains - names))
    if mine and theirs and mine[0].split()[0] != theirs[0].split()[0]:
        yield "order", f"{mine[0].split()[0]} first here, {theirs[0].split()[0]} first in the ISPDB"
    for protocol in OPEN:
        shared = [server for server in in_order(mine, protocol) if server in theirs]
        if shared != [server for server in in_order(theirs, protocol) if server in mine]:
            yield "order", f"the order of the {protocol} servers"


@pytest.fixture(scope="module")
def database(shared_data):
    entries = [read(path) for path in sorted((shared_data / "ispdb").glob("*.xml"))]
    assert len(entries) > 50
    return entries


@pytest.fixture(scope="module")
def pairs(database):
    """Each provider with each file of the database that has one of its domains or mail exchangers."""
    found = []
    for provider in all_providers():
        names = {str(domain) for domain in provider.config.domains} | set(provider.mx_suffixes)
        found += [(provider, entry) for entry in database if names & entry.domains]
    assert len(found) > 30
    return found


@pytest.fixture(scope="module")
def listed():
    return yaml.safe_load(LIST.read_text(encoding="utf-8"))


def key(difference):
    return tuple(difference[name] for name in ("provider", "file", "kind", "fact"))


def test_every_difference_from_the_ispdb_is_listed_and_no_listed_one_is_stale(pairs, listed):
    real = {
        (provider.id, entry.file, kind, fact)
        for provider, entry in pairs
        for kind, fact in differences(provider, entry)
    }
    known = [key(difference) for difference in listed["differences"]]
    assert len(known) == len(set(known)), "a difference is listed twice"
    assert sorted(real - set(known)) == [], "not listed"
    assert sorted(set(known) - real) == [], "stale"


def test_every_listed_difference_has_a_reason(listed):
    for difference in (*listed["differences"], *listed["not_at_hand"]):
        assert len(difference["reason"].split()) >= 5, difference


def test_known_errors_in_files_that_are_not_at_hand_are_avoided_all_the_same(database, listed):
    """When such a file comes to hand, its entry moves to ``differences``: there it is compared."""
    providers = {provider.id: ours(provider) for provider in all_providers()}
    for difference in listed["not_at_hand"]:
        assert difference["file"] not in {entry.file for entry in database}
        assert difference["theirs"] not in providers[difference["provider"]]
        assert difference["ours"] in providers[difference["provider"]]


def test_odd_ports_of_the_ispdb_are_seen_and_not_ours(database):
    """The database has known errors of this kind; none may have come over. One port is odd and right."""
    usual = {(protocol.value, security.value): str(port) for (protocol, security), port in USUAL_PORTS.items()}
    also = {("smtp", SocketType.PLAIN.value): {"25", "587"}, ("smtp", SocketType.STARTTLS.value): {"25", "587"}}
    odd = {}
    for entry in database:
        for server in entry.servers:
            protocol, _host, port, security = server.split()[:4]
            if port not in also.get((protocol, security), {usual[protocol, security]}):
                odd[server] = (entry.file, protocol, port)
    assert set(odd.values()) >= {("pdx.edu.xml", "imap", "587"), ("charter.net.xml", "smtp", "587")}
    mine = {server for provider in all_providers() for server in ours(provider)}
    assert {odd[server] for server in mine & set(odd)} == {("charter.net.xml", "smtp", "587")}  # wanted there


def test_the_comparison_sees_each_kind_of_difference(database):
    """The lint itself: a spoiled provider must not pass."""
    (entry,) = (entry for entry in database if entry.file == "rambler.ru.xml")
    (rambler,) = (provider for provider in all_providers() if provider.id == "rambler")
    assert list(differences(rambler, entry)) == []
    pop3_first = Entry(entry.file, entry.domains, (entry.servers[1], entry.servers[0], entry.servers[2]))
    assert {kind for kind, _fact in differences(rambler, pop3_first)} == {"order"}
    other_port = Entry(entry.file, entry.domains, (entry.servers[0].replace("993", "143"), *entry.servers[1:]))
    assert {kind for kind, _fact in differences(rambler, other_port)} == {"only_here", "only_in_ispdb"}
    other_domain = Entry(entry.file, entry.domains | {"new.example"}, entry.servers)
    assert list(differences(rambler, other_domain)) == [("only_in_ispdb", "domain new.example")]
