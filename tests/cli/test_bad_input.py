"""Whatever is typed or given: one sentence, the place, the nearest right value, the exit code, and no traceback."""

from __future__ import annotations

import json
import os
import threading

import pytest

from wizard.resources import files

ADDRESSES = [
    ("anna", "has no @"),
    ("anna@@gmx.net", "Did you mean anna@gmx.net?"),
    ("anna b@gmx.net", "Did you mean annab@gmx.net?"),
    (" @gmx.net", "@"),
    ("anna@" + "x" * 300 + ".net", "253 at most"),
    ("anna@gmx.net\x1b[31m", "control character"),
    ("anna\u202e@gmx.net", "control character"),
    ("anna@gmx", "no dot"),
    ("anna@10.0.0.1", "is a number"),
    ("", "empty"),
]


@pytest.mark.parametrize(("address", "sentence"), ADDRESSES, ids=range(len(ADDRESSES)))
@pytest.mark.parametrize("command", ["discover", "export", "setup"])
def test_a_wrong_address_is_a_sentence_and_exit_code_2(run_cli, command, address, sentence):
    options = {
        "discover": ["--offline"],
        "export": ["--offline", "--format", "card"],
        "setup": ["--offline", "--no-input", "--set", "clients=card"],
    }[command]
    ran = run_cli(command, address, *options)
    assert ran.code == 2, ran
    assert sentence in ran.stderr
    assert ran.stdout == ""
    assert len(ran.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ran.stderr
    assert "\x1b" not in ran.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("devices: [\n", "a.yaml, line 2: This is not valid YAML"),
        ("devices: sveral\n", "a.yaml, line 1, devices: The value “sveral” is not known. Did you mean several?"),
        ("quota: tight\ndevics: one\n", "a.yaml, line 2, devics: The key “devics” is not known. Did you mean devices?"),
        ("- devices\n", "a.yaml"),
        ("devices: one\ndevices: several\n", "line 2: This is not valid YAML: the key “devices” is given twice"),
        ("a: &a [x]\nb: *a\n", "aliases are not allowed"),
        ("devices: {one: 1}\n", "a.yaml, line 1, devices"),
        ("devices: !!python/object:os.system x\n", "tags (!) are not allowed"),
        ("devices: \x07one\n", "a.yaml, line 1: The file has a character that YAML does not allow."),
        ("clients: [crad]\n", "Did you mean card?"),
        ("password: geheim\n", "password"),
    ],
)
def test_a_wrong_answers_file_is_named_with_line_and_key(run_cli, tmp_path, content, sentence):
    (tmp_path / "a.yaml").write_text(content)
    ran = run_cli("recommend", "--answers", "a.yaml")
    assert ran.code == 2, ran
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "geheim" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_a_missing_answers_file_is_named(run_cli):
    ran = run_cli("recommend", "--answers", "nowhere.yaml")
    assert (ran.code, ran.stderr) == (2, "mail-wizard: nowhere.yaml: This file does not exist.\n")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("devices", "does not have the form KEY=VALUE"),
        ("devics=one", "Did you mean devices?"),
        ("devices=oen", "Did you mean one?"),
        ("clients=card,mobilconfig", "Did you mean mobileconfig?"),
        ("address=anna", "has no @"),
    ],
)
def test_a_wrong_set_is_a_sentence_with_the_nearest_right_one(run_cli, word, sentence):
    ran = run_cli("recommend", "--set", word)
    assert ran.code == 2
    assert sentence in ran.stderr
    assert "--set" in ran.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["recomend"], "Did you mean recommend?"),
        (["recommend", "--jsn"], "--json"),
        (["export", "anna@gmx.net"], "--format"),
        (["export", "anna@gmx.net", "--format", "crad", "--offline"], "Did you mean card?"),
        (["export", "--format", "card", "--offline"], "Which address?"),
        (["export", "anna@gmx.net", "--format", ",", "--offline"], "--format gives no format"),
        (["export", "anna@gmx.net", "--format", "card", "--offline", "--accept", "gess"], "Did you mean guess?"),
        (["export", "anna@gmx.net", "--format", "card", "--offline", "--protocol", "imp"], "imap"),
        (["export", "anna@gmx.net", "--format", "card", "--offline", "--leave-days", "4000"], "3650"),
        (
            ["export", "anna@gmx.net", "--format", "card", "--offline", "--templates", "nowhere"],
            "directory does not exist",
        ),
        (["recommend", "--scoring", "nowhere.yaml"], "This file does not exist."),
        (["providers", "libbero"], "libero"),
        (["export", "anna@gmx.net", "--format", "card", "--offline", "--name", "Anna\x1b[31m"], "control character"),
        (["recommend", "--lang", "de"], "'en', 'it'"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_a_sentence_and_exit_code_2(run_cli, words, sentence):
    ran = run_cli(*words)
    assert ran.code == 2, ran
    assert sentence in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["recommend", "--set", "devices=x", "--json"], 2, "usage"),
        (["recommend", "--json", "--nothing"], 2, "usage"),
        (["setup", "--no-input", "--json", "--offline"], 3, "input_needed"),
        (
            ["setup", "anna@unknown.example.org", "--no-input", "--json", "--offline", "--set", "clients=card"],
            4,
            "nothing_discovered",
        ),
    ],
)
def test_with_json_an_error_is_a_document_too(run_cli, words, code, name):
    ran = run_cli(*words)
    assert ran.code == code, ran
    document = json.loads(ran.stdout)
    assert document["schema"] == 1
    assert document["error"]["code"] == name
    assert document["error"]["text"]
    assert set(document["error"]) == {"code", "text", "where"}


