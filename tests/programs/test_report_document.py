"""The document that ``discover --json`` prints."""

from __future__ import annotations

import pytest

from tests.discovery.findings import found
from wizard.model.address import parse_address
from wizard.model.discovery import DiscoveryReport, Source
from wizard.model.servers import Protocol
from wizard.programs.settings import report_document


@pytest.mark.parametrize("seen", [True, False, None])
def test_verified_says_whether_tls_and_a_greeting_were_seen(seen):
    report = DiscoveryReport(
        address=parse_address("anna@example.org"),
        imap=found(Protocol.IMAP, Source.ISPDB, verified=seen),
        smtp=found(Protocol.SMTP, Source.ISPDB, security="plain", verified=seen),
    )
    document = report_document(report)
    assert document["imap"]["verified"] is seen
    assert document["smtp"]["verified"] is (None if seen is None else False)
