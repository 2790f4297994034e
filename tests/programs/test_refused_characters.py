"""Which characters and words a grammar cannot hold, one by one; and the commands that ask for a password."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_accounts import make

from wizard.export.render import Refusal, render
from wizard.model.address import parse_address
from wizard.model.servers import PasswordStore
from wizard.programs.names import safe_name
from wizard.programs.terminal import password_command

A = "anna@example.org"


@pytest.mark.parametrize(
    ("store", "command"),
    [
        (PasswordStore.PASS, f"pass show mail/{A}"),
        (PasswordStore.SECRET_TOOL, f"secret-tool lookup mail {A}"),
        (PasswordStore.KEYRING, f"keyring get mail {A}"),
        (PasswordStore.KEYCHAIN, f"security find-generic-password -s mail -a {A} -w"),
        (PasswordStore.OAMA, f"oama access {A}"),
        (PasswordStore.PIZAUTH, f"pizauth show {A}"),
    ],
)
def test_each_store_is_asked_as_its_manual_says(store: PasswordStore, command: str) -> None:
    assert " ".join(password_command(replace(make(), password_store=store))) == command


@pytest.mark.parametrize("part", ["?", "*", "%U", "%H", "%C", "%M"])
def test_msmtp_takes_these_for_a_pattern_and_no_others(part: str) -> None:
    assert isinstance(render("msmtp", make(f"a{part}b@example.org", username="anna")), Refusal)
    assert not isinstance(render("msmtp", make("a%Xb@example.org", username="anna")), Refusal)


@pytest.mark.parametrize(("username", "refused"), [("~anna", True), ("a~nna", False), ("$a", True), ("a$", True)])
def test_himalaya_would_expand_these_user_names(username: str, refused: bool) -> None:
    assert isinstance(render("himalaya", make(username=username)), Refusal) is refused


@pytest.mark.parametrize("between", ["", "."])
def test_every_character_of_a_plain_address_is_in_the_code(between: str) -> None:
    address = between.join("!#$%&'*+/=?^_`{|}~-aZ09") + "@example.org"
    assert not isinstance(render("thunderbird-qr", make(address, username="anna")), Refusal)


@pytest.mark.parametrize(
    "device",
    ["con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in "0123456789¹²³")],
)
def test_no_file_is_called_like_a_device_of_windows(device: str) -> None:
    for name in (device, device.upper()):
        address = parse_address(f"{name}@example.org")
        assert safe_name(address).startswith("_")


def test_a_name_of_a_file_has_at_most_150_bytes_of_the_address() -> None:
    domain = ".".join(["d" * 40] * 3) + ".example"
    fits = parse_address("a" * (150 - len(domain) - 1) + "@" + domain)
    assert safe_name(fits) == str(fits)
    longer = parse_address("a" * (150 - len(domain)) + "@" + domain)
    assert len(safe_name(longer)) == 150 + len("-12345678")
