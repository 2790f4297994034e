"""A look-up for every provider of Thunderbird's database, in a world in which its servers are what their files say.

The files lie beside the project (see ``shared_data``) and are read here by themselves, not by the code under test. The
catalogue is not asked: what it says instead is compared in ``test_ispdb.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.discovery.whole import ISPDB
from tests.world import MailServer, Page, World
from tests.world.certificates import ca_file
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover
from wizard.discovery.registry import sources_for
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.model.discovery import DiscoveryReport, FoundServer

pytestmark = pytest.mark.slow

WEB = "203.0.113.20"
MECHANISMS = {
    "password-cleartext": ("PLAIN", "LOGIN"),
    "password-encrypted": ("CRAM-MD5",),
    "OAuth2": ("XOAUTH2",),
}
ENCRYPTED = ("SSL", "STARTTLS")  # in the order in which they are preferred


@dataclass(frozen=True)
class Listed:
    """One server of a file, with its placeholders."""

    protocol: str
    host: str
    port: int
    security: str
    username: str
    methods: tuple[str, ...]

    def filled(self, domain: str) -> Listed:
        return Listed(
            self.protocol, fill(self.host, domain).lower(), self.port, self.security, self.username, self.methods
        )


@dataclass(frozen=True)
class Provider:
    """One file: its domains, and its servers of open protocols in order."""

    path: Path
    domains: tuple[str, ...]
    servers: tuple[Listed, ...]


def fill(text: str, domain: str) -> str:
    values = {"%EMAILADDRESS%": f"anna@{domain}", "%EMAILLOCALPART%": "anna", "%EMAILDOMAIN%": domain}
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def read(path: Path) -> Provider:
    provider = ET.parse(path).getroot().find("emailProvider")
    assert provider is not None, path
    listed = (*provider.findall("incomingServer"), *provider.findall("outgoingServer"))
    domains = tuple((element.text or "").strip().lower() for element in provider.findall("domain"))
    return Provider(
        path, domains, tuple(_server(element) for element in listed if element.get("type") in set(Protocol))
    )


def _server(element: ET.Element) -> Listed:
    def text(name: str) -> str:
        return (element.findtext(name) or "").strip()

    methods = tuple(dict.fromkeys((method.text or "").strip() for method in element.findall("authentication")))
    username = text("username") or "%EMAILADDRESS%"
    return Listed(str(element.get("type")), text("hostname"), int(text("port")), text("socketType"), username, methods)


def serve(world: World, provider: Provider) -> dict[tuple[str, int], str]:
    """The servers of a file for all of its domains, each host an address of its own; what every place encrypts with.

    Where a file names the same place twice, the better encryption is there.
    """
    addresses: dict[str, str] = {}
    places: dict[tuple[str, int], list[Listed]] = {}
    for domain in provider.domains:
        world.dns(domain, TXT=["v=spf1 -all"])
        for server in provider.servers:
            found = server.filled(domain)
            places.setdefault((found.host, found.port), []).append(found)
    offered = {}
    for (host, port), servers in places.items():
        if host not in addresses:
            addresses[host] = f"198.51.{len(addresses) // 250}.{len(addresses) % 250 + 1}"
            world.dns(host, A=[addresses[host]])
        security = next((kind for kind in ENCRYPTED if any(server.security == kind for server in servers)), "plain")
        mechanisms = [name for server in servers for method in server.methods for name in MECHANISMS[method]]
        made = {"protocol": servers[0].protocol, "security": security, "auth": tuple(dict.fromkeys(mechanisms))}
        world.mail(addresses[host], port, MailServer(**made))
        offered[host, port] = security
    return offered


def expected(provider: Provider, domain: str, offered: dict[tuple[str, int], str]) -> Iterator[str | None]:
    """The best server of each protocol: TLS from the first byte before STARTTLS (RFC 8314), then the file's order."""
    for protocol in Protocol:
        servers = [server.filled(domain) for server in provider.servers if server.protocol == protocol.value]
        real = [server for server in servers if offered[server.host, server.port] == server.security]
        usable = sorted((server for server in real if server.security in ENCRYPTED), key=lambda server: server.security)
        best = usable[0] if usable else None
        yield (
            None
            if best is None
            else (
                f"{best.protocol} {best.host} {best.port} {best.security} {fill(best.username, domain)} "
                f"{' '.join(best.methods)} True"
            )
        )


def line(found: FoundServer | None) -> str | None:
    if found is None:
        return None
    server = found.server
    place = f"{server.protocol.value} {server.hostname} {server.port} {server.socket_type.value}"
    return f"{place} {server.username} {' '.join(server.authentication)} {found.verified}"


def wrong(report: DiscoveryReport, wanted: list[str | None]) -> list[str]:
    """Everything about a report that is not as the file says."""
    found = [line(report.best(protocol)) for protocol in Protocol]
    sources = [source for source in report.sources if source.outcome is Outcome.FOUND]
    texts = [source.detail for source in report.sources] + [server.trouble for server in report.alternatives]
    faults = [
        f"{report.address}: {mine} instead of {theirs}"
        for mine, theirs in zip(found, wanted, strict=True)
        if mine != theirs
    ]
    faults += [f"{report.address}: {text}" for text in texts if "unexpected" in text]
    faults += [f"{report.address}: asks for consent: {notice.text}" for notice in report.needs_consent]
    if Source.ISPDB not in {source.source for source in sources}:
        faults.append(f"{report.address}: the database found nothing")
    if None in wanted[-1:] and not any(notice.code == "plaintext_only" for notice in report.warnings):
        faults.append(f"{report.address}: nobody says why nothing is found for sending")
    return faults


@pytest.fixture(scope="module")
def providers(shared_data: Path) -> list[Provider]:
    read_files = [read(path) for path in sorted((shared_data / "ispdb").glob("*.xml"))]
    assert len(read_files) > 50
    return read_files


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority of the world is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file()))


def look_up(world: World, domain: str, **options: object) -> DiscoveryReport:
    wanted = LookUpOptions(timeout=60.0, allow_private=True, **options)
    sources = [spec for spec in sources_for(wanted) if spec.source is not Source.CATALOGUE]
    return discover(parse_address(f"anna@{domain}"), wanted, sources=sources, network=world.network())


def test_every_domain_of_the_database_finds_what_its_file_says(providers):
    faults, domains = [], 0
    for provider in providers:
        with World() as world:
            offered = serve(world, provider)
            for domain in provider.domains:
                report = look_up(world, domain, ispdb_directory=provider.path.parent)
                faults += wrong(report, list(expected(provider, domain, offered)))
                domains += 1
    assert faults == []
    assert domains > 500


def test_every_provider_is_found_on_the_web_as_well(providers):
    faults = []
    for provider in providers:
        domain = provider.domains[0]
        with World() as world:
            offered = serve(world, provider)
            world.dns("ispdb.test", A=[WEB])
            pages = {f"{ISPDB}{name}": Page(provider.path.read_bytes()) for name in provider.domains}
            world.web(WEB, pages, certificate=["ispdb.test"])
            report = look_up(world, domain, ispdb_url=ISPDB)
            faults += wrong(report, list(expected(provider, domain, offered)))
    assert faults == []
