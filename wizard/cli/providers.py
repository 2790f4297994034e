"""``mail-wizard providers``: what is known of whom, with the source of every fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.language import translate as _

if TYPE_CHECKING:
    from wizard.model.provider import Provider


@click.command(
    "providers",
    help=_("The providers that the program knows; with a name, a domain or an id, everything about that one."),
)
@click.argument("name", metavar=_("[NAME]"), required=False)
@common_options
def command(common: CommonOptions, name: str | None) -> None:
    from wizard.app.provider import chosen_provider, provider_document
    from wizard.discovery.catalogue import all_providers
    from wizard.terminal.settings import show_provider

    if name is not None:
        provider = chosen_provider(name)
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
