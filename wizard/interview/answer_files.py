"""Answers in and out: ``--set``, ``--answers``, ``--save-answers``."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.interview.answers import ABOUT, Answers, Origin, check_answer
from wizard.language import translate as _
from wizard.model.problems import OutputExists, Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import TextIO

    from wizard.interview.questions import Question
    from wizard.resources.documents import Document

STDIN = "-"


def gather(
    file: Path | str | None,
    sets: Iterable[str] = (),
    *,
    stdin: TextIO | None = None,
    clients: Collection[str] | None = None,
    questions: Sequence[Question] | None = None,
) -> Answers:
    """The answers of ``--answers`` (``-``: standard input) with those of ``--set`` above them. Raises Problem."""
    answers = Answers()
    if file is not None:
        answers = read_answers(file, stdin, clients=clients, questions=questions)
    for word in sets:
        key, value = parse_set(word, clients=clients, questions=questions)
        answers = answers.with_(key, value, Origin.SET)
    return answers


def parse_set(
    word: str, *, clients: Collection[str] | None = None, questions: Sequence[Question] | None = None
) -> tuple[str, str]:
    """The checked key and value of one ``KEY=VALUE``. Raises Problem with the place ``--set``."""
    key, equals, value = word.partition("=")
    key = key.strip()
    where = Place("--set", key=printable(key, 60) or None)
    if not equals or not key:
        raise Problem(
            _("“{word}” does not have the form KEY=VALUE, such as devices=several.").format(word=printable(word, 60)),
            place=Place("--set"),
        )
    return key, check_answer(key, value, where, clients=clients, questions=questions)


def read_answers(
    path: Path | str,
    stdin: TextIO | None = None,
    *,
    clients: Collection[str] | None = None,
    questions: Sequence[Question] | None = None,
) -> Answers:
    """The answers of a YAML or JSON file; ``-`` reads standard input. Raises Problem with file, line and key."""
    import sys

    from wizard.resources.documents import read_document, read_stream

    if str(path) == STDIN:
        document = read_stream(sys.stdin if stdin is None else stdin, _("standard input"))
    else:
        document = read_document(Path(path))
    if document.data is None:
        return Answers()
    if not isinstance(document.data, dict):
        raise document.problem(_("An answers file is a list of keys with values, such as “devices: several”."))
    answers = Answers()
    for key, value in document.data.items():
        if not isinstance(key, str):
            raise document.problem(_("The key “{key}” is not known.").format(key=printable(str(key)[:60])))
        answers = _checked(answers, document, key, value, clients, questions)
    return answers


def _checked(
    answers: Answers,
    document: Document,
    key: str,
    value: Any,
    clients: Collection[str] | None,
    questions: Sequence[Question] | None,
) -> Answers:
    # Looking up a line costs a second reading: it is done once something is wrong.
    try:
        checked = check_answer(key, value, Place(), clients=clients, questions=questions)
    except Problem as problem:
        raise document.problem(problem.text, (key,)) from None
    return answers.with_(key, checked, Origin.FILE)


def save_answers(answers: Answers, path: Path | str, *, force: bool | None = False) -> None:
    """Write what the person said as a commented YAML file that :func:`read_answers` reads back.

    What was looked up is left out: the next run looks again. Raises OutputExists unless ``force`` (None: the
    command has no such option), and Problem when the file cannot be written.
    """
    from wizard.resources.files import write_text
    from wizard.resources.path_problems import unwritable

    target = Path(path)
    if target.is_dir():
        raise unwritable(target, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if not force and os.path.lexists(target):
        text = _("This file already exists; --force overwrites it.")
        if force is None:
            text = _("This file already exists; choose another name.")
        raise OutputExists(text, place=Place(str(target)))
    try:
        write_text(target, answers_text(answers))
    except OSError as error:
        raise unwritable(target, error) from None


def answers_text(answers: Answers) -> str:
    """The contents of a saved answers file, in the active language where it speaks to people."""
    personal = answers.personal()
    lines = [
        _("# Answers for mail-wizard. Give them again with --answers and the name of this file."),
        _("# This file contains no password, and none belongs here."),
    ]
    for key in (*(key for key in ABOUT if key in personal.items), *(key for key in personal.items if key not in ABOUT)):
        value = personal.items[key].value
        comment = _explained(key, value)
        lines += ["", f"# {comment}"] if comment else [""]
        lines.append(f"{key}: {_scalar(list(personal.clients) if key == 'clients' else value)}")
    if personal.declined:
        lines += ["", _("# Not known: {keys}").format(keys=", ".join(sorted(personal.declined)))]
    return "\n".join(lines) + "\n"


def _explained(key: str, value: str) -> str:
    from wizard.interview.questions import load_questions

    for question in load_questions():
        if question.key == key and value in question.values:
            return f"{_(question.text)} {_(question.choice(value).label)}"
    return ""


def _scalar(value: str | list[str]) -> str:
    import yaml

    written: str = yaml.safe_dump(value, allow_unicode=True, width=10**6, default_flow_style=True)
    return written.removesuffix("\n").removesuffix("\n...")
