"""The command in a pseudo-terminal, without a network and on one of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

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
