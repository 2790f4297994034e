"""The options that several commands share, each written once: answers, network, writing, signing."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wizard.cli.common import Command, apply_options, option_group
from wizard.language import translate as _
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.app.plan import Request
    from wizard.cli.common import CommonOptions, Decorator
    from wizard.discovery.context import LookUpOptions
    from wizard.export.sign import Signer
    from wizard.interview.answers import Answers

ISPDB_VARIABLE = "MAIL_WIZARD_ISPDB_URL"


# Answers


def answer_options(command: Command) -> Command:
    """--answers, --set (as ``sets``), --save-answers, --scoring."""
    options = [
        click.option("--answers", metavar=_("FILE"), help=_("Answers from a YAML or JSON file; - is standard input.")),
        click.option(
            "--set",
            "sets",
            metavar=_("KEY=VALUE"),
            multiple=True,
            help=_("One answer; wins over the file. Repeatable."),
        ),
        click.option("--save-answers", metavar=_("FILE"), type=Path, help=_("Write the answers to a file.")),
        click.option(
            "--scoring", metavar=_("FILE"), type=Path, help=_("Your own criteria instead of the built-in ones.")
        ),
    ]
    return apply_options(command, options)


def read_given(answers: str | None, sets: tuple[str, ...], name: str | None = None) -> Answers:
    """The answers of the command line: the file's, ``--set`` above them, and ``--name`` above both."""
    from wizard.interview.answer_files import gather
    from wizard.interview.answers import Origin, check_answer

    given = gather(answers, sets, clients=_FormatIds())
    if name is None:
        return given
    return given.with_("name", check_answer("name", name, Place("--name")), Origin.SET)


class _FormatIds(Collection[str]):
    """The ids of the formats, read from their file only when an answer names one."""

    def _all(self) -> list[str]:
        from wizard.export.registry import formats

        return [entry.id for entry in formats()]

    def __contains__(self, word: object) -> bool:
        return word in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


# The network


