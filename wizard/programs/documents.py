"""What ``discover --json`` and ``export --json`` print; the first is what :mod:`wizard.programs.settings` reads.

Apart from the reader, whose schemas a look-up would load for nothing.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.servers import LeavePolicy, Protocol
    from wizard.programs.reading import IncompleteServer

SCHEMA = 1
"""Of all documents; a change that a script could notice makes it 2."""


class ExportedFile(typing.Protocol):
    """What the export document tells of a file; ``mode`` is the permissions as a number."""

    @property
    def format(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def mode(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def install(self) -> tuple[str, ...]: ...


class RefusedFormat(typing.Protocol):
    """What the export document tells of a format that was refused."""

    @property
    def format(self) -> str: ...
    @property
    def reason(self) -> str: ...


def export_document(written: Iterable[ExportedFile], refused: Iterable[RefusedFormat]) -> dict[str, Any]:
    """The document that ``export --json`` prints."""
    files = [
        {
            "format": file.format,
            "path": file.path,
            "media_type": file.media_type,
            "mode": f"{file.mode:04o}",
            "sha256": file.sha256,
            "install": list(file.install),
        }
        for file in written
    ]
    return {
        "schema": SCHEMA,
        "files": files,
        "refused": [{"format": refusal.format, "reason": refusal.reason} for refusal in refused],
    }


def report_document(
    report: DiscoveryReport, *, leave: LeavePolicy | None = None, incomplete: Sequence[IncompleteServer] = ()
) -> dict[str, Any]:
    """The document that ``discover --json`` prints; its keys are in the order of the contract.

    ``leave`` and ``incomplete``: what a file says besides of messages on the server, and of servers that cannot be
    used; such a one stands where nothing better of its protocol is known, with null for what it lacks.
    """
    provider = report.provider
    slots = {protocol: _server_document(found) for protocol, found in _best(report)}
    alternatives = [_server_document(found) for found in report.alternatives]
    for server in incomplete:
        if slots[server.protocol] is None:
            slots[server.protocol] = _incomplete_document(server)
        else:
            alternatives.append(_incomplete_document(server))
    return {
        "schema": SCHEMA,
        "address": str(report.address),
        "domain": report.address.domain.ascii,
        "elapsed_ms": report.elapsed_ms,
        "provider": None if provider is None else {"id": provider.id, "name": provider.name},
        **{protocol.value: slot for protocol, slot in slots.items()},
        "alternatives": alternatives,
        "leave_days": leave_days(leave),
        "needs_consent": [{"code": notice.code, "text": notice.text} for notice in report.needs_consent],
        "warnings": [{"code": notice.code, "text": notice.text} for notice in report.warnings],
        "sources": [
            {
                "source": asked.source.value,
                "outcome": asked.outcome.value,
                "url": asked.url,
                "elapsed_ms": asked.elapsed_ms,
                "detail": asked.detail,
            }
            for asked in report.sources
        ],
    }


def _best(report: DiscoveryReport) -> tuple[tuple[Protocol, FoundServer | None], ...]:
    from wizard.model.servers import Protocol

    return tuple((protocol, report.best(protocol)) for protocol in Protocol)


def leave_days(leave: LeavePolicy | None) -> int | None:
    """Days that POP3 leaves messages on the server, 0 for none; None where they are kept, or nothing is said."""
    from wizard.model.servers import AfterDownload

    if leave is None:
        return None
    return 0 if leave.kind is AfterDownload.REMOVE else leave.days


def _incomplete_document(server: IncompleteServer) -> dict[str, Any]:
    return {
        "protocol": server.protocol.value,
        "host": server.hostname or None,
        "port": server.port,
        "socket_type": None if server.socket_type is None else server.socket_type.value,
        "username": server.username,
        "authentication": [method.value for method in server.authentication],
        "source": "user",
        "trust": "unauthenticated",
        "verified": None,
    }


def _server_document(found: FoundServer | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "protocol": found.server.protocol.value,
        "host": found.server.hostname,
        "port": found.server.port,
        "socket_type": found.server.socket_type.value,
        "username": found.server.username,
        "authentication": [method.value for method in found.server.authentication],
        "source": found.evidence.source.value,
        "trust": found.evidence.trust.value,
        # “Verified” is the word for TLS with a certificate that fits: a server in the clear never is.
        "verified": found.verified if found.server.secure or found.verified is None else False,
    }
