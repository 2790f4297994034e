"""The doctor's answer is about what it looked at: servers that fail are told, and nothing is called fine unseen."""

from __future__ import annotations

import json

import pytest

from tests.cli.doctor_runs import ADDRESS, PRINTING, USERS, codes, document, flat
from tests.discovery.published_files import config, incoming, outgoing

MAIL = "mail.example.test"
BAD = {
    "self-signed": ("self-signed", "tls_self_signed"),
    "expired": ("expired", "tls_expired"),
    "unknown authority": ("unknown-ca", "tls_chain_incomplete"),
    "another name's": (("other.hoster.test",), "tls_name_mismatch"),
}
FORBIDDEN = "Nothing is wrong"


def examined(online, *more, code=5):
    return document(online.run("doctor", ADDRESS, "--json", *more), code)


def looked_at(made):
    return [(target["protocol"], target["host"], target["port"]) for target in made["targets"]]


def notes(made):
    return [note["code"] for note in made["notes"]]


def steps_of(made, protocol):
    return [step for found in made["findings"] if found["protocol"] in (protocol, None) for step in found["steps"]]


# nothing is published, and what answers at a usual name has a certificate that does not hold


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_certificate_at_a_usual_name_is_the_cause_as_if_the_host_were_typed(online, kind):
    certificate, code = BAD[kind]
    online.machine(MAIL, certificate=certificate)
    made = examined(online)
    assert looked_at(made) == [("imap", MAIL, 993), ("smtp", MAIL, 465)]
    assert set(codes(made)) >= {code}
    typed = examined(online, "--imap", MAIL, "--smtp", MAIL)
    assert made["findings"] == typed["findings"]
    assert notes(made) == ["not_published"]


@pytest.mark.parametrize("kind", BAD)
def test_only_sending_has_a_bad_certificate(online, kind):
    certificate, code = BAD[kind]
    online.machine("imap.example.test", ports=(993,))
    online.machine("smtp.example.test", ports=(465, 587), certificate=certificate)
    made = examined(online)
    assert looked_at(made) == [("imap", "imap.example.test", 993), ("smtp", "smtp.example.test", 465)]
    assert code in codes(made)
    assert {found["protocol"] for found in made["findings"]} == {"smtp"}


def test_only_reading_has_a_bad_certificate(online):
    online.machine("imap.example.test", ports=(993, 143), certificate="expired")
    online.machine("smtp.example.test", ports=(465,))
    made = examined(online)
    assert [(found["code"], found["protocol"]) for found in made["findings"]] == [("tls_expired", "imap")]


def test_starttls_with_a_bad_certificate_is_looked_at_with_starttls(online):
    online.machine(MAIL, ports=(143, 587), certificate="self-signed")
    made = examined(online)
    assert [(target["port"], target["socket_type"]) for target in made["targets"]] == [
        (143, "STARTTLS"),
        (587, "STARTTLS"),
    ]
    assert codes(made) == ["tls_self_signed"]


def test_pop3_alone_with_a_bad_certificate_is_looked_at_and_sending_is_missing(online):
    online.machine(MAIL, ports=(995,), certificate="expired")
    made = examined(online)
    assert [(found["code"], found["protocol"]) for found in made["findings"]] == [
        ("tls_expired", "pop3"),
        ("no_sending_server", "smtp"),
    ]


@pytest.mark.parametrize("kind", BAD)
def test_where_every_name_has_an_address_a_certificate_still_says_that_a_server_is_there(online, kind):
    certificate, code = BAD[kind]
    address = online.machine(MAIL, certificate=certificate)
    online.world.dns("*.example.test", A=[address])
    assert code in codes(examined(online))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"ports": (143, 587), "behaviour": "starttls_refused"}, "starttls_missing"),
        ({"ports": (993, 465), "behaviour": "greeting_bye"}, "temporarily_unavailable"),
        ({"ports": (993, 465), "tls_versions": ["TLSv1.1"]}, "tls_too_old"),
    ],
    ids=["STARTTLS refused", "says no", "old TLS"],
)
def test_a_server_at_a_usual_name_that_fails_otherwise_is_looked_at(online, how, code):
    online.machine(MAIL, **how)
    made = examined(online)
    assert code in codes(made)
    assert {target["host"] for target in made["targets"]} == {MAIL}


def test_a_web_server_at_every_name_is_no_mail_server(online):
    address = online.machine("example.test", ports=())
    online.world.dns("*.example.test", A=[address])
    ran = online.run("doctor", ADDRESS, "--json")
    assert ran.code == 4
    assert "Nothing is known about example.test." in json.loads(ran.stdout)["error"]["text"]


