"""What is around a server that does not answer as it should: the machine, the network, the name system."""

from __future__ import annotations

import pytest
import trustme

from tests.cli.doctor_runs import document
from tests.diagnosis.situations import Showing
from tests.world import MailServer, Page
from tests.world.certificates import authority

ANNA, HOST = "anna@example.test", "mail.example.test"
MAIL_PORTS = (993, 143, 995, 110, 465, 587, 2525, 25)
EVERY_PORT = (*MAIL_PORTS, 443, 80)


def findings(online, *typed: str, address: str = ANNA, code: int = 5) -> list[dict]:
    return document(online.run("doctor", address, "--json", "--timeout", "60", *typed), code)["findings"]


def first(online, *typed: str, **how) -> dict:
    return findings(online, *typed, **how)[0]


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits for long for what never comes."""
    monkeypatch.setattr("wizard.net.connect.TIMEOUT", 0.5)


# --- the whole machine is silent


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "typed",
    [
        ("--imap", HOST, "--smtp", HOST),
        *(pytest.param(typed, marks=pytest.mark.slow) for typed in (("--pop3", HOST), ("--smtp", f"{HOST}:587"))),
    ],
)
def test_a_machine_that_is_silent_as_a_whole_has_locked_this_address_out(online, typed):
    online.world.swallow(online.machine(HOST, ports=()), *EVERY_PORT)
    online.publish("ispdb.test", Page("none", status=404), "/v1.1/example.test")
    found = first(online, *typed)
    assert (found["code"], found["confidence"]) == ("address_locked_out", "likely")
    assert "ispdb.test does answer" in found["evidence"]
    assert "phone" in found["steps"][0]
    assert "saved password" in found["steps"][1]
    assert any("public IP address" in step for step in found["steps"])


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_another_server_of_the_account_shows_that_the_internet_is_there(online):
    online.world.swallow(online.machine(HOST, ports=()), *EVERY_PORT)
    online.machine("smtp.example.test", ports=(465,))
    found = first(online, "--imap", HOST, "--smtp", "smtp.example.test")
    assert (found["code"], found["confidence"]) == ("address_locked_out", "likely")
    assert "smtp.example.test does answer" in found["evidence"]


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_silent_machine_of_which_nothing_else_is_known_is_possibly_locked(online):
    online.world.swallow(online.machine(HOST, ports=()), *EVERY_PORT)
    found = first(online, "--imap", HOST)
    assert (found["code"], found["confidence"]) == ("address_locked_out", "possible")


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_mail_that_is_silent_while_the_web_of_the_machine_answers_is_blocked(online):
    address = online.machine(HOST, ports=())
    online.world.swallow(address, *MAIL_PORTS)
    online.world.web(address, {f"http://{HOST}/": Page("hello"), f"https://{HOST}/": Page("hello")}, [HOST])
    assert first(online, "--imap", HOST)["code"] == "port_filtered"


@pytest.mark.usefixtures("impatient")
def test_one_silent_port_of_a_machine_that_refuses_others_is_blocked(online):
    online.world.swallow(online.machine(HOST, ports=()), 993)
    assert first(online, "--imap", HOST)["code"] == "port_filtered"


@pytest.mark.usefixtures("impatient")
def test_where_nothing_answers_at_all_the_network_is_the_cause(online):
    online.world.swallow(online.machine(HOST, ports=()), *EVERY_PORT)
    online.world.swallow(online.machine("example.test", ports=()), 443, 80)
    found = first(online, "--imap", HOST)
    assert found["code"] == "port_filtered"
    assert "nothing answers at all" in found["cause"]


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_large_provider_that_is_silent_on_every_port_has_locked_nobody_out(online):
    online.world.swallow(online.machine("imap.gmx.net", ports=()), *EVERY_PORT)
    online.publish("ispdb.test", Page("none", status=404), "/v1.1/example.test")
    assert first(online, "--imap", "imap.gmx.net")["code"] == "port_filtered"


# --- a security program in between

SHIELDS = {
    "avast! Web/Mail Shield Root": "Avast",
    "Avast Web/Mail Shield Untrusted Root": "Avast",
    "AVG Web/Mail Shield Self-signed Root": "AVG",
    "AVGWebMailShield": "AVG",
    "Norton Web/Mail Shield Root": "Norton",
    "Kaspersky Endpoint Security Personal Root Certificate": "Kaspersky",
    "AO Kaspersky Lab": "Kaspersky",
    "ESET, spol. s r. o.": "ESET",
    "Bitdefender Personal CA.Net-Defender": "Bitdefender",
    "Dr.Web for Windows Root": "Dr.Web",
    "DrWeb SpIDer Mail": "Dr.Web",
    "BullGuard SSL Proxy CA": "BullGuard",
    "McAfee Web Protection": "McAfee",
    "GData Mail Root": "G DATA",
    "G-DATA CyberDefense": "G DATA",
    "FSecure Browsing": "F-Secure",
    "Unheard-Of MailShield 7": "Something in between",
}


def shown(online, made: trustme.CA, *names: str) -> None:
    leaf = made.issue_cert(*(names or (HOST,)))
    online.world.mail(online.machine(HOST, ports=()), 993, Showing(protocol="imap", leaf=leaf))


@pytest.mark.parametrize("issuer", SHIELDS)
def test_a_security_program_is_recognised_however_it_spells_itself(online, issuer):
    shown(online, trustme.CA(organization_name=issuer))
    found = first(online, "--imap", HOST)
    assert found["code"] == "tls_intercepted"
    assert SHIELDS[issuer] in found["cause"]
    assert "switch off the check of encrypted mail" in found["steps"][0]


def test_a_security_program_that_this_device_trusts_is_named_as_what_other_programs_refuse(online):
    shown(online, trustme.CA(parent_cert=authority(), organization_name="Avast Web/Mail Shield"))
    found = first(online, "--imap", HOST)
    assert (found["code"], found["confidence"]) == ("tls_intercepted", "possible")
    assert "If your mail program does not complain, change nothing." in found["steps"]


@pytest.mark.parametrize("issuer", ["Presetti Hosting", "Avgerinos Mail", "Nortonville College", "ISRG", "Hotel Web"])
def test_other_issuers_are_no_security_programs(online, issuer):
    shown(online, trustme.CA(organization_name=issuer))
    assert first(online, "--imap", HOST)["code"] != "tls_intercepted"


# --- a wildcard says whose machine it is, and not which


def wildcard(online, *names: str, greeting: str | None = None, smtp: tuple[int, ...] = ()) -> str:
    """HOST shows ``*.hoster.test``; the machine has these other names. ``greeting``: of its servers for sending."""
    address = online.machine(HOST, *names, ports=(993,), certificate=["*.hoster.test"])
    for port in smtp:
        how = {"security": "STARTTLS", "certificate": ["*.hoster.test"], "greeting": greeting}
        online.world.mail(address, port, MailServer(protocol="smtp", **how))
    return address


def reverse(address: str) -> str:
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


@pytest.mark.parametrize("port", [587, 25])
def test_the_name_with_which_the_machine_greets_is_the_one_to_enter(online, port):
    wildcard(
        online,
        "server12.hoster.test",
        greeting="220-server12.hoster.test ESMTP Exim 4.98\r\n220 No spam, please",
        smtp=(port,),
    )
    found = first(online, "--imap", HOST)
    assert found["code"] == "tls_name_mismatch"
    assert "Enter server12.hoster.test as the server name, instead of mail.example.test." in found["steps"][0]


def test_the_name_in_the_reverse_zone_is_the_one_to_enter(online):
    address = wildcard(online, "s12.hoster.test")
    online.world.dns(reverse(address), PTR=["s12.hoster.test."])
    assert "Enter s12.hoster.test" in first(online, "--imap", HOST)["steps"][0]


def test_the_host_that_takes_the_mail_is_the_one_to_enter(online):
    wildcard(online, "mx7.hoster.test")
    online.world.dns("example.test", MX=[(10, "mx7.hoster.test")])
    assert "Enter mx7.hoster.test" in first(online, "--imap", HOST)["steps"][0]


def test_a_name_that_leads_to_another_machine_is_not_told(online):
    address = wildcard(online)
    online.machine("mail.hoster.test", "web3.hoster.test", ports=(993,), certificate=["*.hoster.test"])
    online.world.dns(reverse(address), PTR=["web3.hoster.test."])
    assert not any("hoster.test" in step for step in first(online, "--imap", HOST)["steps"])


@pytest.mark.parametrize("greeting", ["220 a.b.hoster.test ESMTP", "220 localhost ESMTP", "220 hoster.test ESMTP"])
def test_no_name_is_told_that_does_not_fit_or_does_not_answer(online, greeting):
    wildcard(online, "a.b.hoster.test", "hoster.test", greeting=greeting, smtp=(587,))
    steps = first(online, "--imap", HOST)["steps"]
    assert not any("Enter " in step for step in steps)
    assert steps[0].startswith("Ask the company that hosts the mail of example.test which server name to enter")


def test_a_name_that_is_only_in_the_certificate_is_not_told(online):
    online.machine(HOST, ports=(993,), certificate=["elsewhere.hoster.test"])
    assert not any("elsewhere" in step for step in first(online, "--imap", HOST)["steps"])


# --- a limit of connections


def limited(online, allowed: int, **how: object) -> None:
    """A server that closes every connection after ``allowed`` of them without a word."""
    online.world.mail(online.machine(HOST, ports=(465,)), 993, MailServer(protocol="imap", allowed=allowed, **how))


@pytest.mark.parametrize("allowed", [0, 1, 2, 3])
def test_a_server_that_closes_silently_has_as_many_connections_as_it_allows(online, allowed):
    online.srv("example.test", HOST, {"_imaps": 993, "_submissions": 465})
    limited(online, allowed)
    ran = online.run("doctor", ANNA, "--json", "--timeout", "60", "--imap", HOST, "--smtp", HOST)
    if ran.code:
        found = document(ran, 5)["findings"][0]
        assert (found["code"], found["confidence"]) == ("too_many_connections", "likely")
        assert "Close the mail program on all devices" in found["steps"][0]


def test_a_server_of_which_nothing_else_is_seen_is_possibly_at_its_limit(online):
    online.world.mail(online.machine(HOST, ports=()), 993, MailServer(protocol="imap", behaviour="close"))
    found = first(online, "--imap", HOST)
    assert (found["code"], found["confidence"]) == ("too_many_connections", "possible")


def test_a_machine_that_closes_everything_has_a_trouble_of_its_own(online):
    online.machine(HOST, ports=(993, 465), behaviour="close")
    assert first(online, "--imap", HOST, "--smtp", HOST)["code"] == "temporarily_unavailable"


def test_one_connection_is_open_to_a_server_at_a_time(online):
    """At a server that allows one, the doctor itself is not what is too much."""
    limited(online, 1, at_once=True)
    found = findings(online, "--imap", HOST, "--no-probe", code=0)
    assert found == []


# --- a network that wants to be signed in to


def portal(online, *names: str, location: str = "https://login.hotelchain.test/?a=1", status: int = 302) -> str:
    """Machines whose ports of mail are silent, and for which somebody else answers on the port of the web."""
    address = online.machine(*names, ports=())
    online.world.swallow(address, *MAIL_PORTS, 443)
    page = Page("", status=status, headers={"Location": location} if location else {})
    online.world.web(address, {f"http://{name}/": page for name in names})
    return address


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("status", [302, pytest.param(307, marks=pytest.mark.slow), 511])
def test_a_hotel_that_leads_to_its_page_wants_to_be_signed_in_to(online, status):
    portal(online, HOST, status=status)
    found = first(online, "--imap", HOST)
    assert found["code"] == "captive_portal"
    assert "in the browser" in found["steps"][0]
    assert "login.hotelchain.test" in found["evidence"] or status == 511


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_hotel_that_leads_everybody_to_its_page(online):
    portal(online, HOST, "example.test", "ispdb.test")
    assert [each["code"] for each in findings(online, "--imap", HOST, "--smtp", HOST)] == ["captive_portal"]


@pytest.mark.usefixtures("impatient")
def test_a_portal_that_answers_on_the_ports_of_mail_too(online):
    address = online.machine(HOST, "example.test", "ispdb.test", ports=(993,), certificate=["login.hotelchain.test"])
    page = Page("", status=302, headers={"Location": "https://login.hotelchain.test/"})
    online.world.web(address, {f"http://{name}/": page for name in (HOST, "example.test", "ispdb.test")})
    assert first(online, "--imap", HOST)["code"] == "captive_portal"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "location",
    [
        "https://www.example.test/welcome",
        *(pytest.param(location, marks=pytest.mark.slow) for location in ("https://mail.example.test/", "")),
    ],
)
def test_a_host_that_leads_to_its_own_pages_is_no_portal(online, location):
    portal(online, HOST, location=location, status=302 if location else 200)
    assert first(online, "--imap", HOST)["code"] == "port_filtered"


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_where_the_control_leads_to_itself_a_host_that_leads_elsewhere_is_no_portal(online):
    portal(online, HOST, location="https://www.newbrand.test/")
    own = Page("", status=301, headers={"Location": "https://ispdb.test/"})
    online.world.web(online.machine("ispdb.test", ports=()), {"http://ispdb.test/": own})
    assert first(online, "--imap", HOST)["code"] == "port_filtered"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("own_page", [False, True])
def test_a_portal_that_shows_its_page_in_place_of_every_other(online, own_page):
    """Nothing is led anywhere: whatever is asked for, the answer is the page of the network itself."""
    shown = Page("<html>\r\n<head><title>Hotel Bella\r\nVista</title></head>\r\n</html>\r\n")
    other = Page("<html>\r\n<head><title>Another page</title></head>\r\n</html>\r\n")
    for name in (HOST, "example.test", "ispdb.test"):
        address = online.machine(name, ports=())
        online.world.swallow(address, *MAIL_PORTS, 443)
        online.world.web(address, {f"http://{name}/": other if own_page and name == "ispdb.test" else shown})
    found = first(online, "--imap", HOST)
    assert found["code"] == ("captive_portal" if not own_page else "port_filtered")
    assert own_page or "“Hotel Bella Vista”" in found["evidence"]


def test_a_web_server_that_was_entered_and_leads_elsewhere_is_no_portal(online):
    page = Page("", status=301, headers={"Location": "https://www.newbrand.test/"})
    online.world.web(online.machine("www.example.test", ports=()), {"http://www.example.test/": page})
    assert first(online, "--imap", "www.example.test")["code"] == "host_is_a_web_server"


# --- a domain that is not paid for


def parked(online, *name_servers: str, mx: str = "", every: bool = True) -> str:
    """A domain that somebody parks: its names lead to one address, where there are web pages."""
    address = online.machine("example.test", ports=())
    if every:
        online.world.dns("*.example.test", A=[address])
    online.world.dns("example.test", NS=list(name_servers))
    if mx:
        online.world.dns("example.test", MX=[(0, mx)])
    online.world.web(address, {"http://example.test/": Page("buy"), f"http://{HOST}/": Page("buy")})
    return address


@pytest.mark.parametrize(
    "server",
    ["ns1.sedoparking.com", "ns2.bodis.com", "ns1.pendingrenewaldeletion.com", "ns1.expired-domains.registrar.test"],
)
@pytest.mark.parametrize("mx", ["", ".", "park-mx.above.com"])
def test_a_domain_that_is_parked_has_expired(online, server, mx):
    parked(online, server, mx=mx)
    found = first(online, "--imap", HOST, "--smtp", HOST)
    assert (found["code"], found["confidence"]) == ("domain_expired", "likely")
    assert server in found["cause"]
    assert "renew it" in found["steps"][1]


def test_all_names_of_a_parked_domain_are_one_finding(online):
    parked(online, "ns1.sedoparking.com")
    assert [each["code"] for each in findings(online, "--imap", HOST, "--smtp", "smtp.example.test")] == [
        "domain_expired"
    ]


def test_a_parked_domain_without_any_name_has_expired(online):
    parked(online, "ns1.bodis.com", every=False)
    assert first(online, "--imap", HOST)["code"] == "domain_expired"


@pytest.mark.parametrize("typed", [HOST, "imap.example.test", "example.test"])
def test_a_domain_of_which_every_name_is_one_and_without_mail_has_possibly_expired(online, typed):
    parked(online, "ns1.registrar.test")
    found = first(online, "--imap", typed)
    assert (found["code"], found["confidence"]) == ("domain_expired", "possible")


def test_a_domain_with_a_name_for_everything_that_takes_mail_has_not_expired(online):
    parked(online, "ns1.registrar.test", mx="mx.filter.test")
    assert first(online, "--imap", HOST)["code"] != "domain_expired"


def test_a_hoster_whose_name_servers_are_called_parking_has_not_expired(online):
    parked(online, "ns1.dns-parking.com", every=False)
    assert first(online, "--imap", HOST)["code"] != "domain_expired"


def test_a_domain_without_mx_whose_own_server_has_a_closed_port_has_not_expired(online):
    parked(online, "ns1.registrar.test")
    online.world.mail(
        online.machine("box.example.test", ports=()), 143, MailServer(protocol="imap", security="STARTTLS")
    )
    assert first(online, "--imap", "box.example.test")["code"] == "port_refused"
