"""An internet of real servers in a network namespace, with a domain for each way of publishing servers.

    with internet(directory, "knot") as made:
        document = made.discover("anna@example.test")
        check(document, servers("mail.example.test"), source="srv", trust="unauthenticated")

One name server has the whole of "test."; one nginx and one Dovecot are everybody's. What runs there is the command
itself, as a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme
from daemons import Nginx, start_knot, start_nsd
from dovecot import Dovecot, Place
from namespaces import Namespace

from tests.discovery.published_files import config, incoming, outgoing
from tests.ground import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES, WEB, MAIL, MAIL_6 = "203.0.113.53", "203.0.113.20", "203.0.113.10", "2001:db8::10"
NOBODY = "203.0.113.11"
"""An address of the namespace where everything is refused."""

TRUSTED, DISTANT, MISLED = "127.0.0.1", "203.0.113.54", "203.0.113.55"
"""Three addresses of resolvers that validate; the last one has the wrong key."""

ZONE = f"""
$ORIGIN test.
$TTL 300
@                            SOA  ns hostmaster 1 3600 600 86400 60
@                            NS   ns
ns                           A    {NAMES}

; everything by SRV; IMAP and POP3 with STARTTLS are decidedly not offered
example                      MX   10 mail.example
mail.example                 A    {MAIL}
mail.example                 AAAA {MAIL_6}
_imaps._tcp.example          SRV  0 1 993 mail.example
_pop3s._tcp.example          SRV  0 1 995 mail.example
_submissions._tcp.example    SRV  0 1 465 mail.example
_imap._tcp.example           SRV  0 0 0 .
_pop3._tcp.example           SRV  0 0 0 .
_submission._tcp.example     SRV  0 1 587 mail.example

; STARTTLS alone is published
mail.upgrade                 A    {MAIL}
_imap._tcp.upgrade           SRV  0 1 143 mail.upgrade
_pop3._tcp.upgrade           SRV  0 1 110 mail.upgrade
_submission._tcp.upgrade     SRV  0 1 587 mail.upgrade

; POP3 is decidedly not offered, although the machine would answer
mail.imap-only               A    {MAIL}
_imaps._tcp.imap-only        SRV  0 1 993 mail.imap-only
_submissions._tcp.imap-only  SRV  0 1 465 mail.imap-only
_pop3s._tcp.imap-only        SRV  0 0 0 .
_pop3._tcp.imap-only         SRV  0 0 0 .

; the preferred machine is down, and the name of the other one is an alias
dead.reserve                 A    {NOBODY}
live.reserve                 CNAME mail.example
_imaps._tcp.reserve          SRV  0 1 993 dead.reserve
_imaps._tcp.reserve          SRV  10 1 993 mail.reserve
_submissions._tcp.reserve    SRV  0 1 465 dead.reserve
_submissions._tcp.reserve    SRV  10 1 465 mail.reserve
mail.reserve                 CNAME machine.reserve
machine.reserve              A    {MAIL}

; the addresses of IPv6 alone
mail.six                     AAAA {MAIL_6}
_imaps._tcp.six              SRV  0 1 993 mail.six
_submissions._tcp.six        SRV  0 1 465 mail.six

; files on the web
autoconfig.auto              A    {WEB}
mail.auto                    A    {MAIL}
wellknown                    A    {WEB}
mail.wellknown               A    {MAIL}

; a file that only plain http would give
autoconfig.downgraded        A    {WEB}
autoconfig.plainly           A    {WEB}

; nothing is published
mail.guess                   A    {MAIL}
mail.xn--bcher-kva           A    {MAIL}

; hosted by somebody whom the ISPDB knows
customer                     MX   10 mx1.hoster
mx1.hoster                   A    {NOBODY}
mail.hoster                  A    {MAIL}

; SRV records lead to somebody else
_imaps._tcp.astray           SRV  0 1 993 mail.hoster
_submissions._tcp.astray     SRV  0 1 465 mail.hoster

