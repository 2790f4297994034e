"""What a format can say of an account, decided before anything is rendered: refused with a reason, or cut to it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.servers import WITHOUT_LOGIN, AuthenticationMethod, IncomingServer, Protocol, SocketType
from wizard.model.text import has_controls, printable
from wizard.programs.registry import form_named

if TYPE_CHECKING:
    from typing import TypeVar

    from wizard.export.registry import Abilities, Format
    from wizard.model.servers import MailAccount, Server

    AnyServer = TypeVar("AnyServer", bound=Server)

LONGEST_VALUE = 500
"""Characters of one value. No mail system allows a longer user name, and a page could not show it."""

_JOINERS = re.compile("[\u200c\u200d]")
"""Zero-width joiners belong to names in several scripts, and to many emoji; nowhere else."""

_NOT_XML = re.compile("[\ufffe\uffff]")


def reason_against(entry: Format, account: MailAccount) -> str | None:
    """Why ``entry`` cannot say ``account``, as a finished sentence with the nearest way out; None when it can."""
    abilities = entry.abilities
    return (
        _unfit_value(account)
        or _unfit_login(account)
        or (_unfit_server(entry, account.incoming) if abilities.receives else None)
        or (_unfit_server(entry, account.outgoing) if abilities.sends else None)
        or next((reason for form in _forms(entry) if (reason := form_named(form).reason_against(account))), None)
    )


def expressible(entry: Format, account: MailAccount) -> MailAccount:
    """``account`` as far as ``entry`` can say it: methods it has no word for, and alternatives, are left out.

    An unencrypted alternative is left out unless the account itself is unencrypted: some programs take the first
    server that works, and one of them rejects a whole file for it. Call it only when nothing speaks against.
    """
    abilities = entry.abilities
    plain_chosen = not (account.incoming.secure and account.outgoing.secure)
    kept = tuple(
        [
            _cut(abilities, server)
            for server in account.alternatives
            if (plain_chosen or server.secure) and _unfit_server(entry, server) is None
        ]
    )
    incoming, outgoing = _cut(abilities, account.incoming), _cut(abilities, account.outgoing)
    if (incoming, outgoing, kept) == (account.incoming, account.outgoing, account.alternatives):
        return account
    with_pop3 = any(server.protocol is Protocol.POP3 for server in (incoming, *kept))
    leave = account.leave if with_pop3 else None
    return replace(account, incoming=incoming, outgoing=outgoing, alternatives=kept, leave=leave)


def _forms(entry: Format) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file.form for file in entry.files))


def _unfit_value(account: MailAccount) -> str | None:
    servers = (account.incoming, account.outgoing, *account.alternatives)
    values = [str(account.address), *(value for server in servers for value in (server.hostname, server.username))]
    names = [_JOINERS.sub("", name) for name in (account.display_name, account.provider_name or "")]
    together = "|".join([*values, *names])
    if len(together) <= LONGEST_VALUE and not _unfit("|".join(values)) and not _unfit("|".join(names), emoji=True):
        return None
    for value in (*values, *names):
        if _unfit(value, emoji=value in names):
            return _(
                "“{value}” contains an invisible control character, which no mail program accepts; type it again."
            ).format(value=printable(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value), 60))
        if len(value) > LONGEST_VALUE:
            return _("“{value}” is longer than {count} characters.").format(
                value=printable(value, 40), count=LONGEST_VALUE
            )
    return None


def _unfit(text: str, *, emoji: bool = False) -> bool:
    return has_controls(text, emoji=emoji) or _NOT_XML.search(text) is not None


def _unfit_login(account: MailAccount) -> str | None:
    for server in (account.incoming, account.outgoing, *account.alternatives):
        if server.username != server.username.strip() or (not server.username and _needs_username(server)):
            return _("The user name for {host} is empty, or has a space at its start or end.").format(
                host=server.hostname
            )
    return None


def _needs_username(server: Server) -> bool:
    return isinstance(server, IncomingServer) or not WITHOUT_LOGIN.issuperset(server.authentication)


def _methods(abilities: Abilities, server: Server) -> tuple[AuthenticationMethod, ...]:
    known = abilities.outgoing_authentication if server.protocol is Protocol.SMTP else abilities.incoming_authentication
    return tuple([method for method in server.authentication if method in known])


def _oauth2_possible(abilities: Abilities, hostname: str) -> bool:
    domains = abilities.oauth2_domains
    return domains is None or any(hostname == domain or hostname.endswith("." + domain) for domain in domains)


def _cut(abilities: Abilities, server: AnyServer) -> AnyServer:
    methods = _methods(abilities, server)
    if abilities.one_log_in:
        works = _oauth2_possible(abilities, server.hostname)
        methods = tuple(method for method in methods if works or method is not AuthenticationMethod.OAUTH2)[:1]
    return server if methods == server.authentication else replace(server, authentication=methods)


def _unfit_server(entry: Format, server: Server) -> str | None:
    abilities = entry.abilities
    if server.protocol is not Protocol.SMTP and server.protocol not in abilities.protocols:
        return _cannot(
            entry,
            "protocol",
            _("{label} cannot be written for {protocol}.").format(
                label=_(entry.label), protocol=server.protocol.value.upper()
            ),
        )
    if server.socket_type not in abilities.socket_types:
        security = _("no encryption") if server.socket_type is SocketType.PLAIN else server.socket_type.value
        if "security" in entry.instead:
            sentence = _("{label} cannot express “{security}” for {host}.")
            sentence = sentence.format(label=_(entry.label), security=security, host=server.hostname)
            return _cannot(entry, "security", sentence)
        return _("{label} cannot express “{security}” for {host}; use the values on the card.").format(
            label=_(entry.label), security=security, host=server.hostname
        )
    methods = _methods(abilities, server)
    if not methods and AuthenticationMethod.OAUTH2 in server.authentication:
        return _cannot(
            entry,
            "oauth2",
            _("{label} cannot express that {host} requires the provider's sign-in page (OAuth2).").format(
                label=_(entry.label), host=server.hostname
            ),
        )
    if not methods:
        return _("{label} cannot express how you log in to {host} ({methods}); use the values on the card.").format(
            label=_(entry.label), host=server.hostname, methods=", ".join(server.authentication) or "?"
        )
    if all(method is AuthenticationMethod.OAUTH2 for method in methods) and not _oauth2_possible(
        abilities, server.hostname
    ):
        return _(
            "{host} requires the provider's sign-in page (OAuth2), and the programs that read "
            "{label} support it only for the large providers; use a program that supports it."
        ).format(label=_(entry.label), host=server.hostname)
    return None


def _cannot(entry: Format, what: str, sentence: str) -> str:
    """The sentence, and what to do instead when clients.yaml says it."""
    return f"{sentence} {_(entry.instead[what])}" if what in entry.instead else sentence
