"""What somebody reports who knows the program and the words on its screen: what they mean, and what to set."""

from __future__ import annotations

import pytest

from tests.cli.doctor_runs import ADDRESS, PRINTING, USERS, codes, document, flat
from tests.online import config_of

pytestmark = pytest.mark.usefixtures("secret")

HOST = "mail.example.test"
LOGIN = ("--login", "--password-command", PRINTING)


@pytest.fixture
def secret(tmp_path):
    """A file with the password of the user."""
    from tests.cli.doctor_runs import CANARY

    (tmp_path / "secret").write_text(CANARY + "\n", encoding="utf-8")


# --- a server that lets only programs in that say which they are


@pytest.mark.parametrize("answer", ["OK Done", "NO I do not care", "BAD Unknown command"])
def test_a_server_that_wants_to_know_the_program_lets_the_doctor_in(online, answer):
    online.machine(HOST, ports=(993,), users=USERS, wants_id=True, id_answer=answer)
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, *LOGIN), 0)
    assert codes(made) == []
    rungs = {rung["name"]: rung for rung in made["targets"][0]["rungs"]}
    assert rungs["mailbox"]["status"] == "ok"
    assert rungs["mailbox"]["detail"] == "INBOX: 3"
    said = [command for command in online.world.mail_commands() if " ID " in command]
    assert len(said) == 1
    assert '"name" "mail-wizard"' in said[0]
    assert "anna" not in said[0]
    assert len(online.world.logins) == 1


def test_a_server_that_never_answers_that_question_is_not_waited_for(online, monkeypatch):
    monkeypatch.setattr("wizard.net.login.ID_TIMEOUT", 0.05)
    online.machine(HOST, ports=(993,), users=USERS, wants_id=True, id_answer=None)
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, *LOGIN), 0)
    assert made["targets"][0]["rungs"][-1]["detail"] == "INBOX: 3"


def test_a_wrong_password_is_tried_no_more_often_there(online):
    online.machine(HOST, ports=(993,), users={ADDRESS: "another"}, wants_id=True)
    document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, *LOGIN), 6)
    assert len(online.world.logins) <= 2
    assert not [command for command in online.world.mail_commands() if " ID " in command]


def test_a_server_that_does_not_ask_is_told_nothing(online):
    online.machine(HOST, ports=(993,), users=USERS)
    document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, *LOGIN), 0)
    assert not [command for command in online.world.mail_commands() if " ID " in command]


# --- the words on the screen


@pytest.mark.parametrize(
    ("text", "program", "protocols"),
    [
        ("0x800CCC0E", "outlook", ["imap", "pop3", "smtp"]),
        ("800ccc0f", "outlook", ["imap", "pop3", "smtp"]),
        ("Ox800CCC19", "outlook", ["imap", "pop3", "smtp"]),
        ("errore 0x800CCC1A durante l'invio", "outlook", ["smtp"]),
        ("0x800CCC79", "outlook", ["smtp"]),
        ("Task 'anna@example.test - Receiving' reported error (0x80042108)", "outlook", ["imap", "pop3"]),
        ("Cannot verify server identity", "iphone", ["imap", "pop3", "smtp"]),
        ("IMAP server not responding", None, ["imap"]),
        ("The account name or pasword cannot be verifed", "mac", ["imap", "pop3", "smtp"]),
        ("Connection to server mail.example.test timed out.", "thunderbird", ["imap", "pop3"]),
        ("impossibile verificare l’identità del server", "iphone", ["imap", "pop3", "smtp"]),
        ("Impossibile autenticarsi sul server", None, ["imap", "pop3", "smtp"]),
        ("Couldn’t open connection to server", None, ["imap", "pop3", "smtp"]),
    ],
)
def test_a_code_or_a_sentence_is_explained_in_the_words_of_its_program(healthy, text, program, protocols):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", text), 0)
    says = made["says"]
    assert says["known"]
    assert says["program"] == program
    assert says["protocols"] == protocols
    assert says["causes"]
    assert [target["protocol"] for target in made["targets"]] == protocols


@pytest.fixture
def healthy(online):
    """A domain with servers as they should be, in which a user can log in."""
    online.machine(HOST, users=USERS)
    online.srv("example.test", HOST)
    return online


