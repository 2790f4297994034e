"""``recommend --json``: the document that scripts rely on."""

from __future__ import annotations

import json

from hypothesis import given
from people import VALUES
from test_principles import answers_of_anybody

from wizard.advice.recommendation import recommend, recommendation_document
from wizard.model.recommendation import Option

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
    assert {(one["option"], one["kind"], one["key"]) for one in document["vetoes"]} == {("pop", "safety", "devices")}
    assert {"key": "devices", "value": "several", "to": "imap_archive"} in document["would_change"]
    assert document["next_question"] not in (None, "provider", "devices", "quota", "backup")


def test_no_mail_program_has_no_protocol_and_no_runner_up():
    document = recommendation_document(recommend({"provider": "neither"}))
    assert document["recommendation"] == "none"
    assert document["protocol"] is None
    assert document["runner_up"] is None
    assert document["reasons"] == []
    assert {one["kind"] for one in document["vetoes"]} == {"fact"}
