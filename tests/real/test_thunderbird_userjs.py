"""A real Thunderbird starts on a fresh profile with our user.js: the account is there, and mail comes and goes.

One child process does it all, see thunderbird_profile.py: a real Dovecot stands on loopback, the way out is closed. The
same Thunderbird reads every other user.js and every Autodiscover file of the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sample_accounts
from dovecot import HOST, Dovecot
from sample_accounts import KEEP, KEEP_14, REMOVE, make

from wizard.export.render import Refusal, render
from wizard.model.address import Hostname, Port
from wizard.model.servers import AfterDownload, AuthenticationMethod, MailAccount, Protocol, SocketType
from wizard.programs.autoconfig import survives_thunderbird
from wizard.programs.qr import scan_text

pytestmark = pytest.mark.slow

STARTER = Path(__file__).with_name("thunderbird_profile.py")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
LIMIT = 300
"""Seconds for everything; measured: about 25."""

ANNA = "anna@example.test"
PASSWORD = "se cret"
SOCKET_TYPES = {SocketType.PLAIN: 0, SocketType.STARTTLS: 2, SocketType.SSL: 3}
METHODS = {
    AuthenticationMethod.NONE: 1,
    AuthenticationMethod.PASSWORD_CLEARTEXT: 3,
    AuthenticationMethod.PASSWORD_ENCRYPTED: 4,
    AuthenticationMethod.GSSAPI: 5,
    AuthenticationMethod.NTLM: 6,
    AuthenticationMethod.OAUTH2: 10,
}
"""The numbers of nsMsgSocketType and nsMsgAuthMethod: comm-central, MailNewsTypes2.idl."""

WAYS = {
    "imap-tls": (Protocol.IMAP, SocketType.SSL, None),
    "imap-starttls": (Protocol.IMAP, SocketType.STARTTLS, None),
    "pop-keep-days-tls": (Protocol.POP3, SocketType.SSL, KEEP_14),
    "pop-keep-for-good-starttls": (Protocol.POP3, SocketType.STARTTLS, KEEP),
    "pop-remove-tls": (Protocol.POP3, SocketType.SSL, REMOVE),
}
HOSTILE_USER = 'DOM\\o\'neil "x" ~@/%41é*._-+'
"""Every kind of character that the address of a folder escapes, or not."""

FILES: dict[str, MailAccount] = {
    **sample_accounts.SWEEP,
    **{f"user {value[:40]}": make(username=value) for value in sample_accounts.HOSTILE},
    **{f"name {value[:40]}": make(name=value, protocol=Protocol.POP3) for value in sample_accounts.HOSTILE},
    **{f"address {address}": make(address) for address in sample_accounts.ADDRESSES},
    "kerberos": make(methods=(AuthenticationMethod.GSSAPI,)),
    "sending without log-in": make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username=""),
    "unencrypted": make(security=SocketType.PLAIN),
}


def rendered(format_id: str) -> dict[str, str]:
    """The text of the format's last file for every sample that it does not refuse."""
    made = {name: render(format_id, account) for name, account in FILES.items()}
    return {name: files[-1].content.decode() for name, files in made.items() if not isinstance(files, Refusal)}


USERJS = rendered("thunderbird-userjs")
RESPONSES = rendered("outlook-autodiscover")


def on(server: Dovecot, way: str) -> MailAccount:
    """The account of a user of ``server``."""
    protocol, security, leave = WAYS[way]
    ports = {
        (Protocol.IMAP, SocketType.SSL): server.imaps,
        (Protocol.IMAP, SocketType.STARTTLS): server.imap,
        (Protocol.POP3, SocketType.SSL): server.pop3s,
        (Protocol.POP3, SocketType.STARTTLS): server.pop3,
        (Protocol.SMTP, SocketType.SSL): server.submissions,
        (Protocol.SMTP, SocketType.STARTTLS): server.submission,
    }
    account = make(user_of(way), protocol=protocol, security=security, leave=leave, both=False)
    here = [
        replace(one, hostname=Hostname(HOST), port=Port(ports[one.protocol, security]))
        for one in (account.incoming, account.outgoing)
    ]
    return replace(account, incoming=here[0], outgoing=here[1])


