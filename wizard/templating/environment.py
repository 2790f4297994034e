"""The Jinja environment: sandboxed, strict, with the escape filters of the formats.

A template gets finished values only; whatever it writes is parsed back by the renderer before it becomes a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import active, translate, translate_plural
from wizard.templating.root import templates_root

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2.sandbox import SandboxedEnvironment

_ENVIRONMENTS: dict[Path | None, SandboxedEnvironment] = {}


def environment(own: Path | None = None) -> SandboxedEnvironment:
    """The environment over templates/; the person's own directory ``own`` shadows it by file name.

    ``*.xml.j2`` and ``*.html.j2`` are escaped automatically, others are not: text formats use their own filter.
    The environment is made once for each ``own``; Jinja is imported with the first.
    """
    if own not in _ENVIRONMENTS:
        _ENVIRONMENTS[own] = _make(own)
    return _ENVIRONMENTS[own]


def _make(own: Path | None) -> SandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([path for path in (own, templates_root()) if path is not None]),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith((".xml.j2", ".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(translate, translate_plural, newstyle=True)  # type: ignore[attr-defined]
    made.globals["language"] = active
    return made
