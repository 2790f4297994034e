"""Files for Outlook: Autodiscover by the rules of its own document and of Thunderbird's reader, and registry files."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from sample_accounts import (
    ADDRESSES,
    ENCRYPTED,
    GOLDEN,
    HOSTILE,
    KEEP,
    KEEP_14,
    MATRIX,
    OAUTH2,
    OAUTH2_AND_PASSWORD,
    REMOVE,
    UNSAFE,
    legible,
    make,
)

from wizard.export.render import About, Refusal, render
from wizard.export.write import write_files
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.programs.outlook_registry import KEY, registry_string

OUTER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
INNER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
SCHEMA = {
    "Type": "IMAP|POP3|SMTP",
    "Server": r"[a-z0-9.-]+",
    "Port": r"[1-9][0-9]{0,4}",
    "LoginName": r".+",
    "DomainRequired": "off",
    "SPA": "on|off",
    "SSL": "on|off",
    "Encryption": "None|SSL|TLS",
    "AuthRequired": "on|off",
    "UsePOPAuth": "on|off",
    "SMTPLast": "off",
}
"""The elements of a Protocol in the order in which they are written, and what may stand in each."""


def autodiscover(account, **about) -> bytes:
    made = render("outlook-autodiscover", account, About(**about))
    assert not isinstance(made, Refusal), made
    (file,) = made
    return file.content


def protocols_of(content: bytes) -> list[dict[str, str]]:
    """The Protocol elements; raises for everything that the document does not allow."""
    root = ET.fromstring(content)
    assert root.tag == f"{{{OUTER}}}Autodiscover"
    (response,) = root
    assert response.tag == f"{{{INNER}}}Response"
    (account,) = response.findall(f"{{{INNER}}}Account")
    assert account.findtext(f"{{{INNER}}}AccountType") == "email"
    assert account.findtext(f"{{{INNER}}}Action") == "settings"
    listed = []
    for protocol in account.findall(f"{{{INNER}}}Protocol"):
        names = [element.tag.removeprefix(f"{{{INNER}}}") for element in protocol]
        assert names == [name for name in SCHEMA if name in names]
        values = {name: element.text or "" for name, element in zip(names, protocol, strict=True)}
        for name, value in values.items():
            assert re.fullmatch(SCHEMA[name], value, re.DOTALL), (name, value)
        assert {"SPA", "SSL", "Encryption", "AuthRequired"} <= set(values)  # their defaults are not ours
        listed.append(values)
    return listed


def thunderbird_reads(values: dict[str, str]) -> SocketType:
    """A port of how Thunderbird's reader (ExchangeAutoDiscover) decides on the security."""
    if values["SSL"] == "off" or values["Encryption"] == "None":
        return SocketType.PLAIN
    return SocketType.STARTTLS if int(values["Port"]) in (143, 110, 25, 587) else SocketType.SSL


@pytest.mark.parametrize("name", MATRIX)
def test_both_readers_find_what_the_account_says(name: str) -> None:
    account = MATRIX[name]
    made = render("outlook-autodiscover", account)
    if isinstance(made, Refusal):
        assert "-oauth2-" in name or "-encrypted-" in name
        return
    incoming, outgoing = protocols_of(made[0].content)
    words = {SocketType.SSL: "SSL", SocketType.STARTTLS: "TLS"}
    for element, server in ((incoming, account.incoming), (outgoing, account.outgoing)):
        assert element["Type"].lower() == server.protocol.value
        assert (element["Server"], int(element["Port"])) == (server.hostname, server.port)
        assert element["LoginName"] == server.username
        assert (element["SPA"], element["SSL"], element["Encryption"]) == ("off", "on", words[server.socket_type])
        assert thunderbird_reads(element) is server.socket_type
    same = account.incoming.username == account.outgoing.username
    assert outgoing["UsePOPAuth"] == ("on" if same else "off")


@pytest.mark.parametrize(
    ("port", "security"),
    [(1143, SocketType.STARTTLS), (993, SocketType.STARTTLS), (143, SocketType.SSL), (110, SocketType.SSL)],
)
def test_a_port_that_contradicts_the_security_is_refused(port: int, security: SocketType) -> None:
    for format_id in ("outlook-autodiscover", "outlook-local"):
        assert isinstance(render(format_id, make(port=port, security=security)), Refusal)
    assert not isinstance(render("outlook-autodiscover", make(port=1993)), Refusal)


