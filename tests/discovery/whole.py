"""A whole look-up with every source, on a small internet whose servers are at ``example.test``."""

from __future__ import annotations

from tests.discovery.published_files import config, incoming, outgoing
from tests.world import MailServer, Page
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover
from wizard.model.address import parse_address

DOMAIN = "example.test"
ANNA = f"anna@{DOMAIN}"
ISPDB = "https://ispdb.test/v1.1/"
WEB = "203.0.113.20"
MAIL = "203.0.113.10"
SWALLOWS = "203.0.113.254"
AUTOCONFIG = f"https://autoconfig.{DOMAIN}/mail/config-v1.1.xml"
WELL_KNOWN = f"https://{DOMAIN}/.well-known/autoconfig/mail/config-v1.1.xml"
AUTODISCOVER = f"https://autodiscover.{DOMAIN}/autodiscover/autodiscover.xml"
AUTODISCOVER_AT_DOMAIN = f"https://{DOMAIN}/autodiscover/autodiscover.xml"
PACC = f"https://ua-auto-config.{DOMAIN}/.well-known/user-agent-configuration.json"
URLS = (AUTOCONFIG, WELL_KNOWN, AUTODISCOVER, AUTODISCOVER_AT_DOMAIN, PACC, f"{ISPDB}{DOMAIN}")
WEB_HOSTS = (f"autoconfig.{DOMAIN}", f"autodiscover.{DOMAIN}", f"ua-auto-config.{DOMAIN}", DOMAIN, "ispdb.test")
MAIL_HOST = f"mail.{DOMAIN}"
SERVED = (
    (993, "imap", "SSL"),
    (995, "pop3", "SSL"),
    (465, "smtp", "SSL"),
    (143, "imap", "STARTTLS"),
    (110, "pop3", "STARTTLS"),
    (587, "smtp", "STARTTLS"),
)
SERVICES = ("_imaps", "_imap", "_pop3s", "_pop3", "_submissions", "_submission")
PORTS = dict(zip(SERVICES, (993, 143, 995, 110, 465, 587), strict=True))


def look_up(world, address=ANNA, *, timeout=6.0, network=None, **options):
    """The report of all sources."""
    wanted = LookUpOptions(timeout=timeout, ispdb_url=ISPDB, **{"allow_private": True, **options})
    return discover(parse_address(address), wanted, network=network or world.network())


def serve_mail(world, *names, address=MAIL, served=SERVED, **how):
    """Mail servers on every port of ``served`` at one machine with these names (mail.example.test without)."""
    names = names or (MAIL_HOST,)
    for name in names:
        world.dns(name, A=[address])
    for port, protocol, security in served:
        server = MailServer(**{"protocol": protocol, "security": security, "certificate": list(names), **how})
        world.mail(address, port, server)


def serve_web(world, pages, *, address=WEB, **how):
    """Pages by URL, at one machine that has the names of all of them."""
    names = list(dict.fromkeys(url.split("/")[2] for url in pages))
    for name in names:
        world.dns(name, A=[address])
    world.web(address, pages, certificate=names, **how)


def publish_srv(world, target=MAIL_HOST, *, domain=DOMAIN, services=("_imaps", "_pop3s", "_submissions")):
    """SRV records of ``services`` that all lead to one host."""
    for service in services:
        world.dns(f"{service}._tcp.{domain}", SRV=[(0, 1, PORTS[service], target)])


def good_file(host=MAIL_HOST, **how):
    """An autoconfig file for all three protocols at one host."""
    return Page(config(incoming(host), incoming(host, 995, "pop3"), outgoing(host), **how))


def by_source(report):
    """Every source's report by its name."""
    return {source_report.source.value: source_report for source_report in report.sources}


def texts(report):
    """Every text of a report that a person or a file gets."""
    found = []
    for source_report in report.sources:
        found += [source_report.detail, source_report.url or ""]
        found += [notice.text for notice in (*source_report.warnings, *source_report.needs_consent)]
        for server in source_report.servers:
            found += [server.server.hostname, server.server.username, server.trouble, server.evidence.url or ""]
    return [*found, *(notice.text for notice in (*report.warnings, *report.needs_consent))]
