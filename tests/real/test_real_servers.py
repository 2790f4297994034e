"""The command finds the servers of an address on an internet of real servers: Knot or NSD, nginx, and Dovecot."""

from __future__ import annotations

import pytest
from internet import BY_UPGRADE, check, internet, outcome, servers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["knot", "nsd"])
def real(request, tmp_path_factory):
    with internet(tmp_path_factory.mktemp(request.param), request.param) as made:
        yield made


def test_srv_records_lead_to_the_servers(real) -> None:
    document = real.discover("anna@example.test")
    check(document, servers("mail.example.test"), source="srv", trust="unauthenticated")
    for protocol in ("imap", "pop3", "smtp"):
        # Dovecot announces PLAIN, LOGIN and CRAM-MD5; nothing but the server itself says so.
        assert document[protocol]["authentication"] == ["password-cleartext", "password-encrypted"], document
    assert document["warnings"] == []
    assert document["elapsed_ms"] < 3000


def test_srv_records_for_starttls_alone_are_followed_and_the_upgrade_is_done(real) -> None:
    """The machine would answer on the ports of TLS too: that would be a guess, and what is published counts."""
    document = real.discover("anna@upgrade.test")
    check(document, servers("mail.upgrade.test", BY_UPGRADE), source="srv", trust="unauthenticated")
    assert document["imap"]["authentication"] == ["password-cleartext", "password-encrypted"]


def test_what_a_domain_says_it_does_not_offer_is_not_guessed(real) -> None:
    document = real.discover("anna@imap-only.test")
    imap, _pop3, smtp = servers("mail.imap-only.test")
    check(document, [imap, None, smtp], source="srv", trust="unauthenticated")
    assert not [one for one in document["alternatives"] if one["protocol"] == "pop3"]
    assert "does not offer POP3" in outcome(document, "srv")[1]


def test_a_dead_first_machine_gives_way_to_the_next_and_aliases_are_followed(real) -> None:
    document = real.discover("anna@reserve.test", "--no-probe")
    imap, _pop3, smtp = servers("mail.reserve.test")
    check(document, [imap, None, smtp], source="srv", trust="unauthenticated")


def test_a_server_that_has_ipv6_alone_is_reached(real) -> None:
    document = real.discover("anna@six.test", "--no-probe")
    imap, _pop3, smtp = servers("mail.six.test")
    check(document, [imap, None, smtp], source="srv", trust="unauthenticated")


def test_a_published_file_is_read(real) -> None:
    document = real.discover("anna@auto.test")
    check(document, servers("mail.auto.test"), source="autoconfig", trust="authenticated")
    assert document["imap"]["authentication"] == ["password-cleartext"]
    assert [one["url"] for one in document["sources"] if one["source"] == "autoconfig"] == [
        "https://autoconfig.auto.test/mail/config-v1.1.xml?emailaddress=anna%40auto.test"
    ]


def test_a_file_at_the_well_known_place_is_read(real) -> None:
    document = real.discover("anna@wellknown.test")
    check(document, servers("mail.wellknown.test"), source="well-known", trust="authenticated")


def test_a_redirect_to_plain_http_is_refused_and_port_80_is_never_asked(real) -> None:
    document = real.discover("anna@downgraded.test", code=4)
    assert outcome(document, "autoconfig")[0] == "refused", document
    document = real.discover("anna@plainly.test", code=4)
    assert outcome(document, "autoconfig")[0] != "found", document
    asked = real.web.asked
    assert any(one.startswith("https://autoconfig.downgraded.test/mail/config-v1.1.xml") for one in asked), asked
    assert not [one for one in asked if one.startswith("http:")]


@pytest.mark.parametrize(
    ("address", "host"),
    [("anna@guess.test", "mail.guess.test"), ("anna@bücher.test", "mail.xn--bcher-kva.test")],
    ids=["ascii", "international"],
)
def test_where_nothing_is_published_the_usual_names_are_tried(real, address, host) -> None:
    document = real.discover(address)
    check(document, servers(host), source="probe", trust="guessed", consent=("guess",))


def test_where_nothing_is_published_and_nothing_may_be_tried_nothing_is_found(real) -> None:
    document = real.discover("anna@guess.test", "--no-probe", code=4)
    assert [document[one] for one in ("imap", "pop3", "smtp")] == [None] * 3
    assert outcome(document, "srv")[0] == "nothing"


def test_who_receives_the_mail_of_a_domain_is_known_to_the_ispdb(real) -> None:
    document = real.discover("anna@customer.test")
    check(
        document,
        servers("mail.hoster.test"),
        source="mx",
        trust="unauthenticated",
        consent=("foreign_domain",),
    )
    (question,) = document["needs_consent"]
    assert "hoster.test" in question["text"]


@pytest.mark.parametrize("address", ["anna@silent.test", "anna@nobody-has-this.test"])
def test_a_domain_without_mail_is_over_soon(real, address) -> None:
    document = real.discover(address, code=4)
    assert [document[one] for one in ("imap", "pop3", "smtp")] == [None] * 3
    assert document["elapsed_ms"] < 3000
    assert {one["outcome"] for one in document["sources"]} <= {"nothing", "unreachable"}, document


def test_the_guided_way_without_questions_names_the_consent_that_is_missing(real) -> None:
    words = ["--no-input", "--defaults", "--allow-private", "--ispdb", real.ispdb]
    output = real.directory / "setup"
    ran = real.run("setup", "anna@customer.test", *words, "--output", output)
    assert ran.code == 3, ran
    assert "--accept foreign_domain" in ran.stderr
    assert "hoster.test" in ran.stderr
    assert not output.exists()
    ran = real.run("setup", "anna@customer.test", *words, "--accept", "foreign_domain", "--output", output)
    assert ran.code == 0, ran
    assert list(output.iterdir())


def test_servers_of_strangers_are_not_exported_without_consent(real) -> None:
    words = ["--format", "card", "--no-input", "--allow-private", "--ispdb", real.ispdb]
    output = real.directory / "astray"
    ran = real.run("export", "anna@astray.test", *words, "--output", output)
    assert ran.code == 3, ran
    assert "--accept foreign_domain" in ran.stderr
    assert not output.exists()


def test_a_guess_is_no_matter_for_an_account_that_does_not_use_it(real) -> None:
    """The domain publishes IMAP alone; that POP3 is there as well is a guess, and nobody wants POP3."""
    words = ["--format", "card", "--no-input", "--allow-private", "--ispdb", real.ispdb]
    ran = real.run("export", "anna@reserve.test", *words, "--protocol", "imap", "--output", real.directory / "imap")
    assert ran.code == 0, ran
    ran = real.run("export", "anna@reserve.test", *words, "--protocol", "pop3", "--output", real.directory / "pop")
    assert ran.code == 3, ran
    assert "--accept guess" in ran.stderr


def test_what_was_found_is_exported(real) -> None:
    formats = ["--format", "autoconfig,mobileconfig", "--format", "thunderbird-qr"]
    output = real.directory / "export"
    words = ["--no-input", "--allow-private", "--ispdb", real.ispdb, "--json", "--output", output]
    ran = real.run("export", "anna@example.test", *formats, *words)
    assert ran.code == 0, ran
    assert ran.document is not None
    assert {one["format"] for one in ran.document["files"]} == {"autoconfig", "mobileconfig", "thunderbird-qr"}
    assert ran.document["refused"] == []
    for one in ran.document["files"]:
        if one["path"].endswith((".xml", ".mobileconfig")):
            assert "mail.example.test" in (output / one["path"]).read_text()
