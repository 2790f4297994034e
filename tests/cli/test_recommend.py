"""``recommend``: the advice from any subset of answers, as a document and for people."""

from __future__ import annotations

import json

KEYS = [
    "schema", "recommendation", "protocol", "leave_days", "confidence", "runner_up", "scores", "reasons", "against",
    "vetoes", "would_change", "warnings", "next_question",
]  # fmt: skip


def test_without_answers_it_is_imap_in_the_form_of_the_contract(run_cli):
    ran = run_cli("recommend", "--json")
    assert (ran.code, ran.stderr) == (0, "")
    document = json.loads(ran.stdout)
    assert list(document) == KEYS
    assert (document["recommendation"], document["protocol"], document["leave_days"]) == ("imap", "imap", None)
    assert set(document["scores"]) == {"imap", "imap_archive", "pop_keep", "pop"}
    assert document["next_question"] in ("devices", "quota", "backup")  # the one most likely to change the advice


def test_set_wins_over_the_file_and_the_last_set_over_the_first(run_cli, tmp_path):
    (tmp_path / "a.yaml").write_text("devices: several\nprovider: pop_only\n")
    document = json.loads(run_cli("recommend", "--answers", "a.yaml", "--json").stdout)
    assert document["protocol"] == "pop3"
    words = ["--set", "provider=neither", "--set", "provider=imap_only"]
    document = json.loads(run_cli("recommend", "--answers", "a.yaml", *words, "--json").stdout)
    assert document["protocol"] == "imap"


def test_answers_come_from_standard_input_as_yaml_or_json(run_cli):
    for text in ("provider: pop_only\n", '{"provider": "pop_only"}'):
        ran = run_cli("recommend", "--answers", "-", "--json", stdin=text)
        assert json.loads(ran.stdout)["protocol"] == "pop3", ran


def test_the_advice_for_people_has_the_parts_in_their_order(run_cli):
    ran = run_cli("recommend", "--set", "devices=several", "--set", "backup=none")
    assert (ran.code, ran.stderr) == (0, "")
    parts = ["Our advice", "IMAP", "Because", "Against", "Changes if", "From now on", "Please note"]
    places = [ran.stdout.index(part) for part in parts]
    assert places == sorted(places)
    assert "\x1b" not in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_open_questions_that_could_still_change_the_advice_are_named(run_cli):
    ran = run_cli("recommend", "--set", "devices=one", "--set", "quota=tight")
    still_open = ran.stdout[ran.stdout.index("Still open") : ran.stdout.index("From now on")]
    assert "Backup" in still_open
    assert "Devices" not in still_open


def test_forty_columns_are_enough(run_cli):
    ran = run_cli("recommend", "--set", "devices=several", env={"COLUMNS": "40"})
    assert max(map(len, ran.stdout.splitlines())) <= 40
    assert "From now on" in ran.stdout


def test_what_the_catalogue_knows_of_the_address_counts(run_cli):
    tuta = json.loads(run_cli("recommend", "--set", "address=anna@tuta.com", "--json").stdout)
    assert tuta["recommendation"] == "none"
    assert {(one["kind"], one["key"]) for one in tuta["vetoes"]} == {("fact", "provider")}
    pec = json.loads(run_cli("recommend", "--set", "address=anna@pec.it", "--json").stdout)
    assert "pec_is_not_conservation" in [one["code"] for one in pec["warnings"]]


def test_saved_answers_repeat_the_advice_and_never_overwrite(run_cli, tmp_path):
    words = ["--set", "devices=one", "--set", "quota=full", "--set", "backup=regular"]
    first = run_cli("recommend", *words, "--save-answers", "mine.yaml", "--json")
    assert first.code == 0
    again = run_cli("recommend", "--answers", "mine.yaml", "--json")
    assert again.stdout == first.stdout
    before = (tmp_path / "mine.yaml").read_bytes()
    refused = run_cli("recommend", "--set", "devices=several", "--save-answers", "mine.yaml")
    assert refused.code == 7
    assert "mine.yaml" in refused.stderr
    assert (tmp_path / "mine.yaml").read_bytes() == before
    assert (tmp_path / "mine.yaml").stat().st_mode & 0o777 == 0o600


def test_an_own_scoring_file_replaces_the_built_in_one(run_cli, tmp_path):
    from wizard.resources.templates import templates_root

    text = (templates_root() / "scoring.yaml").read_text()
    (tmp_path / "own.yaml").write_text(text)
    plain = run_cli("recommend", "--set", "devices=one", "--json")
    assert run_cli("recommend", "--set", "devices=one", "--scoring", "own.yaml", "--json").stdout == plain.stdout
    (tmp_path / "own.yaml").write_text(text.replace("confidence: {clear: 4", "confidence: {claer: 4"))
    ran = run_cli("recommend", "--scoring", "own.yaml")
    assert ran.code == 2
    assert "own.yaml, line " in ran.stderr
    assert "clear" in ran.stderr
