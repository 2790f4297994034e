"""``discover`` and ``export`` in an internet of our own: what is found, what is doubted, and how both are said."""

from __future__ import annotations

import json
import re
import sys

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.online import config_of
from tests.test_schemas import wrong
from tests.world import Page
from wizard.discovery.registry import spec_of
from wizard.model.discovery import Source

COLOUR = re.compile(r"\x1b\[(?:3[0-7]|9[0-7]|38|48|1;3[0-7])[;m]")
SOURCES = tuple(spec_of(source).name for source in Source if source is not Source.USER)


def flat(text: str) -> str:
    return " ".join(text.split())


def mute(online, domain: str) -> None:
    """A domain whose web hosts let everybody wait."""
    for name in (domain, f"autoconfig.{domain}", f"autodiscover.{domain}"):
        online.mute(name)


def test_each_server_has_its_state_its_origin_and_how_far_that_can_be_trusted(online):
    online.machine("mail.example.test")
    online.srv("example.test", "mail.example.test")
    ran = online.run("discover", "anna@example.test")
    assert (ran.code, ran.stderr) == (0, "")
    for protocol, port in (("IMAP", 993), ("POP3", 995), ("SMTP", 465)):
        assert f"{protocol} mail.example.test {port} SSL/TLS answers, certificate valid from the domain's DNS" in flat(
            ran.stdout
        )
    assert "records (SRV); not protected in transit" in flat(ran.stdout)
    assert "To agree to" not in ran.stdout


def test_what_is_published_over_https_is_protected_on_the_way(online):
    online.machine("mail.example.test")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    ran = online.run("discover", "anna@example.test")
    assert "published by the provider (autoconfig); protected in transit" in flat(ran.stdout)


def test_a_foreign_domain_is_named_in_full_with_its_letters_and_the_option_that_agrees(online):
    online.machine("mail.xn--bcher-kva.test")
    online.srv("example.test", "mail.xn--bcher-kva.test")
    ran = online.run("discover", "anna@example.test")
    assert ran.code == 0
    assert "mail.xn--bcher-kva.test 993 SSL/TLS (mail.bücher.test)" in flat(ran.stdout)
    assert "The servers for example.test are at bücher.test (xn--bcher-kva.test)" in flat(ran.stdout)
    assert "--accept foreign_domain" in ran.stdout


def test_a_long_name_is_never_cut(online):
    host = f"mail.{'a' * 63}.hoster.test"
    online.machine(host)
    online.srv("example.test", host)
    with online.open("discover", "anna@example.test", columns=40, lines=90) as terminal:
        assert terminal.end() == 0
        assert host in "".join(terminal.everything.split("\n"))


def test_sources_that_disagree_are_shown_with_both_values(online):
    online.machine("mail.example.test", ports=(993,))  # nobody sends, so everybody is waited for
    online.machine("old.example.test", ports=())
    online.srv("example.test", "mail.example.test", {"_imaps": 993, "_submissions": 465})
    online.publish("autoconfig.example.test", config_of("old.example.test", "example.test"))
    ran = online.run("discover", "anna@example.test")
    said = flat(ran.stdout)
    assert "The sources disagree about IMAP" in said
    assert "mail.example.test 993 (answers)" in said
    assert "old.example.test 993 (" in said
    assert said.index("Incoming IMAP mail.example.test") < said.index("Also IMAP old.example.test")


def test_a_server_that_does_not_answer_is_shown_with_the_reason_and_what_to_do(online):
    online.machine("mail.example.test", certificate="expired")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    ran = online.run("discover", "anna@example.test")
    assert ran.code == 0
    said = flat(ran.stdout)
    assert "does not answer as it should: The certificate of mail.example.test 993 has expired." in said
    assert said.count("993 has expired") == 1
    assert "ask your provider which servers are the right ones" in said


PLAIN = config(
    incoming("mail.example.test", 143, security="plain"),
    outgoing("mail.example.test", 587, security="plain"),
    domains=("example.test",),
)


@pytest.fixture
def unencrypted(online):
    online.machine("mail.example.test", ports=(143, 587), security="plain")
    online.publish("autoconfig.example.test", PLAIN)
    return online


def test_without_encryption_nothing_is_usable_and_that_is_said_once(unencrypted):
    ran = unencrypted.run("discover", "anna@example.test")
    assert (ran.code, ran.stdout) == (4, "")
    said = flat(ran.stderr)
    assert "No server of example.test with encryption is known." in said
    assert said.count("--allow-insecure allows them anyway") == 1
    assert "IMAP mail.example.test 143, SMTP mail.example.test 587" in said