def test_a_server_that_does_not_encrypt_is_looked_at_and_that_is_the_cause(online):
    online.machine(MAIL, ports=(143, 587), security="plain")
    made = examined(online)
    assert set(codes(made)) == {"plaintext_only"}
    assert [target["socket_type"] for target in made["targets"]] == ["plain", "plain"]


def test_servers_that_were_only_looked_for_get_no_password(online, secret):
    online.machine(MAIL, ports=(143, 587), security="plain", users=USERS)
    login = ("--login", "--password-command", PRINTING)
    made = examined(online, *login)
    assert "login_not_tried" in notes(made)
    assert online.world.logins == []


def test_the_look_up_says_the_true_reason_and_who_knows_more(online):
    online.machine(MAIL, certificate="self-signed")
    for command in (("discover", ADDRESS), ("export", ADDRESS, "--format", "autoconfig", "--output", "files")):
        ran = online.run(*command)
        said = flat(ran.stdout + ran.stderr)
        assert ran.code == 4
        assert f"The certificate of {MAIL} 993 is self-signed." in said
        assert f"“mail-wizard doctor {ADDRESS}” says what is wrong and what to do." in said
        assert "Nothing is known" not in said
    found = json.loads(online.run("discover", ADDRESS, "--json").stdout)
    assert (found["imap"], found["smtp"], found["alternatives"], found["needs_consent"]) == (None, None, [], [])


def test_without_a_terminal_the_guided_way_says_the_reason_too(online):
    online.machine(MAIL, certificate="expired")
    ran = online.run("setup", ADDRESS, "--defaults", "--no-input", "--dry-run")
    assert ran.code == 4
    assert f"The certificate of {MAIL} 993 has expired." in flat(ran.stderr)


# what an account needs, and nobody knows


def test_without_a_server_for_sending_something_is_wrong(online):
    online.machine(MAIL, ports=(993,))
    online.srv("example.test", MAIL, {"_imaps": 993})
    made = examined(online)
    assert [(found["code"], found["protocol"]) for found in made["findings"]] == [("no_sending_server", "smtp")]
    assert f"mail-wizard doctor {ADDRESS} --smtp HOST" in " ".join(made["findings"][0]["steps"])
    assert FORBIDDEN not in online.run("doctor", ADDRESS).stdout


def test_a_message_that_cannot_be_sent_for_lack_of_a_server_is_that_finding(online, secret):
    online.machine(MAIL, ports=(993,), users=USERS)
    online.srv("example.test", MAIL, {"_imaps": 993})
    made = examined(online, "--send-test", "--password-command", PRINTING)
    assert codes(made) == ["no_sending_server"]
    assert [login.accepted for login in online.world.logins] == [True]
    ran = online.run("doctor", ADDRESS, "--imap", MAIL, "--send-test", "--password-command", PRINTING)
    assert (ran.code, "give one with --smtp" in flat(ran.stderr)) == (2, True)


def test_without_a_server_for_reading_something_is_wrong(online):
    online.machine(MAIL, ports=(465,))
    online.srv("example.test", MAIL, {"_submissions": 465})
    assert codes(examined(online)) == ["no_receiving_server"]


def test_a_domain_that_offers_no_sending_itself_is_told_so(online):
    online.machine(MAIL)
    online.srv("example.test", MAIL, {"_imaps": 993})
    for service in ("_submissions", "_submission"):
        online.world.dns(f"{service}._tcp.example.test", SRV=[(0, 0, 0, ".")])
    assert codes(examined(online)) == ["no_sending_server"]


def test_the_protocol_that_was_asked_for_is_missing_and_the_other_one_is_the_way_out(online):
    online.machine(MAIL, ports=(993, 465))
    online.srv("example.test", MAIL, {"_imaps": 993, "_submissions": 465})
    made = examined(online, "--protocol", "pop3")
    assert codes(made) == ["no_receiving_server"]
    assert made["findings"][0]["steps"][0].startswith("Set the account up with IMAP")


def test_a_published_file_for_reading_only_is_not_enough(online):
    online.machine(MAIL, ports=(993,))
    online.publish("autoconfig.example.test", config(incoming(MAIL)))
    assert codes(examined(online)) == ["no_sending_server"]


# a published server fails, and a guess takes its place


