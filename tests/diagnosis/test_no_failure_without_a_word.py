"""Whatever fails, and wherever: there is a cause with something to do, in both languages."""

from __future__ import annotations

import pytest

from tests.diagnosis.observations import ANNA, failing, provider
from wizard import language
from wizard.diagnosis.rules import find_causes
from wizard.model.diagnosis import RungName
from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import FailureKind

WORDS = ("login_refused", "login_impossible", "login_unencrypted", "mailbox_refused", "message_refused")
OF_THE_WEB = ("http_status", "http_malformed", "body_too_large", "redirect_refused", "too_many_redirects")
KINDS = [kind.value for kind in FailureKind if kind.value not in OF_THE_WEB]


@pytest.mark.parametrize("tongue", ["en", "it"])
@pytest.mark.parametrize("rung", RungName)
@pytest.mark.parametrize("kind", [*KINDS, *WORDS])
def test_every_failure_of_every_step_has_a_cause(kind, rung, tongue):
    language.activate(tongue)
    for protocol in Protocol:
        for security in SocketType:
            for known in (None, provider("gmail"), provider("aruba-pec")):
                seen = failing(rung, kind, protocol, socket_type=security)
                found = find_causes(ANNA, (seen,), known)
                assert found, (kind, rung, protocol, security)
                assert all(one.cause and one.steps for one in found), found
