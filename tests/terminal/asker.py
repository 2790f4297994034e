"""Questions put by the prompter that a real terminal gets, as a program of its own: ``asker.py SCENARIO [--plain]``.

What came of it is the last line on standard output, as JSON. The environment says the language (SPEAK: en, it, or
“marked”, in which every translated text stands in brackets and is longer) and the colours (COLOR).
"""

from __future__ import annotations

import json
import os
import sys
from gettext import NullTranslations

from tests.interview.scripted import Interrupted, review, run_interview
from wizard import language
from wizard.interview.answers import Answers, Origin
from wizard.interview.questions import load_questions
from wizard.interview.steps import Checkbox, Choice, Move, Select, Text
from wizard.language import translate as _
from wizard.terminal.prompters import choose_prompter

ORDER = ("devices", "webmail", "sent", "folders")
MESSAGE = "A question with so many words that even a wide terminal has to break it into two lines or more?"
WHY = "Because it matters: " + "one thing and another, " * 10 + "and that is why."
LONG = [
    ("a", "A first answer that is long enough to need a second line on most terminals that people use", ""),
    ("b", "A second one that is not short either, on a narrow terminal at any rate", "with a hint behind it"),
    ("c", "Short", ""),
]
ADDRESS_PROBLEM = "There is no @ in it; an address looks like anna@example.org."


class Marked(NullTranslations):
    """A language in which a text that nobody translates shows itself, and in which all texts are long."""

    def gettext(self, message: str) -> str:
        return f"⟦{message} so to say⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


def address_problem(text: str) -> str | None:
    return None if "@" in text else _(ADDRESS_PROBLEM)


def following(answers: Answers) -> str | None:
    return next((key for key in ORDER if answers.get(key) is None and key not in answers.declined), None)


def position(number: int) -> str:
    return _("{number} of about {total}").format(number=number, total=len(ORDER))


def choices() -> tuple[Choice, ...]:
    return tuple(Choice(value, _(label), _(hint)) for value, label, hint in LONG)


def interview(prompter) -> object:
    found = run_interview(
        load_questions(),
        Answers(),
        prompter.ask,
        prompter.say,
        following,
        position=lambda walk: position(walk.number),
    )
    return {"answers": found.values(), "declined": sorted(found.declined)}


def changes(prompter) -> object:
    answers = Answers().with_("devices", "several", Origin.SET).with_("webmail", "never", Origin.FILE)
    answers = answers.with_("sent", "needed", Origin.TYPED).with_("provider", "both", Origin.DISCOVERED)
    return review(load_questions(), answers.decline("folders"), prompter.ask, prompter.say).values()


def text(prompter) -> object:
    instruction = _("such as anna@example.org")
    return prompter.ask(
        Text(id="a", text=_("Your e-mail address"), validate=address_problem, instruction=instruction, back=True)
    )


def edit(prompter) -> object:
    return prompter.ask(Text(id="a", text=_("Your name"), default="Anna", instruction=_("may stay empty")))


def long(prompter) -> object:
    return prompter.ask(
        Select(id="a", text=_(MESSAGE), choices=choices(), why=_(WHY), unknown=True, back=True, position=position(1))
    )


def many(prompter) -> object:
    lines = tuple(Choice(f"v{n}", f"Line number {n}") for n in range(1, 31))
    return prompter.ask(Select(id="a", text="Which?", choices=lines, default="v20"))


def checkbox(prompter) -> object:
    return prompter.ask(
        Checkbox(id="a", text=_("For which programs?"), choices=choices(), default=("c",), at_least=1, back=True)
    )


def main() -> None:
    speak = os.environ.get("SPEAK", "en")
    if speak == "marked":
        language._catalogue = lambda _language: Marked()
    language.activate("en" if speak == "en" else "it")
    prompter = choose_prompter(
        plain="--plain" in sys.argv,
        no_input=False,
        stdin=sys.stdin,
        stderr=sys.stderr,
        environ=os.environ,
        color=os.environ.get("COLOR", "auto"),
    )
    try:
        result = globals()[sys.argv[1]](prompter)
    except Interrupted as interruption:
        result = {"interrupted": interruption.answers.values()}
    except KeyboardInterrupt:
        result = "interrupted"
    print("RESULT " + json.dumps(result.name if isinstance(result, Move) else result))


if __name__ == "__main__":
    main()
