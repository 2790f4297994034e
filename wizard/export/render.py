"""From an account to finished files: asked whether the format can say it, rendered, read back, handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.export.capability import expressible, reason_against
from wizard.export.forms import Mismatch, can_be_signed, form_named, scanned_from, words_of
from wizard.export.names import file_name
from wizard.export.registry import format_named
from wizard.export.steps import install_steps
from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.export.drawing import ScanCode
    from wizard.export.registry import Format, FormatFile
    from wizard.export.sign import Signer
    from wizard.model.provider import Provider
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import MailAccount


TEXT_WIDTH = 72
"""Columns of a line of text where words can be broken: what a terminal and a mail can show."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known beside the account itself; all of it may be absent.

    ``verified``: whether the servers were seen to answer, None when nobody looked. ``guessed``: whether any server of
    the account is a guess. ``own_templates``: the directory of the person's own templates. ``signer``: who signs the
    files that can be signed.
    """

    provider: Provider | None = None
    recommendation: Recommendation | None = None
    verified: bool | None = None
    own_templates: Path | None = None
    guessed: bool = False
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A finished file. ``format`` is the id, ``mode`` the permissions, ``install`` finished sentences in order.

    ``scan`` is the text of the QR code that the file is a picture of, for a terminal to draw; None for other files.
    """

    format: str
    name: str
    media_type: str
    mode: int
    content: bytes
    install: tuple[str, ...]
    scan: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A format that cannot say this account; ``reason`` is a finished sentence that names a way out."""

    format: str
    reason: str


def render(format_id: str, account: MailAccount, about: About | None = None) -> tuple[RenderedFile, ...] | Refusal:
    """The files of one format for ``account``, or why there are none.

    Every file has been read back and compared with the account. Raises Problem for an unknown format, and for a
    template (a person's own one, most likely) that fails or writes something else than the account.
    """
    about = about or About()
    entry = format_named(format_id, about.own_templates)
    reason = reason_against(entry, account)
    if reason is not None:
        return Refusal(entry.id, reason)
    said = expressible(entry, account)
    return tuple(_render_file(entry, one, said, about) for one in entry.files)


def _render_file(entry: Format, file: FormatFile, account: MailAccount, about: About) -> RenderedFile:
    form = form_named(file.form)
    content = content_of(file, account, about)
    name = file_name(file.name, account.address)
    scan = scanned_from(form, content)
    if about.signer is not None and can_be_signed(form):
        content = about.signer.sign(content)
    install = install_steps(entry, account, file, about.provider, signed=about.signer is not None)
    return RenderedFile(entry.id, name, file.media_type, file.mode, content, install, scan)


def content_of(file: FormatFile, account: MailAccount, about: About) -> bytes:
    """The bytes of one file of a format for an account that it can say, read back, and not signed. Raises Problem."""
    form = form_named(file.form)
    text = fill_template(file.template, context_of(account, about) | words_of(form, account), about.own_templates)
    try:
        content = form.write(text)
        form.check(content, account)
    except Mismatch as mismatch:
        raise wrong_template(file, mismatch, about.own_templates) from None
    return content


def wrong_template(file: FormatFile, mismatch: Mismatch, own: Path | None) -> Problem:
    """The problem of a template that writes something else than the account."""
    return Problem(
        _("This template does not write what the account says: {reason}.").format(reason=printable(str(mismatch))),
        place=Place(_where(file.template, own)),
    )


def _where(template: str, own: Path | None) -> str:
    """The file of a template as errors name it: the person's own by its whole path, a bundled one by its name."""
    return printable(str(own / template)) if own is not None and (own / template).is_file() else template


def fill_template(template: str, context: dict[str, Any], own: Path | None) -> str:
    """The text of a template; raises Problem with file and line for whatever is wrong with it."""
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    from wizard.resources.templates import environment

    try:
        return environment(own).get_template(template).render(context)
    except TemplateNotFound as error:
        raise Problem(_("There is no such template."), place=Place(printable(str(error.name or template)))) from None
    except TemplateSyntaxError as error:
        place = Place(printable(error.filename or template), error.lineno)
        raise Problem(
            _("The template is not valid: {reason}.").format(reason=printable(error.message or "").rstrip(".")),
            place=place,
        ) from None
    except (TemplateError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Problem(
            _("The template fails: {reason}.").format(reason=printable(str(error)).rstrip(".")),
            place=Place(_where(template, own), _line_in(error, template)),
        ) from None


def _line_in(error: Exception, template: str) -> int | None:
    """The line of the template where it failed; Jinja leaves it in the traceback."""
    line = None
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(template):
            line = step.tb_lineno
        step = step.tb_next
    return line


def context_of(account: MailAccount, about: About) -> dict[str, Any]:
    """What a template may use. The costly parts are functions: a template that does not call them does not pay."""
    from wizard.export.card import card_of
    from wizard.export.forms import autoconfig, profile
    from wizard.export.identity import identity_of
    from wizard.model.servers import Protocol

    servers = (account.incoming, account.outgoing, *account.alternatives)
    return {
        "account": account,
        "address": str(account.address),
        "domain": account.address.domain,
        "provider_name": account.provider_name or account.address.domain.unicode,
        "incoming": tuple(one for one in servers if one.protocol is not Protocol.SMTP),
        "outgoing": tuple(one for one in servers if one.protocol is Protocol.SMTP),
        "leave": None if account.leave is None else autoconfig.leave_written(account.leave),
        "autoconfig_username": lambda server: autoconfig.username_for(server.username, account.address),
        "profile_authentication": profile.authentication_word,
        "identity": lambda: identity_of(account.address, account.incoming.protocol),
        "card": lambda: card_of(account, about),
        "scan": lambda: _scan(account),
        "shortened": _shortened,
        "wrapped": _wrapped,
        "heading": lambda text: f"{text}\n{'-' * min(len(text), TEXT_WIDTH)}",
    }


def _scan(account: MailAccount) -> ScanCode | None:
    """The code for Thunderbird on a phone; None when it could not use it."""
    from wizard.export.drawing import scan_code
    from wizard.export.scan import scan_text

    text = scan_text(account)
    return None if text is None else scan_code(text)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _wrapped(text: str, first: str = "") -> str:
    """``text`` in lines of at most TEXT_WIDTH columns; ``first`` begins the first line, blanks the others."""
    from textwrap import fill

    return fill(
        text,
        TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
