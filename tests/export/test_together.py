"""Several accounts in one file: every one of them is read back, and none of them changes what the others are."""

from __future__ import annotations

import json
import plistlib

import pytest
import trustme
from apple_schema import Schema
from sample_accounts import HOSTILE, KEEP_3, OAUTH2, REMOVE, make

from wizard.export.registry import formats
from wizard.export.render import About, Refusal, holds_several, render, render_together
from wizard.export.sign import read_signer
from wizard.model.problems import Problem
from wizard.model.servers import Protocol, SocketType
from wizard.programs.qr import LONGEST
from wizard.programs.registry import read_file, recognise

TOGETHER = ("mobileconfig", "thunderbird-qr", "thunderbird-android", "thunderbird-userjs")
ACCOUNTS = [
    make("anna@example.org"),
    make("bob@example.com", protocol=Protocol.POP3, leave=KEEP_3, security=SocketType.STARTTLS, provider="Other"),
    make("anna+work@example.org", protocol=Protocol.POP3, leave=REMOVE, username="4711", name="", both=False),
]


def together(format_id: str, accounts=ACCOUNTS, about: About | None = None):
    made, refused = render_together(format_id, [(account, about or About()) for account in accounts])
    assert not refused
    return made


def test_these_formats_hold_several_accounts_and_no_others() -> None:
    assert tuple(entry.id for entry in formats() if holds_several(entry.id)) == TOGETHER


@pytest.mark.parametrize("format_id", TOGETHER)
def test_all_accounts_are_in_the_file_in_their_order(format_id: str) -> None:
    for file in together(format_id):
        assert recognise(file.content, "x") == format_id
        read = read_file(format_id, file.content, "x").accounts
        alone = [read_file(format_id, render(format_id, account)[0].content, "x").accounts[0] for account in ACCOUNTS]
        assert list(read) == alone
        assert "ADDRESS" not in file.name
        assert "anna" not in file.name


def test_the_names_of_the_files_and_the_steps_speak_of_all() -> None:
    assert [file.name for file in together("mobileconfig")] == ["accounts.mobileconfig"]
    assert [file.name for file in together("thunderbird-qr")] == ["accounts.svg", "accounts.png"]
    assert [file.name for file in together("thunderbird-userjs")] == ["user.js"]
    steps = together("mobileconfig")[0].install
    assert len(set(steps)) == len(steps)
    assert sum("accounts.mobileconfig" in step for step in steps) >= 2
    assert any("you want 3 days" in step for step in steps)  # bob's
    assert any("Your name is not in the file" in step for step in steps)  # of the third account


def test_a_profile_with_several_accounts_keeps_apples_schema_and_the_identities(shared_data) -> None:
    (file,) = together("mobileconfig")
    outer = plistlib.loads(file.content)
    assert Schema(shared_data / "apple").errors(outer) == []
    ids = [outer["PayloadUUID"], *(payload["PayloadUUID"] for payload in outer["PayloadContent"])]
    assert len(set(ids)) == 4
    for inner, account in zip(outer["PayloadContent"], ACCOUNTS, strict=True):
        alone = plistlib.loads(render("mobileconfig", account)[0].content)
        assert inner == alone["PayloadContent"][0]
        assert outer["PayloadIdentifier"] != alone["PayloadIdentifier"]
    assert "PayloadOrganization" not in outer  # they differ
    turned = plistlib.loads(together("mobileconfig", ACCOUNTS[::-1])[0].content)
    assert turned["PayloadUUID"] == outer["PayloadUUID"]
    fewer = plistlib.loads(together("mobileconfig", ACCOUNTS[:2])[0].content)
    assert fewer["PayloadUUID"] != outer["PayloadUUID"]


def test_a_joint_profile_is_signed_as_a_whole(tmp_path) -> None:
    issued = trustme.CA().issue_cert("mail.example.org")
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "c.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "k.pem"))
    signer = read_signer(tmp_path / "c.pem", tmp_path / "k.pem", None)
    (file,) = together("mobileconfig", about=About(signer=signer))
    read = read_file("mobileconfig", file.content, "x")
    assert read.signed
    assert len(read.accounts) == 3


def test_more_than_fits_is_split_into_numbered_codes() -> None:
    many = [make(f"person{number}@example.org") for number in range(4)]
    files = together("thunderbird-qr", many)
    assert [file.name for file in files if file.name.endswith("svg")] == [
        f"accounts-{number}-of-2.svg" for number in (1, 2)
    ]
    scans = [file.scan for file in files if file.name.endswith("svg")]
    assert all(len(scan) <= LONGEST for scan in scans)
    assert [json.loads(scan)[1] for scan in scans] == [[1, 2], [2, 2]]
    addresses = [
        str(account.address)
        for file in files
        if file.name.endswith("png")
        for account in read_file("thunderbird-qr", file.content, "x").accounts
    ]
    assert addresses == [str(account.address) for account in many]
    long = [make(f"{'x' * 60}{number}@{'y' * 60}.example.org") for number in range(2)]
    assert len([file for file in together("thunderbird-qr", long) if file.name.endswith("svg")]) == 2


def test_an_account_that_cannot_be_said_is_refused_by_its_address_and_the_others_are_written() -> None:
    odd = make("eva@example.org", methods=OAUTH2)
    made, refused = render_together("mobileconfig", [(account, About()) for account in (odd, *ACCOUNTS[:2])])
    assert [refusal.reason.partition(":")[0] for refusal in refused] == ["eva@example.org"]
    assert len(read_file("mobileconfig", made[0].content, "x").accounts) == 2
    made, refused = render_together("mobileconfig", [(account, About()) for account in (odd, ACCOUNTS[0])])
    assert made == render("mobileconfig", ACCOUNTS[0])
    assert len(refused) == 1
    made, refused = render_together("mobileconfig", [(odd, About())])
    assert (made, len(refused)) == ((), 1)


@pytest.mark.parametrize("format_id", TOGETHER)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_of_one_account_does_not_reach_another(format_id: str, value: str) -> None:
    joined = "\u200d" in value
    odd = make("eva@example.org", username="u" if joined else value, name=value, provider=value)
    made, refused = render_together(format_id, [(account, About()) for account in (ACCOUNTS[0], odd, ACCOUNTS[1])])
    assert {refusal.reason.partition(":")[0] for refusal in refused} <= {"eva@example.org"}
    for file in made:
        read = [str(account.address) for account in read_file(format_id, file.content, "x").accounts]
        assert set(read) <= {"anna@example.org", "eva@example.org", "bob@example.com"}


@pytest.mark.parametrize("format_id", ["mobileconfig", "thunderbird-android"])
def test_an_address_twice_is_an_error_and_no_file(format_id: str) -> None:
    with pytest.raises(Problem):
        together(format_id, [ACCOUNTS[0], ACCOUNTS[0]])


def test_a_template_of_one_s_own_with_other_numbers_is_named(tmp_path) -> None:
    own = tmp_path / "clients" / "thunderbird-userjs.js.j2"
    own.parent.mkdir()
    from wizard.resources.templates import templates_root

    text = (templates_root() / "clients" / "thunderbird-userjs.js.j2").read_text()
    own.write_text(text.replace("server1", "mine"))
    assert not isinstance(render("thunderbird-userjs", ACCOUNTS[0], About(own_templates=tmp_path)), Refusal)
    with pytest.raises(Problem, match="does not write what the account contains"):
        together("thunderbird-userjs", about=About(own_templates=tmp_path))
