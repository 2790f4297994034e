"""What the catalogue knows of a provider answers questions of the advice, where a source says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wizard.app.questions import with_provider_facts
from wizard.discovery.catalogue import provider_named
from wizard.interview.answers import Answers, Origin
from wizard.model.provider import FactSource, Provider
from wizard.model.provider_facts import MailFolder, ProviderFact, Retention

READ = FactSource("Help of the provider", "2026-11-28", "reported")
HEARD = FactSource("General knowledge", "2026-11-28", "unverified")


def provider(*facts: ProviderFact) -> Provider:
    known = provider_named("posteo")
    assert known is not None
    return replace(known, facts=facts)


def deleted_after_30_days(source: FactSource, folder: MailFolder = MailFolder.INBOX) -> Provider:
    return provider(Retention(folder=folder, days=30, source=source))


@pytest.mark.parametrize(("source", "answer"), [(READ, "deleted_by_age"), (HEARD, None)])
def test_that_mail_is_deleted_by_its_age_is_an_answer_where_it_was_read_somewhere(source, answer):
    found = with_provider_facts(Answers(), deleted_after_30_days(source))
    assert found.get("expiry") == answer
    assert found.origin("expiry") is (Origin.DISCOVERED if answer else None)


def test_what_the_person_says_stands_above_it():
    said = Answers().with_("expiry", "kept", Origin.SET)
    assert with_provider_facts(said, deleted_after_30_days(READ)).get("expiry") == "kept"


def test_a_folder_that_is_emptied_nearly_everywhere_does_not_count():
    assert with_provider_facts(Answers(), deleted_after_30_days(READ, MailFolder.TRASH)).get("expiry") is None


def test_a_provider_of_which_nothing_is_known_answers_nothing():
    assert with_provider_facts(Answers(), provider()).get("expiry") is None
