"""The schemas in docs/schemas hold for what the program really prints, and refuse what it never would."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from wizard.diagnosis.device import CODES
from wizard.diagnosis.knowledge import knowledge
from wizard.model.diagnosis import Confidence as Certainty
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.problems import ExitCode, Problem
from wizard.model.recommendation import Confidence, Option
from wizard.model.servers import AuthenticationMethod, SocketType
from wizard.programs.documents import report_document
from wizard.programs.settings import settings_from

SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).resolve().parent.parent / "docs" / "schemas").glob("*.json"))
}
ID = "urn:mail-wizard:schema:"
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def wrong(name: str, document: Any) -> list[str]:
    """What the schema has against the document, each with its place."""
    validator = Draft202012Validator(SCHEMAS[name], registry=REGISTRY)
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in validator.iter_errors(document)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_is_named_after_its_file(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == ID + name


def test_every_schema_is_listed_in_the_readme_beside_it() -> None:
    readme = (Path(__file__).resolve().parent.parent / "docs" / "schemas" / "README.md").read_text(encoding="utf-8")
    assert [name for name in SCHEMAS if f"]({name}.json)" not in readme] == []


def test_the_words_of_the_schemas_are_those_of_the_program() -> None:
    server = SCHEMAS["discover"]["$defs"]["server"]["properties"]
    asked = SCHEMAS["discover"]["$defs"]["source"]["properties"]
    advice = SCHEMAS["recommend"]["properties"]
    for listed, known in (
        (server["socket_type"], SocketType),
        (server["authentication"]["items"], AuthenticationMethod),
        (server["source"], Source),
        (server["trust"], Trust),
        (asked["source"], Source),
        (asked["outcome"], Outcome),
        (advice["recommendation"], Option),
        (advice["confidence"], Confidence),
    ):
        assert listed["enum"] == [one.value for one in known]
    rung, finding = (SCHEMAS["doctor"]["$defs"][name]["properties"] for name in ("rung", "finding"))
    assert rung["name"]["enum"] == [one.value for one in RungName]
    assert rung["status"]["enum"] == [one.value for one in RungStatus]
    assert finding["confidence"]["enum"] == [one.value for one in Certainty]
    assert finding["code"]["enum"] == [*knowledge().codes, *CODES]
    target = SCHEMAS["doctor"]["$defs"]["target"]["properties"]
    assert target["source"]["enum"] == [one.value for one in Source]
    assert target["socket_type"]["enum"] == [one.value for one in SocketType]
    codes = SCHEMAS["error"]["properties"]["error"]["properties"]["code"]["enum"]
    assert codes == [code.name.lower() for code in ExitCode if code is not ExitCode.DONE]


INCOMPLETE = {"host": "192.0.2.7", "port": None, "socket_type": None, "username": None}
OFFLINE = ("--offline", "--no-input")
COMMANDS = {
    "formats": ("formats", 0),
    "questions": ("questions", 0),
    "providers": ("providers", 0),
    "providers gmail": ("provider", 0),
    "providers aruba-pec": ("provider", 0),
    "recommend": ("recommend", 0),
    "recommend --set devices=one --set backup=regular --set quota=tight": ("recommend", 0),
    "recommend --set devices=several --set quota=full --set provider=pop_only": ("recommend", 0),
    "recommend --set provider=neither": ("recommend", 0),
    "discover anna@gmx.net --offline": ("discover", 0),
    "discover anna@gmail.com --offline": ("discover", 0),
    "discover anna@pec.it --offline": ("discover", 0),
    "discover anna@unknown.example --offline": ("discover", 4),
    "export anna@gmx.net --format autoconfig,mobileconfig,card --output out --offline": ("export", 0),
    "export anna@outlook.com --format mobileconfig --output out --offline": ("export", 8),
    "export anna@gmx.net --format card --output out --offline --dry-run": ("export", 0),
    "inspect settings.json": ("inspect", 0),
    "inspect several.json": ("inspect", 0),
    "inspect incomplete.json": ("inspect", 0),
    "inspect answers.yaml": ("error", 2),
    "templates list": ("templates", 0),
    "templates copy card own": ("templates", 0),
    "setup anna@gmx.net --offline --defaults --dry-run --output out": ("setup", 0),
    "doctor --device list": ("devices", 0),
    "doctor anna@gmx.net --offline": ("error", 2),
    "export anna --format card --output out": ("error", 2),
    "export anna@gmx.net --format cart --output out --offline": ("error", 2),
    "recommend --set device=one": ("error", 2),
    "recommend --answers answers.yaml": ("error", 2),
    "providers nobody-knows-it": ("error", 2),
    "formats --no-such-option": ("error", 2),
}


@pytest.mark.parametrize("locale", ["en", "it"])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_program_prints_is_as_its_schema_says(run_cli, tmp_path: Path, command: str, locale: str) -> None:
    name, code = COMMANDS[command]
    (tmp_path / "answers.yaml").write_text("quota: brimming\n")
    (tmp_path / "settings.json").write_text(json.dumps(LEAST))
    bob = {**LEAST, "address": "bob@example.org"}
    (tmp_path / "several.json").write_text(json.dumps({"schema": 1, "accounts": [LEAST, bob]}))
    (tmp_path / "incomplete.json").write_text(json.dumps(LEAST | {"imap": LEAST["imap"] | INCOMPLETE}))
    ran = run_cli(*command.split(), "--json", "--no-input", "--lang", locale)
    assert ran.code == code, ran.stderr
    document = json.loads(ran.stdout)
    assert wrong(name, document) == []
    if name == "error":
        assert document["error"]["code"] == ExitCode(code).name.lower()


@pytest.fixture(scope="module")
def discovered() -> dict[str, Any]:
    """A document of discover, with something in each of its parts."""
    server = {
        "protocol": "imap",
        "host": "imap.example.org",
        "port": 993,
        "socket_type": "SSL",
        "username": "anna@example.org",
        "authentication": ["password-cleartext"],
        "source": "srv",
        "trust": "unauthenticated",
        "verified": True,
    }
    return {
        "schema": 1,
        "address": "anna@example.org",
        "domain": "example.org",
        "elapsed_ms": 12,
        "provider": {"id": "example", "name": "Example"},
        "imap": server,
        "pop3": None,
        "smtp": {**server, "protocol": "smtp", "host": "smtp.example.org", "port": 465},
        "alternatives": [{**server, "port": 143, "socket_type": "STARTTLS"}],
        "leave_days": None,
        "needs_consent": [{"code": "foreign_domain", "text": "The servers belong to somebody else."}],
        "warnings": [],
        "sources": [{"source": "srv", "outcome": "found", "url": None, "elapsed_ms": 7, "detail": ""}],
    }


def test_what_discover_prints_is_settings_and_is_written_again_as_it_was(discovered: dict[str, Any]) -> None:
    assert wrong("discover", discovered) == []
    assert wrong("settings", discovered) == []
    assert report_document(settings_from(json.dumps(discovered), "x")) == discovered


LEAST = {
    "schema": 1,
    "address": "anna@example.org",
    "imap": {
        "host": "imap.example.org",
        "port": 993,
        "socket_type": "SSL",
        "username": "anna",
        "authentication": ["password-cleartext"],
    },
}


def test_the_least_that_a_person_writes_is_settings_and_no_document_of_discover() -> None:
    assert wrong("settings", LEAST) == []
    assert settings_from(json.dumps(LEAST), "x").imap is not None
    assert wrong("discover", LEAST) != []


def change(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of ``document`` with ``value`` at ``path``; with ``...`` the key is taken away."""
    changed = copy.deepcopy(document)
    *parents, last = path.split("/")
    place: Any = changed
    for one in parents:
        place = place[int(one)] if isinstance(place, list) else place[one]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", 2),
        ("schema", ...),
        ("address", ...),
        ("e_mail", "anna@example.org"),
        ("imap/port", 0),
        ("imap/port", 70000),
        ("imap/port", "993"),
        ("imap/socket_type", "TLS"),
        ("imap/authentication", []),
        ("imap/authentication", ["password"]),
        ("imap/host", ...),
        ("imap/username", 7),
        ("imap/password", "secret"),
        ("imap/protocol", "pop3"),
        ("imap/trust", "blind"),
        ("imap/verified", "yes"),
        ("alternatives", None),
        ("alternatives/0/protocol", ...),
        ("alternatives", [None]),
        ("needs_consent/0/code", "Not a code"),
        ("sources/0/outcome", "lost"),
        ("provider/id", ...),
        ("elapsed_ms", -1),
    ],
)
def test_schema_and_program_refuse_the_same_settings(discovered: dict[str, Any], path: str, value: Any) -> None:
    document = change(discovered, path, value)
    assert wrong("settings", document) != []
    with pytest.raises(Problem):
        settings_from(json.dumps(document), "x")


NEEDLESS = ("domain", "elapsed_ms", "provider", "pop3", "alternatives", "needs_consent", "warnings", "sources")
NEEDLESS_INSIDE = ("imap/protocol", "imap/source", "imap/trust", "imap/verified", "sources/0/url", "sources/0/detail")


@pytest.mark.parametrize("path", [*NEEDLESS, *NEEDLESS_INSIDE])
def test_schema_and_program_do_without_the_same_keys(discovered: dict[str, Any], path: str) -> None:
    document = change(discovered, path, ...)
    assert wrong("settings", document) == []
    assert settings_from(json.dumps(document), "x").address.local == "anna"
    assert wrong("discover", document) != []
