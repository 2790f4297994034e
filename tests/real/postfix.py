"""A real Postfix for one test: SMTP on loopback, with a directory, ports and settings of its own.

    with Postfix(tmp_path, certificate, settings={"smtpd_relay_restrictions": "reject"}, sasl=port) as server:
        ... a program speaks to 127.0.0.1, server.submission (STARTTLS) and server.submissions (TLS) ...

What is accepted is thrown away. ``sasl`` is the port of a Dovecot that knows the passwords. Its master must be root, so
without root a test is skipped; what speaks to clients is the user ``postfix``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from dovecot import free_ports
from namespaces import find_program, stop

if TYPE_CHECKING:
    from collections.abc import Mapping

    import trustme

DAEMONS = Path("/usr/lib/postfix/sbin")
START_LIMIT = 20
"""Seconds until all ports answer; measured: about 0.2."""

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private",
          "public", "saved", "trace")  # fmt: skip

MASTER = """
127.0.0.1:{submission} inet n - n - - smtpd
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=encrypt
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """See the module."""

    def __init__(
        self, tmp_path: Path, certificate: trustme.LeafCert, *, settings: Mapping[str, str], sasl: int | None = None
    ) -> None:
        self._certificate, self._settings, self._sasl = certificate, dict(settings), sasl
        self.submission, self.submissions = free_ports(2)

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            pytest.skip("the master of Postfix must be root")
        find_program("postfix")
        if not (DAEMONS / "master").exists():
            pytest.skip(f"there is no Postfix in {DAEMONS}")
        self._base = Path(tempfile.mkdtemp(prefix="postfix-"))
        self._base.chmod(0o755)
        try:
            self._prepare()
            with (self._base / "stderr").open("wb") as told:
                self._process = subprocess.Popen(
                    [DAEMONS / "master", "-c", self._base / "etc", "-d"],
                    stdin=subprocess.DEVNULL,
                    stdout=told,
                    stderr=told,
                    env={"PATH": os.defpath + ":/usr/sbin:/sbin"},
                )
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        if hasattr(self, "_process"):
            stop(self._process)
        shutil.rmtree(self._base, ignore_errors=True)

    @property
    def log(self) -> str:
        """What Postfix noted so far; for the message of a test that fails."""
        told = [self._base / "log", self._base / "stderr"]
        return "\n".join(path.read_text(errors="replace") for path in told if path.exists())

    def _prepare(self) -> None:
        configuration = self._base / "etc"
        configuration.mkdir()
        for name in ("queue", "data", "queue/pid", *(f"queue/{one}" for one in QUEUES)):
            (self._base / name).mkdir()
            if name not in ("queue", "queue/pid"):
                shutil.chown(self._base / name, "postfix")
        pem = self._certificate.private_key_pem.bytes()
        pem += b"".join(one.bytes() for one in self._certificate.cert_chain_pems)
        (configuration / "certificate.pem").write_bytes(pem)
        told = {
            "compatibility_level": "3.6",
            "queue_directory": f"{self._base}/queue",
            "data_directory": f"{self._base}/data",
            "daemon_directory": str(DAEMONS),
            "command_directory": "/usr/sbin",
            "maillog_file": f"{self._base}/log",
            "maillog_file_prefixes": str(self._base),
            "myhostname": "localhost",
            "mydestination": "",
            "mynetworks": "",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "alias_maps": "",
            "local_recipient_maps": "",
            "default_transport": "discard",
            "smtpd_tls_security_level": "may",
            "smtpd_tls_auth_only": "yes",
            "smtpd_tls_chain_files": f"{configuration}/certificate.pem",
            "smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination",
            "smtpd_peername_lookup": "no",
            "smtpd_delay_reject": "no",
        }
        if self._sasl is not None:
            sasl = {"enable": "yes"}
            told |= {f"smtpd_sasl_auth_{name}": value for name, value in sasl.items()}
            told |= {"smtpd_sasl_type": "dovecot", "smtpd_sasl_path": f"inet:127.0.0.1:{self._sasl}"}
        told |= self._settings
        (configuration / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in told.items()))
        ports = {"submission": self.submission, "submissions": self.submissions}
        (configuration / "master.cf").write_text(MASTER.format(**ports))

    def _wait(self) -> None:
        end = time.monotonic() + START_LIMIT
        waiting = {self.submission, self.submissions}
        while waiting:
            if self._process.poll() is not None or time.monotonic() > end:
                message = f"Postfix does not answer on ports {sorted(waiting)}:\n{self.log}"
                raise RuntimeError(message)
            for port in tuple(waiting):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    waiting.discard(port)
            time.sleep(0.02)
