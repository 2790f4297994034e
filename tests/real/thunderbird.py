"""One Thunderbird, without a window and without a network, reads files in one go; see thunderbird_reader.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from wizard.model.servers import AuthenticationMethod, SocketType

READER = Path(__file__).with_name("thunderbird_reader.py")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
LIMIT = 180
"""Seconds for all files together, start included; measured: about 5."""

# The numbers of nsMsgSocketType and nsMsgAuthMethod: comm-central, MailNewsTypes2.idl.
SOCKET_TYPES = {SocketType.PLAIN: 0, SocketType.STARTTLS: 2, SocketType.SSL: 3}
METHODS = {
    AuthenticationMethod.NONE: 1,
    AuthenticationMethod.CLIENT_IP_ADDRESS: 1,
    AuthenticationMethod.PASSWORD_CLEARTEXT: 3,
    AuthenticationMethod.PASSWORD_ENCRYPTED: 4,
    AuthenticationMethod.GSSAPI: 5,
    AuthenticationMethod.NTLM: 6,
    AuthenticationMethod.OAUTH2: 10,
}


def own_network() -> list[str]:
    """The command in front that gives a process a network and process numbers of its own; empty where it may not."""
    command = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child=KILL"]
    with suppress(OSError):
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return []


def ask_thunderbird(cases: list[dict[str, Any]], directory: Path) -> dict[str, Any]:
    """What Thunderbird says of ``cases``; it and all its children are dead when this returns or raises."""
    program = shutil.which("thunderbird")
    if program is None:
        pytest.skip("Thunderbird is not installed")
    pytest.importorskip("marionette_driver")
    front = own_network()
    asked = {
        "thunderbird": program,
        "profile": str(directory / "profile"),
        "installation": str(directory),
        "cases": cases,
    }
    process = subprocess.Popen(
        [*front, sys.executable, str(READER), *(["--own-network"] if front else [])],
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
