"""Files of every format are recognised and read as settings, and written again they are the same files."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from sample_accounts import GOLDEN_MATRIX, KEEP, KEEP_3, REMOVE, make

from wizard.app.settings_files import accounts_in, completed, inspection_document, not_in_the_document
from wizard.export.registry import formats
from wizard.export.render import Refusal, render
from wizard.model.accounts import account_from
from wizard.model.address import parse_address
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload, MailAccount, Protocol, SocketType
from wizard.programs.registry import recognise

if TYPE_CHECKING:
    from wizard.app.file_accounts import AccountSettings

NOT_SETTINGS = {"card", "outlook-local"}
ALL = [one.id for one in formats()]
FORMATS = [one for one in ALL if one not in NOT_SETTINGS]
ACCOUNTS = {
    **{name: replace(account, provider_name=None, provider_id=None) for name, account in GOLDEN_MATRIX.items()},
    "pop-3-days": make(protocol=Protocol.POP3, leave=KEEP_3, provider=None),
    "pop-for-good": make(protocol=Protocol.POP3, leave=KEEP, provider=None, both=False),
    "pop-without-name": make(protocol=Protocol.POP3, leave=REMOVE, provider=None, name="", both=False),
    "two-user-names": make(username="anna", outgoing_username="anna@example.org", provider=None),
    "named-provider": make(provider="Example & Mail"),
}


def found(server) -> FoundServer:
    return FoundServer(server, Evidence(Source.USER, Trust.AUTHENTICATED))


def account_of(given: AccountSettings, original: MailAccount) -> MailAccount:
    """The account that a file makes; the half that its format has no word for comes from the original."""
    report = given.report
    if report.smtp is None:
        report = report.with_server(found(original.outgoing))
    if given.protocol is None:
        report = report.with_server(found(original.incoming))
    protocol = given.protocol or original.incoming.protocol
    name = given.name or original.display_name
    # A phone removes nothing by itself, whatever the file was made for.
    leave = original.leave if given.format == "thunderbird-android" else given.leave or original.leave
    made = account_from(report, protocol, leave=leave, display_name=name)
    return replace(made, password_store=original.password_store)


@pytest.mark.parametrize("format_id", FORMATS)
def test_what_is_written_is_recognised_read_and_written_again_as_the_same_file(format_id: str) -> None:
    able = [account for account in ACCOUNTS.values() if not isinstance(render(format_id, account), Refusal)]
    assert able
    for account in able:
        require_the_same_again(format_id, account)


def require_the_same_again(format_id: str, account: MailAccount) -> None:
    if format_id == "mobileconfig":
        account = replace(account, provider_name=None)
    made = render(format_id, account)
    assert not isinstance(made, Refusal)
    for at, one in enumerate(made):
        # Without its name: the content alone says what it is.
        assert recognise(one.content, "file") == format_id
        (given,) = accounts_in(one.content, "file", address=account.address)
        again = render(format_id, account_of(given, account))
        assert not isinstance(again, Refusal), again
        assert again[at].content == one.content


@pytest.mark.parametrize("format_id", FORMATS)
def test_the_document_of_a_file_is_read_as_the_file(format_id: str) -> None:
    """All but the sender's name, and “for good”, which the document cannot say and names."""
    for account in ACCOUNTS.values():
        made = render(format_id, account)
        for file in () if isinstance(made, Refusal) else made:
            given = accounts_in(file.content, "file", address=account.address)
            document = inspection_document(given)
            (again,) = accounts_in(json.dumps(document).encode(), "s.json")
            notices = [notice for notice in again.report.warnings if notice.code != "also_said"]
            assert notices == list(given[0].report.warnings)
            assert inspection_document((again,)) == document
            kept = given[0].leave is not None and given[0].leave.kind is AfterDownload.KEEP
            assert again.leave == (None if kept else given[0].leave)


def test_the_days_and_the_name_come_along() -> None:
    account = make(protocol=Protocol.POP3, leave=KEEP_3, name="Anna Rossi")
    (given,) = accounts_in(render("thunderbird-userjs", account)[0].content, "user.js")
    assert (given.name, given.leave, given.protocol) == ("Anna Rossi", KEEP_3, Protocol.POP3)
    assert not_in_the_document(given) == ("--name 'Anna Rossi'",)


def test_a_registry_file_says_where_the_settings_are() -> None:
    registry = render("outlook-local", make())[0]
    assert recognise(registry.content, "x") == "outlook-local"
    with pytest.raises(
        Problem, match=r"C:\\mail-wizard\\anna@example\.org\\autodiscover\.xml; inspect that file"
    ) as caught:
        accounts_in(registry.content, "x.reg")
    assert str(caught.value).startswith("x.reg: ")


