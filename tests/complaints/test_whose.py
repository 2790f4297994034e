"""Whose server it is decides what a refused log-in means; and there is one way out, which was seen to work."""

from __future__ import annotations

import pytest

from tests.cli.doctor_runs import CANARY, PRINTING, codes, document
from tests.online import config_of

OWN = "anna@firma.test"
"""An address at somebody's own domain, whose mail goes through a filter."""


@pytest.fixture
def trouble(online, tmp_path):
    """Runs the command with a log-in; ``firma.test`` takes mail by a filter, and publishes nothing."""
    (tmp_path / "secret").write_text(CANARY + "\n", encoding="utf-8")
    online.world.dns("firma.test", MX=[(10, "in.filter.test")], A=[online.machine("www.firma.test", ports=())])

    def run(address, *options, code=6, login=True):
        asked = ("--login", "--password-command", PRINTING) if login else ()
        return document(online.run("doctor", address, "--json", *asked, *options), code)["findings"]

    run.online = online
    return run


def refusing(online, host, says="NO [AUTHENTICATIONFAILED] Authentication failed.", port=993):
    return online.machine(host, ports=(port,), users={}, refused_with=says)


def first(findings):
    return findings[0]["code"], findings[0]["steps"][0]


# whose server


@pytest.mark.parametrize(
    ("host", "code", "words"),
    [
        ("imap.gmail.com", "auth_needs_app_password", "2-Step Verification"),
        ("imap.googlemail.com", "auth_needs_app_password", "2-Step Verification"),
        ("IMAP.GMAIL.COM.", "auth_needs_app_password", "2-Step Verification"),
        ("outlook.office365.com", "auth_oauth2_only", "OAuth2"),
        ("imap-mail.outlook.com", "auth_oauth2_only", "OAuth2"),
        ("imap.mail.yahoo.com", "auth_needs_app_password", "Yahoo"),
        ("imap.mail.yahoo.co.uk", "auth_needs_app_password", "Yahoo"),
        ("imap.mail.me.com", "auth_needs_app_password", "Apple"),
        ("imap.fastmail.com", "auth_needs_app_password", "Fastmail"),
        ("imap.gmx.net", "auth_failed", "allow access by POP3 and IMAP"),
        ("imap.comcast.net", "auth_failed", "third party access"),
        ("imaps.pec.aruba.it", "auth_failed", "three months"),
        ("imap.yandex.ru", "auth_needs_app_password", "app passwords"),
        ("mail.infomaniak.com", "auth_needs_app_password", "Add a device"),
        ("imap.qq.com", "auth_needs_app_password", "authorisation code"),
    ],
)
def test_the_rules_are_those_of_the_provider_whose_server_it_is(trouble, host, code, words):
    refusing(trouble.online, host.lower().rstrip("."))
    found = trouble(OWN, "--imap", host)
    assert found[0]["code"] == code
    steps = found[0]["steps"]
    by_sign_in_page = code == "auth_needs_app_password" and "OAuth2" in steps[0]
    assert words in steps[1 if by_sign_in_page else 0]
    google_or_yahoo = any(name in host.lower() for name in ("gmail", "googlemail", "mail.yahoo"))
    assert by_sign_in_page or not google_or_yahoo
    assert found[0]["confidence"] != "certain"


@pytest.mark.parametrize("host", ["imaps.aruba.it", "imap.ionos.it", "mail.firma.test", "imap.gmail.com.firma.test"])
def test_where_the_account_s_password_is_the_right_one_nothing_else_is_asked_for(trouble, host):
    refusing(trouble.online, host)
    found = trouble(OWN, "--imap", host)
    assert [finding["code"] for finding in found] == ["auth_failed"]
    assert "app password" not in found[0]["steps"][0]


def test_for_sending_the_outgoing_server_s_provider_counts(trouble):
    refusing(trouble.online, "smtp.mail.yahoo.com", "535 5.7.8 Authentication failed", port=465)
    trouble.online.machine("mail.firma.test", ports=(993,), users={OWN: CANARY})
    (found,) = trouble(OWN, "--imap", "mail.firma.test", "--smtp", "smtp.mail.yahoo.com")
    assert (found["code"], found["protocol"]) == ("auth_needs_app_password", "smtp")


def test_a_server_of_another_provider_than_the_address_s_is_said_to_be_that(trouble):
    refusing(trouble.online, "imap.gmail.com")
    (found,) = trouble("anna@libero.it", "--imap", "imap.gmail.com")
    assert found["code"] == "auth_failed"
    assert "imap.gmail.com is a server of Gmail, and the mailbox anna@libero.it is at Libero Mail" in found["cause"]


def test_where_the_mail_of_an_own_domain_is_delivered_is_where_it_has_moved_to(trouble):
    """The typed server is that of the hoster from before; the mail of the domain goes to Google now."""
    trouble.online.world.dns("example.test", MX=[(1, "aspmx.l.google.com")])
    trouble.online.machine("imap.gmail.com", ports=(993,))
    refusing(trouble.online, "imaps.aruba.it")
    (found,) = trouble("anna@example.test", "--imap", "imaps.aruba.it", code=5)
    assert (found["code"], "delivered to Gmail now" in found["cause"]) == ("mailbox_moved", True)
    assert "enter imap.gmail.com as the server name and port 993" in found["steps"][0]