@pytest.mark.parametrize("format_id", ["outlook-autodiscover", "outlook-local", "outlook-prf"])
def test_oauth2_alone_is_refused_and_a_password_beside_it_is_used(format_id: str) -> None:
    made = render(format_id, make("anna@outlook.com", methods=OAUTH2))
    assert isinstance(made, Refusal)
    assert "address alone" in made.reason
    assert isinstance(render(format_id, make(methods=ENCRYPTED)), Refusal)
    assert not isinstance(render(format_id, make("anna@gmail.com", methods=OAUTH2_AND_PASSWORD)), Refusal)


def test_other_ways_to_log_in_have_their_words() -> None:
    incoming, outgoing = protocols_of(autodiscover(make(methods=(AuthenticationMethod.NTLM,))))
    assert (incoming["SPA"], outgoing["SPA"]) == ("on", "on")
    account = make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username="")
    _, outgoing = protocols_of(autodiscover(account))
    assert "LoginName" not in outgoing
    assert (outgoing["AuthRequired"], outgoing["UsePOPAuth"]) == ("off", "off")


def test_an_unencrypted_account_says_so() -> None:
    for protocol in protocols_of(autodiscover(make(security=SocketType.PLAIN))):
        assert (protocol["SSL"], protocol["Encryption"]) == ("off", "None")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_comes_back_as_it_is(value: str) -> None:
    joined = "\u200d" in value
    content = autodiscover(make(name=value, username="u" if joined else value))
    assert protocols_of(content)[0]["LoginName"] == ("u" if joined else value)
    assert ET.fromstring(content).findtext(f".//{{{INNER}}}DisplayName") == value


@pytest.mark.parametrize("format_id", ["outlook-autodiscover", "outlook-local"])
@pytest.mark.parametrize("value", [*UNSAFE, " Anna"])
def test_an_unsafe_value_is_refused(format_id: str, value: str) -> None:
    assert isinstance(render(format_id, make(name=value)), Refusal)
    assert isinstance(render(format_id, make(username=value)), Refusal)


@given(legible(80))
def test_any_printable_name_comes_back_or_is_refused(value: str) -> None:
    made = render("outlook-autodiscover", make(name=value))
    if isinstance(made, Refusal):
        assert value != value.strip()
    else:
        assert (ET.fromstring(made[0].content).findtext(f".//{{{INNER}}}DisplayName") or "") == value


@pytest.mark.parametrize(
    ("leave", "words"),
    [(KEEP, "untick “Remove from server"), (KEEP_14, "with 14 days"), (REMOVE, "untick “Leave a copy")],
)
@pytest.mark.parametrize("format_id", ["outlook-autodiscover", "outlook-local"])
def test_the_steps_say_what_autodiscover_cannot(format_id: str, leave, words: str) -> None:
    text = " ".join(render(format_id, make(protocol=Protocol.POP3, leave=leave))[0].install)
    assert words in text
    assert text.count("cannot say how long") == 1
    assert "cannot say how long" not in " ".join(render(format_id, make())[0].install)


@pytest.mark.parametrize("format_id", ["outlook-autodiscover", "outlook-local", "outlook-prf"])
def test_the_steps_say_that_nobody_tried_it_with_outlook(format_id: str) -> None:
    text = " ".join(step for file in render(format_id, make()) for step in file.install)
    assert "not tested with Outlook itself" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("993", "1993"),
        ("<Encryption>SSL", "<Encryption>TLS"),
        ("<SPA>off", "<SPA>on"),
        ("imap.example.org", "imap.example.net"),
        ("Anna Rossi", "Carla"),
        ("<Action>settings</Action>", "<Action>redirectUrl</Action><RedirectUrl>https://x.example/</RedirectUrl>"),
        ("</Account>", "<Protocol><Type>EXCH</Type></Protocol></Account>"),
        ("</Autodiscover>", ""),
    ],
)
def test_a_template_that_says_something_else_is_caught(tmp_path, old: str, new: str) -> None:
    text = autodiscover(make()).decode()
    assert old in text
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients/outlook-autodiscover.xml.j2").write_text(text.replace(old, new, 1))
    with pytest.raises(Problem, match="does not write what the account contains"):
        autodiscover(make(), own_templates=tmp_path)


# The registry files.


def registry_lines(content: bytes) -> list[str]:
    assert content[:2] == b"\xff\xfe"
    text = content[2:].decode("utf-16-le")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return text.split("\r\n")[:-1]


