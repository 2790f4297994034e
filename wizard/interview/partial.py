"""Answers of an interrupted run: kept where the system keeps state, offered at the next start, then forgotten.

The file may have been edited, cut short or put there by somebody else: reading it never fails, it only gives notices.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.interview.answers import Answers, Origin
from wizard.language import translate as _
from wizard.model.problems import Notice, Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from wizard.interview.questions import Question

FILE = "interrupted.json"
SIZE_LIMIT = 64 * 1024
"""Bytes. All answers together are a few hundred."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What was kept. ``answers`` (origin RESUMED) may be empty when nothing of it can be used; ``notices`` say why."""

    answers: Answers
    notices: tuple[Notice, ...] = ()


def state_file() -> Path:
    """Where the answers are kept: below ``$XDG_STATE_HOME``, or what the system has instead."""
    from platformdirs import user_state_path

    return user_state_path("mail-wizard", appauthor=False) / FILE


def keep(answers: Answers) -> Path | None:
    """Keep what the person said so far; the file, or None when there is nothing to keep or it cannot be written.

    Never raises: an interruption stays an interruption. :func:`kept_sentence` tells the person.
    """
    from wizard.resources.files import write_text

    personal = answers.personal()
    if not personal:
        return None
    content = {
        "schema": 1,
        "answers": {key: answer.value for key, answer in personal.items.items()},
        "declined": sorted(personal.declined),
    }
    try:
        path = state_file()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    except (OSError, RuntimeError):  # RuntimeError: there is no home directory
        return None
    return path


def kept_sentence(answers: Answers, path: Path | None) -> str:
    """What to tell the person after :func:`keep`; empty when there was nothing to keep."""
    if path is not None:
        return _("Your answers so far are kept in {path}; the next start offers to continue with them.").format(
            path=printable(str(path))
        )
    if not answers.personal():
        return ""
    return _("Your answers so far could not be kept: the directory for them cannot be written.")


def offered(
    address: str | None = None,
    *,
    clients: Collection[str] | None = None,
    questions: Sequence[Question] | None = None,
) -> Offer | None:
    """What an interrupted run left, each answer checked anew; None when there is nothing.

    Nothing is offered when it is about another mailbox than ``address``.
    """
    content = _read()
    if content is None or isinstance(content, Offer):
        return content
    answers, notices = Answers(), []
    for key, value in content["answers"].items():
        notice, answers = _take(answers, key, value, clients, questions)
        notices += [notice] if notice is not None else []
    known = _known_keys(questions)
    for key in content.get("declined") or []:
        if isinstance(key, str) and key in known and answers.get(key) is None:
            answers = answers.decline(key)
    if address is not None and answers.address is not None and answers.address != address:
        return None
    return Offer(answers, tuple(notices))


def forget() -> None:
    """Remove what was kept. Never raises."""
    try:
        state_file().unlink(missing_ok=True)
    except (OSError, RuntimeError):
        return


def _read() -> dict[str, Any] | Offer | None:
    """The kept file as data, an Offer with only a notice when it is broken, None when there is none."""
    try:
        raw = _read_bytes(state_file())
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, ValueError):
        return _broken()
    try:
        content = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return _broken()
    if (
        not isinstance(content, dict)
        or content.get("schema") != 1
        or not isinstance(content.get("answers"), dict)
        or not isinstance(content.get("declined", []), list)
    ):
        return _broken()
    return content


def _read_bytes(path: Path) -> bytes:
    # Without O_NONBLOCK a named pipe put in this place would stop the program for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("not a file")
        raw = stream.read(SIZE_LIMIT + 1)
    if len(raw) > SIZE_LIMIT:
        raise ValueError("too large")
    return raw


def _broken() -> Offer:
    try:
        where = printable(str(state_file()))
    except RuntimeError:
        where = FILE
    text = _("The answers kept from last time cannot be read, so we start over ({path}).").format(path=where)
    return Offer(Answers(), (Notice("kept_answers_unreadable", text),))


def _take(
    answers: Answers,
    key: str,
    value: Any,
    clients: Collection[str] | None,
    questions: Sequence[Question] | None,
) -> tuple[Notice | None, Answers]:
    from wizard.interview.answers import check_answer

    try:
        checked = check_answer(key, value, Place(), clients=clients, questions=questions)
    except Problem:
        text = _("An answer kept from last time is no longer valid ({key}); you are asked again.").format(
            key=printable(key, 60)
        )
        return Notice("kept_answer_invalid", text), answers
    return None, answers.with_(key, checked, Origin.RESUMED)


def _known_keys(questions: Sequence[Question] | None) -> frozenset[str]:
    from wizard.interview.questions import load_questions

    return frozenset(question.key for question in (load_questions() if questions is None else questions))
