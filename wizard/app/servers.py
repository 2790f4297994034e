"""The servers on the screen: what was found, what needs consent, and entering or changing one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.registry import provenance_label, source_label
from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.wording import (
    duration_label,
    login_label,
    outcome_label,
    protocol_label,
    server_label,
    state_label,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport, FoundServer, SourceReport
    from wizard.model.servers import Protocol
    from wizard.terminal.screen import Screen


def show_report(screen: Screen, report: DiscoveryReport, *, verbose: bool = False, told: bool = False) -> None:
    """Everything that a look-up found, for ``discover``; ``told``: what each source said stands there already."""
    screen.say(_headline(report.address), style="bold")
    if report.provider is not None:
        screen.say(report.provider.name)
    chosen = [
        (label, found)
        for label, found in ((_("Incoming"), report.imap), (_("Incoming"), report.pop3), (_("Outgoing"), report.smtp))
        if found is not None
    ]
    if chosen:
        screen.blank()
        screen.fields([(label, _server_lines(report, found)) for label, found in chosen])
        _show_others(screen, report, verbose=verbose)
    said = [] if report.usable else [nothing_known(report), next_step(report)]
    if said:
        screen.blank()
        screen.say(" ".join(one for one in said if one))
    _show_steps(screen, report)
    show_notices(screen, report, told=said[:1])
    if verbose or not (report.usable or told or does_not_exist(report)):
        _show_sources(screen, report, verbose=verbose)


def _headline(address: EmailAddress) -> str:
    """The address, with the form of its domain that the network knows where that is another."""
    domain = address.domain
    return address.unicode if domain.unicode == domain.ascii else f"{address.unicode} ({domain.ascii})"


def _show_others(screen: Screen, report: DiscoveryReport, *, verbose: bool) -> None:
    """The servers that would do too: a line each, or with ``verbose`` as much as of the best ones."""
    others = report.alternatives
    if others and verbose:
        screen.fields([(_("Also"), _server_lines(report, one)) for one in others])
    elif others:
        screen.fields([(_("Also"), [_server_line(report, one) for one in others])])


def nothing_known(report: DiscoveryReport) -> str:
    """Why there is not what an account needs, in one sentence."""
    said = {one.code: one.text for one in report.warnings}
    domain = report.address.domain.shown
    name = domain if report.provider is None else report.provider.name
    if report.provider is not None and report.provider.offers == "neither":
        return _("No mail program can connect to {name} directly.").format(name=name)
    if report.smtp is not None:
        return _("Of {domain} only a server for sending is known, none for reading.").format(domain=domain)
    if report.imap is not None or report.pop3 is not None:
        return _("Of {domain} only a server for reading is known, none for sending.").format(domain=domain)
    if "plaintext_only" in said:
        return _("No server of {name} that encrypts is known.").format(name=name)
    if report.provider is not None:
        return _("{name} is known, but not the names of its servers.").format(name=name)
    for code in ("no_network", "no_such_domain", "takes_no_mail"):
        if code in said:
            return said[code]
    return _("Nothing is known of {domain}.").format(domain=domain)


def next_step(report: DiscoveryReport) -> str:
    """What can be done where :func:`nothing_known` was said, in one sentence; empty where nothing can."""
    from wizard.app.spelling import near_address

    if report.provider is not None and report.provider.offers == "neither":
        return ""
    if lacks_network(report):
        return _("The servers can be looked up again later.")
    meant = near_address(report.address, sure=does_not_exist(report)) if not report.usable else None
    if meant is not None:
        return _("Did you mean {address}?").format(address=meant.unicode)
    if does_not_exist(report):
        return ""
    hint = _("In a terminal, “mail-wizard {address}” asks for the servers.").format(address=report.address.unicode)
    if [one.source for one in report.sources] == [Source.CATALOGUE]:
        return _("Without --offline the network is asked, too.") + " " + hint
    return hint


def lacks_network(report: DiscoveryReport) -> bool:
    """Whether nobody in the network could be reached."""
    return any(one.code == "no_network" for one in report.warnings)


def does_not_exist(report: DiscoveryReport) -> bool:
    """Whether the DNS says that there is no such domain."""
    return any(one.code == "no_such_domain" for one in report.warnings)


def _show_steps(screen: Screen, report: DiscoveryReport) -> None:
    """What to switch on first. The steps that nobody has confirmed are among the warnings, as such."""
    steps = report.provider.switch_on if report.provider is not None else ()
    texts = [
        _(step.text) + (f" {step.url}" if step.url else "") for step in steps if step.source.confidence != "unverified"
    ]
    if texts:
        screen.blank()
        screen.fields([(_("First do"), texts)])


def show_warnings(screen: Screen, report: DiscoveryReport, *, told: Sequence[str] = ()) -> None:
    """What to mind, without the warnings about a sentence of ``told``, which is shown with its doubt elsewhere."""
    texts = [one.text for one in report.warnings if not any(sentence in one.text for sentence in told)]
    if texts:
        screen.blank()
        screen.fields([(_("Mind"), texts)])


def show_notices(screen: Screen, report: DiscoveryReport, *, told: Sequence[str] = ()) -> None:
    """Warnings, and what needs consent. Why a server does not answer stands beside the server."""
    asked = [one.text for one in report.needs_consent]
    best = [one for one in (report.imap, report.pop3, report.smtp) if one is not None]
    silent = [one.trouble for one in best if one.verified is False and one.trouble]
    show_warnings(screen, report, told=[*asked, *silent, *told])
    if silent and not lacks_network(report):
        screen.blank()
        screen.say(f"{what_to_do_about_silence()} {_('“mail-wizard doctor” looks for the cause.')}")
    if asked:
        options = " ".join(dict.fromkeys(f"--accept {one.code}" for one in report.needs_consent))
        asked.append(_("The guided way asks you; in a script {options} agrees.").format(options=options))
        screen.blank()
        screen.fields([(_("To agree to"), asked)])


def what_to_do_about_silence() -> str:
    """What can be done about a server that does not answer as it should."""
    return _(
        "Not every server answers as it should. It may be out of order for a while: try again later. If it stays so, "
        "ask your provider which servers are the right ones."
    )


def say_silence(screen: Screen, servers: Sequence[FoundServer]) -> None:
    """Why servers do not answer as they should, and what can be done: where nobody is asked."""
    if servers:
        screen.say(" ".join(one.trouble for one in servers if one.trouble))
        screen.say(f"{what_to_do_about_silence()} {_('“mail-wizard doctor” looks for the cause.')}")


def show_chosen(screen: Screen, report: DiscoveryReport, protocol: Protocol) -> None:
    """The two servers that will be used, in short, for the guided way."""
    rows = [
        (label, [server_label(found.server), state_label(found), provenance_label(report, found)])
        for label, found in ((_("Incoming"), report.best(protocol)), (_("Outgoing"), report.smtp))
        if found is not None
    ]
    screen.fields(rows)


def _server_lines(report: DiscoveryReport, found: FoundServer) -> list[str]:
    server = found.server
    return [
        f"{protocol_label(server.protocol)}  {server_label(server)}",
        state_label(found),
        provenance_label(report, found),
        _("user name {username}; log in with: {login}").format(username=server.username, login=login_label(server)),
    ]


def _server_line(report: DiscoveryReport, found: FoundServer) -> str:
    state = {True: _("answers"), False: _("does not answer"), None: _("not tried")}[found.verified]
    server = f"{protocol_label(found.server.protocol)}  {server_label(found.server)}"
    best = report.best(found.server.protocol)
    if best is not None and server_label(best.server) == server_label(found.server):  # another name for it
        state = _("user name {username}; log in with: {login}").format(
            username=found.server.username, login=login_label(found.server)
        )
    return f"{server} ({state}); {provenance_label(report, found)}"


def _show_sources(screen: Screen, report: DiscoveryReport, *, verbose: bool) -> None:
    """What every source said; with ``verbose`` also where it was asked."""
    seconds = duration_label(report.elapsed_ms)
    screen.blank()
    screen.say(_("Who was asked ({time} in all)").format(time=seconds), style="bold")
    screen.fields(
        [(source_label(one.source), _source_lines(one, verbose=verbose)) for one in report.sources], label_width=22
    )


def _source_lines(source: SourceReport, *, verbose: bool) -> list[str]:
    words = f"{outcome_label(source.outcome)} ({duration_label(source.elapsed_ms)})"
    lines = [f"{words}: {source.detail}" if source.detail else words]
    return [*lines, source.url] if verbose and source.url else lines