def test_words_that_are_not_known_are_no_error_and_the_servers_are_examined_as_always(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", "Anmeldung am Server fehlgeschlagen"), 0)
    assert not made["says"]["known"]
    assert made["says"]["causes"] == []
    assert made["says"]["confidence"] is None
    assert "not known" in made["says"]["meaning"]
    assert [target["protocol"] for target in made["targets"]] == ["imap", "pop3", "smtp"]


def test_words_that_are_no_known_message_are_taken_for_what_they_speak_of(healthy):
    says = ("--says", "my phone keeps asking for the password of anna@example.test")
    made = document(healthy.run("doctor", ADDRESS, "--json", *says), 0)["says"]
    assert not made["known"]
    assert made["confidence"] == "possible"
    assert "auth_needs_app_password" in made["causes"]
    assert "The server does not let your mail program in" in made["meaning"]


def test_the_nearest_known_message_is_named(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", "non riesce a contattare la porta"), 0)
    assert not made["says"]["known"]
    assert made["says"]["nearest"]


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31m0x800CCC0E\x07",
        "Outlook\r\n\r\nTask 'x' reported error (0x800CCC0E):\n\t'Cannot connect'\n[OK]",
        "0x800CCC0E " + "word " * 5000,
        "“0x800CCC0E” …",
    ],
    ids=["control characters", "a pasted dialog", "very long", "quotes"],
)
def test_whatever_is_pasted_is_shown_on_one_short_line(healthy, text):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", text), 0)
    assert made["says"]["known"]
    assert made["says"]["text"].isprintable()
    assert len(made["says"]["text"]) <= 160


@pytest.mark.parametrize("text", ["", "   ", "\x07"])
def test_an_empty_text_is_said_with_the_option(healthy, text):
    ran = healthy.run("doctor", ADDRESS, "--says", text)
    assert ran.code == 2
    assert "--says: Give the code or the sentence" in flat(ran.stderr)


def test_the_words_are_explained_even_where_no_server_is_known(online):
    online.world.dns("example.test", TXT=["nothing to see"])
    ran = online.run("doctor", ADDRESS, "--says", "0x800CCC92")
    assert ran.code == 4
    assert "The server does not let Outlook (classic) in." in flat(ran.stderr)
    assert "--imap HOST" in flat(ran.stderr)


def test_two_codes_are_both_explained(healthy):
    says = document(healthy.run("doctor", ADDRESS, "--json", "--says", "0x800CCC0F then 0x800CCC92"), 0)["says"]
    assert "ended the connection" in says["meaning"]
    assert "does not let Outlook" in says["meaning"]


def test_a_message_about_sending_examines_sending_alone(online):
    """Receiving is broken as well, but that is not what was asked."""
    online.machine("in.example.test", ports=())
    online.machine("out.example.test", ports=(465,))
    online.world.dns("_imaps._tcp.example.test", SRV=[(0, 1, 993, "in.example.test")])
    online.world.dns("_submissions._tcp.example.test", SRV=[(0, 1, 465, "out.example.test")])
    made = document(online.run("doctor", ADDRESS, "--json", "--says", "Sending of the message failed."), 0)
    assert [target["protocol"] for target in made["targets"]] == ["smtp"]
    assert "--send-test" in " ".join(note["text"] for note in made["notes"])
    made = document(online.run("doctor", ADDRESS, "--json", "--says", "Cannot Get Mail", "--no-probe"), 5)
    assert codes(made) == ["port_refused"]


def test_a_message_about_a_side_that_was_not_typed_says_so(healthy):
    typed = ("--imap", HOST)
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", "0x800CCC79", *typed), 0)
    assert [target["protocol"] for target in made["targets"]] == ["imap"]
    assert "give it with --smtp" in " ".join(note["text"] for note in made["notes"])


def test_it_never_overrides_what_was_seen(online):
    """The message speaks of the password; the certificate is what is wrong."""
    online.machine(HOST, ports=(993,), certificate=["other.example.test"])
    asked = ("--imap", HOST, "--says", "Username or password incorrect")
    made = document(online.run("doctor", ADDRESS, "--json", *asked), 5)
    assert codes(made)[0] == "tls_name_mismatch"