def test_sending_by_another_provider_than_the_one_that_lets_the_person_read(trouble):
    trouble.online.machine("imap.ionos.it", ports=(993,), users={OWN: CANARY})
    refusing(trouble.online, "smtp.tim.it", "535 5.7.8 authentication failed", port=465)
    (found,) = trouble(OWN, "--imap", "imap.ionos.it", "--smtp", "smtp.tim.it")
    assert (found["code"], found["protocol"]) == ("auth_failed", "smtp")
    assert f"smtp.tim.it is a server of TIM Mail, and the mailbox {OWN} is at IONOS" in found["cause"]


def test_imap_and_pop3_at_different_providers_go_by_their_own_rules(trouble):
    refusing(trouble.online, "imap.gmail.com")
    refusing(trouble.online, "pop.gmx.net", "-ERR authentication failed", port=995)
    found = trouble(OWN, "--imap", "imap.gmail.com", "--pop3", "pop.gmx.net")
    told = {finding["protocol"]: " ".join(finding["steps"][:2]) for finding in found}
    assert "2-Step Verification" in told["imap"]
    assert "allow access by POP3 and IMAP" in told["pop3"]


def test_an_alias_of_a_provider_s_server_is_answered_with_the_provider_s_own_name(trouble):
    address = trouble.online.machine("imap.gmail.com", ports=(993,))
    trouble.online.world.dns("mail.firma.test", A=[address])
    (found,) = trouble(OWN, "--imap", "mail.firma.test", code=5, login=False)
    assert found["code"] == "tls_name_mismatch"
    assert found["steps"][0].startswith("Enter imap.gmail.com as the server name, instead of mail.firma.test.")


def test_an_address_of_a_machine_is_no_server_name(trouble):
    ran = trouble.online.run("doctor", OWN, "--imap", "192.0.2.7")
    assert ran.code == 2
    assert "the name of the server, as its certificate has it" in " ".join(ran.stderr.split())


@pytest.mark.parametrize(
    ("address", "host"),
    [("anna@hotmail.com", "outlook.office365.com"), ("anna@aol.com", "imap.mail.yahoo.com")],
)
def test_two_brands_of_one_company_belong_together(trouble, address, host):
    refusing(trouble.online, host)
    assert "and the mailbox" not in trouble(address, "--imap", host)[0]["cause"]


# what has to be done first


@pytest.mark.parametrize(
    ("address", "host", "words"),
    [
        ("anna@pec.it", "imaps.pec.aruba.it", "three months"),
        ("anna@gmx.net", "imap.gmx.net", "allow access by POP3 and IMAP"),
        ("anna@web.de", "imap.web.de", "allow access by POP3 and IMAP"),
        ("anna@freenet.de", "mx.freenet.de", "tick the box for POP3, IMAP and SMTP"),
        ("anna@o2.pl", "poczta.o2.pl", "(not verified)"),
        ("anna@libero.it", "imapmail.libero.it", "Password Sicura"),
    ],
)
def test_what_has_to_be_done_at_the_provider_is_the_first_step(trouble, address, host, words):
    refusing(trouble.online, host)
    found = trouble(address, "--imap", host)
    assert found[0]["code"] == "auth_failed"
    assert words in found[0]["steps"][0]
    assert found[0]["confidence"] == "likely"


def test_words_of_the_server_go_before_what_is_usual_at_the_provider(trouble):
    refusing(trouble.online, "imap.gmx.net", "NO [LIMIT] Too many attempts")
    assert codes({"findings": trouble("anna@gmx.net", "--imap", "imap.gmx.net", code=5)})[0] != "auth_failed"


# user names of a form of their own


def test_a_provider_that_gives_out_user_names_says_where_they_are(trouble):
    refusing(trouble.online, "mbox.cert.legalmail.it")
    code, step = first(trouble("anna@legalmail.it", "--imap", "mbox.cert.legalmail.it"))
    assert code == "username_form"
    assert "user ID that InfoCert gave you" in step


def test_an_unknown_provider_s_user_name_may_be_something_else_than_the_address(trouble):
    refusing(trouble.online, "mail.firma.test")
    steps = " ".join(trouble(OWN, "--imap", "mail.firma.test")[0]["steps"])
    assert "a number, the name of the mailbox, or the main address of an alias" in steps


# one way out

FOUND = "anna@example.test"


@pytest.fixture
def moved(trouble):
    """``example.test`` publishes mail.example.test, which is healthy."""
    trouble.online.machine("mail.example.test", users={FOUND: CANARY})
    trouble.online.srv("example.test", "mail.example.test")
    return trouble


def entering(findings, protocol):
    words = ("as the server name", "Enter port", "as the security of the connection")
    of_protocol = [finding for finding in findings if finding["protocol"] in (protocol, None)]
    steps = [step for finding in of_protocol for step in finding["steps"] if any(word in step for word in words)]
    return [step for step in steps if "help pages" not in step]


