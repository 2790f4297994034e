"""A log-in, a mailbox or a message that is refused in words: the first finding is what the words speak of."""

from __future__ import annotations

import pytest

from tests.cli.doctor_runs import ADDRESS, CANARY, PRINTING, USERS, document

HOST = "mail.example.test"
PROTOCOLS = {"imap": 993, "pop3": 995, "smtp": 465}


@pytest.fixture
def doctor(online, tmp_path):
    """The first finding of ``doctor`` at a server of ours that does as ``how`` says."""

    def first(protocol: str, *words: str, host: str = HOST, finding: int = 0, **how: object) -> dict:
        (tmp_path / "secret").write_text(CANARY + "\n", encoding="utf-8")
        online.machine(host, ports=(PROTOCOLS[protocol],), **{"users": USERS, **how})
        only = ("--protocol", "imap") if protocol == "smtp" else ()
        ran = online.run(
            *(
                "doctor",
                ADDRESS,
                "--json",
                f"--{protocol}",
                host,
                "--login",
                "--timeout",
                "60",
                "--accept",
                "foreign_domain",
            ),
            *("--password-command", PRINTING, *only, *words),
        )
        made = document(ran, ran.code)
        return made["findings"][finding]

    return first


def refused(doctor, protocol: str, says: str, **how: object) -> dict:
    return doctor(protocol, users={}, refused_with=says, **how)


def changes_the_password(finding: dict) -> list[str]:
    """The steps that tell to set a new password without a look whether the old one is right."""
    return [
        step
        for step in finding["steps"]
        if "new password" in step
        and "Only if" not in step
        and "somebody knows" not in step
        and "did not write" not in step
    ]


@pytest.mark.parametrize(
    ("protocol", "says", "code"),
    [
        ("pop3", "-ERR Mailbox is locked by POP server", "mailbox_in_use"),
        ("pop3", "-ERR [AUTH] pop lock busy!  Is another session active?", "mailbox_in_use"),
        ("pop3", "-ERR La casella risulta già in uso da un altro programma", "mailbox_in_use"),
        ("imap", "NO [AUTHENTICATIONFAILED] User does not have access rights to this service", "protocol_switched_off"),
        (
            "smtp",
            "535 5.7.8 Der Zugriff per SMTP ist für dieses Postfach nicht freigeschaltet",
            "protocol_switched_off",
        ),
        ("imap", "NO [AUTHENTICATIONFAILED] L'accès IMAP est désactivé pour ce compte", "protocol_switched_off"),
        ("imap", "NO AUTHENTICATE mechanism not supported, mate", "auth_mechanism_missing"),
        ("smtp", "535 La password è scaduta", "password_expired"),
        ("imap", "NO [AUTHENTICATIONFAILED] Ihr Passwort ist abgelaufen", "password_expired"),
        ("imap", "NO [AUTHENTICATIONFAILED] too many attempts", "rate_limited"),
        ("smtp", "535 5.7.8 Demasiados intentos fallidos, espere 15 minutos", "rate_limited"),
        ("imap", "NO [AUTHENTICATIONFAILED] Too many open sessions for this user", "too_many_connections"),
    ],
)
def test_words_of_a_lock_of_rights_or_of_a_limit_count_before_the_code(doctor, protocol, says, code):
    found = refused(doctor, protocol, says)
    assert found["code"] == code
    assert found["confidence"] == "likely"
    if code != "password_expired":
        assert changes_the_password(found) == []


@pytest.mark.parametrize(
    "says",
    [
        "535 5.7.139 Authentication unsuccessful, BasicAuthBlocked",
        "550 5.7.30 Basic authentication is not supported for Client Submission.",
        "535 5.7.3 Modern authentication is required",
    ],
)
def test_a_server_that_takes_no_passwords_says_so_in_its_words_alone(doctor, says):
    assert refused(doctor, "smtp", says)["code"] == "auth_oauth2_only"


def test_a_rule_of_the_organisation_is_known_by_its_words_alone(doctor):
    says = "535 5.7.139 Authentication unsuccessful, the user did not meet the criteria to be authenticated. Contact"
    found = refused(doctor, "smtp", says)
    assert found["code"] == "program_refused"
    assert "OAuth2" in found["steps"][0]


@pytest.mark.parametrize(
    "says",
    [
        "534-5.7.14 <https://accounts.google.com/signin/continue> Please log in via your web browser and",
        "534 5.7.14 Please sign in with your browser first, then try again.",
        "535 Bitte melden Sie sich zuerst im Browser an",
    ],
)
def test_the_sign_in_by_browser_is_known_although_a_word_differs(doctor, says):
    says = f"{says}\r\n534 5.7.14 then try again. - gsmtp" if says.startswith("534-") else says
    found = refused(doctor, "smtp", says)
    assert found["code"] == "auth_failed"
    assert "browser" in found["cause"]
    assert changes_the_password(found) == []


