"""The command in a pseudo-terminal, without a network and on one of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
