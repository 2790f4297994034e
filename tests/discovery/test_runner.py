"""A look-up, at once or in a thread: what is asked, what is said of it, how it ends."""

from __future__ import annotations

import sys
from threading import Event
from threading import enumerate as threads

import pytest

from wizard import language
from wizard.discovery.options import LookUpOptions
from wizard.discovery.registry import SOURCES, RegisteredSource
from wizard.discovery.runner import discover, start
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, SourceReport
from wizard.model.problems import Problem

ANNA = parse_address("anna@libero.it")
OFFLINE = LookUpOptions(offline=True)
ONLINE = LookUpOptions()


def source(kind=Source.SRV, *, offline=False, find=None):
    return RegisteredSource(kind, find or (lambda _address, _options: SourceReport(kind, Outcome.NOTHING)), offline)


def forbidden(_address, _options):
    raise AssertionError("this source must not be asked")


def test_offline_only_what_is_bundled_is_asked():
    report = discover(ANNA, OFFLINE, sources=(*SOURCES, source(find=forbidden)))
    assert [one.source for one in report.sources] == [Source.CATALOGUE]


def test_sources_are_asked_in_their_order():
    report = discover(ANNA, ONLINE, sources=(source(), *SOURCES, source(Source.MX)))
    assert [one.source for one in report.sources] == [Source.SRV, Source.CATALOGUE, Source.MX]


def test_where_the_network_was_allowed_and_not_asked_that_is_said():
    codes = [one.code for one in discover(ANNA, ONLINE, sources=SOURCES).warnings]
    assert codes[0] == "catalogue_only"
    assert "catalogue_only" not in [one.code for one in discover(ANNA, OFFLINE, sources=SOURCES).warnings]


def test_where_the_network_was_asked_nothing_is_said():
    report = discover(ANNA, ONLINE, sources=(*SOURCES, source()))
    assert "catalogue_only" not in [one.code for one in report.warnings]


def test_a_source_that_was_not_reached_is_called_cancelled():
    asked = []

    def first(_address, _options):
        asked.append(1)
        return SourceReport(Source.SRV, Outcome.NOTHING)

    report = discover(
        ANNA, ONLINE, sources=(source(find=first), source(Source.MX, find=forbidden)), cancelled=lambda: bool(asked)
    )
    assert [one.outcome for one in report.sources] == [Outcome.NOTHING, Outcome.CANCELLED]


def test_a_look_up_in_a_thread_gives_the_same_report():
    look_up = start(ANNA, OFFLINE)
    threaded, direct = look_up.result(), discover(ANNA, OFFLINE)
    assert look_up.done
    assert (threaded.imap, threaded.pop3, threaded.smtp) == (direct.imap, direct.pop3, direct.smtp)
    assert threaded.warnings == direct.warnings
    assert look_up.result() is threaded


def test_starting_comes_back_before_the_look_up_is_done():
    go = Event()

    def slow(_address, _options):
        assert go.wait(10)
        return SourceReport(Source.SRV, Outcome.NOTHING)

    look_up = start(ANNA, ONLINE, sources=(source(find=slow),))
    assert not look_up.done
    go.set()
    assert look_up.result().sources[0].outcome is Outcome.NOTHING


def test_cancelling_keeps_what_was_found_and_asks_nobody_else():
    reached, go = Event(), Event()

    def slow(_address, _options):
        reached.set()
        assert go.wait(10)
        return SOURCES[0].find(_address, _options)

    look_up = start(ANNA, ONLINE, sources=(source(find=slow), source(Source.MX, find=forbidden)))
    assert reached.wait(10)
    look_up.cancel()
    go.set()
    report = look_up.result()
    assert report.usable
    assert [one.outcome for one in report.sources] == [Outcome.FOUND, Outcome.CANCELLED]


def test_a_look_up_never_keeps_the_program_from_ending():
    go = Event()
    look_up = start(
        ANNA, ONLINE, sources=(source(find=lambda *_: go.wait(10) and SourceReport(Source.SRV, Outcome.NOTHING)),)
    )
    (thread,) = [one for one in threads() if one.name == "look-up"]
    assert thread.daemon
    go.set()
    look_up.result()


def test_what_goes_wrong_in_the_thread_is_raised_where_somebody_waits(write, own):
    write("id: example\nnames: libero.it\n")
    look_up = start(ANNA, LookUpOptions(offline=True, templates=own))
    with pytest.raises(Problem, match="names"):
        look_up.result()
    assert look_up.done


def test_the_thread_speaks_the_language_of_the_one_who_started_it():
    language.activate("it")
    seen = []

    def find(_address, _options):
        seen.append(language.active())
        return SourceReport(Source.SRV, Outcome.NOTHING)

    start(ANNA, ONLINE, sources=(source(find=find),)).result()
    assert seen == ["it"]


OFFLINE_LOOK_UP = """
import sys
from wizard.discovery.options import LookUpOptions
from wizard.discovery.runner import discover, start
from wizard.model.address import parse_address
address, options = parse_address("anna@libero.it"), LookUpOptions(offline=True)
assert discover(address, options).usable and start(address, options).result().usable
print(*sorted({"asyncio", "socket", "ssl", "dns", "http", "httpx", "aiohttp", "jinja2", "rich", "questionary", "idna",
               "publicsuffixlist", "xml"} & set(sys.modules)))
"""


def test_offline_nothing_that_could_open_a_connection_is_imported(run_cli):
    ran = run_cli("-c", OFFLINE_LOOK_UP, command=(sys.executable,))
    assert ran.code == 0, ran.stderr
    assert ran.stdout.split() == []
