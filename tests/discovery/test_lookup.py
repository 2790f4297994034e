"""A look-up, at once or in a thread: what is asked, what is said of it, how it ends."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as threads

import pytest

from wizard import language
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover, start
from wizard.discovery.progress import Stop
from wizard.discovery.registry import source_label, sources_for, spec_of
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, SourceReport
from wizard.model.problems import Problem

ANNA = parse_address("anna@libero.it")
NOBODY = parse_address("anna@nobody.test")
BUNDLED = spec_of(Source.CATALOGUE)
OFFLINE = LookUpOptions(offline=True)
ONLINE = LookUpOptions(timeout=5)


def source(kind=Source.SRV, *, find=None, seconds=0.0):
    """A source of the network; without ``find`` one that has nothing to say, after ``seconds``."""

    async def nothing(_look):
        await asyncio.sleep(seconds)
        return SourceReport(kind, Outcome.NOTHING)

    return replace(spec_of(kind), find=find or nothing)


def bundled(find):
    return replace(BUNDLED, find=find)


def test_offline_only_what_is_bundled_is_asked():
    assert sources_for(OFFLINE) == (BUNDLED,)
    assert [source_report.source for source_report in discover(ANNA, OFFLINE).sources] == [Source.CATALOGUE]


def test_the_sources_and_their_order_are_the_documented_ones():
    text = (Path(__file__).parents[2] / "docs" / "discovery.md").read_text(encoding="utf-8")
    documented = re.findall(
        r"^\| `([a-z-]+)` \|", text.partition("## The sources")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert documented == [source.value for source in Source]
    assert [spec.source.value for spec in sources_for(ONLINE)] == [name for name in documented if name != "user"]


@pytest.mark.parametrize("source", Source)
def test_every_source_has_its_words_and_they_fit_on_a_narrow_screen(source):
    spec = spec_of(source)
    assert spec.source is source
    assert spec.origin
    for name in ("en", "it"):
        language.activate(name)
        assert 0 < len(source_label(source)) <= 19


def test_what_is_not_wanted_is_not_asked():
    asked = [spec.source for spec in sources_for(LookUpOptions(probe=False, ispdb=False))]
    assert Source.PROBE not in asked
    assert Source.ISPDB not in asked


def test_reports_come_in_the_order_of_the_sources_whoever_was_faster(world):
    slow_first = (source(Source.SRV, seconds=0.1), BUNDLED, source(Source.MX))
    report = discover(NOBODY, ONLINE, sources=slow_first, network=world.network())
    assert [source_report.source for source_report in report.sources] == [Source.SRV, Source.CATALOGUE, Source.MX]


def test_sources_are_asked_side_by_side(world):
    together = asyncio.Event()

    async def first(_look):
        await together.wait()
        return SourceReport(Source.SRV, Outcome.NOTHING)

    async def second(_look):
        together.set()
        return SourceReport(Source.MX, Outcome.NOTHING)

    sources = (source(Source.SRV, find=first), source(Source.MX, find=second))
    report = discover(NOBODY, ONLINE, sources=sources, network=world.network())
    assert [source_report.outcome for source_report in report.sources] == [Outcome.NOTHING, Outcome.NOTHING]


def test_questions_have_left_before_the_next_source_begins_and_before_files_are_read(world):
    """Nobody else in the loop runs while a file is read or a module loaded: the packet travels meanwhile."""

    def has_left(name):
        for _wait in range(200):
            if any(event[:2] == ("dns", name) for event in world.seen):
                return True
            time.sleep(0.01)  # and not asyncio.sleep: the loop stands still
        return False

    async def first(look):
        await look.network.resolver.mx("first.test")
        return SourceReport(Source.SRV, Outcome.NOTHING)

    async def second(look):
        left = has_left("first.test")
        await look.network.resolver.mx("second.test")
        return SourceReport(Source.MX, Outcome.NOTHING, detail=str(left))

    def files(_address, _options):
        return SourceReport(Source.CATALOGUE, Outcome.NOTHING, detail=str(has_left("second.test")))

    sources = (bundled(files), source(Source.SRV, find=first), source(Source.MX, find=second))
    report = discover(NOBODY, ONLINE, sources=sources, network=world.network())
    assert [source_report.detail for source_report in report.sources] == ["True", "", "True"]


def test_names_are_asked_for_before_what_a_web_server_publishes(world):
    """The addresses of the usual names are what the first connections wait for."""
    begun = []

    def noting(spec):
        async def find(_context):
            begun.append(spec.source)
            return SourceReport(spec.source, Outcome.NOTHING)

        return replace(spec, find=find)

    specs = [noting(spec) for spec in sources_for(ONLINE) if not spec.local]
    discover(NOBODY, ONLINE, sources=specs, network=world.network())
    assert begun[:3] == [Source.SRV, Source.MX, Source.PROBE]
    assert len(begun) == len(specs)


def test_a_source_that_does_not_answer_ends_with_the_deadline(world):
    options = LookUpOptions(timeout=0.2)
    report = discover(NOBODY, options, sources=(source(seconds=60), source(Source.MX)), network=world.network())
    assert [source_report.outcome for source_report in report.sources] == [Outcome.UNREACHABLE, Outcome.NOTHING]
    assert "0.2 s" in report.sources[0].detail
    assert report.elapsed_ms < 5000


def test_a_source_that_stumbles_does_not_end_the_look_up(world):
    async def stumbles(_look):
        raise IndexError("a server sent something odd")

    sources = (source(find=stumbles), source(Source.MX))
    report = discover(NOBODY, ONLINE, sources=sources, network=world.network())
    assert [source_report.outcome for source_report in report.sources] == [Outcome.MALFORMED, Outcome.NOTHING]


def test_what_is_stopped_before_it_began_is_called_cancelled(world):
    stop = Stop()
    stop.set()
    report = discover(NOBODY, ONLINE, sources=(source(seconds=60),), network=world.network(), stop=stop)
    assert [source_report.outcome for source_report in report.sources] == [Outcome.CANCELLED]


def test_a_look_up_in_a_thread_gives_the_same_report():
    look_up = start(ANNA, OFFLINE)
    threaded, direct = look_up.result(), discover(ANNA, OFFLINE)
    assert look_up.done
    assert (threaded.imap, threaded.pop3, threaded.smtp) == (direct.imap, direct.pop3, direct.smtp)
    assert threaded.warnings == direct.warnings
    assert look_up.result() is threaded


def test_starting_comes_back_before_the_look_up_is_done_and_shows_who_is_asked(world):
    options = LookUpOptions(timeout=60)
    look_up = start(NOBODY, options, sources=(source(seconds=60), source(Source.MX)), network=world.network())
    assert not look_up.done
    for _try in range(200):
        if any(step.report is not None for step in look_up.steps()):
            break
        look_up.wait(0.01)
    states = {step.source: step.report for step in look_up.steps()}
    assert states[Source.SRV] is None
    assert states[Source.MX] is not None
    look_up.cancel()
    assert [source_report.outcome for source_report in look_up.result().sources] == [Outcome.CANCELLED, Outcome.NOTHING]


def test_stopping_ends_the_asking_and_keeps_what_was_found(world):
    left = []

    async def endless(_look):
        try:
            await asyncio.sleep(60)
        finally:
            left.append("closed")

    sources = (BUNDLED, source(find=endless))
    look_up = start(ANNA, LookUpOptions(timeout=60), sources=sources, network=world.network())
    while not any(step.report is not None for step in look_up.steps()):
        look_up.wait(0.01)
    look_up.cancel()
    report = look_up.result()
    assert report.usable
    assert [source_report.outcome for source_report in report.sources] == [Outcome.FOUND, Outcome.CANCELLED]
    assert left == ["closed"]


def test_a_look_up_never_keeps_the_program_from_ending():
    go = Event()
    look_up = start(
        ANNA, OFFLINE, sources=(bundled(lambda *_: go.wait(10) and SourceReport(Source.CATALOGUE, Outcome.NOTHING)),)
    )
    (thread,) = [thread for thread in threads() if thread.name == "look-up"]
    assert thread.daemon
    go.set()
    look_up.result()


def test_what_goes_wrong_in_the_thread_is_raised_where_somebody_waits(write, own):
    write("id: example\nnames: libero.it\n")
    look_up = start(ANNA, LookUpOptions(offline=True, templates=own))
    with pytest.raises(Problem, match="names"):
        look_up.result()


def test_a_wrong_file_of_the_own_catalogue_ends_the_look_up_in_the_network_too(write, own, world):
    write("id: example\nnames: libero.it\n")
    with pytest.raises(Problem, match="names"):
        discover(ANNA, LookUpOptions(templates=own), sources=(BUNDLED, source(seconds=60)), network=world.network())


def test_an_error_that_nobody_expected_is_not_lost_either():
    def breaks(_address, _options):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        start(ANNA, OFFLINE, sources=(bundled(breaks),)).result()


def test_the_thread_speaks_the_language_of_the_one_who_started_it():
    language.activate("it")
    seen = []

    def find(_address, _options):
        seen.append(language.active())
        return SourceReport(Source.CATALOGUE, Outcome.NOTHING)

    start(ANNA, OFFLINE, sources=(bundled(find),)).result()
    assert seen == ["it"]


def test_so_do_the_sources_of_the_network(world):
    language.activate("it")
    seen = []

    async def find(_look):
        seen.append(language.active())
        return SourceReport(Source.SRV, Outcome.NOTHING)

    start(ANNA, ONLINE, sources=(source(find=find),), network=world.network()).result()
    assert seen == ["it"]


OFFLINE_LOOK_UP = """
import sys
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover, start
from wizard.model.address import parse_address
address, options = parse_address("anna@libero.it"), LookUpOptions(offline=True)
assert discover(address, options).usable and start(address, options).result().usable
print(*sorted({"asyncio", "socket", "ssl", "dns", "http", "h11", "aiohappyeyeballs", "jinja2", "rich",
               "questionary", "idna", "publicsuffixlist", "xml"} & set(sys.modules)))
