"""Autodiscover as a source: where it is asked, who is told the address, and what is made of the answers."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET

import pytest

from tests.world import Page, World
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import autodiscover
from wizard.discovery.sources.autodiscover import autodiscover_url, question_for
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, SourceReport, Trust

WEB, OTHER, FOREIGN = "203.0.113.20", "203.0.113.21", "198.51.100.20"
HOST = "autodiscover.example.test"
URL = autodiscover_url(HOST)
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


def answer(inside: str) -> Page:
    return Page(f'<Autodiscover><Response xmlns="{OUTLOOK}"><Account>{inside}</Account></Response></Autodiscover>')


def servers(host: str = "mail.example.test", imap_port: int = 993) -> Page:
    return answer(
        f"<Protocol><Type>IMAP</Type><Server>{host}</Server><Port>{imap_port}</Port></Protocol>"
        f"<Protocol><Type>SMTP</Type><Server>{host}</Server><Port>465</Port></Protocol>"
    )


def web(world: World, pages: dict[str, Page], address: str = WEB, host: str = HOST) -> None:
    world.dns(host, A=[address])
    world.web(address, pages, [host])


def find(world: World, address: str = "anna@example.test", *, accepted: tuple[str, ...] = ()) -> SourceReport:
    async def run():
        options = LookUpOptions(accepted=accepted)
        return await autodiscover.find(Context(parse_address(address), options, world.network()))

    return asyncio.run(run())


def hosts(report: SourceReport) -> list[str]:
    return [found.server.hostname for found in report.servers]


def asked(world: World) -> list[tuple[str, str]]:
    """Every request, as host and address in the body."""
    requests = [entry for entry in world.seen if entry[0] == "http"]
    return [(url.split("/")[2], ET.fromstring(body)[0][0].text) for _http, _post, url, _headers, body in requests]


@pytest.mark.parametrize("host", [HOST, "example.test"])
def test_both_usual_hosts_are_asked_by_post_with_the_address_and_no_credentials(world, host):
    web(world, {autodiscover_url(host): servers()}, host=host)
    report = find(world)
    assert (report.outcome, report.url) == (Outcome.FOUND, autodiscover_url(host))
    assert hosts(report) == ["mail.example.test"] * 2
    for found in report.servers:
        assert found.evidence.trust is Trust.AUTHENTICATED
        assert found.evidence.url == report.url
        assert found.verified is None
    ((_http, method, _url, headers, _body),) = [entry for entry in world.seen if entry[0] == "http"]
    assert method == "POST"
    assert "authorization" not in {name.lower() for name in headers}
    assert asked(world) == [(host, "anna@example.test")]


@pytest.mark.usefixtures("unhurried")
def test_the_host_for_it_wins_over_the_web_site(world):
    web(world, {URL: servers("right.example.test")})
    web(world, {autodiscover_url("example.test"): servers("wrong.example.test")}, OTHER, "example.test")
    assert set(hosts(find(world))) == {"right.example.test"}


@pytest.mark.parametrize("address", ["o'neil+a&b@example.test", '"a<b>\\"c"@example.test', "jürgen@bücher.test"])
def test_an_odd_address_stays_one_text_in_the_question(address):
    parsed = parse_address(address)
    root = ET.fromstring(question_for(parsed))
    (request,) = root
    assert [element.text for element in request] == [str(parsed), OUTLOOK]


def test_nothing_is_asked_over_plain_http(world):
    world.dns(HOST, A=[WEB])
    world.web(WEB, {URL.replace("https", "http"): servers()})
    assert find(world).outcome is Outcome.UNREACHABLE
    assert {port for _address, port in world.dialled} == {443}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page("", status=404), "404"),
        (Page("<html><body>Welcome</body></html>", "text/html"), "no Autodiscover settings"),
        (Page("<!DOCTYPE html><title>autodiscover</title>", "text/html"), "no Autodiscover settings"),
        (Page("", status=204), "no Autodiscover settings"),
        (answer("<Action>settings</Action>"), "no Autodiscover settings"),
        (Page("<Autodiscover><Response><Error><ErrorCode>600</ErrorCode></Error></Response></Autodiscover>"), "600"),
    ],
)
def test_what_is_no_answer_is_nothing(world, page, words):
    web(world, {URL: page})
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.NOTHING, ())
    assert words in report.detail


def test_an_answer_that_is_called_a_web_page_is_read_all_the_same(world):
    web(world, {URL: Page(servers().body, "text/html")})
    assert find(world).outcome is Outcome.FOUND


def test_a_password_that_is_wanted_is_not_given_and_the_hint_is(world):
    web(world, {URL: Page("", status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})})
    report = find(world)
    assert report.outcome is Outcome.REFUSED
    assert "autodiscover.example.test asks for a password before it answers" in report.detail
    assert len(asked(world)) == 1


def test_exchange_alone_is_a_hint_and_nothing_else(world):
    web(world, {URL: answer("<Protocol><Type>EXCH</Type><Server>x.example.test</Server></Protocol>")})
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.NOTHING, ())
    assert "names only Microsoft Exchange" in report.detail


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<Autodiscover>", "not valid XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Autodiscover/>', "document type"),
        ("<settings/>", "not an Autodiscover response"),
    ],
)
def test_a_wrong_answer_is_malformed(world, body, words):
    web(world, {URL: Page(body)})
    report = find(world)
    assert report.outcome is Outcome.MALFORMED
    assert words in report.detail


def test_servers_on_ports_that_are_not_for_mail_are_refused(world):
    web(world, {URL: servers(imap_port=22)})
    report = find(world)
    assert [found.server.protocol.value for found in report.servers] == ["smtp"]
    assert "mail.example.test 22" in report.detail


@pytest.mark.parametrize("behaviour", ["endless", "gzip_bomb", "big_headers", "reset", "garbage", "cut_off"])
def test_hostile_servers_find_nothing_and_break_nothing(world, behaviour):
    web(world, {URL: Page(servers().body, behaviour=behaviour)})
    report = find(world)
    assert report.servers == ()
    assert report.outcome in (Outcome.MALFORMED, Outcome.UNREACHABLE)


class TestRedirects:
    def test_one_within_the_domain_is_followed_with_the_same_question(self, world):
        web(world, {URL: Page(status=302, headers={"Location": "https://www.example.test/ad.xml"})})
        web(world, {"https://www.example.test/ad.xml": servers()}, OTHER, "www.example.test")
        report = find(world)
        assert report.outcome is Outcome.FOUND
        assert report.servers[0].evidence.trust is Trust.AUTHENTICATED
        assert asked(world)[-1] == ("www.example.test", "anna@example.test")

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_one_to_another_domain_is_not_told_the_address(self, world, status):
        web(world, {URL: Page(status=status, headers={"Location": "https://ad.hoster.test/a.xml"})})
        web(world, {"https://ad.hoster.test/a.xml": servers()}, FOREIGN, "ad.hoster.test")
        self.refused(world, find(world))

    def test_unless_that_was_agreed_to_in_advance(self, world):
        web(world, {URL: Page(status=302, headers={"Location": "https://ad.hoster.test/a.xml"})})
        web(world, {"https://ad.hoster.test/a.xml": servers()}, FOREIGN, "ad.hoster.test")
        report = find(world, accepted=("foreign_domain",))
        assert report.outcome is Outcome.FOUND
        assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}
        assert ("ad.hoster.test", "anna@example.test") in asked(world)

    def test_nor_is_one_within_the_answer(self, world):
        web(world, {URL: answer("<RedirectUrl>https://ad.hoster.test/a.xml</RedirectUrl>")})
        web(world, {"https://ad.hoster.test/a.xml": servers()}, FOREIGN, "ad.hoster.test")
        self.refused(world, find(world))

    def refused(self, world: World, report: SourceReport) -> None:
        assert (report.outcome, report.servers) == (Outcome.REFUSED, ())
        (question,) = report.needs_consent
        assert question.code == "foreign_domain"
        assert "hoster.test" in question.text
        assert "your address was not sent there" in report.detail
        assert FOREIGN not in {address for address, _port in world.dialled}

    def test_one_within_the_answer_is_followed_in_the_domain(self, world):
        web(world, {URL: answer("<Action>redirectUrl</Action><RedirectUrl>https://www.example.test/a</RedirectUrl>")})
        web(world, {"https://www.example.test/a": servers()}, OTHER, "www.example.test")
        assert find(world).outcome is Outcome.FOUND

    @pytest.mark.parametrize(
        "target", ["http://www.example.test/a", "https://www.example.test:8443/a", "//", "ftp://a"]
    )
    def test_one_that_is_not_safe_is_refused(self, world, target):
        web(world, {URL: answer(f"<RedirectUrl>{target}</RedirectUrl>")})
        report = find(world)
        assert (report.outcome, report.needs_consent) == (Outcome.REFUSED, ())

    def test_to_plain_http_is_refused(self, world):
        web(world, {URL: Page(status=302, headers={"Location": "http://autodiscover.example.test/x"})})
        assert find(world).outcome is Outcome.REFUSED

    def test_a_loop_ends(self, world):
        web(world, {URL: answer(f"<RedirectUrl>{URL}</RedirectUrl>")})
        assert find(world).outcome is Outcome.REFUSED
        assert len(asked(world)) == 1

    @pytest.mark.parametrize(("hops", "outcome"), [(4, Outcome.FOUND), (5, Outcome.REFUSED)])
    def test_four_are_followed_and_not_five(self, world, hops, outcome):
        pages = {
            f"https://{HOST}/{number}": answer(f"<RedirectUrl>https://{HOST}/{number + 1}</RedirectUrl>")
            for number in range(9)
        }
        pages[URL] = answer(f"<RedirectUrl>https://{HOST}/1</RedirectUrl>")
        pages[f"https://{HOST}/{hops}"] = servers()
        web(world, pages)
        assert find(world).outcome is outcome

    def test_another_address_of_the_domain_is_asked_about(self, world):
        def page(request):
            return servers() if b"box17@" in request.body else answer("<RedirectAddr>box17@example.test</RedirectAddr>")

        web(world, {URL: page})
        report = find(world)
        assert report.outcome is Outcome.FOUND
        assert {found.server.username for found in report.servers} == {"box17@example.test"}

    def test_an_address_of_a_subdomain_is_asked_about_there(self, world):
        web(world, {URL: answer("<RedirectAddr>anna@mail.example.test</RedirectAddr>")})
        host = "autodiscover.mail.example.test"
        web(world, {autodiscover_url(host): servers()}, OTHER, host)
        assert find(world).outcome is Outcome.FOUND
        assert asked(world)[-1] == (host, "anna@mail.example.test")

    def test_an_address_elsewhere_is_refused(self, world):
        web(world, {URL: answer("<RedirectAddr>anna@hoster.test</RedirectAddr>")})
        web(world, {autodiscover_url("autodiscover.hoster.test"): servers()}, FOREIGN, "autodiscover.hoster.test")
        self.refused(world, find(world))


class TestSrv:
    NAME = "_autodiscover._tcp.example.test"

    def test_a_target_in_the_domain_is_asked(self, world):
        world.dns(self.NAME, SRV=[(0, 1, 443, "ad.example.test")])
        web(world, {autodiscover_url("ad.example.test"): servers()}, host="ad.example.test")
        report = find(world)
        assert report.outcome is Outcome.FOUND
        assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}

    def test_a_validated_record_is_worth_as_much_as_https(self, world):
        world.validated = True
        world.dns(self.NAME, SRV=[(0, 1, 443, "ad.example.test")])
        web(world, {autodiscover_url("ad.example.test"): servers()}, host="ad.example.test")
        assert {found.evidence.trust for found in find(world).servers} == {Trust.AUTHENTICATED}

    def test_priority_decides_and_not_weight(self, world):
        world.dns(self.NAME, SRV=[(10, 100, 443, "late.example.test"), (0, 1, 443, "first.example.test")])
        web(world, {autodiscover_url("first.example.test"): servers("right.example.test")}, host="first.example.test")
        web(world, {autodiscover_url("late.example.test"): servers()}, OTHER, "late.example.test")
        assert set(hosts(find(world))) == {"right.example.test"}

    def test_a_dead_target_gives_way_to_the_next(self, world):
        world.dns(self.NAME, SRV=[(0, 1, 443, "dead.example.test"), (10, 1, 443, "ad.example.test")])
        world.dns("dead.example.test", A=[OTHER])
        web(world, {autodiscover_url("ad.example.test"): servers()}, host="ad.example.test")
        assert find(world).outcome is Outcome.FOUND

    def test_a_target_elsewhere_is_not_told_the_address(self, world):
        world.dns(self.NAME, SRV=[(0, 1, 443, "ad.hoster.test")])
        web(world, {autodiscover_url("ad.hoster.test"): servers()}, FOREIGN, "ad.hoster.test")
        report = find(world)
        TestRedirects().refused(world, report)
        assert report.url == f"dns:{self.NAME}?type=SRV"

    def test_a_target_elsewhere_that_was_agreed_to_in_advance_is_asked(self, world):
        world.dns(self.NAME, SRV=[(0, 1, 443, "ad.hoster.test")])
        web(world, {autodiscover_url("ad.hoster.test"): servers()}, FOREIGN, "ad.hoster.test")
        report = find(world, accepted=("foreign_domain",))
        assert report.outcome is Outcome.FOUND
        assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}

    def test_another_port_is_refused(self, world):
        world.dns(self.NAME, SRV=[(0, 1, 8443, "ad.example.test")])
        report = find(world)
        assert (report.outcome, report.detail.count("8443")) == (Outcome.REFUSED, 1)

    def test_not_offered_is_nothing(self, world):
        world.dns(self.NAME, SRV=[(0, 0, 0, ".")])
        assert find(world).outcome is Outcome.NOTHING


def test_a_domain_that_has_none_of_it_is_nothing(world):
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.NOTHING, ())
    assert report.detail


def test_a_certificate_for_another_name_is_unreachable(world):
    world.dns(HOST, A=[WEB])
    world.web(WEB, {URL: servers()}, ["www.hoster.test"])
    assert find(world).outcome is Outcome.UNREACHABLE
    assert asked(world) == []
