"""The readers of the terminal programs' files, compared with the programs: both must find the same in the same file.

The files are made by Hypothesis from the grammars. Nothing is connected to: the programs print what they have read.
"""

from __future__ import annotations

import ast
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from wizard.model.problems import Problem
from wizard.model.servers import LeavePolicy, Protocol
from wizard.programs.fetchmail import read_fetchmail
from wizard.programs.getmail import read_getmail
from wizard.programs.msmtp import read_msmtp
from wizard.programs.muttrc import UNKNOWN, read_configuration
from wizard.programs.neomutt import read_neomutt
from wizard.programs.offlineimap import read_offlineimap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wizard.programs.reading import ReadAccount, ReadFile, WrittenServer

pytestmark = pytest.mark.slow

FILES = 80
"""Files that are made for each program."""

COMPARED = 40
"""Of these a program has to read at least."""

LIMIT = 60
"""Seconds for one program; measured: below 2."""

Made = TypeVar("Made")
Found = tuple[str, str, int, str, str, str]
"""Protocol, host, port, security, user name, what becomes of messages."""

HOSTS = st.sampled_from(
    ["imap.example.org", "mail.example.net", "pop-3.example.com", "xn--bcher-kva.example", "a.b.example"]
)
PORTS = st.sampled_from(["143", "993", "110", "995", "2525", "1"])
PLAIN_NAMES = st.sampled_from(
    ["anna", "anna@example.org", "b.rossi+x@example.net", "carla_1", "d-e", "007", "user", "keep"]
)
ODD_NAMES = st.text("ab @\\\"'#;,:=%$`{}()[]~!", min_size=1, max_size=8).map(str.strip).filter(bool)
NAMES = st.one_of(PLAIN_NAMES, ODD_NAMES)


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    path = Path(
        tempfile.mkdtemp(prefix="readers-")
    )  # not in tmp_path, which only root may enter when root runs the tests
    yield path
    shutil.rmtree(path)


