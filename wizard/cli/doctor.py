"""``mail-wizard doctor``: why does it not connect?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wizard.cli.common import CommonOptions, apply_options, common_options
from wizard.cli.options import network_options
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import ExitCode
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.app.doctor import DoctorRequest
    from wizard.discovery.context import LookUpOptions

LIST = "list"
DEADLINE = 15.0


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    return apply_options(command, [*_server_options(), *_check_options()])


def _server_options() -> tuple[Callable[..., Any], ...]:
    host = _("HOST[:PORT]")
    return (
        click.option("--imap", metavar=host, help=_("The incoming server that your program has, for IMAP.")),
        click.option("--pop3", metavar=host, help=_("The incoming server that your program has, for POP3.")),
        click.option("--smtp", metavar=host, help=_("The outgoing server that your program has.")),
        click.option(
            "--security",
            type=click.Choice([kind.value for kind in SocketType]),
            help=_("The security of the connection that your program has."),
        ),
        click.option("--username", metavar=_("NAME"), help=_("The user name that your program has.")),
        click.option(
            "--settings",
            metavar=_("FILE"),
            help=_("The servers from a file: what “discover --json” prints, or any file that “inspect” can read."),
        ),
        click.option(
            "--program", metavar=_("NAME"), help=_("Your mail program, such as Thunderbird, Outlook, iPhone or Gmail.")
        ),
        click.option(
            "--says",
            metavar=_("TEXT"),
            help=_("What your program shows: an error code such as 0x800CCC0E, or a sentence, in quotation marks."),
        ),
        click.option("--protocol", type=click.Choice(["imap", "pop3"]), help=_("Use only this protocol for reading.")),
    )


def _check_options() -> tuple[Callable[..., Any], ...]:
    return (
        click.option("--login", is_flag=True, help=_("Try to log in, too. The password goes to the servers only.")),
        click.option(
            "--password-command",
            metavar=_("COMMAND"),
            help=_("The password is the first line that this program prints; no shell reads it."),
        ),
        click.option(
            "--password-fd",
            metavar=_("N"),
            type=click.IntRange(0, 1 << 20),
            help=_("The password is the first line of this file descriptor."),
        ),
        click.option("--send-test", is_flag=True, help=_("Log in, and send one message to your own address.")),
        click.option("--device", metavar=_("NAME"), help=_("Can this older device connect? “list” names them.")),
        click.option(
            "--report", metavar=_("FILE"), type=Path, help=_("Write a text for a helpdesk; no password in it.")
        ),
        click.option(
            "--shorten-addresses", is_flag=True, help=_("Shorten addresses in that text to their first letter.")
        ),
        click.option("--force", is_flag=True, help=_("Overwrite files that exist.")),
    )


@click.command(
    "doctor",
    help=_(
        "Why does it not connect? What is wrong, and what to do.\n\nThe servers are looked up, or they are what your "
        "mail program has: typed, or from a file. Each step of connecting is shown. It logs in and "
        "sends a message only if you ask for it."
    ),
)
@click.argument("address", metavar=_("ADDRESS"), required=False)
@_options
@common_options
@partial(network_options, seconds=DEADLINE, timeout_help=_("Seconds for everything (default: 15)."))
def command(*, common: CommonOptions, address: str | None, device: str | None, **given: Any) -> int:
    if device is not None and device.strip().casefold() == LIST:
        return _list_devices(common)
    if address is None:
        raise click.UsageError(_("Which address? Give it after “doctor”."))
    from wizard.app.doctor import examine
    from wizard.terminal.doctor import DoctorView

    request = _request(address, device, **given)
    view = DoctorView(common.prompter(), None if common.as_json else common.screen())
    result = examine(request, view)
    common.present(result.document, lambda screen: view.show(screen, result, verbose=common.verbose))
    return result.exit_code


def _request(
    address: str,
    device: str | None,
    *,
    look_up: LookUpOptions,
    security: str | None,
    protocol: str | None,
    login: bool,
    password_command: str | None,
    password_fd: int | None,
    shorten_addresses: bool,
    program: str | None,
    says: str | None,
    **rest: Any,
) -> DoctorRequest:
    from wizard.app.doctor import DoctorRequest
    from wizard.app.passwords import PasswordSource
    from wizard.app.typed_servers import TypedServers
    from wizard.app.user_report import user_report

    if password_command is not None and password_fd is not None:
        raise click.UsageError(_("Give --password-command or --password-fd, not both."))
    typed = {name: rest.pop(name) for name in ("imap", "pop3", "smtp", "username")}
    return DoctorRequest(
        address=parse_address(address),
        look_up=look_up,
        typed=TypedServers(security=None if security is None else SocketType(security), **typed),
        protocol=None if protocol is None else Protocol(protocol),
        login=login or rest["send_test"],
        password=PasswordSource(password_command, password_fd),
        device=None if device is None else _device(device),
        shorten=shorten_addresses,
        timeout=look_up.timeout,
        accept=look_up.accepted,
        user_report=user_report(program, says),
        **rest,
    )


def _device(name: str) -> Any:
    from wizard.diagnosis.devices import device_named

    return device_named(name)


def _list_devices(common: CommonOptions) -> int:
    from wizard.diagnosis.devices import device_list

    rows = device_list()
    common.present(
        lambda: {"schema": 1, "devices": list(rows)},
        lambda screen: screen.fields([(row["id"], _device_lines(row)) for row in rows], label_width=22),
    )
    return ExitCode.DONE


def _device_lines(row: dict[str, Any]) -> Sequence[str]:
    versions = ", ".join(row["tls"]) or _("none")
    later = ", ".join(row["tls_after_a_change"])
    tls = _("TLS {versions}").format(versions=versions)
    return [row["name"], f"{tls} ({_('after a change also {versions}').format(versions=later)})" if later else tls]
