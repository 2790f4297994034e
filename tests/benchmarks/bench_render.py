"""How fast files are rendered from warm templates, beside bare Jinja with the same template.

    python tests/benchmarks/bench_render.py [--count 2000]

Bare Jinja: an environment without anything of ours, the same template, the same values; all it does is to put texts
together. Ours: the template found, the values put together, the text rendered, and for a profile the property list
written. The bound is half the speed of bare Jinja. The third line is the whole way to a finished file: what the format
can say is looked at first, the file is read back by a parser and compared with the account, and the install steps are
put together; that has no bound, and no counterpart in Jinja.

All figures are processor time, the best of five rounds, and the rounds take turns, so that a busy machine does not
count.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from jinja2 import Environment, FileSystemLoader  # noqa: E402
from sample_accounts import make  # noqa: E402

from wizard.export.capability import expressible  # noqa: E402
from wizard.export.registry import format_named  # noqa: E402
from wizard.export.render import About, context_of, fill_template, render  # noqa: E402
from wizard.programs.registry import form_named  # noqa: E402
from wizard.resources.templates import templates_root  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("autoconfig", "mobileconfig")
BOUND = 0.5
"""Our speed as a part of bare Jinja's."""

ROUNDS = 5


def ways(format_id: str) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]:
    """Bare Jinja, our rendering, and the whole way to a file, for one account."""
    entry = format_named(format_id)
    file = entry.files[0]
    form = form_named(file.form)
    whole = make()
    account, about = expressible(entry, whole), About()
    bare = Environment(
        loader=FileSystemLoader(templates_root()),
        autoescape=file.template.endswith(".xml.j2"),
        extensions=["jinja2.ext.i18n"],
    )
    bare.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    template = bare.get_template(file.template)
    values = context_of(account, about) | form.values(account)

    def ours() -> bytes:
        context = context_of(account, about) | form.values(account)
        return form.write(fill_template(file.template, context, None))

    text = template.render(values)
    if len(text) < 900 or str(account.incoming.hostname).encode() not in ours():
        raise RuntimeError("bare Jinja or ours rendered nothing: this measures nothing")
    return lambda: template.render(values), ours, lambda: render(format_id, whole)


def seconds(run: Callable[[], Any], count: int) -> float:
    """Processor time of ``count`` runs."""
    begun = time.process_time()
    for _number in range(count):
        run()
    return time.process_time() - begun


def times(format_id: str, count: int) -> tuple[float, float, float]:
    """Seconds for one run of each of the three ways."""
    runs = ways(format_id)
    for run in runs:
        seconds(run, 20)  # warm
    rounds = [[seconds(run, count) for run in runs] for _round in range(ROUNDS)]
    bare, ours, whole = (min(column) / count for column in zip(*rounds, strict=True))
    return bare, ours, whole


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    count = parser.parse_args().count
    kept = True
    for format_id in FORMATS:
        bare, ours, whole = times(format_id, count)
        kept = kept and bare / ours >= BOUND
        print(format_id)
        print(f"  bare Jinja           {bare * 1e6:6.0f} µs")
        print(f"  rendered             {ours * 1e6:6.0f} µs   {bare / ours:.2f} of its speed, at least {BOUND}")
        print(f"  and checked, a file  {whole * 1e6:6.0f} µs   {bare / whole:.2f} of its speed")
    print("kept" if kept else "missed")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
