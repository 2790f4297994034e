"""What ``discover --json`` and ``export --json`` print; the first is what :mod:`wizard.programs.settings` reads.

Apart from the reader, whose schemas a look-up would load for nothing.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.discovery import DiscoveryReport, FoundServer

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


def report_document(report: DiscoveryReport) -> dict[str, Any]:
    """The document that ``discover --json`` prints; its keys are in the order of the contract."""
    provider = report.provider
    return {
        "schema": SCHEMA,
        "address": str(report.address),
        "domain": report.address.domain.ascii,
        "elapsed_ms": report.elapsed_ms,
        "provider": None if provider is None else {"id": provider.id, "name": provider.name},
        "imap": _server_document(report.imap),
        "pop3": _server_document(report.pop3),
        "smtp": _server_document(report.smtp),
        "alternatives": [_server_document(found) for found in report.alternatives],
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