def test_plaintext_that_is_permitted_still_needs_consent(unencrypted):
    ran = unencrypted.run("discover", "anna@example.test", "--allow-insecure")
    assert ran.code == 0
    said = flat(ran.stdout)
    assert "IMAP mail.example.test 143 not encrypted!" in said
    assert "certificate valid" not in said
    assert "others can read your password and your mail" in said
    assert "--accept plaintext" in said
    words = ("export", "anna@example.test", "--allow-insecure", "--format", "card")
    refused = unencrypted.run(*words)
    assert refused.code == 3
    assert "--accept plaintext" in refused.stderr


def test_verbose_shows_every_source_with_where_it_was_asked_its_time_and_the_reason(online):
    online.machine("mail.example.test", ports=())  # nothing usable is found, so everybody is waited for
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    ran = online.run("discover", "anna@example.test", "-v")
    listed = ran.stdout.partition("Sources asked")[2]
    assert all(name in listed for name in SOURCES)
    assert len(re.findall(r"\(\d+\.\d+ s\)", listed)) == len(SOURCES)
    assert "https://autoconfig.example.test/mail/config-v1.1.xml" in listed
    assert "dns:example.test?type=MX" in listed
    assert "The name autodiscover.example.test does not exist." in flat(listed)


def test_a_domain_that_does_not_exist_is_said_and_the_one_that_was_meant_is_offered(online):
    ran = online.run("discover", "anna@gmial.com")
    assert (ran.code, ran.stdout) == (4, "")
    said = flat(ran.stderr)
    assert "The domain gmial.com does not exist: is the address spelled correctly? Did you mean anna@gmail.com?" in said
    document = json.loads(online.run("discover", "anna@gmial.com", "--json").stdout)
    assert [one["code"] for one in document["warnings"]] == ["no_such_domain"]


def test_a_domain_that_takes_no_mail_is_said(online):
    online.world.dns("example.test", MX=[(0, ".")])
    ran = online.run("discover", "anna@example.test")
    assert ran.code == 4
    assert "The domain example.test says that it accepts no mail" in flat(ran.stderr)


def test_nothing_found_says_who_was_asked_and_what_to_do_next(online):
    online.world.dns("example.test", TXT=["there"])
    ran = online.run("discover", "anna@example.test")
    assert ran.code == 4
    said = flat(ran.stderr)
    assert "Nothing is known about example.test. In a terminal, “mail-wizard anna@example.test” asks" in said
    assert all(name in said for name in SOURCES)


def test_what_a_stranger_publishes_cannot_write_on_the_terminal(online):
    online.machine("mail.example.test")
    page = config_of("mail.example.test", "example.test").replace(b"Example Mail", "\u202eEvil\u2066 Mail".encode())
    online.publish("autoconfig.example.test", page)
    ran = online.run("discover", "anna@example.test", "-v")
    assert "Evil" in ran.stdout
    assert not set("\u202e\u2066\x1b") & set(ran.stdout)


# the look-up while somebody waits


ENGLISH, ITALIAN = ("en", "asking … ", "nothing ("), ("it", "in attesa … ", "niente (")


@pytest.mark.parametrize(
    ("columns", "language", "asking", "nothing"),
    [
        (80, *ENGLISH),
        (40, *ITALIAN),
        *(pytest.param(columns, *ENGLISH, marks=pytest.mark.slow) for columns in (60, 40)),
        *(pytest.param(columns, *ITALIAN, marks=pytest.mark.slow) for columns in (80, 60)),
    ],
)
def test_a_table_fills_while_sources_answer_and_is_gone_afterwards(online, columns, language, asking, nothing):
    mute(online, "example.test")
    words = ("discover", "anna@example.test", "--timeout", "1.5", "--lang", language)
    with online.open(*words, columns=columns, lines=40) as terminal:
        shown = terminal.see("autoconfig", "(SRV)", asking, nothing, moving=True)
        assert re.search(rf"{re.escape(nothing)}\d[.,]\d+ s\)", shown), shown
        assert terminal.end() == 4
        assert asking not in terminal.everything
        assert all(len(line) <= columns for line in terminal.everything.splitlines())


def test_no_color_leaves_the_table_and_takes_the_colours(online):
    mute(online, "example.test")
    words = ("discover", "anna@example.test", "--timeout", "1")
    with online.open(*words, env={"NO_COLOR": "1"}) as terminal:
        terminal.see("asking … ", moving=True)
        terminal.end()
        assert not COLOUR.search(terminal.raw)