@pytest.mark.parametrize("kind", BAD)
def test_a_published_server_with_a_bad_certificate_is_told_beside_the_guess_that_works(online, kind):
    certificate, code = BAD[kind]
    online.machine("published.example.test", certificate=certificate)
    online.machine(MAIL)
    online.srv("example.test", "published.example.test")
    made = examined(online)
    assert code in codes(made)
    assert [target for target in looked_at(made) if target[0] != "pop3"] == [
        ("imap", MAIL, 993),
        ("imap", "published.example.test", 993),
        ("smtp", MAIL, 465),
        ("smtp", "published.example.test", 465),
    ]
    assert any(step.startswith(f"For IMAP, enter {MAIL} as the server name") for step in steps_of(made, "imap"))
    assert "your program has" not in json.dumps(made)
    assert "published.example.test, port 993, SSL/TLS is published" in json.dumps(made)


def test_a_published_host_that_does_not_exist_is_told(online):
    online.machine(MAIL)
    online.srv("example.test", "gone.example.test")
    made = examined(online)
    assert codes(made) == ["host_not_found"]
    assert MAIL in made["findings"][0]["steps"][0]


def test_a_published_port_that_is_closed_is_told(online):
    online.machine(MAIL)
    online.srv("example.test", MAIL, {"_imaps": 994, "_submissions": 465} | {"_imap": 110})
    made = examined(online)
    assert {found["protocol"] for found in made["findings"]} == {"imap"}
    assert "993" in made["findings"][0]["steps"][0]


def test_a_published_port_that_is_none_of_mail_is_told_and_not_connected_to(online):
    online.machine(MAIL)
    online.srv("example.test", MAIL, {"_imaps": 9993, "_submissions": 465})
    made = examined(online)
    assert [(found["code"], found["protocol"]) for found in made["findings"]] == [("unusual_port", "imap")]
    assert "993" in made["findings"][0]["steps"][0]
    assert 9993 not in {target["port"] for target in made["targets"]}


def test_a_published_file_with_a_port_that_is_none_of_mail_is_told(online):
    online.machine(MAIL)
    online.publish("autoconfig.example.test", config(incoming(MAIL), outgoing(MAIL, 4650)))
    assert [(found["code"], found["protocol"]) for found in examined(online)["findings"]] == [("unusual_port", "smtp")]


def test_where_nothing_but_such_a_port_is_known_the_look_up_says_so(online):
    online.srv("example.test", MAIL, {"_imaps": 9993})
    ran = online.run("doctor", ADDRESS, "--json")
    assert ran.code == 4
    assert f"{MAIL} 9993" in json.loads(ran.stdout)["error"]["text"]


def test_a_published_port_with_another_protocol_is_told(online):
    online.machine(MAIL)
    online.srv("example.test", MAIL, {"_imaps": 995, "_submissions": 465})
    made = examined(online)
    assert codes(made) == ["wrong_protocol"]
    assert "993" in made["findings"][0]["steps"][0]


def test_a_certificate_for_another_name_of_the_same_machine_names_the_way_out(online):
    address = online.machine("server1.hoster.test")
    online.world.dns("published.example.test", A=[address])
    online.srv("example.test", "published.example.test")
    made = examined(online)
    assert set(codes(made)) == {"tls_name_mismatch"}
    assert (
        steps_of(made, "imap")[0] == "Enter server1.hoster.test as the server name, instead of published.example.test."
    )


def test_a_published_file_whose_servers_refuse_is_told(online):
    online.machine("published.example.test", ports=())
    online.machine(MAIL)
    online.publish(
        "autoconfig.example.test", config(incoming("published.example.test"), outgoing("published.example.test"))
    )
    made = examined(online)
    assert set(codes(made)) == {"port_refused"}
    assert any(MAIL in step for step in steps_of(made, "imap"))


def test_a_published_server_that_fails_gets_no_password(online, secret):
    online.machine("published.example.test", certificate="expired", users=USERS)
    online.machine(MAIL, users=USERS)
    online.srv("example.test", "published.example.test")
    login = ("--login", "--password-command", PRINTING, "--accept", "guess")
    made = examined(online, *login)
    assert set(codes(made)) == {"tls_expired"}
    assert {login.accepted for login in online.world.logins} == {True}
    assert len(online.world.logins) == 3


def test_both_servers_of_a_protocol_are_told_apart_on_the_screen(online):
    online.machine(MAIL, ports=(993, 465))
    online.srv("example.test", "gone.example.test", {"_imaps": 993})
    for more in ((), ("--plain",)):
        ran = online.run("doctor", ADDRESS, *more)
        assert ran.code == 5
        assert "gone.example.test 993" in ran.stdout
        assert FORBIDDEN not in ran.stdout


