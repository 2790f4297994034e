"""A person's own templates: what they may do, and how much. Counted in steps and characters, so that it does not depend
on the machine: a template that runs through its limits here does so everywhere.

Jinja's sandbox keeps a template from Python; it bounds ``range`` alone. Here every turn of a loop, call, filter and
operator counts, and so does every character that they make; what could make a giant of its operands at once is not
begun.
"""

from __future__ import annotations

import functools
from collections.abc import Generator
from math import prod
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import TemplateRuntimeError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2 import Environment, Template
    from jinja2.runtime import Context

STEPS = 30_000
"""Turns of loops, calls, filters, operators and pieces of text, together."""

SIZE = 4 * 1024 * 1024
"""Characters, or members of a list, that all of them make together; a finished file has a few thousand."""


SOURCE = 256 * 1024
"""Characters of a template."""

WORK = 64 * 1024 * 1024
"""The same of one operation, as it is estimated before: the product of the sizes of what it is given."""

LONGEST_NUMBER = 10_000
"""Bits."""


class TooMuch(TemplateRuntimeError):
    """A limit was reached."""


class _Joining(CodeGenerator):
    """``a ~ b`` and loops go through the environment."""

    def visit_Concat(self, node: nodes.Concat, frame: Any) -> None:  # noqa: N802 - called by the name of the node
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("), context.eval_ctx.autoescape)")


class BoundedLoader(FileSystemLoader):
    """Files of at most :data:`SOURCE` bytes."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Raises TemplateSyntaxError for a file that is larger."""
        source, path, unchanged = super().get_source(environment, template)
        if len(source) > SOURCE:
            raise TemplateSyntaxError(_("it is larger than {size} KiB").format(size=SOURCE // 1024), 1, template, path)
        return source, path, unchanged


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Filling a template begins with :meth:`begin`."""

    code_generator_class = _Joining
    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._steps = self._size = 0
        self.globals.pop("lipsum", None)  # it makes as much text as it is asked for
        self.filters = {name: self._counted(name, function) for name, function in self.filters.items()}
        self.filters["_counted"] = self._turns
        self.concat = self._concatenated  # type: ignore[method-assign] # "".join, which takes any number

    def begin(self) -> None:
        """Nothing is used up yet."""
        self._steps = self._size = 0

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in list(template.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        template.set_environment(self)
        return template

    def get_template(self, *arguments: Any, **options: Any) -> Template:
        """A template that another one includes counts too."""
        self._step()
        return super().get_template(*arguments, **options)

    def call(self, context: Context, function: Any, *arguments: Any, **named: Any) -> Any:
        """Whatever a template calls: macros, functions, and methods of its texts, which may make a long one."""
        method = getattr(function, "__wrapped__", function)  # Jinja wraps str.format
        text = getattr(method, "__self__", None)
        if isinstance(text, str):
            widths = _widths(text) if method.__name__.startswith("format") else []
            self._before(text, *widths, *arguments, *named.values())
        return self._after(super().call(context, function, *arguments, **named))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator between two values."""
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * abs(right) if operator == "**" else left.bit_length() + right.bit_length()
            if bits > LONGEST_NUMBER:
                raise self._too_much()
        elif operator == "%" and isinstance(left, str):
            self._before(left, *_widths(left), *(right if isinstance(right, tuple) else (right,)))
        else:
            self._before(left, right)
        return self._after(super().call_binop(context, operator, left, right))

    def joined(self, parts: tuple[Any, ...], autoescape: bool) -> Any:  # noqa: FBT001 - called by compiled templates
        """``a ~ b``."""
        from jinja2.runtime import markup_join, str_join

        self._step(sum(_size(part) for part in parts))
        return (markup_join if autoescape else str_join)(parts)

    def _concatenated(self, pieces: Iterable[str]) -> str:
        def counted() -> Iterator[str]:
            for piece in pieces:
                try:
                    self._step(len(piece))
                except TooMuch as error:
                    if isinstance(pieces, Generator):
                        pieces.throw(error)  # raised where the template is, whose line is told
                    raise
                yield piece

        return "".join(counted())

    def _turns(self, values: Any) -> Any:
        if isinstance(values, (list, tuple, dict, str)):
            self._step(0, len(values))
            return values
        return self._each(values)

    def _each(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._step()
            yield value

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)  # with the marks of those that want the context
        def counted(*arguments: Any, **named: Any) -> Any:
            widths = _widths(str(arguments[0])) if name == "format" else []
            self._before(*widths, *arguments, *named.values())
            return self._after(function(*arguments, **named))

        return counted

    def _before(self, *operands: Any) -> None:
        """Whether what comes of the operands can be no larger than WORK."""
        if prod(max(1, _size(operand)) for operand in operands) > WORK:
            raise self._too_much()
        self._step()

    def _after(self, result: Any) -> Any:
        self._step(_size(result) if isinstance(result, (str, list, tuple, dict)) else 0)
        return result

    def _step(self, size: int = 0, steps: int = 1) -> None:
        self._steps += steps
        self._size += size
        if self._steps > STEPS or self._size > SIZE:
            raise self._too_much()

    @staticmethod
    def _too_much() -> TooMuch:
        return TooMuch(_("it goes on for too long, or makes too much text"))


def _size(value: Any) -> int:
    """How much a value can make of another: its length, or a number itself."""
    if isinstance(value, (str, bytes, list, tuple, dict, set, range)):
        return len(value)
    return abs(value) if isinstance(value, int) else 1


def _widths(text: str) -> list[int]:
    """The widths that a format asks for: “%9999d”, “{:>9999}”."""
    import re

    return [int(digits[:12]) for digits in re.findall(r"\d{3,}", text)]