@pytest.mark.parametrize(
    ("words", "env"), [(("--plain",), {}), pytest.param((), {"TERM": "dumb"}, marks=pytest.mark.slow)]
)
def test_plain_says_a_line_for_each_source_once_and_draws_nothing(online, words, env):
    mute(online, "example.test")
    with online.open("discover", "anna@example.test", "--timeout", "1", *words, env=env, columns=60) as terminal:
        assert terminal.end() == 4
        assert "\x1b" not in terminal.raw
        assert [terminal.raw.count(f"{name}: ") for name in SOURCES] == [1] * len(SOURCES)
        assert "asking" not in terminal.raw
        assert "Sources asked" not in terminal.raw


def test_ctrl_c_ends_a_look_up_at_once(online):
    mute(online, "example.test")
    with online.open("discover", "anna@example.test", "--timeout", "60") as terminal:
        terminal.see("asking … ", moving=True)
        terminal.interrupt()
        assert terminal.end(seconds=5) == 130
        assert "Interrupted." in terminal.everything
        assert "Traceback" not in terminal.everything


def test_a_script_gets_no_progress(online):
    mute(online, "example.test")
    ran = online.run("discover", "anna@example.test", "--timeout", "1", "--json")
    assert (ran.code, ran.stderr) == (4, "")
    outcomes = {one["source"]: one["outcome"] for one in json.loads(ran.stdout)["sources"]}
    assert outcomes["autoconfig"] == "unreachable"
    assert outcomes["srv"] == "nothing"


# what scripts rely on


def test_a_live_document_is_as_the_schema_says_and_export_reads_it(online, tmp_path):
    online.machine("mail.hoster.test")
    online.srv("example.test", "mail.hoster.test")
    ran = online.run("discover", "anna@example.test", "--json")
    document = json.loads(ran.stdout)
    assert wrong("discover", document) == []
    assert wrong("settings", document) == []
    assert document["imap"] | {"authentication": []} == {
        "protocol": "imap", "host": "mail.hoster.test", "port": 993, "socket_type": "SSL",
        "username": "anna@example.test", "authentication": [], "source": "srv", "trust": "unauthenticated",
        "verified": True,
    }  # fmt: skip
    (tmp_path / "s.json").write_text(ran.stdout)
    words = ("export", "--settings", "s.json", "--format", "card", "--output", "out")
    assert online.run(*words).code == 3
    assert online.run(*words, "--accept", "foreign_domain").code == 0
    assert "mail.hoster.test" in (tmp_path / "out" / "anna@example.test.txt").read_text()


def test_export_names_the_consent_that_is_missing_and_writes_with_it(online, tmp_path):
    online.machine("mail.example.test")
    words = ("export", "anna@example.test", "--format", "autoconfig", "--output", "out")
    ran = online.run(*words)
    assert ran.code == 3
    servers = "IMAP mail.example.test 993, SMTP mail.example.test 465, POP3 mail.example.test 995"
    assert servers in ran.stderr  # the last one comes into the file, too
    assert ran.stderr.rstrip().endswith("To agree, add: --accept guess")
    assert not (tmp_path / "out").exists()
    assert online.run(*words, "--accept", "guess").code == 0
    assert (tmp_path / "out" / "config-v1.1.xml").is_file()


def test_export_of_nothing_ends_with_4_and_says_what_to_do_next(online, tmp_path):
    ran = online.run("export", "anna@gmial.com", "--format", "card")
    assert ran.code == 4
    assert ran.stderr.rstrip().endswith(
        "does not exist: is the address spelled correctly? Did you mean anna@gmail.com?"
    )
    assert list(tmp_path.iterdir()) == []


def test_export_says_that_a_server_did_not_answer(online):
    online.machine("mail.example.test", ports=())
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    ran = online.run("export", "anna@example.test", "--format", "card", "--dry-run")
    assert ran.code == 0
    assert "mail.example.test 993 refused the connection." in flat(ran.stderr)
    assert "POP3" not in ran.stderr
    assert "995" not in ran.stderr


def test_a_piped_look_up_says_nothing_beside_its_product(online):
    online.machine("mail.example.test")
    online.srv("example.test", "mail.example.test")
    piped = ("sh", "-c", f'{sys.executable} -m wizard "$@" | head -1', "sh")
    ran = online.run("discover", "anna@example.test", command=piped)
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout == "anna@example.test\n"


def test_a_web_page_in_the_place_of_settings_is_no_error(online):
    online.publish("autoconfig.example.test", Page("<!doctype html><html></html>", "text/html"))
    ran = online.run("discover", "anna@example.test", "--no-probe")
    assert ran.code == 4
    assert "answers with a web page, not with settings" in flat(ran.stderr)