def test_the_registry_files_are_what_windows_reads() -> None:
    reg, undo, xml = render("outlook-local", make())
    assert registry_lines(reg.content) == [
        "Windows Registry Editor Version 5.00",
        "",
        f"[{KEY}]",
        '"PreferLocalXML"=dword:00000001',
        r'"example.org"="C:\\mail-wizard\\anna@example.org\\autodiscover.xml"',
    ]
    assert registry_lines(undo.content)[3:] == ['"PreferLocalXML"=-', '"example.org"=-']
    assert (reg.name, undo.name, xml.name) == (
        "anna@example.org-outlook.reg",
        "anna@example.org-outlook-undo.reg",
        "autodiscover.xml",
    )
    assert xml.content == autodiscover(make())


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_path_is_one_that_windows_has_and_the_steps_name_it(address: str) -> None:
    reg, _undo, xml = render("outlook-local", make(address))
    (found,) = re.findall(r'="(C:.*)"$', "\n".join(registry_lines(reg.content)))
    path = found.replace("\\\\", "\\")
    assert re.fullmatch(r"C:\\mail-wizard\\[\w.+=@-]+\\autodiscover\.xml", path)
    folder = path.removesuffix("\\autodiscover.xml")
    assert folder in " ".join(reg.install)
    assert folder in xml.install[0]


def test_the_steps_of_the_three_files_are_their_own() -> None:
    reg, undo, xml = render("outlook-local", make())
    assert any("Double-click anna@example.org-outlook.reg" in step for step in reg.install)
    assert [len(undo.install), len(xml.install)] == [1, 1]
    assert "anna@example.org-outlook-undo.reg" in undo.install[0]


@pytest.mark.parametrize("text", ['a"b', "a\\b", '\\"', "plain", "=-"])
def test_a_text_of_the_registry_is_escaped(text: str) -> None:
    written = registry_string(text)
    assert written[0] == written[-1] == '"'
    assert re.sub(r"\\(.)", r"\1", written[1:-1]) == text
    assert not re.search(r'(?<!\\)(?:\\\\)*"', written[1:-1])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("outlook-local.reg.j2", "00000001", "00000000"),
        ("outlook-local.reg.j2", "Outlook\\AutoDiscover", "Outlook\\Setup"),
        ("outlook-local.reg.j2", "C:", "D:"),
        ("outlook-local.reg.j2", '"example.org"', '"example.net"'),
        ("outlook-local.reg.j2", "5.00", "4.00"),
        ("outlook-local.reg.j2", '"PreferLocalXML"', '"Other"="x"\n"PreferLocalXML"'),
        ("outlook-local.reg.j2", '"PreferLocalXML"', '[HKEY_CURRENT_USER\\Run]\n"PreferLocalXML"'),
        ("outlook-local-undo.reg.j2", '"example.org"=-', '"example.org"="C:"'),
        ("outlook-local-undo.reg.j2", '"example.org"=-', ""),
        ("outlook-local-undo.reg.j2", "[HKEY", "[-HKEY"),
    ],
)
def test_a_registry_template_that_does_something_else_is_caught(tmp_path, name: str, old: str, new: str) -> None:
    made = {file.name: file for file in render("outlook-local", make())}
    file = made["anna@example.org-outlook-undo.reg" if "undo" in name else "anna@example.org-outlook.reg"]
    text = "\n".join(registry_lines(file.content)) + "\n"
    assert old in text
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / name).write_text(text.replace(old, new, 1))
    with pytest.raises(Problem, match="does not write what the account contains"):
        render("outlook-local", make(), About(own_templates=tmp_path))


def test_both_formats_share_their_file_in_one_directory(tmp_path) -> None:
    account = GOLDEN["imap"]
    files = [*render("outlook-autodiscover", account), *render("outlook-local", account)]
    written = write_files(files, tmp_path)
    assert [result.state for result in written] == ["written"] * 4
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "anna@example.org-outlook-undo.reg",
        "anna@example.org-outlook.reg",
        "autodiscover.xml",
    ]
    assert [file.state for file in write_files(files, tmp_path)] == ["unchanged"] * 4
    other = [*render("outlook-autodiscover", account), *render("outlook-local", make("bruno@example.org"))]
    with pytest.raises(Problem, match="one at a time"):
        write_files(other, tmp_path / "other")
