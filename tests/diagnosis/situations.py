"""Servers that really behave so, by the code of the cause that the doctor must come to.

Each case builds a world and says what a person has in a mail program; nothing between the wire and the finding is made
up. A case is registered under its code (and, where it is a special one, the words by which it is told apart).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import trustme

from tests.world import MailServer, Page, World
from tests.world.certificates import authority
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.evidence import Home, Missing
from wizard.diagnosis.options import CheckOptions
from wizard.discovery.catalogue import provider_named
from wizard.model.address import EmailAddress, parse_address
from wizard.model.diagnosis import Diagnosis, Observation, Target
from wizard.model.secret import Secret
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.provider import Provider

HOST, ADDRESS, ADDRESS_6 = "mail.example.test", "203.0.113.10", "2001:db8::10"
PERSON = parse_address("anna@example.test")
EVERY = [(protocol, socket_type) for protocol in Protocol for socket_type in SocketType]
ENCRYPTED = [(protocol, socket_type) for protocol, socket_type in EVERY if socket_type is not SocketType.PLAIN]
IMAP, POP3, SMTP = Protocol
SSL, STARTTLS, PLAIN = SocketType
NAME, PASSWORD = str(PERSON), "correct horse"
USERS = {NAME: PASSWORD}
OTHER = "203.0.113.11"


def usual_port(protocol: Protocol, socket_type: SocketType) -> int:
    """Where it is at home."""
    return USUAL_PORTS[protocol, socket_type]


def steps(observation: Observation) -> list[str]:
    """``dns ok``, ``tcp failed`` …, in order."""
    return [f"{rung.name} {rung.status}" for rung in observation.rungs]


@dataclass(kw_only=True)
class Situation:
    """What a person has, in a world of servers. ``options``: for CheckOptions; ``network``: for World.network."""

    targets: list[Target]
    address: EmailAddress = PERSON
    provider: Provider | None = None
    providers: dict[str, Provider] = field(default_factory=dict)
    home: Home | None = None
    missing: tuple[Missing, ...] = ()
    left_out: tuple[Target, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    route: Callable[..., Any] | None = None

    def diagnose(self, world: World) -> Diagnosis:
        """The whole way from the wire to the findings."""
        network = world.network(**self.network)
        if self.route is not None:
            network = replace(network, route=self.route)
        options = CheckOptions(address=self.address, **self.options)
        known = {"provider": self.provider, "providers": self.providers, "home": self.home}
        known |= {"missing": self.missing, "left_out": self.left_out}
        return asyncio.run(diagnose(self.address, self.targets, options, network, **known))


@dataclass(frozen=True)
class Case:
    """``code`` must be found, and ``words`` be in its cause. ``silent``: something in it never answers."""

    code: str
    words: str
    build: Callable[[World], Situation]
    silent: bool

    @property
    def name(self) -> str:
        return self.build.__name__


CASES: list[Case] = []


def case(
    code: str, words: str = "", *, silent: bool = False
) -> Callable[[Callable[[World], Situation]], Callable[[World], Situation]]:
    """Register a case of ``code``."""

    def register(build: Callable[[World], Situation]) -> Callable[[World], Situation]:
        CASES.append(Case(code, words, build, silent))
        return build

    return register


def target(
    protocol: Protocol = IMAP,
    socket_type: SocketType = SSL,
    *,
    host: str = HOST,
    port: int | None = None,
    username: str = NAME,
    authentication: tuple[AuthenticationMethod, ...] = (),
) -> Target:
    return Target(
        protocol=protocol,
        host=host,
        port=port or USUAL_PORTS[protocol, socket_type],
        socket_type=socket_type,
        username=username,
        authentication=authentication,
    )


def serve(world: World, protocol: Protocol = IMAP, security: SocketType = SSL, **how: Any) -> Target:
    """A server on the usual port of HOST, and how a program is set up for it."""
    port = how.pop("port", USUAL_PORTS[protocol, security])
    address = how.pop("address", ADDRESS)
    made = how.pop("made", MailServer)
    how.setdefault("users", USERS)
    world.mail(address, port, made(protocol=protocol.value, security=how.pop("really", security).value, **how))
    return target(protocol, security, port=port)


def login(**more: Any) -> dict[str, Any]:
    return {"password": Secret(PASSWORD), **more}


@dataclass(frozen=True, kw_only=True)
class Showing(MailServer):
    """A server that shows a certificate of our own making. ``chain``: with the certificates between."""

    leaf: trustme.LeafCert
    chain: bool = True

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown = self.leaf.cert_chain_pems if self.chain else self.leaf.cert_chain_pems[:1]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "leaf.pem"
            path.write_bytes(self.leaf.private_key_pem.bytes() + b"".join(certificate.bytes() for certificate in shown))
            context.load_cert_chain(path)
        return context


# servers that nobody knows


@case("no_sending_server")
def a_domain_with_a_server_for_reading_only(world: World) -> Situation:
    return Situation(targets=[serve(world)], missing=(Missing(SMTP),))


@case("no_receiving_server")
def a_domain_with_a_server_for_sending_only(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP)], missing=(Missing(IMAP),))


@case("no_receiving_server", "only one for IMAP")
def a_domain_without_the_protocol_that_is_wanted(world: World) -> Situation:
    return Situation(targets=[serve(world)], missing=(Missing(POP3, (IMAP,)),))


@case("unusual_port")
def a_published_port_that_is_none_of_mail(world: World) -> Situation:
    return Situation(targets=[serve(world)], left_out=(target(port=9993),))


# names


@case("domain_not_found")
def a_domain_that_nobody_has(world: World) -> Situation:
    world.dns("gmail.com", A=[ADDRESS])
    return Situation(targets=[target(host="imap.nowhere.test")], address=parse_address("anna@nowhere.test"))


@case("domain_expired", "answers for it")
def a_domain_that_somebody_parks(world: World) -> Situation:
    world.dns("*.gone.test", A=[OTHER])
    world.dns("gone.test", A=[OTHER], NS=["ns1.sedoparking.com"])
    world.web(OTHER, {"http://gone.test/": Page("This domain is for sale.")})
    mine = target(host="mail.gone.test", username="anna@gone.test")
    return Situation(targets=[mine], address=parse_address("anna@gone.test"))


@case("domain_expired", "every name in it leads to one address")
def a_domain_whose_names_all_lead_to_one_page(world: World) -> Situation:
    world.dns("*.gone.test", A=[OTHER])
    world.dns("gone.test", A=[OTHER], NS=["ns1.registrar.test"])
    world.web(OTHER, {"http://gone.test/": Page("Renew now.")})
    mine = target(host="mail.gone.test", username="anna@gone.test")
    return Situation(targets=[mine], address=parse_address("anna@gone.test"))


@case("dns_denies_names", "answers no names")
def a_guest_network_that_denies_every_name(world: World) -> Situation:
    world.dns_behaviour("*", "nxdomain")
    return Situation(targets=[target(), target(SMTP)])


@case("host_not_found", "no server with the name")
def a_host_that_is_mistyped(world: World) -> Situation:
    return Situation(targets=[target(host="imapp.example.test")])


@case("host_not_found", "DNS does not answer")
def nobody_answers_for_names(world: World) -> Situation:
    world.dns_behaviour("*", "refused")
    return Situation(targets=[target()])


@case("host_not_found", "private network")
def a_name_that_leads_inside(world: World) -> Situation:
    world.dns("inside.example.test", A=["10.0.0.1"])
    return Situation(targets=[target(host="inside.example.test")], network={"allow_private": False})


@case("host_is_a_web_server")
def the_name_of_a_web_site(world: World) -> Situation:
    world.dns("www.example.test", A=[OTHER])
    world.web(OTHER, {"https://www.example.test/": Page("hello"), "http://www.example.test/": Page("hello")})
    return Situation(targets=[target(host="www.example.test")])


@case("host_is_a_web_server", silent=True)
def a_web_server_on_the_port_of_mail(world: World) -> Situation:
    return Situation(targets=[serve(world, really=PLAIN, behaviour="web")])


# ports


@case("port_refused")
def a_port_where_nobody_listens(world: World) -> Situation:
    serve(world, IMAP, STARTTLS)
    return Situation(targets=[target()])


@case("port_filtered", silent=True)
def a_firewall_that_swallows_one_port(world: World) -> Situation:
    serve(world, IMAP, STARTTLS)
    world.swallow(OTHER)

    def route(address: str, port: int) -> tuple[str, int]:
        return world.route(OTHER if port == 993 else address, port)

    return Situation(targets=[target()], route=route)


@case("port_filtered", "nothing answers at all", silent=True)
def a_network_that_swallows_everything(world: World) -> Situation:
    world.swallow(ADDRESS)
    world.swallow(OTHER)
    world.dns("example.test", A=[OTHER])
    return Situation(targets=[target()])


@case("address_locked_out", "locked out your internet connection", silent=True)
def a_hoster_that_has_locked_this_address_out(world: World) -> Situation:
    world.swallow(ADDRESS)
    world.dns("example.test", A=[OTHER])
    world.web(OTHER, {"https://example.test/": Page("hello")})
    return Situation(targets=[target(), target(SMTP)])


@case("address_locked_out", "wrong passwords came from it")
def a_server_that_says_that_this_address_is_locked_out(world: World) -> Situation:
    words = "NO Your IP has been banned because of too many failed logins"
    return Situation(targets=[serve(world, users={}, refused_with=words)], options=login())


@case("port_25_blocked", silent=True)
def port_25_swallowed_while_587_is_open(world: World) -> Situation:
    serve(world, SMTP, STARTTLS)
    world.swallow(OTHER)

    def route(address: str, port: int) -> tuple[str, int]:
        return world.route(OTHER if port == 25 else address, port)

    return Situation(targets=[target(SMTP, STARTTLS, port=25)], route=route)


@case("port_25_blocked", "home connections")
def a_server_that_refuses_home_connections(world: World) -> Situation:
    words = "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org"
    serve(world, SMTP, STARTTLS, port=25, greeting=words)
    return Situation(targets=[target(SMTP, STARTTLS, port=25)])


@case("ipv6_broken", silent=True)
def ipv6_that_swallows(world: World) -> Situation:
    world.dns(HOST, AAAA=[ADDRESS_6])
    world.swallow(ADDRESS_6)
    return Situation(targets=[serve(world)])


# certificates


@case("tls_name_mismatch")
def a_certificate_for_another_host(world: World) -> Situation:
    world.dns("real.example.test", A=[ADDRESS])
    return Situation(targets=[serve(world, certificate=["real.example.test"])])


@case("tls_self_signed", "self-signed")
def a_certificate_of_its_own(world: World) -> Situation:
    return Situation(targets=[serve(world, certificate="self-signed")])


@case("tls_self_signed", "authority that your device does not know")
def a_certificate_of_an_unknown_authority(world: World) -> Situation:
    shown = Showing
    leaf = trustme.CA(organization_name="Ditta Rossi").create_child_ca().issue_cert(HOST)
    return Situation(targets=[serve(world, made=shown, leaf=leaf)])


@case("tls_expired", "expired on")
def a_certificate_that_has_run_out(world: World) -> Situation:
    return Situation(targets=[serve(world, certificate="expired")])


@case("tls_not_yet_valid")
def a_certificate_of_tomorrow(world: World) -> Situation:
    return Situation(targets=[serve(world, certificate="not-yet-valid")])


@case("tls_not_yet_valid", "it was installed too early")
def a_certificate_of_tomorrow_and_a_web_server_with_the_time(world: World) -> Situation:
    world.dns("example.test", A=[OTHER])
    world.web(OTHER, {"http://example.test/": Page("hello", headers={"Date": _http_date(0)})})
    return Situation(targets=[serve(world, certificate="not-yet-valid")])


@case("tls_not_yet_valid", "clock of this device is slow")
def a_certificate_of_tomorrow_and_a_web_server_of_tomorrow(world: World) -> Situation:
    world.dns("example.test", A=[OTHER])
    world.web(OTHER, {"http://example.test/": Page("hello", headers={"Date": _http_date(3 * 86400)})})
    return Situation(targets=[serve(world, certificate="not-yet-valid")])


@case("tls_expired", "clock of this device is wrong")
def a_certificate_that_ran_out_and_a_web_server_of_last_week(world: World) -> Situation:
    world.dns("example.test", A=[OTHER])
    world.web(OTHER, {"http://example.test/": Page("hello", headers={"Date": _http_date(-7 * 86400)})})
    return Situation(targets=[serve(world, certificate="expired")])


@case("tls_chain_incomplete")
def a_chain_without_the_certificate_between(world: World) -> Situation:
    between = trustme.CA(parent_cert=authority(), organization_name="Let's Encrypt")
    return Situation(targets=[serve(world, made=Showing, leaf=between.issue_cert(HOST), chain=False)])


@case("tls_too_old", "TLS 1.0 at most")
def a_server_that_knows_tls_1_0_alone(world: World) -> Situation:
    return Situation(targets=[serve(world, tls_versions=["TLSv1"])])


@case("tls_too_old", "TLS 1.1 at most")
def a_server_that_knows_tls_1_1_alone_after_starttls(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP, STARTTLS, tls_versions=["TLSv1.1"])])


@case("tls_intercepted", "Avast")
def a_security_program_in_between(world: World) -> Situation:
    leaf = trustme.CA(organization_name="Avast Web/Mail Shield").issue_cert(HOST)
    return Situation(targets=[serve(world, made=Showing, leaf=leaf)])


@case("tls_intercepted", "Something in between")
def a_company_in_between_a_known_provider(world: World) -> Situation:
    world.dns("imap.gmail.com", A=[ADDRESS])
    leaf = trustme.CA(organization_name="Ditta Rossi").issue_cert("imap.gmail.com")
    serve(world, made=Showing, leaf=leaf)
    return Situation(
        targets=[target(host="imap.gmail.com")],
        address=parse_address("anna@gmail.com"),
        provider=provider_named("gmail"),
    )


@case("tls_intercepted", "This device trusts it")
def a_security_program_that_this_device_trusts(world: World) -> Situation:
    leaf = trustme.CA(parent_cert=authority(), organization_name="NortonWebMailShield").issue_cert(HOST)
    return Situation(targets=[serve(world, made=Showing, leaf=leaf)])


@case("tls_intercepted", "A security program opens")
def an_unknown_security_program_that_this_device_trusts(world: World) -> Situation:
    leaf = trustme.CA(parent_cert=authority(), organization_name="Tresor Mail-Shield").issue_cert(HOST)
    return Situation(targets=[serve(world, made=Showing, leaf=leaf)])


# what is spoken


@case("tls_on_plain_port")
def tls_chosen_where_the_server_greets_in_the_clear(world: World) -> Situation:
    serve(world, IMAP, STARTTLS)
    return Situation(targets=[target(IMAP, SSL, port=143)])


@case("plain_on_tls_port", silent=True)
def starttls_chosen_where_the_server_waits_for_tls(world: World) -> Situation:
    serve(world)
    return Situation(targets=[target(IMAP, STARTTLS, port=993)])


@case("wrong_protocol", "speaks POP3, not IMAP")
def pop3_on_the_port_that_was_entered_for_imap(world: World) -> Situation:
    serve(world, POP3)
    return Situation(targets=[target(IMAP, SSL, port=995)])


@case("wrong_protocol", "speaks SMTP, not IMAP")
def the_names_of_incoming_and_outgoing_were_swapped(world: World) -> Situation:
    serve(world, SMTP, STARTTLS)
    return Situation(targets=[target(IMAP, STARTTLS, port=587)])


@case("wrong_protocol", "speaks SMTP, not POP3")
def a_server_for_sending_that_does_not_say_so_in_its_first_line(world: World) -> Situation:
    serve(world, SMTP, STARTTLS, greeting="220 mail.example.test ready.")
    return Situation(targets=[target(POP3, STARTTLS, port=587)])


@case("not_a_mail_server")
def a_server_for_files(world: World) -> Situation:
    words = "220 ProFTPD Server ready."
    found = serve(world, SMTP, PLAIN, greeting=words, answers={"EHLO": "500 Unknown", "HELO": "500 Unknown"})
    return Situation(targets=[target(POP3, STARTTLS, port=found.port)])


@case("not_a_mail_server")
def a_remote_shell_on_the_port(world: World) -> Situation:
    return Situation(targets=[serve(world, IMAP, STARTTLS, greeting="SSH-2.0-OpenSSH_9.2p1 Debian-2")])


@case("not_a_mail_server")
def noise_on_the_port(world: World) -> Situation:
    return Situation(targets=[serve(world, IMAP, STARTTLS, behaviour="garbage")])


@case("captive_portal")
def a_hotel_that_answers_for_everybody(world: World) -> Situation:
    world.dns("*.invalid", A=[ADDRESS])
    page = Page("", status=302, headers={"Location": "http://login.hotel.test/?x=1"})
    world.web(ADDRESS, {f"http://{HOST}/": page})
    return Situation(targets=[target(), target(SMTP)])


@case("captive_portal", silent=True)
def a_hotel_whose_page_is_public(world: World) -> Situation:
    page = Page("", status=302, headers={"Location": "https://login.hotel.test/"})
    world.web(OTHER, {f"http://{HOST}/": page})
    world.swallow(ADDRESS)

    def route(address: str, port: int) -> tuple[str, int]:
        return world.route(OTHER if port == 80 else address, port)

    return Situation(targets=[target(), target(SMTP)], route=route)


@case("captive_portal")
def a_train_that_says_511(world: World) -> Situation:
    world.web(ADDRESS, {f"http://{HOST}/": Page("sign in", status=511)})
    return Situation(targets=[target()])


# encryption


@case("starttls_missing")
def a_server_that_encrypts_on_its_other_port_only(world: World) -> Situation:
    serve(world)
    return Situation(targets=[serve(world, IMAP, STARTTLS, really=PLAIN)])


@case("starttls_missing", "then refuses")
def a_server_that_offers_starttls_and_refuses_it(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP, STARTTLS, behaviour="starttls_refused")])


@case("starttls_stripped", "removes")
def a_firewall_that_overwrites_starttls(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP, STARTTLS, capabilities_before_tls=["SIZE", "XXXXXXXA"])])


@case("starttls_stripped", "Something was inserted")
def words_in_front_of_the_handshake(world: World) -> Situation:
    return Situation(targets=[serve(world, IMAP, STARTTLS, behaviour="injection")])


@case("plaintext_only", "no encryption at all")
def a_server_that_never_encrypts(world: World) -> Situation:
    return Situation(targets=[serve(world, POP3, STARTTLS, really=PLAIN)])


@case("plaintext_only", "although the server offers it")
def a_program_that_does_not_encrypt(world: World) -> Situation:
    serve(world, IMAP, STARTTLS, capabilities_before_tls=["IMAP4rev1", "STARTTLS", "AUTH=PLAIN"])
    return Situation(targets=[target(IMAP, PLAIN)])


@case("plaintext_only", "On port 110 the server offers no encryption")
def a_program_and_a_server_without_encryption(world: World) -> Situation:
    serve(world, POP3, PLAIN)
    return Situation(targets=[target(POP3, PLAIN)])


# logging in


@case("auth_failed", "locked or switched off")
def an_account_that_is_locked(world: World) -> Situation:
    found = serve(world, SMTP, users={}, refused_with="525 5.7.13 User account disabled")
    return Situation(targets=[found], options=login())


@case("auth_failed", "cannot be sent")
def a_password_with_a_line_break(world: World) -> Situation:
    found = serve(world, POP3, auth=())
    return Situation(targets=[found], options={"password": Secret("pasted\n")})


@case("auth_needs_app_password", "authorisation code")
def a_provider_that_wants_an_authorisation_code(world: World) -> Situation:
    return _at("qq", "anna@qq.com", world, IMAP, users={})


@case("auth_needs_app_password", "bridge program")
def a_provider_with_a_bridge(world: World) -> Situation:
    found = serve(world, users={})
    address = parse_address("anna@proton.me")
    mine = replace(found, username=str(address))
    return Situation(targets=[mine], address=address, provider=_bridged(), options=login())


@case("auth_failed", "only after something was done there")
def a_provider_that_wants_something_first(world: World) -> Situation:
    return _at("gmx", "anna@gmx.net", world, IMAP, users={})


@case("username_form", "its message says which")
def a_server_that_names_the_user_name_it_wants(world: World) -> Situation:
    found = serve(world, users={}, refused_with="NO Please use your customer number as user name")
    return Situation(targets=[found], options=login())


@case("auth_failed", "both are right")
def a_log_in_that_another_server_of_the_account_accepts(world: World) -> Situation:
    refusing = serve(world, SMTP, users={}, refused_with="535 5.7.8 Authentication failed")
    return Situation(targets=[serve(world), refusing], options=login())


@case("auth_failed", "the mailbox anna@libero.it is at Libero Mail")
def a_server_of_another_provider(world: World) -> Situation:
    there, gmail = _at("gmail", "anna@libero.it", world, IMAP, users={}), provider_named("gmail")
    assert gmail is not None
    return replace(there, provider=provider_named("libero"), providers={there.targets[0].host: gmail})


@case("username_form", "is not the address")
def a_provider_that_gives_out_user_names(world: World) -> Situation:
    return _at("legalmail", "anna@legalmail.it", world, IMAP, users={})


@case("auth_oauth2_only", "accepts no password")
def a_provider_that_takes_no_password(world: World) -> Situation:
    return _at("outlook", "anna@outlook.com", world, IMAP, users={})


@case("protocol_switched_off", "does not offer POP3")
def a_protocol_that_the_provider_does_not_have(world: World) -> Situation:
    address = parse_address("anna@icloud.com")
    world.dns("icloud.com", MX=[(10, "mx.icloud.com")])
    world.dns("mail.me.com", TXT=["nothing to see"])
    mine = target(POP3, host="pop.mail.me.com", username=str(address))
    return Situation(targets=[mine], address=address, provider=provider_named("icloud"))


@case("username_form", "whole address")
def a_server_that_does_not_know_the_local_part(world: World) -> Situation:
    words = "NO Login failed: user not found, see https://help.example.test/"  # of a link, no second try is made
    found = serve(world, users={}, refused_with=words)
    return Situation(targets=[replace(found, username="anna")], options=login())


@case("username_form", "does not know the user name")
def a_server_that_knows_neither_form_of_the_user_name(world: World) -> Situation:
    return Situation(targets=[serve(world, users={}, refused_with="NO Login failed: user not found")], options=login())


@case("login_disabled", "allows no log-in")
def a_server_that_lets_nobody_in(world: World) -> Situation:
    return Situation(targets=[serve(world, auth=(), capabilities=["IMAP4rev1", "LOGINDISABLED"])])


@case("login_disabled", "only through an encrypted connection")
def a_server_that_takes_no_password_in_the_clear(world: World) -> Situation:
    serve(world, IMAP, STARTTLS)
    return Situation(targets=[target(IMAP, PLAIN)])


@case("auth_failed", "does not accept")
def a_wrong_password(world: World) -> Situation:
    return Situation(targets=[serve(world)], options={"password": Secret("wrong")})


@case("password_expired", "expired")
def a_password_that_has_expired(world: World) -> Situation:
    found = serve(world, users={}, refused_with="NO [EXPIRED] Your password is too old")
    return Situation(targets=[found], options=login())


@case("auth_failed", "with the browser")
def a_provider_that_wants_the_browser_first(world: World) -> Situation:
    words = (
        "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)"
    )
    return Situation(targets=[serve(world, users={}, refused_with=words)], options=login())


@case("auth_needs_app_password")
def a_provider_that_says_it_wants_an_app_password(world: World) -> Situation:
    words = (
        "534 5.7.9 Application-specific password required. For more information, go to https://support.google.com/mail/"
    )
    return Situation(targets=[serve(world, SMTP, users={}, refused_with=words)], options=login())


@case("auth_needs_app_password")
def a_provider_that_is_known_to_want_an_app_password(world: World) -> Situation:
    return _at("icloud", "anna@icloud.com", world, IMAP, users={})


@case("auth_oauth2_only")
def a_server_that_offers_oauth2_alone(world: World) -> Situation:
    return Situation(targets=[serve(world, auth=("XOAUTH2",))], options=login())


@case("auth_oauth2_only")
def a_provider_that_says_basic_authentication_is_off(world: World) -> Situation:
    words = (
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. "
        "[PN0PR01CA0024.INDPRD01.PROD.OUTLOOK.COM]"
    )
    return Situation(targets=[serve(world, SMTP, users={}, refused_with=words)], options=login())


@case("auth_mechanism_missing")
def a_program_that_wants_another_way(world: World) -> Situation:
    serve(world, SMTP)
    return Situation(targets=[target(SMTP, authentication=(AuthenticationMethod.PASSWORD_ENCRYPTED,))])


@case("username_form", "another form")
def a_server_that_wants_the_local_part(world: World) -> Situation:
    return Situation(targets=[serve(world, users={"anna": PASSWORD})], options=login())


@case("protocol_switched_off", "IMAP is switched off")
def a_mailbox_in_which_imap_is_off(world: World) -> Situation:
    words = (
        "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your "
        "account for IMAP access. (Failure)"
    )
    return Situation(targets=[serve(world, users={}, refused_with=words)], options=login())


@case("protocol_switched_off", "Your organisation")
def an_organisation_that_has_switched_it_off(world: World) -> Situation:
    words = (
        "-ERR [SYS/PERM] POP access is disabled for your domain. Please contact your domain administrator for "
        "questions about this feature."
    )
    return Situation(targets=[serve(world, POP3, users={}, refused_with=words)], options=login())


@case("mailbox_full")
def a_mailbox_without_space(world: World) -> Situation:
    return Situation(targets=[serve(world, quota=(1024, 1024))], options=login())


@case("mailbox_full")
def a_message_that_has_no_place(world: World) -> Situation:
    found = serve(world, SMTP, answers={"RCPT": "552 5.2.2 user is over quota"})
    return Situation(targets=[found], options=login(send_test=True))


@case("too_many_connections")
def a_server_that_counts_connections(world: World) -> Situation:
    words = "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)"
    return Situation(targets=[serve(world, users={}, refused_with=words)], options=login())


@case("too_many_connections")
def a_server_that_says_so_in_its_first_line(world: World) -> Situation:
    words = "421 4.7.0 mail.example.org Error: too many connections from 203.0.113.7"
    return Situation(targets=[serve(world, SMTP, greeting=words)])


@case("too_many_connections", "closes it without a word")
def a_server_that_closes_what_is_too_much(world: World) -> Situation:
    return Situation(targets=[serve(world, behaviour="close"), serve(world, SMTP)])


@case("rate_limited")
def a_server_that_makes_one_wait(world: World) -> Situation:
    words = "454 4.7.0 Too many login attempts, please try again later. - gsmtp"
    return Situation(targets=[serve(world, SMTP, users={}, refused_with=words)], options=login())


@case("temporarily_unavailable")
def a_server_with_a_trouble_of_its_own(world: World) -> Situation:
    words = "NO [UNAVAILABLE] Temporary authentication failure. [mail.example.org:2020-06-11 13:56:19]"
    return Situation(targets=[serve(world, users={}, refused_with=words)], options=login())


@case("temporarily_unavailable")
def a_server_that_goes_away_after_connecting(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP, STARTTLS, behaviour="close")])


@case("temporarily_unavailable", "a reason that is not known here")
def a_mailbox_that_is_refused_in_words_that_nobody_knows(world: World) -> Situation:
    return Situation(targets=[serve(world, answers={"EXAMINE": "NO Nessuna pizza oggi"})], options=login())


# sending


@case("smtp_auth_missing", "offers no log-in")
def a_server_for_sending_without_a_log_in(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP, STARTTLS, auth=())])


@case("smtp_auth_missing", "requires a log-in")
def a_server_that_wants_a_log_in_for_sending(world: World) -> Situation:
    words = "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM"
    found = serve(world, SMTP, answers={"MAIL": words})
    return Situation(targets=[found], options=login(send_test=True))


@case("smtp_sender_refused")
def a_sender_that_is_not_the_one_logged_in(world: World) -> Situation:
    words = "553 5.7.1 <anna@example.test>: Sender address rejected: not owned by user bruno@example.test"
    found = serve(world, SMTP, answers={"MAIL": words})
    return Situation(targets=[found], options=login(send_test=True))


@case("smtp_relay_denied", "accepted your log-in")
def a_server_that_does_not_pass_it_on(world: World) -> Situation:
    words = "554 5.7.1 <anna@example.test>: Relay access denied"
    found = serve(world, SMTP, answers={"RCPT": words})
    return Situation(targets=[found], options=login(send_test=True))


@case("smtp_relay_denied", "does not know you")
def a_server_that_answers_the_log_in_with_that(world: World) -> Situation:
    found = serve(world, SMTP, users={}, refused_with="550 relay not permitted")
    return Situation(targets=[found], options=login())


@case("smtp_relay_denied", "on port 25")
def a_server_that_passes_nothing_on_at_the_old_port(world: World) -> Situation:
    found = serve(
        world, SMTP, STARTTLS, port=25, answers={"RCPT": "554 5.7.1 <anna@example.test>: Relay access denied"}
    )
    return Situation(targets=[found], options=login(send_test=True))


@case("smtp_sender_refused", "the address you logged in with")
def a_sender_that_is_the_one_logged_in_and_is_refused(world: World) -> Situation:
    return sending(world, MAIL="550 Requested action not taken")


@case("auth_failed", "does not say that the password is wrong")
def words_that_nobody_knows(world: World) -> Situation:
    found = serve(world, users={}, refused_with="NO [AUTHENTICATIONFAILED] Nessuna pizza oggi")
    return Situation(targets=[found], options=login())


@case("mailbox_in_use")
def a_mailbox_that_another_session_holds(world: World) -> Situation:
    found = serve(world, POP3, users={}, refused_with="-ERR pop lock busy!  Is another session active?")
    return Situation(targets=[found], options=login())


@case("program_refused", "who they are")
def a_server_that_wants_to_know_the_program(world: World) -> Situation:
    words = "NO EXAMINE Unsafe Login. Please contact kefu@188.com for help"
    return Situation(targets=[serve(world, answers={"EXAMINE": words})], options=login())


@case("program_refused", "rule of")
def an_organisation_with_rules_for_programs(world: World) -> Situation:
    words = (
        "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
        "successfully. Contact your administrator."
    )
    return Situation(targets=[serve(world, SMTP, users={}, refused_with=words)], options=login())


@case("program_refused", "the network or the country")
def a_mailbox_that_opens_at_home_only(world: World) -> Situation:
    words = "NO [AUTHENTICATIONFAILED] Login from your network is not permitted, please use the company VPN"
    return Situation(targets=[serve(world, users={}, refused_with=words)], options=login())


@case("protocol_switched_off", "a paid extra")
def a_plan_without_mail_programs(world: World) -> Situation:
    return Situation(
        targets=[serve(world, users={}, refused_with="NO IMAP is not included in your plan")], options=login()
    )


def sending(world: World, **answers: str) -> Situation:
    """A message to oneself after a log-in that passes; ``answers`` by command, ``end`` for the message itself."""
    by_command = {"." if command == "end" else command: words for command, words in answers.items()}
    return Situation(targets=[serve(world, SMTP, answers=by_command)], options=login(send_test=True))


@case("sending_suspended")
def an_account_that_may_not_send_for_a_while(world: World) -> Situation:
    return sending(world, MAIL="550 5.7.1 Sending is temporarily suspended for this account")


@case("rate_reached")
def a_server_that_counts_messages(world: World) -> Situation:
    return sending(world, RCPT="550 Domain example.test has exceeded the max emails per hour (100/100 (100%)) allowed")


@case("taken_for_spam")
def a_server_that_takes_the_message_for_spam(world: World) -> Situation:
    return sending(world, end="552 5.2.0 Message rejected: spam detected")


@case("address_blacklisted", "senders of spam")
def a_server_that_asks_a_list_of_spammers(world: World) -> Situation:
    return sending(world, RCPT="554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using bl.spamcop.net")


@case("address_blacklisted", "waiting does not help")
def a_server_that_turns_the_network_away_for_good(world: World) -> Situation:
    return Situation(targets=[serve(world, SMTP, greeting="554 mail.example.test")])


@case("helo_refused")
def a_server_that_does_not_take_the_name_of_the_computer(world: World) -> Situation:
    words = "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)"
    return Situation(targets=[serve(world, SMTP, answers={"EHLO": words, "HELO": words})])


@case("mailbox_moved")
def a_server_on_which_the_mailbox_is_no_longer(world: World) -> Situation:
    words = "550 5.1.1 <anna@example.test>: Recipient address rejected: User unknown in virtual mailbox table"
    return sending(world, RCPT=words)


NEW_HOME = Home(name="newhost.test", mail_host="mx.newhost.test", names=frozenset({"newhost.test"}))


@case("mailbox_moved", "the server from before")
def a_server_that_the_domain_has_left(world: World) -> Situation:
    return Situation(targets=[serve(world, users={})], options=login(), home=NEW_HOME)


@case("mailbox_moved", "lets you in")
def a_server_that_the_domain_has_left_and_that_lets_in(world: World) -> Situation:
    return Situation(targets=[serve(world)], options=login(), home=NEW_HOME)


@case("hosting_suspended")
def a_domain_that_is_not_paid_for(world: World) -> Situation:
    found = serve(world, users={}, refused_with="NO Domain suspended: please contact billing")
    return Situation(targets=[found], options=login())


@case("message_blocks_pop3")
def a_message_that_cannot_be_read(world: World) -> Situation:
    found = serve(world, POP3, answers={"STAT": "-ERR message 17 is corrupted, cannot open it"})
    return Situation(targets=[found], options=login())


@case("pec_needs_its_own_smtp")
def certified_mail_through_the_server_of_somebody_else(world: World) -> Situation:
    serve(world, SMTP)
    return Situation(targets=[target(SMTP)], address=parse_address("anna@pec.it"), provider=provider_named("aruba-pec"))


def _at(name: str, address: str, world: World, protocol: Protocol, **how: Any) -> Situation:
    """Somebody at a provider of the catalogue, at its own server."""
    found, person = provider_named(name), parse_address(address)
    assert found is not None
    own = next(server for server in (*found.config.incoming, *found.config.outgoing) if server.protocol is protocol)
    own = own.filled(person)
    world.dns(own.hostname, A=[OTHER])
    serve(world, protocol, own.socket_type, address=OTHER, port=own.port, **how)
    mine = target(protocol, own.socket_type, host=own.hostname, port=own.port, username=own.username)
    return Situation(targets=[mine], address=person, provider=found, options=login())


def _bridged() -> Provider:
    """A provider with a bridge that offers IMAP (by that)."""
    found = provider_named("proton")
    assert found is not None
    return replace(found, offers=None)


def _http_date(seconds: float) -> str:
    """The time of an HTTP answer (RFC 9110), so many seconds from now."""
    import time
    from email.utils import formatdate

    return formatdate(time.time() + seconds, usegmt=True)