"""


def test_offline_nothing_that_could_open_a_connection_is_imported(run_cli):
    ran = run_cli("-c", OFFLINE_LOOK_UP, command=(sys.executable,))
    assert ran.code == 0, ran.stderr
    assert ran.stdout.split() == []


def test_at_the_end_of_the_program_a_look_up_that_is_under_way_is_ended_first(world):
    """A thread that is inside OpenSSL when the interpreter goes away would end the program by a crash."""
    look_up = start(NOBODY, LookUpOptions(timeout=60), sources=(source(seconds=60),), network=world.network())
    assert not look_up.done
    look_up._leave()
    assert look_up.done
    assert not look_up._thread.is_alive()


@pytest.mark.parametrize("room", ["tls", "http"])
def test_nor_is_what_warms_up_left_in_the_lurch(room, monkeypatch):
    from importlib import import_module

    module, go = import_module(f"wizard.net.{room}"), Event()
    monkeypatch.setattr(module, "_warming", None)
    monkeypatch.setattr(module, {"tls": "client_context", "http": "_load"}[room], lambda: go.wait(10))
    monkeypatch.setattr("wizard.net.tls._contexts", {})
    try:
        look_up = Thread(target=module.warm_up, daemon=True)  # a daemon's threads are daemons, unless said otherwise
        look_up.start()
        look_up.join()
        assert module._warming.is_alive()
        assert not module._warming.daemon
    finally:
        go.set()
        module._warming.join()
