"""The Jinja environment: strict, with the escape filters of the formats, and a sandbox around a person's own templates.

A template gets finished values only; whatever it writes is parsed back by the renderer before it becomes a file. The
sandbox looks at every attribute, which takes as long as all the rest; the bundled templates are as trusted as the code
beside them, and do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import active, translate, translate_plural
from wizard.templating.root import templates_root

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

_ENVIRONMENTS: dict[Path | None, Environment] = {}


def environment(own: Path | None = None) -> Environment:
    """The environment over templates/; the person's own directory ``own`` shadows it by file name, in a sandbox.

    ``*.xml.j2`` and ``*.html.j2`` are escaped automatically, others are not: text formats use their own filter.
    The environment is made once for each ``own``; Jinja is imported with the first.
    """
    if own not in _ENVIRONMENTS:
        _ENVIRONMENTS[own] = _make(own)
    return _ENVIRONMENTS[own]


def _make(own: Path | None) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    kind = Environment if own is None else ImmutableSandboxedEnvironment
    made = kind(
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
    # Jinja sorts keys, for which json builds an encoder every time; nothing that a template gets is a mapping.
    made.policies["json.dumps_kwargs"] = {}
    return made