def test_the_code_on_a_card_is_read_and_a_card_without_one_is_for_people() -> None:
    page = render("card", make())[0].content
    (given,) = accounts_in(page, "card.html")
    assert (given.format, given.report.imap.server.hostname) == ("card", "imap.example.org")
    with pytest.raises(Problem, match="This page is meant for people"):
        accounts_in(page[: page.index(b"<svg")] + page[page.index(b"</svg>") + 6 :], "card.html")


def test_the_text_of_a_code_is_read_as_the_code() -> None:
    scanned = render("thunderbird-qr", make())[0].scan
    (given,) = accounts_in(scanned.encode(), "scan.txt")
    assert given.report.smtp.server.hostname == "smtp.example.org"


def test_a_signed_profile_says_that_nobody_checked_the_signature(tmp_path) -> None:
    from wizard.export.sign import read_signer

    issued = trustme.CA().issue_cert("mail.example.org")
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "c.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "k.pem"))
    signed = read_signer(tmp_path / "c.pem", tmp_path / "k.pem", None).sign(render("mobileconfig", make())[0].content)
    (given,) = accounts_in(signed, "x")
    assert [one.code for one in given.report.warnings] == ["signature_not_checked"]


@pytest.mark.parametrize("format_id", ["autoconfig", "outlook-autodiscover"])
def test_a_file_for_any_address_is_filled_for_the_one_that_is_asked_for(format_id: str) -> None:
    content = render(format_id, make())[0].content
    content = content.replace(b"anna@example.org", b"")  # Autodiscover: no user name, which means the address
    (open_,) = accounts_in(content, "x")
    assert not open_.addressed
    assert open_.report.imap.server.username in ("%EMAILADDRESS%", "%EMAILLOCALPART%@%EMAILDOMAIN%")
    (filled,) = accounts_in(content, "x", address=parse_address("bob@example.org"))
    assert filled.addressed
    assert filled.report.imap.server.username == "bob@example.org"


def test_a_file_for_another_domain_is_called_so() -> None:
    content = render("autoconfig", make())[0].content
    (given,) = accounts_in(content, "x", address=parse_address("anna@example.com"))
    assert ("other_domain", "The file is for addresses of example.org, not of example.com.") in [
        (one.code, one.text) for one in given.report.warnings
    ]


def test_a_file_that_only_receives_and_one_that_only_sends_make_one_account() -> None:
    account = make(both=False, leave=None)
    halves = [accounts_in(render(one, account)[0].content, one)[0] for one in ("mbsync", "msmtp")]
    assert [[notice.code for notice in half.report.warnings] for half in halves] == [["no_outgoing"], ["no_incoming"]]
    for order in (halves, halves[::-1]):
        (whole,) = completed(order)
        assert account_from(whole.report, Protocol.IMAP, display_name="Anna Rossi") == replace(
            account, provider_name=None, provider_id=None
        )
        assert whole.report.warnings == ()


def test_consent_to_an_unencrypted_half_is_asked_for_the_whole() -> None:
    account = make(security=SocketType.PLAIN, both=False, leave=None)
    halves = [accounts_in(render(one, account)[0].content, one)[0] for one in ("mbsync", "msmtp")]
    (whole,) = completed(halves)
    texts = [notice.text for notice in whole.report.needs_consent if notice.code == "plaintext"]
    assert [word in " ".join(texts) for word in ("IMAP imap.example.org", "SMTP smtp.example.org")] == [True, True]


def test_two_settings_for_one_address_are_no_account() -> None:
    one = accounts_in(render("aerc", make())[0].content, "x")[0]
    with pytest.raises(Problem, match=r"There are two settings for anna@example\.org"):
        completed([one, one])


def test_an_unencrypted_server_is_shown_and_called_so() -> None:
    (given,) = accounts_in(render("thunderbird-userjs", make(security=SocketType.PLAIN))[0].content, "x")
    assert given.report.imap is not None
    assert {one.code for one in given.report.warnings} == {"plaintext"}


