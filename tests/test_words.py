"""Every value has its words, in every language, and they fit where they are shown."""

from __future__ import annotations

import pytest

from wizard import language, wording
from wizard.discovery.registry import origin_label, source_label
from wizard.model import diagnosis, recommendation
from wizard.model.discovery import Evidence, Outcome, Source, Trust
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType


def origin_of(source):
    return origin_label(Evidence(source, Trust.UNAUTHENTICATED))


LABELS = [
    (wording.protocol_label, Protocol),
    (wording.security_label, SocketType),
    (wording.security_setting, SocketType),
    (wording.authentication_label, AuthenticationMethod),
    (source_label, Source),
    (origin_of, Source),
    (wording.outcome_label, Outcome),
    (wording.option_label, recommendation.Option),
    (wording.advice_confidence_label, recommendation.Confidence),
    (wording.rung_label, diagnosis.RungName),
    (wording.status_label, diagnosis.RungStatus),
    (wording.confidence_label, diagnosis.Confidence),
]


@pytest.fixture(params=language.LANGUAGES)
def spoken(request):
    language.activate(request.param)


@pytest.mark.usefixtures("spoken")
@pytest.mark.parametrize(("label", "values"), LABELS, ids=lambda value: getattr(value, "__name__", None))
def test_every_value_has_words_of_its_own(label, values):
    words = [label(value) for value in values]
    assert all(words)
    alike = 2 if values is AuthenticationMethod else 0  # neither an address nor nothing is something to choose
    assert len(set(words)) >= len(words) - alike


@pytest.mark.usefixtures("spoken")
def test_a_source_leaves_room_for_its_outcome_on_a_narrow_screen():
    assert max(len(source_label(source)) for source in Source) <= 19


@pytest.mark.parametrize(
    ("milliseconds", "shown"), [(0, "0.00 s"), (41, "0.04 s"), (999, "1.00 s"), (1000, "1.0 s"), (12_340, "12.3 s")]
)
def test_a_duration_is_shown_in_seconds(milliseconds, shown):
    assert wording.duration_label(milliseconds) == shown


def test_the_decimal_sign_and_the_month_are_those_of_the_language():
    assert wording.month_label("2025-03-09") == "2025-03"
    language.activate("it")
    assert wording.duration_label(41) == "0,04 s"
    assert wording.month_label("2025-03-09") != "2025-03"


def test_a_version_of_tls_is_written_as_people_write_it():
    names = ("TLSv1", "TLSv1.1", "SSLv3", "other", "")
    assert [wording.tls_version_label(name) for name in names] == ["TLS 1.0", "TLS 1.1", "SSL 3", "", ""]


@pytest.mark.usefixtures("spoken")
def test_how_long_messages_stay_is_told_apart():
    policies = [LeavePolicy(AfterDownload.REMOVE), LeavePolicy(AfterDownload.KEEP)]
    policies += [LeavePolicy(AfterDownload.KEEP_DAYS, days) for days in (14, 1)]
    for words in (wording.leave_label, wording.leave_sentence):
        assert len({words(policy) for policy in policies}) == len(policies)
    assert "14" in wording.leave_label(policies[2])
    assert "14" in wording.leave_sentence(policies[2])
