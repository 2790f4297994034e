"""``providers NAME --report``: what the catalogue says of a provider and what its servers say now, for a correction.

No address and no password is in it, and none is sent: the servers are connected to, nobody logs in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.text import printable
from wizard.wording import endpoint_label, offers_label, password_kind_label
from wizard.wording.provider_facts import fact_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.discovery.context import LookUpOptions
    from wizard.model.diagnosis import Observation, Target
    from wizard.model.provider import FactSource, Provider

SOMEBODY = "somebody"
"""The local part of the address that stands for any of the provider: servers are never told it."""


def provider_report(provider: Provider, options: LookUpOptions) -> str:
    """The text, in lines of plain text. Connects to the servers of ``provider`` unless ``options`` are offline."""
    return "\n".join(printable(line, 2000) for line in _lines(provider, options)) + "\n"


def _lines(provider: Provider, options: LookUpOptions) -> Iterator[str]:
    from wizard import __version__

    yield _("A correction for the catalogue: {name} ({identity})").format(name=provider.name, identity=provider.id)
    yield f"mail-wizard {__version__}"
    yield ""
    yield _("What is wrong, and where it can be read:")
    yield "  …"
    yield ""
    yield _("What the catalogue says")
    servers = (*provider.config.incoming, *provider.config.outgoing)
    for server, source in zip(servers, provider.server_sources, strict=True):
        yield f"  {endpoint_label(server)} {server.username}{_read_in(source)}"
    yield f"  {_('Offers')}: {offers_label(provider.offers)}{_read_in(provider.offers_source)}"
    yield f"  {_('Password')}: {password_kind_label(provider.password_kind)}{_read_in(provider.password_source)}"
    notes = [(step.text, step.source) for step in provider.switch_on]
    for text, source in (*notes, *((quirk.text, quirk.source) for quirk in provider.quirks)):
        yield f"  {_(text)}{_read_in(source)}"
    for sentence, source in fact_sentences(provider):
        yield f"  {sentence}{_read_in(source)}"
    if not options.offline:
        yield ""
        yield _("What its servers say now")
        for observation in _observations(provider, options):
            yield f"  {_target(observation.target)}: {_answer(observation)}"


def _read_in(source: FactSource | None) -> str:
    return "" if source is None else f" [{source.confidence}, {source.checked_on}]"


def _observations(provider: Provider, options: LookUpOptions) -> tuple[Observation, ...]:
    from wizard import interruption
    from wizard.diagnosis.diagnose import observe
    from wizard.diagnosis.options import CheckOptions
    from wizard.discovery.engine import open_network
    from wizard.model.address import parse_address
    from wizard.model.diagnosis import Target

    domain = next(iter(provider.config.domains), None)
    address = parse_address(f"{SOMEBODY}@{domain.ascii if domain is not None else 'example.org'}")
    servers = (*provider.config.incoming, *provider.config.outgoing)
    targets = [
        Target(
            protocol=server.protocol,
            host=server.hostname,
            port=server.port,
            socket_type=server.socket_type,
            username="",
        )
        for server in dict.fromkeys(servers)
        if "%" not in server.hostname
    ]
    return interruption.run(observe(targets, CheckOptions(address=address), open_network(options)))


def _target(target: Target) -> str:
    return f"{target.protocol.value.upper()} {target.host} {target.port}"


def _answer(observation: Observation) -> str:
    failed = observation.failed_rung
    if failed is None:
        offered = " ".join(observation.capabilities or observation.clear_capabilities or ())
        return _("answers, certificate valid") + (f" ({offered})" if offered else "")
    return _("fails at {step}: {reason}").format(step=failed.value, reason=observation.detail or observation.failure)
