"""What the tests of ``doctor`` share: an address, its password, and the document that a run prints."""

from __future__ import annotations

import json
import sys

from tests.test_schemas import wrong

ADDRESS = "anna@example.test"
CANARY = "Kanari3nvogel-im-Käfig"
USERS = {ADDRESS: CANARY}
# No test may have the password among the arguments: a program prints the file of the fixture ``secret``.
PRINTING = f"{sys.executable} -c \"import sys; sys.stdout.reconfigure(encoding='utf-8'); print(open('secret').read())\""


def flat(text: str) -> str:
    return " ".join(text.split())


def document(ran, code: int) -> dict:
    assert ran.code == code, (ran.stdout, ran.stderr)
    made = json.loads(ran.stdout)
    assert wrong("doctor", made) == []
    return made


def codes(made: dict) -> list[str]:
    return [one["code"] for one in made["findings"]]
