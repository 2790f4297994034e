"""The command in a pseudo-terminal, without a network and on one of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.online import Online
    from tests.terminal import Terminal


@pytest.fixture
def open_terminal(cli_environment, tmp_path) -> Callable[..., Terminal]:
    """``open_terminal("setup", …, columns=40)``: the command in a pseudo-terminal, in the directory ``work``."""
    from tests.terminal import Terminal

    def made(*arguments: str, **how: object) -> Terminal:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        return Terminal(arguments, env=cli_environment, cwd=work, **how)

    return made


@pytest.fixture
def online(cli_environment, run_cli, tmp_path) -> Iterator[Online]:
    """An internet of our own, and the real command in it (:mod:`tests.online`)."""
    import pytest_socket

    from tests.online import Online

    made = Online(cli_environment, run_cli, tmp_path / "work")
    # 127.0.0.1 alone is allowed elsewhere; the closed network lets nothing beyond 127.0.0.0/8 out.
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", *made.addresses], allow_unix_socket=True)
    with made.world:
        yield made


@pytest.fixture
def healthy(online):
    """A domain with SRV records and servers as they should be, in which a user can log in."""
    from tests.cli.doctor_runs import USERS

    online.machine("mail.example.test", users=USERS)
    online.srv("example.test", "mail.example.test")
    return online


@pytest.fixture
def secret(tmp_path) -> Path:
    """A file with the password of the user."""
    from tests.cli.doctor_runs import CANARY

    path = tmp_path / "secret"
    path.write_text(CANARY + "\n", encoding="utf-8")
    return path
