"""Whatever goes wrong in the network, a look-up ends by its deadline, says why, and leaves nothing behind."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
import weakref
from pathlib import Path

import pytest

from tests.discovery.whole import (
    ANNA,
    AUTOCONFIG,
    DOMAIN,
    ISPDB,
    MAIL,
    PACC,
    SERVED,
    SERVICES,
    SWALLOWS,
    URLS,
    WEB_HOSTS,
    WELL_KNOWN,
    by_source,
    good_file,
    look_up,
    publish_srv,
    serve_mail,
    serve_web,
    texts,
)
from tests.in_process import INTERRUPTIBLE
from tests.world import MailServer, Page, World
from wizard.model.discovery import Outcome, Source

TIMEOUT = 0.3
"""Seconds, for those who would wait for ever: what is to be found gets longer."""

SLACK = 2.0
"""Seconds that a busy machine may need beside the deadline."""


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch, caplog, capfd):
    """No socket, thread or task of the look-up outlives it, and neither asyncio nor Python complains of anything."""
    mine: list[weakref.ref[socket.socket]] = []
    begin = socket.socket.__init__

    def noted(self, *given, **named):
        begin(self, *given, **named)
        if threading.current_thread().name != "world":
            mine.append(weakref.ref(self))

    before = set(threading.enumerate())
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        with monkeypatch.context() as patch, caplog.at_level(logging.DEBUG, "asyncio"):
            patch.setattr(socket.socket, "__init__", noted)
            yield
        open_sockets = [reference() for reference in mine if reference() is not None and reference().fileno() != -1]
        gc.collect()
    assert mine
    assert open_sockets == []
    assert [complaint for complaint in complaints if issubclass(complaint.category, ResourceWarning)] == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    for thread in set(threading.enumerate()) - before:
        thread.join(2)  # the reader of the roots ends by itself
    assert {thread.name for thread in set(threading.enumerate()) - before} <= {"world"}
    assert capfd.readouterr().err == ""


@pytest.fixture
def patient(monkeypatch):
    """A connection that does not come about is waited for longer than the whole look-up may take."""
    monkeypatch.setattr("wizard.net.connect.TIMEOUT", 3600.0)
    monkeypatch.setattr("wizard.net.http.TIMEOUT", 3600.0)


def ended_in_time(world, *, timeout=TIMEOUT, address=ANNA, **options):
    """The report, after it came by the deadline and every source had said how it went."""
    begun = time.monotonic()
    report = look_up(world, address, timeout=timeout, **options)
    assert time.monotonic() - begun < timeout + SLACK
    for source_report in report.sources:
        assert source_report.detail, source_report
        assert source_report.url or source_report.source in (Source.CATALOGUE, Source.PROBE), source_report
        assert "unexpected" not in source_report.detail, source_report
    assert all(text.isprintable() for text in texts(report))
    return report


# --- the DNS


@pytest.mark.parametrize("behaviour", ["silent", "servfail", "refused", "garbage", "wrong-id"])
def test_a_resolver_that_gives_no_answer(world, behaviour):
    world.dns_behaviour("*", behaviour)
    report = ended_in_time(world)
    assert not report.usable
    assert {
        source_report.outcome for source_report in report.sources if source_report.source is not Source.CATALOGUE
    } == {Outcome.UNREACHABLE}
    assert "no_network" in [notice.code for notice in report.warnings]


def test_a_source_that_had_no_answer_says_how_long_it_waited_and_for_what(world):
    world.dns_behaviour("*", "silent")
    answers = by_source(ended_in_time(world))
    assert answers["autoconfig"].url == f"{AUTOCONFIG}?emailaddress=anna%40example.test"
    assert answers["well-known"].url == f"{WELL_KNOWN}?emailaddress=anna%40example.test"
    assert answers["ispdb"].url == f"{ISPDB}{DOMAIN}"
    assert answers["srv"].url == f"dns:_imaps._tcp.{DOMAIN}?type=SRV"
    assert answers["mx"].url == f"dns:{DOMAIN}?type=MX"
    assert answers["pacc"].url == PACC
    assert all(
        source_report.elapsed_ms >= TIMEOUT * 900 for name, source_report in answers.items() if name != "catalogue"
    )
    assert all(
        f"{TIMEOUT:g} s" in source_report.detail for name, source_report in answers.items() if name != "catalogue"
    )


@pytest.mark.usefixtures("unhurried")
def test_a_slow_dns_costs_what_it_costs_and_no_more(world):
    world.dns_delay = 0.25
    serve_mail(world)
    publish_srv(world)
    report = ended_in_time(world, timeout=6)
    assert report.imap.evidence.source is Source.SRV
    assert report.imap.verified is True


def test_a_dns_slower_than_the_deadline(world):
    world.dns_delay = 5
    assert not ended_in_time(world).usable


def test_answers_that_are_cut_off_come_over_tcp(world):
    world.dns_behaviour("*", "truncated")
    serve_mail(world)
    publish_srv(world)
    assert ended_in_time(world, timeout=3).imap.verified is True


def test_five_hundred_mail_exchangers_and_two_hundred_targets(world):
    world.dns(DOMAIN, MX=[(number, f"mx{number}.provider{number}.test") for number in range(500)])
    for service in SERVICES:
        targets = [(number % 7, number % 5, 993, f"host{number}.{DOMAIN}") for number in range(200)]
        world.dns(f"{service}._tcp.{DOMAIN}", SRV=targets)
    world.dns(f"*.{DOMAIN}", A=[MAIL])
    report = ended_in_time(world, timeout=2)
    assert len(by_source(report)["srv"].servers) <= 6 * 8
    assert len({address for address in world.dialled if address[1] == 993}) == 1
    asked = {name for what, name, *_ in world.seen if what == "dns"}
    # Three hosts, the two places where each of three domains publishes, and the usual names of the first.
    assert len([name for name in asked if "provider" in name]) <= 3 + 3 * 2 + 5


def test_names_with_hundreds_of_addresses_that_all_swallow(world):
    addresses = [f"203.0.113.{last}" for last in range(1, 250)]
    for address in addresses[:16]:
        world.swallow(address)
    world.dns(DOMAIN, A=addresses)
    world.dns(f"*.{DOMAIN}", A=addresses)
    assert not ended_in_time(world).usable


# --- web servers


@pytest.mark.parametrize(
    "behaviour", ["slow", "slow_body", "endless", "gzip_bomb", "big_headers", "reset", "silent", "garbage", "cut_off"]
)
def test_web_servers_that_misbehave(world, behaviour):
    serve_web(world, dict.fromkeys(URLS, Page(good_file().body, behaviour=behaviour)))
    report = ended_in_time(world)
    assert not report.usable
    assert {source_report.outcome for source_report in report.sources} <= {
        Outcome.UNREACHABLE,
        Outcome.MALFORMED,
        Outcome.NOTHING,
    }


@pytest.mark.parametrize("behaviour", ["reset", "silent", "close", "plain"])
def test_web_servers_that_fail_before_any_page(world, behaviour):
    serve_web(world, dict.fromkeys(URLS, good_file()), behaviour=behaviour)
    assert not ended_in_time(world).usable


def test_redirects_without_an_end(world):
    count = iter(range(10**6))

    def onward(request):
        return Page(status=302, headers={"Location": f"{request.url.partition('?')[0]}?{next(count)}"})

    def back(request):
        return Page(status=307, headers={"Location": request.url})

    serve_web(world, dict.fromkeys(URLS[:3], onward) | dict.fromkeys(URLS[3:], back))
    report = by_source(ended_in_time(world, timeout=2))
    for name in ("autoconfig", "well-known", "ispdb", "autodiscover", "pacc"):
        assert report[name].outcome is Outcome.REFUSED, name
        assert "too many times" in report[name].detail


@pytest.mark.usefixtures("patient")
def test_web_hosts_that_swallow_packets_beside_good_records_add_little(world):
    for name in WEB_HOSTS:
        world.dns(name, A=[SWALLOWS])
    world.swallow(SWALLOWS)
    serve_mail(world)
    publish_srv(world)
    report = ended_in_time(world, timeout=60)
    assert report.imap.evidence.source is Source.SRV
    assert report.elapsed_ms < 20_000


# --- mail servers


@pytest.mark.parametrize(
    "behaviour",
    [
        "silent",
        "no_greeting",
        "close",
        "reset",
        "slow",
        "endless_greeting",
        "endless_line",
        "garbage",
        "greeting_bye",
        "web",
        "injection",
    ],
)
def test_mail_servers_that_misbehave(world, behaviour):
    upgraded = behaviour == "injection"
    serve_mail(world, f"bad.{DOMAIN}", served=SERVED[3:] if upgraded else SERVED, behaviour=behaviour)
    publish_srv(world, f"bad.{DOMAIN}", services=SERVICES[1::2] if upgraded else SERVICES)
    report = ended_in_time(world, timeout=0.6, probe=False)
    srv = by_source(report)["srv"]
    assert srv.outcome is Outcome.FOUND
    assert not [found for found in srv.servers if found.verified is True]


@pytest.mark.parametrize(("source", "host"), [("autoconfig", f"autoconfig.{DOMAIN}"), ("well-known", DOMAIN)])
def test_a_web_host_that_cannot_answer_in_time_any_more_is_not_waited_for(world, monkeypatch, source, host):
    """Its word would count more; but nothing has come back for longer than what is left, divided by what is to come."""
    monkeypatch.setattr("wizard.discovery.completion.GRACE", 3600)
    monkeypatch.setattr("wizard.net.connect.TIMEOUT", 3600)
    monkeypatch.setattr("wizard.net.http.TIMEOUT", 3600)
    monkeypatch.setattr("wizard.discovery.connecting.ROUND_TRIPS", 100_000)
    world.swallow(SWALLOWS)
    world.dns(host, A=[SWALLOWS])
    serve_mail(world)
    serve_web(world, {f"{ISPDB}{DOMAIN}": good_file()})
    report = ended_in_time(world, timeout=60)
    assert report.imap.verified is True
    assert report.imap.evidence.source is Source.ISPDB
    assert by_source(report)[source].outcome is Outcome.CANCELLED


@pytest.mark.usefixtures("patient")
def test_a_published_server_that_swallows_packets_does_not_hold_up_the_others(world, monkeypatch):
    """IMAP and sending are there; who takes POP3 never answers: that costs the grace, not the time for a connection."""
    monkeypatch.setattr("wizard.discovery.completion.GRACE", 2.0)  # it has been silent for long enough by then
    world.swallow(SWALLOWS)
    world.dns(f"pop.{DOMAIN}", A=[SWALLOWS])
    serve_mail(world)
    publish_srv(world, services=("_imaps", "_submissions"))
    publish_srv(world, f"pop.{DOMAIN}", services=("_pop3s",))
    report = ended_in_time(world, timeout=60, probe=False)
    assert report.imap.verified is True
    assert report.smtp.verified is True
    assert report.pop3.verified is False
    assert f"pop.{DOMAIN} 995 did not answer in time" in report.pop3.trouble
    assert 2000 <= report.elapsed_ms < 20_000


def test_the_names_of_all_targets_are_asked_for_before_the_first_has_answered(world):
    """Where the first one is dead, the next one's turn begins with connecting and not with the DNS."""
    world.swallow(SWALLOWS)
    names = [f"{name}.{DOMAIN}" for name in ("first", "second", "third")]
    world.dns(names[0], A=[SWALLOWS])
    world.dns(f"_imaps._tcp.{DOMAIN}", SRV=[(index, 1, 993, name) for index, name in enumerate(names)])
    ended_in_time(world, timeout=1, probe=False)
    assert {name for kind, name, *_rest in world.seen if kind == "dns"}.issuperset(names)


