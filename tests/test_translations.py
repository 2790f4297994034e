"""The catalogues are complete and current, and the tool that says so would notice if they were not."""

from __future__ import annotations

import gettext
import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ground import IN_CI
from wizard.language import DOMAIN, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("babel") is None and not IN_CI:
    pytest.skip("Babel is not installed (it comes with the extra “test”)", allow_module_level=True)

SPEC = importlib.util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
translations = importlib.util.module_from_spec(SPEC)
sys.modules["translations"] = translations
SPEC.loader.exec_module(translations)

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_text_and_is_compiled(language):
    assert translations.faults(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_the_program_finds(language):
    found = gettext.translation(DOMAIN, ROOT / "wizard" / "locale", languages=[language])
    for message in translations.read(language):
        if isinstance(message.id, str) and message.id:
            assert found.gettext(message.id) == message.string
        elif message.id:
            assert [found.ngettext(*message.id, count) for count in (1, 2)] == list(message.string)


# The tool itself, over a small project of its own.


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a text of each kind; ``write`` changes its catalogue, ``faults`` says what is amiss."""
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "CLICK", ("Usage:",))
    (tmp_path / "wizard").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "wizard" / "a.py").write_text(
        "# Translators: shown at the end\n"
        'print(_("{count} files, " "written"))\n'
        'print(_(variable), _("yes" if ok else "no"), mark("marked"))\n'
        'print(translate_plural("{count} day", "{count} days", n))\n'
    )
    (tmp_path / "templates" / "a.txt.j2").write_text('{{ _("For %(who)s", who=x) }}{% trans %}Port{% endtrans %}')
    (tmp_path / "templates" / "questions.yaml").write_text(
        "questions:\n  one:\n    text: >\n      Where to?\n    choices:\n      a: {label: Here}\n"
    )
    project = Project()
    project.begin(nplurals=2, plural="(n != 1)")
    return project


class Project:
    """The catalogue of the small project."""

    path = property(lambda self: translations.po_path("it"))

    def begin(self, *, nplurals: int, plural: str) -> None:
        """A catalogue with its header alone: nothing of it may depend on what Babel knows of the language."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        header = "Language: it\\nContent-Type: text/plain; charset=utf-8\\n"
        header += f"Plural-Forms: nplurals={nplurals}; plural={plural};\\n"
        self.path.write_text(f'msgid ""\nmsgstr "{header}"\n', encoding="utf-8")

    def update(self, *words: str) -> str:
        assert translations.main(["update", *words]) == 0
        return self.path.read_text(encoding="utf-8")

    def translate(self, **changes: str) -> None:
        """Every text becomes itself, or what ``changes`` says, by its first word."""
        catalogue = translations.updated("it", drop=True)
        for message in catalogue:
            if isinstance(message.id, str) and message.id:
                first = message.id.split(" ")[0].strip(":?%{}()s")
                message.string = changes.get(first, message.id)
            elif message.id:
                message.string = (message.id * catalogue.num_plurals)[: catalogue.num_plurals]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(translations.as_po(catalogue))
        assert translations.main(["compile"]) == 0

    def faults(self) -> str:
        return "\n".join(translations.faults("it"))


def test_texts_of_every_kind_are_gathered(project):
    assert set(translations.gather()) == {
        "{count} files, written",
        "yes",
        "no",
        "marked",
        ("{count} day", "{count} days"),
        "For %(who)s",
        "Port",
        "Where to?",
        "Here",
        "Usage:",
    }


def test_a_comment_for_translators_reaches_the_catalogue(project):
    assert "#. shown at the end\n" in project.update()


def test_the_catalogue_is_the_same_whenever_and_wherever_it_is_made(project, tmp_path):
    first = project.update()
    assert project.update() == first
    assert str(tmp_path) not in first
    assert "2026" not in first
    (tmp_path / "wizard" / "a.py").write_text("\n\n\n" + (tmp_path / "wizard" / "a.py").read_text())
    assert project.update() == first  # no line numbers


def test_a_complete_catalogue_has_no_faults(project):
    project.translate()
    assert project.faults() == ""


@pytest.mark.parametrize(("nplurals", "plural"), [(1, "0"), (2, "(n > 1)"), (3, "(n==1 ? 0 : n==2 ? 1 : 2)")])
def test_the_header_of_the_po_file_decides_the_plural_forms(project, nplurals, plural):
    project.begin(nplurals=nplurals, plural=plural)
    assert f"nplurals={nplurals}; plural={plural};" in project.update()
    project.translate()
    assert project.faults() == ""
    with project.path.with_suffix(".mo").open("rb") as stream:
        assert gettext.GNUTranslations(stream).info()["plural-forms"] == f"nplurals={nplurals}; plural={plural};"


def test_a_new_language_begins_with_the_plural_forms_that_babel_knows(project):
    project.path.unlink()
    assert "nplurals=" in project.update()


def test_a_header_without_plural_forms_is_named(project):
    project.path.write_text('msgid ""\nmsgstr ""\n', encoding="utf-8")
    assert translations.main(["update"]) == 1


def test_a_text_without_translation_is_a_fault(project):
    project.translate(marked="")
    assert project.faults().endswith("not translated: “marked”")


@pytest.mark.parametrize(
    ("word", "changed"), [("For", "Per %(chi)s"), ("For", "Per"), ("Where", "{dove}"), ("count", "{quanti} files")]
)
def test_other_placeholders_are_a_fault(project, word, changed):
    project.translate(**{word: changed})
    assert "other placeholders" in project.faults()


def test_a_brace_that_does_not_pair_is_a_fault(project):
    project.translate(Port="Porta {")
    assert "braces that do not pair" in project.faults()


def test_a_space_too_many_is_a_fault(project):
    project.translate(Port="Porta ")
    assert "a space at an end" in project.faults()


def test_a_fuzzy_text_is_a_fault(project):
    project.translate()
    text = project.path.read_text(encoding="utf-8")
    project.path.write_text(text.replace('msgid "Port"', '#, fuzzy\nmsgid "Port"'), encoding="utf-8")
    assert "marked fuzzy: “Port”" in project.faults()


def test_a_new_text_makes_the_catalogue_out_of_date(project, tmp_path):
    project.translate()
    (tmp_path / "wizard" / "b.py").write_text('_("new")\n')
    assert "not current with the sources" in project.faults()
    assert "not translated: “new”" in project.faults()


def test_a_text_that_is_gone_is_a_fault_until_it_is_dropped(project, tmp_path):
    project.translate()
    (tmp_path / "templates" / "a.txt.j2").write_text("nothing")
    assert '#~ msgid "Port"' in project.update()
    assert "no longer used: “Port”" in project.faults()
    assert "Port" not in project.update("--drop")


def test_a_translation_that_was_put_aside_comes_back_with_its_text(project, tmp_path):
    project.translate(Port="Porta")
    template = tmp_path / "templates" / "a.txt.j2"
    had = template.read_text()
    template.write_text("nothing")
    project.update()
    template.write_text(had)
    project.update()
    assert translations.read("it").get("Port").string == "Porta"


def test_a_change_that_was_not_compiled_is_a_fault(project):
    project.translate()
    text = project.path.read_text(encoding="utf-8")
    project.path.write_text(text.replace('msgstr "Port"', 'msgstr "Porta"'), encoding="utf-8")
    assert "run “compile”" in project.faults()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('_(f"for {who}")', "put together before"),
        ('_("for " + who)', "put together before"),
        ('_("")', "empty text"),
        ('translate_plural("{n} day", "{n} days", n); translate_plural("{n} day", "{n} dayz", n)', "two plurals"),
    ],
)
def test_a_text_that_cannot_be_translated_is_refused_with_its_place(project, tmp_path, capsys, code, said):
    (tmp_path / "wizard" / "b.py").write_text(code + "\n")
    assert translations.main(["update"]) == 1
    shown = capsys.readouterr().out
    assert said in shown
    assert "wizard/b.py" in shown


def test_a_sentence_under_a_key_that_the_tool_does_not_know_is_refused(project, tmp_path, capsys):
    path = tmp_path / "templates" / "questions.yaml"
    path.write_text(path.read_text() + "    hint: A new sentence.\n")
    assert translations.main(["update"]) == 1
    assert "questions.one.hint" in capsys.readouterr().out


def test_a_data_file_that_the_tool_does_not_know_is_refused(project, tmp_path, capsys):
    (tmp_path / "templates" / "new.yaml").write_text("a: b\n")
    assert translations.main(["update"]) == 1
    assert "templates/new.yaml" in capsys.readouterr().out


def test_the_compiled_file_is_readable_and_plurals_work(project):
    project.translate()
    found = gettext.GNUTranslations(io.BytesIO(translations.as_mo("it")))
    assert found.ngettext("{count} day", "{count} days", 2) == "{count} days"


def test_the_tool_ends_with_2_and_its_help_for_a_wrong_command():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "translations.py", "nothing"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"update" in done.stdout