def user_of(way: str) -> str:
    """Each way has a mailbox of its own."""
    return f"{way}@example.test"


def userjs(account: MailAccount) -> str:
    made = render("thunderbird-userjs", account)
    assert not isinstance(made, Refusal)
    return made[0].content.decode()


class Ran:
    """What came of it: Thunderbird's answers, and Dovecot's view of the same."""

    def __init__(self, server: Dovecot, answers: dict[str, Any], accounts: dict[str, MailAccount]) -> None:
        self.answers, self.accounts = answers, accounts
        self.left = {way: len(server.messages(user_of(way))) for way in WAYS}
        self.logins, self.sent = server.logins, server.sent


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Everything that one child process did with one Dovecot."""
    program = shutil.which("thunderbird")
    if program is None:
        pytest.skip("Thunderbird is not installed")
    pytest.importorskip("marionette_driver")
    directory = tmp_path_factory.mktemp("thunderbird-userjs")
    with Dovecot(directory, users={user_of(way): PASSWORD for way in WAYS}) as server:
        accounts = {way: on(server, way) for way in WAYS}
        for way in WAYS:
            server.deliver(user_of(way), f"Subject: for {way}\n\nHello\n".encode())
        hostile = make(
            username=HOSTILE_USER, name='O\'Neil <&> "Co" ]]> 日本', domain="example.test", both=False, leave=None
        )
        # Without a first log-in: nobody is there to log in to.
        quiet = userjs(hostile).replace('login_at_startup", true', 'login_at_startup", false')
        origins = [f"{kind}://{HOST}" for kind in ("imap", "mailbox", "smtp")]
        asked = {
            "thunderbird": program,
            "directory": str(directory),
            "authority": "".join(server.ca_file.read_text().strip().splitlines()[1:-1]),
            "logins": [[origin, user_of(way), PASSWORD] for origin in origins for way in WAYS],
            "profiles": {
                **{way: {"userjs": userjs(account), "fetch": True} for way, account in accounts.items()},
                "hostile": {"userjs": quiet, "fetch": False},
            },
            "files": {name: str(directory / f"{number}.js") for number, name in enumerate(USERJS)},
            "responses": RESPONSES,
        }
        for name, path in asked["files"].items():
            Path(path).write_text(USERJS[name])
        return Ran(server, ask(asked, directory), {**accounts, "hostile": hostile})


def ask(asked: dict[str, Any], directory: Path) -> dict[str, Any]:
    """What thunderbird_profile.py prints; it and all its children are dead when this returns or raises."""
    process = subprocess.Popen(
        [sys.executable, str(STARTER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, "HOME": str(directory), "MOZ_CRASHREPORTER_DISABLE": "1"},
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(json.dumps(asked).encode(), timeout=LIMIT)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == 0, stderr.decode(errors="replace")[-3000:]
    return json.loads(stdout)


def test_its_way_out_was_closed(ran: Ran) -> None:
    assert ran.answers["reached"] is False


@pytest.mark.parametrize("name", [*WAYS, "hostile"])
def test_the_account_is_in_the_account_manager_as_it_was_wanted(ran: Ran, name: str) -> None:
    account, found = ran.accounts[name], ran.answers["profiles"][name]["account"]
    assert "failed" not in found, found
    assert (found["mailboxes"], found["sendingServers"], found["isDefault"]) == (1, 1, True)
    assert (found["email"], found["name"]) == (str(account.address), account.display_name)
    # Of a server that sends, Thunderbird gives out the name as the bytes that it will send.
    sent_as = found["outgoing"]["username"].encode("latin-1").decode()
    outgoing = {**found["outgoing"], "username": sent_as}
    for said, server in ((found["incoming"], account.incoming), (outgoing, account.outgoing)):
        assert (said["hostname"], said["port"], said["username"]) == (server.hostname, server.port, server.username)
        assert said["socketType"] == SOCKET_TYPES[server.socket_type]
        assert said["auth"] == METHODS[server.authentication[0]]
    assert found["incoming"]["type"] == account.incoming.protocol.value
    assert found["fccStart"] == found["serverURI"] + "/Sent"


@pytest.mark.parametrize("name", [name for name in WAYS if name.startswith("pop")])
def test_how_long_messages_stay_is_set_for_good_too(ran: Ran, name: str) -> None:
    account, found = ran.accounts[name], ran.answers["profiles"][name]["account"]["incoming"]
    assert account.leave is not None
    assert found["leave"] is (account.leave.kind is not AfterDownload.REMOVE)
    assert found["byAge"] is (account.leave.kind is AfterDownload.KEEP_DAYS)
    assert found["localDelete"] is False
    if account.leave.days is not None:
        assert found["days"] == account.leave.days


@pytest.mark.parametrize("name", WAYS)
def test_mail_is_fetched_and_sent_with_it(ran: Ran, name: str) -> None:
    said = ran.answers["profiles"][name]
    assert said["fetched"] == [f"for {name}"]
    assert said["sent"] is True
    mine = [one for one in ran.logins if one.user == user_of(name)]
    kinds = {"imap" if name.startswith("imap") else "pop3", "submission"}
    assert {one.service for one in mine} == kinds
    assert all(one.tls for one in mine)
    assert [one.recipients for one in ran.sent if one.sender == user_of(name)] == [("bruno@example.test",)]


def test_on_the_server_only_those_stay_that_were_to_stay(ran: Ran) -> None:
    assert ran.left == {way: 0 if way == "pop-remove-tls" else 1 for way in WAYS}


@pytest.mark.parametrize("name", WAYS)
def test_thunderbirds_own_code_for_phones_says_the_same_as_ours(ran: Ran, name: str) -> None:
    account = ran.accounts[name]
    incoming, [[outgoing, *identities]] = ran.answers["profiles"][name]["account"]["code"]
    text = scan_text(account)
    assert text is not None
    # Thunderbird adds its name of the account, and an empty password.
    assert (incoming[6:], outgoing[6:]) == ([account.address.unicode, ""], [""])
    assert json.loads(text) == [1, [1, 1], incoming[:6], [[outgoing[:6], *identities]]]


@pytest.mark.parametrize("name", USERJS)
def test_every_user_js_is_read_value_for_value(ran: Ran, name: str) -> None:
    account, said = FILES[name], ran.answers["files"][name]
    assert said["mail.identity.id1.fullName"] == account.display_name
    assert said["mail.identity.id1.useremail"] == str(account.address)
    for start, words, server in (
        ("mail.server.server1.", ("userName", "socketType"), account.incoming),
        ("mail.smtpserver.smtp1.", ("username", "try_ssl"), account.outgoing),
    ):
        assert said[start + "hostname"] == server.hostname
        assert said[start + "port"] == server.port
        assert said.get(start + words[0], "") == server.username
        assert said[start + words[1]] == SOCKET_TYPES[server.socket_type]
        assert said[start + "authMethod"] in {METHODS[one] for one in server.authentication}


@pytest.mark.parametrize("name", RESPONSES)
def test_thunderbird_reads_every_autodiscover_file_as_the_account_says(ran: Ran, name: str) -> None:
    account, said = FILES[name], ran.answers["responses"][name]
    if not survives_thunderbird(account.incoming.username) or name.casefold() == "user true":
        return  # it takes such a name for a number, or for true; Outlook does not
    assert "failed" not in said, said
    for found, server in ((said["incoming"], account.incoming), (said["outgoing"], account.outgoing)):
        (one,) = found
        assert (one["type"], one["hostname"], one["port"]) == (server.protocol.value, server.hostname, server.port)
        assert one["socketType"] == SOCKET_TYPES[server.socket_type]
        assert one["username"] == (server.username or "%EMAILADDRESS%")


def test_almost_every_sample_could_be_written() -> None:
    assert len(USERJS) > 290
    assert len(RESPONSES) > 200
