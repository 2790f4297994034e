"""``doctor`` as a command on an internet of our own: what is looked at, what it says, and what it ends with."""

from __future__ import annotations

import json
import re
import time

import pytest

from tests.cli.doctor_runs import ADDRESS, PRINTING, USERS, codes, document, flat
from tests.test_schemas import wrong

# what is looked at


def test_healthy_servers_end_with_0_and_every_step_side_by_side(healthy):
    ran = healthy.run("doctor", ADDRESS)
    assert (ran.code, ran.stderr) == (0, "")
    assert re.search(r"^ +IMAP +POP3 +SMTP$", ran.stdout, re.MULTILINE)
    assert re.search(r"^encryption \(TLS\) +ok [\d.]+ s +ok [\d.]+ s +ok [\d.]+ s$", ran.stdout, re.MULTILINE)
    assert "Nothing is wrong" in ran.stdout
    assert "--login does that" in flat(ran.stdout)
    assert healthy.world.logins == []


def test_the_document_has_every_step_and_no_finding(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json"), 0)
    assert made["findings"] == []
    assert [one["protocol"] for one in made["targets"]] == ["imap", "pop3", "smtp"]
    steps = [(rung["name"], rung["status"]) for rung in made["targets"][0]["rungs"]]
    assert steps == [
        *((name, "ok") for name in ("dns", "tcp", "tls", "greeting", "capabilities")),
        ("login", "skipped"),
    ]


def test_the_connection_by_ipv4_and_by_ipv6_is_told_apart(online):
    online.world.dns("mail.example.test", AAAA=["::1"])
    online.machine("mail.example.test", ports=(993,))
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test"), 5)
    connected = next(one for one in made["targets"][0]["rungs"] if one["name"] == "tcp")
    assert connected["detail"].endswith("(IPv4: ok, IPv6: refused)")
    assert codes(made) == ["ipv6_broken"]


def test_one_protocol_alone(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--protocol", "imap"), 0)
    assert [one["protocol"] for one in made["targets"]] == ["imap", "smtp"]


@pytest.mark.slow  # client and server wait for each other to begin
def test_what_a_program_has_is_compared_with_what_was_found(healthy):
    ran = healthy.run("doctor", ADDRESS, "--imap", "mail.example.test:993", "--security", "STARTTLS")
    assert ran.code == 5
    said = flat(ran.stdout)
    assert "Your program has the security STARTTLS on port 993, but there the server requires encryption" in said
    assert (
        "your program has mail.example.test, port 993, STARTTLS; for your address, mail.example.test, port 993," in said
    )
    assert "Choose SSL/TLS as the security of the connection, and leave port 993." in said


def test_a_wrong_host_is_answered_with_the_one_that_was_found(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--imap", "wrong.example.test"), 5)
    assert codes(made) == ["host_not_found"]
    assert "mail.example.test" in made["findings"][0]["steps"][0]
    assert "993" in made["findings"][0]["steps"][0]
    assert not [one for one in made["findings"][0]["steps"][1:] if "mail.example.test" in one], "told once"


def test_servers_that_fail_alike_are_each_answered_with_the_one_that_was_found(healthy):
    healthy.machine("mute.example.test", ports=(993, 465), behaviour="close")
    typed = ("--imap", "mute.example.test", "--smtp", "mute.example.test")
    made = document(healthy.run("doctor", ADDRESS, "--json", *typed), 5)
    assert codes(made) == ["temporarily_unavailable"]
    assert made["findings"][0]["protocol"] is None
    assert made["notes"] == []
    first, second = made["findings"][0]["steps"][:2]
    assert first.startswith("For IMAP, enter mail.example.test as the server name and port 993")
    assert second.startswith("For SMTP, enter mail.example.test as the server name and port 465")


def test_another_host_that_works_is_a_note_and_no_finding(healthy):
    healthy.machine("other.example.test", users=USERS)
    made = document(healthy.run("doctor", ADDRESS, "--json", "--imap", "other.example.test"), 0)
    assert [one["code"] for one in made["notes"]] == ["differs", "login_not_tried"]
    assert "other.example.test, port 993" in made["notes"][0]["text"]


def test_another_user_name_is_a_note_unless_it_is_let_in(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--username", "anna", "--protocol", "imap"), 0)
    said = [one["text"] for one in made["notes"] if one["code"] == "differs"]
    assert len(said) == 2
    assert "user name “anna”" in said[0]
    assert f"“{ADDRESS}” was found" in said[0]


def test_typed_servers_need_no_look_up_to_find_anything(online):
    online.machine("mail.hoster.test")
    made = document(
        online.run("doctor", ADDRESS, "--json", "--imap", "mail.hoster.test", "--smtp", "mail.hoster.test"), 0
    )
    assert [(one["protocol"], one["port"], one["source"]) for one in made["targets"]] == [
        ("imap", 993, "user"),
        ("smtp", 465, "user"),
    ]


def test_a_typed_host_may_have_a_private_address(online, run_cli):
    """The person's own word is enough; a host that is only found needs --allow-private."""
    online.machine("mail.example.test")
    online.srv("example.test", "mail.example.test")
    asked = ("doctor", ADDRESS, "--json", "--resolver", online.world.resolver)
    document(run_cli(*asked, "--imap", "mail.example.test", env=online.environment), 0)
    found = document(run_cli(*asked, env=online.environment), 5)
    assert codes(found) == ["host_not_found"]
    assert "--allow-private" in " ".join(found["findings"][0]["steps"])


def test_the_port_says_the_security_where_nobody_does(online):
    online.machine("mail.example.test", ports=(143, 587))
    options = ("--imap", "mail.example.test:143", "--smtp", "mail.example.test:587")
    made = document(online.run("doctor", ADDRESS, "--json", *options), 0)
    assert [one["socket_type"] for one in made["targets"]] == ["STARTTLS", "STARTTLS"]
    shown = online.run("doctor", ADDRESS, *options).stdout
    assert shown.index("greeting") < shown.index("upgrade (STARTTLS)") < shown.index("encryption (TLS)")


def test_settings_from_a_file_that_discover_wrote(healthy, tmp_path):
    (tmp_path / "settings.json").write_text(healthy.run("discover", ADDRESS, "--json").stdout, encoding="utf-8")
    made = document(healthy.run("doctor", ADDRESS, "--json", "--settings", "settings.json"), 0)
    assert len(made["targets"]) == 3


def test_settings_from_the_file_of_a_mail_program(healthy, tmp_path):
    (tmp_path / "msmtprc").write_text(
        f"account a\nhost mail.example.test\nport 466\ntls on\ntls_starttls off\nauth on\nfrom {ADDRESS}\nuser anna\n"
    )
    made = document(healthy.run("doctor", ADDRESS, "--json", "--settings", "msmtprc"), 5)
    assert codes(made) == ["port_refused"]
    assert made["targets"][0]["username"] == "anna"
    assert "port 465" in made["findings"][0]["steps"][0]


def test_a_domain_that_does_not_exist_is_a_cause_with_steps(online):
    made = document(online.run("doctor", "anna@nowhere.test", "--json"), 5)
    assert codes(made) == ["domain_not_found"]


def test_no_network_is_a_cause_with_steps(online):
    online.world.dns_behaviour("*", "refused")
    made = document(online.run("doctor", ADDRESS, "--json"), 5)
    assert codes(made) == ["host_not_found"]
    assert "not online" in made["findings"][0]["cause"]


def test_a_domain_of_which_nothing_is_known_ends_with_4_and_what_to_do(online):
    online.world.dns("example.test", A=["127.0.0.9"])
    ran = online.run("doctor", ADDRESS, "--json")
    assert ran.code == 4
    assert "--imap HOST" in json.loads(ran.stdout)["error"]["text"]


OWN = ("--imap", "imap.gmx.net", "--smtp", "mail.gmx.net", "--security", "SSL")


@pytest.mark.parametrize(
    ("typed", "differing"),
    [
        (OWN, []),
        ((*OWN, "--username", "anna"), ["user name “anna”", "user name “anna”"]),
        (("--imap", "imap.gmx.org", "--smtp", "mail.gmx.net"), ["has imap.gmx.org, port 993, SSL/TLS; for your"]),
    ],
)
def test_without_a_network_what_a_program_has_is_compared_with_the_catalogue(run_cli, typed, differing):
    ran = run_cli("doctor", "anna@gmx.net", "--offline", "--json", *typed)
    made = document(ran, 0)
    assert made["findings"] == []
    assert all(target["rungs"] == [] for target in made["targets"])
    assert [note["code"] for note in made["notes"]] == [*["differs"] * len(differing), "not_connected"]
    assert all(words in note["text"] for words, note in zip(differing, made["notes"], strict=False))
    shown = flat(run_cli("doctor", "anna@gmx.net", "--offline", *typed).stdout)
    assert ("is not what the built-in catalogue has" in shown) is bool(differing)
    assert "answer as they should" not in shown


def test_without_a_network_certified_mail_through_another_server_is_a_finding(run_cli):
    typed = ("--smtp", "smtp.gmail.com:465")
    made = document(run_cli("doctor", "anna@postecert.it", "--offline", "--json", *typed), 5)
    assert codes(made) == ["pec_needs_its_own_smtp"]
    assert not any("it answers" in step for step in made["findings"][0]["steps"])


def test_without_a_network_nothing_is_compared_where_the_catalogue_has_nothing(run_cli):
    ran = run_cli("doctor", ADDRESS, "--offline", "--imap", "mail.example.test")
    assert ran.code == 4
    assert "Without --offline" in flat(ran.stderr)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--offline",), "give --imap HOST, --pop3 HOST, --smtp HOST, or --settings FILE"),
        (("--offline", "--imap", "mail.example.test", "--login"), "--login: This needs a connection"),
        (("--security", "SSL"), "--security: It belongs to --imap"),
        (("--imap", "127.0.0.1"), "--imap: “127.0.0.1” is a number"),
        (("--imap", "mail.example.test:0"), "--imap: “0” is not a port"),
        (("--imap", "https://mail.example.test/webmail"), "Write the name alone, or the name, a colon and the port"),
        (("--imap", "mail.example.test 993"), "“mail.example.test 993” is not the name of a server"),
        (("--pop3", "mail.example.test:"), "--pop3: “mail.example.test:” is not the name of a server"),
        (("--report", "-"), "--report: Name a file"),
        (
            ("--imap", "mail.example.test", "--settings", "x"),
            "--settings: Settings come either from a file or from options",
        ),
        (("--username", " "), "--username: The user name is empty"),
        (("--password-command", "true"), "needed for --login"),
        (("--login", "--password-command", "true", "--password-fd", "3"), "not both"),
        (("--login", "--password-command", "'"), "--password-command: The command cannot be read"),
        (("--login", "--password-command", "false"), "ended with exit code 1"),
        (("--login", "--password-command", "no-such-program x"), "“no-such-program” cannot be started"),
        (("--login", "--password-command", "true"), "the first line is empty"),
        (("--login", "--password-fd", "77"), "Descriptor 77 cannot be read"),
        (("--device", "outlok-2010"), "Did you mean outlook-2010?"),
        (("--report", "no/such/folder/x"), "This directory does not exist"),
        (("--accept", "gues"), "Did you mean guess?"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_does_not_go_is_said_with_the_option(healthy, options, said):
    ran = healthy.run("doctor", ADDRESS, *options)
    assert ran.code == 2, ran.stderr
    assert said in flat(ran.stderr)
    assert ran.stdout == ""


def test_an_address_is_needed(healthy):
    assert healthy.run("doctor").code == 2


# devices


def test_the_devices_are_listed_without_an_address(run_cli):
    ran = run_cli("doctor", "--device", "list")
    assert ran.code == 0
    assert "outlook-2010" in ran.stdout
    assert wrong("devices", json.loads(run_cli("doctor", "--device", "list", "--json").stdout)) == []


def test_an_old_device_is_told_why_it_cannot_connect(online):
    online.machine("mail.example.test", ports=(993,), tls_versions=["TLSv1.3"])
    made = document(
        online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test", "--device", "android 4.0"), 5
    )
    assert "device_tls_too_old" in codes(made)
    assert made["targets"][0]["rungs"][2]["status"] == "ok"


def test_the_same_trouble_of_a_device_at_two_servers_is_told_once(online):
    online.machine("mail.example.test", ports=(993, 465), tls_versions=["TLSv1.3"])
    typed = ("--imap", "mail.example.test", "--smtp", "mail.example.test", "--device", "android-4.0")
    made = document(online.run("doctor", ADDRESS, "--json", *typed), 5)
    too_old = [one for one in made["findings"] if one["code"] == "device_tls_too_old"]
    assert [one["protocol"] for one in too_old] == [None]


def test_a_device_that_nothing_speaks_against_is_named(online):
    online.machine("mail.example.test", ports=(993,))
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test", "--device", "android 15"), 0)
    assert [one["text"] for one in made["notes"] if one["code"] == "device_fits"] == [
        "Android 15 or newer: nothing was found that would keep it from connecting to these servers."
    ]


def test_a_server_that_was_not_reached_is_not_compared(online):
    online.machine("mail.example.test", ports=())
    made = document(
        online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test", "--device", "android-4.0"), 5
    )
    assert codes(made) == ["port_refused"]
    assert [one["code"] for one in made["notes"]] == ["device_not_compared"]


# how it is shown


def test_in_plain_mode_every_step_is_a_line_and_nothing_is_drawn_again(healthy):
    ran = healthy.run("doctor", ADDRESS, "--plain")
    assert ran.code == 0
    assert (
        len(re.findall(r"^(?:IMAP|POP3|SMTP), [\w\- ]+(?:\(\w+\))?: (?:ok|not tried)", ran.stderr, re.MULTILINE)) == 18
    )
    assert "\x1b" not in ran.stderr + ran.stdout


@pytest.mark.parametrize("columns", [40, *(pytest.param(columns, marks=pytest.mark.slow) for columns in (60, 80))])
def test_a_terminal_shows_the_ladders_as_they_are_climbed(healthy, columns):
    with healthy.open("doctor", ADDRESS, "--imap", "mail.example.test", columns=columns, lines=60) as terminal:
        assert terminal.end() == 0
        assert all(len(line) <= columns for line in terminal.everything.splitlines())
        assert "Nothing is wrong" in terminal.everything
        assert "…" in terminal.raw


def test_ctrl_c_ends_a_run_that_waits(online):
    online.machine("mail.example.test", ports=(993,), behaviour="silent")
    with online.open("doctor", ADDRESS, "--imap", "mail.example.test") as terminal:
        terminal.see("connection (TCP)", moving=True)
        terminal.interrupt()
        assert terminal.end(10) == 130
        assert "Traceback" not in terminal.raw


def test_italian_from_the_first_word_to_the_last(healthy):
    ran = healthy.run("doctor", ADDRESS, "--lang", "it", "--imap", "mail.example.test:144")
    assert ran.code == 5
    assert "What to do" not in ran.stdout
    assert "Se fino a poco fa funzionava" in ran.stdout


def test_the_deadline_holds_for_the_whole_command(online):
    online.machine("mail.example.test", ports=(993, 995, 465), behaviour="slow")
    for name in ("example.test", "autoconfig.example.test"):
        online.mute(name)
    online.srv("example.test", "mail.example.test")
    begun = time.monotonic()
    ran = online.run("doctor", ADDRESS, "--json", "--timeout", "2")
    assert time.monotonic() - begun < 8
    assert document(ran, 5)["elapsed_ms"] < 3500


# people who could not connect, in their own language


def test_a_hoster_whose_certificate_is_for_its_own_name(online):
    """She typed mail.DOMAIN, as most guides say; the certificate of the shared server is for the hoster's name."""
    shared = online.machine("server1.hoster.test")
    online.world.dns("example.test", A=[shared], MX=[(10, "mail.example.test")])
    online.world.dns("mail.example.test", A=[shared])
    ran = online.run("doctor", ADDRESS, "--imap", "mail.example.test", "--lang", "it")
    assert ran.code == 5
    assert "Il certificato del server è per un altro nome" in flat(ran.stdout)
    assert "1. Come nome del server scrivi server1.hoster.test, al posto di mail.example.test." in flat(ran.stdout)


@pytest.mark.parametrize(
    ("says", "code", "step"),
    [
        (
            "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833",
            "auth_needs_app_password",
            "al posto di quella di sempre",
        ),
        (
            "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page",
            "protocol_switched_off",
            "consenti IMAP per i programmi di posta",
        ),
    ],
)
def test_access_that_broke_after_a_long_time(online, secret, says, code, step):
    online.machine("mail.example.test", ports=(993,), refused_with=says)
    options = ("--login", "--password-command", PRINTING, "--imap", "mail.example.test", "--lang", "it")
    made = document(online.run("doctor", ADDRESS, "--json", *options), 6)
    assert codes(made) == [code]
    assert [one for one in made["findings"][0]["steps"] if step in one]
    assert len(online.world.logins) == 1  # the server has said what it is: no second try


def test_a_refused_password_at_a_provider_says_what_the_provider_wants(online, secret):
    online.machine("imapmail.libero.it", ports=(993,), refused_with="NO [AUTHENTICATIONFAILED] Authentication failed.")
    online.machine("smtp.libero.it", ports=(465,), refused_with="535 5.7.8 Authentication failed.")
    options = ("--login", "--password-command", PRINTING, "--protocol", "imap")
    made = document(online.run("doctor", "anna@libero.it", "--json", *options), 6)
    assert codes(made) == ["auth_failed"]
    assert made["findings"][0]["protocol"] is None
    assert [one for one in made["findings"][0]["steps"] if "Password Sicura" in one]
