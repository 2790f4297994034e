"""The options about the network: whom a look-up may ask, what it may use, how long it may take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wizard.cli.commands import apply_options
from wizard.language import translate as _
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ISPDB_VARIABLE = "MAIL_WIZARD_ISPDB_URL"

Command = TypeVar("Command", bound="Callable[..., Any]")


class _Seconds(click.FloatRange):
    """A range that “nan” is not in: it compares with nothing, so no deadline would ever be over."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        return number if number == number else super().convert(float("inf"), param, ctx)


def network_options(command: Command, *, seconds: float = 6.0, timeout_help: str = "") -> Command:
    """Whom a look-up may ask and what it may use; they arrive, checked, as one LookUpOptions.

    ``seconds``: how long it may take where nobody says; ``timeout_help``: what that is the time for.
    """
    import functools

    @functools.wraps(command)
    def wrapped(
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
        **rest: Any,
    ) -> Any:
        from wizard.discovery.context import LookUpOptions

        look_up = LookUpOptions(
            offline=offline,
            timeout=timeout,
            resolver=resolver,
            probe=not no_probe,
            ispdb=not no_ispdb,
            ispdb_directory=_ispdb_directory(ispdb),
            ispdb_url=ispdb_mirror(os.environ),
            allow_private=allow_private,
            allow_insecure=allow_insecure,
            accepted=accept,
        )
        return command(look_up=look_up, **rest)

    options = [
        click.option("--offline", is_flag=True, help=_("Use built-in knowledge only; open no connection.")),
        click.option(
            "--timeout",
            metavar=_("SECONDS"),
            type=_Seconds(0.1, 600),
            default=seconds,
            help=timeout_help or _("Seconds for the whole look-up (6 if you do not say)."),
        ),
        click.option("--resolver", metavar=_("IP[:PORT]"), help=_("Ask this DNS server instead of the system's.")),
        click.option("--no-probe", is_flag=True, help=_("Do not try usual names of servers.")),
        click.option("--no-ispdb", is_flag=True, help=_("Do not ask Thunderbird's database of providers (ISPDB).")),
        click.option(
            "--ispdb",
            metavar=_("DIR"),
            type=Path,
            help=_("A copy of that database on this computer, instead of the one in the network."),
        ),
        click.option(
            "--allow-private", is_flag=True, help=_("Permit addresses that are not public, such as 192.168.1.2.")
        ),
        click.option("--allow-insecure", is_flag=True, help=_("Permit servers without encryption.")),
        click.option(
            "--accept",
            metavar=_("CODE"),
            multiple=True,
            help=_("Agree in advance: to foreign_domain, guess, or plaintext. Repeatable."),
        ),
    ]
    return apply_options(wrapped, options)  # type: ignore[return-value] # the decorators of click are not typed precisely enough


def _ispdb_directory(directory: Path | None) -> Path | None:
    if directory is not None and not directory.is_dir():
        raise Problem(_("There is no such directory."), place=Place(str(directory), key="--ispdb"))
    return directory


def ispdb_mirror(environ: Mapping[str, str]) -> str:
    """The address of the ISPDB, the domain to be appended: MAIL_WIZARD_ISPDB_URL, else the public one. Raises Problem
    for one that is not https.
    """
    from wizard.discovery.context import ISPDB_URL

    url = environ.get(ISPDB_VARIABLE) or ISPDB_URL
    if not url.startswith("https://"):
        raise Problem(_("The address must begin with https://."), place=Place(ISPDB_VARIABLE))
    return url