def test_the_cause_and_what_was_found_tell_one_port(moved):
    """SSL is chosen on a port that begins in the clear, of another host than the one that was found."""
    moved.online.machine("old.example.test", ports=(587, 465))
    typed = ("--smtp", "old.example.test:587", "--security", "SSL")
    found = moved(FOUND, *typed, code=5, login=False)
    assert [finding["code"] for finding in found] == ["tls_on_plain_port"]
    (step,) = entering(found, "smtp")
    assert found[0]["steps"][0] == step
    assert "mail.example.test" in step
    assert "465" in step


def test_at_the_host_that_was_found_its_own_port_is_told(moved):
    found = moved(FOUND, "--imap", "mail.example.test:143", code=5, login=False)
    assert entering(found, "imap") == ["Enter port 993, and choose SSL/TLS as the security of the connection."]


def test_no_usual_port_is_told_where_none_answers(trouble):
    trouble.online.machine("mail.firma.test", ports=())
    found = trouble(OWN, "--imap", "mail.firma.test:1143", "--smtp", "mail.firma.test:1025", code=5, login=False)
    assert {finding["code"] for finding in found} == {"port_refused"}
    assert entering(found, "imap") == entering(found, "smtp") == []


def test_a_typing_error_in_the_host_is_answered_with_what_was_found_and_not_with_a_usual_name(moved):
    moved.online.machine("imap.example.test", ports=(993,))
    found = moved(FOUND, "--imap", "mial.example.test", code=5, login=False)
    assert [("mail.example.test" in step) for step in entering(found, "imap")] == [True]


def test_certified_mail_at_an_own_domain_has_to_leave_by_the_provider_that_reads_it(trouble):
    trouble.online.machine("imaps.pec.aruba.it", ports=(993,), users={"anna@firma.test": CANARY})
    trouble.online.machine("smtp.tim.it", ports=(465,))
    found = trouble(OWN, "--imap", "imaps.pec.aruba.it", "--smtp", "smtp.tim.it", code=5, login=False)
    assert found[0]["code"] == "pec_needs_its_own_smtp"
    assert "Aruba PEC" in found[0]["steps"][0]
    assert entering(found, "smtp") == []


def test_a_user_name_that_the_domain_publishes_is_the_one_to_enter(trouble):
    trouble.online.machine("mail.example.test", users={})
    published = config_of("mail.example.test", "example.test", username="w0123-p4")
    trouble.online.publish("autoconfig.example.test", published)
    found = trouble(FOUND, "--imap", "mail.example.test")
    assert first(found) == ("username_form", "Enter “w0123-p4” as the user name for IMAP.")


def test_words_that_ask_for_the_whole_address_do_not_do_so_where_that_was_refused(trouble):
    says = "NO Invalid user name or password. Please use full email address as user name."
    refusing(trouble.online, "mail.firma.test", says)
    (found,) = trouble(OWN, "--imap", "mail.firma.test")
    assert found["code"] == "auth_failed"
    assert "was accepted" not in found["evidence"]


def test_what_was_not_tried_is_not_said_to_have_been_accepted(trouble):
    refusing(trouble.online, "smtp.mail.me.com", "535 5.7.8 Error: authentication failed", port=465)
    (found,) = trouble("anna@icloud.com", "--smtp", "smtp.mail.me.com:465", "--username", "bella@icloud.com")
    assert "was accepted" not in found["evidence"]


# the user name


def test_the_user_name_is_told_as_the_catalogue_has_it(trouble):
    refusing(trouble.online, "imap.web.de")
    found = trouble("anna@web.de", "--imap", "imap.web.de", "--username", "anna")
    steps = " ".join(found[0]["steps"])
    assert "The user name “anna” has the form that WEB.DE wants" in steps
    assert "usually the whole address" not in steps


def test_the_name_that_the_server_asks_for_is_the_one_to_enter(trouble):
    refusing(trouble.online, "mail.firma.test", "NO Bitte verwenden Sie Ihre Postfachnummer als Benutzernamen.")
    found = trouble(OWN, "--imap", "mail.firma.test")
    assert found[0]["code"] == "username_form"
    assert "Leave the password as it is" in " ".join(found[0]["steps"])


@pytest.mark.parametrize("says", ["NO [PRIVACYREQUIRED] not here", "NO Plain text authentication is not allowed here"])
def test_encryption_that_is_on_is_not_advised(trouble, says):
    refusing(trouble.online, "mail.firma.test", says)
    found = trouble(OWN, "--imap", "mail.firma.test")
    assert found[0]["code"] == "auth_mechanism_missing"
    assert not any("STARTTLS" in step and "Choose" in step for step in found[0]["steps"])


def test_a_sentence_that_names_two_reasons_is_answered_with_both(trouble):
    says = "NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled sc=6xQpKz_imap"
    refusing(trouble.online, "imap.yandex.ru", says)
    found = trouble(OWN, "--imap", "imap.yandex.ru")
    assert [finding["code"] for finding in found] == ["protocol_switched_off", "auth_needs_app_password"]
