"""PACC documents and digests: what the draft says, and what is refused."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.address import parse_address
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.programs.pacc import SIZE_LIMIT, digest_matches, published_digests, read_pacc

ANNA = parse_address("anna@example.org")


def document(**changes: Any) -> dict[str, Any]:
    return {
        "protocols": {
            "imap": {"host": "imap.example.org"},
            "pop3": {"host": "pop.example.org"},
            "submit": {"host": "smtp.example.org"},
            "jmap": {"url": "https://jmap.example.org/session"},
        },
        "authentication": {"oauth-public": {"issuer": "https://login.example.org"}, "password": True},
        "info": {"provider": {"name": "Example Mail", "shortName": "Example"}},
        **changes,
    }


def read(data: Any):
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read_pacc(content, "configuration.json", ANNA)


def record(content: bytes, template: str = "v=UAAC1; a=sha256; d={}") -> bytes:
    return template.format(base64.b64encode(hashlib.sha256(content).digest()).decode()).encode()


def test_a_document_names_hosts_alone_and_the_rest_is_fixed():
    found = read(document())
    imap, pop3 = found.account.incoming
    (smtp,) = found.account.outgoing
    assert [(server.protocol, server.hostname, server.port) for server in (imap, pop3, smtp)] == [
        (Protocol.IMAP, "imap.example.org", 993),
        (Protocol.POP3, "pop.example.org", 995),
        (Protocol.SMTP, "smtp.example.org", 465),
    ]
    for server in (imap, pop3, smtp):
        assert server.socket_type is SocketType.SSL
        assert server.username == "anna@example.org"
        assert server.authentication == (AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.OAUTH2)
    assert found.provider_name == "Example Mail"


def test_sending_has_two_names_and_the_newer_one_wins():
    old = read(document(protocols={"smtp": {"host": "old.example.org"}}))
    both = read(document(protocols={"smtp": {"host": "old.example.org"}, "submit": {"host": "new.example.org"}}))
    assert [server.hostname for server in old.account.outgoing] == ["old.example.org"]
    assert [server.hostname for server in both.account.outgoing] == ["new.example.org"]


@pytest.mark.parametrize(
    ("offered", "methods"),
    [
        ({"password": True}, ["password-cleartext"]),
        ({"oauth-public": {"issuer": "https://a.example"}}, ["OAuth2"]),
        ({"oauth-public": {"issuer": "https://a.example"}, "password": False}, ["OAuth2"]),
    ],
)
def test_how_to_log_in(offered, methods):
    found = read(document(authentication=offered)).account.incoming[0]
    assert [method.value for method in found.authentication] == methods


@pytest.mark.parametrize("bad", ["imap.example.org", {}, {"host": 7}, {"host": "192.0.2.1"}, {"host": "a b"}, None])
def test_a_server_that_makes_no_sense_is_left_out_and_the_others_stay(bad):
    found = read(document(protocols={"imap": bad, "pop3": {"host": "pop.example.org"}})).account
    assert [server.protocol for server in found.incoming] == [Protocol.POP3]
    assert len(found.skipped) == 1


def test_a_document_of_other_protocols_has_no_servers():
    assert read(document(protocols={"jmap": {"url": "https://jmap.example.org"}})).account.incoming == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not valid JSON"),
        (b"<html>", "not valid JSON"),
        (b"\xff\xfe{}", "not valid JSON"),
        (b'{"protocols": {}, "protocols": {}}', "given twice"),
        (b'{"protocols": {"imap": {"host": "a.example", "host": "b.example"}}}', "given twice"),
        (b'{"protocols": NaN}', "not a number"),
        (b'{"protocols": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[" * 17 + b"]" * 17, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply|not valid JSON"),
        (b'"' + b"x" * SIZE_LIMIT + b'"', "larger than 256 KiB"),
        (b"[]", "protocols"),
        (b'{"protocols": [], "authentication": {"password": true}}', "protocols"),
        (b'{"protocols": {}}', "authentication"),
        (b'{"protocols": {}, "authentication": {"password": "yes"}}', "no known authentication method"),
    ],
)
def test_what_is_refused(content, words):
    with pytest.raises(Problem, match=words) as caught:
        read(content)
    assert "configuration.json" in str(caught.value)


def test_the_name_of_the_provider_cannot_harm_a_terminal():
    assert read(document(info={"provider": {"name": "\x1b[2JEvil\u202e"}})).provider_name.isprintable()


@pytest.mark.parametrize(
    "template",
    [
        "v=UAAC1; a=sha256; d={}",
        "v=UAAC1;a=sha256;d={};",
        " d={} ; x=1; a=SHA256 ; v=UAAC1",
    ],
)
def test_a_digest_is_found_whatever_the_order_and_the_blanks(template):
    assert digest_matches(b"{}", published_digests([b"v=spf1 -all", record(b"{}", template)]))


def test_one_of_several_digests_is_enough():
    assert digest_matches(b"new", published_digests([record(b"old"), record(b"new")]))


def test_another_document_does_not_match():
    assert not digest_matches(b"other", published_digests([record(b"{}")]))


@pytest.mark.parametrize(
    "template",
    [
        "v=UAAC2; a=sha256; d={}",
        "a=sha256; d={}",
        "v=UAAC1; a=sha1; d={}",
        "v=UAAC1; a=sha256; a=md5; d={}",
        "v=UAAC1; a=sha256; d=AAAA",
        "v=UAAC1; a=sha256; d=!{}",
        "v=UAAC1; a=sha256",
        "",
    ],
)
def test_a_record_that_is_no_digest_counts_for_nothing(template):
    assert published_digests([record(b"{}", template)]) == ()


@given(st.binary(max_size=200))
def test_nothing_makes_the_readers_fail_otherwise(content):
    published_digests([content])
    with contextlib.suppress(Problem):
        read(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(
                    ["protocols", "authentication", "info", "provider", "imap", "host", "password", "name"]
                ),
                inner,
            )
            | st.lists(inner, max_size=3)
        ),
    )
)
def test_no_valid_json_makes_the_reader_fail_otherwise(data):
    with contextlib.suppress(Problem):
        read(data)


def test_placeholders_are_filled_in_once_and_the_name_is_checked_then():
    def imap_at(host):
        return read(document(protocols={"imap": {"host": host}, "submit": {"host": "smtp.example.org"}}))

    assert imap_at("imap.%emaildomain%").account.incoming[0].hostname == "imap.example.org"
    assert imap_at("%EMAILADDRESS%").account.incoming == ()
    named = read(document(info={"provider": {"name": "Mail of %EMAILDOMAIN%"}}))
    assert named.provider_name == "Mail of example.org"
