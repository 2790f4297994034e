"""Real runs of the guided way, in a real pseudo-terminal: docs/transcripts/*.txt and the picture of the README.

    python tools/transcripts.py

Needs the test extra. Opens no connection: the runs are made with ``--offline``.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.terminal import ENTER, Terminal  # noqa: E402

DOCS = ROOT / "docs"
# What is typed into which question; everything else is answered with the line of ANSWERS, or the one that is preset.
TYPED = {
    "Your name, as others": "Anna Rossi",
    "Il tuo nome, come": "Anna Rossi",
    "Name of the server": "post.example.org",
    "Nome del server": "post.example.org",
}
ANSWERS = {
    "Where do you read this mailbox?": "On several devices",
    "Do you also read it in a web browser": "Now and then",
    "Who opens this mailbox?": "Only me",
    "How full is the mailbox?": "There is plenty of space",
    "Is your computer backed up regularly?": "No",
    "Dove leggi questa casella?": "Su un solo computer",
    "Quanto è piena la casella?": "È spesso quasi piena",
    "Fai regolarmente il backup": "Sì",
}
RUNS = (
    ("gmx", "anna@gmx.net", "en"),
    ("libero", "anna@libero.it", "it"),
    ("gmail", "anna.rossi@gmail.com", "en"),
    ("pec", "studio.rossi@pec.it", "it"),
    ("unknown", "anna@nowhere.example.org", "en"),
)


def run(address: str, language: str, folder: Path) -> Terminal:
    """Go the whole way; the terminal as it stands at the end."""
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
    }
    with Terminal(["--lang", language, "--offline"], env=environment, cwd=folder, columns=80, lines=50) as terminal:
        terminal.see("@")
        terminal.press(address, ENTER)
        terminal.see("1 of about" if language == "en" else "1 di circa")
        while terminal.alive:
            answer(terminal)
        code = terminal.end()
        assert code == 0, terminal.everything
    return terminal


def answer(terminal: Terminal) -> None:
    """Answer the question that is open: the last one on the screen."""
    flat = " ".join(terminal.shown.split())
    lines = terminal.shown.splitlines()
    if lines and lines[-1].strip() == ">":
        text = max(TYPED, key=flat.rfind)
        terminal.press(TYPED[text] if text in flat else "")
    else:
        text = max(ANSWERS, key=flat.rfind)
        since = flat[flat.rfind(text) :] if text in flat else ""
        if ANSWERS[text] in since and f"> {ANSWERS[text]}" not in since:
            terminal.pick(ANSWERS[text])
            return
    terminal.press(ENTER)


def main() -> None:
    target = DOCS / "transcripts"
    target.mkdir(exist_ok=True)
    for name, address, language in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            terminal = run(address, language, Path(folder))
            text = terminal.everything.replace(folder, "~").strip("\n")
        command = f"$ mail-wizard --lang {language} --offline"
        (target / f"{name}.txt").write_text(f"{command}\n{text}\n", encoding="utf-8")
        print(f"docs/transcripts/{name}.txt: {len(text.splitlines())} lines")
        if name == "gmx":
            picture(terminal, command)


def picture(terminal: Terminal, command: str) -> None:
    """The beginning of a run as an SVG, up to the servers."""
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    lines = terminal.everything.splitlines()
    console = Console(record=True, width=80, file=StringIO(), force_terminal=True)
    console.print(Text(command, style="bold"))
    for line in lines[:60]:
        console.print(Text(line))
    svg = console.export_svg(title="mail-wizard", unique_id="mail-wizard")
    # A picture fetches nothing: the fonts of the reader do.
    svg = re.sub(r"\s*@font-face \{.*?\}|<!--.*?-->", "", svg, flags=re.DOTALL)
    (DOCS / "images").mkdir(exist_ok=True)
    (DOCS / "images" / "run.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
