"""From accounts to finished files: asked whether the format can say them, rendered, read back, handed over.

Several accounts in one file: each is rendered and read back as if it were alone, then their files are joined.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.export.capability import expressible, reason_against
from wizard.export.registry import format_named
from wizard.export.steps import install_steps
from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable
from wizard.programs.names import file_name
from wizard.programs.program import Mismatch
from wizard.programs.registry import form_named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.export.registry import Format, FormatFile
    from wizard.export.sign import Signer
    from wizard.model.provider import Provider
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import MailAccount
    from wizard.programs.qr_picture import ScanCode


TEXT_WIDTH = 72
"""Columns of a line of text where words can be broken: what a terminal and a mail can show."""


SEVERAL = "accounts"
"""What stands in a file's name instead of one address."""

AccountAbout = tuple["MailAccount", "About"]
"""An account, with what is known beside it."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known beside the account itself; all of it may be absent.

    ``verified``: whether the servers were seen to answer, None if untried. ``guessed``: whether any server of the
    account is a guess. ``own_templates``: the directory of the user's own templates. ``signer``: who signs the
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
    template (most likely one of the user's own) that fails or writes something else than the account.
    """
    about = about or About()
    entry = format_named(format_id, about.own_templates)
    reason = reason_against(entry, account)
    if reason is not None:
        return Refusal(entry.id, reason)
    cut = expressible(entry, account)
    return _each_code_once([_render_file(entry, file, cut, about) for file in entry.files])


def _each_code_once(files: Sequence[RenderedFile]) -> tuple[RenderedFile, ...]:
    """``files``, of which only the first that shows a QR code has its text: it is to be drawn once on a terminal."""
    seen: set[str] = set()
    once = []
    for file in files:
        once.append(replace(file, scan=None) if file.scan in seen else file)
        seen |= {file.scan} if file.scan is not None else set()
    return tuple(once)


def _render_file(entry: Format, file: FormatFile, account: MailAccount, about: About) -> RenderedFile:
    content = content_of(file, account, about)
    name = file_name(file.name, account.address)
    install = install_steps(entry, account, file, about.provider, signed=about.signer is not None)
    return _finished(entry, file, name, content, install, about.signer)


def _finished(
    entry: Format, file: FormatFile, name: str, content: bytes, install: tuple[str, ...], signer: Signer | None
) -> RenderedFile:
    """The file of ``content``, drawn where that is the text of a QR code, and signed where it can be."""
    form = form_named(file.form)
    scan = None
    if form.draw is not None:
        scan = content.decode()
        content = form.draw(scan)
    if signer is not None and form.can_be_signed:
        content = signer.sign(content)
    return RenderedFile(entry.id, name, file.media_type, file.mode, content, install, scan)


def content_of(file: FormatFile, account: MailAccount, about: About) -> bytes:
    """What the form of ``file`` writes for an account that it can say, read back; not drawn, not signed.

    Raises Problem.
    """
    form = form_named(file.form)
    text = fill_template(file.template, context_of(account, about) | form.values(account), about.own_templates)
    try:
        content = form.write(text)
        form.check(content, account)
    except Mismatch as mismatch:
        raise _wrong_template(file, mismatch, about.own_templates) from None
    return content


def _wrong_template(file: FormatFile, mismatch: Mismatch, own: Path | None) -> Problem:
    """The problem of a template that writes something else than the account."""
    return Problem(
        _("This template does not write what the account contains: {reason}.").format(reason=printable(str(mismatch))),
        place=Place(_where(file.template, own)),
    )


def _where(template: str, own: Path | None) -> str:
    """The file of a template as errors name it: the person's own by its whole path, a bundled one by its name."""
    return str(own / template) if own is not None and (own / template).is_file() else template


def fill_template(template: str, context: dict[str, Any], own: Path | None) -> str:
    """The text of a template; raises Problem with file and line for whatever is wrong with it."""
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    from wizard.resources.templates import environment

    filling = environment(own)
    if own is not None:
        from wizard.resources.sandbox import BoundedEnvironment

        assert isinstance(filling, BoundedEnvironment)
        filling.begin()
    try:
        return filling.get_template(template).render(context)
    except TemplateNotFound as error:
        raise Problem(_("This template does not exist."), place=Place(str(error.name or template))) from None
    except TemplateSyntaxError as error:
        place = Place(error.filename or template, error.lineno)
        raise Problem(
            _("The template is not valid: {reason}.").format(reason=printable(error.message or "").rstrip(".")),
            place=place,
        ) from None
    except Exception as error:
        if own is None and not isinstance(error, TemplateError):
            raise
        reason = _("it calls itself without end") if isinstance(error, RecursionError) else printable(str(error))
        raise Problem(
            _("The template failed: {reason}.").format(reason=reason.rstrip(".")),
            place=_place_in(error, template, own),
        ) from None


