"""What a look-up says of a finding: what is a guess, what is left out, what to mind."""

from __future__ import annotations

import pytest

from wizard.discovery.merging import merge
from wizard.discovery.options import LookUpOptions
from wizard.discovery.runner import discover
from wizard.discovery.sources import catalogue
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.servers import Protocol

OFFLINE = LookUpOptions(offline=True)


def look(address, **options):
    return discover(parse_address(address), LookUpOptions(offline=True, **options))


def codes(notices):
    return [one.code for one in notices]


def test_placeholders_are_filled_in():
    report = look("anna.rossi@web.de")
    assert report.imap.server.username == report.smtp.server.username == "anna.rossi"
    assert look("anna@icloud.com").smtp.server.username == "anna@icloud.com"


def test_a_user_name_that_looks_like_a_placeholder_is_filled_in_once():
    assert look("%EMAILDOMAIN%@web.de").imap.server.username == "%EMAILDOMAIN%"


def test_a_catalogue_server_is_trusted_and_not_yet_verified():
    report = look("anna@libero.it")
    found = (report.imap, report.pop3, report.smtp)
    assert {one.evidence.source for one in found} == {Source.CATALOGUE}
    assert {one.evidence.trust for one in found} == {Trust.AUTHENTICATED}
    assert {one.verified for one in found} == {None}
    assert report.needs_consent == ()
    assert report.usable
    assert report.offer == "both"


def test_further_servers_are_alternatives_by_protocol():
    report = look("anna@gmx.net")
    assert [(one.server.protocol, one.server.port) for one in report.alternatives] == [
        (Protocol.IMAP, 143),
        (Protocol.POP3, 110),
        (Protocol.SMTP, 587),
    ]


@pytest.mark.parametrize("address", ["anna@legalmail.it", "anna@aruba.it"])
def test_unverified_servers_are_guesses_that_need_consent_and_are_warned_of(address):
    report = look(address)
    for found in (report.imap, report.smtp):
        assert found.evidence.trust is Trust.GUESSED
        for notices in (report.needs_consent, report.warnings):
            assert any(found.server.hostname in one.text for one in notices)
    assert codes(report.needs_consent) == ["guess"]
    assert "unverified_facts" in codes(report.warnings)


def test_the_one_guess_among_known_servers_is_the_one_that_is_named():
    report = look("anna@pec.it")
    assert report.pop3.evidence.trust is Trust.GUESSED
    assert report.imap.evidence.trust is report.smtp.evidence.trust is Trust.AUTHENTICATED
    (consent,) = report.needs_consent
    assert "pop3s.pec.aruba.it 995" in consent.text
    assert "imaps.pec.aruba.it" not in consent.text


def test_a_domain_that_nobody_verified_makes_its_servers_guesses():
    report = look("anna@fastmail.fm")
    assert report.imap.evidence.trust is Trust.GUESSED
    assert any("fastmail.fm" in one.text for one in report.warnings if one.code == "unverified_facts")
    assert look("anna@fastmail.com").imap.evidence.trust is Trust.AUTHENTICATED


def test_an_unverified_step_is_called_so():
    (warning,) = look("anna@libero.it").warnings
    assert warning.code == "unverified_facts"
    assert warning.text.startswith("Not verified, but often needed:")


def test_a_provider_with_no_open_protocol_has_no_servers_and_a_warning():
    for address, code in (("a@protonmail.com", "bridge_only"), ("a@tutanota.com", "own_app_only")):
        report = look(address)
        assert report.imap is report.pop3 is report.smtp is None
        assert report.alternatives == ()
        assert codes(report.warnings) == [code]
        assert report.offer == "neither"
        assert not report.usable


def test_a_server_without_encryption_is_left_out_with_a_warning():
    report = look("anna@nifty.com")
    assert report.pop3 is report.smtp is None
    assert not report.usable
    assert codes(report.warnings) == ["plaintext_only", "offer_not_confirmed"]
    assert "--allow-insecure" in report.warnings[0].text


def test_a_server_without_encryption_counts_where_it_is_permitted_and_is_still_warned_of():
    report = look("anna@nifty.com", allow_insecure=True)
    assert report.pop3.server.hostname == "pop.nifty.com"
    assert report.usable
    assert codes(report.warnings) == ["plaintext", "offer_not_confirmed"]


def test_no_warning_of_plaintext_where_an_encrypting_server_is_there(write, own, example):
    example["incoming"].append({**example["incoming"][0], "port": 143, "socket_type": "plain"})
    write(example)
    report = look("anna@example.org", templates=own)
    assert report.imap.server.port == 993
    assert report.warnings == report.alternatives == ()
    insecure = look("anna@example.org", templates=own, allow_insecure=True)
    assert insecure.imap.server.port == 993
    assert [one.server.port for one in insecure.alternatives] == [143]


def test_oauth2_alone_is_warned_of():
    assert codes(look("anna@outlook.com").warnings) == ["oauth2_only"]
    assert codes(look("anna@gmail.com").warnings) == []


def test_one_listed_protocol_is_no_proof_that_the_other_is_not_offered():
    report = look("anna@daum.net")
    assert report.pop3 is None
    assert "offer_not_confirmed" in codes(report.warnings)
    confirmed = look("anna@icloud.com")
    assert confirmed.offer == "imap_only"
    assert codes(confirmed.warnings) == []


def test_one_protocol_of_a_provider_of_which_the_other_is_not_known_leaves_the_offer_open():
    assert look("anna@mailbox.org").offer is None


def test_a_user_name_that_the_address_does_not_give_is_warned_of():
    (warning,) = [one for one in look("anna@legalmail.it").warnings if one.code == "user_id_not_address"]
    assert "user ID" in warning.text


@pytest.mark.parametrize(("address", "code"), [("a@qq.com", "databases_disagree"), ("a@zoho.com", "regional_servers")])
def test_a_setting_in_doubt_is_warned_of_even_where_the_doubt_itself_is_certain(address, code):
    assert code in codes(look(address).warnings)


def test_a_known_provider_of_unknown_servers_says_so(write, own, example):
    del example["incoming"], example["outgoing"]
    example["offers"]["protocols"] = "not_known"
    write(example)
    report = look("anna@example.org", templates=own)
    assert codes(report.warnings) == ["servers_not_known"]
    assert report.provider.id == "example"
    assert not report.usable


@pytest.mark.parametrize(("today", "old"), [("2028-11-24", False), ("2028-11-25", True), ("2035-01-01", True)])
def test_facts_are_old_after_two_years(today, old):
    address = parse_address("anna@posteo.de")
    report = merge(address, [catalogue.find(address, OFFLINE)], OFFLINE, 1, today)
    assert ("old_facts" in codes(report.warnings)) is old


def test_nothing_known_is_a_report_too():
    report = look("anna@unknown.example")
    assert report.provider is None
    assert not report.usable
    assert report.offer is None
    assert [(one.source, one.outcome) for one in report.sources] == [(Source.CATALOGUE, Outcome.NOTHING)]
    assert report.warnings == report.needs_consent == ()


def test_an_internationalised_domain_of_an_own_file_is_found(write, own, example):
    example["domains"]["guide"] = ["xn--bcher-kva.example"]
    write(example)
    report = look("anna@bücher.example", templates=own)
    assert report.provider.id == "example"
    assert report.imap.server.username == "anna@xn--bcher-kva.example"
