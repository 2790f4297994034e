"""How well the words of real refusals are read: precision and recall, also on lines that were never used for tuning."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from wizard.diagnosis.knowledge import Stage, knowledge
from wizard.diagnosis.refusals import interpret
from wizard.model.servers import Protocol

FILE = Path(__file__).with_name("refusals.yaml")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"


class Line(NamedTuple):
    """A real refusal; ``held_out``: it was never looked at while the words were tuned."""

    protocol: Protocol
    stage: Stage
    says: str
    means: str
    held_out: bool


class Measured(NamedTuple):
    """``right`` of those that were ``told`` anything about, and of ``all``."""

    right: int
    told: int
    all: int

    @property
    def precision(self) -> float:
        return self.right / self.told

    @property
    def recall(self) -> float:
        return self.right / self.all


def is_held_out(says: str) -> bool:
    """A quarter of the lines, by their hash."""
    return hashlib.sha256(says.encode()).digest()[0] % 4 == 0


@cache
def lines() -> tuple[Line, ...]:
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["refusals"]
    return tuple(
        Line(*_when(entry["at"]), entry["says"], entry["means"], is_held_out(entry["says"])) for entry in listed
    )


def _when(at: str) -> tuple[Protocol, Stage]:
    protocol, stage = at.split()
    return Protocol(protocol), Stage(stage)


def read(line: Line) -> str:
    """What the line is taken for, with the case; nothing where nobody understands it."""
    found = interpret(line.protocol, "", line.says, stage=line.stage)
    if found is None or found.case == "unclear":
        return ""
    return f"{found.code}/{found.case}" if found.case else found.code


def measured(*, held_out: bool) -> Measured:
    part = [line for line in lines() if line.held_out is held_out]
    told = [line for line in part if read(line)]
    return Measured(sum(read(line) == line.means for line in told), len(told), len(part))


def test_the_list_is_long_and_each_line_names_its_source():
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    entries = content["refusals"]
    assert len(entries) >= 150
    assert len({entry["says"] for entry in entries}) == len(entries)
    assert {entry["source"] for entry in entries} == set(content["sources"])
    known = {f"{code}/{case}" if case else code for code, case in knowledge().texts}
    assert {entry["means"] for entry in entries} <= known
    share = sum(line.held_out for line in lines()) / len(entries)
    assert 0.18 < share < 0.32


@pytest.mark.parametrize("held_out", [False, True])
def test_real_refusals_are_read_rightly(held_out):
    found = measured(held_out=held_out)
    wrong = [(line.says, line.means, read(line)) for line in lines() if not held_out and read(line) != line.means]
    assert found.precision >= 0.9, wrong
    assert found.recall >= (0.8 if held_out else 0.95), wrong


def test_no_line_that_speaks_of_something_else_is_taken_for_a_wrong_password():
    for line in lines():
        if line.means != "auth_failed":
            assert read(line) != "auth_failed", line


def test_the_document_has_the_figures():
    table = DOCUMENT.read_text(encoding="utf-8")
    for name, held_out in (("used for tuning", False), ("never used for tuning", True)):
        found = measured(held_out=held_out)
        row = re.search(rf"^\| {name} \| (.+) \|$", table, re.MULTILINE)
        assert row is not None, name
        assert row[1].split(" | ")[:3] == [str(found.all), f"{found.precision:.0%}", f"{found.recall:.0%}"]
