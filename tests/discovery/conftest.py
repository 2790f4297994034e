"""Files of a person's own catalogue, and a bundled catalogue that is read anew."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from wizard.discovery import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.world import World


class Plain(yaml.SafeDumper):
    """Writes every value out: the program refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


SERVER = {
    "host": "mail.example.org",
    "port": 993,
    "socket_type": "SSL",
    "username": "%EMAILADDRESS%",
    "authentication": ["password-cleartext"],
    "source": "guide",
}
PROVIDER: dict[str, Any] = {
    "id": "example",
    "name": "Example Mail",
    "domains": {"guide": ["example.org"]},
    "incoming": [{"protocol": "imap", **SERVER}, {"protocol": "pop3", **SERVER, "port": 995}],
    "outgoing": [{**SERVER, "port": 465}],
    "offers": {"protocols": "both", "source": "guide"},
    "password": {"kind": "account", "source": "guide"},
    "sources": {
        "guide": {"reference": "Its own guide", "checked_on": "2026-11-24", "confidence": "confirmed"},
        "hearsay": {"reference": "Somebody said so", "checked_on": "2026-11-24", "confidence": "unverified"},
    },
}


@pytest.fixture
def example() -> dict[str, Any]:
    """The data of a valid file, to be spoiled."""
    return copy.deepcopy(PROVIDER)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The directory of a person's own templates."""
    (tmp_path / "providers").mkdir()
    return tmp_path


@pytest.fixture
def write(own: Path) -> Callable[..., Path]:
    """``write(data)`` or ``write("text")``: a file of the own catalogue."""

    def writer(content: Any, name: str = "example.yaml") -> Path:
        path = own / "providers" / name
        text = content if isinstance(content, str) else yaml.dump(content, Dumper=Plain, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    return writer


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were parsed since, with nothing remembered from before."""
    names: list[str] = []
    load = catalogue.load_provider

    def counting(path: Path, **options: Any):
        names.append(path.name)
        return load(path, **options)

    monkeypatch.setattr(catalogue, "load_provider", counting)
    catalogue._bundled_provider.cache_clear()
    return names


GRACES = (
    "wizard.discovery.completion.GRACE",
    "wizard.discovery.source.GRACE",
    "wizard.discovery.connecting.PATIENCE",
    "wizard.discovery.sources.probe.GRACE",
)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may still be better is waited for, however busy this machine: where the test is of who wins."""
    for name in GRACES:
        monkeypatch.setattr(name, 60.0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A small internet (:mod:`tests.world`) whose authority is trusted."""
    from tests.world import World

    with World() as world:
        monkeypatch.setenv("SSL_CERT_FILE", str(world.ca_file))
        yield world
