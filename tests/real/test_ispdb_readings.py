"""Every file of Thunderbird's database (ISPDB) is read here as a real Thunderbird reads it.

Both read each file several times: as it is, and without the first way to log in of each server, the first two, and so
on; for Thunderbird keeps the first one that it knows, and the order of all of them is to be the same. Where the two
differ, ``ispdb_readings.yaml`` has the reason; a difference that is not there fails, and so does one that is no more.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from thunderbird import METHODS, SOCKET_TYPES, ask_thunderbird

from wizard.model.address import EmailAddress
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload, AuthenticationMethod
from wizard.programs.autoconfig import read_autoconfig

pytestmark = pytest.mark.slow

LIST = Path(__file__).with_name("ispdb_readings.yaml")
MOST_METHODS = 5
"""Ways to log in of one server that are compared; the database has three at most."""

SERVER = re.compile(r"<(incomingServer|outgoingServer)\b.*?</\1>", re.DOTALL)
METHOD = re.compile(r"<authentication\b[^>]*>.*?</authentication>", re.DOTALL)
DEFAULT = (True, 14)
"""What Thunderbird does with messages on a POP3 server where the file says nothing: they stay for 14 days."""


def without_methods(text: str, count: int) -> str:
    """The file without the first ``count`` ways to log in of every server."""
    return SERVER.sub(lambda server: METHOD.sub("", server[0], count=count) if count else server[0], text)


@pytest.fixture(scope="module")
def files(shared_data) -> dict[str, str]:
    """The text of every case: by file name, and behind a space how many ways to log in were taken away."""
    found = {}
    for path in sorted((shared_data / "ispdb").glob("*.xml")):
        text = path.read_text(encoding="utf-8")
        most = max(len(METHOD.findall(server[0])) for server in SERVER.finditer(text))
        assert most <= MOST_METHODS, path
        found |= {f"{path.name} {count}": without_methods(text, count) for count in range(most)}
    return found


@pytest.fixture(scope="module")
def ours(files) -> dict[str, tuple]:
    return {name: _read(text.encode()) for name, text in files.items()}


def _read(content: bytes) -> tuple | None:
    """The configuration and the address that it is filled in for; None for what cannot be used."""
    try:
        read = read_autoconfig(content, "file")
    except Problem:
        return None
    return read, EmailAddress("anna.rossi+shop", read.config.domains[0])


@pytest.fixture(scope="module")
def theirs(files, ours, tmp_path_factory) -> dict[str, dict]:
    cases = []
    for name, text in files.items():
        case = {"name": name, "xml": text, "address": "anna@example.org", "create": False}
        if ours[name] is not None:
            read, address = ours[name]
            servers = (*read.config.incoming, *read.config.outgoing)
            case |= {"address": str(address), "hosts": [(one.hostname, one.protocol) for one in servers]}
        cases.append(case)
    answer = ask_thunderbird(cases, tmp_path_factory.mktemp("thunderbird"))
    assert answer["reached"] is False
    return answer["cases"]


def our_servers(read, address, kind: str, sign_in_pages: list[list[str]]) -> list[str]:
    """Each server as one line, in the numbers of Thunderbird.

    Thunderbird passes OAuth2 over where it does not know the page to log in at, and a server without any other way.
    It fills in the placeholders of all servers but those for sending after the first one, which is a slip of its own.
    """
    lines: list[str] = []
    for one in getattr(read.config, kind):
        page = [one.hostname, one.protocol.value] in sign_in_pages
        known = [method for method in one.authentication if page or method is not AuthenticationMethod.OAUTH2]
        if known:
            filled = one.filled(address)
            host = f"{filled.hostname} {one.port} {SOCKET_TYPES[one.socket_type]} {METHODS[known[0]]}"
            username = one.username if kind == "outgoing" and lines else filled.username
            lines.append(f"{one.protocol} {host} {one.username or None} {username or None}")
    return lines


def their_servers(case: dict, kind: str) -> list[str]:
    return [
        f"{one['type']} {one['hostname']} {one['port']} {one['socketType']} {one['auth']} {template} {one['username']}"
        for one, template in zip(case[kind], case["published"][kind], strict=True)
    ]


def leave_of(read) -> tuple[bool, int | None]:
    """Whether messages stay on the POP3 server, and for how many days, as Thunderbird has it."""
    if read.leave is None:
        return DEFAULT
    if read.leave.kind is AfterDownload.REMOVE:
        return False, None
    return True, read.leave.days


def differences(read_here, case: dict):
    """What one file is to us and to Thunderbird: (what, here, there)."""
    if read_here is None or "error" in case:
        if not (read_here is None and "error" in case):
            yield "usable", str(read_here is not None), case.get("error", "True")
        return
    read, address = read_here
    for kind in ("incoming", "outgoing"):
        here = our_servers(read, address, kind, case["signInPages"])
        there = their_servers(case, kind)
        if here != there:
            yield kind, " | ".join(here), " | ".join(there)
    name = read.config.filled(address).display_name
    if name != case["displayName"]:
        yield "name", name, case["displayName"]
    if [one.ascii for one in read.config.domains] != case["domains"]:
        yield "domains", " ".join(one.ascii for one in read.config.domains), " ".join(case["domains"])
    pop3 = next((one for one in case["incoming"] if one["type"] == "pop3"), None)
    if pop3 is not None:
        stays = pop3["leaveMessagesOnServer"]
        there = (stays, pop3["daysToLeaveMessagesOnServer"] if stays else None)
        if leave_of(read) != there:
            yield "leave", str(leave_of(read)), str(there)


@pytest.fixture(scope="module")
def listed() -> list[dict[str, str]]:
    return yaml.safe_load(LIST.read_text(encoding="utf-8"))["differences"]


def test_every_difference_from_thunderbird_is_listed_and_no_listed_one_is_stale(files, ours, theirs, listed) -> None:
    known = {(one["case"], one["what"], one["here"], one["there"]) for one in listed}
    assert len(known) == len(listed), "a difference is listed twice"
    real = {(name, *found) for name in files for found in differences(ours[name], theirs[name])}
    assert sorted(real - known) == [], "not listed"
    assert sorted(known - real) == [], "stale"


def test_every_file_can_be_used(files, ours) -> None:
    assert len([name for name in files if name.endswith(" 0")]) > 80
    assert [name for name in files if name.endswith(" 0") and ours[name] is None] == []


def test_every_listed_difference_has_a_reason(listed) -> None:
    for one in listed:
        assert len(one["reason"].split()) >= 5, one


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        ("incoming", "imap.gmail.com", "imap.googlemail.example"),
        ("incoming", "<port>993</port>", "<port>994</port>"),
        ("incoming", "OAuth2", "GSSAPI"),
        ("outgoing", "<socketType>SSL</socketType>", "<socketType>STARTTLS</socketType>"),
        ("name", "Google Mail", "Mail"),
        ("domains", "<domain>gmail.com</domain>", ""),
        ("leave", "<leaveMessagesOnServer>true", "<leaveMessagesOnServer>false"),
    ],
)
def test_the_comparison_sees_each_kind_of_difference(files, theirs, what, before, after) -> None:
    """The comparison itself: a file that is read otherwise must not pass."""
    name = "googlemail.com.xml 0"
    assert before in files[name]
    found = set(differences(_read(files[name].replace(before, after).encode()), theirs[name]))
    usual = set(differences(_read(files[name].encode()), theirs[name]))
    assert what in {one[0] for one in found - usual}
