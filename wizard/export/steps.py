"""The install steps of a format for one account: those whose conditions hold, with their braces filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.servers import AfterDownload, AuthenticationMethod, Protocol
from wizard.model.text import printable
from wizard.programs.names import file_name, safe_name
from wizard.programs.terminal import in_shell, password_command, save_command
from wizard.wording import password_hint

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.export.registry import Format, FormatFile
    from wizard.model.provider import Provider
    from wizard.model.servers import MailAccount


def install_steps(
    entry: Format,
    account: MailAccount,
    file: FormatFile,
    provider: Provider | None,
    *,
    signed: bool = False,
    name: str | None = None,
) -> tuple[str, ...]:
    """Finished sentences about ``file`` in the active language, in order; where systems differ, each begins with its
    system. ``signed``: files that can be signed are. ``name``: what the file is called; None: as ``file`` says.
    """
    holds = _conditions(account) | {"signed" if signed else "unsigned"}
    values = _Values(
        {
            "file": lambda: name or file_name(file.name, account.address),
            "folder": lambda: safe_name(account.address),
            "address": lambda: printable(str(account.address)),
            "domain": lambda: account.address.domain.ascii,
            "name": lambda: printable(account.provider_name or account.address.domain.unicode, 60),
            "days": lambda: str(account.leave.days) if account.leave is not None and account.leave.days else "",
            "password": lambda: password_hint(account, provider),
            "hostname": lambda: account.incoming.hostname,
            "store": lambda: account.password_store.value,
            "save_command": lambda: in_shell(save_command(account)),
            "password_command": lambda: in_shell(password_command(account)),
        }
    )
    steps = []
    for step in entry.install:
        if holds.issuperset(step.when) and step.file in (None, file.name):
            text = _(step.text).format_map(values)
            steps.append(text if step.system is None else _("{system}: {step}").format(system=step.system, step=text))
    return tuple(steps)


class _Values(dict[str, str]):
    """What stands in braces, each made when a sentence has it: most sentences have few, and some cost."""

    def __init__(self, makers: dict[str, Callable[[], str]]) -> None:
        super().__init__()
        self._makers = makers

    def __missing__(self, name: str) -> str:
        self[name] = value = self._makers[name]()
        return value


def _conditions(account: MailAccount) -> set[str]:
    """The conditions of clients.yaml that hold for ``account``."""
    holds = {account.incoming.protocol.value}
    both = (account.incoming, account.outgoing)
    with_password = not account.only_oauth2 and any(server.takes_password for server in both)
    with_oauth2 = any(AuthenticationMethod.OAUTH2 in server.authentication for server in both)
    holds |= {"password"} if with_password else set()
    holds |= {"oauth2"} if account.only_oauth2 else set()
    holds |= {"oauth2_and_password"} if with_password and with_oauth2 else set()
    holds |= {"unnamed"} if not account.display_name else set()
    holds |= {"stored_token"} if account.password_store.gives_tokens else {"stored_password"}
    if account.incoming.protocol is Protocol.POP3 and account.leave is not None:
        words = {AfterDownload.KEEP: "keep", AfterDownload.KEEP_DAYS: "keep_days", AfterDownload.REMOVE: "remove"}
        holds.add(words[account.leave.kind])
    return holds
