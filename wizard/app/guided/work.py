"""What is done between two questions of the guided way: connecting and writing. Looking up is discovery's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.app.typed_servers import home_of, providers_of, published_in, target_of
from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.model.problems import ExitCode, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.app.doctor import DoctorResult, View
    from wizard.app.guided.machine import Guide
    from wizard.app.guided.state import State
    from wizard.app.writing import Written
    from wizard.discovery.context import LookUpOptions
    from wizard.interview.answers import Answers
    from wizard.model.diagnosis import Diagnosis, Rung, Target
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.secret import Secret


def targets_for(servers: Sequence[FoundServer]) -> list[Target]:
    """What to connect to for ``servers``."""
    return [target_of(found) for found in servers]


def connect(
    report: DiscoveryReport,
    servers: Sequence[FoundServer],
    options: LookUpOptions,
    on_rung: Callable[[Target, Rung], None],
    password: Secret | None = None,
) -> Diagnosis:
    """Connect to ``servers``, with a log-in where there is a ``password``; ``on_rung`` is called with each step.

    A private address is permitted where the person typed its name.
    """
    from wizard import interruption
    from wizard.diagnosis.diagnose import diagnose
    from wizard.diagnosis.options import CheckOptions
    from wizard.discovery.engine import open_network

    network = open_network(options)
    typed = frozenset(str(found.server.hostname) for found in servers if found.evidence.source is Source.USER)
    network = replace(network, policy=replace(network.policy, typed=typed))
    checks = CheckOptions(
        address=report.address,
        password=password,
        allow_insecure=options.allow_insecure,
        control=options.ispdb_host,
    )
    targets = targets_for(servers)
    return interruption.run(
        diagnose(
            report.address,
            targets,
            checks,
            network,
            provider=report.provider,
            providers=providers_of(targets, report.provider, options.templates),
            published=published_in(report),
            home=home_of(report),
            on_rung=on_rung,
        )
    )


def examine(guide: Guide, state: State, view: View) -> DoctorResult | str:
    """What the doctor says of the person's trouble; a sentence where nothing could be looked at."""
    from wizard.app import doctor
    from wizard.app.passwords import PasswordSource
    from wizard.app.typed_servers import TypedServers
    from wizard.app.user_report import user_report

    assert state.address is not None
    request, trouble = guide.context.request, state.trouble
    try:
        asked = doctor.DoctorRequest(
            address=state.address,
            look_up=request.look_up,
            typed=TypedServers(),
            password=PasswordSource(),
            login=trouble.login,
            accept=request.accept,
            user_report=user_report(trouble.program or None, trouble.says or None),
        )
        return doctor.examine(asked, view)
    except Problem as problem:
        return problem.text


def write(guide: Guide, state: State) -> Written:
    """Write the answers, where that was asked for, and the files. Raises Problem; then no file is written.

    What an interrupted run left is of no use after it.
    """
    from wizard.app.writing import carry_out
    from wizard.interview import partial

    request = guide.context.request
    request.keep_answers(state.answers)
    written = carry_out(guide.plan(state), request)
    if guide.context.interactive and not request.dry_run:
        partial.forget()
    return written


class Stopped(Problem):
    """The person broke off; the text says where the answers are."""

    exit_code = ExitCode.INTERRUPTED


def stopped(answers: Answers, *, chosen: bool = False, writing: bool = False, hung_up: bool = False) -> Stopped:
    """Keep ``answers``; the problem that says so. Never raises.

    ``chosen``: the person chose to stop here. ``writing``: files may be there already. ``hung_up``: the terminal is
    gone.
    """
    from wizard.interview import partial

    sentence = partial.kept_sentence(answers, partial.keep(answers))
    happened = _("Stopped; nothing was written.") if chosen else _("Interrupted; nothing was written.")
    if writing:
        happened = _("Interrupted while writing: either all files are there, or none is.")
    return Stopped(f"{happened} {sentence}".rstrip(), exit_code=ExitCode.HUNG_UP if hung_up else None)
