"""What questionary lacks: keys of our own, a problem shown below the question, lists whose lines wrap."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.filters import Condition, to_filter
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, HSplit, Layout, Window
from questionary.prompts.common import InquirerControl

from wizard import interruption
from wizard.interview.steps import Move, too_few
from wizard.terminal.prompters import common

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from wizard.interview.steps import Check


def control_of(app: Application[Any]) -> InquirerControl:
    """The list of a questionary question, made to wrap when the terminal becomes narrower than its lines."""
    for window in app.layout.find_all_windows():
        if isinstance(window.content, InquirerControl):
            window.wrap_lines = to_filter(True)
            return window.content
    raise RuntimeError("questionary draws its lists in another way now")


def point_at(control: InquirerControl, value: object) -> None:
    """Put the pointer on the line with ``value``; leave it where it is when there is none."""
    for position, choice in enumerate(control.choices):
        if choice.value == value and value is not None:
            control.pointed_at = position


def show_below(app: Application[Any], problem: Callable[[], str], width: Callable[[], int]) -> None:
    """Show what ``problem`` returns below the question, wrapped, while it is not empty."""

    def fragments() -> StyleAndTextTuples:
        return [("class:problem", "\n".join(common.wrapped(problem(), width(), common.MARGIN)))]

    below = Window(FormattedTextControl(fragments), dont_extend_height=True, wrap_lines=True)
    focused = app.layout.current_window
    app.layout = Layout(
        HSplit([app.layout.container, ConditionalContainer(below, filter=Condition(lambda: bool(problem())))]),
        focused_element=focused,
    )


class Redraw(Enum):
    """How a question ends that has to be put again, for the lines of it were made for another width."""

    RESIZED = "resized"


RESIZED: Final = Redraw.RESIZED


def end_when_resized(app: Application[Any], width: Callable[[], int]) -> None:
    """End the question with RESIZED as soon as ``width`` is another than now."""
    drawn_for = width()

    def look(_app: Application[Any]) -> None:
        if width() != drawn_for and app.is_running and not app.is_done:
            app.exit(result=RESIZED)

    app.before_render += look


def end_when_told(app: Application[Any]) -> Callable[[], None]:
    """What a signal calls while the question is asked: the terminal is put in order, and then the signal is raised.

    Ctrl-C as a key is a key.
    """

    def end(_app: Application[Any] | None = None) -> None:
        error = interruption.error()
        if error is not None and app.is_running and not app.is_done:
            app.exit(exception=error)

    def tell() -> None:
        if app.loop is not None:
            app.loop.call_soon_threadsafe(end)

    app.before_render += end  # a signal that came while the question was being prepared
    return tell


def leaving_keys(*, back: bool) -> KeyBindings:
    """Shift-Tab goes back; Ctrl-C, Ctrl-D and a signal break off; Ctrl-Z suspends the program."""
    keys = KeyBindings()

    def interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    for key in (Keys.ControlC, Keys.SIGINT):
        keys.add(key, eager=True)(interrupt)

    # prompt_toolkit searches a history here, in English; there is none.
    for key in (Keys.ControlR, Keys.ControlS):
        keys.add(key, eager=True)(_nothing)

    @keys.add(Keys.ControlZ, eager=True)
    def suspend(event: KeyPressEvent) -> None:
        event.app.suspend_to_background()

    if back:

        @keys.add(Keys.BackTab, eager=True)
        def go_back(event: KeyPressEvent) -> None:
            event.app.exit(result=Move.BACK)

    return keys


def keys_for_select(control: InquirerControl, *, back: bool, why: bool) -> KeyBindings:
    """Enter takes the line pointed at, ? asks why."""
    keys = _list_keys(back=back)

    @keys.add(Keys.ControlM, eager=True)
    def take(event: KeyPressEvent) -> None:
        event.app.exit(result=control.get_pointed_at().value)

    if why:

        @keys.add("?", eager=True)
        def ask_why(event: KeyPressEvent) -> None:
            event.app.exit(result=Move.WHY)

    return keys


class Ticks:
    """Which lines of a list are switched on, drawn as [x] and [ ] before the label."""

    def __init__(self, control: InquirerControl, labels: Mapping[str, str], on: Sequence[str]) -> None:
        self.control = control
        self.labels = labels
        self.on = {value for value in on if value in labels}
        self.too_few = ""
        control.use_indicator = False
        control.selected_options = []
        self.draw()

    def problem(self) -> str:
        """What is wrong with the choice since Enter was pressed, or an empty text."""
        return self.too_few

    @property
    def picked(self) -> list[str]:
        return [value for value in self.labels if value in self.on]

    def toggle(self) -> None:
        value = self.control.get_pointed_at().value
        if isinstance(value, str) and value in self.labels:
            self.on ^= {value}
            self.too_few = ""
            self.draw()

    def draw(self) -> None:
        for choice in self.control.choices:
            value = choice.value
            if isinstance(value, str) and value in self.labels:
                choice.title = ("[x] " if value in self.on else "[ ] ") + self.labels[value]


def keys_for_checkbox(ticks: Ticks, *, back: bool, at_least: int) -> KeyBindings:
    """Space switches, Enter goes on when enough is chosen (on the line “Back”, it goes back)."""
    keys = _list_keys(back=back)

    @keys.add(" ", eager=True)
    def switch(_event: KeyPressEvent) -> None:
        ticks.toggle()

    # questionary switches everything on or round with these letters; a slip of the finger should not.
    for letter in ("a", "i"):
        keys.add(letter, eager=True)(_nothing)

    @keys.add(Keys.ControlM, eager=True)
    def go_on(event: KeyPressEvent) -> None:
        if ticks.control.get_pointed_at().value is Move.BACK:
            event.app.exit(result=Move.BACK)
        elif len(ticks.on) < at_least:
            ticks.too_few = too_few(at_least)
        else:
            event.app.exit(result=ticks.picked)

    return keys


class Typing:
    """The problem of the text being typed: none while nothing was typed, until Enter was pressed."""

    def __init__(self, app: Application[Any], validate: Check | None) -> None:
        self.app = app
        self.buffer = app.current_buffer
        self.validate = validate
        self.tried = False
        # Enter is not the only key that sends a line off (Alt-Enter, Ctrl-O, Alt-#); none passes the check by.
        self.buffer.accept_handler = lambda _buffer: self.take()

    def take(self) -> bool:
        """End the question with the text if nothing is wrong with it. Always true: the text stays where it is."""
        self.tried = True
        if not self.problem():
            self.app.exit(result=self.buffer.text.strip())
        return True

    def go_on_from(self, earlier: Typing) -> None:
        """Take over the text, the place of the cursor and the problem of the same question, drawn before."""
        self.buffer.reset(earlier.buffer.document)
        self.tried = earlier.tried

    def problem(self) -> str:
        """What is wrong with the text as it stands, or an empty text."""
        if self.validate is None or not (self.tried or self.buffer.text.strip()):
            return ""
        return self.validate(self.buffer.text.strip()) or ""


def keys_for_text(typing: Typing, *, back: bool) -> KeyBindings:
    """Enter takes the text when nothing is wrong with it; a pasted text loses its line breaks."""
    keys = leaving_keys(back=back)

    @keys.add(Keys.ControlM, eager=True)
    def take(_event: KeyPressEvent) -> None:
        typing.take()

    @keys.add(Keys.BracketedPaste, eager=True)
    def paste(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(" ".join(event.data.split()))

    return keys


def _list_keys(*, back: bool) -> KeyBindings:
    """The keys of a list: Ctrl-D breaks off, and whatever would write into a line does nothing."""
    keys = leaving_keys(back=back)

    @keys.add(Keys.ControlD, eager=True)
    def end(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    # Behind a list prompt_toolkit keeps a line to edit, and shows what comes into it.
    for key in (Keys.BracketedPaste, Keys.ControlQ, Keys.ControlY, Keys.Escape):
        keys.add(key, eager=True)(_nothing)
    return keys


def _nothing(_event: KeyPressEvent) -> None:
    return