def test_what_was_seen_before_the_deadline_counts(world):
    """A protocol whose server never answers takes nothing from what is known of the other ones of its source."""
    world.swallow(SWALLOWS)
    world.dns(f"smtp.{DOMAIN}", A=[SWALLOWS])
    serve_mail(world)
    publish_srv(world, services=("_imaps",))
    publish_srv(world, f"smtp.{DOMAIN}", services=("_submissions",))
    report = ended_in_time(world, timeout=1.5, probe=False)
    assert report.imap.verified is True
    assert report.smtp.verified is False
    assert "not_answering" in [notice.code for notice in report.warnings]


def test_many_published_servers_that_all_swallow_packets(world):
    world.swallow(SWALLOWS)
    for service in SERVICES:
        world.dns(f"{service}._tcp.{DOMAIN}", SRV=[(number, 1, 993, f"s{number}.{DOMAIN}") for number in range(20)])
    world.dns(f"*.{DOMAIN}", A=[SWALLOWS])
    assert not [found for found in by_source(ended_in_time(world))["srv"].servers if found.verified is True]


def test_a_copy_of_the_database_on_a_slow_disk(world, monkeypatch, tmp_path):
    from wizard.discovery.sources import ispdb

    for number in range(200):
        (tmp_path / f"provider{number}.test").write_bytes(b"<clientConfig/>")
    read = ispdb._content

    def slowly(path):
        time.sleep(0.05)
        return read(path)

    monkeypatch.setattr(ispdb, "_content", slowly)
    answer = by_source(ended_in_time(world, ispdb_directory=tmp_path, ispdb=True))["ispdb"]
    assert answer.outcome is Outcome.UNREACHABLE
    assert answer.url == tmp_path.as_uri()


