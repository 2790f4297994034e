"""``templates``: what there is, a copy of it, and what becomes of a template of one's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sample_accounts import GOLDEN_MATRIX

from wizard.app.templates import copy
from wizard.export.registry import formats
from wizard.export.render import About, Refusal, render
from wizard.model.problems import Problem
from wizard.resources.templates import templates_root

if TYPE_CHECKING:
    from pathlib import Path

EXPORT = ("export", "anna@gmx.net", "--offline", "--templates", "mine", "--output", "out", "--format")


def test_every_format_and_its_templates_are_listed(run_cli) -> None:
    document = json.loads(run_cli("templates", "list", "--json").stdout)
    listed = {one["id"]: one["files"] for one in document["templates"]}
    assert {one.id for one in formats()} <= set(listed)
    assert all((templates_root() / file).is_file() for files in listed.values() for file in files)
    shown = run_cli("templates", "list")
    assert (shown.code, shown.stderr) == (0, "")
    assert all(one in shown.stdout for one in listed)


@pytest.mark.parametrize("format_id", [one.id for one in formats()])
def test_a_copy_is_used_by_name_and_makes_the_same_files_until_it_is_changed(format_id: str, tmp_path) -> None:
    copied = copy(format_id, tmp_path / "mine")
    name = next(name for name, account in GOLDEN_MATRIX.items() if not isinstance(render(format_id, account), Refusal))
    theirs = render(format_id, GOLDEN_MATRIX[name])
    assert render(format_id, GOLDEN_MATRIX[name], About(own_templates=tmp_path / "mine")) == theirs
    for one in copied:
        one.write_text("{{ absent }}")
    with pytest.raises(Problem, match="absent"):
        render(format_id, GOLDEN_MATRIX[name], About(own_templates=tmp_path / "mine"))


def test_a_changed_copy_changes_the_file(run_cli, tmp_path) -> None:
    assert run_cli("templates", "copy", "neomutt", "mine").code == 0
    copy = tmp_path / "mine" / "clients" / "neomutt.j2"
    copy.write_text(copy.read_text() + "# Greetings from the help desk\n")
    assert run_cli(*EXPORT, "neomutt").code == 0
    assert "Greetings from the help desk" in (tmp_path / "out" / "neomuttrc").read_text()


def test_what_is_in_the_way_of_a_copy_stays_without_force(run_cli, tmp_path) -> None:
    (tmp_path / "mine" / "clients").mkdir(parents=True)
    mine = tmp_path / "mine" / "clients" / "card.txt.j2"
    mine.write_text("mine")
    ran = run_cli("templates", "copy", "card", "mine")
    assert ran.code == 7
    assert "--force" in ran.stderr
    assert mine.read_text() == "mine"
    assert [one.name for one in mine.parent.iterdir()] == ["card.txt.j2"]
    assert run_cli("templates", "copy", "card", "mine", "--force").code == 0
    assert mine.read_bytes() == (templates_root() / "clients" / "card.txt.j2").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("copy", "crad", "mine"), "Did you mean card?"),
        (("copy", "card"), "DIR"),
        (("copi", "card", "mine"), "copi"),
        (("copy", "card", "file"), "a directory is needed"),
    ],
)
def test_what_is_wrong_is_said_with_2(run_cli, tmp_path, words, said) -> None:
    (tmp_path / "file").write_text("x")
    ran = run_cli("templates", *words)
    assert ran.code == 2
    assert said in ran.stderr


WRONG = {
    "a name that is not there": ("clients/neomutt.j2", "\n\n{{ mailbox }}\n", "neomutt", "line 3", "mailbox"),
    "no Jinja": ("clients/neomutt.j2", "\n{% for %}\n", "neomutt", "line 2", "template"),
    "a way out of the sandbox": (
        "clients/neomutt.j2", "{{ ''.__class__.__mro__ }}", "neomutt", "line 1", "__class__",
    ),
    "something else than the account": (
        "clients/autoconfig.xml.j2", "<clientConfig/>", "autoconfig", "autoconfig.xml.j2", "template",
    ),
    "a key that clients.yaml has not": ("clients.yaml", "formats:\n  x: 1\n", "card", "clients.yaml", "card_programs"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_a_template_of_one_s_own_is_named(run_cli, tmp_path, name: str) -> None:
    file, text, format_id, place, said = WRONG[name]
    path = tmp_path / "mine" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    ran = run_cli(*EXPORT, format_id)
    assert ran.code == 2, ran.stderr
    assert file.rpartition("/")[2] in ran.stderr
    assert place in ran.stderr
    assert said in ran.stderr
    assert not (tmp_path / "out").exists()


def own_entry(mine: Path, **changed: str) -> None:
    """A person's own list of formats, with the text card alone under another name."""
    words = {"form": "text", "mode": '"0600"'} | changed
    (mine / "clients").mkdir(parents=True)
    (mine / "clients/leaflet.txt.j2").write_text((templates_root() / "clients/card.txt.j2").read_text())
    programs = (templates_root() / "clients.yaml").read_text().partition("\ncard_programs:")[2]
    (mine / "clients.yaml").write_text(f"""formats:
  leaflet:
    label: A leaflet for our members
    programs: [Everything]
    files:
      - name: leaflet.txt
        template: clients/leaflet.txt.j2
        form: {words["form"]}
        media_type: text/plain
        mode: {words["mode"]}
    expresses:
      protocols: [imap, pop3, smtp]
      socket_types: [SSL, STARTTLS, plain]
      incoming_authentication: [password-cleartext, OAuth2]
      outgoing_authentication: [password-cleartext, OAuth2]
      leave: [remove, keep_days, keep]
    install:
      - steps: ["Read {{file}}."]
card_programs:{programs}""")


def test_a_format_of_one_s_own_is_written(run_cli, tmp_path) -> None:
    own_entry(tmp_path / "mine")
    words = ("export", "anna@gmx.net", "--offline", "--templates", "mine", "--json")
    ran = run_cli(*words, "--format", "leaflet", "--output", "out")
    assert ran.code == 0, ran.stdout
    (one,) = json.loads(ran.stdout)["files"]
    assert one["format"] == "leaflet"
    assert one["install"] == ["Read leaflet.txt."]
    assert "imap.gmx.net" in (tmp_path / "out/leaflet.txt").read_text()
    assert "leaflet" in json.loads(run_cli(*words, "--format", "autoconfig").stdout)["error"]["text"]


def test_a_wrong_entry_of_one_s_own_is_named_with_file_and_line(run_cli, tmp_path) -> None:
    own_entry(tmp_path / "mine", form="texd")
    ran = run_cli("export", "anna@gmx.net", "--offline", "--templates", "mine", "--format", "leaflet")
    assert ran.code == 2
    assert "mine/clients.yaml, line 8" in ran.stderr.replace("\\", "/")
    assert "Did you mean text?" in ran.stderr


def test_a_template_that_writes_other_servers_is_told_in_which(run_cli, tmp_path) -> None:
    run_cli("templates", "copy", "autoconfig", "mine")
    file = tmp_path / "mine/clients/autoconfig.xml.j2"
    file.write_text(file.read_text().replace("{{ server.port }}", "1{{ server.port }}"))
    ran = run_cli("export", "anna@gmx.net", "--offline", "--templates", "mine", "--format", "autoconfig")
    assert ran.code == 2
    said = " ".join(ran.stderr.split()).replace("\\", "/")
    assert "mine/clients/autoconfig.xml.j2: " in said
    assert "imap imap.gmx.net:1993 SSL “anna@gmx.net” password-cleartext" in said
