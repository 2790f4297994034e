"""``mail-wizard providers``: what is known of whom, with the source of every fact."""

from __future__ import annotations

import click

from wizard.cli.options import Manners, manners
from wizard.language import translate as _


@click.command(
    "providers",
    help=_("The providers that the program knows; with a name, a domain or an id, everything about that one."),
)
@click.argument("name", metavar=_("NAME"), required=False)
@manners
def command(manners: Manners, name: str | None) -> None:
    from wizard.app.provider import chosen_provider, provider_document
    from wizard.discovery.catalogue import all_providers
    from wizard.terminal.settings import show_provider

    if name is not None:
        one = chosen_provider(name)
        if manners.as_json:
            from wizard.cli.output import print_json

            print_json({"schema": 1, "provider": provider_document(one)})
        else:
            show_provider(manners.screen(product=True), one)
        return
    known = all_providers()
    if manners.as_json:
        from wizard.cli.output import print_json

        print_json({"schema": 1, "providers": [provider_document(one) for one in known]})
    else:
        manners.screen(product=True).fields(
            [(one.id, [one.name, ", ".join(str(domain) for domain in one.config.domains[:6])]) for one in known],
            label_width=20,
        )
