"""An own domain that has moved to another hoster, while the old server still answers; and what only looks like it."""

from __future__ import annotations

import pytest

from tests.cli.doctor_runs import CANARY, PRINTING, document

ANNA = "anna@firma.test"
USERS = {ANNA: CANARY}


@pytest.fixture
def moved(online, tmp_path):
    """Runs the command; the mail of ``firma.test`` is delivered to and read at newhost.test, SRV records say so."""
    (tmp_path / "secret").write_text(CANARY + "\n", encoding="utf-8")
    online.new = online.machine("imap.newhost.test", ports=(993,), users=USERS)
    online.machine("smtp.newhost.test", ports=(465,), users=USERS)
    online.world.dns("mx.newhost.test", A=[online.new])
    online.world.dns("firma.test", MX=[(10, "mx.newhost.test")])
    online.world.dns("_imaps._tcp.firma.test", SRV=[(0, 1, 993, "imap.newhost.test")])
    online.world.dns("_submissions._tcp.firma.test", SRV=[(0, 1, 465, "smtp.newhost.test")])

    def run(*options, code, login=True, address=ANNA):
        asked = ("--login", "--password-command", PRINTING) if login else ()
        return document(online.run("doctor", address, "--json", *asked, *options), code)

    run.online = online
    return run


def test_an_old_server_that_answers_is_not_where_the_mail_is(moved):
    moved.online.machine("imap.oldhost.test", ports=(993,))
    ran = moved("--imap", "imap.oldhost.test", code=5, login=False)
    (found,) = ran["findings"]
    assert (found["code"], found["confidence"]) == ("mailbox_moved", "likely")
    assert "imap.oldhost.test is probably the server from before" in found["cause"]
    assert "newhost.test" in found["cause"]
    assert "enter imap.newhost.test as the server name and port 993" in found["steps"][0]
    assert not any(note["code"] == "differs" for note in ran["notes"])


def test_an_old_server_that_refuses_the_log_in_asks_for_no_new_password(moved):
    moved.online.machine("imap.oldhost.test", ports=(993,), users={}, refused_with="NO [AUTHENTICATIONFAILED] no")
    (found,) = moved("--imap", "imap.oldhost.test", code=5)["findings"]
    assert found["code"] == "mailbox_moved"
    assert "imap.newhost.test" in found["steps"][0]
    assert not any("set a new" in step for step in found["steps"])


def test_an_old_server_that_lets_in_gets_no_new_mail(moved):
    moved.online.machine("imap.oldhost.test", ports=(993,), users=USERS)
    (found,) = moved("--imap", "imap.oldhost.test", code=5)["findings"]
    assert (found["code"], "lets you in" in found["cause"]) == ("mailbox_moved", True)
    assert any("copied your old mail" in step for step in found["steps"])


def test_the_domain_s_own_name_that_still_leads_to_the_old_machine_is_the_old_server(moved):
    moved.online.machine("mail.firma.test", ports=(993,), users={})
    (found,) = moved("--imap", "mail.firma.test", code=5)["findings"]
    assert (found["code"], found["protocol"]) == ("mailbox_moved", "imap")


def test_reading_and_sending_at_the_old_server_are_one_finding_with_both_ways_out(moved):
    moved.online.machine("mail.oldhost.test", ports=(993, 465), users=USERS)
    (found,) = moved("--imap", "mail.oldhost.test", "--smtp", "mail.oldhost.test", code=5)["findings"]
    assert (found["code"], found["protocol"]) == ("mailbox_moved", None)
    entered = " ".join(found["steps"])
    assert "imap.newhost.test" in entered
    assert "smtp.newhost.test" in entered


def test_the_old_server_that_no_longer_knows_the_mailbox_is_told_the_same_way(moved):
    moved.online.machine("smtp.oldhost.test", ports=(465,), users=USERS, answers={"RCPT": "550 5.1.1 User unknown"})
    found = moved("--smtp", "smtp.oldhost.test", "--send-test", code=5)["findings"][0]
    assert found["code"] == "mailbox_moved"
    assert "enter smtp.newhost.test" in found["steps"][0]


# What has not moved


def nothing(ran):
    assert [finding["code"] for finding in ran["findings"]] == []


def test_a_server_in_the_same_hands_is_no_old_server(moved):
    moved.online.machine("mail7.newhost.test", ports=(993,), users=USERS)
    nothing(moved("--imap", "mail7.newhost.test", code=0))


