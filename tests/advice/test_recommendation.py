"""The recommendation as a script sees it, what docs/recommendation.md and docs/interview-figures.md say, the speed."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from hypothesis import given
from people import RULES, VALUES, any_answers
from test_principles import answers_of_anybody

from wizard.advice.recommendation import recommend, recommendation_document
from wizard.advice.rules import SCORED
from wizard.advice.rules_file import load_rules
from wizard.model.recommendation import Option

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from bench_recommend import seconds

DOCS = Path(__file__).parent.parent.parent / "docs"
ADVICE = (DOCS / "recommendation.md").read_text(encoding="utf-8")
FIGURES = (DOCS / "interview-figures.md").read_text(encoding="utf-8")
OPTIONS = {"imap", "imap_archive", "pop_keep", "pop"}
FIELDS = [
    "schema",
    "recommendation",
    "protocol",
    "leave_days",
    "confidence",
    "runner_up",
    "scores",
    "reasons",
    "against",
    "vetoes",
    "would_change",
    "warnings",
    "next_question",
]


@given(answers_of_anybody)
def test_the_document_has_these_fields_and_these_values(answers):
    advice = recommend(answers)
    document = json.loads(json.dumps(recommendation_document(advice)))
    assert list(document) == FIELDS
    assert document["schema"] == 1
    assert document["recommendation"] in {*OPTIONS, "none"}
    assert document["protocol"] == {"imap": "imap", "imap_archive": "imap", "pop_keep": "pop3", "pop": "pop3"}.get(
        document["recommendation"]
    )
    assert document["confidence"] in {"clear", "leaning", "close"}
    assert document["runner_up"] is None or document["runner_up"] in OPTIONS - {document["recommendation"]}
    assert list(document["scores"]) == ["imap", "imap_archive", "pop_keep", "pop"]
    assert all(type(score) is int for score in document["scores"].values())
    for reason in (*document["reasons"], *document["against"]):
        assert list(reason) == ["key", "answer", "points", "text"]
        assert answers.get(reason["key"], document["recommendation"]) == reason["answer"]
    for veto in document["vetoes"]:
        assert list(veto) == ["option", "kind", "key", "text"]
        assert veto["option"] in OPTIONS
        assert veto["kind"] in {"fact", "safety"}
        assert veto["key"] in VALUES
    for change in document["would_change"]:
        assert list(change) == ["key", "value", "to"]
        assert change["value"] in VALUES[change["key"]]
        assert change["to"] in {*OPTIONS, "none"} - {document["recommendation"]}
    assert all(list(warning) == ["code", "text"] for warning in document["warnings"])
    assert document["next_question"] is None or document["next_question"] in VALUES.keys() - answers.keys()
    assert (document["leave_days"] is None) is (advice.option is not Option.POP_KEEP)


def test_a_document_as_a_script_sees_it():
    document = recommendation_document(
        recommend({"provider": "both", "devices": "main_plus_glance", "quota": "tight", "backup": "regular"})
    )
    assert document["recommendation"] == "pop_keep"
    assert document["protocol"] == "pop3"
    assert document["leave_days"] == 7
    assert document["runner_up"] == "imap_archive"
    assert {(rule["option"], rule["kind"], rule["key"]) for rule in document["vetoes"]} == {
        ("pop", "safety", "devices")
    }
    assert {"key": "devices", "value": "several", "to": "imap_archive"} in document["would_change"]
    assert document["next_question"] not in (None, "provider", "devices", "quota", "backup")


def test_no_mail_program_has_no_protocol_and_no_runner_up():
    document = recommendation_document(recommend({"provider": "neither"}))
    assert document["recommendation"] == "none"
    assert document["protocol"] is None
    assert document["runner_up"] is None
    assert document["reasons"] == []
    assert {rule["kind"] for rule in document["vetoes"]} == {"fact"}


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_table_of_outcomes_is_complete():
    assert re.findall(r"^\| `(\w+)` \|", section(ADVICE, "Outcomes"), re.MULTILINE) == list(Option)


def test_the_table_of_warnings_is_complete():
    codes = re.findall(r"^\| `(\w+)` \|", section(ADVICE, "Warnings"), re.MULTILINE)
    assert len(set(codes)) == len(codes)
    assert set(codes) == {rule.code for rule in RULES.warnings}


def test_the_order_of_ties_and_the_words_of_confidence_are_those_of_the_program():
    assert [option.value for option in SCORED] == ["imap", "imap_archive", "pop_keep", "pop"]
    assert f"`clear` from a lead of {RULES.clear} points on, `leaning` from {RULES.leaning}" in ADVICE


def test_the_example_of_an_own_file_works(tmp_path):
    path = tmp_path / "mine.yaml"
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", ADVICE, re.DOTALL | re.MULTILINE)
    path.write_text(example, encoding="utf-8")
    rules = load_rules(path)
    assert recommend({"devices": "several"}, rules=rules).scores[Option.IMAP] == 7
    assert rules.vetoes == RULES.vetoes


def test_the_frequencies_in_the_document_are_those_of_the_file():
    rows = dict(re.findall(r"^\| (\w+) \| (\w+ \d+.*) \|$", section(FIGURES, "The frequencies assumed"), re.MULTILINE))
    assert rows == {
        key: ", ".join(f"{value} {factor.share}" for value, factor in factors.items())
        for key, factors in RULES.factors.items()
    }


def test_the_figures_in_the_document_keep_what_was_wanted():
    rows = re.findall(
        r"^\| [^|]+ \| ([\d.]+) \| [\d.]+ \| (\d+) \| ([\d.]+) %[^|]* \| (\d+) \|$",
        section(FIGURES, "What was found"),
        re.MULTILINE,
    )
    assert len(rows) == 5
    for median, most, same, losses in rows:
        assert float(median) <= 7
        assert int(most) <= RULES.interview.most
        assert float(same) >= 97
        assert losses == "0"


COUNT = 1000
MOST_TIMES = 120
"""So many times the yardstick below; about 70 were measured, on a quiet machine and on a busy one."""


def yardstick() -> float:
    """Processor time of something of about the same kind: small Python objects, as often as advice is given."""
    sample = {"key": "devices", "points": [1, 2, 3, 4], "text": "sentence " * 5}
    begun = time.process_time()
    for _number in range(COUNT):
        json.loads(json.dumps(sample))
    return time.process_time() - begun


def test_advice_with_reasons_and_changes_takes_a_small_multiple_of_a_small_document():
    sets = list(any_answers(COUNT, seed=9))
    ratio = min(seconds(sets) / yardstick() for _try in range(3))
    assert ratio < MOST_TIMES, ratio