def _place_in(error: Exception, template: str, own: Path | None) -> Place:
    """The file and the line where it failed, which Jinja leaves in the traceback: an included file, maybe."""
    place = Place(_where(template, own))
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name.endswith((template, ".j2")):
            place = Place(place.file if name.endswith(template) else name, step.tb_lineno)
        step = step.tb_next
    return place


def context_of(account: MailAccount, about: About) -> dict[str, Any]:
    """What a template may use. The costly parts are functions: a template that does not call them does not pay."""
    from wizard.export.card import card_of
    from wizard.programs.reading import incoming_among, outgoing_among

    servers = (account.incoming, account.outgoing, *account.alternatives)
    return {
        "account": account,
        "address": str(account.address),
        "domain": account.address.domain,
        "provider_name": account.provider_name or account.address.domain.unicode,
        "incoming": incoming_among(servers),
        "outgoing": outgoing_among(servers),
        "folder_named": lambda purpose, usual: _folder_named(about.provider, purpose) or usual,
        "most_connections": _most_connections(about.provider),
        "card": lambda: card_of(account, about),
        "scan": lambda: _scan(account),
        "shortened": _shortened,
        "wrapped": _wrapped,
        "heading": lambda text: f"{text}\n{'-' * min(len(text), TEXT_WIDTH)}",
    }


def _folder_named(provider: Provider | None, purpose: str) -> str | None:
    """What the provider's server calls the folder for ``purpose`` (sent, drafts, junk, trash), where that is known."""
    if provider is None or not provider.facts:
        return None
    from wizard.model.provider_facts import FolderNames

    names = provider.known(FolderNames)
    return getattr(names, purpose) if names is not None else None


def _most_connections(provider: Provider | None) -> int | None:
    if provider is None or not provider.facts:
        return None
    from wizard.model.provider_facts import MostConnections

    fact = provider.known(MostConnections)
    return fact.most if fact is not None else None


def _scan(account: MailAccount) -> ScanCode | None:
    """The code for Thunderbird on a phone; None when it could not use it."""
    from wizard.programs.qr import scan_text
    from wizard.programs.qr_picture import scan_code

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


def holds_several(format_id: str, own: Path | None = None) -> bool:
    """Whether one file of the format can hold several accounts."""
    return all(form_named(file.form).joined is not None for file in format_named(format_id, own).files)


def named(refusal: Refusal, account: MailAccount) -> Refusal:
    """``refusal`` with the address that it is about."""
    return Refusal(refusal.format, f"{account.address.unicode}: {refusal.reason}")


def render_together(
    format_id: str, accounts: Sequence[AccountAbout]
) -> tuple[tuple[RenderedFile, ...], tuple[Refusal, ...]]:
    """The files of one format for all accounts that it can say, and why it cannot say the others. Raises Problem.

    One account that is left gets the files that it would have alone.
    """
    entry = format_named(format_id, accounts[0][1].own_templates)
    able: list[AccountAbout] = []
    refused = []
    for account, about in accounts:
        reason = reason_against(entry, account)
        if reason is None:
            able.append((expressible(entry, account), about))
        else:
            refused.append(named(Refusal(entry.id, reason), account))
    if len(able) < 2:
        rendered = [render(format_id, account, about) for account, about in able]
        alone = tuple(file for files in rendered if not isinstance(files, Refusal) for file in files)
        return alone, tuple(refused)
    return _each_code_once([joined for file in entry.files for joined in _joined(entry, file, able)]), tuple(refused)


def _joined(entry: Format, file: FormatFile, accounts: Sequence[AccountAbout]) -> list[RenderedFile]:
    join = form_named(file.form).joined
    assert join is not None, "holds_several comes first"
    contents = [content_of(file, account, about) for account, about in accounts]
    try:
        joined = join(contents, [account for account, _about in accounts])
    except Mismatch as mismatch:
        raise _wrong_template(file, mismatch, accounts[0][1].own_templates) from None
    files = []
    for number, content in enumerate(joined, 1):
        part = SEVERAL if len(joined) == 1 else f"{SEVERAL}-{number}-of-{len(joined)}"
        name = file.name.replace("ADDRESS", part)
        files.append(
            _finished(entry, file, name, content, _joined_steps(entry, file, accounts, name), accounts[0][1].signer)
        )
    return files


def _joined_steps(entry: Format, file: FormatFile, accounts: Sequence[AccountAbout], name: str) -> tuple[str, ...]:
    """The steps of all accounts, each sentence once; those that only later accounts have stand where they would."""
    merged: list[str] = []
    for account, about in accounts:
        position = 0
        for step in install_steps(entry, account, file, about.provider, signed=about.signer is not None, name=name):
            if step in merged:
                position = merged.index(step) + 1
            else:
                merged.insert(position, step)
                position += 1
    return tuple(merged)
