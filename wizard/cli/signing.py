"""The options that sign profiles for Apple devices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wizard.language import translate as _
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.export.sign import Signer


def signing_options() -> list[Callable[[Any], Any]]:
    """--sign, --sign-key, --sign-chain."""
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


def signer_of(certificate: Path | None, key: Path | None, chain: Path | None) -> Signer | None:
    """Who signs, when somebody is to; raises Problem when an option is missing or a file does not fit."""
    if certificate is None and key is None and chain is None:
        return None
    if certificate is None or key is None:
        missing = "--sign" if certificate is None else "--sign-key"
        raise Problem(_("To sign, both --sign and --sign-key are needed."), place=Place(key=missing))
    from wizard.export.sign import read_signer

    return read_signer(certificate, key, chain)
