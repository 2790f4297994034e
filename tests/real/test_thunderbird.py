"""A real Thunderbird reads what is exported: the recommended server first, every value, and what becomes of messages.

One Thunderbird, without a window and without a network, reads all files in one go; see thunderbird_reader.py.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sample_accounts
from thunderbird import ENVIRONMENT, METHODS, SOCKET_TYPES, ask_thunderbird

from wizard.export.render import Refusal, render
from wizard.model.servers import AfterDownload, AuthenticationMethod, MailAccount, Protocol, SocketType
from wizard.programs.autoconfig_servers import FOREVER

pytestmark = pytest.mark.slow

GOLDEN_FILES = Path(__file__).resolve().parent.parent / "golden"

ACCOUNTS: dict[str, MailAccount] = {
    **{f"golden {name}": account for name, account in sample_accounts.GOLDEN.items()},
    **{f"matrix {name}": account for name, account in sample_accounts.SWEEP.items()},
    **{f"user {value[:40]}": sample_accounts.make(username=value) for value in sample_accounts.HOSTILE},
    **{
        f"name {value[:40]}": sample_accounts.make(provider=value, protocol=Protocol.POP3)
        for value in sample_accounts.HOSTILE
    },
    **{f"address {address}": sample_accounts.make(address) for address in sample_accounts.ADDRESSES},
    "numeric user": sample_accounts.make("0123456@example.org", username="0123456"),
    "unencrypted": sample_accounts.make(security=SocketType.PLAIN),
    "sending without log-in": sample_accounts.make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username=""),
    "other port": sample_accounts.make(port=1993),
    "kerberos": sample_accounts.make(methods=(AuthenticationMethod.GSSAPI,)),
}
RENDERED = {
    name: made for name, account in ACCOUNTS.items() if not isinstance(made := render("autoconfig", account), Refusal)
}
EXPORTED = [
    ("anna@gmx.net", "imap"),
    ("anna@gmx.net", "pop3"),
    ("anna@libero.it", "imap"),
    ("anna@libero.it", "pop3"),
    ("anna@gmail.com", "imap"),
    ("anna@gmail.com", "pop3"),
    ("anna@pec.it", "imap"),
    ("anna@outlook.com", "imap"),
]
"""Written by the program itself, from what it knows of real providers."""


def export(address: str, protocol: str, home: Path) -> str:
    """The autoconfig file that the program writes for ``address``, run as a person runs it."""
    options = ["--format", "autoconfig", "--offline", "--no-input", "--protocol", protocol, "--leave-days", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "wizard", "export", address, *options, "--output", "-"],
        capture_output=True,
        check=False,
        env={**ENVIRONMENT, "HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def thunderbird(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answers of one Thunderbird to all files."""
    directory = tmp_path_factory.mktemp("thunderbird")
    (directory / "isp").mkdir()
    cases: list[dict[str, Any]] = []
    for name, made in RENDERED.items():
        case = {"name": name, "xml": made[0].content.decode(), "address": str(ACCOUNTS[name].address)}
        cases.append({**case, "create": name.startswith("golden") or name.endswith("-address")})
    for name, account in sample_accounts.GOLDEN.items():
        # The way a person goes: the file lies in the directory "isp" under the name of the domain.
        domain = f"{name}.example"
        content = (GOLDEN_FILES / name / "config-v1.1.xml").read_bytes()
        (directory / "isp" / f"{domain}.xml").write_bytes(content)
        cases.append({"name": f"disk {name}", "disk": domain, "address": str(account.address), "create": True})
    for address, protocol in EXPORTED:
        case = {"name": f"exported {address} {protocol}", "xml": export(address, protocol, directory)}
        cases.append({**case, "address": address, "create": True})
    return ask_thunderbird(cases, directory)


def test_its_network_was_closed(thunderbird: dict[str, Any]) -> None:
    assert thunderbird["reached"] is False