; mail is decidedly not received (RFC 7505)
silent                       MX   0 .
"""

MAIL_NAMES = [
    f"mail.{one}.test"
    for one in (
        "example",
        "upgrade",
        "imap-only",
        "reserve",
        "six",
        "auto",
        "wellknown",
        "guess",
        "xn--bcher-kva",
        "hoster",
    )
]
BY_TLS = (993, 995, 465)
BY_UPGRADE = (143, 110, 587)


@dataclass(frozen=True)
class Ran:
    """What the command left behind: the document (None for other output), the exit code, and seconds."""

    document: dict | None
    code: int
    stderr: str
    seconds: float


class Internet:
    """The namespace with its servers, and the command in it."""

    def __init__(self, space: Namespace, directory: Path) -> None:
        self.space, self.directory = space, directory
        self.authority = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self.authority.cert_pem.write_to_path(self.ca_file)
        self.ispdb = directory / "ispdb"
        self.ispdb.mkdir()
        (self.ispdb / "hoster.test.xml").write_bytes(published("mail.hoster.test", "hoster.test"))
        self.zone = directory / "test.zone"
        self.zone.write_text(ZONE)
        (directory / "web").mkdir()
        self.web = Nginx(space, directory / "web", WEB, self.authority)

    def serve_files(self) -> None:
        for domain, path in (
            ("auto.test", "mail/config-v1.1.xml"),
            ("wellknown.test", ".well-known/autoconfig/mail/config-v1.1.xml"),
            ("plainly.test", "mail/config-v1.1.xml"),
        ):
            file = self.directory / "files" / domain / path
            file.parent.mkdir(parents=True)
            file.write_bytes(published(f"mail.{domain}", domain))
        files = self.directory / "files"
        self.web.start(
            {
                "https://autoconfig.auto.test": files / "auto.test",
                "https://wellknown.test": files / "wellknown.test",
                "https://autoconfig.downgraded.test": "http://autoconfig.plainly.test/mail/config-v1.1.xml",
                "http://autoconfig.plainly.test": files / "plainly.test",
                "http://autoconfig.auto.test": "http://nowhere.test/",
            }
        )

    def run(self, *words: str | Path) -> Ran:
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
            "SSL_CERT_FILE": str(self.ca_file),
            # The web's database is asked where no directory is given; here it would be nowhere.
            "MAIL_WIZARD_ISPDB_URL": "https://ispdb.test/",
        }
        begun = time.monotonic()
        done = self.space.run(sys.executable, "-m", "wizard", *words, env=env)
        seconds = time.monotonic() - begun
        document = json.loads(done.stdout) if "--json" in words else None
        assert "Traceback" not in done.stderr
        return Ran(document, done.returncode, done.stderr, seconds)

    def discover(self, address: str, *options: str | Path, code: int = 0) -> dict:
        ran = self.run("discover", address, "--json", "--allow-private", "--ispdb", self.ispdb, *options)
        assert ran.code == code, ran
        assert ran.document is not None
        return ran.document


def published(host: str, domain: str) -> bytes:
    servers = (incoming(host), incoming(host, 995, "pop3"), outgoing(host))
    return config(*servers, domains=(domain,))


@contextmanager
def internet(directory: Path, name_server: str) -> Iterator[Internet]:
    """All servers, with the zone served by "knot", "knot signed" (DNSSEC) or "nsd"."""
    addresses = [NAMES, WEB, MAIL, MAIL_6, NOBODY, DISTANT, MISLED]
    with Namespace(addresses=addresses, nameserver=NAMES) as space:
        made = Internet(space, directory)
        if name_server == "nsd":
            start_nsd(space, directory, NAMES, "test.", made.zone)
        else:
            start_knot(space, directory, NAMES, "test.", made.zone, signed=name_server.endswith("signed"))
        made.serve_files()
        place = Place(space, (MAIL, MAIL_6), tuple(MAIL_NAMES), made.authority)
        with Dovecot(directory, users={}, place=place):
            yield made


def shown(server: dict | None) -> str | None:
    return None if server is None else f"{server['host']} {server['port']} {server['socket_type']}"


def servers(host: str, ports: tuple[int, ...] = BY_TLS) -> list[str]:
    """How IMAP, POP3 and SMTP of a host are shown."""
    kind = "SSL" if ports is BY_TLS else "STARTTLS"
    return [f"{host} {port} {kind}" for port in ports]


def check(document: dict, wanted: list, *, source: str, trust: str, consent: tuple[str, ...] = ()) -> None:
    """The three servers, each seen to answer, with its source and trust; and what needs consent."""
    found = [document[protocol] for protocol in ("imap", "pop3", "smtp")]
    assert [shown(one) for one in found] == wanted, document
    for one in found:
        if one is not None:
            assert (one["source"], one["trust"], one["verified"]) == (source, trust, True), document
            assert one["username"] == document["address"]
    assert sorted(one["code"] for one in document["needs_consent"]) == sorted(consent), document


def outcome(document: dict, source: str) -> tuple[str, str]:
    (one,) = [one for one in document["sources"] if one["source"] == source]
    return one["outcome"], one["detail"]
