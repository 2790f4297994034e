"""``mail-wizard providers``: what is known of whom, with the source of every fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.language import translate as _
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from wizard.model.provider import Provider


@click.command(
    "providers",
    help=_("The providers that the program knows; with a name, a domain or an id, everything about that one."),
)
@click.argument("name", metavar=_("[NAME]"), required=False)
@click.option(
    "--report", is_flag=True, help=_("A text to send a correction with: facts, and what the servers say now.")
)
@click.option("--offline", is_flag=True, help=_("With --report: connect to nothing."))
@common_options
def command(common: CommonOptions, name: str | None, report: bool, offline: bool) -> None:  # noqa: FBT001 - click's
    from wizard.app.provider import chosen_provider, provider_document
    from wizard.discovery.catalogue import all_providers
    from wizard.terminal.settings import show_provider, show_text

    if report and name is None:
        raise Problem(_("Name the provider that the report is about."), place=Place(key="NAME"))
    if name is not None:
        provider = chosen_provider(name)
        if report:
            from wizard.app.provider_report import provider_report
            from wizard.discovery.context import LookUpOptions

            text = provider_report(provider, LookUpOptions(offline=offline))
            document = {"schema": 1, "provider": provider_document(provider), "report": text}
            common.present(lambda: document, lambda screen: show_text(screen, text))
            return
        common.present(
            lambda: {"schema": 1, "provider": provider_document(provider)},
            lambda screen: show_provider(screen, provider),
        )
        return
    known = all_providers()
    common.present(
        lambda: {"schema": 1, "providers": [provider_document(provider) for provider in known]},
        lambda screen: screen.fields([(provider.id, _lines(provider)) for provider in known], label_width=20),
    )


def _lines(provider: Provider) -> list[str]:
    return [provider.name, ", ".join(str(domain) for domain in provider.config.domains[:6])]