@pytest.mark.parametrize(
    ("command", "says", "code"),
    [
        (".", "552 5.2.0 message rejected: spam detected", "taken_for_spam"),
        (".", "554 5.7.1 Ihre Nachricht wurde als Spam eingestuft", "taken_for_spam"),
        ("MAIL", "550 SENDER REJECTED", "sending_suspended"),
        ("RCPT", "550 L'invio da questa casella è bloccato", "sending_suspended"),
        ("RCPT", "550 Domain example.test has exceeded the max emails per hour (50/50 (100%)) allowed", "rate_reached"),
        ("MAIL", "451 Limite giornaliero di invio superato", "rate_reached"),
        ("RCPT", "550 Trop de messages envoyés par heure", "rate_reached"),
        ("RCPT", "550 5.1.1 <anna@example.test>: User unknown in virtual mailbox table", "mailbox_moved"),
        ("RCPT", "550 No Such User Here", "mailbox_moved"),
        ("RCPT", "550 Empfänger unbekannt", "mailbox_moved"),
        ("RCPT", "550-Your IP 203.0.113.7 is listed at zen.example", "address_blacklisted"),
        ("MAIL", "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", "helo_refused"),
        ("MAIL", "550 Il dominio risulta sospeso per mancato pagamento", "hosting_suspended"),
    ],
)
def test_what_is_refused_after_the_log_in_is_named(doctor, command, says, code):
    says = f"{says}\r\n550 see the list" if says.startswith("550-") else says
    found = doctor("smtp", "--send-test", answers={command: says})
    assert found["code"] == code
    assert found["evidence"].startswith("The server said: “")
    assert changes_the_password(found) == []


@pytest.mark.parametrize(
    "says",
    ["EXAMINE Unsafe Login. Please contact kefu@188.com for help", "EXAMINE Unsafe client, please identify yourself"],
)
def test_a_provider_that_wants_to_know_the_program_is_named(doctor, says):
    assert doctor("imap", answers={"EXAMINE": f"NO {says}"})["code"] == "program_refused"


@pytest.mark.parametrize(
    "says",
    [
        *("554 mail.example.test", "554 5.7.1 No SMTP service here", "550 Go away"),
        *("554 5.3.2 Service not available", "521 mail.example.test does not accept mail from you"),
    ],
)
def test_a_permanent_refusal_in_place_of_the_greeting_never_passes_by_itself(doctor, says):
    found = doctor("smtp", greeting=says)
    assert found["code"] == "address_blacklisted"
    assert not any("in an hour" in step or "passes" in step for step in (found["cause"], *found["steps"]))
    assert "another network" in found["steps"][0]


def test_a_temporary_refusal_in_place_of_the_greeting_passes(doctor):
    assert doctor("smtp", greeting="421 mail.example.test Service not available")["code"] == "temporarily_unavailable"


@pytest.mark.parametrize(
    ("protocol", "says", "confidence"),
    [
        ("imap", "NO [AUTHENTICATIONFAILED] The moon is in the wrong house", "likely"),
        ("smtp", "535 5.7.8 Nessuna pizza oggi", "likely"),
        ("pop3", "-ERR Nichts geht mehr", "possible"),
    ],
)
def test_unknown_words_are_shown_and_the_password_stays_until_web_mail_refuses_it(doctor, protocol, says, confidence):
    found = refused(doctor, protocol, says)
    assert (found["code"], found["confidence"]) == ("auth_failed", confidence)
    assert says.split()[-1] in found["evidence"]
    assert changes_the_password(found) == []
    assert "web page" in found["steps"][1]


@pytest.mark.parametrize(
    ("protocol", "says"),
    [
        ("imap", "NO [AUTHENTICATIONFAILED] Authentication failed."),
        ("smtp", "535 5.7.8 Error: authentication failed: authentication failure"),
        ("pop3", "-ERR [AUTH] Nome utente o password errati"),
        ("imap", "NO [AUTHENTICATIONFAILED] Benutzername oder Kennwort ungültig"),
        ("smtp", "535 5.7.8 Identifiant ou mot de passe incorrect"),
        ("pop3", "-ERR [AUTH] Usuario o contraseña incorrectos"),
    ],
)
def test_words_that_speak_of_name_and_password_alone_are_just_that(doctor, protocol, says):
    found = refused(doctor, protocol, says)
    assert (found["code"], found["confidence"]) == ("auth_failed", "certain")
    assert "does not accept the user name with this password" in found["cause"]
    assert changes_the_password(found) == []