def test_of_equally_sure_findings_the_one_that_the_message_stands_for_comes_first(online):
    online.machine("in.example.test", ports=(993,), certificate="expired")
    online.machine("out.example.test", ports=())
    typed = ("--imap", "in.example.test", "--smtp", "out.example.test")
    plain = document(online.run("doctor", ADDRESS, "--json", *typed), 5)
    assert codes(plain) == ["tls_expired", "port_refused"]
    asked = document(online.run("doctor", ADDRESS, "--json", *typed, "--says", "0x800CCC0E"), 5)
    assert codes(asked) == ["port_refused", "tls_expired"]


def test_a_message_of_another_program_is_explained_and_the_named_one_counts(healthy):
    ran = healthy.run("doctor", ADDRESS, "--says", "0x800CCC0E", "--program", "Thunderbird 128")
    assert "These words are known from Outlook (classic), not from Thunderbird." in flat(ran.stdout)
    assert "Look at these settings in Thunderbird" in ran.stdout


def test_a_message_about_the_programs_own_data_sends_nobody_to_the_servers(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", "0x8004010F"), 0)
    assert made["says"]["causes"] == []
    assert made["program"] == {"id": "outlook", "name": "Outlook (classic)", "settings": []}
    assert "nothing to do with this message" in " ".join(note["text"] for note in made["notes"])


def test_a_message_about_the_password_asks_for_the_log_in(healthy):
    says = ("--says", "The user name or password for “Anna” is incorrect.")
    made = document(healthy.run("doctor", ADDRESS, "--json", *says), 0)
    assert "--login" in next(note["text"] for note in made["notes"] if note["code"] == "login_not_tried")
    made = document(healthy.run("doctor", ADDRESS, "--json", *says, *LOGIN), 0)
    assert "log-in works here" in next(note["text"] for note in made["notes"] if note["code"] == "next_look")


def test_the_explanation_comes_first_and_in_italian_too(healthy):
    ran = healthy.run("doctor", ADDRESS, "--lang", "it", "--says", "Invio del messaggio non riuscito")
    said = flat(ran.stdout)
    assert said.index("Significa Thunderbird non è riuscito a consegnare") < said.index("SMTP mail.example.test")


def test_the_helpdesk_reads_it_too(healthy, tmp_path):
    asked = ("--says", "0x800CCC0E for anna@example.test", "--report", "text", "--shorten-addresses")
    assert healthy.run("doctor", ADDRESS, *asked).code == 0
    written = (tmp_path / "text").read_text()
    assert "It shows: “0x800CCC0E for a…@example.test”" in written
    assert "Mail program: Outlook (classic)" in written


# --- the settings of the program itself


def test_where_the_servers_are_healthy_the_programs_own_settings_are_listed(healthy):
    """The log-in for sending is not ticked: nothing at a server shows that."""
    made = document(healthy.run("doctor", ADDRESS, "--json", "--program", "outlook"), 0)
    told = made["program"]["settings"]
    assert 3 <= len(told) <= 6
    assert any("My outgoing server (SMTP) requires authentication" in line for line in told)
    assert any("Incoming mail server “mail.example.test”" in line and "“993”" in line for line in told)
    assert any("“465”" in line and "SSL/TLS" in line for line in told)


def test_where_sending_alone_fails_its_log_in_is_the_first_to_look_at(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--says", "0x800CCC79"), 0)
    assert "requires authentication" in made["program"]["settings"][0]
    assert not any("“993”" in line for line in made["program"]["settings"])


@pytest.mark.parametrize(
    ("name", "program", "label"),
    [
        ("Thunderbird", "thunderbird", "Connection security"),
        ("Outlook 2016", "outlook", "Encrypted connection"),
        ("new Outlook", "outlook-new", "Secure connection type"),
        ("iPhone 15", "iphone", "Use SSL"),
        ("iOS", "iphone", "Use SSL"),
        ("Apple Mail", "mac", "Use TLS/SSL"),
        ("GMAIL", "gmail", "Security type"),
        ("Samsung", "samsung", "Security type"),
        ("K-9", "k9", "Security"),
        ("thunderbird-android", "k9", "Security"),
        ("mobileconfig", "iphone", "Use SSL"),
        ("mutt", "neomutt", "security"),
        ("other", "other", "security"),
    ],
)
def test_a_program_has_its_usual_names_and_its_own_labels(healthy, name, program, label):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--program", name), 0)
    assert made["program"]["id"] == program
    assert 2 < len(made["program"]["settings"]) <= 6
    assert any(label in line for line in made["program"]["settings"])


def test_the_servers_are_examined_for_an_unknown_program_too(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--program", "Thunderbrid"), 0)
    said = {note["code"]: note["text"] for note in made["notes"]}
    assert said["program_not_known"].startswith("--program: The mail program “Thunderbrid” is not known. Did you mean")
    assert "program" not in made or made["program"] is None


@pytest.mark.parametrize("name", ["Posta", "Mail per Mac", "Nuovo Outlook", "Spark", "eM Client", "FairEmail"])
def test_programs_without_a_file_of_their_own_are_known_by_name(healthy, name):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--program", name), 0)
    assert "program_not_known" not in {note["code"] for note in made["notes"]}
    assert len(made["program"]["settings"]) > 2


def test_the_program_is_the_one_that_the_settings_file_is_of(healthy, tmp_path):
    (tmp_path / "msmtprc").write_text(
        f"account a\nhost {HOST}\nport 465\ntls on\ntls_starttls off\nauth on\nfrom {ADDRESS}\nuser {ADDRESS}\n"
    )
    made = document(healthy.run("doctor", ADDRESS, "--json", "--settings", "msmtprc"), 0)
    assert made["program"]["id"] == "msmtp"
    made = document(healthy.run("doctor", ADDRESS, "--json", "--settings", "msmtprc", "--program", "outlook"), 0)
    assert made["program"]["id"] == "outlook"


def test_beside_a_finding_there_is_no_list(online):
    online.machine(HOST, ports=())
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, "--program", "thunderbird"), 5)
    assert made["program"]["settings"] == []


def test_without_the_options_nothing_is_said_of_a_program(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json"), 0)
    assert "says" not in made
    assert "program" not in made


def test_where_something_is_to_be_entered_the_program_says_where(online):
    online.machine(HOST, ports=(465,))
    asked = ("--smtp", f"{HOST}:587", "--program", "thunderbird")
    made = document(online.run("doctor", ADDRESS, "--json", *asked), 5)
    assert codes(made) == ["port_refused"]
    assert (
        "In Thunderbird this is entered here: Account Settings, “Outgoing Server (SMTP)”" in made["notes"][-1]["text"]
    )


# --- the guided way


def guided(online, *answers: str, language: str = "en"):
    return online.run("setup", ADDRESS, "--plain", "--lang", language, stdin="\n".join([*answers, ""]))


def test_who_comes_with_a_trouble_can_say_so(online):
    """The log-in for sending is not ticked in Outlook."""
    online.machine(HOST)
    online.srv("example.test", HOST)
    ran = guided(online, "trouble", "outlook", "0x800CCC79", "stop")
    said = flat(ran.stderr)
    assert ran.code == 130
    assert "None of this: my mail does not work, find out why" in said
    assert "Nothing is wrong with sending" in said
    assert "tick “My outgoing server (SMTP) requires authentication”" in said
    assert "Set up the address" in said


def test_a_finding_is_shown_there_in_italian_too(online):
    online.machine(HOST, ports=(993, 465), certificate=["other.example.test"])
    online.publish("autoconfig.example.test", config_of(HOST, "example.test"))
    ran = guided(online, "trouble", "iphone", "Impossibile verificare l'identità del server", "stop", language="it")
    said = flat(ran.stderr)
    assert "iPhone, iPad non si fida del certificato" in said
    assert "other.example.test" in said
    assert "Che cosa fare" in said


def test_where_nothing_is_known_of_the_servers_that_is_said_and_the_way_goes_on(online):
    online.world.dns("example.test", TXT=["nothing to see"])
    said = flat(guided(online, "trouble", "other", "", "stop").stderr)
    assert "Set up the address" in said
