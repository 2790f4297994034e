"""Files with bytes, words or parts changed: each is read, or refused with a sentence, and nothing else happens."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from sample_accounts import GOLDEN_MATRIX

from tests.test_schemas import wrong
from wizard.app.settings_files import accounts_in, completed, inspection_document
from wizard.discovery.report import encrypted_only
from wizard.export.registry import formats
from wizard.export.render import Refusal, render
from wizard.model.address import parse_address
from wizard.model.problems import Problem

INSPECTED = Path(__file__).parent.parent / "cli" / "inspected"
ANNA = parse_address("anna@example.org")
WORDS = (
    b"", b"0", b"-1", b"65536", b"99999999999999999999", b"true", b"off", b"none", b"imap", b"192.0.2.7", b"[::1]",
    b"%EMAILADDRESS%", b"%EMAILDOMAIN%", b"@", b"\xff\xfe", b"\0", b"\xe2\x80\xae", b"<", b">", b"&#0;", b'"', b"\\",
    b"\n", b"{", b"}", b"$(x)", b"`x`", b"SSL", b"STARTTLS", b"plain", b"xn--", b"." * 300, b"UTF-16", b"version",
)  # fmt: skip


def originals() -> list[bytes]:
    made = [path.read_bytes() for path in sorted(INSPECTED.iterdir())]
    for entry in formats():
        for account in GOLDEN_MATRIX.values():
            files = render(entry.id, account)
            made += [] if isinstance(files, Refusal) else [file.content for file in files if len(file.content) < 20_000]
    return made


def mutated(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    changed = bytearray(content)
    for _change in range(chance.randrange(1, 5)):
        at = chance.randrange(len(changed) + 1)
        length = chance.choice((0, 1, 3, 20, 200))
        put = chance.choice((chance.choice(WORDS), chance.randbytes(chance.randrange(1, 4)), b""))
        if chance.random() < 0.1:
            other = chance.choice(others)
            begin = chance.randrange(len(other) + 1)
            put = other[begin : begin + 300]
        changed[at : at + length] = put
    return bytes(changed)


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.slow)])
def test_a_mutated_file_is_read_or_refused_with_a_sentence(count: int) -> None:
    chance, files = random.Random(count), originals()
    for number in range(count):
        content = mutated(chance.choice(files), chance, files)
        address = chance.choice((None, ANNA))
        try:
            accounts = accounts_in(content, "mutated", address=address)
            document = inspection_document(accounts)
            assert json.loads(json.dumps(document)) == document
            if number % 20 == 0:
                assert wrong("inspect", document) == []
            for account in completed(accounts):
                found = encrypted_only(account.report)
                servers = (found.imap, found.pop3, found.smtp, *found.alternatives)
                assert all(server.server.secure for server in servers if server is not None)
        except Problem as problem:
            assert "\n" not in str(problem)  # noqa: PT017 - one of the two happens
