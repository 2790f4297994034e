"""Servers of our own for everything that opens a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A small internet (:mod:`tests.world`) whose authority is trusted."""
    from tests.world import World

    with World() as world:
        monkeypatch.setenv("SSL_CERT_FILE", str(world.ca_file))
        yield world
