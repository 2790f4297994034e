"""One report of what every source said: who wins, what agreement is worth, what is said of a disagreement."""

from __future__ import annotations

import pytest

from tests.discovery.findings import found, reported
from wizard.discovery.merging import merge
from wizard.discovery.options import LookUpOptions
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.notice import Notice
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

ANNA = parse_address("anna@example.org")
IMAP, SMTP = Protocol.IMAP, Protocol.SMTP


def merged(*reports, **options):
    return merge(ANNA, reports, LookUpOptions(**options), 100, "2026-11-25")


def codes(notices):
    return [one.code for one in notices]


def test_the_higher_source_wins_where_both_answer():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV, host="a.example.org")),
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, host="b.example.org")),
    )
    assert report.imap.server.hostname == "a.example.org"
    assert [one.server.hostname for one in report.alternatives] == ["b.example.org"]


def test_what_the_live_server_says_decides():
    report = merged(
        reported(Source.AUTOCONFIG, found(IMAP, Source.AUTOCONFIG, host="old.example.org", verified=False)),
        reported(Source.ISPDB, found(IMAP, Source.ISPDB, host="new.example.org")),
    )
    assert report.imap.server.hostname == "new.example.org"
    (notice,) = [one for one in report.warnings if one.code == "sources_disagree"]
    assert "autoconfig: old.example.org 993 (does not answer)" in notice.text
    assert "ispdb: new.example.org 993 (answers)" in notice.text
    assert notice.text.endswith("Taken: new.example.org 993.")


def test_what_the_domain_says_it_does_not_offer_is_not_guessed():
    report = merged(
        reported(Source.SRV, found(IMAP, Source.SRV), not_offered=(Protocol.POP3,)),
        reported(Source.PROBE, *(found(one, Source.PROBE, trust=Trust.GUESSED) for one in (Protocol.POP3, SMTP))),
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
    (notice,) = [one for one in report.warnings if one.code == "usernames_disagree"]
    assert "autoconfig: anna; ispdb: anna@example.org" in notice.text


def test_several_user_names_of_one_source_are_its_alternatives_and_no_disagreement():
    names = [found(IMAP, Source.AUTOCONFIG, username=f"anna{at}") for at in range(60)]
    report = merged(reported(Source.AUTOCONFIG, *names), reported(Source.ISPDB, found(IMAP, Source.ISPDB)))
    (notice,) = [one for one in report.warnings if one.code == "usernames_disagree"]
    assert "autoconfig: anna0; ispdb: anna@example.org" in notice.text
    alone = merged(reported(Source.AUTOCONFIG, *names))
    assert "usernames_disagree" not in [one.code for one in alone.warnings]


def test_other_user_names_for_the_same_server_are_kept_up_to_a_few():
    names = [found(IMAP, Source.AUTOCONFIG, username=f"anna{at}") for at in range(60)]
    asked = found(IMAP, Source.AUTOCONFIG, username="anna1", host="other.example.org", verified=None)
    report = merged(reported(Source.SRV, found(IMAP, Source.SRV)), reported(Source.AUTOCONFIG, *names, asked))
    assert report.imap.server.username == "anna0"
    others = [(one.server.hostname, one.server.username, one.verified) for one in report.alternatives]
    assert others == [
        *(("mail.example.org", f"anna{at}", True) for at in range(1, 5)),
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
