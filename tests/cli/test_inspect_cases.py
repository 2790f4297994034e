"""What people's real files have in them, made small (the directory ``inspected``), and what is read of each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

FILES = Path(__file__).parent / "inspected"
SHOP = "anna@shop.example"
ANNA = "anna@example.org"

BOX_IMAP, BOX_SMTP = "imap box.hoster.example 993 SSL", "smtp box.hoster.example 465 SSL"
ORG_IMAP, ORG_SMTP = "imap imap.example.org 993 SSL", "smtp smtp.example.org 465 SSL"
READ = {
    "autoconfig-host-and-domain-placeholder.xml": (SHOP, [BOX_IMAP, BOX_SMTP], []),
    "autoconfig-displayname-placeholder.xml": (SHOP, [BOX_IMAP, BOX_SMTP], []),
    "autoconfig-domain-placeholder.xml": ("bea@example.net", [ORG_IMAP, ORG_SMTP], []),
    "autoconfig-plaintext-listed-first.xml": (SHOP, [BOX_IMAP, BOX_SMTP], ["left_out"]),
    "autoconfig-ip.xml": (ANNA, ["imap 192.0.2.7 993 SSL", ORG_SMTP], ["incomplete"]),
    "two-providers.xml": (
        "bea@example.net",
        ["imap imap.example.net 993 SSL", "smtp smtp.example.net 465 SSL"],
        [],
    ),
    "autodiscover-encryption-tls-on-993.xml": (
        SHOP,
        [BOX_IMAP, "pop3 box.hoster.example 995 SSL", BOX_SMTP],
        [],
    ),
    "autodiscover-two-accounts.xml": (SHOP, ["imap in.hoster.example 993 SSL", "smtp out.hoster.example 465 SSL"], []),
    "autodiscover-ssl-off-587.xml": (SHOP, [BOX_IMAP, "smtp box.hoster.example 587 STARTTLS"], []),
    "autodiscover-POP.xml": (ANNA, ["pop3 pop.example.org 995 SSL", ORG_SMTP], []),
    "autodiscover-oauth.xml": (ANNA, [ORG_IMAP, ORG_SMTP], ["oauth2_only"]),
    "autodiscover-true-false.xml": (
        ANNA,
        ["imap imap.example.org 1143 STARTTLS", "smtp smtp.example.org 1587 STARTTLS"],
        [],
    ),
    "profile-asks-for-the-user.mobileconfig": ("bea@example.net", [ORG_IMAP, ORG_SMTP], []),
    "userjs-no-defaultserver.js": (None, [ORG_IMAP, ORG_SMTP], []),
    "k9s-without-port.k9s": (None, [ORG_IMAP, ORG_SMTP], []),
    "k9s-no-connection-security.k9s": (None, [BOX_IMAP, BOX_SMTP], []),
    "k9s-automatic-without-encryption.k9s": (None, ["imap box.hoster.example 143 plain", BOX_SMTP], ["plaintext"]),
    "k9s-smtp-plain-without-username.k9s": (None, [BOX_IMAP, BOX_SMTP], []),
}

REFUSED = {
    "autoconfig-domain-unusable.xml": "line 1: The file names no domain that can be used (line 2: “my_firm.example”",
    "profile-no-mail-part.mobileconfig": "The file holds other settings, but no mail account.",
    "userjs-no-account.js": "The file holds other settings, but no mail account.",
    "profile-unknown-encoding.mobileconfig": "This is not valid XML: unknown encoding.",
}


@pytest.fixture
def inspected(run_cli, tmp_path):
    """The document of a file of the directory."""

    def inspect(name: str, account: str | None, *, change: tuple[str, str] = ("", "")) -> dict:
        text = (FILES / name).read_text(encoding="utf-8")
        assert change[0] in text
        (tmp_path / name).write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
        ran = run_cli("inspect", name, "--json", *(("--account", account) if account else ()))
        assert ran.code == 0, ran.stderr
        return json.loads(ran.stdout)

    return inspect


def servers(document: dict) -> list[str]:
    found = [document[protocol] for protocol in ("imap", "pop3", "smtp") if document[protocol] is not None]
    return [f"{one['protocol']} {one['host']} {one['port']} {one['socket_type']}" for one in found]


def test_every_file_of_the_directory_is_read_or_refused() -> None:
    assert {path.name for path in FILES.iterdir()} == {*READ, *REFUSED}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_it_is_meant(inspected, name: str) -> None:
    account, wanted, codes = READ[name]
    document = inspected(name, account)
    assert servers(document) == wanted
    assert [warning["code"] for warning in document["warnings"]] == codes


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_for_the_true_reason(run_cli, tmp_path, name: str) -> None:
    shutil.copy(FILES / name, tmp_path)
    for words in (("inspect", name), ("export", "--settings", name, "--format", "card")):
        ran = run_cli(*words)
        assert (ran.code, ran.stdout) == (2, "")
        assert ran.stderr.startswith(f"mail-wizard: {name}")
        assert REFUSED[name] in ran.stderr
        assert ran.stderr.count("\n") == 1


def test_what_is_filled_in_is_filled_in_everywhere(inspected, run_cli, tmp_path) -> None:
    document = inspected("autoconfig-displayname-placeholder.xml", SHOP)
    assert document["provider"] == {"id": "shop.example", "name": "shop.example Mail"}
    words = ("--settings", "autoconfig-displayname-placeholder.xml", "--output", "out", "--format", "mobileconfig,card")
    assert run_cli("export", SHOP, *words).code == 0
    texts = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert any(b"shop.example Mail" in text for text in texts)
    assert not any(b"%EMAIL" in text for text in texts)


def test_how_one_logs_in_is_what_the_program_would_do(inspected) -> None:
    methods = {
        ("autodiscover-oauth.xml", "imap"): ["OAuth2"],
        ("k9s-automatic-without-encryption.k9s", "imap"): ["password-encrypted"],
        ("k9s-smtp-plain-without-username.k9s", "smtp"): ["none"],
        ("k9s-without-port.k9s", "smtp"): ["password-encrypted"],
    }
    for (name, protocol), wanted in methods.items():
        assert inspected(name, READ[name][0])[protocol]["authentication"] == wanted


def test_a_file_of_the_phone_without_a_security_is_tls_up_to_a_version_and_then_nothing(inspected) -> None:
    name = "k9s-no-connection-security.k9s"
    assert servers(inspected(name, None, change=('version="84"', 'version="91"'))) == [BOX_IMAP, BOX_SMTP]
    for later in ('version="92"', 'version="x"', ""):
        document = inspected(name, None, change=('version="84"', later))
        assert document["imap"]["socket_type"] is None
        assert [warning["code"] for warning in document["warnings"]] == ["incomplete"]


def test_a_format_of_a_later_age_is_called_so(run_cli, tmp_path) -> None:
    text = (FILES / "k9s-without-port.k9s").read_text().replace('format="1"', 'format="2"')
    (tmp_path / "x.k9s").write_text(text)
    ran = run_cli("inspect", "x.k9s")
    assert (ran.code, "This is format 2 of the settings file" in ran.stderr) == (2, True)


def test_all_providers_of_a_file_are_listed_and_one_is_picked_by_its_name(inspected, run_cli) -> None:
    listed = inspected("two-providers.xml", None)["accounts"]
    assert [servers(account)[0] for account in listed] == [ORG_IMAP, "imap imap.example.net 993 SSL"]
    assert [account["address"] for account in listed] == [None, None]
    shown = run_cli("inspect", "two-providers.xml", "--account", "example.net").stdout
    assert "For any address of example.net" in shown
    assert "imap.example.org" not in shown
    unknown = run_cli("inspect", "two-providers.xml", "--account", "example.nte")
    assert (unknown.code, "Did you mean example.net?" in unknown.stderr) == (2, True)


def test_of_two_accounts_for_one_address_one_is_picked_by_its_name(run_cli, tmp_path) -> None:
    text = (FILES / "k9s-without-port.k9s").read_text()
    account = text[text.index("<account ") : text.index("</account>") + len("</account>")]
    second = account.replace("<name>Account</name>", "<name>Work</name>").replace(
        "imap.example.org", "work.example.org"
    )
    (tmp_path / "x.k9s").write_text(text.replace(account, account + second))
    for words in (
        ("inspect", "x.k9s", "--account", ANNA),
        ("export", "--settings", "x.k9s", "--format", "card"),
    ):
        ran = run_cli(*words)
        assert (ran.code, "their names: Account, Work" in ran.stderr) == (2, True)
    (tmp_path / "s.json").write_text(run_cli("inspect", "x.k9s", "--account", "Work", "--json").stdout)
    assert "work.example.org" in run_cli("inspect", "s.json").stdout
    assert run_cli("export", "--settings", "s.json", "--format", "thunderbird-android").code == 0


@pytest.mark.parametrize(("flag", "wanted"), [("true", "NTLM"), ("ON", "NTLM"), ("0", "password-cleartext")])
def test_the_flags_of_autodiscover_have_several_spellings(inspected, flag: str, wanted: str) -> None:
    change = ("<SSL>on</SSL></Protocol>", f"<SSL>on</SSL><SPA>{flag}</SPA></Protocol>")
    assert inspected("autodiscover-POP.xml", ANNA, change=change)["pop3"]["authentication"] == [wanted]


@pytest.mark.parametrize("flag", ["on", "true", "off"])
def test_a_domain_that_is_required_goes_with_the_name(inspected, flag: str) -> None:
    login = f"<LoginName>anna</LoginName><DomainRequired>{flag}</DomainRequired></Protocol>"
    document = inspected("autodiscover-POP.xml", ANNA, change=("</Protocol>", login))
    assert document["pop3"]["username"] == ("anna" if flag == "off" else ANNA)


ACCOUNT_OF_EXCHANGE = """accounts", "account1,account2");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.server.server2.type", "ews");"""
EXCHANGE = "<Protocol><Type>EXCH</Type><Server>x.example.org</Server></Protocol>"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("autodiscover-POP.xml", ("</Account>", f"{EXCHANGE}</Account>")),
        (
            "profile-asks-for-the-user.mobileconfig",
            (
                "</dict></array>",
                "</dict><dict><key>PayloadType</key><string>com.apple.eas.account</string></dict></array>",
            ),
        ),
        (
            "userjs-no-defaultserver.js",
            (
                'accounts", "account1");',
                ACCOUNT_OF_EXCHANGE,
            ),
        ),
    ],
)
def test_what_is_not_read_beside_an_account_is_named(inspected, name: str, change: tuple[str, str]) -> None:
    document = inspected(name, ANNA, change=change)
    assert [warning["code"] for warning in document["warnings"]] == ["left_out"]


def test_a_response_of_exchange_alone_is_called_so(run_cli, tmp_path) -> None:
    text = (FILES / "autodiscover-POP.xml").read_text()
    begin, end = text.index("<Protocol>"), text.rindex("</Protocol>") + len("</Protocol>")
    (tmp_path / "a.xml").write_text(text[:begin] + EXCHANGE + text[end:])
    ran = run_cli("inspect", "a.xml")
    assert (ran.code, "Microsoft Exchange servers are not read" in ran.stderr) == (2, True)


ENCODINGS = ("null", "rot13", "base64", "idna", "punycode", "undefined", "utf-7", "x" * 80)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "name", ["autoconfig-ip.xml", "autodiscover-POP.xml", "k9s-without-port.k9s", "userjs-no-defaultserver.js"]
)
def test_an_encoding_that_nobody_knows_is_a_sentence(run_cli, tmp_path, name: str, encoding: str) -> None:
    text = (FILES / name).read_text().split("?>", 1)[-1].strip()
    (tmp_path / "f.xml").write_text(f'<?xml version="1.0" encoding="{encoding}"?>\n{text}')
    ran = run_cli("inspect", "f.xml", "--account", ANNA)
    assert ran.code in (0, 2)
    assert ran.code == 0 or (ran.stderr.startswith("mail-wizard: f.xml") and ran.stderr.count("\n") == 1)
