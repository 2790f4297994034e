"""One report of what every source said: who wins, what agreement is worth, what is left out, what to mind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.discovery.findings import found, reported
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover
from wizard.discovery.report import merge_reports
from wizard.discovery.sources import catalogue
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.problems import Notice
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

ANNA = parse_address("anna@example.org")
IMAP, SMTP = Protocol.IMAP, Protocol.SMTP
OFFLINE = LookUpOptions(offline=True)


def merged(*reports, **options):
    return merge_reports(ANNA, reports, LookUpOptions(**options), 100, "2026-11-25")


def codes(notices):
    return [notice.code for notice in notices]


def test_the_higher_source_wins_where_both_answer():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV, host="a.example.org")),
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, host="b.example.org")),
    )
    assert report.imap.server.hostname == "a.example.org"
    assert [found.server.hostname for found in report.alternatives] == ["b.example.org"]


def test_what_the_live_server_says_decides():
    report = merged(
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, host="old.example.org", verified=False)),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB, host="new.example.org")),
    )
    assert report.imap.server.hostname == "new.example.org"
    (notice,) = [notice for notice in report.warnings if notice.code == "sources_disagree"]
    assert "autoconfig: old.example.org 993 (does not answer as it should)" in notice.text
    assert "Thunderbird (ISPDB): new.example.org 993 (answers)" in notice.text
    assert notice.text.endswith("Chosen: new.example.org 993.")


def test_what_the_domain_says_it_does_not_offer_is_not_guessed():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV), not_offered=(Protocol.POP3,)),
        reported(
            Source.PROBE, *(found(protocol, Source.PROBE, trust=Trust.GUESSED) for protocol in (Protocol.POP3, SMTP))
        ),
    )
    assert (report.pop3, report.alternatives) == (None, ())
    assert report.smtp is not None


def test_a_server_that_does_not_answer_is_kept_where_there_is_no_other_and_that_is_said():
    silent = found(IMAP, Source.ISPDB, verified=False, trouble="mail.example.org 993 did not answer in time.")
    report = merged(reported(Source.ISPDB, silent))
    assert report.imap.verified is False
    assert Notice("not_answering", "mail.example.org 993 did not answer in time.") in report.warnings


def test_encryption_from_the_first_byte_comes_before_an_upgrade_of_a_higher_source():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV, security="STARTTLS")),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB)),
    )
    assert report.imap.server.socket_type is SocketType.SSL


def test_a_guess_comes_after_what_somebody_published_even_as_an_upgrade():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV, security="STARTTLS")),
        reported(Source.PROBE, found(IMAP, Source.PROBE, trust=Trust.GUESSED)),
    )
    assert report.imap.evidence.source is Source.SRV


def test_a_foreign_domain_on_an_untrusted_word_comes_after_one_that_can_be_trusted():
    foreign = found(IMAP, Source.SRV, host="mail.evil.example", trust=Trust.UNAUTHENTICATED)
    report = merged(reported(Source.SRV, foreign), reported(Source.ISPDB, found(IMAP, Source.ISPDB)))
    assert report.imap.evidence.source is Source.ISPDB
    assert report.needs_consent == ()


def test_servers_in_a_foreign_domain_need_consent_with_the_whole_domain_in_both_writings():
    foreign = found(IMAP, Source.SRV, host="mail.xn--bcher-kva.example", trust=Trust.UNAUTHENTICATED)
    (notice,) = merged(reported(Source.SRV, foreign)).needs_consent
    assert notice.code == "foreign_domain"
    assert "bücher.example (xn--bcher-kva.example)" in notice.text


def test_a_foreign_domain_that_a_trusted_source_confirms_needs_none():
    foreign = found(IMAP, Source.SRV, host="mail.hoster.example", trust=Trust.UNAUTHENTICATED)
    same = found(IMAP, Source.AUTOCONFIG, host="mail.hoster.example")
    report = merged(reported(Source.SRV, foreign), reported(Source.AUTOCONFIG, same))
    assert report.needs_consent == ()
    assert report.imap.evidence.source is Source.SRV
    assert report.imap.evidence.trust is Trust.AUTHENTICATED
    assert report.alternatives == ()


def test_a_guess_that_somebody_published_is_none():
    report = merged(
        reported(Source.PROBE, found(IMAP, Source.PROBE, trust=Trust.GUESSED)),
        reported(Source.SRV, found(IMAP, Source.SRV, trust=Trust.UNAUTHENTICATED)),
    )
    assert (report.imap.evidence.source, report.imap.evidence.trust) == (Source.SRV, Trust.UNAUTHENTICATED)
    assert report.needs_consent == ()


def test_only_what_is_chosen_needs_consent():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV)),
        reported(Source.PROBE, found(IMAP, Source.PROBE, host="imap.example.org", trust=Trust.GUESSED)),
    )
    assert report.needs_consent == ()


def test_a_user_name_that_was_published_counts_more_than_a_convention():
    published = found(IMAP, Source.AUTOCONFIG, username="anna")
    report = merged(reported(Source.SRV, found(IMAP, Source.SRV)), reported(Source.AUTOCONFIG, published))
    assert report.imap.server.username == "anna"


def test_two_published_user_names_are_both_shown():
    report = merged(
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, username="anna")),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB)),
    )
    (notice,) = [notice for notice in report.warnings if notice.code == "usernames_disagree"]
    assert "autoconfig: anna; Thunderbird (ISPDB): anna@example.org" in notice.text


def test_several_user_names_of_one_source_are_its_alternatives_and_no_disagreement():
    names = [found(IMAP, Source.AUTOCONFIG, username=f"anna{number}") for number in range(60)]
    report = merged(reported(Source.AUTOCONFIG, *names), reported(Source.ISPDB, found(IMAP, Source.ISPDB)))
    (notice,) = [notice for notice in report.warnings if notice.code == "usernames_disagree"]
    assert "autoconfig: anna0; Thunderbird (ISPDB): anna@example.org" in notice.text
    alone = merged(reported(Source.AUTOCONFIG, *names))
    assert "usernames_disagree" not in [notice.code for notice in alone.warnings]


def test_other_user_names_for_the_same_server_are_kept_up_to_a_few():
    names = [found(IMAP, Source.AUTOCONFIG, username=f"anna{number}") for number in range(60)]
    asked = found(IMAP, Source.AUTOCONFIG, username="anna1", host="other.example.org", verified=None)
    report = merged(reported(Source.SRV, found(IMAP, Source.SRV)), reported(Source.AUTOCONFIG, *names, asked))
    assert report.imap.server.username == "anna0"
    others = [(found.server.hostname, found.server.username, found.verified) for found in report.alternatives]
    assert others == [
        *(("mail.example.org", f"anna{number}", True) for number in range(1, 5)),
        ("other.example.org", "anna1", None),
    ]


def test_a_convention_is_no_other_user_name():
    published = reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, username="anna"))
    report = merged(reported(Source.SRV, found(IMAP, Source.SRV)), published)
    assert (report.imap.server.username, report.alternatives) == ("anna", ())


def test_of_two_who_looked_at_a_server_the_one_that_saw_it_counts():
    gave_up = found(IMAP, Source.AUTOCONFIG, verified=False, trouble="mail.example.org 993 did not answer in time.")
    report = merged(reported(Source.AUTOCONFIG, gave_up), reported(Source.ISPDB, found(IMAP, Source.ISPDB)))
    assert (report.imap.verified, report.imap.trouble) == (True, "")
    assert "not_answering" not in codes(report.warnings)


@pytest.mark.parametrize("first", [None, False, True])
@pytest.mark.parametrize("second", [None, False, True])
def test_of_two_who_named_a_server_the_one_counts_that_saw_more_of_it(first, second):
    trouble = {None: "", True: "", False: "It did not answer."}
    reports = [
        reported(source, found(IMAP, source, verified=verified, trouble=trouble[verified]))
        for source, verified in ((Source.AUTOCONFIG, first), (Source.ISPDB, second))
    ]
    seen = True if True in (first, second) else False if False in (first, second) else None
    assert (merged(*reports).imap.verified, merged(*reports).imap.trouble) == (seen, trouble[seen])


@pytest.mark.parametrize("first", Trust)
@pytest.mark.parametrize("second", Trust)
def test_a_server_is_as_sure_as_the_surest_of_those_who_named_it(first, second):
    reports = [
        reported(source, found(IMAP, source, trust=trust))
        for source, trust in ((Source.SRV, first), (Source.AUTODISCOVER, second))
    ]
    surest = min(first, second, key=[Trust.AUTHENTICATED, Trust.UNAUTHENTICATED, Trust.GUESSED].index)
    report = merged(*reports)
    assert report.imap.evidence.trust is surest
    guessed_first = first is Trust.GUESSED and second is not Trust.GUESSED
    assert report.imap.evidence.source is (Source.AUTODISCOVER if guessed_first else Source.SRV)


FOREIGN = {"domain": "hoster.example", "trust": Trust.UNAUTHENTICATED}
GUESSED = {"trust": Trust.GUESSED}
UPGRADED, PLAIN = {"security": "STARTTLS"}, {"security": "plain"}
UNSEEN, SILENT = {"verified": None}, {"verified": False}
# Every server comes before all those below it, whatever else speaks for them.
RANKED = (
    {},
    UPGRADED,
    UNSEEN,
    {**UNSEEN, **UPGRADED},
    FOREIGN,
    {**FOREIGN, **UPGRADED},
    {**FOREIGN, **UNSEEN},
    GUESSED,
    {**GUESSED, **UPGRADED},
    {**GUESSED, **UNSEEN},
    PLAIN,
    {**PLAIN, **UNSEEN},
    {**PLAIN, **FOREIGN},
    {**PLAIN, **GUESSED},
    SILENT,
    {**SILENT, **UPGRADED},
    {**SILENT, **FOREIGN},
    {**SILENT, **GUESSED},
    {**SILENT, **PLAIN},
)


@pytest.mark.parametrize("place", range(1, len(RANKED)))
def test_the_servers_of_a_protocol_are_ranked_as_documented(place):
    def ranked(number):
        options = dict(RANKED[number])
        return found(SMTP, Source.SRV, host=f"s{number}.{options.pop('domain', 'example.org')}", **options)

    for better in range(place):
        first, second = ranked(better), ranked(place)
        for servers in ((first, second), (second, first)):
            assert merged(reported(Source.SRV, *servers), allow_insecure=True).smtp == first


def test_the_provider_is_named_by_whoever_knows_it():
    provider = catalogue.find(parse_address("anna@posteo.de"), OFFLINE).provider
    mx = reported(Source.MX, found(IMAP, Source.MX), provider=provider)
    assert merged(SourceReport(Source.CATALOGUE, Outcome.NOTHING), mx).provider is provider


def test_warnings_come_in_order_and_those_of_a_source_last_and_once():
    own = Notice("no_such_domain", "The domain does not exist.")
    silent = found(IMAP, Source.ISPDB, verified=False, trouble="It did not answer.")
    oauth2 = found(SMTP, Source.ISPDB, auth=(AuthenticationMethod.OAUTH2,))
    unreachable = SourceReport(Source.ISPDB, Outcome.UNREACHABLE, servers=(silent, oauth2), warnings=(own, own))
    assert codes(merged(unreachable).warnings) == ["no_network", "not_answering", "oauth2_only", "no_such_domain"]


def test_a_server_that_answered_comes_before_one_that_nobody_looked_at():
    late = found(IMAP, Source.AUTOCONFIG, host="late.example.org", verified=None)
    upgraded = found(IMAP, Source.ISPDB, security="STARTTLS")
    report = merged(reported(Source.AUTOCONFIG, late), reported(Source.ISPDB, upgraded))
    assert report.imap.server.hostname == "mail.example.org"
    guess = found(IMAP, Source.PROBE, host="guess.example.org", trust=Trust.GUESSED)
    report = merged(reported(Source.AUTOCONFIG, late), reported(Source.PROBE, guess))
    assert report.imap.server.hostname == "late.example.org"  # a published one all the same


def test_what_one_source_connected_to_is_known_of_the_other_as_well():
    looked = found(IMAP, Source.ISPDB, auth=(AuthenticationMethod.PASSWORD_ENCRYPTED,))
    report = merged(
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, verified=None)), reported(Source.ISPDB, looked)
    )
    assert report.imap.verified is True
    assert report.imap.evidence.source is Source.AUTOCONFIG
    assert report.imap.server.authentication == (AuthenticationMethod.PASSWORD_ENCRYPTED,)


def test_agreeing_sources_are_no_disagreement():
    report = merged(
        reported(
            Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG), found(IMAP, Source.AUTOCONFIG, security="STARTTLS")
        ),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB, security="STARTTLS", verified=None)),
    )
    assert "sources_disagree" not in codes(report.warnings)


def test_what_a_source_wants_agreed_to_counts_where_its_servers_are_used():
    wish = Notice("foreign_domain", "It was read at another.example.")
    doubtful = found(IMAP, Source.AUTOCONFIG, trust=Trust.UNAUTHENTICATED)
    used = reported(Source.AUTOCONFIG, doubtful, needs_consent=(wish,))
    assert merged(used).needs_consent == (wish,)
    assert merged(reported(Source.SRV, found(IMAP, Source.SRV)), used).needs_consent == ()
    # Somebody who can be trusted names the same server.
    assert merged(used, reported(Source.ISPDB, found(IMAP, Source.ISPDB))).needs_consent == ()


def test_what_was_not_asked_for_want_of_consent_is_said_where_nothing_else_was_found():
    wish = Notice("foreign_domain", "The settings are at another.example.")
    refused = SourceReport(Source.AUTODISCOVER, Outcome.REFUSED, needs_consent=(wish,))
    assert merged(refused).needs_consent == (wish,)
    assert merged(reported(Source.SRV, found(IMAP, Source.SRV)), refused).needs_consent == ()


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([Outcome.UNREACHABLE, Outcome.CANCELLED], True),
        ([Outcome.UNREACHABLE, Outcome.NOTHING], False),
        ([Outcome.CANCELLED], False),
        ([], False),
    ],
)
def test_a_network_in_which_nobody_answers_is_said(outcomes, said):
    known = SourceReport(Source.CATALOGUE, Outcome.NOTHING)
    sources = [Source.SRV, Source.MX]
    reports = [SourceReport(source, outcome) for source, outcome in zip(sources, outcomes, strict=False)]
    assert ("no_network" in codes(merged(known, *reports).warnings)) is said


def test_a_server_without_encryption_is_agreed_to_as_well():
    plain = found(SMTP, Source.ISPDB, security="plain", verified=None)
    assert codes(merged(reported(Source.ISPDB, plain), allow_insecure=True).needs_consent) == ["plaintext"]
    assert merged(reported(Source.ISPDB, plain)).smtp is None


# --- what the catalogue says


def look(address, **options):
    return discover(parse_address(address), LookUpOptions(offline=True, **options))


def test_placeholders_are_filled_in():
    report = look("anna.rossi@web.de")
    assert report.imap.server.username == report.smtp.server.username == "anna.rossi"
    assert look("anna@icloud.com").smtp.server.username == "anna@icloud.com"


def test_a_user_name_that_looks_like_a_placeholder_is_filled_in_once():
    assert look("%EMAILDOMAIN%@web.de").imap.server.username == "%EMAILDOMAIN%"


def test_a_catalogue_server_is_trusted_and_not_yet_verified():
    report = look("anna@libero.it")
    found = (report.imap, report.pop3, report.smtp)
    assert {found_server.evidence.source for found_server in found} == {Source.CATALOGUE}
    assert {found_server.evidence.trust for found_server in found} == {Trust.AUTHENTICATED}
    assert {found_server.verified for found_server in found} == {None}
    assert report.needs_consent == ()
    assert report.usable
    assert report.offer == "both"


def test_further_servers_are_alternatives_by_protocol():
    report = look("anna@gmx.net")
    assert [(found.server.protocol, found.server.port) for found in report.alternatives] == [
        (Protocol.IMAP, 143),
        (Protocol.POP3, 110),
        (Protocol.SMTP, 587),
    ]


@pytest.mark.parametrize("address", ["anna@aruba.it"])
def test_unverified_servers_are_guesses_that_need_consent_and_are_warned_of(address):
    report = look(address)
    for server in (report.imap, report.smtp):
        assert server.evidence.trust is Trust.GUESSED
        for notices in (report.needs_consent, report.warnings):
            assert any(server.server.hostname in notice.text for notice in notices)
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
    assert any("fastmail.fm" in notice.text for notice in report.warnings if notice.code == "unverified_facts")
    assert look("anna@fastmail.com").imap.evidence.trust is Trust.AUTHENTICATED


def test_an_unverified_step_is_called_so():
    (warning,) = look("anna@o2.pl").warnings
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


def only_unencrypted(example):
    example["incoming"] = [{**example["incoming"][0], "protocol": "pop3", "port": 110, "socket_type": "plain"}]
    example["outgoing"] = [{**example["outgoing"][0], "port": 587, "socket_type": "plain"}]
    example["offers"] = {**example["offers"], "protocols": "pop_only"}
    example["sources"]["guide"]["confidence"] = "reported"
    return example


def test_a_server_without_encryption_is_left_out_with_a_warning(write, own, example):
    write(only_unencrypted(example))
    report = look("anna@example.org", templates=own)
    assert report.pop3 is report.smtp is None
    assert not report.usable
    assert codes(report.warnings) == ["plaintext_only", "offer_not_confirmed"]
    assert "--allow-insecure" in report.warnings[0].text


def test_a_server_without_encryption_counts_where_it_is_permitted_and_is_still_warned_of(write, own, example):
    write(only_unencrypted(example))
    report = look("anna@example.org", templates=own, allow_insecure=True)
    assert report.pop3.server.port == 110
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
    assert insecure.alternatives == ()


def test_oauth2_alone_is_warned_of():
    assert codes(look("anna@outlook.com").warnings) == ["oauth2_only"]
    assert codes(look("anna@gmail.com").warnings) == []


def test_one_listed_protocol_is_no_proof_that_the_other_is_not_offered():
    report = look("anna@ocn.ne.jp")
    assert report.imap is None
    assert "offer_not_confirmed" in codes(report.warnings)
    confirmed = look("anna@icloud.com")
    assert confirmed.offer == "imap_only"
    assert codes(confirmed.warnings) == []


def test_one_protocol_of_a_provider_of_which_the_other_is_not_known_leaves_the_offer_open():
    assert look("anna@mailbox.org").offer is None


def test_a_user_name_that_the_address_does_not_give_is_warned_of():
    (warning,) = [notice for notice in look("anna@legalmail.it").warnings if notice.code == "user_id_not_address"]
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
    report = merge_reports(address, [catalogue.find(address, OFFLINE)], OFFLINE, 1, today)
    assert ("old_facts" in codes(report.warnings)) is old


def test_nothing_known_is_a_report_too():
    report = look("anna@unknown.example")
    assert report.provider is None
    assert not report.usable
    assert report.offer is None
    assert [(source_report.source, source_report.outcome) for source_report in report.sources] == [
        (Source.CATALOGUE, Outcome.NOTHING)
    ]
    assert report.warnings == report.needs_consent == ()


def test_an_internationalised_domain_of_an_own_file_is_found(write, own, example):
    example["domains"]["guide"] = ["xn--bcher-kva.example"]
    write(example)
    report = look("anna@bücher.example", templates=own)
    assert report.provider.id == "example"
    assert report.imap.server.username == "anna@xn--bcher-kva.example"


def test_every_fact_that_nobody_confirmed_is_named(write, own, example):
    example["password"]["source"] = "hearsay"
    example["quirks"] = [
        {"code": "odd_folders", "text": "Folders have odd names.", "source": "hearsay"},
        {"code": "regional_servers", "text": "Other regions have other servers.", "source": "hearsay"},
        {"code": "known_quirk", "text": "This one is certain.", "source": "guide"},
    ]
    write(example)
    texts = [
        warning.text
        for warning in look("anna@example.org", templates=own).warnings
        if warning.code == "unverified_facts"
    ]
    assert texts == [
        "Not verified: which password Example Mail expects here.",
        "Not verified: Folders have odd names.",
        "Not verified: Other regions have other servers.",
    ]
    assert codes(look("anna@example.org", templates=own).warnings) == ["unverified_facts"] * 3


@pytest.mark.parametrize(("kept", "listed", "other"), [("imap", "IMAP", "POP3"), ("pop3", "POP3", "IMAP")])
def test_a_protocol_that_is_not_listed_is_called_open_unless_that_is_confirmed(
    kept, listed, other, write, own, example
):
    example["incoming"] = [server for server in example["incoming"] if server["protocol"] == kept]
    example["offers"] = {"protocols": "imap_only" if kept == "imap" else "pop_only", "source": "hearsay"}
    write(example)
    (warning,) = look("anna@example.org", templates=own).warnings
    assert warning.code == "offer_not_confirmed"
    assert warning.text == (f"For Example Mail only {listed} is listed; whether it offers {other} too is not verified.")
    example["offers"]["source"] = "guide"
    write(example)
    assert look("anna@example.org", templates=own).warnings == ()


def test_what_somebody_published_stays_although_the_domain_denies_the_protocol():
    denying = reported(Source.SRV, found(IMAP, Source.SRV), not_offered=(Protocol.POP3,))
    published = reported(Source.AUTOCONFIG, found(Protocol.POP3, Source.AUTOCONFIG))
    assert merged(denying, published).pop3 is not None


@pytest.mark.parametrize("change", [{"port": 1993}, {"security": "STARTTLS", "port": 993}])
def test_another_port_or_another_security_is_another_server(change):
    report = merged(reported(Source.SRV, found(IMAP, Source.SRV), found(IMAP, Source.SRV, **change)))
    assert len(report.alternatives) == 1


def test_of_two_who_saw_the_same_the_higher_source_says_how_to_log_in():
    higher = found(IMAP, Source.AUTOCONFIG, auth=(AuthenticationMethod.OAUTH2,))
    report = merged(reported(Source.AUTOCONFIG, higher), reported(Source.ISPDB, found(IMAP, Source.ISPDB)))
    assert report.imap.server.authentication == (AuthenticationMethod.OAUTH2,)


def test_facts_are_old_where_one_server_of_the_account_is_the_catalogues():
    address = parse_address("anna@posteo.de")
    known = catalogue.find(address, OFFLINE)
    other = reported(Source.SRV, found(IMAP, Source.SRV, host="imap.posteo.de"))
    both = merge_reports(address, [known, other], OFFLINE, 1, "2035-01-01")
    assert both.imap.evidence.source is Source.SRV
    assert "old_facts" in codes(both.warnings)
    foreign = replace(known, servers=())
    assert "old_facts" not in codes(merge_reports(address, [foreign, other], OFFLINE, 1, "2035-01-01").warnings)