def test_a_name_of_the_domain_that_leads_to_the_same_machine_is_no_old_server(moved):
    online = moved.online
    online.world.dns("mail.firma.test", A=[online.new])
    codes = [finding["code"] for finding in moved("--imap", "mail.firma.test", code=5)["findings"]]
    assert codes == ["tls_name_mismatch"]


def test_a_machine_whose_certificate_is_the_hoster_s_is_no_old_server(moved):
    moved.online.machine(
        "mail.firma.test", ports=(993,), users=USERS, certificate=["mail.firma.test", "s7.newhost.test"]
    )
    nothing(moved("--imap", "mail.firma.test", code=0))


def test_sending_alone_through_another_company_that_lets_it_is_nobody_s_fault(moved):
    moved.online.machine("smtp.relay.test", ports=(465,), users=USERS)
    nothing(moved("--imap", "imap.newhost.test", "--smtp", "smtp.relay.test", code=0))


@pytest.mark.parametrize("mail_host", ["in.filter.test", "mx.oldhost.test"])
def test_mail_that_is_delivered_to_a_filter_or_to_the_old_server_has_not_moved(moved, mail_host):
    moved.online.machine("mx.oldhost.test", ports=())
    moved.online.machine("imap.oldhost.test", ports=(993,), users=USERS)
    moved.online.world.dns("firma.test", MX=[(1, mail_host)])
    nothing(moved("--imap", "imap.oldhost.test", code=0))


def test_a_guess_is_no_new_home(moved):
    online = moved.online
    for service in ("_imaps", "_submissions"):
        online.world.dns(f"{service}._tcp.firma.test")
    online.machine("mail.firma.test", ports=(993, 465), users=USERS)
    online.world.dns("firma.test", MX=[(1, "mail.firma.test")])
    online.machine("imap.oldhost.test", ports=(993,), users=USERS)
    nothing(moved("--imap", "imap.oldhost.test", code=0))


def test_an_address_of_a_provider_has_not_moved_where_the_server_of_another_is_typed(moved):
    online = moved.online
    online.world.dns("libero.it", MX=[(10, "smtp-in.libero.it")])
    online.machine("imapmail.libero.it", ports=(993,), users={})
    online.machine("imap.gmail.com", ports=(993,), users={}, refused_with="NO [AUTHENTICATIONFAILED] no")
    (found,) = moved("--imap", "imap.gmail.com", code=6, address="anna@libero.it")["findings"]
    assert found["code"] == "auth_failed"
    assert "is a server of Gmail" in found["cause"]


def test_an_alias_of_a_machine_of_the_same_hoster_is_no_old_server(moved):
    online = moved.online
    online.machine("web12.newhost.test", ports=(993,), users=USERS, certificate=["mail.firma.test"])
    online.world.dns("mail.firma.test", CNAME=["web12.newhost.test"])
    nothing(moved("--imap", "mail.firma.test", code=0))


def test_a_machine_that_its_owner_calls_the_hoster_s_is_no_old_server(moved):
    online = moved.online
    address = online.machine("mail.firma.test", ports=(993,), users=USERS)
    reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
    online.world.dns(reverse, PTR=["web12.newhost.test."])
    nothing(moved("--imap", "mail.firma.test", code=0))


def test_mail_that_is_delivered_to_two_companies_has_not_moved(moved):
    online = moved.online
    online.machine("imap.oldhost.test", ports=(993,), users=USERS)
    online.machine("mx.oldhost.test", ports=())
    online.world.dns("firma.test", MX=[(20, "mx.oldhost.test")])
    nothing(moved("--imap", "imap.oldhost.test", code=0))


def test_a_server_that_is_still_published_beside_the_other_is_no_old_server(moved):
    online = moved.online
    online.machine("imap.oldhost.test", ports=(993,), users=USERS)
    online.world.dns("_imaps._tcp.firma.test", SRV=[(10, 1, 993, "imap.oldhost.test")])
    nothing(moved("--imap", "imap.oldhost.test", code=0))


def test_that_it_has_moved_comes_before_ports_of_the_old_machine_that_are_closed(moved):
    moved.online.machine("mail.oldhost.test", ports=(993,))
    found = moved("--imap", "mail.oldhost.test", "--smtp", "mail.oldhost.test:465", code=5, login=False)["findings"]
    assert found[0]["code"] == "mailbox_moved"


def test_the_finding_in_italian(moved):
    moved.online.machine("imap.oldhost.test", ports=(993,))
    (found,) = moved("--imap", "imap.oldhost.test", "--lang", "it", code=5, login=False)["findings"]
    assert "è probabilmente il server di prima" in found["cause"]
    assert "imap.newhost.test" in found["steps"][0]
