"""Where templates/ is, and the Jinja environment over it.

The environment is strict, has the escape filters of the formats, and a sandbox around a person's own templates. A
template gets finished values only; whatever it writes is parsed back by the renderer before it becomes a file. The
sandbox looks at every attribute and counts every step, which takes as long as all the rest; the bundled templates are
as trusted as the code beside them, and do without.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.language import active, translate, translate_plural

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment


@cache
def templates_root() -> Path:
    """The directory of the bundled data and templates."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "templates", package.parent / "templates"):
        if (candidate / "clients.yaml").is_file():
            return candidate
    raise RuntimeError(f"the templates are missing from {package}; please install mail-wizard again")


def find_data(name: str, own: Path | None = None) -> Path:
    """The file ``name`` (relative to templates/): the person's own directory ``own`` shadows the bundled one."""
    if own is not None and (own / name).is_file():
        return own / name
    return templates_root() / name


_ENVIRONMENTS: dict[tuple[Path, Path] | None, Environment] = {}
"""By the directory as it was named, which errors repeat, and as it is, whatever the working directory is by then."""


def environment(own: Path | None = None) -> Environment:
    """The environment over templates/; the person's own directory ``own`` shadows it by file name, in a sandbox.

    ``*.xml.j2`` and ``*.html.j2`` are escaped automatically, others are not: text formats use their own filter.
    The environment is made once for each ``own``; Jinja is imported with the first.
    """
    key = None if own is None else (own, own.absolute())
    if key not in _ENVIRONMENTS:
        _ENVIRONMENTS[key] = _make(own)
    return _ENVIRONMENTS[key]


def _make(own: Path | None) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    kind: type[Environment] = Environment
    loader: type[FileSystemLoader] = FileSystemLoader
    if own is not None:
        from wizard.resources.sandbox import BoundedEnvironment, BoundedLoader

        kind, loader = BoundedEnvironment, BoundedLoader
    made = kind(
        loader=loader([path for path in (own, templates_root()) if path is not None]),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith((".xml.j2", ".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_compiled_beside() if own is None else None,
        auto_reload=own is not None,  # the bundled ones change with the program; a look at the disk each time is dear
    )
    made.install_gettext_callables(translate, translate_plural, newstyle=True)  # type: ignore[attr-defined]
    made.globals["language"] = active
    # Jinja sorts keys, for which json builds an encoder every time; nothing that a template gets is a mapping.
    made.policies["json.dumps_kwargs"] = {}
    return made


def _compiled_beside() -> BytecodeCache:
    """Compiled templates beside the bundled ones, as Python has them of modules; compiling takes longer than filling.

    What counts is the text, this module (its options are compiled in) and Jinja's compiler.
    """
    from jinja2 import BytecodeCache, compiler
    from jinja2.bccache import Bucket

    from wizard.resources.cache import keep, kept, stamp

    class Beside(BytecodeCache):
        def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:  # noqa: ARG002
            wanted = stamp(source, __file__, compiler.__file__) or b""
            bucket = Bucket(environment, filename or "", wanted.hex())
            self.load_bytecode(bucket)
            return bucket

        def load_bytecode(self, bucket: Bucket) -> None:
            made = kept(bucket.key, bytes.fromhex(bucket.checksum)) if bucket.checksum else None
            if made is not None:
                bucket.bytecode_from_string(made)

        def dump_bytecode(self, bucket: Bucket) -> None:
            if bucket.checksum:
                keep(bucket.key, bytes.fromhex(bucket.checksum), bucket.bytecode_to_string())

    return Beside()
