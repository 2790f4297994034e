"""Every failure of the network has a sentence and an outcome."""

from __future__ import annotations

import pytest

from wizard.discovery.wording import explain, outcome_of
from wizard.model.discovery import Outcome
from wizard.net.failures import Failure, FailureKind


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_is_a_finished_sentence_that_names_the_host(kind):
    failure = Failure(kind, "mail.example.test", 993, "“no” they say", 403, ("a.example.test", "*.b.example.test"))
    text = explain(failure)
    assert "mail.example.test" in text
    assert "{" not in text
    assert text[0].isupper() or text.startswith("mail.example.test")
    assert text.endswith((".", "say"))


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_failure_with_nothing_but_a_host_is_a_sentence_too(kind):
    text = explain(Failure(kind, "mail.example.test"))
    assert text.startswith("mail.example.test") or " mail.example.test" in text
    assert ": ." not in text
    assert not text.endswith((" ", ":"))


def test_the_names_of_a_certificate_for_another_host_are_told():
    failure = Failure(FailureKind.TLS_NAME_MISMATCH, "mail.example.test", 993, certificate_names=("h42.hoster.test",))
    assert "h42.hoster.test" in explain(failure)
    assert "mail.example.test 993" in explain(failure)


def test_what_a_server_says_cannot_write_to_the_terminal():
    text = explain(Failure(FailureKind.SERVER_SAYS_NO, "mail.example.test", 993, "go\x1b[2Jaway\u202e\r\nnow"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (FailureKind.NO_SUCH_NAME, Outcome.NOTHING),
        (FailureKind.NO_ADDRESS, Outcome.NOTHING),
        (FailureKind.DNS_FAILED, Outcome.UNREACHABLE),
        (FailureKind.DNS_TIMEOUT, Outcome.UNREACHABLE),
        (FailureKind.ADDRESS_NOT_ALLOWED, Outcome.REFUSED),
        (FailureKind.PORT_NOT_ALLOWED, Outcome.REFUSED),
        (FailureKind.REDIRECT_REFUSED, Outcome.REFUSED),
        (FailureKind.TOO_MANY_REDIRECTS, Outcome.REFUSED),
        (FailureKind.STARTTLS_INJECTION, Outcome.REFUSED),
        (FailureKind.TLS_EXPIRED, Outcome.UNREACHABLE),
        (FailureKind.TLS_NAME_MISMATCH, Outcome.UNREACHABLE),
        (FailureKind.CONNECTION_REFUSED, Outcome.UNREACHABLE),
        (FailureKind.HTTP_MALFORMED, Outcome.MALFORMED),
        (FailureKind.BODY_TOO_LARGE, Outcome.MALFORMED),
    ],
)
def test_the_outcome_of_a_failure(kind, outcome):
    assert outcome_of(Failure(kind, "example.test")) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, Outcome.NOTHING), (410, Outcome.NOTHING), (403, Outcome.REFUSED), (500, Outcome.UNREACHABLE)],
)
def test_a_server_in_trouble_is_unreachable_one_without_the_file_has_nothing_and_others_refuse(status, outcome):
    failure = Failure(FailureKind.HTTP_STATUS, "example.test", 443, status=status)
    assert outcome_of(failure) is outcome
    assert str(status) in explain(failure)
