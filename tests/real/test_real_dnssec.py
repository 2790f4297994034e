"""A validating resolver and a signed zone make SRV and MX records as good as https: Knot signs, Unbound validates."""

from __future__ import annotations

import pytest
from daemons import start_unbound, trust_anchor
from internet import DISTANT, MISLED, NAMES, TRUSTED, check, internet, outcome, servers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """The signed zone, and resolvers that validate it: on this machine, elsewhere, and with a wrong key."""
    with internet(tmp_path_factory.mktemp("signed"), "knot signed") as made:
        anchor = trust_anchor(made.directory, "test.")
        words = anchor.split()
        wrong = " ".join([*words[:-1], "0" * len(words[-1])])
        for name, addresses, key in (("unbound", (TRUSTED, DISTANT), anchor), ("misled", (MISLED,), wrong)):
            start_unbound(made.space, made.directory / name, addresses, "test.", authority=NAMES, anchor=key)
        yield made


def test_validated_srv_records_are_sure(signed) -> None:
    signed.space.resolve_by(TRUSTED)
    document = signed.discover("anna@example.test")
    check(document, servers("mail.example.test"), source="srv", trust="authenticated")


def test_validated_srv_records_may_lead_to_somebody_else(signed) -> None:
    signed.space.resolve_by(TRUSTED)
    document = signed.discover("anna@astray.test", "--no-probe")
    imap, _pop3, smtp = servers("mail.hoster.test")
    check(document, [imap, None, smtp], source="srv", trust="authenticated")


def test_a_validated_mail_exchanger_may_be_somebody_else(signed) -> None:
    signed.space.resolve_by(TRUSTED)
    document = signed.discover("anna@customer.test")
    check(document, servers("mail.hoster.test"), source="mx", trust="authenticated")
    words = ["--format", "card", "--no-input", "--allow-private", "--ispdb", signed.ispdb]
    assert signed.run("export", "anna@customer.test", *words, "--output", signed.directory / "card").code == 0


def test_validated_words_of_what_is_not_offered_are_taken(signed) -> None:
    signed.space.resolve_by(TRUSTED)
    document = signed.discover("anna@imap-only.test")
    imap, _pop3, smtp = servers("mail.imap-only.test")
    check(document, [imap, None, smtp], source="srv", trust="authenticated")


def test_a_resolver_elsewhere_is_believed_only_where_the_administrator_says_so(signed) -> None:
    """Its answers come over a wire; resolv.conf(5) has trust-ad, and the command --resolver."""
    unsure = {"source": "srv", "trust": "unauthenticated", "consent": ("foreign_domain",)}
    imap, _pop3, smtp = servers("mail.hoster.test")
    signed.space.resolve_by(DISTANT)
    check(signed.discover("anna@astray.test", "--no-probe"), [imap, None, smtp], **unsure)
    signed.space.resolve_by(DISTANT, "trust-ad")
    check(signed.discover("anna@astray.test", "--no-probe"), [imap, None, smtp], source="srv", trust="authenticated")
    signed.space.resolve_by(NAMES)
    check(signed.discover("anna@astray.test", "--no-probe"), [imap, None, smtp], **unsure)
    document = signed.discover("anna@astray.test", "--no-probe", "--resolver", DISTANT)
    check(document, [imap, None, smtp], source="srv", trust="authenticated")


def test_a_zone_whose_signatures_are_wrong_gives_nothing(signed) -> None:
    signed.space.resolve_by(MISLED)
    document = signed.discover("anna@example.test", code=4)
    assert [document[one] for one in ("imap", "pop3", "smtp")] == [None] * 3
    said, detail = outcome(document, "srv")
    assert said == "unreachable"
    assert detail
    assert document["elapsed_ms"] < 6500
