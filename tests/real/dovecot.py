"""A real Dovecot for one test: IMAP, POP3 and submission on loopback, with a directory, ports and a CA of its own.

    with Dovecot(tmp_path, users={"anna@example.test": "secret"}) as server:
        server.deliver("anna@example.test", b"Subject: hello\\r\\n\\r\\nHello\\r\\n")
        ... a program speaks to server.host, server.imaps, server.pop3s, server.submission, trusting server.ca_file ...
        assert server.messages("anna@example.test") == []
        assert server.sent[0].recipients == ("bruno@example.test",)

It never runs as root: started by root (in CI), it becomes ``nobody``. What is submitted ends in ``server.sent``.

With ``place=Place(…)`` it stands on the usual ports of a network namespace; nothing can be submitted there.
"""

from __future__ import annotations

import hmac
import json
import os
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    import trustme
    from namespaces import Namespace

HOST = "localhost"
"""The name in the certificate; loopback under the name that every machine knows."""

USUAL_PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "submission": 587, "submissions": 465}
PROTOCOLS = tuple(USUAL_PORTS)
START_LIMIT = 20
"""Seconds until all ports answer; measured: about 0.2."""

CONFIGURATION = """
protocols = imap pop3 submission
listen = {listen}
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
auth_username_chars =
auth_username_format =
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_client_limit = 200
default_process_limit = 20
first_valid_uid = 1
first_valid_gid = 1
hostname = localhost
ssl = required
ssl_cert = <{base}/certificate.pem
ssl_key = <{base}/key.pem
auth_mechanisms = {mechanisms}
{tokens}
mail_location = maildir:~/Maildir
mail_fsync = never
mailbox_list_index = no
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
  inet_listener submissions {{
    port = {submissions}
    ssl = yes
  }}
}}
"""


TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
TOKEN_RULES = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={base}/keys/
username_attribute = sub
"""


@dataclass(frozen=True)
class Sent:
    """A message that came out of the submission server. ``content`` has the line ends of the network (CRLF)."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True)
class Place:
    """Where in a network namespace it listens, and the names of its certificate, which ``authority`` signs."""

    space: Namespace
    addresses: tuple[str, ...]
    names: tuple[str, ...]
    authority: trustme.CA


@dataclass(frozen=True)
class Login:
    """A log-in that succeeded: ``service`` is imap, pop3 or submission, ``mechanism`` the one of SASL in capitals."""

    service: str
    user: str
    mechanism: str
    tls: bool


_LOGIN = re.compile(r"(\w+)-login: Info: Login: user=<([^>]*)>, method=([\w-]+), (.*)")