class _Seconds(click.FloatRange):
    """A range that “nan” is not in: it compares with nothing, so no deadline would ever be over."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        return number if number == number else super().convert(float("inf"), param, ctx)


def network_options(command: Command, *, seconds: float = 6.0, timeout_help: str = "") -> Command:
    """Whom a look-up may ask and what it may use; they arrive as ``look_up``, a LookUpOptions.

    ``seconds``: how long it may take where nobody says; ``timeout_help``: what that is the time for.
    """
    timeout_help = timeout_help or _("Seconds for the whole look-up (default: 6).")
    return option_group("look_up", _network(seconds, timeout_help), _look_up)(command)


def _network(seconds: float, timeout_help: str) -> list[Decorator]:
    return [
        click.option("--offline", is_flag=True, help=_("Use only the built-in catalogue; open no connection.")),
        click.option("--timeout", metavar=_("SECONDS"), type=_Seconds(0.1, 600), default=seconds, help=timeout_help),
        click.option("--resolver", metavar=_("IP[:PORT]"), help=_("Ask this DNS server instead of the system's.")),
        click.option("--no-probe", is_flag=True, help=_("Do not try the usual server names.")),
        click.option("--no-ispdb", is_flag=True, help=_("Do not ask Thunderbird's database of providers (ISPDB).")),
        click.option(
            "--ispdb",
            metavar=_("DIR"),
            type=Path,
            help=_("A local copy of that database, instead of the one on the web."),
        ),
        click.option(
            "--allow-private", is_flag=True, help=_("Allow addresses that are not public, such as 192.168.1.2.")
        ),
        click.option("--allow-insecure", is_flag=True, help=_("Allow servers without encryption.")),
        click.option(
            "--accept",
            metavar=_("CODE"),
            multiple=True,
            help=_("Agree in advance to foreign_domain, guess, or plaintext; repeatable, or separated by commas."),
        ),
    ]


def _look_up(
    *,
    offline: bool,
    timeout: float,
    resolver: str | None,
    no_probe: bool,
    no_ispdb: bool,
    ispdb: Path | None,
    allow_private: bool,
    allow_insecure: bool,
    accept: tuple[str, ...],
) -> LookUpOptions:
    from wizard.discovery.context import LookUpOptions

    return LookUpOptions(
        offline=offline,
        timeout=timeout,
        resolver=resolver,
        probe=not no_probe,
        ispdb=not no_ispdb,
        ispdb_directory=_directory(ispdb, "--ispdb"),
        ispdb_url=ispdb_mirror(os.environ),
        allow_private=allow_private,
        allow_insecure=allow_insecure,
        accepted=tuple(code.strip() for word in accept for code in word.split(",") if code.strip()),
    )


def ispdb_mirror(environ: Mapping[str, str]) -> str:
    """The address of the ISPDB, the domain to be appended: MAIL_WIZARD_ISPDB_URL, else the public one. Raises Problem
    for one that is not https.
    """
    from wizard.discovery.context import ISPDB_URL

    url = environ.get(ISPDB_VARIABLE) or ISPDB_URL
    if not url.startswith("https://"):
        raise Problem(_("The address must begin with https://."), place=Place(ISPDB_VARIABLE))
    return url


def _directory(path: Path | None, option: str) -> Path | None:
    if path is not None and not path.is_dir():
        raise Problem(_("This directory does not exist."), place=Place(str(path), key=option))
    return path


# Writing


def _writing() -> list[Decorator]:
    from wizard.model.servers import PasswordStore

    return [
        click.option(
            "--output", metavar=_("DIR"), help=_("Where to write: a directory, a file, or - for standard output.")
        ),
        click.option("--force", is_flag=True, help=_("Overwrite files that exist.")),
        click.option("--dry-run", is_flag=True, help=_("Do everything except writing files.")),
        click.option("--name", metavar=_("NAME"), help=_("Your name, as others see it in your messages.")),
        click.option(
            "--protocol",
            type=click.Choice(["imap", "pop3"]),
            help=_("The protocol to use instead of the recommended one."),
        ),
        click.option(
            "--leave-days",
            metavar=_("N"),
            type=click.IntRange(0, 3650),
            help=_("Days that POP3 leaves messages on the server (0: remove at once)."),
        ),
        click.option(
            "--also-imap",
            is_flag=True,
            help=_("With POP3 that leaves messages: files for the phone too, with IMAP, in the folder “imap”."),
        ),
        click.option(
            "--password-store",
            type=click.Choice([store.value for store in PasswordStore]),
            default=PasswordStore.PASS.value,
            help=_("Where terminal programs get the password (default: pass). It is never written into a file."),
        ),
        click.option(
            "--templates", metavar=_("DIR"), type=Path, help=_("Your own templates, by name before the built-in ones.")
        ),
    ]


def _signing() -> list[Decorator]:
    return [
        click.option(
            "--sign",
            metavar=_("CERT.pem"),
            type=Path,
            help=_("Sign profiles for Apple devices with this certificate, and --sign-key."),
        ),
        click.option("--sign-key", metavar=_("KEY.pem"), type=Path, help=_("The key of that certificate.")),
        click.option(
            "--sign-chain", metavar=_("FILE"), type=Path, help=_("The certificates between it and a known root.")
        ),
    ]


def _signer(certificate: Path | None, key: Path | None, chain: Path | None) -> Signer | None:
    if certificate is None and key is None and chain is None:
        return None
    if certificate is None or key is None:
        missing = "--sign" if certificate is None else "--sign-key"
        raise Problem(_("To sign, both --sign and --sign-key are needed."), place=Place(key=missing))
    from wizard.export.sign import read_signer

    return read_signer(certificate, key, chain)


def own_templates(directory: Path | None) -> Path | None:
    """The directory of ``--templates``, whose questions count from now on; raises Problem when it is none."""
    if _directory(directory, "--templates") is not None:
        from wizard.interview.questions import use_own_questions

        use_own_questions(directory)
    return directory


def request_options(command: Command) -> Command:
    """ADDRESS and all options of the commands that write files; they arrive, checked, as ``request``."""
    command = option_group("request", [*_writing(), *_signing()], _request)(command)
    command = answer_options(network_options(command))
    return apply_options(command, [click.argument("address", metavar=_("[ADDRESS]"), required=False)])


def _request(
    *,
    look_up: LookUpOptions,
    answers: str | None,
    sets: tuple[str, ...],
    name: str | None,
    password_store: str,
    templates: Path | None,
    sign: Path | None,
    sign_key: Path | None,
    sign_chain: Path | None,
    address: str | None,
    save_answers: Path | None,
    scoring: Path | None,
    output: str | None,
    force: bool,
    dry_run: bool,
    protocol: str | None,
    leave_days: int | None,
    also_imap: bool,
) -> Request:
    from wizard.app.plan import Request
    from wizard.model.servers import PasswordStore

    own = own_templates(templates)  # first: answers are checked against the questions in it
    return Request(
        address=address,
        answers=read_given(answers, sets, name),
        save_answers=save_answers,
        scoring=scoring,
        look_up=replace(look_up, templates=own),
        output=output,
        force=force,
        dry_run=dry_run,
        protocol=protocol,
        leave_days=leave_days,
        also_imap=also_imap,
        accept=look_up.accepted,
        password_store=PasswordStore(password_store),
        templates=own,
        signer=_signer(sign, sign_key, sign_chain),
    )


def require_one_product(common: CommonOptions, request: Request) -> None:
    """Raise Problem when both a document and a file are to go to standard output, which holds one thing alone."""
    if common.as_json and request.output == "-" and not request.dry_run:
        raise Problem(
            _("With --json the document goes to standard output; choose another place for the file with --output."),
            place=Place(key="--output"),
        )
