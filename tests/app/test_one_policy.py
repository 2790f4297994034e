"""One document comes out the same, whether a look-up finds it, ``inspect`` shows it, or ``export`` reads it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.discovery.published_files import config, incoming, outgoing
from wizard.app.settings_files import accounts_in
from wizard.app.typed_servers import targets_of
from wizard.discovery.attempts import securities_to_try, settled
from wizard.discovery.config_file import read_config
from wizard.discovery.context import LookUpOptions
from wizard.discovery.report import encrypted_only, merge_reports
from wizard.model.address import parse_address
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Problem
from wizard.model.servers import Protocol, SocketType, with_password
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo
from wizard.programs.autodiscover import read_autodiscover

ANNA = parse_address("anna@shop.example")
BY_NAME = "https://autoconfig.shop.example/mail/config-v1.1.xml"
CLEAR = {"imap": 143, "pop3": 110, "smtp": 587}
TLS = {"imap": 993, "pop3": 995, "smtp": 465}
HOST = "box.hoster.example"


def as_answering(found: FoundServer) -> FoundServer:
    """``found`` once it was connected to: ports of TLS speak TLS, the others do what was published of them."""
    server = found.server
    works = SocketType.SSL if server.port in TLS.values() else server.socket_type
    tried = securities_to_try(server, allow_insecure=False)
    endpoint = Endpoint(server.protocol, server.hostname, server.port, works)
    missing = Failure(FailureKind.STARTTLS_MISSING, server.hostname, server.port)
    seen = dict.fromkeys(tried, missing)
    if works in tried:
        seen |= {works: ServerInfo(endpoint, "203.0.113.1", "ready", (), (), "TLSv1.3")}
    return settled(found, tried, seen)


def looked_up(kind: str, content: bytes) -> DiscoveryReport:
    if kind == "autoconfig":
        evidence = Evidence(Source.AUTOCONFIG, Trust.AUTHENTICATED, BY_NAME)
        servers = read_config(content, ANNA, evidence, "x").servers
    else:
        account = read_autodiscover(content, "x", ANNA).account
        evidence = Evidence(Source.AUTODISCOVER, Trust.AUTHENTICATED)
        listed = (*account.incoming, *account.outgoing)
        servers = tuple(FoundServer(with_password(server), evidence) for server in listed)
    servers = tuple(map(as_answering, servers))
    report = SourceReport(evidence.source, Outcome.FOUND if servers else Outcome.MALFORMED, servers=servers)
    return merge_reports(ANNA, [report], LookUpOptions(), 0, "2026-11-28")


def best(report: DiscoveryReport) -> dict[str, tuple[object, ...]]:
    found = {protocol: report.best(protocol) for protocol in Protocol}
    return {
        protocol.value: (one.server.hostname, one.server.port, one.server.socket_type.value, one.server.username)
        for protocol, one in found.items()
        if one is not None
    }


KINDS = st.sampled_from(sorted(TLS))
USERS = st.sampled_from(["%EMAILADDRESS%", "%EMAILLOCALPART%", "%emailaddress%", "anna"])
HOSTS = st.sampled_from([HOST, "mail.%EMAILDOMAIN%", "in.shop.example"])


@st.composite
def autoconfig_servers(draw: st.DrawFn) -> str:
    kind = draw(KINDS)
    port, securities = draw(st.sampled_from([(TLS[kind], ("SSL", "STARTTLS")), (CLEAR[kind], ("STARTTLS", "plain"))]))
    how = {"host": draw(HOSTS), "port": port, "security": draw(st.sampled_from(securities)), "username": draw(USERS)}
    return outgoing(**how) if kind == "smtp" else incoming(kind=kind, **how)


@given(st.lists(autoconfig_servers(), min_size=1, max_size=6))
def test_an_autoconfig_file_says_the_same_in_every_path(servers: list[str]) -> None:
    require_the_same("autoconfig", config(*servers, domains=("shop.example",)))


@st.composite
def autodiscover_servers(draw: st.DrawFn) -> str:
    kind = draw(KINDS)
    port = draw(st.sampled_from([TLS[kind], CLEAR[kind]]))
    ssl = draw(st.sampled_from(["", "<SSL>on</SSL>", "<SSL>off</SSL>"] if port == TLS[kind] else ["<SSL>on</SSL>"]))
    words = ["", "SSL", "TLS", "Auto"] if port == TLS[kind] else ["", "TLS", "Auto"]
    word = draw(st.sampled_from(words))
    encryption = f"<Encryption>{word}</Encryption>" if word else ""
    user = draw(st.sampled_from(["", "<LoginName>anna</LoginName>", "<LoginName>%EMAILADDRESS%</LoginName>"]))
    return (
        f"<Protocol><Type>{kind.upper()}</Type><Server>{draw(HOSTS)}</Server><Port>{port}</Port>"
        f"{ssl}{encryption}{user}</Protocol>"
    )


def autodiscover(*servers: str) -> bytes:
    return f"<Autodiscover><Response><Account>{''.join(servers)}</Account></Response></Autodiscover>".encode()


@given(st.lists(autodiscover_servers(), min_size=1, max_size=5))
def test_an_autodiscover_response_says_the_same_in_every_path(servers: list[str]) -> None:
    require_the_same("outlook-autodiscover", autodiscover(*servers))


def require_the_same(kind: str, content: bytes) -> None:
    try:
        (shown,) = accounts_in(content, "x", address=ANNA)
    except Problem:
        assert best(looked_up(kind, content)) == {}
        return
    exported = encrypted_only(shown.report)
    assert best(exported) == best(looked_up(kind, content))
    # What is shown differs in servers without encryption alone, and only where there is no other.
    assert best(exported).items() <= best(shown.report).items()
    extra = best(shown.report).items() - best(exported).items()
    assert all(server[2] == "plain" for _protocol, server in extra)
    assert bool(extra) == any(notice.code == "plaintext" for notice in shown.report.needs_consent)


PLAIN_AND_TLS = (incoming(HOST, 143, security="plain"), incoming(HOST), outgoing(HOST))
UPGRADES = (
    incoming(HOST, 993, security="STARTTLS"),
    incoming(HOST, 110, "pop3", "STARTTLS"),
    outgoing(HOST, 587, "STARTTLS"),
)
OUTLOOK = [
    f"<Protocol><Type>{kind}</Type><Server>{HOST}</Server><Port>{port}</Port><Encryption>TLS</Encryption></Protocol>"
    for kind, port in (("IMAP", 993), ("SMTP", 465))
]


@pytest.mark.parametrize(
    ("path", "name", "content"),
    [
        ("/mail/config-v1.1.xml", "autoconfig", config(*PLAIN_AND_TLS, domains=("shop.example",))),
        ("/mail/config-v1.1.xml", "autoconfig", config(*UPGRADES, domains=("%EMAILDOMAIN%",))),
        ("/autodiscover/autodiscover.xml", "autodiscover", autodiscover(*OUTLOOK)),
    ],
)
def test_the_commands_agree_about_a_published_document(
    online, run_cli, tmp_path, path: str, name: str, content: bytes
) -> None:
    online.machine(HOST, ports=(993, 995, 465, 143, 110, 587))
    online.publish(f"{name}.shop.example", content, path)
    (tmp_path / "file.xml").write_bytes(content)
    found = json.loads(online.run("discover", str(ANNA), "--json").stdout)
    shown = json.loads(run_cli("inspect", "file.xml", "--json", "--account", str(ANNA)).stdout)
    parts = ("protocol", "host", "port", "socket_type", "username")
    written = []
    for source in ((str(ANNA),), (str(ANNA), "--settings", "file.xml")):
        words = ("--format", "thunderbird-userjs", "--output", f"out{len(source)}")
        assert online.run("export", *source, *words).code == 0
        written.append((tmp_path / f"out{len(source)}" / "user.js").read_bytes())
    assert written[0] == written[1]
    for kind in TLS:
        pair = [
            None if document[kind] is None else [document[kind][part] for part in parts] for document in (found, shown)
        ]
        assert pair[0] == pair[1]


# What a person sees of it


PLAIN_FIRST = config(
    incoming(HOST, 143, security="plain"), incoming(HOST), outgoing(HOST), domains=("shop.example",), name="Shop"
)
PLAIN_ONLY = config(incoming(HOST, 143, security="plain"), outgoing(HOST), domains=("shop.example",), name="Shop")
WORDS = ("--settings", "config.xml", "--format", "thunderbird-userjs")


@pytest.fixture
def run(run_cli, tmp_path):
    def write_and_run(content: bytes, *words: str):
        (tmp_path / "config.xml").write_bytes(content)
        return run_cli(*words)

    return write_and_run


def test_an_unencrypted_server_that_is_listed_first_is_not_taken(run, tmp_path) -> None:
    document = json.loads(run(PLAIN_FIRST, "inspect", "config.xml", "--json", "--account", str(ANNA)).stdout)
    assert (document["imap"]["port"], document["imap"]["socket_type"]) == (993, "SSL")
    assert document["alternatives"] == []
    (notice,) = document["warnings"]
    assert notice["code"] == "left_out"
    assert f"{HOST} 143" in notice["text"]
    for options in ((), ("--allow-insecure", "--accept", "plaintext")):
        assert run(PLAIN_FIRST, "export", str(ANNA), *WORDS, *options, "--output", f"out{len(options)}").code == 0
        text = (tmp_path / f"out{len(options)}" / "user.js").read_text()
        assert '"mail.server.server1.port", 993' in text


def test_a_server_that_is_there_only_without_encryption_is_shown_and_taken_only_when_that_is_agreed_to(run) -> None:
    shown = run(PLAIN_ONLY, "inspect", "config.xml", "--account", str(ANNA))
    assert f"IMAP  {HOST} 143 not encrypted!" in shown.stdout
    refused = run(PLAIN_ONLY, "export", str(ANNA), *WORDS)
    assert refused.code == 4
    assert f"published without encryption, and not tried: IMAP {HOST} 143" in refused.stderr
    assert "--allow-insecure allows them anyway" in refused.stderr
    asked = run(PLAIN_ONLY, "export", str(ANNA), *WORDS, "--allow-insecure")
    assert asked.code == 3
    assert "--accept plaintext" in asked.stderr
    assert run(PLAIN_ONLY, "export", str(ANNA), *WORDS, "--allow-insecure", "--accept", "plaintext").code == 0


def test_a_settings_document_is_no_way_around_it(run, run_cli, tmp_path) -> None:
    document = run(PLAIN_ONLY, "inspect", "config.xml", "--json", "--account", str(ANNA)).stdout
    assert [notice["code"] for notice in json.loads(document)["needs_consent"]] == ["plaintext"]
    (tmp_path / "s.json").write_text(document)
    words = ("export", "--settings", "s.json", "--format", "thunderbird-userjs")
    codes = [run_cli(*words, *more).code for more in ((), ("--accept", "plaintext"), ("--allow-insecure",))]
    assert codes == [4, 4, 3]


def test_starttls_on_a_port_of_tls_comes_after_tls_and_is_named(run) -> None:
    content = config(incoming(HOST, security="STARTTLS"), outgoing(HOST), domains=("shop.example",))
    document = json.loads(run(content, "inspect", "config.xml", "--json", "--account", str(ANNA)).stdout)
    assert document["imap"]["socket_type"] == "SSL"
    assert [server["socket_type"] for server in document["alternatives"]] == ["STARTTLS"]
    (notice,) = document["warnings"]
    assert notice["code"] == "contradictory_port"
    assert f"IMAP {HOST} 993 is written with STARTTLS" in notice["text"]


METHODS = ["password-cleartext"]


def by_hand(**imap: object) -> bytes:
    server = {
        "host": HOST,
        "port": 993,
        "socket_type": "SSL",
        "username": "a",
        "authentication": ["password-cleartext"],
    }
    document = {"schema": 1, "address": str(ANNA), "imap": server | imap, "smtp": server | {"port": 465}}
    return json.dumps(document).encode()


def test_a_document_that_somebody_wrote_is_understood_like_any_file(run, run_cli) -> None:
    shown = json.loads(run(by_hand(socket_type="STARTTLS"), "inspect", "config.xml", "--json").stdout)
    assert shown["imap"]["socket_type"] == "SSL"
    assert [server["socket_type"] for server in shown["alternatives"]] == ["STARTTLS"]
    assert [notice["code"] for notice in shown["warnings"]] == ["contradictory_port"]
    plain = by_hand(socket_type="plain", port=143)
    words = ("--allow-insecure", "--accept", "plaintext")
    assert [run(plain, "export", *WORDS, *words[:count]).code for count in (0, 1, 3)] == [4, 3, 0]


def test_the_doctor_examines_what_a_file_says(run) -> None:
    content = config(incoming(HOST, security="STARTTLS"), outgoing(HOST), domains=("shop.example",))
    for text in (content, by_hand(socket_type="STARTTLS")):
        (account,) = accounts_in(text, "x", address=ANNA)
        target, _sending = targets_of(account.as_written)
        assert (target.port, target.socket_type) == (993, SocketType.STARTTLS)
