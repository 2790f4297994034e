"""``setup`` without a terminal: everything from options, never a question."""

from __future__ import annotations

import json

ANNA = ["setup", "anna@gmx.net", "--offline", "--no-input"]


def test_no_input_writes_what_the_answers_say(run_cli, tmp_path):
    ran = run_cli(*ANNA, "--set", "devices=several", "--set", "clients=autoconfig,card", "--output", "out")
    assert ran.code == 0, ran
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "anna@gmx.net.html",
        "anna@gmx.net.txt",
        "config-v1.1.xml",
    ]
    assert "config-v1.1.xml" in ran.stdout
    assert "First, at GMX" in ran.stdout


def test_missing_programs_end_with_3_and_name_the_option(run_cli, tmp_path):
    ran = run_cli(*ANNA)
    assert ran.code == 3
    assert "--set clients=" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_missing_address_ends_with_3(run_cli):
    ran = run_cli("--no-input")
    assert ran.code == 3
    assert "e-mail address" in ran.stderr


def test_a_closed_standard_input_is_never_asked(run_cli):
    assert run_cli("anna@gmx.net", "--offline").code == 3


def test_defaults_take_every_default(run_cli, tmp_path):
    ran = run_cli("setup", "anna@gmx.net", "--offline", "--defaults", "--output", "out")
    assert ran.code == 0, ran
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_nothing_known_ends_with_4(run_cli, tmp_path):
    ran = run_cli("setup", "anna@nowhere.example.org", "--offline", "--no-input", "--set", "clients=card")
    assert ran.code == 4
    assert list(tmp_path.iterdir()) == []


def test_json_is_one_document_with_all_parts(run_cli, tmp_path):
    ran = run_cli(*ANNA, "--set", "clients=card", "--dry-run", "--json")
    assert ran.code == 0
    document = json.loads(ran.stdout)
    assert list(document) == ["schema", "address", "recommendation", "discovery", "files", "refused", "dry_run"]
    assert document["dry_run"] is True
    assert [one["format"] for one in document["files"]] == ["card", "card"]
    assert list(tmp_path.iterdir()) == []


def test_the_command_name_may_be_left_out_and_options_may_stand_anywhere(run_cli, tmp_path):
    ran = run_cli("--lang", "en", "anna@gmx.net", "--offline", "--no-input", "--set", "clients=card", "--dry-run")
    assert ran.code == 0, ran
    assert "anna@gmx.net.html" in ran.stdout


def test_plain_reads_its_answers_from_a_pipe(run_cli, tmp_path):
    # One line a question: the answers by number, then go on, the name, the programs, write.
    ran = run_cli("setup", "anna@gmx.net", "--offline", "--plain", "--output", "out", stdin="1\n")
    assert ran.code == 3
    assert "Where do you read this mailbox?" in ran.stderr
    assert not (tmp_path / "out").exists()


def test_saved_answers_repeat_the_run(run_cli, tmp_path):
    first = run_cli(
        *ANNA,
        "--set",
        "clients=card",
        "--set",
        "devices=one",
        "--name",
        "Anna",
        "--save-answers",
        "a.yaml",
        "--output",
        "one",
    )
    assert first.code == 0, first
    again = run_cli("setup", "--offline", "--no-input", "--answers", "a.yaml", "--output", "two")
    assert again.code == 0, again
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes()


def test_a_dry_run_does_not_even_save_the_answers(run_cli, tmp_path):
    ran = run_cli(*ANNA, "--set", "clients=card", "--save-answers", "a.yaml", "--dry-run")
    assert ran.code == 0
    assert list(tmp_path.iterdir()) == []


def test_own_providers_in_the_templates_directory_count(run_cli, tmp_path):
    from wizard.resources.templates import templates_root

    folder = tmp_path / "mine" / "providers"
    folder.mkdir(parents=True)
    own = (templates_root() / "providers" / "gmx.yaml").read_text().replace("imap.gmx.net", "imap.example.net")
    (folder / "gmx.yaml").write_text(own)
    ran = run_cli(*ANNA, "--set", "clients=card", "--templates", "mine", "--output", "out")
    assert ran.code == 0, ran
    assert "imap.example.net" in (tmp_path / "out" / "anna@gmx.net.txt").read_text()


def test_existing_files_stay(run_cli, tmp_path):
    words = [*ANNA, "--set", "clients=card", "--output", "out"]
    assert run_cli(*words).code == 0
    (tmp_path / "out" / "anna@gmx.net.txt").write_text("mine")
    ran = run_cli(*words)
    assert ran.code == 7
    assert (tmp_path / "out" / "anna@gmx.net.txt").read_text() == "mine"


def test_an_interruption_before_the_first_step_leaves_what_the_last_run_kept(run_cli, monkeypatch):
    from wizard.interview import partial

    kept = partial.state_file()
    kept.parent.mkdir(parents=True)
    kept.write_text('{"schema": 1, "answers": {"devices": "one"}}')

    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(partial, "offered", interrupted)
    ran = run_cli("setup", "--plain", "--set", "clients=card", stdin="1\n")
    assert (ran.code, ran.stderr) == (130, "mail-wizard: Interrupted; nothing was written.\n")
    assert kept.read_text() == '{"schema": 1, "answers": {"devices": "one"}}'
