"""Words of a text, and patterns of words."""

from __future__ import annotations

import pytest

from wizard.diagnosis.words import GAP, MOST_WORDS, nearly_contains, parse_pattern, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("La password è SCADUTA", "la password e scaduta"),
        ("BasicAuthBlocked", "basic auth blocked"),
        ("You can't log in, e-mail is off", "you can not login email is off"),
        ("<anna@example.org>: mail.example.org [203.0.113.7] said 5.7.1 no", "said no"),
        ("NO [IN-USE] locked", "locked"),
        ("see https://www.spamhaus.org/query/ip/1.2.3.4 now", "see now"),
        ("IMAP4 and OAuth2, 24 hours, id 4f3a9c01", "imap and oauth hours id"),
    ],
)
def test_words_are_small_without_accents_codes_numbers_and_names(text, words):
    assert " ".join(words_of(text).words) == words


def test_hosts_of_web_addresses_are_kept_beside():
    assert words_of("see https://www.Spamhaus.org/query").hosts == ("www.spamhaus.org",)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("mailbox locked", "the mailbox locked itself", True),
        ("mailbox locked", "the mailbox is locked", False),
        ("mailbox .. locked", "the mailbox is locked", True),
        ("mailbox .. locked", "locked is the mailbox", False),
        ("mailbox + locked", "locked is the mailbox", True),
        ("mailbox .. locked", "mailbox " + "x " * GAP + "locked", True),
        ("mailbox .. locked", "mailbox " + "x " * (GAP + 1) + "locked", False),
        ("lock*|busy", "locking", True),
        ("*versuche", "Anmeldeversuche", True),
        ("*spam*", "antispamfilter", True),
        ("mailbox .. locked", "the mailbox is not locked", False),
        ("locked", "it was never really locked", False),
        ("too many attempts", "not allowed; too many attempts", True),
        ("not .. allowed", "you are not allowed", True),
        ("caduc*", "ha caducado", True),
    ],
)
def test_a_pattern_matches_words_in_order_unless_they_are_negated(pattern, text, matches):
    assert parse_pattern(pattern).matches(words_of(text)) is matches


@pytest.mark.parametrize("written", ["", "a(b", "a.b c", "*"])
def test_a_pattern_without_words_or_with_other_signs_is_refused(written):
    with pytest.raises(ValueError, match=r".*"):
        parse_pattern(written)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("please log via your web browser", True),
        ("please log with your new web browser now", True),
        ("please log with web browser", True),
        ("please do log via the web browser", False),
        ("please log not with your web browser", False),
    ],
)
def test_one_word_of_a_sentence_may_differ_and_none_that_negates(text, near):
    wanted = ("please", "log", "with", "your", "web", "browser")
    assert nearly_contains(tuple(text.split()), wanted) is near


@pytest.mark.parametrize(
    "text", ["a" * 500, "a-" * 250, "[A " * 160, "1" * 500 + "é", "x@" * 250, "a." * 250, "a b " * 125]
)
def test_of_hostile_text_so_many_words_are_read(text):
    assert len(words_of(text).words) <= MOST_WORDS