RECOGNISED = {
    "an own muttrc": ("neomutt", b"# me\nset folder = imaps://imap.example.org/\n"),
    "a muttrc that begins with a macro": ("neomutt", b'macro index G "<x>"\nset imap_user=anna\n'),
    "old isync": ("mbsync", b"IMAPAccount x\nHost imap.example.org\n"),
    "fetchmail on one line": ("fetchmail", b"poll pop.example.org proto pop3 user anna\n"),
    "msmtp with tabs": ("msmtp", b"account\tx\nhost smtp.example.org\n"),
    "a profile of version 2": ("himalaya", b'[accounts.x]\nemail = "a@example.org"\n'),
    "an aerc with comments": ("aerc", b"# mine\n[x]\nsource = imaps://a@imap.example.org\n"),
    "settings in YAML": ("settings", b"# mine\nschema: 1\naddress: anna@example.org\n"),
    "settings that lack what is needed": ("settings", b"address: anna@example.org\n"),
    "autoconfig with a comment and a namespace": (
        "autoconfig",
        b'<?xml version="1.0"?>\n<!-- <plist> -->\n<ns:clientConfig xmlns:ns="urn:x"/>',
    ),
    "a profile with its document type": (
        "mobileconfig",
        b'<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://x"><plist/>',
    ),
    "a binary profile": ("mobileconfig", b"bplist00\xd1"),
    "preferences with a comment": ("thunderbird-userjs", b'// Mozilla\n\nuser_pref("a", 1);\n'),
    "a registry file in UTF-16": ("outlook-local", "Windows Registry Editor Version 5.00\r\n".encode("utf-16")),
    "a PRF in UTF-16": ("outlook-prf", "[General]\r\n[Internet Account List]\r\n".encode("utf-16")),
    "nothing": (None, b""),
    "prose": (None, b"Dear Anna,\nset the table, please.\n"),
    "another XML": (None, b"<rss/>"),
    "digits": (None, b"0123"),
    "a picture of another kind": (None, b"GIF89a"),
}


@pytest.mark.parametrize("name", RECOGNISED)
def test_a_file_is_recognised_by_what_is_in_it(name: str) -> None:
    wanted, content = RECOGNISED[name]
    assert recognise(content, "file") == wanted


def test_recognising_takes_no_longer_for_a_file_that_is_made_to_take_long() -> None:
    for content in (b"<!---->" * 9000, b"<?x?>" * 12000, b"\n" * 60000 + b"x", b" " * 60000, b"set a " * 10000):
        start = time.process_time()
        assert recognise(content, "x") is None
        assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("config-v1.1.xml", "autoconfig"),
        ("C:\\mail\\anna.PRF", "outlook-prf"),
        ("/home/anna/.mbsyncrc", "mbsync"),
        ("anna.mobileconfig", "mobileconfig"),
        ("user.js", "thunderbird-userjs"),
        ("s.json", "settings"),
        ("letter.txt", None),
    ],
)
def test_a_file_that_says_nothing_is_taken_for_what_its_name_says(name: str, wanted: str | None) -> None:
    assert recognise(b"nothing", name) == wanted


def said_of(content: bytes) -> str:
    try:
        return accounts_in(content, "damaged")[0].file
    except Problem as problem:
        return str(problem)


@pytest.mark.parametrize("format_id", ALL)
def test_a_damaged_file_ends_with_a_sentence_that_names_it(format_id: str) -> None:
    """Cut off, or with bytes changed anywhere: a Problem, or an account; never anything else."""
    chance = random.Random(4711)
    made = render(format_id, make(protocol=Protocol.POP3 if format_id in ("getmail", "fetchmail") else Protocol.IMAP))
    assert not isinstance(made, Refusal)
    for one in made:
        for _ in range(40):
            end = chance.randrange(len(one.content)) if chance.random() < 0.4 else None
            content = bytearray(one.content[:end])
            for _change in range(chance.randrange(6)):
                if content:
                    content[chance.randrange(len(content))] = chance.randrange(256)
            assert said_of(bytes(content)).startswith("damaged")


@pytest.mark.parametrize("secret", ["canary-4711"])
def test_a_password_in_a_file_is_nowhere_in_what_is_read(secret: str) -> None:
    files = {
        "neomutt": f"set folder=imaps://imap.example.org/ imap_user=a imap_pass={secret}\n",
        "mbsync": f"IMAPAccount x\nHost imap.example.org\nUser a@example.org\nPass {secret}\nSSLType IMAPS\n",
        "msmtp": f"account x\nhost smtp.example.org\nauth on\nuser a@example.org\npassword {secret}\n",
        "fetchmail": f'poll pop.example.org proto pop3 user "a@example.org" password "{secret}" ssl\n',
        "aerc": f"[x]\nsource = imaps://a%40example.org:{secret}@imap.example.org\nfrom = a@example.org\n",
    }
    for kind, text in files.items():
        (given,) = accounts_in(text.encode(), kind)
        assert given.format == kind
        assert secret not in repr(given)


def test_an_address_that_is_only_a_user_name_is_called_so() -> None:
    made = render("outlook-autodiscover", make())
    assert not isinstance(made, Refusal)
    (given,) = accounts_in(made[0].content, "autodiscover.xml")
    assert "address_from_username" in [one.code for one in given.report.warnings]
    (given,) = accounts_in(made[0].content, "autodiscover.xml", address=parse_address("anna@example.org"))
    assert str(given.report.address) == "anna@example.org"
