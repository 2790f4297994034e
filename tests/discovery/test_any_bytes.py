"""Whatever bytes come from a stranger, a reader answers in a bounded time, and what it gives is printable."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.discovery.published_files import config, incoming, outgoing
from tests.ground import SHARED, examples
from tests.net.nameserver import nameserver
from wizard.discovery.config_file import read_config
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import mx, srv
from wizard.model.address import parse_address
from wizard.model.discovery import Evidence, Outcome, Source, Trust
from wizard.model.problems import Problem
from wizard.model.servers import Protocol, SocketType
from wizard.model.text import has_controls
from wizard.net.connect import Network
from wizard.net.dns import Resolver
from wizard.net.failures import Failure
from wizard.net.mail import Endpoint, check_server
from wizard.net.policy import AddressPolicy
from wizard.programs.autoconfig import read_autoconfig
from wizard.programs.autodiscover import read_autodiscover
from wizard.programs.pacc import published_digests, read_pacc

ANNA = parse_address('"a@b %EMAILDOMAIN%"@xn--bcher-kva.test')
SECONDS = 2.0
"""For any document, however it was built: none is longer than 256 KiB."""

many = settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
some = settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow])


@cache
def published() -> tuple[bytes, ...]:
    """Real files where they are at hand, and one of ours."""
    real = sorted((SHARED / "data" / "ispdb").glob("*.xml"))[:40]
    return (config(), config(incoming(), incoming(kind="pop3"), outgoing()), *(path.read_bytes() for path in real))


POX = (
    b'<?xml version="1.0"?><Autodiscover xmlns="x"><Response xmlns="y"><User><DisplayName>Anna</DisplayName></User>'
    b"<Account><AccountType>email</AccountType><Action>settings</Action><RedirectUrl>https://a.test/</RedirectUrl>"
    b"<Protocol><Type>IMAP</Type><Server>imap.example.test</Server><Port>993</Port><SSL>on</SSL>"
    b"<LoginName>anna</LoginName><DomainRequired>on</DomainRequired><DomainName>example.test</DomainName>"
    b"<SPA>off</SPA><AuthRequired>on</AuthRequired></Protocol><Protocol><Type>SMTP</Type><Server>smtp.example.test"
    b"</Server><Port>587</Port><Encryption>TLS</Encryption><UsePOPAuth>on</UsePOPAuth></Protocol></Account>"
    b"</Response></Autodiscover>"
)
PACC = json.dumps(
    {
        "protocols": {"imap": {"host": "imap.example.test"}, "submit": {"host": "smtp.example.test"}},
        "authentication": {"password": True, "oauth-public": {"issuer": "https://x.test"}},
        "info": {"provider": {"name": "Example", "logo": [{"url": "x"}]}},
    }
).encode()
NASTY = (
    b"\0", b"\x1b[2J", b"\xff\xfe", b"\xe2\x80\xae", b"&#x202e;", b"&#0;", b"&lt;", b"<![CDATA[", b"]]>", b"<!--",
    b"-->", b"<?x?>", b"<!DOCTYPE a>", b"<!ENTITY", b"%EMAILDOMAIN%", b"%EMAILADDRESS%" * 40, b"99999999999999999999",
    b"-1", b"0", b"1e9", b"\xd9\xa9", b"a" * 300, b"<a>" * 40, b"</a>", b"\r", b"\n", b"\t", b'"', b"'", b"{", b"}",
    b"[" * 200, b"null", b"true", b"\\ud800", b"\\u0000", b"NaN", b"xn--", b"..", b".", b"@", b"/", b":", b"192.0.2.1",
)  # fmt: skip


@st.composite
def spoiled(draw, originals):
    """One of ``originals`` with pieces cut out, doubled, moved and put in."""
    body = bytearray(draw(st.sampled_from(originals)))
    for _change in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        to = min(len(body), at + draw(st.integers(0, 60)))
        kind = draw(st.sampled_from(("put", "cut", "double", "swap", "bytes")))
        if kind == "put":
            body[at:at] = draw(st.sampled_from(NASTY))
        elif kind == "cut":
            del body[at:to]
        elif kind == "double":
            body[at:at] = body[at:to] * draw(st.integers(1, 100))
        elif kind == "swap":
            body[at:to] = draw(st.sampled_from(NASTY))
        else:
            body[at:to] = draw(st.binary(max_size=20))
    return bytes(body)


@contextlib.contextmanager
def bounded():
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


def well_formed(servers):
    for server in servers:
        assert server.hostname == server.hostname.lower()
        assert set("/@:%<> ").isdisjoint(server.hostname)
        assert 1 <= server.port <= 65535
        assert not has_controls(server.username.replace("\u200c", "").replace("\u200d", ""))
        assert len(server.username) < 1000
        assert server.authentication


# --- documents


@many
@given(spoiled(published()))
def test_any_autoconfig_file_is_read_or_refused(body):
    with bounded():
        report = read_config(body, ANNA, Evidence(Source.AUTOCONFIG, Trust.AUTHENTICATED), "host.test")
        assert (report.outcome is Outcome.FOUND) is bool(report.servers)
        assert not has_controls(report.detail)
        well_formed([found.server for found in report.servers])
        with contextlib.suppress(Problem):
            read = read_autoconfig(body, "x")
            assert not any(map(has_controls, (*read.skipped, read.config.display_name)))


@many
@given(spoiled((POX,)))
def test_any_autodiscover_answer_is_read_or_refused(body):
    with bounded(), contextlib.suppress(Problem):
        read = read_autodiscover(body, "host.test", ANNA)
        well_formed((*read.account.incoming, *read.account.outgoing))
        assert not any(map(has_controls, (read.error, read.account.display_name, *read.account.skipped)))


@many
@given(spoiled((PACC,)), st.lists(st.binary(max_size=60) | st.just(b"v=UAAC1; a=sha256; d=")))
def test_any_pacc_document_and_record_is_read_or_refused(body, records):
    with bounded():
        assert all(len(digest) == 32 for digest in published_digests(records))
        with contextlib.suppress(Problem):
            read = read_pacc(body, "host.test", ANNA)
            well_formed((*read.account.incoming, *read.account.outgoing))
            assert not has_controls(read.provider_name)


@pytest.mark.parametrize(
    "body",
    [
        b"<clientConfig>" + b"<a/>" * 65_000,
        b"<clientConfig " + b" ".join(b'a%d="x"' % number for number in range(20_000)) + b"/>",
        b"<clientConfig>" + b"&amp;" * 50_000 + b"</clientConfig>",
        b"<" + b"a" * 250_000,
        b"<!--" + b"-" * 250_000,
        b"<clientConfig><![CDATA[" + b"]" * 250_000,
        config(*[incoming() for _at in range(32)], *[outgoing() for _at in range(32)], name="x" * 200_000),
        config(incoming(username="%EMAILADDRESS%" * 18_000), outgoing()),
        config(incoming(host="a." * 120_000), outgoing()),
        config(incoming(host="%EMAILDOMAIN%." * 18_000), outgoing()),
        config(domains=("example.test", *(f"d{number}.test" for number in range(9_000)))),
        config(incoming(host="é" * 100_000), outgoing()),
        config(incoming(host=("é." * 100)), outgoing()),
        POX.replace(b"anna", b"anna@" * 50_000),
        PACC.replace(b"imap.example", b"\xc3\xa9" * 100_000),
        b"[" * 250_000,
        b'{"a":' * 40_000,
        b'{"protocols":' + b"9" * 250_000 + b"}",
    ],
)
def test_a_document_that_is_built_to_take_long_does_not(body):
    for read in (
        read_autoconfig,
        lambda *given: read_autodiscover(*given, ANNA),
        lambda *given: read_pacc(*given, ANNA),
    ):
        with bounded(), contextlib.suppress(Problem):
            read(body, "host.test")
    with bounded():
        read_config(body, ANNA, Evidence(Source.AUTOCONFIG, Trust.AUTHENTICATED), "host.test")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python's own, of unicode_escape
def test_any_encoding_that_python_knows_is_read_or_refused():
    from encodings.aliases import aliases

    for name in sorted(
        {*aliases, *aliases.values(), "idna", "punycode", "undefined", "unicode_escape", "mbcs", "\xe9"}
    ):
        body = config().replace(b"UTF-8", name.encode("latin-1"))
        with bounded(), contextlib.suppress(Problem):
            well_formed(read_autoconfig(body, "x").config.incoming)


# --- the DNS

NAMES = (
    b"\x04mail\x07example\x04test\x00",
    b"\x00",
    b"\xc0\x0c",
    b"\xc0\xff",
    b"\x3f" + b"a" * 63,
    b"\x01\x1b\x00",
    b"",
)


@st.composite
def answers(draw):
    """How a resolver answers one question: with the header right and the rest made up."""
    records = draw(
        st.lists(
            st.tuples(
                st.sampled_from((b"\xc0\x0c", *NAMES)),
                st.sampled_from((1, 5, 15, 16, 28, 33, 39, 46, 65, 65535)),
                st.sampled_from(NAMES) | st.binary(max_size=40),
                st.binary(max_size=8),
                st.integers(-3, 3),
            ),
            max_size=5,
        )
    )
    flags, count = draw(st.sampled_from((0x8180, 0x8180, 0x8183, 0x8182, 0x81A0, 0x8380))), draw(st.integers(0, 9))
    return records, flags, count, draw(st.binary(max_size=30))


def wire_of(asked, made):
    records, flags, count, tail = made
    body = b""
    for owner, kind, data, before, wrong in records:
        rdata = before + data
        body += owner + struct.pack("!HHIH", kind, 1, 60, max(0, len(rdata) + wrong)) + rdata
    question = asked.query.to_wire()
    end = 12 + len(asked.query.question[0].name.to_wire()) + 4
    head = question[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0)
    return head + question[12:end] + body + tail


def ask_everything(answering):
    """What the sources make of a resolver that answers so."""

    async def run():
        async with nameserver(answering) as running:
            network = Network(resolver=Resolver([running.server]), policy=AddressPolicy())
            look = Context(parse_address("anna@example.test"), LookUpOptions(ispdb=False), network)
            resolver = network.resolver
            reports = await asyncio.gather(srv.find(look), mx.find(look))
            others = await asyncio.gather(resolver.txt("example.test"), resolver.addresses("mail.example.test"))
            return reports, others

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wizard.net.nameservers.RESEND_DELAY", 0.02)  # a datagram that cannot be read counts as lost
        return asyncio.run(asyncio.wait_for(run(), 8))


@some
@given(answers())
def test_any_answer_of_a_resolver_is_read_or_refused(made):
    reports, others = ask_everything(lambda asked: wire_of(asked, made))
    for report in reports:
        assert not has_controls(f"{report.detail}{report.url}")
        well_formed([found.server for found in report.servers])
    for other in others:
        assert isinstance(other, Failure) or isinstance(other.records, tuple)


@some
@given(st.binary(min_size=10, max_size=200))
def test_any_bytes_of_a_resolver_are_read_or_refused(tail):
    def answering(asked):
        return asked.query.to_wire()[:2] + bytes([0x81, tail[0] & ~0x02 if not asked.stream else tail[0]]) + tail

    reports, _others = ask_everything(answering)
    assert not [found for report in reports for found in report.servers]


# --- mail servers

LINES = {
    "imap": (
        *(b"* OK hi\r\n", b"* BYE no\r\n", b"* PREAUTH x\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n"),
        *(b"c OK done\r\n", b"s OK go\r\n", b"c BAD\r\n", b"* OK [CAPABILITY IMAP4rev1] x\r\n", b"* {99999}\r\n"),
    ),
    "pop3": (
        *(b"+OK hi\r\n", b"-ERR no\r\n", b"USER\r\n", b"SASL PLAIN LOGIN\r\n", b"STLS\r\n", b".\r\n", b"..\r\n"),
        b"+OK\r\n",
    ),
    "smtp": (
        *(b"220 hi\r\n", b"220-hi\r\n", b"250-AUTH PLAIN\r\n", b"250 STARTTLS\r\n", b"250-\r\n", b"421 no\r\n"),
        *(b"554 \r\n", b"250\r\n", b"999 x\r\n", b"220 go\r\n"),
    ),
}
ODD_LINES = (
    *(b"\r\n", b"\n", b"\0\r\n", b"\x1b]8;;x\x07\r\n", b"\xff\xfe\r\n", b"a" * 9000, b"\x16\x03\x01\x02\x00"),
    b"HTTP/1.1 400\r\n",
)


async def hear(conversation, protocol, socket_type):
    """What a look gives at a server that sends ``conversation``, a piece for each packet of ours, and then closes."""

    async def serve(reader, writer):
        with contextlib.suppress(OSError):
            for piece in conversation:
                writer.write(piece)
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await reader.read(4096)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    place = server.sockets[0].getsockname()[:2]
    network = Network(
        resolver=Resolver([]), policy=AddressPolicy(allow_private=True), route=lambda _address, _port: place
    )
    async with server:
        return await check_server(network, Endpoint(protocol, "127.0.0.1", 993, socket_type))


@pytest.mark.parametrize("socket_type", [SocketType.PLAIN, SocketType.STARTTLS, SocketType.SSL])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_any_bytes_of_a_mail_server_are_heard_or_refused(protocol, socket_type):
    pieces = st.lists(st.sampled_from((*LINES[protocol.value], *ODD_LINES)) | st.binary(max_size=40), max_size=6)

    @settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(pieces.map(b"".join), max_size=6))
    def heard(conversation):
        seen = asyncio.run(asyncio.wait_for(hear(conversation, protocol, socket_type), 8))
        if isinstance(seen, Failure):
            assert not has_controls(seen.detail)
        else:
            assert socket_type is SocketType.PLAIN  # nobody else has a certificate here
            assert not any(map(has_controls, (seen.greeting, *seen.capabilities)))

    heard()
