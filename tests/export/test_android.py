"""Files of settings for Thunderbird for Android: a port of the importer's rules reads them, and ours reads any."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_accounts import ADDRESSES, HOSTILE, KEEP, KEEP_14, MATRIX, OAUTH2, REMOVE, UNSAFE, legible, make

from wizard.export.render import About, Refusal, render
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.programs.k9s import read_k9s


def importer_reads(content: bytes) -> dict[str, object]:
    """A port of the rules of SettingsFileParser and ServerSettingsDescriptions; raises what they refuse."""
    root = ET.fromstring(content)
    assert root.tag == "k9settings"
    assert root.get("format") == "1"
    assert 79 <= int(root.get("version") or 0) <= 111
    (account,) = root.findall("accounts/account")
    UUID(account.get("uuid"))
    assert {element.tag for element in account} == {
        "name",
        "settings",
        "incoming-server",
        "outgoing-server",
        "identities",
    }
    settings: dict[str, object] = {value.get("key") or "": value.text for value in account.findall("settings/value")}
    assert settings["deletePolicy"] in ("NEVER", "DELETE", "MARK_AS_READ")
    for name, kinds in (("incoming-server", ("IMAP", "POP3")), ("outgoing-server", ("SMTP",))):
        (server,) = account.findall(name)
        assert server.get("type") in kinds
        values = {element.tag: element.text for element in server}
        assert len(values) == len(server)
        assert re.fullmatch(r"[A-Za-z0-9.-]+", values["host"] or "")
        assert 1 <= int(values["port"] or 0) <= 65535
        assert values["connection-security"] in ("NONE", "STARTTLS_REQUIRED", "SSL_TLS_REQUIRED")
        assert values["authentication-type"] in ("NONE", "PLAIN", "CRAM_MD5", "XOAUTH2", "EXTERNAL")
        assert "password" not in values
        settings[name] = (server.get("type"), values)
    (identity,) = account.findall("identities/identity")
    settings["email"], settings["name"] = identity.findtext("email"), identity.findtext("name")
    return settings


def rendered(account, **about) -> bytes:
    made = render("thunderbird-android", account, About(**about))
    assert not isinstance(made, Refusal), made
    (file,) = made
    return file.content


@pytest.mark.parametrize("name", MATRIX)
def test_the_importer_reads_what_the_account_says(name: str) -> None:
    account = MATRIX[name]
    made = render("thunderbird-android", account)
    if isinstance(made, Refusal):
        assert "-oauth2-" in name
        return
    settings = importer_reads(made[0].content)
    words = {SocketType.SSL: "SSL_TLS_REQUIRED", SocketType.STARTTLS: "STARTTLS_REQUIRED"}
    for element, server in (("incoming-server", account.incoming), ("outgoing-server", account.outgoing)):
        kind, values = settings[element]
        assert kind == server.protocol.value.upper()
        assert values["host"] == server.hostname
        assert int(values["port"]) == server.port
        assert values["connection-security"] == words[server.socket_type]
        assert values["username"] == server.username
    assert (settings["email"], settings["name"]) == (str(account.address), account.display_name)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_comes_back_as_it_is(value: str) -> None:
    joined = "\u200d" in value
    content = rendered(make(name=value, username="u" if joined else value))
    settings = importer_reads(content)
    assert settings["name"] == value
    assert settings["incoming-server"][1]["username"] == ("u" if joined else value)
    (read,) = read_k9s(content, "x").accounts
    assert read.display_name == value


@pytest.mark.parametrize("value", UNSAFE)
def test_an_unsafe_value_is_refused(value: str) -> None:
    assert isinstance(render("thunderbird-android", make(name=value)), Refusal)
    assert isinstance(render("thunderbird-android", make(username=value)), Refusal)


@given(legible(80))
def test_any_printable_name_comes_back_or_is_refused(value: str) -> None:
    made = render("thunderbird-android", make(name=value))
    if isinstance(made, Refusal):
        assert value != value.strip()
    else:
        assert read_k9s(made[0].content, "x").accounts[0].display_name == value


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_comes_back(address: str) -> None:
    account = make(address)
    assert read_k9s(rendered(account), "x").accounts[0].address == account.address


def test_a_name_with_a_space_at_its_end_is_refused() -> None:
    assert isinstance(render("thunderbird-android", make(name="Anna ")), Refusal)


def test_the_id_belongs_to_the_exact_address() -> None:
    def identity(account) -> str:
        return re.search(rb'uuid="([^"]+)"', rendered(account)).group(1).decode()

    assert identity(make()) == identity(make(protocol=Protocol.POP3, name="Other", port=1993))
    assert len({identity(make(text)) for text in ("a+b@d.example", "a.b@d.example", "A@d.example", "a@d.example")}) == 4
    assert identity(make()) == "e1ba7156-7384-52d1-860d-7b972513c5fc"


@pytest.mark.parametrize(
    ("protocol", "leave", "policy", "word"),
    [
        (Protocol.IMAP, KEEP_14, "DELETE", None),
        (Protocol.POP3, KEEP, "NEVER", None),
        (Protocol.POP3, KEEP_14, "NEVER", "longer than 14 days"),
        (Protocol.POP3, REMOVE, "DELETE", "only what you delete on it"),
    ],
)
def test_nothing_is_removed_from_the_server_that_was_to_stay(protocol, leave, policy: str, word: str | None) -> None:
    made = render("thunderbird-android", make(protocol=protocol, leave=leave))
    assert importer_reads(made[0].content)["deletePolicy"] == policy
    text = " ".join(made[0].install)
    assert ("removes nothing from the server" in text) is (word is not None)
    assert word is None or word in text


def test_oauth2_is_refused_where_the_phone_does_not_know_the_page() -> None:
    assert isinstance(render("thunderbird-android", make("anna@outlook.com", methods=OAUTH2)), Refusal)
    assert b"XOAUTH2" in rendered(make("anna@gmail.com", methods=OAUTH2))


def test_sending_without_a_log_in_has_no_user_name() -> None:
    content = rendered(make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username=""))
    assert "username" not in importer_reads(content)["outgoing-server"][1]


@pytest.mark.parametrize(
    ("old", "new"),
    [("993", "143"), ("SSL_TLS_REQUIRED", "NONE"), ("imap.example.org", "imap.example.net"), ("Anna Rossi", "Carla")],
)
def test_a_template_that_says_something_else_is_caught(tmp_path, old: str, new: str) -> None:
    (tmp_path / "clients").mkdir()
    text = rendered(make()).decode().replace(old, new, 1)
    (tmp_path / "clients/thunderbird-android.xml.j2").write_text(text)
    with pytest.raises(Problem, match="does not write what the account contains"):
        rendered(make(), own_templates=tmp_path)


GOOD = rendered(make(protocol=Protocol.POP3))


def test_a_password_in_a_file_is_not_looked_at() -> None:
    content = GOOD.replace(b"</username>", b"</username><password>canary</password>")
    assert b"canary" in content
    assert "canary" not in repr(read_k9s(content, "x"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"k9settings", b"k8settings"),
        (b"<accounts>", b"<accounts><x/></accounts><accounts>"),
        (b'type="POP3"', b'type="WebDAV"'),
        (b'type="SMTP"', b""),
        (b"SSL_TLS_REQUIRED", b"SSL"),
        (b">PLAIN<", b">NTLM<"),
        (b"<identities>", b"<identitie>"),
        (b"Anna Rossi", "over\u202eride".encode()),
        (b"Anna Rossi", b"x" * 501),
        (b"<k9settings", b'<!DOCTYPE k9settings [<!ENTITY a "b">]><k9settings'),
        (b"<accounts>", b"<a>" * 20),
        (b"<accounts>", b"<accounts>" + b"<account/>" * 65),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(old: bytes, new: bytes) -> None:
    assert old in GOOD
    content = GOOD.replace(old, new) if old != b"<accounts>" else GOOD.replace(old, new, 1)
    if new.startswith(b"<accounts><x/>"):
        content = content.replace(b"<account uuid", b"<x uuid").replace(b"</account>", b"</x>")
    with pytest.raises(Problem):
        read_k9s(content, "x.k9s")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b">995<", b">0<", "is not a port"),
        (b">995<", b">995 995<", "is not a port"),
        (b"pop.example.org", b"10.0.0.1", "is a number"),
        (b"pop.example.org", b"", "The name is empty"),
        (b"<username>anna@example.org</username>", b"", "no user name"),
    ],
)
def test_a_server_that_cannot_be_used_stays_with_the_reason(old: bytes, new: bytes, reason: str) -> None:
    (account,) = read_k9s(GOOD.replace(old, new), "x.k9s").accounts
    (server,) = account.incomplete
    assert reason in server.reasons[0]
    assert (account.incoming, len(account.outgoing)) == ((), 1)


def test_an_account_that_cannot_be_used_is_left_out_with_its_reason() -> None:
    account = re.search(rb"<account .*</account>", GOOD, re.DOTALL).group()
    content = GOOD.replace(account, account.replace(b">PLAIN<", b">x<") + account)
    read = read_k9s(content, "x.k9s")
    assert len(read.accounts) == len(read.skipped) == 1
    assert "line " in read.skipped[0]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_problem_and_nothing_worse(content: bytes) -> None:
    with pytest.raises(Problem):
        read_k9s(content, "x")
