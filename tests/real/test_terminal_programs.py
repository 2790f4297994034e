"""Real terminal programs fetch and send messages with the files that are exported, against a real Dovecot.

The files are used as they are. The password comes from a program called ``pass`` that the test puts in front of the
path; that the test's own certificate authority is trusted is said on the command line or in the environment.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from dovecot import Dovecot

from wizard.export.render import RenderedFile, render
from wizard.model.address import Hostname, Port, parse_address
from wizard.model.servers import (
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    MailAccount,
    PasswordStore,
    Protocol,
    SocketType,
    server,
)
from wizard.programs.names import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

ANNA, BRUNO = "anna@example.test", "bruno@example.test"
PASSWORD = "p\"a\\s$HOME `w` 'o%rd {x}"
MESSAGE = (
    b"From: Bruno <bruno@example.test>\nTo: anna@example.test\nSubject: Greetings 4711\nMessage-ID: <1@x>\n\nHello\n"
)
LIMIT = 15
"""Seconds for one program; measured: under 3."""

KEEP = LeavePolicy(AfterDownload.KEEP)
KEEP_14 = LeavePolicy(AfterDownload.KEEP_DAYS, 14)
REMOVE = LeavePolicy(AfterDownload.REMOVE)
SECURITIES = [SocketType.SSL, SocketType.STARTTLS]


@dataclass
class Desk:
    """A home directory with a password store, and a server to speak to."""

    home: Path
    dovecot: Dovecot
    environment: dict[str, str]

    def account(
        self,
        protocol: Protocol = Protocol.IMAP,
        security: SocketType = SocketType.SSL,
        leave: LeavePolicy = KEEP_14,
        username: str = ANNA,
        method: AuthenticationMethod = AuthenticationMethod.PASSWORD_CLEARTEXT,
    ) -> MailAccount:
        implicit = security is SocketType.SSL
        ports = {
            Protocol.IMAP: self.dovecot.imaps if implicit else self.dovecot.imap,
            Protocol.POP3: self.dovecot.pop3s if implicit else self.dovecot.pop3,
            Protocol.SMTP: self.dovecot.submissions if implicit else self.dovecot.submission,
        }
        incoming, outgoing = (
            server(
                kind,
                hostname=Hostname(self.dovecot.host),
                port=Port(ports[kind]),
                socket_type=security,
                username=username,
                authentication=(method,),
            )
            for kind in (protocol, Protocol.SMTP)
        )
        return MailAccount(
            address=parse_address(ANNA),
            display_name='Anna “Änn” Rossi; $HOME `id` "x"',
            incoming=incoming,
            outgoing=outgoing,
            leave=leave if protocol is Protocol.POP3 else None,
            password_store=PasswordStore.OAMA if method is AuthenticationMethod.OAUTH2 else PasswordStore.PASS,
        )

    def write(self, account: MailAccount, format_id: str, place: str) -> Path:
        made = render(format_id, account)
        assert isinstance(made, tuple), made
        (file,) = made
        assert isinstance(file, RenderedFile)
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode)
        return path

    def run(self, *command: str | Path, stdin: bytes = b"", codes: tuple[int, ...] = (0,)) -> str:
        """What the finished program printed; it must end with one of ``codes``."""
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            env=self.environment,
            cwd=self.home,
            timeout=LIMIT,
            check=False,
            **self.become(),
        )
        told = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode in codes, f"{command[0]} ended with {done.returncode}:\n{told}\n{self.dovecot.log}"
        return told

    def become(self) -> dict[str, Any]:
        """How to start a program as somebody who may not do everything: getmail, for one, will not work for root."""
        if os.geteuid() != 0:
            return {}
        user = pwd.getpwnam("nobody")
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    @property
    def mail(self) -> Path:
        return self.home / "Mail" / safe_name(parse_address(ANNA))

    def asked(self) -> list[str]:
        """What the password store was asked for."""
        path = self.home / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture(params=[False])
def desk(tmp_path: Path, request: pytest.FixtureRequest):
    """``indirect`` with True: the server takes tokens, and a program called ``oama`` hands them out."""
    tokens = request.param
    home = Path(tempfile.mkdtemp(prefix="home-"))  # not in tmp_path, which only root may enter when root runs the tests
    (home / "bin").mkdir()
    store = home / "bin" / ("oama" if tokens else "pass")
    (home / "secret").write_text(PASSWORD + "\n")
    store.write_text(f'#!/bin/sh\necho "$@" >>"{home}/asked"\ncat "{home}/secret"\n')
    store.chmod(0o755)
    with Dovecot(tmp_path, users={ANNA: PASSWORD}, tokens=tokens) as dovecot:
        if tokens:
            (home / "secret").write_text(dovecot.token(ANNA) + "\n")
        shutil.copy(dovecot.ca_file, home / "ca.pem")
        yield Desk(
            home,
            dovecot,
            {
                "HOME": str(home),
                "PATH": f"{home / 'bin'}:{os.environ.get('PATH', os.defpath)}",
                "SSL_CERT_FILE": str(home / "ca.pem"),
                "LC_ALL": "C.UTF-8",
                "TERM": "xterm-256color",
                "USER": "anna",
                "LOGNAME": "anna",
                "FETCHMAILHOME": str(home),
            },
        )
    shutil.rmtree(home)


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def all_encrypted(dovecot: Dovecot) -> bool:
    return bool(dovecot.logins) and all(one.tls for one in dovecot.logins)


# msmtp ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize("method", [AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.PASSWORD_ENCRYPTED])
def test_msmtp_sends(desk: Desk, security: SocketType, method: AuthenticationMethod) -> None:
    msmtp = program("msmtp")
    desk.write(desk.account(security=security, method=method), "msmtp", ".msmtprc")
    desk.run(msmtp, f"--tls-trust-file={desk.home}/ca.pem", BRUNO, stdin=MESSAGE)
    (sent,) = desk.dovecot.sent
    assert (sent.sender, sent.recipients) == (ANNA, (BRUNO,))
    assert b"Greetings 4711" in sent.content
    assert all_encrypted(desk.dovecot)
    if method is AuthenticationMethod.PASSWORD_ENCRYPTED:
        assert desk.dovecot.logins[0].mechanism == "CRAM-MD5"
    assert desk.asked() == [f"show mail/{ANNA}"]


def test_msmtp_trusts_no_stranger(desk: Desk) -> None:
    desk.write(desk.account(), "msmtp", ".msmtprc")
    desk.run(program("msmtp"), BRUNO, stdin=MESSAGE, codes=(69, 77))
    assert not desk.dovecot.logins


# mbsync ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", SECURITIES)
def test_mbsync_fetches_and_removes_nothing(desk: Desk, security: SocketType) -> None:
    mbsync = program("mbsync")
    desk.write(desk.account(security=security), "mbsync", ".mbsyncrc")
    desk.mail.mkdir(parents=True)
    desk.dovecot.deliver(ANNA, MESSAGE)
    desk.run(mbsync, "-a")
    (fetched,) = [path for part in ("new", "cur") for path in (desk.mail / "INBOX" / part).iterdir()]
    assert b"Greetings 4711" in fetched.read_bytes()
    fetched.unlink()
    desk.run(mbsync, "-a")
    assert len(desk.dovecot.messages(ANNA)) == 1
    assert (desk.mail / "Sent").is_dir()
    assert all_encrypted(desk.dovecot)


def test_mbsync_trusts_no_stranger(desk: Desk) -> None:
    desk.write(desk.account(), "mbsync", ".mbsyncrc")
    desk.mail.mkdir(parents=True)
    del desk.environment["SSL_CERT_FILE"]
    desk.run(program("mbsync"), "-a", codes=(1,))
    assert not desk.dovecot.logins


# OfflineIMAP ----------------------------------------------------------------------------------------------------------


def offlineimap(desk: Desk, account: MailAccount, codes: tuple[int, ...] = (0,)) -> str:
    """Run OfflineIMAP; only the place of the trusted authorities is another than in the file."""
    command = program("offlineimap")
    path = desk.write(account, "offlineimap", ".offlineimaprc")
    text = path.read_text()
    assert text.count("\nsslcacertfile = OS-DEFAULT\n") == 1
    if "SSL_CERT_FILE" in desk.environment:
        path.write_text(text.replace("OS-DEFAULT", desk.environment["SSL_CERT_FILE"]))
    return desk.run(command, "-o", "-1", "-u", "basic", codes=codes)


@pytest.mark.parametrize("method", [AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.PASSWORD_ENCRYPTED])
def test_offlineimap_fetches_and_removes_nothing_on_either_side(desk: Desk, method: AuthenticationMethod) -> None:
    account = desk.account(method=method)
    desk.dovecot.deliver(ANNA, MESSAGE)
    desk.dovecot.deliver(ANNA, MESSAGE.replace(b"4711", b"4712"))
    offlineimap(desk, account)
    here = desk.mail / "INBOX"
    fetched = [path for part in ("new", "cur") for path in (here / part).iterdir()]
    assert len(fetched) == 2
    next(path for path in fetched if b"4711" in path.read_bytes()).unlink()
    offlineimap(desk, account)
    assert len(desk.dovecot.messages(ANNA)) == 2
    assert all_encrypted(desk.dovecot)
    wanted = "CRAM-MD5" if method is AuthenticationMethod.PASSWORD_ENCRYPTED else "PLAIN"
    assert {login.mechanism for login in desk.dovecot.logins} == {wanted}
    assert set(desk.asked()) == {f"show mail/{ANNA}"}


def test_offlineimap_trusts_no_stranger(desk: Desk) -> None:
    del desk.environment["SSL_CERT_FILE"]
    told = offlineimap(desk, desk.account(), codes=(1,))
    assert "certificate verify failed" in told
    assert not desk.dovecot.logins


# getmail --------------------------------------------------------------------------------------------------------------


def getmail(desk: Desk, account: MailAccount, codes: tuple[int, ...] = (0,)) -> str:
    """Run getmail; only the place of the trusted authorities is another than in the file."""
    command = program("getmail")
    path = desk.write(account, "getmail", ".config/getmail/getmailrc")
    text = path.read_text()
    assert text.count("\nca_certs = /etc/ssl/certs/ca-certificates.crt\n") == 1
    path.write_text(text.replace("/etc/ssl/certs/ca-certificates.crt", desk.environment["SSL_CERT_FILE"]))
    for part in ("cur", "new", "tmp"):
        (desk.mail / part).mkdir(parents=True, exist_ok=True)
    return desk.run(command, codes=codes)


def fetched(desk: Desk) -> int:
    return len(list((desk.mail / "new").iterdir()))


def test_getmail_leaves_messages_for_the_days_and_removes_them_then(desk: Desk) -> None:
    account = desk.account(Protocol.POP3)
    desk.dovecot.deliver(ANNA, MESSAGE)
    getmail(desk, account)
    assert (fetched(desk), len(desk.dovecot.messages(ANNA))) == (1, 1)
    let_days_pass(desk, 13)
    getmail(desk, account)
    assert (fetched(desk), len(desk.dovecot.messages(ANNA))) == (1, 1), "13 days later it is still there"
    desk.dovecot.deliver(ANNA, MESSAGE.replace(b"4711", b"4712"))
    let_days_pass(desk, 2)
    getmail(desk, account)
    assert fetched(desk) == 2
    (left,) = desk.dovecot.messages(ANNA)
    assert b"4712" in left, "the old one is gone, the new one stays"
    assert all_encrypted(desk.dovecot)


def let_days_pass(desk: Desk, days: int) -> None:
    """getmail notes when it first saw a message, in seconds; the notes become older."""
    (notes,) = (desk.home / ".config/getmail").glob("oldmail-*")
    aged = re.sub(rb"\0(\d+)", lambda found: b"\0%d" % (int(found[1]) - days * 86400), notes.read_bytes())
    assert aged != notes.read_bytes()
    notes.write_bytes(aged)


@pytest.mark.parametrize(
    ("protocol", "leave", "left"),
    [(Protocol.POP3, REMOVE, 0), (Protocol.POP3, KEEP, 1), (Protocol.IMAP, KEEP_14, 1)],
)
def test_getmail_removes_what_it_fetched_only_where_it_is_told_to(
    desk: Desk, protocol: Protocol, leave: LeavePolicy, left: int
) -> None:
    desk.dovecot.deliver(ANNA, MESSAGE)
    for _run in range(2):
        getmail(desk, desk.account(protocol, leave=leave))
    assert (fetched(desk), len(desk.dovecot.messages(ANNA))) == (1, left)
    if left:
        let_days_pass(desk, 4000)
        getmail(desk, desk.account(protocol, leave=leave))
        assert len(desk.dovecot.messages(ANNA)) == left
    assert all_encrypted(desk.dovecot)


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_getmail_trusts_no_stranger(desk: Desk, protocol: Protocol) -> None:
    program("getmail")
    desk.environment["SSL_CERT_FILE"] = "/etc/ssl/certs/ca-certificates.crt"
    told = getmail(desk, desk.account(protocol), codes=(0, 1, 127))
    assert "certificate verify failed" in told
    assert not desk.dovecot.logins


# fetchmail ------------------------------------------------------------------------------------------------------------


def fetchmail(desk: Desk, account: MailAccount, codes: tuple[int, ...] = (0,)) -> str:
    """Run the command that stands at the top of the file; only where the messages go is added."""
    program("fetchmail")
    path = desk.write(account, "fetchmail", ".fetchmailrc")
    (command,) = re.findall(r"^#   (\(cat .*\| fetchmail -f -)$", path.read_text(), re.MULTILINE)
    deliver = f"sh -c 'cat >>{desk.home}/inbox'"
    return desk.run("sh", "-c", f'{command} --nosyslog --mda "{deliver}"', codes=codes)


@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize(
    ("protocol", "leave", "left"),
    [(Protocol.POP3, REMOVE, 0), (Protocol.POP3, KEEP_14, 1), (Protocol.IMAP, KEEP_14, 1)],
)
def test_fetchmail_fetches_once_and_removes_only_where_it_is_told_to(
    desk: Desk, security: SocketType, protocol: Protocol, leave: LeavePolicy, left: int
) -> None:
    account = desk.account(protocol, security, leave)
    desk.dovecot.deliver(ANNA, MESSAGE)
    fetchmail(desk, account)
    fetchmail(desk, account, codes=(1,))  # 1: there was no new mail
    assert (desk.home / "inbox").read_text().count("Greetings 4711") == 1
    assert len(desk.dovecot.messages(ANNA)) == left
    assert all_encrypted(desk.dovecot)


def test_fetchmail_trusts_no_stranger(desk: Desk) -> None:
    del desk.environment["SSL_CERT_FILE"]
    desk.dovecot.deliver(ANNA, MESSAGE)
    fetchmail(desk, desk.account(Protocol.POP3), codes=(2,))
    assert not desk.dovecot.logins


def test_without_the_password_fetchmail_asks_and_sends_nothing(desk: Desk) -> None:
    path = desk.write(desk.account(Protocol.POP3), "fetchmail", ".fetchmailrc")
    told = desk.run(program("fetchmail"), "-f", path, "--nosyslog", codes=(3, 5))
    assert "password" in told
    assert not desk.dovecot.logins


# NeoMutt --------------------------------------------------------------------------------------------------------------


def neomutt(desk: Desk, *arguments: str) -> list[str]:
    trust = f'set ssl_ca_certificates_file="{desk.home}/ca.pem"'
    return [program("neomutt"), "-n", "-F", str(desk.home / "neomuttrc"), "-e", trust, *arguments]


@pytest.mark.parametrize("security", SECURITIES)
def test_neomutt_sends(desk: Desk, security: SocketType) -> None:
    desk.write(desk.account(security=security), "neomutt", "neomuttrc")
    desk.run(*neomutt(desk, "-s", "Greetings 4711", BRUNO), stdin=b"Hello\n")
    (sent,) = desk.dovecot.sent
    assert (sent.sender, sent.recipients) == (ANNA, (BRUNO,))
    message = message_from_bytes(sent.content, policy=policy.default)
    assert message["From"].addresses[0].display_name == desk.account().display_name
    assert all_encrypted(desk.dovecot)


@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize(("protocol", "leave"), [(Protocol.IMAP, KEEP_14), (Protocol.POP3, KEEP_14)])
def test_neomutt_reads_messages_where_they_are(
    desk: Desk, security: SocketType, protocol: Protocol, leave: LeavePolicy
) -> None:
    desk.write(desk.account(protocol, security, leave), "neomutt", "neomuttrc")
    desk.mail.mkdir(parents=True)
    desk.dovecot.deliver(ANNA, MESSAGE)
    with Terminal(desk, neomutt(desk)) as terminal:
        terminal.wait_for("Greetings 4711")
        terminal.type("q")
        terminal.wait_for_the_end()
    assert len(desk.dovecot.messages(ANNA)) == 1
    assert all_encrypted(desk.dovecot)


def test_neomutt_trusts_no_stranger(desk: Desk) -> None:
    desk.write(desk.account(), "neomutt", "neomuttrc")
    command = [program("neomutt"), "-n", "-F", str(desk.home / "neomuttrc"), "-s", "x", BRUNO]
    desk.run(*command, stdin=b"Hello\n", codes=(0, 1))
    assert not desk.dovecot.sent
    assert not desk.dovecot.logins


def test_neomutt_fetches_by_pop3_and_removes(desk: Desk) -> None:
    desk.write(desk.account(Protocol.POP3, leave=REMOVE), "neomutt", "neomuttrc")
    for part in ("cur", "new", "tmp"):
        (desk.mail / "inbox" / part).mkdir(parents=True)
    desk.dovecot.deliver(ANNA, MESSAGE)
    with Terminal(desk, neomutt(desk)) as terminal:
        terminal.type("G")
        terminal.wait_for("Greetings 4711")
        terminal.type("q")
        terminal.wait_for_the_end()
    assert desk.dovecot.messages(ANNA) == []
    (fetched,) = [path for part in ("new", "cur") for path in (desk.mail / "inbox" / part).iterdir()]
    assert b"Greetings 4711" in fetched.read_bytes()
    assert all_encrypted(desk.dovecot)


# aerc -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", SECURITIES)
def test_aerc_reads_and_sends(desk: Desk, security: SocketType) -> None:
    aerc = program("aerc")
    desk.write(desk.account(security=security), "aerc", ".config/aerc/accounts.conf")
    editor = desk.home / "bin" / "editor"
    editor.write_text('#!/bin/sh\necho "Hello from aerc" >>"$1"\n')
    editor.chmod(0o755)
    desk.environment["EDITOR"] = str(editor)
    desk.dovecot.deliver(ANNA, MESSAGE)
    with Terminal(desk, [aerc]) as terminal:
        terminal.wait_for("Greetings 4711")
        terminal.type(f":compose -H 'To: {BRUNO}' -H 'Subject: Answer 4712'\r")
        terminal.wait_for("Send this email|to send|Send")
        terminal.type("y")
        wait_until(lambda: desk.dovecot.sent)
        wait_until(lambda: desk.dovecot.messages(ANNA, "Sent"))
        terminal.type(":quit -f\r")
        terminal.wait_for_the_end()
    (sent,) = desk.dovecot.sent
    assert (sent.sender, sent.recipients) == (ANNA, (BRUNO,))
    assert b"Answer 4712" in sent.content
    assert b"Hello from aerc" in sent.content
    assert all_encrypted(desk.dovecot)


def test_aerc_trusts_no_stranger(desk: Desk) -> None:
    desk.write(desk.account(), "aerc", ".config/aerc/accounts.conf")
    del desk.environment["SSL_CERT_FILE"]
    with Terminal(desk, [program("aerc")]) as terminal:
        terminal.wait_for("x509: certificate signed by unknown")
    assert not desk.dovecot.logins


# Tokens instead of passwords ------------------------------------------------------------------------------------------

OAUTH2 = AuthenticationMethod.OAUTH2


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_msmtp_sends_with_a_token(desk: Desk) -> None:
    desk.write(desk.account(method=OAUTH2), "msmtp", ".msmtprc")
    desk.run(program("msmtp"), f"--tls-trust-file={desk.home}/ca.pem", BRUNO, stdin=MESSAGE)
    assert desk.dovecot.sent
    assert desk.asked() == [f"access {ANNA}"]


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_offlineimap_fetches_with_a_token(desk: Desk) -> None:
    desk.dovecot.deliver(ANNA, MESSAGE)
    offlineimap(desk, desk.account(method=OAUTH2))
    assert len([path for part in ("new", "cur") for path in (desk.mail / "INBOX" / part).iterdir()]) == 1
    assert [login.mechanism for login in desk.dovecot.logins] == ["XOAUTH2"]
    assert desk.asked() == [f"access {ANNA}"]


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_getmail_fetches_with_a_token(desk: Desk) -> None:
    desk.dovecot.deliver(ANNA, MESSAGE)
    getmail(desk, desk.account(method=OAUTH2))
    assert fetched(desk) == 1
    assert [one.mechanism for one in desk.dovecot.logins] == ["XOAUTH2"]


@pytest.mark.parametrize("desk", [True], indirect=True)
@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_neomutt_reads_with_a_token(desk: Desk, protocol: Protocol) -> None:
    desk.write(desk.account(protocol, method=OAUTH2), "neomutt", "neomuttrc")
    desk.mail.mkdir(parents=True)
    desk.dovecot.deliver(ANNA, MESSAGE)
    with Terminal(desk, neomutt(desk)) as terminal:
        terminal.wait_for("Greetings 4711")
        terminal.type("q")
        terminal.wait_for_the_end()


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_neomutt_sends_with_a_token(desk: Desk) -> None:
    desk.write(desk.account(method=OAUTH2), "neomutt", "neomuttrc")
    desk.run(*neomutt(desk, "-s", "Greetings 4711", BRUNO), stdin=b"Hello\n")
    assert desk.dovecot.sent


@pytest.mark.parametrize("desk", [True], indirect=True)
def test_aerc_reads_with_a_token(desk: Desk) -> None:
    desk.write(desk.account(method=OAUTH2), "aerc", ".config/aerc/accounts.conf")
    desk.dovecot.deliver(ANNA, MESSAGE)
    with Terminal(desk, [program("aerc")]) as terminal:
        terminal.wait_for("Greetings 4711")
    assert desk.dovecot.logins[0].mechanism == "XOAUTH2"


# What values do to a program -----------------------------------------------------------------------------------------

HOSTILE_USER = "w\"i\\r d$HOME`touch OWNED`$(touch OWNED)'x#y;z%40{a}|é"
"""Dovecot notes at most 64 bytes of a user name."""


@pytest.mark.parametrize(
    "format_id", ["neomutt", "neomutt sends", "aerc", "mbsync", "offlineimap", "getmail", "fetchmail", "msmtp"]
)
def test_a_program_sends_a_hostile_user_name_as_it_is_and_runs_nothing(desk: Desk, format_id: str) -> None:
    protocol = Protocol.POP3 if format_id == "getmail" else Protocol.IMAP
    account = desk.account(protocol, username=HOSTILE_USER)
    desk.mail.mkdir(parents=True)
    if format_id == "neomutt":
        desk.write(account, "neomutt", "neomuttrc")
        with Terminal(desk, neomutt(desk)) as terminal:
            wait_until(lambda: terminal.draw() and users_tried(desk), terminal.told)
    elif format_id == "neomutt sends":
        desk.write(account, "neomutt", "neomuttrc")
        desk.run(*neomutt(desk, "-s", "x", BRUNO), stdin=b"x\n", codes=(1,))
    elif format_id == "aerc":
        desk.write(account, "aerc", ".config/aerc/accounts.conf")
        with Terminal(desk, [program("aerc")]) as terminal:
            wait_until(lambda: terminal.draw() and users_tried(desk), terminal.told)
    elif format_id == "mbsync":
        desk.write(account, "mbsync", ".mbsyncrc")
        desk.run(program("mbsync"), "-a", codes=(1,))
    elif format_id == "offlineimap":
        offlineimap(desk, account, codes=(1,))
    elif format_id == "getmail":
        getmail(desk, account, codes=(0, 1, 127))
    elif format_id == "fetchmail":
        fetchmail(desk, account, codes=(3,))
    else:
        desk.write(account, "msmtp", ".msmtprc")
        desk.run(program("msmtp"), f"--tls-trust-file={desk.home}/ca.pem", BRUNO, stdin=MESSAGE, codes=(77,))
    assert HOSTILE_USER in users_tried(desk)
    assert not list(desk.home.rglob("OWNED*"))


def users_tried(desk: Desk) -> set[str]:
    """The user names that Dovecot was given and does not know."""
    return set(re.findall(r"passwd-file\((.*),127\.0\.0\.1(?:,<[^>]*>)?\): unknown user", desk.dovecot.log))


class Terminal:
    """A program on a terminal of its own, what it has drawn, and what is typed."""

    def __init__(self, desk: Desk, command: list[str]) -> None:
        self.desk = desk
        self.command = command

    def __enter__(self) -> Self:
        import pexpect
        import pyte

        self.desk.become()
        if os.geteuid() == 0:
            self.command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *self.command]
        self.screen = pyte.Screen(120, 40)
        self.stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(
            self.command[0],
            self.command[1:],
            env=self.desk.environment,
            cwd=str(self.desk.home),
            dimensions=(40, 120),
            timeout=LIMIT,
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        self.child.close(force=True)

    def type(self, text: str) -> None:
        self.child.send(text)

    def wait_for(self, pattern: str) -> None:
        """Until the screen shows ``pattern``."""
        wait_until(lambda: self.draw() and re.search(pattern, "\n".join(self.screen.display)), self.told)

    def wait_for_the_end(self) -> None:
        wait_until(lambda: self.draw() and not self.child.isalive(), self.told)

    def draw(self) -> bool:
        """Take in what the program has drawn since; True, so that it can stand in a condition."""
        import pexpect

        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                self.stream.feed(self.child.read_nonblocking(65536, timeout=0.05))
        return True

    def told(self) -> str:
        """What is on the screen and what the server noted; for the message of a test that fails."""
        lines = [line.rstrip() for line in self.screen.display]
        return "\n".join(line for line in lines if line) + "\n" + self.desk.dovecot.log


def wait_until(holds: Callable[[], object], told: Callable[[], str] = str) -> None:
    end = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"it did not happen:\n{told()}")
        time.sleep(0.02)
