"""Fetching over HTTPS from servers that say exactly what a test wants: byte by byte, over real TLS, on loopback."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib

import pytest

from tests.net.scripted_web import SILENCE, SLOWLY, XML, Web, answer, quietly, redirect
from tests.world import Page
from tests.world.certificates import ca_file
from wizard.net import http
from wizard.net.connect import Network
from wizard.net.dns import Resolver
from wizard.net.failures import Failure, FailureKind
from wizard.net.http import MAX_BODY, Fetched, fetch
from wizard.net.nameservers import Hosts
from wizard.net.policy import AddressPolicy

HOSTS = {"203.0.113.10": "web.example.test www.example.test", "203.0.113.20": "other.example"}
URL = "https://web.example.test/config.xml"


@pytest.fixture(autouse=True)
def trusted(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file()))


@pytest.fixture
def network(tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("".join(f"{address} {names}\n" for address, names in HOSTS.items()))

    def lead_to(web, *, allow_private=True):
        return Network(
            resolver=Resolver((), Hosts(hosts)),
            policy=AddressPolicy(allow_private=allow_private),
            route=lambda address, port: ("127.0.0.1", web.port) if port == 443 else pytest.fail(f"port {port}"),
        )

    return lead_to


@pytest.fixture
def ask(network, caplog):
    """``ask(web, URL)``: what fetch gives, in an event loop that is watched for anything left behind."""

    def run(web, url=URL, **arguments):
        return quietly(caplog, fetch(network(web), url, **arguments))

    return run


# What is fetched


def test_a_document_is_fetched_with_its_type_and_its_url(ask):
    with Web([answer(XML, "Content-Type: Text/XML; charset=utf-8")]) as web:
        assert ask(web) == Fetched(URL, 200, "text/xml", XML, (URL,))


def test_a_request_says_nothing_about_the_person(ask):
    with Web([answer()]) as web:
        ask(web, "https://web.example.test/a?b=c#d")
    line, headers, body = web.requests[0]
    assert line == "GET /a?b=c HTTP/1.1"
    assert headers == {
        "Host": "web.example.test",
        "User-Agent": "mail-wizard",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    assert body == b""


def test_a_body_is_sent_with_its_type(ask):
    with Web([answer()]) as web:
        assert isinstance(ask(web, method="POST", body=b"<a/>", content_type="text/xml"), Fetched)
    line, headers, body = web.requests[0]
    assert line == "POST /config.xml HTTP/1.1"
    assert headers["Content-Type"] == "text/xml"
    assert body == b"<a/>"


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n",
            b"abcde",
        ),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + answer(b"abc"), b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (answer(b"", "Content-Encoding: gzip"), b""),
    ],
)
def test_every_framing_of_http_is_read(ask, sent, body):
    with Web([sent]) as web:
        fetched = ask(web)
    assert isinstance(fetched, Fetched)
    assert fetched.body == body


@pytest.mark.parametrize("said", ["", "nonsense", "text/", "text/xml, text/xml", "text/x\u00e9ml", "text/\x1b[31m"])
def test_a_media_type_that_is_none_is_empty(ask, said):
    with Web([answer(XML, f"Content-Type: {said}")]) as web:
        fetched = ask(web)
    # h11 refuses control characters itself
    assert fetched.content_type == "" if isinstance(fetched, Fetched) else fetched.kind == FailureKind.HTTP_MALFORMED


@pytest.mark.parametrize(
    "status", ["404 Not Found", "401 Unauthorized", "500 Oh", "304 Not Modified", "300 Many", "999 ?"]
)
def test_another_status_is_a_failure_that_says_it(ask, status):
    with Web([answer(b"<html/>", status=status)]) as web:
        failure = ask(web)
    assert failure.kind == FailureKind.HTTP_STATUS
    assert failure.status == int(status[:3])
    assert failure.host == "web.example.test"


def test_no_credentials_are_sent_when_a_server_asks_for_some(ask):
    challenge = answer(b"", 'WWW-Authenticate: Basic realm="x"', "Set-Cookie: a=b", status="401 Unauthorized")
    with Web([challenge]) as web:
        assert ask(web).status == 401
    assert len(web.requests) == 1


# Redirects


def test_redirects_are_followed_and_every_hop_is_listed(ask):
    steps = [
        redirect("/b", 301),
        redirect("https://other.example/c?d=e", 302),
        redirect("//www.example.test/f", 307),
        answer(),
    ]
    with Web(*([step] for step in steps)) as web:
        fetched = ask(web)
    assert fetched.hops == (
        URL,
        "https://web.example.test/b",
        "https://other.example/c?d=e",
        "https://www.example.test/f",
    )
    assert fetched.url == fetched.hops[-1]
    assert [headers["Host"] for _, headers, _ in web.requests] == [
        "web.example.test",
        "web.example.test",
        "other.example",
        "www.example.test",
    ]


def test_cookies_of_a_redirect_are_not_sent_on(ask):
    moved = answer(b"", "Location: /b", "Set-Cookie: a=b", 'WWW-Authenticate: Basic realm="x"', status="302 Found")
    with Web([moved, answer()]) as web:
        assert isinstance(ask(web), Fetched)
    assert not {"Cookie", "Authorization", "Referer", "Origin"} & set(web.requests[1][1])


def test_four_redirects_are_followed_and_no_fifth(ask):
    with Web([*(redirect(f"/{number}") for number in range(4)), answer()]) as web:
        assert len(ask(web).hops) == 5
    with Web([redirect(f"/{number}") for number in range(9)]) as web:
        failure = ask(web)
    assert failure.kind == FailureKind.TOO_MANY_REDIRECTS
    assert len(web.requests) == 5


def test_a_loop_ends_when_it_closes(ask):
    with Web([redirect("/b"), redirect("/config.xml"), answer()]) as web:
        assert ask(web).kind == FailureKind.TOO_MANY_REDIRECTS
    assert len(web.requests) == 2


@pytest.mark.parametrize(
    "location",
    [
        "http://web.example.test/config.xml",
        "https://web.example.test:8443/",
        "https://anna@other.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https:////other.example/",
        "https://unparsable::",
        "\\\\other.example\\",
        "https://web.example.test/" + "a" * 2000,
    ],
)
@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_to_an_unsafe_place_is_not_followed(ask, location, status):
    with Web([redirect(location, status)]) as web:
        failure = ask(web)
    assert failure.kind == FailureKind.REDIRECT_REFUSED
    assert failure.host == "web.example.test"
    assert len(web.requests) == 1


@pytest.mark.parametrize("headers", [[], ["Location: "], ["Location: /a", "Location: /b"]])
def test_a_redirect_that_leads_nowhere_is_a_failure(ask, headers):
    with Web([answer(b"", *headers, status="302 Found")]) as web:
        failure = ask(web)
    assert failure.kind in (FailureKind.HTTP_STATUS, FailureKind.REDIRECT_REFUSED)
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("status", "method", "sent"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"<a/>"), (308, "POST", b"<a/>")],
)
def test_a_post_stays_one_only_where_the_redirect_says_so(ask, status, method, sent):
    # The first server waits for more, and so sees to it that nobody forgets to hang up.
    with Web([redirect("https://other.example/b", status), answer()], [answer()]) as web:
        fetched = ask(web, method="POST", body=b"<a/>", content_type="text/xml")
    assert isinstance(fetched, Fetched)
    line, headers, body = web.requests[1]
    assert (line, body) == (f"{method} /b HTTP/1.1", sent)
    assert ("Content-Type" in headers) == (method == "POST")


def test_a_redirect_within_a_host_uses_the_connection_again(ask):
    with Web([redirect("/b"), answer()]) as web:
        assert isinstance(ask(web), Fetched)
    assert web.handshakes == 1


@pytest.mark.parametrize(
    "first",
    [
        [redirect("/b")],  # closed after the answer, without a word about it
        [redirect("/b"), b""],  # closed when the next request comes
        [answer(b"", "Location: /b", "Connection: close", status="302 Found")],
        [redirect("/b", body=b"x" * 100_000), answer()],
    ],
    ids=["closed", "closed late", "announced", "long page"],
)
def test_a_redirect_within_a_host_gets_a_new_connection_where_it_must(ask, first):
    with Web(first, [answer()]) as web:
        assert isinstance(ask(web), Fetched)
    assert web.handshakes == 2


# The first URL


@pytest.mark.parametrize(
    "url", ["http://web.example.test/", "https://web.example.test:444/", "https://10.0.0.1/", "x", ""]
)
def test_an_unsafe_url_is_refused_before_anything_is_sent(ask, url):
    with Web([answer()]) as web:
        assert ask(web, url).kind == FailureKind.REDIRECT_REFUSED
    assert web.handshakes == 0


def test_an_address_that_is_not_allowed_is_not_connected_to(network, caplog):
    with Web([answer()]) as web:
        failure = quietly(caplog, fetch(network(web, allow_private=False), URL))
    assert failure.kind == FailureKind.ADDRESS_NOT_ALLOWED
    assert web.handshakes == 0


# TLS


@pytest.mark.parametrize(
    ("certificate", "kind"),
    [
        (["elsewhere.example"], FailureKind.TLS_NAME_MISMATCH),
        ("self-signed", FailureKind.TLS_SELF_SIGNED),
        ("expired", FailureKind.TLS_EXPIRED),
        ("not-yet-valid", FailureKind.TLS_NOT_YET_VALID),
        ("unknown-ca", FailureKind.TLS_UNTRUSTED),
    ],
)
def test_a_wrong_certificate_ends_the_fetch(ask, certificate, kind):
    certificate = tuple(certificate) if isinstance(certificate, list) else certificate
    with Web([answer()], certificate=certificate) as web:
        failure = ask(web)
    assert (failure.kind, failure.host, failure.port) == (kind, "web.example.test", 443)
    assert web.requests == []


def test_the_certificate_is_checked_after_a_redirect_too(ask):
    with Web([redirect("https://other.example/")], certificate=("web.example.test",)) as web:
        failure = ask(web)
    assert (failure.kind, failure.host) == (FailureKind.TLS_NAME_MISMATCH, "other.example")


# Compression


def gzipped(data):
    return gzip.compress(data, mtime=0)


def deflated(data, window):
    packer = zlib.compressobj(wbits=window)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzipped(XML)),
        ("GZIP", gzipped(XML)),
        ("x-gzip", gzipped(XML)),
        ("deflate", deflated(XML, 15)),
        ("deflate", deflated(XML, -15)),
        ("identity", XML),
    ],
)
def test_a_server_that_compresses_unasked_is_understood(ask, coding, body):
    with Web([answer(body, f"Content-Encoding: {coding}")]) as web:
        assert ask(web).body == XML


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", XML),
        ("gzip, gzip", gzipped(gzipped(XML))),
        ("gzip", XML),
        ("gzip", gzipped(XML)[:-4]),
        ("gzip", gzipped(XML) + b"more"),
        ("deflate", XML),
        ("\x7f", XML),
    ],
)
def test_a_coding_that_cannot_be_undone_is_malformed(ask, coding, body):
    with Web([answer(body, f"Content-Encoding: {coding}")]) as web:
        assert ask(web).kind == FailureKind.HTTP_MALFORMED


# Bounds


@pytest.mark.parametrize("pack", [bytes, gzipped], ids=["plain", "gzip"])
def test_a_body_may_be_as_long_as_the_bound_and_no_longer(ask, pack):
    headers = ["Content-Encoding: gzip"] if pack is gzipped else []
    with Web([answer(pack(bytes(MAX_BODY)), *headers)]) as web:
        assert len(ask(web).body) == MAX_BODY
    with Web([answer(pack(bytes(MAX_BODY + 1)), *headers)]) as web:
        assert ask(web).kind == FailureKind.BODY_TOO_LARGE


@pytest.mark.parametrize("window", [31, 15, -15])
def test_a_bomb_never_unpacks(ask, window):
    coding = "gzip" if window == 31 else "deflate"
    bomb = deflated(bytes(64 << 20), window)
    assert len(bomb) < MAX_BODY
    with Web([answer(bomb, f"Content-Encoding: {coding}")]) as web:
        tracemalloc.start()
        try:
            assert ask(web).kind == FailureKind.BODY_TOO_LARGE
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
        finally:
            tracemalloc.stop()


def test_an_endless_body_ends(ask):
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    with Web([[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[chunk] * 1000]]) as web:
        assert ask(web).kind == FailureKind.BODY_TOO_LARGE


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"H" * 100_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
    ],
    ids=["many", "long", "no line", "interim"],
)
def test_headers_have_a_bound(ask, head):
    with Web([[head, SILENCE]]) as web:
        assert ask(web).kind == FailureKind.HTTP_MALFORMED


def test_headers_below_the_bound_are_fine(ask):
    with Web([answer(XML, *(f"X-{number}: {'y' * 100}" for number in range(500)))]) as web:
        assert isinstance(ask(web), Fetched)


@pytest.mark.parametrize(
    "said",
    [
        [SILENCE],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", SILENCE],
        [SLOWLY, answer(b"x" * 1000)],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", SLOWLY, b"x" * 1000],
        [b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 5\r\n\r\n", SILENCE],
    ],
    ids=["silent", "silent in the body", "slow", "slow in the body", "silent in a redirect"],
)
def test_a_whole_fetch_has_its_time_and_no_more(ask, monkeypatch, said):
    monkeypatch.setattr(http, "TIMEOUT", 0.4)
    with Web([said]) as web:
        began = time.monotonic()
        failure = ask(web)
        assert time.monotonic() - began < 15  # the server would be silent for 20
    assert (failure.kind, failure.host) == (FailureKind.TIMEOUT, "web.example.test")


def test_five_seconds_are_the_bound():
    assert http.TIMEOUT <= 5


# What is no HTTP


@pytest.mark.parametrize(
    "said",
    [
        b"* OK IMAP4rev1 ready\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        bytes(range(256)),
    ],
)
def test_what_is_no_http_is_malformed(ask, said):
    with Web([[said, SILENCE]]) as web:
        failure = ask(web)
    assert failure.kind == FailureKind.HTTP_MALFORMED
    assert failure.detail


@pytest.mark.parametrize(
    "script",
    [[], [b""], [b"HTTP/1.1 200"], [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"]],
    ids=["before the request", "after it", "in the head", "in the body"],
)
def test_a_connection_that_ends_too_early_is_lost_and_not_tried_again(ask, script):
    with Web(script) as web:
        assert ask(web).kind == FailureKind.CONNECTION_LOST
    assert web.handshakes == 1


def test_a_connection_that_is_lost_twice_is_not_tried_a_third_time(ask):
    with Web([redirect("/b"), b""], [b""], [answer()]) as web:
        assert ask(web).kind == FailureKind.CONNECTION_LOST
    assert web.handshakes == 2


# Being cancelled


@pytest.mark.parametrize("after", [0, 0.01, 0.05, 0.3])
@pytest.mark.parametrize("said", [[SILENCE], [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", SILENCE]])
def test_a_fetch_that_is_cancelled_ends_at_once_and_leaves_nothing(network, caplog, after, said):
    async def impatient(where):
        task = asyncio.create_task(fetch(where, URL))
        await asyncio.sleep(after)
        task.cancel()
        await task

    with Web([said]) as web:
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            quietly(caplog, impatient(network(web)))
        assert time.monotonic() - began < 15


@pytest.mark.parametrize("connected", [False, True], ids=["connecting", "connected"])
def test_a_fetch_that_ends_while_http_is_loaded_leaves_nothing(network, caplog, monkeypatch, connected):
    """The first connection is begun meanwhile: nobody else would close it."""

    async def never():
        await asyncio.sleep(0.2 if connected else 0)
        await asyncio.sleep(3600)

    monkeypatch.setattr(http, "_loaded", never)
    monkeypatch.setattr(http, "TIMEOUT", 0.4 if connected else 0.0)
    with Web([answer()]) as web:
        failure = quietly(caplog, fetch(network(web), URL))
    assert (failure.kind, failure.host) == (FailureKind.TIMEOUT, "web.example.test")
    assert web.requests == []


def test_fetches_side_by_side_do_not_meet(network, caplog):
    async def several(where):
        return await asyncio.gather(*(fetch(where, f"https://web.example.test/{number}") for number in range(8)))

    with Web([answer()]) as web:
        fetched = quietly(caplog, several(network(web)))
    assert {document.url for document in fetched} == {f"https://web.example.test/{number}" for number in range(8)}


def test_a_failure_is_never_an_exception_whatever_the_server_sends(ask):
    answers = [
        answer(bytes([byte]) * 3, f"Location: {chr(byte)}", status=f"30{byte % 9} x") for byte in range(0, 256, 17)
    ]
    with Web(*([response] for response in answers)) as web:
        for _ in answers:
            assert isinstance(ask(web), Failure)


# The whole way, with a resolver


def test_a_fetch_takes_one_look_up_one_connection_and_one_request(world, caplog):
    world.dns("web.example.test", A=["203.0.113.10"])
    world.web("203.0.113.10", {URL: Page(XML)})
    fetched = quietly(caplog, fetch_in(world))
    assert fetched.body == XML
    assert sorted(seen[0:3] for seen in world.seen) == [
        ("dns", "web.example.test", "A"),
        ("dns", "web.example.test", "AAAA"),
        ("http", "GET", URL),
    ]


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("endless", FailureKind.BODY_TOO_LARGE),
        ("gzip_bomb", FailureKind.BODY_TOO_LARGE),
        ("big_headers", FailureKind.HTTP_MALFORMED),
        ("garbage", FailureKind.HTTP_MALFORMED),
        ("cut_off", FailureKind.CONNECTION_LOST),
        ("reset", FailureKind.CONNECTION_LOST),
        ("silent", FailureKind.TIMEOUT),
        ("slow", FailureKind.TIMEOUT),
        ("slow_body", FailureKind.TIMEOUT),
    ],
)
def test_a_hostile_page_is_a_failure(world, caplog, monkeypatch, behaviour, kind):
    world.dns("web.example.test", A=["203.0.113.10"])
    world.web("203.0.113.10", {URL: Page(XML, behaviour=behaviour)})
    if kind == FailureKind.TIMEOUT:
        monkeypatch.setattr(http, "TIMEOUT", 0.4)
    assert quietly(caplog, fetch_in(world)).kind == kind


def test_a_name_that_does_not_exist_after_a_redirect_is_the_one_that_is_named(world, caplog):
    world.dns("web.example.test", A=["203.0.113.10"])
    world.web("203.0.113.10", {URL: Page(status=302, headers={"Location": "https://gone.example/"})})
    failure = quietly(caplog, fetch_in(world))
    assert (failure.kind, failure.host) == (FailureKind.NO_SUCH_NAME, "gone.example")


async def fetch_in(world):
    return await fetch(world.network(), URL)  # the resolver belongs to the loop that runs
