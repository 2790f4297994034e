"""Text of others, whichever way it comes in, reaches nobody's terminal as it is: no control, no invisible sign."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.discovery.published_files import config, incoming, outgoing
from wizard.model.text import has_controls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIGNS = (
    "\x1b]0;x\x07\x1b[2J\x9b31m\x7f\u202e\u2066\u200b\u200d\u3164\u115f\u1160\uffa0\u034f\u2800\ufe0f\U000e0041\ue000"
)
HOSTILE = f"an{SIGNS}na"
ISPDB_FILE = config(
    incoming("imap.example.test", username=f"%EMAILADDRESS%{SIGNS[9:]}"),
    outgoing("smtp.example.test"),
    domains=("example.test",),
)


def judged(ran) -> None:
    """Nothing harmful was printed, and nothing went wrong without a word."""
    assert "Traceback" not in ran.stderr
    assert "unexpected error" not in ran.stderr
    for line in f"{ran.stdout}\n{ran.stderr}".split("\n"):
        assert not has_controls(line, emoji=True), ascii(line)
    if ran.stdout.startswith("{"):
        json.loads(ran.stdout)


def as_config(text: str, name: str = "example.test") -> bytes:
    """A published file whose every text is ``text``, where XML can say it."""
    fit = "".join(sign for sign in text if sign >= " " and not "\ud800" <= sign <= "\udfff")
    return ISPDB_FILE.decode().replace("</emailProvider>", f"<displayName>{fit}</displayName></emailProvider>").encode()


WAYS: dict[str, Callable[[Path, str], list[str]]] = {}


def way(function: Callable[[Path, str], list[str]]) -> Callable[[Path, str], list[str]]:
    WAYS[function.__name__] = function
    return function


@way
def address(_folder: Path, text: str) -> list[str]:
    return ["discover", f"{text}@example.test", "--offline"]


@way
def command(_folder: Path, text: str) -> list[str]:
    return [text]


@way
def option(_folder: Path, text: str) -> list[str]:
    return ["discover", "anna@gmx.net", f"--{text}"]


@way
def choice(_folder: Path, text: str) -> list[str]:
    return ["export", "anna@gmx.net", "--offline", "--format", "card", "--protocol", text]


@way
def format_(_folder: Path, text: str) -> list[str]:
    return ["export", "anna@gmx.net", "--offline", "--format", text]


@way
def name(_folder: Path, text: str) -> list[str]:
    return ["export", "anna@gmx.net", "--offline", "--format", "mobileconfig", "--dry-run", "--name", text]


@way
def answer(_folder: Path, text: str) -> list[str]:
    return ["recommend", "--set", f"devices={text}"]


@way
def answer_key(_folder: Path, text: str) -> list[str]:
    return ["recommend", "--set", f"{text}=1"]


@way
def answers_file(folder: Path, text: str) -> list[str]:
    (folder / "a.json").write_text(json.dumps({text: text}), encoding="utf-8")
    return ["recommend", "--answers", "a.json"]


@way
def path(_folder: Path, text: str) -> list[str]:
    return ["inspect", text.replace("\0", "").replace("/", "")]


@way
def output(_folder: Path, text: str) -> list[str]:
    words = ["export", "anna@gmx.net", "--offline", "--format", "neomutt", "--output"]
    return [*words, "o" + text.replace("\0", "").replace("/", "")]


@way
def server(_folder: Path, text: str) -> list[str]:
    return ["discover", "anna@gmx.net", "--offline", "--imap", text]


@way
def username(_folder: Path, text: str) -> list[str]:
    return ["discover", "anna@gmx.net", "--offline", "--imap", "imap.gmx.net", "--username", text]


@way
def message(_folder: Path, text: str) -> list[str]:
    return ["doctor", "anna@gmx.net", "--offline", "--says", text, "--program", text]


@way
def ispdb(folder: Path, text: str) -> list[str]:
    (folder / "ispdb").mkdir(exist_ok=True)
    (folder / "ispdb" / f"example.test {SIGNS.replace('/', '')}.xml").write_bytes(as_config(text))
    return ["discover", "anna@example.test", "--offline", "--ispdb", "ispdb", "-v"]


@way
def ispdb_broken(folder: Path, text: str) -> list[str]:
    (folder / "ispdb").mkdir(exist_ok=True)
    (folder / "ispdb" / "example.test").write_bytes(as_config(text)[:-30] + b"</" + text.encode("utf-8", "replace"))
    return ["discover", "anna@example.test", "--offline", "--ispdb", "ispdb", "-v"]


@way
def provider(folder: Path, text: str) -> list[str]:
    (folder / "mine" / "providers").mkdir(parents=True, exist_ok=True)
    (folder / "mine" / "providers" / "gmx.yaml").write_text(json.dumps({"name": text, text: text}), encoding="utf-8")
    return ["export", "anna@gmx.net", "--offline", "--format", "card", "--templates", "mine"]


@way
def template(folder: Path, text: str) -> list[str]:
    (folder / "mine" / "clients").mkdir(parents=True, exist_ok=True)
    kept = text.encode("utf-8", "replace").decode()
    (folder / "mine" / "clients" / "neomuttrc.j2").write_text(f"{{% {kept}", encoding="utf-8")
    return ["export", "anna@gmx.net", "--offline", "--format", "neomutt", "--templates", "mine", "--dry-run"]


@way
def settings_file(folder: Path, text: str) -> list[str]:
    document = {"schema": 1, "address": "anna@example.test", "imap": {"host": text, "port": text, text: text}}
    (folder / "s.json").write_text(json.dumps(document), encoding="utf-8")
    return ["inspect", "s.json"]


@way
def autoconfig(folder: Path, text: str) -> list[str]:
    (folder / "s.xml").write_bytes(as_config(text))
    return ["inspect", "s.xml"]


@way
def neomutt(folder: Path, text: str) -> list[str]:
    (folder / "muttrc").write_text(
        f'set folder = "imaps://imap.example.test/"\nset imap_user = "{text}"\nset realname = "{text}"\n',
        encoding="utf-8",
        errors="replace",
    )
    return ["inspect", "muttrc"]


@pytest.mark.parametrize("json_", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("made", WAYS.values(), ids=WAYS)
def test_every_way_in(run_cli, tmp_path, made, json_):
    judged(run_cli(*made(tmp_path, HOSTILE), *json_))


@pytest.mark.slow
@pytest.mark.parametrize("made", WAYS.values(), ids=WAYS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from(SIGNS + "aà@.:/'\"<&\\\n\t👍") | st.characters(), min_size=1, max_size=12))
def test_any_text_by_every_way(run_cli, tmp_path, made, text):
    judged(run_cli(*made(tmp_path, text)))


def test_what_servers_and_names_say(online):
    online.machine("mail.example.test", greeting=f"* OK {HOSTILE}")
    online.srv("example.test", "mail.example.test")
    online.world.dns("example.test", TXT=[f"v=spf1 include:{HOSTILE} mailconf=https://{HOSTILE}/"])
    for words in (["discover", "-v"], ["doctor", "-v"], ["discover", "--json"], ["doctor", "--json"]):
        judged(online.run(words[0], "anna@example.test", *words[1:]))