def test_another_published_server_that_works_makes_it_a_note(online):
    online.machine(MAIL)
    online.srv("example.test", "gone.example.test")
    online.publish("autoconfig.example.test", config(incoming(MAIL), outgoing(MAIL)))
    made = examined(online, code=0)
    assert "published_fails" in notes(made)
    assert any("gone.example.test" in note["text"] for note in made["notes"])


# what is not needed


def test_pop3_that_fails_beside_imap_is_a_note_unless_it_was_asked_for(online):
    online.machine(MAIL, ports=(993, 465))
    online.srv("example.test", MAIL)
    made = examined(online, code=0)
    assert notes(made) == ["pop3_fails", "login_not_tried"]
    assert "IMAP: mail.example.test) and sending" in flat(online.run("doctor", ADDRESS).stdout)
    assert codes(examined(online, "--protocol", "pop3")) == ["port_refused"]


def test_imap_that_fails_beside_pop3_is_a_finding(online):
    online.machine(MAIL, ports=(995, 465))
    online.srv("example.test", MAIL)
    assert [found["protocol"] for found in examined(online)["findings"]] == ["imap"]


def test_a_guess_that_fails_beside_another_way_to_read_is_not_looked_at(online):
    online.machine("pop.example.test", ports=(995,))
    online.machine("imap.example.test", ports=(993,), certificate="expired")
    online.machine("smtp.example.test", ports=(465,))
    made = examined(online, code=0)
    assert [target["protocol"] for target in made["targets"]] == ["pop3", "smtp"]


# the last sentence


def test_the_answer_names_what_was_looked_at(healthy):
    said = flat(healthy.run("doctor", ADDRESS).stdout)
    reading = f"IMAP: {MAIL}, POP3: {MAIL}"
    assert f"Nothing is wrong: the servers for reading ({reading}) and sending (SMTP: {MAIL}) answer" in said
    said = flat(healthy.run("doctor", ADDRESS, "--imap", MAIL).stdout)
    assert f"Nothing is wrong with reading (IMAP: {MAIL}). Sending was not checked" in said
    said = flat(healthy.run("doctor", ADDRESS, "--smtp", MAIL).stdout)
    assert f"Nothing is wrong with sending (SMTP: {MAIL}). Reading was not checked" in said


def test_of_guesses_it_is_said_that_they_are_guesses(online):
    online.machine(MAIL, ports=(993, 465))
    said = flat(online.run("doctor", ADDRESS).stdout)
    assert f"(IMAP: {MAIL} (a guess)) and sending (SMTP: {MAIL} (a guess)) answer" in said
    assert f"they are guesses: IMAP: {MAIL}, SMTP: {MAIL}. Compare them with what your provider says." in said
    assert "sono ipotesi" in flat(online.run("doctor", ADDRESS, "--lang", "it").stdout)
    assert "guessed" in notes(examined(online, code=0))
    assert "guessed" not in notes(examined(online, "--imap", MAIL, "--smtp", MAIL, code=0))


def test_of_servers_that_were_named_none_is_missing(online, tmp_path):
    online.machine(MAIL, ports=(465,))
    (tmp_path / "msmtprc").write_text(
        f"account a\nhost {MAIL}\nport 465\ntls on\ntls_starttls off\nauth on\nfrom {ADDRESS}\nuser {ADDRESS}\n"
    )
    assert examined(online, "--settings", "msmtprc", code=0)["findings"] == []


# several owners


def test_an_old_provider_that_still_publishes_is_a_note(online):
    online.machine("imap.gmail.com", "pop.gmail.com", "smtp.gmail.com")
    online.world.dns("example.test", MX=[(1, "aspmx.l.google.com")])
    online.machine("mail.old.test")
    online.publish("autoconfig.example.test", config(incoming("mail.old.test"), outgoing("mail.old.test")))
    made = examined(online, code=0)
    assert {target["host"] for target in made["targets"]} == {"imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"}
    assert "several_providers" in notes(made)


def test_sending_at_another_owner_is_no_sending_of_the_account(online):
    """Receiving of one and sending of another make no account, and nothing is called fine."""
    online.world.dns("example.test", MX=[(10, "mx.receiver.test")])
    online.machine("mail.receiver.test", ports=(993,))
    online.publish("autoconfig.receiver.test", config(incoming("mail.receiver.test"), domains=("receiver.test",)))
    online.machine("mail.old.test", ports=(465,))
    online.srv("example.test", "mail.old.test", {"_submissions": 465})
    made = examined(online)
    assert set(codes(made)) & {"no_sending_server", "no_receiving_server"}