class Dovecot:
    """See the module. The ports are ``imap``, ``pop3`` and ``submission`` (with STARTTLS), ``imaps``, ``pop3s`` and
    ``submissions`` (TLS from the first byte); log-in is PLAIN, LOGIN or CRAM-MD5.

    Dovecot trusts loopback without TLS, whatever it is told: what must be encrypted is seen in ``logins``.
    """

    host = HOST

    def __init__(
        self, tmp_path: Path, users: dict[str, str], *, place: Place | None = None, tokens: bool = False
    ) -> None:
        """``tokens``: log in by OAuth2 (XOAUTH2, OAUTHBEARER) with what :meth:`token` gives, and by nothing else."""
        self.users = users
        self._tokens = secrets.token_bytes(32) if tokens else None
        self._place = place
        self.ca_file = tmp_path / "dovecot-ca.pem"
        self.sent: list[Sent] = []
        self._delivered = 0
        (
            self.imap,
            self.imaps,
            self.pop3,
            self.pop3s,
            self.submission,
            self.submissions,
        ) = free_ports(len(PROTOCOLS)) if place is None else USUAL_PORTS.values()

    def __enter__(self) -> Self:
        program = _program()
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        # Not in tmp_path: nobody may not enter a directory of root, and Unix sockets have 107 characters at most.
        self._base = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._sink = _Sink(self.sent)
        try:
            self._prepare()
            self._process = subprocess.Popen(
                [*self._front(), program, "-F", "-c", self._base / "dovecot.conf"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=(self._base / "stderr").open("wb"),
                env={"PATH": os.defpath + ":/usr/sbin:/sbin", "HOME": str(self._base)},
                cwd=self._base,
                start_new_session=True,
                **self._become(),
            )
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        process = getattr(self, "_process", None)
        if process is not None:
            # All of them: the master alone would wait a second for its children.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        self._sink.close()
        shutil.rmtree(self._base, ignore_errors=True)

    @property
    def log(self) -> str:
        """What Dovecot noted so far; for the message of a test that fails."""
        path = self._base / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def logins(self) -> list[Login]:
        """Who logged in so far, in order."""
        found = _LOGIN.findall(self.log)
        return [Login(service, user, method, ", TLS" in rest) for service, user, method, rest in found]

    def token(self, user: str) -> str:
        """An access token for ``user``, good for an hour (a JSON Web Token, RFC 7519, with a shared key)."""
        assert self._tokens is not None
        now = int(time.time())
        claims = {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": now + 3600}
        parts = [json.dumps(one).encode() for one in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signed = b".".join(urlsafe_b64encode(one).rstrip(b"=") for one in parts)
        signature = urlsafe_b64encode(hmac.digest(self._tokens, signed, "sha256")).rstrip(b"=")
        return (signed + b"." + signature).decode()

    def deliver(self, user: str, message: bytes) -> None:
        """Put ``message`` into the inbox of ``user``, as a delivery of now; line ends may be LF or CRLF."""
        self._delivered += 1
        maildir = self._maildir(user)
        name = f"{time.time_ns() // 10**9}.M{self._delivered:06}P1.test"
        temporary = maildir / "tmp" / name
        temporary.write_bytes(message)
        self._give(temporary)
        temporary.rename(maildir / "new" / name)

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The messages in a folder of ``user`` as they lie on the disk, in the order of their delivery."""
        maildir = self._maildir(user)
        where = maildir if folder == "INBOX" else maildir / f".{folder.replace('/', '.')}"
        files = [path for part in ("new", "cur") for path in (where / part).glob("*")]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.name)]

    def _maildir(self, user: str) -> Path:
        if user not in self.users:
            raise KeyError(user)
        return self._base / "mail" / user / "Maildir"

    def _prepare(self) -> None:
        import trustme

        place = self._place
        authority = trustme.CA() if place is None else place.authority
        names = (HOST, "127.0.0.1") if place is None else place.names
        # fetchmail 6.4 refuses a certificate without a common name, whatever names are in it beside.
        certificate = authority.issue_cert(*names, common_name=names[0])
        authority.cert_pem.write_to_path(self.ca_file)
        self.ca_file.chmod(0o644)
        certificate.private_key_pem.write_to_path(self._base / "key.pem")
        (self._base / "certificate.pem").write_bytes(b"".join(one.bytes() for one in certificate.cert_chain_pems))
        encoded = {user: b64encode(password.encode()).decode() for user, password in self.users.items()}
        lines = "".join(f"{user}:{{PLAIN.b64}}{password}::::::\n" for user, password in encoded.items())
        (self._base / "users").write_text(lines)
        ports = {name: getattr(self, name) for name in PROTOCOLS}
        filled = CONFIGURATION.format(
            base=self._base,
            mechanisms="plain login cram-md5" if self._tokens is None else "xoauth2 oauthbearer",
            tokens="" if self._tokens is None else TOKENS.format(base=self._base),
            user=self._user.pw_name,
            group=_group_name(self._user.pw_gid),
            uid=self._user.pw_uid,
            gid=self._user.pw_gid,
            relay=self._sink.port,
            listen="127.0.0.1" if place is None else ", ".join(place.addresses),
            **ports,
        )
        (self._base / "dovecot.conf").write_text(filled)
        if self._tokens is not None:
            (self._base / "oauth2.conf").write_text(TOKEN_RULES.format(base=self._base))
            (self._base / "keys/default/HS256").mkdir(parents=True)
            (self._base / "keys/default/HS256/default").write_bytes(b64encode(self._tokens))
        (self._base / "run").mkdir()
        (self._base / "state").mkdir()
        for user in self.users:
            for part in ("new", "cur", "tmp"):
                (self._maildir(user) / part).mkdir(parents=True)
        for path in (self._base, *self._base.rglob("*")):
            self._give(path)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _front(self) -> list[str]:
        """The command in front: into the namespace, which only root may enter, and then no longer root."""
        if self._place is None:
            return []
        user = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        # The usual ports are below 1024.
        ports = ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
        return self._place.space.command("setpriv", *user, *ports)

    def _become(self) -> dict[str, Any]:
        if os.geteuid() != 0 or self._place is not None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _wait(self) -> None:
        if self._place is not None:
            ports = [(address, port) for address in self._place.addresses for port in USUAL_PORTS.values()]
            self._place.space.wait_for(*ports)
            return
        end = time.monotonic() + START_LIMIT
        waiting = {getattr(self, name) for name in PROTOCOLS}
        while waiting:
            if self._process.poll() is not None or time.monotonic() > end:
                told = (self._base / "stderr").read_text(errors="replace")
                message = f"Dovecot does not answer on ports {sorted(waiting)}:\n{told}\n{self.log}"
                raise RuntimeError(message)
            waiting = {port for port in waiting if not _answers(port)}
            time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on at this moment, below those that the system gives to anybody."""
    found: list[int] = []
    for port in random.sample(range(20000, 32000), 1000):
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            found.append(port)
        if len(found) == count:
            return found
    message = "no free ports"
    raise RuntimeError(message)


def _program() -> str:
    program = shutil.which("dovecot", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    if program is None:
        pytest.skip("Dovecot is not installed")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3"):
        pytest.skip(f"the configuration here is for Dovecot 2.3, not {version.strip()}")
    known = Path(program).resolve().parent.parent / "lib" / "dovecot"
    for name in ("imap-login", "pop3-login", "submission-login"):
        if known.is_dir() and not (known / name).exists():
            pytest.skip(f"Dovecot has no {name} here")
    return program


def _group_name(number: int) -> str:
    import grp

    return grp.getgrgid(number).gr_name


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class _Conversation(socketserver.StreamRequestHandler):
    """The few commands of SMTP (RFC 5321) that a relaying server says."""

    def handle(self) -> None:
        sender, recipients = "", []
        self._say("220 sink.example.test ESMTP")
        while line := self.rfile.readline(4096):
            word = line.strip().decode("utf-8", "replace")
            command = word[:4].upper()
            if command == "EHLO":
                self._say("250-sink.example.test\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif command == "MAIL":
                sender, recipients = _path(word), []
                self._say("250 2.1.0 Ok")
            elif command == "RCPT":
                recipients.append(_path(word))
                self._say("250 2.1.5 Ok")
            elif command == "DATA":
                self._say("354 Go on")
                self.server.sent.append(Sent(sender, tuple(recipients), self._message()))
                self._say("250 2.0.0 Taken")
            elif command == "QUIT":
                self._say("221 2.0.0 Bye")
                return
            else:
                self._say("250 2.0.0 Ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


def _path(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]


class _Sink:
    """An SMTP server that keeps what it gets in ``sent``."""

    def __init__(self, sent: list[Sent]) -> None:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation)
        self._server.daemon_threads = True
        self._server.sent = sent
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
