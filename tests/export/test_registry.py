"""clients.yaml: what it describes, how mistakes in it are named, and a person's own templates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_accounts import ADDRESSES, GOLDEN, make

from wizard.export.registry import format_named, formats
from wizard.export.render import About, Refusal, render
from wizard.model.address import AddressProblem, EmailAddress, parse_address
from wizard.model.problems import Problem
from wizard.programs.names import file_name, safe_name
from wizard.resources.templates import templates_root

FILES = {
    "autoconfig": ("config-v1.1.xml",),
    "mobileconfig": ("ADDRESS.mobileconfig",),
    "outlook-autodiscover": ("autodiscover.xml",),
    "outlook-local": ("ADDRESS-outlook.reg", "ADDRESS-outlook-undo.reg", "autodiscover.xml"),
    "outlook-prf": ("ADDRESS.prf",),
    "thunderbird-qr": ("ADDRESS.svg", "ADDRESS.png"),
    "thunderbird-android": ("ADDRESS.k9s",),
    "thunderbird-userjs": ("user.js",),
    "card": ("ADDRESS.html", "ADDRESS.txt"),
}
"""The files of graphical programs, as scripts rely on them."""


def test_the_files_are_called_what_scripts_rely_on() -> None:
    assert {entry.id: entry.file_names for entry in formats() if entry.id in FILES} == FILES


def test_every_template_is_named_and_every_named_one_is_there() -> None:
    named = {file.template for entry in formats() for file in entry.files}
    there = [path for path in (templates_root() / "clients").iterdir() if path.name != "__pycache__"]
    assert named == {str(path.relative_to(templates_root())) for path in there}


def test_a_step_that_belongs_to_one_file_is_told_of_that_alone() -> None:
    svg, png = render("thunderbird-qr", make())
    assert any("Scan QR code" in step for step in svg.install)
    assert not any("Scan QR code" in step for step in png.install)
    assert len(png.install) == 1
    assert png.install[0].startswith("anna@example.org.png is the same code")


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(Problem, match="Did you mean autoconfig"):
        format_named("autoconf")


BUNDLED = (templates_root() / "clients.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "line_of", "words"),
    [
        ('    label: "A Moz', '    lable: "A Moz', "lable:", "Did you mean label"),
        ("form: autoconfig", "form: autoconf", "form: autoconf", "Did you mean autoconfig"),
        ('mode: "0644"', "mode: 0644", "mode: 0644", "text is expected"),
        ('mode: "0644"', 'mode: "0999"', "0999", "octal"),
        ("name: config-v1.1.xml", "name: ../config.xml", "name: ../config", "without a directory"),
        (
            "[SSL, STARTTLS, plain]\n      incoming_authentication: [OAuth2, pass",
            "[SSL, TLS]\n      incoming_authentication: [OAuth2, pass",
            "[SSL, TLS]",
            "The value “TLS”",
        ),
        (
            "leave: [remove, keep_days]",
            "leave: [remove, keepdays]",
            "leave: [remove, keepdays]",
            "Did you mean keep_days",
        ),
        ("copy {file} to", "copy {fiel} to", "{fiel}", "Did you mean file"),
        ("copy {file} to", "copy {file to", "{file to", "brace"),
        ("- when: [password]", "- when: [pasword]", "[pasword]", "Did you mean password"),
        ("- file: ADDRESS.svg", "- file: ADDRESS.svgz", "- file: ADDRESS.svgz", "Did you mean ADDRESS.svg"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_nearest_word(
    tmp_path: Path, old: str, new: str, line_of: str, words: str
) -> None:
    assert old in BUNDLED
    text = BUNDLED.replace(old, new, 1)
    (tmp_path / "clients.yaml").write_text(text)
    with pytest.raises(Problem, match=re.escape(words)) as caught:
        formats(tmp_path)
    place = caught.value.place
    assert place is not None
    assert place.file == str(tmp_path / "clients.yaml")
    assert place.line == text[: text.index(line_of)].count("\n") + 1


def test_a_persons_own_template_shadows_the_bundled_one(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    bundled = (templates_root() / "clients/card.txt.j2").read_text()
    (tmp_path / "clients/card.txt.j2").write_text(bundled + "Ask Carla, room 12.\n")
    made = render("card", make(), About(own_templates=tmp_path))
    assert made[1].content.endswith(b"Ask Carla, room 12.\n")
    assert b"Carla" not in render("card", make())[1].content


@pytest.mark.parametrize(
    ("name", "content", "words", "line"),
    [
        ("card.txt.j2", "{% if %}", "not valid", 1),
        ("card.txt.j2", "\n\n{{ nothing }}", "nothing", 3),
        ("card.txt.j2", "hello", "missing", None),
        ("card.html.j2", "<p>hello", "not closed", None),
        ("card.html.j2", "<p></div>", "wrong place", None),
        ("card.html.j2", "<script></script>", "must not be on the page", None),
        ("card.html.j2", "<p onclick='x()'>a</p>", "onclick", None),
        ("autoconfig.xml.j2", "<clientConfig", "XML", None),
        ("autoconfig.xml.j2", '<!DOCTYPE x [<!ENTITY a "b">]><clientConfig/>', "document type", None),
        ("mobileconfig.json.j2", "{", "line 1", None),
        ("mobileconfig.json.j2", "{}", "not a profile", None),
        ("card.txt.j2", "{{ ''.__class__.__mro__ }}", "unsafe", None),
        ("card.txt.j2", "{{ account.address.__init__.__globals__ }}", "unsafe", None),
    ],
)
def test_a_template_that_is_wrong_is_named_and_nothing_is_written(
    tmp_path: Path, name: str, content: str, words: str, line: int | None
) -> None:
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / name).write_text(content)
    format_id = name.split(".")[0]
    with pytest.raises(Problem, match=re.escape(words)) as caught:
        render(format_id, make(), About(own_templates=tmp_path))
    place = caught.value.place
    assert place is not None
    assert place.file is not None
    assert place.file.endswith(name)
    if line is not None:
        assert place.line == line


@pytest.mark.parametrize(
    "wrong", [("imap.example.org", "imap.example.net"), ("993", "143"), ("anna", "anne"), ("SSL", "STARTTLS")]
)
def test_a_template_that_says_something_else_than_the_account_is_caught(tmp_path: Path, wrong: tuple[str, str]) -> None:
    account = make(username="anna", both=False)
    good = render("autoconfig", account)[0].content.decode()
    (tmp_path / "clients").mkdir()
    literal = good.replace("%EMAILLOCALPART%", "anna")
    (tmp_path / "clients/autoconfig.xml.j2").write_text(literal)
    assert not isinstance(render("autoconfig", account, About(own_templates=tmp_path)), Refusal)
    other = tmp_path / "other"
    (other / "clients").mkdir(parents=True)
    (other / "clients/autoconfig.xml.j2").write_text(literal.replace(*wrong))
    with pytest.raises(Problem, match="does not write what the account contains"):
        render("autoconfig", account, About(own_templates=other))


def test_no_file_has_a_place_for_a_password() -> None:
    for account in GOLDEN.values():
        for entry in formats():
            made = render(entry.id, account)
            for file in () if isinstance(made, Refusal) else made:
                assert not re.search(rb"<password|<key>(?:Incoming|Outgoing)Password</key>", file.content)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_file_name_never_leaves_its_directory(tmp_path: Path, address: str) -> None:
    name = file_name("ADDRESS.mobileconfig", parse_address(address))
    assert Path(name).name == name
    (tmp_path / name).write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_ordinary_addresses_keep_their_name() -> None:
    for address in ("anna@example.org", "Anna.Rossi+tag_1=x@example.org", "jörg@example.org"):
        assert safe_name(parse_address(address)) == address


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ('"../../x"@example.org', "_..%.._x_@example.org-"),
        ("-rf@example.org", "_rf@example.org-"),
        ("con.x@example.org", "_con.x@example.org-"),
        ("a/b@example.org", "a_b@example.org-"),
    ],
)
def test_odd_addresses_get_a_plain_name_with_a_mark(address: str, name: str) -> None:
    expected = re.escape(name.replace("%", "_").replace("_.._.._x_", "_.._.._x_"))
    assert re.fullmatch(expected + "[0-9a-f]{8}", safe_name(parse_address(address)))


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=64))
def test_any_two_addresses_have_two_safe_names(one: str, other: str) -> None:
    from wizard.model.address import Domain

    names = [safe_name(EmailAddress(local, Domain("example.org"))) for local in (one, other)]
    for name in names:
        assert re.fullmatch(r"[\w.+=@-]+", name)
        assert not name.startswith((".", "-"))
        assert len(name.encode()) < 180
    assert (names[0] == names[1]) == (one == other)


def test_an_address_as_long_as_can_be_still_has_a_short_name() -> None:
    try:
        address = parse_address("a" * 64 + "@" + ".".join(["b" * 60] * 4))
    except AddressProblem:
        pytest.skip("no such address")
    assert len(safe_name(address)) <= 160