def made(strategy: st.SearchStrategy[Made]) -> list[Made]:
    """The same files at each run; a failure shows the whole file, and is not looked for in smaller ones."""
    files: list[Made] = []

    @settings(
        max_examples=FILES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(file: Made) -> None:
        files.append(file)

    collect()
    return files


def run(room: Path, *command: str, environment: dict[str, str] | None = None, stdin: str = "") -> str:
    """What a program prints, whatever its exit code; as somebody who may not do everything."""
    name = shutil.which(command[0])
    if name is None:
        pytest.skip(f"{command[0]} is not installed")
    become: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        for path in (room, *room.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        [name, *command[1:]],
        input=stdin.encode(),
        capture_output=True,
        cwd=room,
        env={"HOME": str(room), "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **(environment or {})},
        timeout=LIMIT,
        check=False,
        **become,
    )
    if done.returncode != 0:
        print(done.stderr.decode(errors="replace"))  # shown where a test fails
        return ""
    return done.stdout.decode(errors="replace")


def ours(read: Callable[[bytes, str], ReadFile], text: str) -> list[Found]:
    """What the reader finds; nothing for a file that it refuses."""
    try:
        accounts = read(text.encode(), "file").accounts
    except Problem:
        return []
    return [found(server, account.leave) for account in accounts for server in _servers(account)]


def _servers(account: ReadAccount) -> list[WrittenServer]:
    return [*account.incoming, *account.outgoing, *account.incomplete]


def found(server: WrittenServer, leave: LeavePolicy | None) -> Found:
    kept = "" if leave is None or server.protocol is not Protocol.POP3 else f"{leave.kind} {leave.days or ''}".strip()
    return (
        server.protocol.value,
        server.hostname,
        server.port or 0,
        str(server.socket_type),
        server.username or "",
        kept,
    )


def usual(protocol: str, security: str) -> int:
    return {"imap": (993, 143), "pop3": (995, 110)}[protocol][security != "SSL"]


# fetchmail ------------------------------------------------------------------------------------------------------------

NOISE = st.sampled_from(
    [" ", "\n  ", " and ", " with ", " has ", " wants ", " options ", ", ", "; ", ": ", " # c \"'x\n", "\t\\\n"]
)


def fetchmail_word(text: str) -> st.SearchStrategy[str]:
    """A name as a word where it can be one, and in quotation marks of both kinds."""
    escaped = "".join(f"\\x{ord(sign):02x}" if sign in "\"'" else "\\\\" if sign == "\\" else sign for sign in text)
    choices = [f'"{escaped}"', f"'{escaped}'"]
    if re.fullmatch(r"[\w@.+-]+", text):
        choices.append(text)
    return st.sampled_from(choices)


@st.composite
def fetchmail_user(draw: st.DrawFn) -> str:
    name = draw(fetchmail_word(draw(NAMES)))
    local = draw(st.sampled_from(["me", "user", '"x y"', "'here'"]))
    begin = draw(
        st.sampled_from(
            [
                f"user {name}",
                f"username {name} there",
                f"user {local} here is {name} there",
                f"user {name} is {local} here",
            ]
        )
    )
    options = draw(
        st.lists(
            st.sampled_from(
                ["keep", "no keep", "nokeep", "ssl", "no ssl", 'sslproto ""', "sslproto 'TLS1.2+'", "sslcertck",
                 "fetchall", "pass ssl", "password 'keep'", "no rewrite", "norewrite", "to a b here", "mda 'user keep'",
                 "limit 5",
                 "folder INBOX", "fastuidl 3", "smtphost localhost"]
            ),
            max_size=5,
        )
    )  # fmt: skip
    return "".join(draw(NOISE) + part for part in (begin, *options))


@st.composite
def fetchmail_server(draw: st.DrawFn, word: str) -> str:
    parts = [word] if word == "defaults" else [f"{word} {draw(fetchmail_word(draw(HOSTS)))}"]
    parts += draw(
        st.lists(
            st.one_of(
                st.sampled_from(["proto", "protocol"]).flatmap(
                    lambda key: st.sampled_from(["imap", "IMAP", "pop3", "POP3", "apop", "etrn", "sdps", "auto"]).map(
                        lambda value: f"{key} {value}"
                    )
                ),
                PORTS.map(lambda port: f"port {port}"),
                st.sampled_from(["service imaps", "service 'pop3s'", "service 99", "uidl", "no uidl", "nodns",
                                 "auth password", "auth cram-md5", "timeout 9", "interval 2", "envelope 2 'Received'",
                                 "no envelope"]),
                HOSTS.flatmap(fetchmail_word).map(lambda host: f"via {host}"),
            ),
            max_size=4,
        )
    )  # fmt: skip
    if word != "defaults" and draw(st.integers(0, 5)) != 0:
        parts.insert(1, draw(st.sampled_from(["proto imap", "protocol POP3"])))
    text = "".join(part + draw(NOISE) for part in parts)
    users = draw(st.lists(fetchmail_user(), min_size=word != "defaults", max_size=1 if word == "defaults" else 3))
    return f"{text} {' '.join(users)}\n"


@st.composite
def fetchmailrc(draw: st.DrawFn) -> str:
    text = draw(
        st.sampled_from(["", "set daemon 300\n", "# poll x proto imap user y\n", "set no bouncemail set logfile 'x'\n"])
    )
    text += draw(st.one_of(st.just(""), fetchmail_server("defaults")))
    return text + "".join(
        draw(st.lists(st.sampled_from(["poll", "skip", "server"]).flatmap(fetchmail_server), min_size=1, max_size=3))
    )


def python_value(text: str) -> Any:
    """The value that fetchmail's --configdump assigns to ``fetchmailrc``."""

    class Constants(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.Constant({"TRUE": True, "FALSE": False}.get(node.id))

    (value,) = (
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "fetchmailrc"
    )
    return ast.literal_eval(Constants().visit(value))


def fetchmails(dump: str) -> list[Found]:
    accounts: list[Found] = []
    for server in python_value(dump)["servers"]:
        protocol = {"IMAP": "imap", "POP3": "pop3", "APOP": "pop3"}.get(server["protocol"])
        for user in server["users"]:
            security = "SSL" if user["ssl"] else "plain" if user["sslproto"] == "" else "STARTTLS"
            if protocol is None:
                continue
            service = server["service"] or str(usual(protocol, security))
            kept = "" if protocol == "imap" else "keep" if user["keep"] else "remove"
            port = int(service) if service.isdigit() else socket.getservbyname(service)
            accounts.append((protocol, server["via"] or server["pollname"], port, security, user["remote"], kept))
    return accounts


def test_fetchmail(room: Path) -> None:
    path = room / "fetchmailrc"
    compared = 0
    for text in made(fetchmailrc()):
        path.write_text(text)
        path.chmod(0o600)
        if dump := run(room, "fetchmail", "-f", str(path), "--configdump"):
            assert ours(read_fetchmail, text) == fetchmails(dump), text
            compared += 1
    assert compared >= COMPARED


# msmtp ----------------------------------------------------------------------------------------------------------------

TLS = ["", "tls on", "tls off", "tls", "tls_starttls off", "tls_starttls on", "tls_starttls", "tls_nostarttls"]


@st.composite
def msmtp_section(draw: st.DrawFn, names: Sequence[str]) -> str:
    """A section that begins with ``names[-1]`` and may inherit from those before it."""
    *before, name = names
    parents = draw(st.lists(st.sampled_from(before), max_size=2, unique=True)) if before else []
    colon = (
        draw(st.sampled_from([" : ", ":", " :\t"])) + draw(st.sampled_from([",", ", "])).join(parents)
        if parents
        else ""
    )
    lines = [f"account {name}{colon}"] if name != "defaults" else ["defaults"]
    lines += draw(
        st.lists(
            st.one_of(
                HOSTS.map(lambda host: f"host {host}"),
                HOSTS.map(lambda host: f'host\t"{host}"'),
                PORTS.map(lambda port: f"port {port}"),
                st.sampled_from(TLS),
                st.sampled_from(["auth", "auth on", "auth off", "auth plain", "auth cram-md5", "auth login"]),
                NAMES.map(lambda user: f"user {user}"),
                NAMES.map(lambda user: f'  user   "{user}"  '),
                st.sampled_from(["password x y", "# host z.example", "", "logfile ~/x", "from anna@example.org",
                                 'from "bea@example.net"', "timeout 9", "protocol smtp", "protocol lmtp"]),
            ),
            max_size=8,
        )
    )  # fmt: skip
    return "\n".join(lines) + "\n"


@st.composite
def msmtprc(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A file and the names of its accounts."""
    names = draw(
        st.lists(st.sampled_from(["a", "b", "my-work", "default", "x_1"]), min_size=1, max_size=4, unique=True)
    )
    text = draw(st.one_of(st.just(""), msmtp_section(["defaults"])))
    for number in range(1, len(names) + 1):
        text += draw(msmtp_section(names[:number]))
        if draw(st.integers(0, 4)) == 0:
            text += draw(msmtp_section(["defaults"]))
    if "default" not in names and draw(st.booleans()):
        text += f"account default : {draw(st.sampled_from(names))}\n"
        names.append("default")
    return text, names


def msmtps(printed: str) -> list[Found]:
    values = dict(re.findall(r"^(\w+) = (.*)$", printed, re.MULTILINE))
    if not values or values["protocol"] != "smtp":
        return []
    security = "plain"
    if values["tls"] == "on":
        security = "STARTTLS" if values["tls_starttls"] == "on" else "SSL"
    user = "" if values["auth"] == "none" or values["user"] == "(not set)" else values["user"]
    return [("smtp", values["host"], int(values["port"]), security, user, "")]


def test_msmtp(room: Path) -> None:
    path = room / "msmtprc"
    compared = 0
    for text, names in made(msmtprc()):
        path.write_text(text)
        path.chmod(0o600)
        command = ("msmtp", "-C", str(path), "--pretend", "x@example.org", "-a")
        theirs = {name: msmtps(run(room, *command, name)) for name in names}
        if any(theirs.values()):
            read = ours(read_msmtp, text)
            assert set(read) == {account for accounts in theirs.values() for account in accounts}, text
            assert read[:1] == theirs.get("default") or not theirs.get("default"), text
            compared += 1
    assert compared >= COMPARED


# NeoMutt --------------------------------------------------------------------------------------------------------------

QUERIED = ("folder", "spoolfile", "pop_host", "smtp_url", "imap_user", "imap_login", "pop_user", "smtp_user", "from",
           "realname", "ssl_starttls", "ssl_force_tls", "pop_delete")  # fmt: skip


def mutt_word(text: str) -> st.SearchStrategy[str]:
    """A value between quotation marks of both kinds, and with a backslash before each special character."""
    choices = ['"' + re.sub(r'([\\"`$])', r"\\\1", text) + '"', re.sub(r"(\W)", r"\\\1", text)]
    if "'" not in text:
        choices.append(f"'{text}'")
        choices.append(f"'{text[:2]}'" + '"' + re.sub(r'([\\"`$])', r"\\\1", text[2:]) + '"')
    return st.sampled_from(choices)


def mutt_values(name: str) -> st.SearchStrategy[str]:
    if name in ("folder", "spoolfile", "pop_host", "smtp_url"):
        schemes = {"pop_host": ["pop", "pops"], "smtp_url": ["smtp", "smtps"]}.get(name, ["imap", "imaps"])
        return st.builds(
            lambda scheme, user, host, port: f"{scheme}://{user}{host}{port}/",
            st.sampled_from(schemes),
            st.sampled_from(["", "anna@", "anna%40example.org@", "b%2Fc@"]),
            HOSTS,
            st.one_of(st.just(""), PORTS.map(lambda port: f":{port}")),
        )
    if name == "from":
        return st.sampled_from(["anna@example.org", "Anna Rossi <anna@example.org>"])
    return NAMES


@st.composite
def mutt_assignment(draw: st.DrawFn) -> str:
    name = draw(
        st.sampled_from([name for name in QUERIED if not name.startswith(("ssl_", "pop_del"))] + ["my_x", "my_y"])
    )
    word = draw(mutt_word(draw(mutt_values(name))))
    if name in ("imap_user", "pop_user", "smtp_user") and draw(st.integers(0, 3)) == 0:
        word = draw(st.sampled_from(["$my_x", '"$my_x@example.org"', "${my_x}x", "'$my_x'", "$imap_user"]))
    if name == "spoolfile" and draw(st.booleans()):
        word = "/var/mail/x"
    return draw(st.sampled_from([f"{name}={word}", f"{name} = {word}", f"{name}= {word}"]))


MUTT_LINES = st.one_of(
    st.lists(mutt_assignment(), min_size=1, max_size=3).map(lambda parts: "set " + " ".join(parts)),
    mutt_assignment().map(lambda part: f"set {part} # set folder=imap://x.example/"),
    mutt_assignment().map(lambda part: f"set sort=threads; set {part};unset imap_login"),
    mutt_assignment().map(lambda part: "set \\\n  " + part),
    st.sampled_from(
        ["set ssl_starttls", "set nossl_starttls", "unset ssl_force_tls", "set ssl_starttls=no",
         "set ssl_force_tls = no",
         "set invssl_force_tls", "toggle ssl_force_tls", "set pop_delete", "set pop_delete=yes",
         "set nopop_delete",
         "unset imap_user", "set imap_user += x", "set imap_user=", "reset realname", "set indent_string='  ''",
         "# comment \\\nset folder=imap://x.example/", "macro index x 'set folder=y'", "color normal default default",
         "  set  realname = \"not closed", "set from=anna@example.org \\", "bind index j next-entry", "",
         "alias x X <x@example.org>", "set my_x=\"a$my_y\"", "set realname=\"\\101\\x\""]
    ),
)  # fmt: skip


def mutts(printed: str) -> str:
    """A file that says, each in its own line, what NeoMutt has printed: its values quoted once more."""
    lines = []
    for name, word in re.findall(r"^set (\w+) = (.*)$", printed, re.MULTILINE):
        lines.append(f"set {name} = " + re.sub(r"([`$])", r"\\\1", word))
    return "\n".join(lines)


def test_neomutt(room: Path) -> None:
    compared = 0
    queries = [word for name in QUERIED for word in ("-Q", name)]
    for lines in made(st.lists(MUTT_LINES, min_size=4, max_size=12)):
        # A variable that nobody sets is in the environment, or nowhere; “+” stands for the folder as it is then.
        text = "\n".join(["set my_x=xyz my_y='a b'", *lines, "set spoolfile=+INBOX" * (len(lines) % 2), ""])
        (room / "muttrc").write_text(text)
        printed = run(room, "neomutt", "-n", "-F", str(room / "muttrc"), *queries)
        if "://" in printed:
            read, again = read_configuration(text).values, read_configuration(mutts(printed)).values
            for name in ("imap_user", "imap_login", "pop_user", "smtp_user"):
                assert UNKNOWN in read.get(name, UNKNOWN) or read[name] == again[name], (name, text)
            assert ours(read_neomutt, text) == ours(read_neomutt, mutts(printed)), text
            compared += 1
    assert compared >= COMPARED


# getmail --------------------------------------------------------------------------------------------------------------

RETRIEVERS = ["SimplePOP3Retriever", "SimplePOP3SSLRetriever", "BrokenUIDLPOP3Retriever", "BrokenUIDLPOP3SSLRetriever",
              "MultidropPOP3Retriever", "MultidropPOP3SSLRetriever", "MultidropSDPSRetriever", "SimpleIMAPRetriever",
              "SimpleIMAPSSLRetriever", "MultidropIMAPRetriever", "MultidropIMAPSSLRetriever"]  # fmt: skip


@st.composite
def getmailrc(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(RETRIEVERS))
    lines = [
        f"type = {kind}",
        draw(HOSTS.map(lambda host: f"server: {host}")),
        f"username = {draw(NAMES)}",
        "password=x y",
    ]
    lines += ["envelope_recipient = delivered-to:1"] * ("Multidrop" in kind and "SDPS" not in kind)
    lines += draw(st.one_of(st.just([]), PORTS.map(lambda port: [f"port = {port}"])))
    lines += draw(st.lists(st.sampled_from(["# port = 7", "timeout = 9", "", "; x"]), max_size=2, unique=True))
    lines = draw(st.permutations(lines))
    days = draw(st.sampled_from(["0", "1", "14", "3650"]))
    options = draw(
        st.lists(
            st.sampled_from(["delete = true", "delete = 0", "delete: yes", f"delete_after = {days}", "verbose = 0"]),
            max_size=3,
            unique_by=lambda line: re.split("[ :=]", line)[0],
        )
    )
    sections = [
        ["[retriever]", *lines],
        ["[destination]", "type = Maildir", "path = DIRECTORY/"],
        *([["[options]", *options]] if options else []),
    ]
    return "\n".join(line for section in draw(st.permutations(sections)) for line in section) + "\n"


def getmails(printed: str) -> list[Found]:
    """What getmail --dump says of one file."""
    kind, values = re.findall(r"^  retriever:  (\w+)\((.*)\)$", printed, re.MULTILINE)[0]
    port, server = (re.findall(rf'(?:^|, ){name}="([^"]*)"', values)[0] for name in ("port", "server"))
    user = re.findall(r'username="(.*)"$', values)[0]
    delete, days = (
        re.findall(rf"^    {name} : (.*)$", printed, re.MULTILINE)[0] for name in ("delete", "delete_after")
    )
    protocol = "imap" if "IMAP" in kind else "pop3"
    kept = "remove" if delete == "True" else "keep" if days == "0" else f"keep_days {days}"
    return [
        (protocol, server, int(port), "SSL" if "SSL" in kind else "plain", user, kept if protocol == "pop3" else "")
    ]


def test_getmail(room: Path) -> None:
    files = made(getmailrc())
    for part in ("cur", "new", "tmp"):
        (room / part).mkdir(exist_ok=True)
    words: list[str] = []
    for number, text in enumerate(files):
        (room / f"getmailrc-{number}").write_text(text.replace("DIRECTORY", str(room)))
        words += ["--rcfile", f"getmailrc-{number}"]
    printed = run(room, "getmail", "--getmaildir", str(room), *words, "--dump").split("getmail configuration:")[1:]
    assert len(printed) == len(files) >= COMPARED
    for text, theirs in zip(files, printed, strict=True):
        assert ours(read_getmail, text) == getmails(theirs), text


# OfflineIMAP ----------------------------------------------------------------------------------------------------------

ASK_OFFLINEIMAP = """
import json, sys
sys.path.insert(0, "/usr/share/offlineimap3")
from offlineimap import CustomConfig, ui
from offlineimap.accounts import Account, getaccountlist
from offlineimap.repository import Repository
from offlineimap.ui import UI_LIST, setglobalui
for path in sys.argv[1:]:
    config = CustomConfig.CustomConfigParser()
    config.read(path)
    config.set("general", "dry-run", "False")
    setglobalui(UI_LIST["quiet"](config))
    found = []
    for name in [name.strip() for name in config.get("general", "accounts").split(",")]:
        account = Account(config, name)
        try:
            repository = Repository(account, "remote")
        except Exception:  # of any class: offlineimap refuses this account, and so must we
            continue
        port = repository.getport() or (993 if repository.getssl() else 143)
        security = "SSL" if repository.getssl() else "STARTTLS" if repository.getstarttls() else "plain"
        found.append(["imap", repository.gethost(), port, security, repository.getuser(), ""])
    print(json.dumps(found))
"""


@st.composite
def offlineimaprc(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(["work", "Home", "a b", "x-1"]), min_size=1, max_size=3, unique=True))
    listed = draw(st.permutations(names))
    text = f"[general]\naccounts = {draw(st.sampled_from([', ', ','])).join(listed)}\n"
    for name in names:
        kind = draw(st.sampled_from(["IMAP", "IMAP", "Gmail"]))
        lines = [f"type = {kind}", f"remoteuser = {draw(NAMES).replace('%', '%%')}", "remotepass = a%%b"]
        lines += [f"remotehost: {draw(HOSTS)}"] if kind == "IMAP" or draw(st.booleans()) else []
        lines += draw(
            st.lists(
                st.one_of(
                    PORTS.map(lambda port: f"remoteport = {port}"),
                    st.sampled_from(["ssl = no", "ssl = yes", "SSL=off", "starttls = no", "starttls=1", "# ssl = no"]),
                    st.sampled_from(
                        [
                            "auth_mechanisms = PLAIN, LOGIN",
                            "maxconnections = 2",
                            "name = q",
                            "folderfilter = lambda f: 1",
                        ]
                    ),
                ),
                max_size=4,
                unique_by=lambda line: re.split("[ :=]", line.lower())[0],
            )
        )
        if draw(st.integers(0, 3)) == 0:
            lines = [
                line if not line.startswith("remoteuser") else "remoteuser = %(login)s@example.org" for line in lines
            ]
            lines.append("login = anna")
        text += f"[Account {name}]\nlocalrepository = l\nremoterepository = r {name}\n[Repository r {name}]\n"
        text += "\n".join(draw(st.permutations(lines))) + "\n"
    return text + "[Repository l]\ntype = Maildir\nlocalfolders = ~/Mail\n"


def test_offlineimap(room: Path) -> None:
    files = made(offlineimaprc())
    if shutil.which("offlineimap") is None:
        pytest.skip("offlineimap is not installed")
    paths = [room / f"offlineimaprc-{number}" for number in range(len(files))]
    for path, text in zip(paths, files, strict=True):
        path.write_text(text)
    printed = run(room, "/usr/bin/python3", "-c", ASK_OFFLINEIMAP, *map(str, paths)).splitlines()
    assert len(printed) == len(files) >= COMPARED
    for text, theirs in zip(files, printed, strict=True):
        assert ours(read_offlineimap, text) == [tuple(found) for found in json.loads(theirs)], text
