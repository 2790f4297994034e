"""The command in a pseudo-terminal, without a network and on one of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
