"""The files that were written, with what to do with each, and the QR code for those who scan it."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from wizard.app.writing import OTHER_DEVICES, steps_at_provider
from wizard.language import translate as _
from wizard.terminal.screen import Screen
from wizard.wording import leave_sentence, step_label

if TYPE_CHECKING:
    from wizard.app.writing import Written
    from wizard.model.provider import Provider
    from wizard.model.servers import MailAccount


def show_files(screen: Screen, written: Written, *, dry_run: bool = False) -> None:
    """The files and, program by program, what to do with them. Nothing when a file itself went to standard output."""
    if any(file.path == "-" for file in written.files):
        screen = _errors(screen)
    show_refusals(screen, written)
    if not written.files:
        return
    shown = set()
    for account, provider in ((written.account, written.provider), *written.others):
        steps = steps_at_provider(provider, account.incoming.protocol)
        if steps and provider is not None and steps not in shown:
            shown.add(steps)
            screen.title(_("First, at {name}").format(name=provider.name))
            screen.steps([step_label(step) for step in steps])
        for sentence in _to_know(provider, account):
            screen.blank()
            screen.say(sentence)
    if written.paired:
        _show_pair(screen, written)
    screen.title(_("What would be written") if dry_run else _("What was written, and what to do with it"))
    for file in written.files:
        screen.blank()
        screen.say(_("Standard output") if file.path == "-" else file.path, style="bold")
        screen.steps(list(file.install))
        if file.file.scan is not None:
            show_code(screen, file.file.scan)


def _to_know(provider: Provider | None, account: MailAccount) -> list[str]:
    if provider is None or not provider.facts:
        return []
    from wizard.wording.provider_facts import sentences_to_know

    return sentences_to_know(provider, account.incoming.protocol)


def _show_pair(screen: Screen, written: Written) -> None:
    """What has to be so that POP3 here and IMAP there do not hurt each other."""
    leave = written.account.leave
    screen.title(_("POP3 on the computer, IMAP on the phone"))
    screen.steps(
        [
            _(
                "The files in the folder “{folder}” are for your phone and other devices, the others for the computer."
            ).format(folder=OTHER_DEVICES),
            leave_sentence(leave) if leave is not None else "",
            _("What you delete on the phone is deleted on the server too: let the computer fetch it first."),
            _("Set up no other program with POP3 that removes messages: the phone would no longer find them."),
        ]
    )


def show_refusals(screen: Screen, written: Written) -> None:
    """The formats that cannot say these settings, each with its reason."""
    if written.refused:
        screen.title(_("Not written"))
        screen.fields([(refusal.format, [refusal.reason]) for refusal in written.refused])


def _errors(screen: Screen) -> Screen:
    return Screen(sys.stderr, color=screen.color and sys.stderr.isatty(), plain=screen.plain)


def show_code(screen: Screen, text: str) -> None:
    """Draw the code of ``text``, with an empty line around it.

    Nothing is drawn where it could not be scanned: no terminal, one that is narrower than the code or has no such
    characters, and a screen reader, which would read them out one by one.
    """
    from wizard.programs.qr_picture import scan_code, terminal_lines

    wide = scan_code(text).size <= shutil.get_terminal_size((80, 24)).columns
    if screen.plain or not screen.stream.isatty() or not wide or not _has_blocks(screen):
        return
    screen.blank()
    screen.stream.write("".join(f"{line}\n" for line in terminal_lines(text, color=screen.color)))
    screen.stream.flush()
    screen.blank()


def _has_blocks(screen: Screen) -> bool:
    try:
        "█▀▄".encode(screen.stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
