"""The domains of the measured table and more: one small internet with a domain for each way of publishing servers.

Used mapped to loopback by tests/discovery/test_measured.py, and on real addresses in a network namespace with a delay
by tests/benchmarks/discovery_times.py and tests/real (``python -m tests.world tests/measured.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.discovery.published_files import config, incoming, outgoing
from tests.world import MailServer, Page

if TYPE_CHECKING:
    from tests.world import World

DNS_ADDRESS = "203.0.113.53"
ISPDB = "https://ispdb.test/v1.1/"
SWALLOWS = "203.0.113.254"
ALL = ((993, "imap", "SSL"), (995, "pop3", "SSL"), (465, "smtp", "SSL"))
UPGRADED = ((143, "imap", "STARTTLS"), (110, "pop3", "STARTTLS"), (587, "smtp", "STARTTLS"))


@dataclass(frozen=True)
class Case:
    """A domain: what is published for it, and what is to be found.

    ``bound``: ms with a round trip of 40 ms; ``floor``: round trips of the steps in a row (where nothing is found:
    until the database has said so); ``timer``: ms beside them that somebody silent is waited for, as a rule says;
    ``consent``: codes.

    The steps of a server: its name, the connection, TLS, the greeting, and for SMTP the capabilities (RFC 5321 section
    4.3.1 has a client wait for the greeting). One more before it for each answer that the name follows from.
    """

    domain: str
    what: str
    source: str | None
    imap: str | None
    pop3: str | None
    smtp: str | None
    bound: int
    floor: int
    consent: tuple[str, ...] = ()
    trust: str = "authenticated"
    timer: int = 0

    @property
    def address(self) -> str:
        return f"anna@{self.domain}"


def _case(domain, what, source, bound, floor, *, host=None, **options):
    host = host or f"mail.{domain}"
    servers = {"imap": f"{host} 993", "pop3": f"{host} 995", "smtp": f"{host} 465"} | options.pop("servers", {})
    return Case(domain, what, source, bound=bound, floor=floor, **servers, **options)


GUESS = {"consent": ("guess",), "trust": "guessed"}
UNSURE = {"trust": "unauthenticated"}
CASES = (
    _case("srv.test", "SRV records", "srv", 320, 5, **UNSURE),
    # The targets have no usual names, and so are known from the records only; that the first one refuses is an answer
    # that takes a round trip, and connecting to all at once would defeat the preference that the records give.
    _case("dead-first.test", "SRV, the first target refuses", "srv", 420, 7, host="live.dead-first.test", **UNSURE),
    # The timer is connecting.STAGGER: the second target's turn comes 250 ms after that of the first.
    _case(
        "mute-first.test",
        "SRV, the first target swallows",
        "srv",
        750,
        5,
        host="live.mute-first.test",
        timer=250,
        **UNSURE,
    ),
    _case("no-imap.test", "SRV says IMAP is not offered", "srv", 320, 5, servers={"imap": None}, **UNSURE),
    _case("mistaken.test", "SRV says STARTTLS for the ports of TLS", "srv", 320, 5, **UNSURE),
    _case("mute-web.test", "SRV good, web hosts swallow", "srv", 320, 5, **UNSURE),
    _case("auto.test", "autoconfig host", "autoconfig", 420, 9),
    _case("wellknown.test", ".well-known", "well-known", 420, 9),
    _case("known.test", "ISPDB", "ispdb", 420, 9),
    _case("mute-auto.test", "ISPDB, autoconfig host swallows", "ispdb", 650, 9),
    _case(
        "customer.test",
        "hosted elsewhere, MX known to the ISPDB",
        "mx",
        480,
        10,
        host="mail.provider.test",
        consent=("foreign_domain",),
        **UNSURE,
    ),
    _case("pox.test", "Autodiscover (POX) only", "autodiscover", 420, 9),
    _case("guess.test", "nothing published, mail.DOMAIN", "probe", 300, 5, **GUESS),
    _case(
        "upgrade.test",
        "nothing published, STARTTLS only",
        "probe",
        420,
        7,
        servers={"imap": "imap.upgrade.test 143", "pop3": "pop.upgrade.test 110", "smtp": "smtp.upgrade.test 587"},
        **GUESS,
    ),
    _case("html.test", "web site answers every path, mail.DOMAIN", "probe", 420, 5, **GUESS),
    # Name, connection, TLS with a certificate of another name; connection and TLS to read which (OpenSSL shows none
    # that it refused); then the five steps of the server with that name.
    _case(
        "shared.test",
        "mail.DOMAIN shows the hoster's certificate",
        "probe",
        820,
        10,
        host="server42.hoster.test",
        consent=("guess", "foreign_domain"),
        trust="guessed",
    ),
    _case("xn--bcher-kva.test", "internationalised domain, mail.DOMAIN", "probe", 300, 5, **GUESS),
    _case(
        "stale.test",
        "stale autoconfig, MX provider alive",
        "mx",
        820,
        10,
        host="mail.provider.test",
        consent=("foreign_domain",),
        **UNSURE,
    ),
    Case("refusing.test", "no mail at all, everything refuses", None, None, None, None, 1000, 4),
    Case("nothing.test", "no such domain", None, None, None, None, 1000, 4),
)


def addresses() -> list[str]:
    """Every address that somebody serves or that refuses."""
    return [DNS_ADDRESS, *(f"203.0.113.{last}" for last in range(1, 50))]


def build(world: World) -> None:
    """Make all domains of :data:`CASES`."""
    make = _Maker(world)
    make.database()
    make.by_srv()
    make.by_web()
    make.by_trying()


class _Maker:
    """Gives out addresses, one a machine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.last = 0

    def machine(self, *names: str, serves=ALL, certificate=None) -> str:
        """A machine with these names and mail servers; its address. It refuses everything else."""
        self.last += 1
        address = f"203.0.113.{self.last}"
        for name in names:
            self.world.dns(name, A=[address])
        for port, protocol, security in serves:
            server = MailServer(protocol=protocol, security=security, certificate=certificate or list(names))
            self.world.mail(address, port, server)
        return address

    def page(self, name: str, path: str, page: Page | object) -> None:
        self.world.web(self.machine(name, serves=()), {f"https://{name}{path}": page}, certificate=[name])

    def srv(self, domain: str, *targets: str, services=("_imaps", "_pop3s", "_submissions")) -> None:
        ports = {"_imaps": 993, "_pop3s": 995, "_submissions": 465}
        for service in services:
            records = [(10 * at, 1, ports[service], target) for at, target in enumerate(targets)]
            self.world.dns(f"{service}._tcp.{domain}", SRV=records)

    def database(self) -> None:
        """The ISPDB, and a provider that is in it."""
        self.machine("mail.provider.test")
        self.machine("mx1.provider.test", serves=())
        self.machine("mail.known.test")
        self.machine("mail.mute-auto.test")
        files = {f"{ISPDB}{name}": Page(_file(name)) for name in ("provider.test", "known.test", "mute-auto.test")}
        self.world.web(self.machine("ispdb.test", serves=()), files, certificate=["ispdb.test"])
        self.world.dns("autoconfig.mute-auto.test", A=[SWALLOWS])

    def by_srv(self) -> None:
        self.machine("mail.srv.test")
        self.srv("srv.test", "mail.srv.test")
        self.machine("dead.dead-first.test", serves=())
        self.machine("live.dead-first.test")
        self.srv("dead-first.test", "dead.dead-first.test", "live.dead-first.test")
        self.world.dns("mute.mute-first.test", A=[SWALLOWS])
        self.machine("live.mute-first.test")
        self.srv("mute-first.test", "mute.mute-first.test", "live.mute-first.test")
        self.machine("mail.no-imap.test", serves=ALL[1:])
        self.srv("no-imap.test", "mail.no-imap.test", services=("_pop3s", "_submissions"))
        self.world.dns("_imaps._tcp.no-imap.test", SRV=[(0, 0, 0, ".")])
        self.world.dns("_imap._tcp.no-imap.test", SRV=[(0, 0, 0, ".")])
        self.machine("mail.mistaken.test")
        for service, port in (("_imap", 993), ("_pop3", 995), ("_submission", 465)):
            self.world.dns(f"{service}._tcp.mistaken.test", SRV=[(0, 1, port, "mail.mistaken.test")])
        self.machine("mail.mute-web.test")
        self.srv("mute-web.test", "mail.mute-web.test")
        for name in ("mute-web.test", "autoconfig.mute-web.test", "autodiscover.mute-web.test"):
            self.world.dns(name, A=[SWALLOWS])

    def by_web(self) -> None:
        self.machine("mail.auto.test")
        self.page("autoconfig.auto.test", "/mail/config-v1.1.xml", Page(_file("auto.test")))
        self.machine("mail.wellknown.test")
        path = "/.well-known/autoconfig/mail/config-v1.1.xml"
        self.page("wellknown.test", path, Page(_file("wellknown.test")))
        self.world.dns("customer.test", MX=[(10, "mx1.provider.test")])
        self.machine("mail.pox.test")
        self.page("autodiscover.pox.test", "/autodiscover/autodiscover.xml", Page(_pox("mail.pox.test")))
        self.world.dns("stale.test", MX=[(10, "mx1.provider.test")])
        self.machine("old.stale.test", serves=())
        self.page("autoconfig.stale.test", "/mail/config-v1.1.xml", Page(_file("stale.test", "old.stale.test")))

    def by_trying(self) -> None:
        self.machine("mail.guess.test")
        for name, served in zip(("imap", "pop", "smtp"), UPGRADED, strict=True):
            self.machine(f"{name}.upgrade.test", serves=(served,))
        self.machine("mail.html.test")
        answer = Page("<!doctype html><html><title>Welcome</title></html>", "text/html; charset=utf-8")
        names = ("html.test", "autoconfig.html.test", "autodiscover.html.test")
        web = self.machine(*names, serves=())
        paths = (
            "/mail/config-v1.1.xml",
            "/.well-known/autoconfig/mail/config-v1.1.xml",
            "/autodiscover/autodiscover.xml",
        )
        pages = {f"https://{name}{path}": answer for name in names for path in paths}
        self.world.web(web, pages, certificate=list(names))
        self.machine("mail.shared.test", "server42.hoster.test", certificate=["server42.hoster.test"])
        self.machine("mail.xn--bcher-kva.test")
        self.machine("refusing.test", "mail.refusing.test", serves=())


def _file(domain: str, host: str = "") -> bytes:
    host = host or f"mail.{domain}"
    servers = (incoming(host), incoming(host, 995, "pop3"), outgoing(host))
    return config(*servers, domains=(domain,))


def _pox(host: str) -> str:
    protocols = "".join(
        f"<Protocol><Type>{kind}</Type><Server>{host}</Server><Port>{port}</Port><SSL>on</SSL></Protocol>"
        for kind, port in (("IMAP", 993), ("POP3", 995), ("SMTP", 465))
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">'
        '<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">'
        f"<Account><AccountType>email</AccountType><Action>settings</Action>{protocols}</Account>"
        "</Response></Autodiscover>"
    )