# --- everything


def build_the_worst(world):
    world.dns_delay = 0.05
    world.swallow(SWALLOWS)
    world.dns(DOMAIN, MX=[(number, f"mx{number}.{DOMAIN}") for number in range(500)])
    pages = dict(
        zip(
            URLS,
            [
                Page(b"x", behaviour="slow"),
                Page(b"x", behaviour="endless"),
                Page(b"x", behaviour="gzip_bomb"),
                Page(b"x", behaviour="silent"),
                Page(b"x", behaviour="big_headers"),
                Page(b"x", status=302, headers={"Location": f"https://loop.{DOMAIN}/"}),
            ],
            strict=True,
        )
    )
    serve_web(world, {**pages, f"https://loop.{DOMAIN}/": Page(status=302, headers={"Location": f"https://{DOMAIN}/"})})
    kinds = ("endless_line", "endless_greeting", "slow", "reset", "silent", "garbage")
    for index, (kind, (port, protocol, security)) in enumerate(zip(kinds, SERVED, strict=True)):
        address = f"203.0.113.{30 + index}"
        world.mail(address, port, MailServer(protocol=protocol, security=security, behaviour=kind))
        world.dns(f"bad{index}.{DOMAIN}", A=[address, SWALLOWS])
    for service in SERVICES:
        world.dns(
            f"{service}._tcp.{DOMAIN}",
            SRV=[(0, index, port, f"bad{index}.{DOMAIN}") for index, (port, *_) in enumerate(SERVED)] * 30,
        )
    for name in ("imap", "pop", "pop3", "smtp", "mail"):
        world.dns(f"{name}.{DOMAIN}", A=[SWALLOWS], AAAA=["2001:db8::1"])
    world.dns_behaviour(f"mx0.{DOMAIN}", "silent")
    world.dns_behaviour(f"mx1.{DOMAIN}", "servfail")


