"""What is doubtful, and what must be agreed to: guesses, other domains, no encryption, sources that contradict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.discovery.findings import found, reported
from wizard.discovery.consent import (
    CONSENT_CODES,
    PAID_PLAN,
    agreed_report,
    consent_for_account,
    consent_to_hosts,
    consent_to_redirect,
    consent_to_referral,
    disagreements,
    doubtful_servers,
    is_foreign,
    is_own_host,
    needed_consent,
    registrable_names,
)
from wizard.model.address import Domain, parse_address
from wizard.model.discovery import DiscoveryReport, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Notice
from wizard.model.servers import Protocol

ANNA = parse_address("anna@example.org")
DOMAIN = Domain("example.org")
IMAP, POP3, SMTP = Protocol.IMAP, Protocol.POP3, Protocol.SMTP
FOREIGN = {"host": "mail.hoster.example", "trust": Trust.UNAUTHENTICATED}
GUESSED = {"trust": Trust.GUESSED}


def codes(notices):
    return [notice.code for notice in notices]


# --- another domain


@pytest.mark.parametrize(
    ("source", "trust", "host", "foreign"),
    [
        (Source.SRV, Trust.UNAUTHENTICATED, "mail.hoster.example", True),
        (Source.SRV, Trust.UNAUTHENTICATED, "mail.example.org", False),
        (Source.SRV, Trust.UNAUTHENTICATED, "example.org", False),
        (Source.SRV, Trust.UNAUTHENTICATED, "mail.example.org.evil.example", True),
        (Source.SRV, Trust.UNAUTHENTICATED, "mail.notexample.org", True),
        (Source.SRV, Trust.AUTHENTICATED, "mail.hoster.example", False),
        (Source.PROBE, Trust.GUESSED, "mail.hoster.example", True),
        (Source.PROBE, Trust.GUESSED, "mail.example.org", False),
        (Source.CATALOGUE, Trust.GUESSED, "mail.hoster.example", False),
        (Source.USER, Trust.UNAUTHENTICATED, "mail.hoster.example", False),
    ],
)
def test_a_server_elsewhere_is_foreign_unless_its_source_can_be_trusted(source, trust, host, foreign):
    assert is_foreign(found(IMAP, source, host=host, trust=trust), DOMAIN) is foreign


@pytest.mark.parametrize(
    ("host", "domain", "own"),
    [
        ("example.org", "example.org", True),
        ("autoconfig.example.org", "example.org", True),
        ("mail.example.org", "sub.example.org", True),
        ("example.com", "example.org", False),
        ("github.io", "github.io", True),
        ("autoconfig.github.io", "github.io", False),
        ("one.github.io", "two.github.io", False),
    ],
)
def test_below_a_public_suffix_every_name_has_another_owner(host, domain, own):
    assert is_own_host(host, Domain(domain)) is own


def test_domains_are_named_in_full_once_each_and_with_both_writings():
    hosts = ["a.hoster.example", "b.hoster.example", "imap.bücher.example", "co.uk", "x.deep.example.co.uk"]
    hosts[2] = "imap.xn--bcher-kva.example"
    names = registrable_names(hosts)
    assert names == "hoster.example, bücher.example (xn--bcher-kva.example), co.uk, example.co.uk"


@pytest.mark.parametrize(
    "notice",
    [
        consent_to_redirect("autoconfig.example.org", ["cdn.evil.example"], DOMAIN),
        consent_to_referral("cdn.evil.example", DOMAIN),
        consent_to_hosts(["cdn.evil.example"], DOMAIN, "Both are one machine."),
    ],
)
def test_every_question_of_a_source_names_the_domain_and_the_other_one(notice):
    assert notice.code == "foreign_domain"
    assert "example.org" in notice.text
    assert "evil.example" in notice.text
    assert "cdn." not in notice.text
    assert notice.text.endswith("?")


def test_the_questions_of_sources_give_their_reason():
    assert "autoconfig.example.org redirects" in consent_to_redirect("autoconfig.example.org", ["x.test"], DOMAIN).text
    assert consent_to_hosts(["x.test"], DOMAIN, "Both are one machine.").text.startswith("Both are one mach")


# --- what the chosen servers need


def test_each_kind_of_doubt_is_one_question_that_names_all_its_servers():
    chosen = [
        found(IMAP, Source.PROBE, **GUESSED),
        found(POP3, Source.SRV, **FOREIGN),
        found(SMTP, Source.ISPDB, security="plain"),
    ]
    notices = needed_consent(chosen, DOMAIN, ())
    assert codes(notices) == ["guess", "foreign_domain", "plaintext"]
    assert notices[0].text.endswith("IMAP mail.example.org 993.")
    assert "for example.org are at hoster.example, and" in notices[1].text
    assert "The connection to SMTP mail.example.org 587 is" in notices[2].text
    assert {*codes(notices)} == {*CONSENT_CODES} - {PAID_PLAN}  # which is about the provider, not a server


def test_what_can_be_trusted_and_encrypts_needs_none():
    chosen = [found(IMAP, Source.ISPDB), found(SMTP, Source.SRV, trust=Trust.UNAUTHENTICATED, security="STARTTLS")]
    assert needed_consent(chosen, DOMAIN, ()) == ()


def test_several_servers_of_a_kind_are_listed_together():
    guesses = [found(protocol, Source.PROBE, **GUESSED) for protocol in (IMAP, SMTP)]
    (notice,) = needed_consent(guesses, DOMAIN, ())
    assert notice.text.endswith(": IMAP mail.example.org 993, SMTP mail.example.org 465.")


def test_a_foreign_guess_is_both():
    assert codes(needed_consent([found(IMAP, Source.PROBE, host="x.hoster.example", **GUESSED)], DOMAIN, ())) == [
        "guess",
        "foreign_domain",
    ]


def test_a_domain_that_a_source_asks_about_with_its_reason_is_asked_about_once():
    own_question = consent_to_redirect("autoconfig.example.org", ["x.hoster.example"], DOMAIN)
    server = found(IMAP, Source.AUTOCONFIG, **FOREIGN)
    report = reported(Source.AUTOCONFIG, server, needs_consent=(own_question, own_question))
    assert needed_consent([server], DOMAIN, [report]) == (own_question,)
    elsewhere = found(SMTP, Source.SRV, host="smtp.third.example", trust=Trust.UNAUTHENTICATED)
    first, second = needed_consent([server, elsewhere], DOMAIN, [report])
    assert "are at third.example, and" in first.text  # the other domain alone
    assert second == own_question


def test_what_a_source_asks_counts_where_an_unproven_server_of_it_is_used():
    question = Notice("foreign_domain", "It was read elsewhere.")
    doubtful = found(IMAP, Source.AUTOCONFIG, trust=Trust.UNAUTHENTICATED)
    report = reported(Source.AUTOCONFIG, doubtful, needs_consent=(question,))
    assert needed_consent([doubtful], DOMAIN, [report]) == (question,)
    assert needed_consent([found(IMAP, Source.AUTOCONFIG)], DOMAIN, [report]) == ()
    assert needed_consent([found(IMAP, Source.SRV, trust=Trust.UNAUTHENTICATED)], DOMAIN, [report]) == ()


def test_what_a_source_did_not_read_for_want_of_consent_is_asked_where_there_is_nothing_else():
    question = Notice("foreign_domain", "It is said to be elsewhere.")
    refused = SourceReport(Source.AUTODISCOVER, Outcome.REFUSED, needs_consent=(question,))
    assert needed_consent([], DOMAIN, [refused]) == (question,)
    assert needed_consent([found(IMAP, Source.SRV)], DOMAIN, [refused]) == ()
    found_nothing = SourceReport(Source.AUTODISCOVER, Outcome.NOTHING, needs_consent=(question,))
    assert needed_consent([], DOMAIN, [found_nothing]) == ()


# --- what one account needs


def report_of(imap=None, pop3=None, smtp=None):
    chosen = [server for server in (imap, pop3, smtp) if server is not None]
    needs = needed_consent(chosen, DOMAIN, ())
    return DiscoveryReport(address=ANNA, imap=imap, pop3=pop3, smtp=smtp, needs_consent=needs)


def test_an_account_needs_consent_for_the_servers_that_it_uses_only():
    guess, sure = found(POP3, Source.PROBE, **GUESSED), found(IMAP, Source.SRV)
    report = report_of(sure, guess, found(SMTP, Source.SRV))
    assert codes(report.needs_consent) == ["guess"]
    assert consent_for_account(report, IMAP, ()) == []
    assert consent_for_account(report, POP3, ()) == list(report.needs_consent)


def test_the_question_names_the_servers_of_the_account_and_guesses_that_files_name_beside_them():
    report = report_of(*(found(protocol, Source.PROBE, **GUESSED) for protocol in (IMAP, POP3, SMTP)))
    (notice,) = consent_for_account(report, POP3, ())
    assert "POP3 mail.example.org 995, SMTP mail.example.org 465, IMAP mail.example.org 993" in notice.text


def test_the_question_about_another_domain_stays_as_it_was_asked():
    report = report_of(imap=found(IMAP, Source.SRV, **FOREIGN), smtp=found(SMTP, Source.SRV, **FOREIGN))
    assert consent_for_account(report, IMAP, ()) == list(report.needs_consent)


def test_what_was_agreed_to_before_is_not_asked_again():
    report = report_of(
        imap=found(IMAP, Source.PROBE, host="x.hoster.example", **GUESSED),
        smtp=found(SMTP, Source.ISPDB, security="plain"),
    )
    assert codes(consent_for_account(report, IMAP, ())) == ["guess", "foreign_domain", "plaintext"]
    assert codes(consent_for_account(report, IMAP, ("foreign_domain",))) == ["guess", "plaintext"]
    assert consent_for_account(report, IMAP, CONSENT_CODES) == []


DOUBTED = {
    "guess": (GUESSED, {"trust": Trust.UNAUTHENTICATED}),
    "foreign_domain": (FOREIGN, {}),
    "plaintext": ({"security": "plain"}, {"security": "STARTTLS"}),
    "another": ({}, None),
}


@pytest.mark.parametrize("code", DOUBTED)
def test_the_servers_that_a_doubt_is_about_are_those_of_the_account_and_not_what_was_typed(code):
    doubtful, certain = DOUBTED[code]
    smtp = found(SMTP, Source.SRV, **doubtful)
    assert doubtful_servers(report_of(smtp=smtp), IMAP, code) == [smtp]
    assert doubtful_servers(report_of(smtp=found(SMTP, Source.USER, **doubtful)), IMAP, code) == []
    imap, pop3 = found(IMAP, Source.SRV, **GUESSED), found(POP3, Source.SRV, **GUESSED)
    if code in ("guess", "another"):
        assert doubtful_servers(report_of(imap, pop3, smtp), IMAP, code) == [imap, smtp]
        assert doubtful_servers(report_of(imap, pop3, smtp), POP3, code) == [pop3, smtp]
    if certain is not None:
        assert doubtful_servers(report_of(smtp=found(SMTP, Source.SRV, **certain)), IMAP, code) == []


# --- what may stand beside the servers of an account


ELSEWHERE = {"host": "pop.other.example", "trust": Trust.UNAUTHENTICATED}
SAME_DOMAIN = {"host": "pop.hoster.example", "trust": Trust.UNAUTHENTICATED}


@pytest.mark.parametrize(
    ("used", "further", "agreed"),
    [
        ({}, {}, True),
        ({}, {"host": "pop.hoster.example"}, True),  # somebody who can be trusted said so
        ({}, ELSEWHERE, False),
        ({}, GUESSED, False),
        ({}, {**GUESSED, "host": "pop.example.org"}, False),
        (GUESSED, GUESSED, True),
        (GUESSED, {**GUESSED, "host": "pop.example.org"}, False),
        (GUESSED, ELSEWHERE, False),
        (FOREIGN, SAME_DOMAIN, True),
        (FOREIGN, ELSEWHERE, False),
        (FOREIGN, {**SAME_DOMAIN, **GUESSED}, False),
        ({**FOREIGN, **GUESSED}, {**SAME_DOMAIN, **GUESSED, "host": "mail.hoster.example"}, True),
    ],
)
def test_a_further_server_needs_no_consent_or_is_named_by_what_was_agreed_to(used, further, agreed):
    report = report_of(found(IMAP, Source.SRV, **used), found(POP3, Source.SRV, **further), found(SMTP, Source.SRV))
    other = found(IMAP, Source.SRV, **further, port=143, security="STARTTLS")
    kept = agreed_report(replace(report, alternatives=(other,)), IMAP)
    assert (kept.pop3 is not None, kept.alternatives != ()) == (agreed, agreed)
    assert (kept.imap, kept.smtp) == (report.imap, report.smtp)


@pytest.mark.parametrize("reading", ["SSL", "plain"])
@pytest.mark.parametrize("sending", ["SSL", "plain"])
def test_what_does_not_encrypt_stands_beside_no_server_that_does(reading, sending):
    used = [found(IMAP, Source.SRV, security=reading, port=143), found(SMTP, Source.SRV, security=sending, port=587)]
    plain = found(POP3, Source.SRV, security="plain", port=110)
    kept = agreed_report(report_of(used[0], plain, used[1]), IMAP)
    assert (kept.pop3 is not None) is (reading == sending == "plain")


def test_a_server_that_was_typed_agrees_to_no_other_and_needs_no_consent_itself():
    typed = found(IMAP, Source.USER, host="mail.hoster.example", trust=Trust.GUESSED)
    report = report_of(typed, found(POP3, Source.SRV, **SAME_DOMAIN), found(SMTP, Source.SRV))
    assert agreed_report(report, IMAP).pop3 is None
    assert agreed_report(report_of(found(IMAP, Source.SRV), typed_pop3(), found(SMTP, Source.SRV)), IMAP).pop3


def typed_pop3():
    return found(POP3, Source.USER, host="mail.hoster.example", trust=Trust.GUESSED)


def test_what_a_source_asks_about_itself_holds_for_its_other_servers():
    question = Notice("foreign_domain", "It was read elsewhere.")
    own = {"trust": Trust.UNAUTHENTICATED}
    asking = reported(Source.AUTOCONFIG, found(POP3, Source.AUTOCONFIG, **own), needs_consent=(question,))
    for source, agreed in ((Source.AUTOCONFIG, True), (Source.SRV, False)):
        used = report_of(found(IMAP, source, **own), asking.servers[0], found(SMTP, Source.SRV, **own))
        assert (agreed_report(replace(used, sources=(asking,)), IMAP).pop3 is not None) is agreed


# --- sources that contradict each other


def contradictions(*reports, chosen=()):
    return list(disagreements(reports, chosen))


def test_different_servers_of_a_protocol_are_both_shown_with_their_state():
    chosen = found(IMAP, Source.SRV, host="a.example.org")
    (notice,) = contradictions(
        reported(Source.SRV, chosen),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB, host="b.example.org", verified=None)),
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, host="c.example.org", verified=False)),
        chosen=[chosen],
    )
    assert notice.code == "sources_disagree"
    assert notice.text == (
        "The sources disagree about IMAP: DNS records (SRV): a.example.org 993 (answers); "
        "Thunderbird (ISPDB): b.example.org 993 (not tried); "
        "autoconfig: c.example.org 993 (does not answer as it should). Chosen: a.example.org 993."
    )


@pytest.mark.parametrize("protocol", [IMAP, POP3, SMTP])
def test_each_protocol_is_compared_with_itself(protocol):
    chosen = found(protocol, Source.SRV, host="a.example.org")
    other = found(protocol, Source.ISPDB, host="b.example.org")
    (notice,) = contradictions(reported(Source.SRV, chosen), reported(Source.ISPDB, other), chosen=[chosen])
    assert notice.text.startswith(f"The sources disagree about {protocol.value.upper()}: ")


def test_servers_of_different_protocols_contradict_nobody():
    chosen = [found(IMAP, Source.SRV, host="a.example.org"), found(SMTP, Source.ISPDB, host="b.example.org")]
    assert contradictions(reported(Source.SRV, chosen[0]), reported(Source.ISPDB, chosen[1]), chosen=chosen) == []


@pytest.mark.parametrize(
    "change",
    [{"host": "b.example.org"}, {"security": "STARTTLS"}, {"port": 143}, {"security": "STARTTLS", "port": 993}],
)
def test_a_server_in_common_is_no_contradiction(change):
    first, second = found(IMAP, Source.SRV), found(IMAP, Source.ISPDB, **change)
    assert codes(contradictions(reported(Source.SRV, first), reported(Source.ISPDB, second), chosen=[first])) == [
        "sources_disagree"
    ]
    both = reported(Source.ISPDB, second, found(IMAP, Source.ISPDB))
    assert contradictions(reported(Source.SRV, first), both, chosen=[first]) == []


def test_of_three_sources_any_two_can_contradict_each_other():
    chosen = found(IMAP, Source.SRV, host="a.example.org")
    reports = [
        reported(Source.SRV, chosen, found(IMAP, Source.SRV, host="b.example.org")),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB, host="a.example.org")),
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, host="b.example.org")),
    ]
    assert codes(contradictions(*reports, chosen=[chosen])) == ["sources_disagree"]


def test_a_source_is_shown_by_the_server_that_answered():
    chosen = found(IMAP, Source.SRV, host="a.example.org")
    two = [found(IMAP, Source.ISPDB, host=f"{name}.example.org", verified=name == "c") for name in "bc"]
    (notice,) = contradictions(reported(Source.SRV, chosen), reported(Source.ISPDB, *two), chosen=[chosen])
    assert "Thunderbird (ISPDB): c.example.org 993 (answers)" in notice.text


def test_a_source_of_which_nothing_answered_is_shown_by_what_it_names_first():
    chosen = found(IMAP, Source.SRV, host="a.example.org")
    two = [found(IMAP, Source.ISPDB, host=f"{name}.example.org", verified=None) for name in "bc"]
    (notice,) = contradictions(reported(Source.SRV, chosen), reported(Source.ISPDB, *two), chosen=[chosen])
    assert "Thunderbird (ISPDB): b.example.org 993 (not tried)" in notice.text


def test_all_servers_of_a_source_count_and_not_only_the_one_that_is_taken():
    chosen = found(IMAP, Source.SRV, host="a.example.org")
    srv = reported(Source.SRV, chosen, found(IMAP, Source.SRV, host="b.example.org"))
    ispdb = reported(Source.ISPDB, found(IMAP, Source.ISPDB, host="b.example.org"))
    assert contradictions(srv, ispdb, chosen=[chosen]) == []


def test_contradictions_come_in_the_order_of_the_protocols():
    chosen = [found(protocol, Source.SRV, host="a.example.org") for protocol in (SMTP, POP3, IMAP)]
    others = [found(protocol, Source.ISPDB, host="b.example.org") for protocol in (POP3, SMTP, IMAP)]
    notices = contradictions(reported(Source.SRV, *chosen), reported(Source.ISPDB, *others), chosen=chosen)
    assert [notice.text.split(":")[0].rpartition(" ")[2] for notice in notices] == ["IMAP", "POP3", "SMTP"]


def test_servers_without_encryption_contradict_nobody():
    chosen = found(SMTP, Source.SRV)
    plain = reported(Source.ISPDB, found(SMTP, Source.ISPDB, host="b.example.org", security="plain"))
    assert contradictions(reported(Source.SRV, chosen), plain, chosen=[chosen]) == []


def test_where_no_server_is_taken_there_is_nothing_to_contradict():
    named = [found(IMAP, source, host=f"{source.value}.example.org") for source in (Source.SRV, Source.ISPDB)]
    assert contradictions(*(reported(server.evidence.source, server) for server in named)) == []


@pytest.mark.parametrize("source", [Source.PROBE, Source.USER])
def test_a_guess_contradicts_nobody_and_what_was_typed_is_meant_to(source):
    chosen = found(IMAP, Source.ISPDB, username="anna")
    other = found(IMAP, source, host="b.example.org", trust=Trust.GUESSED)
    same = found(IMAP, source, trust=Trust.GUESSED)
    for server in (other, same):
        assert contradictions(reported(Source.ISPDB, chosen), reported(source, server), chosen=[chosen]) == []


def test_a_guess_that_is_taken_instead_of_what_was_published_is_shown():
    stale = found(IMAP, Source.AUTOCONFIG, host="old.example.org", verified=False)
    guess = found(IMAP, Source.PROBE, **GUESSED)
    (notice,) = contradictions(reported(Source.AUTOCONFIG, stale), reported(Source.PROBE, guess), chosen=[guess])
    assert "usual names: mail.example.org 993 (answers)" in notice.text


def test_a_chosen_server_that_does_not_answer_is_told_with_its_reason():
    silent = found(IMAP, Source.SRV, verified=False, trouble="It did not answer.")
    assert contradictions(reported(Source.SRV, silent), chosen=[silent]) == [
        Notice("not_answering", "It did not answer.")
    ]
    for verified in (True, None):
        assert contradictions(chosen=[found(IMAP, Source.SRV, verified=verified)]) == []


def test_user_names_of_one_server_are_compared_and_those_of_a_convention_are_not():
    anna = reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, username="anna"))
    whole = reported(Source.ISPDB, found(IMAP, Source.ISPDB))
    (notice,) = contradictions(anna, whole)
    assert notice.code == "usernames_disagree"
    assert "autoconfig: anna; Thunderbird (ISPDB): anna@example.org. If" in notice.text
    convention = reported(Source.SRV, found(IMAP, Source.SRV))
    assert contradictions(anna, convention) == []
    assert codes(contradictions(convention, anna, whole)) == ["usernames_disagree"]
    assert contradictions(anna, reported(Source.ISPDB, found(IMAP, Source.ISPDB, username="anna"))) == []
    elsewhere = reported(Source.ISPDB, found(IMAP, Source.ISPDB, host="b.example.org"))
    assert contradictions(anna, elsewhere) == []


def test_a_protocol_with_two_contradictions_about_user_names_tells_the_first():
    def report(source, name):
        return reported(
            source, *(found(IMAP, source, security=security, username=name) for security in ("SSL", "STARTTLS"))
        )

    (notice,) = contradictions(report(Source.AUTOCONFIG, "anna"), report(Source.ISPDB, "a.rossi"))
    assert "autoconfig: anna; Thunderbird (ISPDB): a.rossi." in notice.text


def test_the_first_source_that_named_a_user_name_stands_for_it():
    sources = (Source.AUTOCONFIG, Source.WELL_KNOWN, Source.ISPDB)
    names = ("anna", "anna", "anna@example.org")
    reports = [
        reported(source, found(IMAP, source, username=name)) for source, name in zip(sources, names, strict=True)
    ]
    (notice,) = contradictions(*reports)
    assert "autoconfig: anna; Thunderbird (ISPDB): anna@example.org." in notice.text


def test_a_guess_beside_servers_that_the_domain_itself_named_leads_to_no_stranger():
    def asked(trust, host):
        named = found(Protocol.IMAP, Source.AUTOCONFIG, host="imap.hoster.example", trust=trust)
        guess = found(Protocol.SMTP, Source.PROBE, host=host, trust=Trust.GUESSED)
        return {notice.code for notice in needed_consent([named, guess], DOMAIN, [])}

    assert asked(Trust.AUTHENTICATED, "smtp.hoster.example") == {"guess"}
    assert asked(Trust.AUTHENTICATED, "smtp.other.example") == {"guess", "foreign_domain"}
    assert asked(Trust.UNAUTHENTICATED, "smtp.hoster.example") == {"guess", "foreign_domain"}
