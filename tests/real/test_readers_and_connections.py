"""The readers of mbsync's and aerc's files, compared with where these programs connect to, how, and as whom.

Every account has a host of its own, which is an address of its own in a network namespace; a listener notes who comes.
The sections of the files are made by Hypothesis from the grammars.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import strategies as st
from namespaces import CONFIGURATION, Namespace, find_program
from test_readers_and_programs import NAMES, Found, made, ours

from wizard.programs.aerc import read_aerc
from wizard.programs.mbsync import read_mbsync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

ACCOUNTS = 60
PORTS = ["143", "993", "1143", "2993", "10143"]
HOSTS = {f"h{number}.example.org": f"127.0.1.{number}" for number in range(1, ACCOUNTS + 1)}
LIMIT = 40
"""Seconds until a program must have come to every server; measured: below 5."""


class Room(Namespace):
    """A namespace with the hosts, the listener, and what it has noted."""

    def __init__(self, path: Path) -> None:
        super().__init__(addresses=["203.0.113.10"], nameserver=None)
        self.path = path

    def prepare(self) -> None:
        import trustme

        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.path / "ca.pem"))
        authority.issue_cert(*HOSTS).private_key_and_cert_chain_pem.write_to_path(str(self.path / "server.pem"))
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in HOSTS.items())]
        (CONFIGURATION / self.name / "hosts").write_text("\n".join(lines) + "\n")
        listener = Path(__file__).parent / "imap_listener.py"
        self.start(sys.executable, listener, self.path / "server.pem", *PORTS, log=self.path / "log")
        self.wait_for(*(("127.0.0.1", int(port)) for port in PORTS))

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.path),
            "PATH": os.environ.get("PATH", os.defpath),
            "SSL_CERT_FILE": str(self.path / "ca.pem"),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
        }

    def noted(self) -> dict[str, Found]:
        """What the listener knows of each host; without a user name where only the TLS was seen."""
        names = {address: name for name, address in HOSTS.items()}
        found: dict[str, Found] = {}
        for line in (self.path / "log").read_text().split("\n")[:-1]:  # the last one is not finished
            address, port, security, user = json.loads(line)
            if address in names:
                found[names[address]] = ("imap", names[address], port, security, user or "", "")
        return found


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Room(tmp_path) as space:
        space.prepare()
        yield space


def numbered(sections: list[str]) -> str:
    """The sections as one file, each with a name and a host of its own."""
    assert len(sections) >= 40
    named = zip(sections, HOSTS, strict=False)
    return "".join(text.replace("HOST", host).replace("NAME", host.partition(".")[0]) for text, host in named)


# mbsync ---------------------------------------------------------------------------------------------------------------


@st.composite
def mbsync_section(draw: st.DrawFn) -> str:
    name = draw(NAMES)
    words = ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"', "".join(f"\\{sign}" for sign in name)]
    securities = ["# none", "SSLType IMAPS", "ssltype starttls", 'SSLType "None"', "UseIMAPS yes", "RequireSSL yes"]
    securities = [word + "\nUseTLSv1 no\nUseTLSv1.2 yes" * (" yes" in word) for word in securities]
    security = draw(st.sampled_from(securities))
    host = draw(st.sampled_from(["Host HOST", 'host "HOST"']))
    lines = [host, f"User {draw(st.sampled_from(words))}", 'Pass "x y"  # a comment', security]
    lines += ["AuthMechs LOGIN"] if "None" in security else draw(st.sampled_from([[], ["AuthMech PLAIN LOGIN"]]))
    lines += draw(st.one_of(st.just([]), st.sampled_from(PORTS).map(lambda port: [f"Port {port}"])))
    lines += draw(st.lists(st.sampled_from(["# Host z.example", "\tTimeout 9"]), max_size=2, unique=True))
    body = "\n".join(draw(st.permutations(lines)))
    if draw(st.booleans()):
        account = f"IMAPStore NAME\n{body}\n\n"
    else:
        account = f"IMAPAccount aNAME\n{body}\n\nIMAPStore NAME\nAccount aNAME\n\n"
    return account + "Channel cNAME\nFar :NAME:\nNear :local:\n\n"


def test_mbsync(room: Room) -> None:
    mbsync = find_program("mbsync")
    (room.path / "mail").mkdir()
    local = f"MaildirStore local\nPath {room.path}/mail/\nInbox {room.path}/mail/INBOX\n\n"
    text = local + numbered(made(mbsync_section())[:ACCOUNTS])
    (room.path / "mbsyncrc").write_text(text)
    for _pass in range(2):  # first who speaks TLS at once, then as whom
        done = room.run(mbsync, "-c", room.path / "mbsyncrc", "-a", env=room.environment())
    read = {found[1]: found for found in ours(read_mbsync, text)}
    assert read == room.noted(), done.stderr[-2000:]
    assert len(read) >= 40


# aerc -----------------------------------------------------------------------------------------------------------------


@st.composite
def aerc_section(draw: st.DrawFn) -> str:
    scheme = draw(st.sampled_from(["imap", "imaps", "imap+insecure"]))
    user = quote(draw(NAMES), safe=draw(st.sampled_from(["", "!$&'()*+,=~"])))
    port = draw(st.one_of(st.just(""), st.sampled_from(PORTS).map(lambda port: f":{port}")))
    url = f"{scheme}://{user}:x%20y@HOST{port}"
    value = draw(st.sampled_from([url, f"`{url}`", f'"{url}"', f"{url} ; a comment", f"{url} # a comment"]))
    lines = [f"source{draw(st.sampled_from([' = ', '=']))}{value}", "from = Anna <anna@example.org>"]
    lines += draw(st.lists(st.sampled_from(["# source = x", "", "archive = Old", "; x"]), max_size=2, unique=True))
    return "\n".join(["[NAME]", *draw(st.permutations(lines))]) + "\n"


def run_until(room: Room, program: str, done: Callable[[], bool]) -> None:
    """Run a program on a terminal until ``done``, or until the time is over."""
    import pexpect

    command, *words = room.command(program)
    child = pexpect.spawn(command, words, env=room.environment(), cwd=str(room.path), dimensions=(40, 120))
    end = time.monotonic() + LIMIT
    while not done() and time.monotonic() < end:
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            child.read_nonblocking(65536, timeout=0.05)
    child.close(force=True)


def test_aerc(room: Room) -> None:
    text = numbered(made(aerc_section())[:ACCOUNTS])
    path = room.path / ".config" / "aerc" / "accounts.conf"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o600)
    read = {found[1]: found for found in ours(read_aerc, text)}
    assert len(read) >= 40
    aerc = find_program("aerc")
    run_until(room, aerc, lambda: room.noted().keys() >= read.keys())
    run_until(room, aerc, lambda: all(found[4] for found in room.noted().values()))
    assert read == room.noted()