def test_everything_at_once(world):
    build_the_worst(world)
    assert not [
        found
        for source_report in ended_in_time(world, timeout=1).sources
        for found in source_report.servers
        if found.verified is True
    ]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc/self/fd here")
def test_everything_at_once_leaves_no_descriptor_open(monkeypatch):
    def run():
        with World() as world:
            monkeypatch.setenv("SSL_CERT_FILE", str(world.ca_file))
            build_the_worst(world)
            ended_in_time(world, timeout=0.6)

    run()  # what is opened once for good is open then
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    run()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_source_whose_server_makes_the_check_stumble_does_not_end_the_look_up(world, monkeypatch):
    async def stumbles(*_given):
        raise IndexError("nobody thought of this")

    monkeypatch.setattr("wizard.net.mail.check_server", stumbles)
    serve_mail(world)
    publish_srv(world)
    report = look_up(world, probe=False)
    assert by_source(report)["srv"].outcome is Outcome.FOUND
    assert report.imap.verified is False
    assert "IndexError" in report.imap.trouble


# --- a person who does not want to wait


def silent_world(world):
    world.dns_behaviour("*", "silent")
    return ["--resolver", world.resolver, "--timeout", "30"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_the_command_at_once(world, cli_environment, tmp_path):
    arguments = [sys.executable, "-m", "wizard", "discover", ANNA, *silent_world(world)]
    with subprocess.Popen(
        arguments,
        env=cli_environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **INTERRUPTIBLE,
    ) as child:
        deadline = time.monotonic() + 20
        while not world.seen:  # its first question: it is well under way
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)
        begun = time.monotonic()
        child.send_signal(signal.SIGINT)
        output, complaints = child.communicate(timeout=20)
        assert time.monotonic() - begun < 1 + SLACK
    assert child.returncode == 130
    assert "Traceback" not in output + complaints
    assert complaints.splitlines()[-1] == "mail-wizard: Interrupted."
    assert output == ""


@pytest.mark.slow
def test_ctrl_c_in_the_guided_way_goes_on_by_hand_with_the_answers_kept(world, cli_environment, run_cli, tmp_path):
    from tests.terminal import CTRL_C, ENTER, Terminal

    questions = json.loads(run_cli("questions", "--json").stdout)["questions"]
    answers = [
        word for question in questions for word in ("--set", f"{question['key']}={question['values'][0]['value']}")
    ]
    arguments = ["setup", ANNA, *answers, *silent_world(world)]
    with Terminal(arguments, env=cli_environment, cwd=tmp_path) as terminal:
        terminal.see("Press Ctrl-C to enter them by hand", moving=True)
        seen = time.monotonic()
        while time.monotonic() < seen + 0.7:
            assert terminal._read(0.05)
        assert "autoconfig" in terminal.shown
        begun = time.monotonic()
        terminal._child.send(CTRL_C)
        terminal.see("What would you like to do next?", seconds=1 + SLACK)
        assert time.monotonic() - begun < 1 + SLACK
        terminal.press(ENTER)
        terminal.see("Please enter the servers by hand", f"imap.{DOMAIN} (a guess)")
        assert "Traceback" not in terminal.everything
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        kept = "".join(terminal.everything.split())
        assert "interrupted.json" in kept
    (file,) = Path(cli_environment["XDG_STATE_HOME"]).rglob("interrupted.json")
    held = file.read_text(encoding="utf-8")
    assert ANNA in held
    assert all(question["values"][0]["value"] in held for question in questions)
