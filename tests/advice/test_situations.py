"""Labelled situations: those that lie beside the project, and our own near the borders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from people import VALUES, harm

from tests.ground import shared
from wizard.advice.recommendation import recommend
from wizard.model.recommendation import Option

OWN = Path(__file__).parent / "situations.yaml"


def read(path: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["situations"]


def missing(situation: dict[str, Any]) -> set[str]:
    """The notices that a situation asks for and the advice does not give."""
    return set(situation.get("warn", ())) - {warning.code for warning in recommend(situation["answers"]).warnings}


@pytest.fixture(scope="module")
def labelled() -> list[dict[str, Any]]:
    return read(shared("facts/situations.yaml"))


def test_every_labelled_situation_gets_the_outcome_of_its_label(labelled):
    wrong = {
        situation["id"]: got
        for situation in labelled
        if (got := recommend(situation["answers"]).option) != situation["expect"]
    }
    assert len(labelled) == 40
    assert wrong == {}


def test_every_labelled_situation_gets_its_warnings(labelled):
    assert {situation["id"]: gap for situation in labelled if (gap := missing(situation))} == {}


@pytest.mark.parametrize("situation", read(OWN), ids=lambda situation: situation["id"])
def test_a_situation_near_a_border_is_advised_as_its_label_says(situation):
    option = recommend(situation["answers"]).option
    assert option in {situation["expect"], *situation.get("also_ok", ())}
    assert option not in situation.get("never", ())
    assert missing(situation) == set()


def test_nearly_all_own_situations_get_the_first_choice_of_their_label():
    own = read(OWN)
    exact = sum(recommend(situation["answers"]).option == situation["expect"] for situation in own)
    assert len(own) >= 80
    assert exact >= len(own) - 2


def test_the_labels_are_well_formed_and_contradict_no_principle():
    own = read(OWN)
    assert len({situation["id"] for situation in own}) == len(own)
    for situation in own:
        assert all(value in VALUES[key] for key, value in situation["answers"].items()), situation["id"]
        for option in (situation["expect"], *situation.get("also_ok", ())):
            assert option not in situation.get("never", ()), situation["id"]
            assert harm(situation["answers"], Option(option)) is None, situation["id"]