def test_nothing_of_it_is_left_running(thunderbird: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    assert thunderbird["cases"]
    mark = str(tmp_path_factory.getbasetemp()).encode()
    left = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = path.read_bytes()
            left += [command] if b"thunderbird" in command and mark in command else []
    assert left == []


def wanted(account: MailAccount) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The servers in the order and the numbers of Thunderbird; the way the file must be understood."""
    servers = (account.incoming, account.outgoing, *account.alternatives)
    incoming, outgoing = [], []
    for one in servers:
        # Thunderbird takes the first method it knows; OAuth2 only for the servers whose sign-in page it knows.
        known = [
            method
            for method in one.authentication
            if method in METHODS
            and (method is not AuthenticationMethod.OAUTH2 or one.hostname.endswith(("gmail.com", "outlook.com")))
        ]
        said = {
            "type": one.protocol.value,
            "hostname": one.hostname,
            "port": one.port,
            "socketType": SOCKET_TYPES[one.socket_type],
            "auth": METHODS[known[0]],
            "username": one.username or None,
        }
        (outgoing if one.protocol is Protocol.SMTP else incoming).append(said)
    return incoming, outgoing


def part(one: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in keys}


def check_leave(account: MailAccount, pop3: dict[str, Any]) -> None:
    """What the file says about messages on the server, as Thunderbird understood it."""
    assert account.leave is not None
    if account.leave.kind is AfterDownload.REMOVE:
        assert pop3["leaveMessagesOnServer"] is False
        return
    assert pop3["leaveMessagesOnServer"] is True
    assert pop3["daysToLeaveMessagesOnServer"] == (account.leave.days or FOREVER)
    assert pop3["deleteByAgeFromServer"] is True


@pytest.mark.parametrize("name", RENDERED)
def test_every_file_is_read_as_the_account_says(thunderbird: dict[str, Any], name: str) -> None:
    account, read = ACCOUNTS[name], thunderbird["cases"][name]
    assert "error" not in read
    incoming, outgoing = wanted(account)
    assert [part(one, incoming[0]) for one in read["incoming"]] == incoming
    assert [part(one, outgoing[0]) for one in read["outgoing"]] == outgoing
    assert read["domains"] == [account.address.domain.ascii]
    for one in (*read["incoming"], *read["outgoing"]):
        assert one["password"] is None
    for one in read["incoming"]:
        if one["type"] == "pop3":
            check_leave(account, one)


@pytest.mark.parametrize("name", [name for name in RENDERED if name.startswith("golden") or name.endswith("-address")])
def test_the_account_that_it_sets_up_is_the_one_that_was_wanted(thunderbird: dict[str, Any], name: str) -> None:
    check_created(ACCOUNTS[name], thunderbird["cases"][name]["created"])


@pytest.mark.parametrize("name", sample_accounts.GOLDEN)
def test_a_golden_file_in_its_directory_for_providers_sets_up_the_account(
    thunderbird: dict[str, Any], name: str
) -> None:
    read = thunderbird["cases"][f"disk {name}"]
    assert "error" not in read
    check_created(sample_accounts.GOLDEN[name], read["created"])


def check_created(account: MailAccount, created: dict[str, Any]) -> None:
    """The account in Thunderbird's own settings, as its account set-up made it from the file."""
    incoming, outgoing = wanted(account)
    assert part(created["incoming"], incoming[0]) == incoming[0]
    assert part(created["outgoing"], outgoing[0]) == outgoing[0]
    assert created["email"] == str(account.address)
    if account.incoming.protocol is Protocol.POP3:
        assert account.leave is not None
        stays = account.leave.kind is not AfterDownload.REMOVE
        assert created["incoming"]["leave"] is stays
        if stays:
            assert created["incoming"]["byAge"] is True
            assert created["incoming"]["days"] == (account.leave.days or FOREVER)


@pytest.mark.parametrize(("address", "protocol"), EXPORTED)
def test_what_the_program_exports_for_a_real_provider_is_set_up_with_the_protocol_asked_for(
    thunderbird: dict[str, Any], address: str, protocol: str
) -> None:
    read = thunderbird["cases"][f"exported {address} {protocol}"]
    assert "error" not in read
    first = read["incoming"][0]
    assert first["type"] == protocol
    assert first["socketType"] in (2, 3)
    assert first["username"] in (address, address.split("@")[0])
    assert read["created"]["incoming"]["type"] == protocol
    assert read["created"]["incoming"]["hostname"] == first["hostname"]
    if protocol == "pop3":
        assert (read["created"]["incoming"]["leave"], read["created"]["incoming"]["days"]) == (True, 7)


def test_almost_every_sample_could_be_written() -> None:
    refused = set(ACCOUNTS) - set(RENDERED)
    assert len(RENDERED) > 270
    assert not [name for name in refused if name.startswith("golden")]