def test_the_place_of_an_error_is_in_the_document(run_cli, tmp_path):
    (tmp_path / "a.yaml").write_text("quota: tight\ndevices: sveral\n")
    document = json.loads(run_cli("recommend", "--answers", "a.yaml", "--json").stdout)
    assert document["error"]["where"] == {"file": "a.yaml", "line": 2, "key": "devices"}


@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-1", "601", "soon"])
def test_a_deadline_that_would_never_be_over_is_none(run_cli, seconds):
    ran = run_cli("discover", "anna@gmx.net", "--offline", f"--timeout={seconds}")
    assert ran.code == 2
    assert "--timeout" in ran.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize(
    "words",
    [
        ["inspect", "pipe"],
        ["recommend", "--answers", "pipe"],
        ["export", "--format", "card", "--settings", "pipe"],
        ["export", "anna@gmx.net", "--offline", "--format", "mobileconfig", "--sign", "pipe", "--sign-key", "pipe"],
        ["recommend", "--scoring", "pipe"],
    ],
)
def test_a_pipe_that_nobody_writes_into_is_said(run_cli, tmp_path, monkeypatch, words):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(files, "PIPE_SECONDS", 0.1)
    ran = run_cli(*words)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == "mail-wizard: pipe: This is a pipe that did not end within 0 seconds.\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_template_is_no_file(run_cli, tmp_path):
    for place in ("clients/card.txt.j2", "clients.yaml", "providers/mine.yaml"):
        (tmp_path / "mine" / place).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(tmp_path / "mine" / place)
    words = ["export", "anna@gmx.net", "--offline", "--format", "card", "--templates", "mine", "--output", "out"]
    ran = run_cli(*words)
    assert (ran.code, "mine/providers/mine.yaml: This is not a file." in ran.stderr) == (2, True), ran
    (tmp_path / "mine" / "providers" / "mine.yaml").unlink()
    assert run_cli(*words).code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_somebody_writes_into_is_read(run_cli, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("devices: several\n",))
    writer.start()
    ran = run_cli("recommend", "--json", "--answers", "pipe")
    writer.join()
    assert json.loads(ran.stdout)["reasons"][0]["answer"] == "several"
