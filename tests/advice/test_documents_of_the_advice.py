"""docs/recommendation.md and docs/interview-figures.md say what is so."""

from __future__ import annotations

import re
from pathlib import Path

from people import RULES

from wizard.advice.recommendation import recommend
from wizard.advice.rules import SCORED, load_rules
from wizard.model.recommendation import Option

DOCS = Path(__file__).parent.parent.parent / "docs"
ADVICE = (DOCS / "recommendation.md").read_text(encoding="utf-8")
FIGURES = (DOCS / "interview-figures.md").read_text(encoding="utf-8")


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
