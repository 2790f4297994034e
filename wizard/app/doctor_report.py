"""The text for a helpdesk: where it may go, and what it is made of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import OutputExists, Place, Problem
from wizard.resources.path_problems import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wizard.model.diagnosis import Diagnosis
    from wizard.model.problems import Notice


def check_report_path(path: Path, *, force: bool) -> None:
    """Raise Problem where the report could not be written: before anything is asked or sent."""
    shown = Place(str(path))
    if str(path) == "-":
        raise Problem(_("Name a file: standard output already gets the result."), place=Place(key="--report"))
    try:
        os.lstat(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise unwritable(path, error) from None
    else:
        if not force:
            raise OutputExists(_("This file already exists; --force overwrites it."), place=shown)
    if not path.parent.is_dir():
        raise Problem(_("This directory does not exist."), place=Place(str(path.parent), key="--report"))


def write_report(path: Path, diagnosis: Diagnosis, notes: Iterable[Notice], *, shorten: bool, force: bool) -> None:
    """Write what was seen and found to ``path``, for its owner alone to read. Raises Problem."""
    from datetime import UTC, datetime

    from wizard.diagnosis.report import report_text
    from wizard.resources.files import write_text

    check_report_path(path, force=force)
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = report_text(diagnosis, made=made, programs=_programs(), notes=notes, shorten=shorten)
    try:
        write_text(path, text)
    except OSError as error:
        raise unwritable(path, error) from None


def _programs() -> list[str]:
    """What a helpdesk asks first. Not the name of this computer, nor whose it is."""
    import platform

    from wizard import __version__
    from wizard.net.tls import library

    system = " ".join(part for part in (platform.system(), platform.release()) if part)
    return [f"mail-wizard {__version__}", f"Python {platform.python_version()}", library(), system]
