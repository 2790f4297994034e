"""The guided way from the first step to the last, without a terminal."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from tests import ground
from tests.app.journey import OFFLINE, ONLINE, Journey, diagnosis, found, request, usual
from wizard.app.guided.machine import HANDLERS, PASSED
from wizard.app.guided.state import (
    AdviceFact,
    Done,
    FindingsFact,
    Place,
    ServersFact,
    SilentFact,
    Work,
    WorkKind,
)
from wizard.discovery.catalogue import find_provider
from wizard.discovery.owners import with_typed
from wizard.interview import partial
from wizard.interview.answers import Answers, Origin
from wizard.interview.questions import left_out, load_questions
from wizard.interview.steps import BACK, UNKNOWN, Checkbox, Prompt, Select, Text, problem_with
from wizard.model.address import AddressProblem, Domain, parse_address
from wizard.model.discovery import DiscoveryReport, Evidence, Source, Trust
from wizard.model.problems import ExitCode, InputNeeded, NothingDiscovered, Notice, OutputExists, Problem
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress

IMAP, POP3, SMTP = Protocol.IMAP, Protocol.POP3, Protocol.SMTP
QUESTIONS = {question.key for question in load_questions()}
GUESS = Notice("guess", "The servers are a guess.")
FOREIGN = Notice("foreign_domain", "The servers are at hoster.test.")


@pytest.fixture(autouse=True)
def work_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def report(address: EmailAddress, **parts: Any) -> DiscoveryReport:
    """Servers that were seen to answer, unless ``parts`` say something else."""
    servers = {"imap": found(IMAP, "imap.example.test"), "smtp": found(SMTP, "smtp.example.test")}
    return DiscoveryReport(address=address, **{**servers, **parts})


def looking_up(**parts: Any):
    return lambda address: report(address, **parts)


def nothing(address: EmailAddress, **parts: Any) -> DiscoveryReport:
    return DiscoveryReport(address=address, **parts)


def online(address: str = "anna@example.test", *, asked: dict[str, Any] | None = None, **how: Any) -> Journey:
    """Somebody with an address of which the network knows something."""
    return Journey(request(address, look_up=ONLINE, **(asked or {})), **{"look_up": looking_up(), **how})


# --- the whole way


def test_from_an_address_to_files(tmp_path):
    journey = Journey(request())
    assert journey.id == "address"
    journey.answer("anna@gmx.net")
    assert journey.sentences == ["GMX is known. A few questions, then the advice."]
    assert (journey.id, journey.step.position) == ("devices", "1 of about 5")
    journey.until("advice", devices="several")
    assert journey.facts[-1] is AdviceFact
    journey.answer("on")
    assert journey.facts == [ServersFact]
    journey.answer("Anna Rossi", ("autoconfig", "card"))
    assert journey.id == "summary"
    assert journey.label("name") == "Your name: Anna Rossi"
    assert journey.label("output") == "Into: anna@gmx.net"
    assert list(tmp_path.iterdir()) == []
    journey.answer("write")
    assert journey.work == [WorkKind.START, WorkKind.WRITE]
    assert journey.outcome.document()["address"] == "anna@gmx.net"
    assert sorted(path.name for path in (tmp_path / "anna@gmx.net").iterdir()) == [
        "anna@gmx.net.html", "anna@gmx.net.txt", "config-v1.1.xml",
    ]  # fmt: skip


def test_the_answers_are_written_too_and_a_file_in_the_way_is_a_problem(tmp_path):
    asked = request("anna@gmx.net", answers={"clients": "card"}, save_answers=tmp_path / "a.yaml")
    journey = Journey(asked).until("summary", devices="several", name="Anna")
    journey.answer("write")
    text = (tmp_path / "a.yaml").read_text()
    assert "devices: several" in text
    assert "name: Anna" in text
    with pytest.raises(OutputExists):
        Journey(asked).until("summary").answer("write")


def test_the_look_up_is_waited_for_only_after_the_questions():
    journey = Journey(request("anna@gmx.net"), early=False)
    assert journey.sentences == ["Looking for the servers while we talk. A few questions, then the advice."]
    journey.until("backup")
    assert journey.work == [WorkKind.START]
    journey.until("advice")
    assert journey.work == [WorkKind.START, WorkKind.LOOK_UP]


def test_nothing_that_is_known_is_asked():
    journey = Journey(request("anna@gmx.net", answers={"devices": "several", "name": "Anna", "clients": "card"}))
    ids = set()
    while journey.id != "summary":
        ids.add(journey.id)
        journey.answer(usual(journey.step))
    assert not ids & {"address", "devices", "name", "programs"}


# --- without questions


def test_with_defaults_the_way_leads_straight_to_writing():
    journey = Journey(request("anna@gmx.net"), defaults=True)
    assert journey.work == [WorkKind.START, WorkKind.WRITE]
    assert len(journey.outcome.written.files) == 4


def test_where_nobody_can_be_asked_the_step_names_the_option():
    journey = Journey(request(), interactive=False)
    assert isinstance(journey.step, Text)
    assert journey.step.given_by == "an address after “mail-wizard”"
    journey = Journey(request("anna@gmx.net"), interactive=False)
    assert isinstance(journey.step, Checkbox)
    assert journey.step.given_by.startswith("--set clients=autoconfig,")


@pytest.mark.parametrize("how", [{"interactive": False}, {"defaults": True}])
def test_without_questions_missing_servers_and_missing_consent_are_problems(how):
    asked = request("anna@example.test", answers={"clients": "card"}, look_up=ONLINE)
    with pytest.raises(NothingDiscovered):
        Journey(asked, look_up=nothing, **how)
    doubtful = found(IMAP, "imap.example.test", trust=Trust.GUESSED)
    with pytest.raises(InputNeeded) as caught:
        Journey(asked, look_up=looking_up(imap=doubtful, needs_consent=(GUESS,)), **how)
    assert caught.value.text.endswith("To agree, add: --accept guess")
    agreed = replace(asked, accept=("guess",))
    assert Journey(agreed, look_up=looking_up(imap=doubtful, needs_consent=(GUESS,)), **how).outcome is not None


def test_without_questions_a_silent_server_is_told_and_used():
    silent = found(IMAP, "imap.example.test", verified=False)
    journey = online(look_up=looking_up(imap=silent), asked={"answers": {"clients": "card"}}, interactive=False)
    assert journey.facts == [SilentFact]
    assert journey.work == [WorkKind.START, WorkKind.WRITE]


# --- an interrupted run


@pytest.fixture
def kept() -> Answers:
    answers = Answers().with_("address", "anna@example.org", Origin.TYPED).with_("devices", "several", Origin.TYPED)
    partial.keep(answers)
    return answers


def test_nothing_kept_is_nothing_asked():
    assert Journey(request()).id == "address"


def test_going_on_puts_the_command_line_above_what_was_kept(kept):
    journey = Journey(request(answers={"devices": "one"}))
    assert journey.id == "resume"
    assert "anna@example.org" in journey.step.text
    journey.answer("on")
    assert (journey.kept.get("devices"), journey.kept.address) == ("one", "anna@example.org")


def test_starting_again_forgets_what_was_kept(kept):
    journey = Journey(request()).answer("afresh")
    assert journey.id == "address"
    assert journey.work == [WorkKind.FORGET]
    assert not journey.kept
    assert partial.offered() is None


@pytest.mark.parametrize("asked", [request("bruno@example.org"), request(answers={"address": "bruno@example.org"})])
def test_another_address_is_offered_nothing_and_what_was_kept_stays(kept, asked):
    assert Journey(asked).id != "resume"
    assert partial.offered() is not None


def test_the_same_address_written_otherwise_is_offered(kept):
    assert Journey(request("anna@EXAMPLE.org")).answer("on").kept.get("devices") == "several"


def test_a_kept_file_that_is_broken_is_said_and_nothing_is_asked():
    partial.state_file().parent.mkdir(parents=True)
    partial.state_file().write_text("{")
    journey = Journey(request())
    assert journey.id == "address"
    assert len(journey.sentences) == 1
    assert "cannot be read" in journey.sentences[0]


def test_an_answer_that_is_no_longer_valid_is_said_and_the_rest_is_offered():
    partial.state_file().parent.mkdir(parents=True)
    partial.state_file().write_text('{"schema": 1, "answers": {"devices": "three", "webmail": "often"}}')
    journey = Journey(request())
    assert "devices" in journey.sentences[0]
    assert journey.answer("on").kept.values() == {"webmail": "often"}


def test_breaking_off_at_the_offer_loses_nothing(kept):
    journey = Journey(request(answers={"quota": "full"}))
    assert journey.kept.values() == {"devices": "several", "quota": "full"}


def test_after_the_files_are_written_nothing_is_kept(kept):
    journey = Journey(request("anna@example.org", look_up=ONLINE), look_up=looking_up()).answer("on")
    journey.until("done")
    assert partial.offered() is None


# --- the address


def test_a_wrong_address_is_one_sentence_and_the_state_stays():
    journey = Journey(request())
    before = journey.state
    with pytest.raises(Problem) as caught:
        journey.answer("anna@@gmx.net")
    assert "more than one @" in caught.value.text
    assert journey.state is before


def test_a_wrong_address_of_the_command_line_comes_back_to_be_edited():
    journey = Journey(request("anna@@gmx.net"))
    assert "more than one @" in journey.sentences[0]
    assert (journey.id, journey.step.default) == ("address", "anna@@gmx.net")
    with pytest.raises(AddressProblem):
        Journey(request("anna@@gmx.net"), interactive=False)


@pytest.mark.parametrize(("answer", "address"), [("meant", "anna@gmail.com"), ("typed", "anna@gmial.com")])
def test_a_slip_in_a_well_known_domain_is_asked_about(answer, address):
    journey = Journey(request("anna@gmial.com"))
    assert journey.step.text == "Did you mean anna@gmail.com?"
    journey.answer(answer)
    assert journey.kept.address == address


def test_back_from_the_first_question_is_the_address_with_all_answers():
    journey = Journey(request("anna@gmx.net")).answer("several")
    second = journey.id
    journey.answer(UNKNOWN).back().back().back()
    assert (journey.id, journey.step.default) == ("address", "anna@gmx.net")
    assert second in journey.kept.declined
    journey.answer("anna@libero.it")
    assert journey.sentences[0].startswith("Libero")
    assert (journey.id, journey.step.default) == ("devices", "several")
    assert journey.kept.address == "anna@libero.it"
    assert journey.work == [WorkKind.START, WorkKind.START]


def test_what_was_looked_up_for_one_address_does_not_count_for_another():
    journey = Journey(request("anna@gmx.net"))
    assert journey.state.answers.origin("quota") is Origin.DISCOVERED or journey.state.answers.get("provider")
    journey.back().answer("anna@example.test")
    assert journey.state.answers.get("provider") is None


# --- the network and the domain


def without_network(address: EmailAddress) -> DiscoveryReport:
    return report(address, warnings=(Notice("no_network", "No network."),), imap=found(IMAP, "i.test", verified=False))


def test_without_a_network_one_looks_again_or_goes_on_with_what_is_known():
    journey = online(look_up=without_network).until("no-network")
    assert journey.step.default == "again"
    journey.answer("again")
    assert journey.id == "no-network"
    assert journey.sentences == []
    journey.answer("use", "on")
    assert journey.id == "name"  # that the servers are silent needs no question of its own
    assert WorkKind.CHECK not in journey.work


@pytest.mark.parametrize("place", ["no-network", "no-domain", "silent-servers", "consent"])
def test_whoever_stops_keeps_the_answers(place):
    look_up = {
        "no-network": without_network,
        "no-domain": lambda address: nothing(address, warnings=(Notice("no_such_domain", "None."),)),
        "silent-servers": looking_up(imap=found(IMAP, "imap.example.test", verified=False)),
        "consent": looking_up(imap=found(IMAP, "i.example.test", trust=Trust.GUESSED), needs_consent=(GUESS,)),
    }[place]
    journey = online(look_up=look_up, broken=(IMAP,)).answer("several").until(place)
    journey.answer("stop")
    assert journey.outcome is None
    assert journey.kept.get("devices") == "several"


def no_domain(address: EmailAddress) -> DiscoveryReport:
    if address.domain.ascii in ("gmail.com", "example.test"):
        return report(address)
    return nothing(address, warnings=(Notice("no_such_domain", "There is no such domain."),))


def test_a_domain_that_does_not_exist_leads_to_the_one_that_was_meant():
    journey = online("anna@gmial.com", look_up=no_domain).answer("typed").until("no-domain")
    assert journey.step.default == "meant"
    journey.answer("meant").until("advice")
    assert journey.kept.address == "anna@gmail.com"


def test_an_address_whose_domain_does_not_exist_is_corrected_or_kept():
    journey = online("anna@exampel.test", look_up=no_domain).until("no-domain")
    assert journey.step.default == "address"
    assert journey.answer("address").step.default == "anna@exampel.test"
    journey.answer("anna@example.test").until("advice")
    assert journey.kept.address == "anna@example.test"
    journey = online("anna@exampel.test", look_up=no_domain).until("no-domain").answer("by-hand", "on")
    assert journey.id == "server-host"
    assert journey.sentences == ["Please enter the servers by hand; your provider's help pages name them."]


ELSEWHERE = Notice("foreign_domain", "The settings are said to be at group.test.")


def test_settings_elsewhere_are_looked_for_once_that_is_agreed_to():
    looks = []

    def look_up(address: EmailAddress) -> DiscoveryReport:
        looks.append(journey.state.agreed if looks else frozenset())
        if not looks[-1]:
            return nothing(address, needs_consent=(ELSEWHERE,))
        servers = {kind: found(kind, "mail.group.test", trust=Trust.UNAUTHENTICATED) for kind in (IMAP, SMTP)}
        return report(address, imap=servers[IMAP], smtp=servers[SMTP], needs_consent=(ELSEWHERE,))

    journey = online(look_up=look_up).until("elsewhere")
    assert journey.step.default == "by-hand"
    assert journey.step.text == ELSEWHERE.text
    journey.answer("use").until("advice").answer("on")
    assert looks == [frozenset(), frozenset({"foreign_domain"})]
    assert journey.id == "name"  # what was agreed to is not asked again
    journey = online(look_up=lambda address: nothing(address, needs_consent=(ELSEWHERE,))).until("elsewhere")
    assert journey.answer("by-hand", "on").id == "server-host"


def test_what_was_agreed_to_for_one_address_is_not_for_another():
    journey = online(look_up=no_domain).answer("several")
    journey.state = replace(journey.state, agreed=frozenset({"foreign_domain"}))
    journey.back().back().answer("bob@gmail.com")
    assert journey.state.agreed == frozenset()


# --- the advice and the review


def test_the_advice_can_be_refined_explained_and_changed():
    answers = {"devices": "main_plus_glance", "quota": "tight", "backup": "regular", "webmail": "never"}
    journey = online().until("advice", **answers, device_risk="low", legal="ordinary")
    journey.answer("more")
    assert journey.step.position == "question 1"
    journey.back()
    assert (journey.id, journey.facts) == ("advice", [AdviceFact])
    journey.answer("change")
    assert journey.id == "review"
    journey.answer("devices", "one").until("review")
    assert journey.label("devices").endswith("(your answer)")
    journey.answer("go-on", "why")
    assert journey.facts == [AdviceFact, ServersFact]
    assert journey.shown[0].in_full


def test_a_change_drops_the_answers_that_hang_on_it():
    answers = {"devices": "several", "webmail": "never", "sent": "needed"}
    journey = Journey(request("anna@gmx.net", answers=answers)).until("advice")
    journey.answer("change", "devices", "one").until("review")
    assert journey.kept.get("sent") is None
    journey.answer("go-on")
    assert journey.kept.get("devices") == "one"


def test_back_in_a_change_leaves_everything_as_it_was():
    journey = Journey(request("anna@gmx.net")).until("advice", devices="several").answer("change")
    before = journey.state.answers
    journey.answer("devices").back()
    assert journey.id == "review"
    assert journey.state.answers == before


# --- the servers


def test_servers_of_which_nothing_is_known_are_typed_and_called_what_they_are():
    journey = Journey(request("anna@nowhere.example.org")).until("advice").answer("on")
    assert "Nothing is known about nowhere.example.org" in journey.sentences[0]
    assert journey.step.text == "The server for incoming mail (IMAP)"
    journey.answer("other")
    with pytest.raises(Problem) as caught:
        journey.answer("post office")
    assert "Did you mean" in caught.value.text
    journey.answer("mail.example.org", "993 SSL", "anna@nowhere.example.org")
    assert journey.step.text == "The server for outgoing mail (SMTP)"
    journey.answer("smtp.nowhere.example.org", "other", "2525", "STARTTLS", "other", "anna")
    assert journey.facts == [ServersFact]
    imap, smtp = journey.state.report.imap, journey.state.report.smtp
    assert (imap.evidence.source, imap.evidence.trust) == (Source.USER, Trust.UNAUTHENTICATED)
    assert (smtp.evidence.trust, smtp.server.port, smtp.server.socket_type, smtp.server.username) == (
        Trust.GUESSED, 2525, SocketType.STARTTLS, "anna",
    )  # fmt: skip


def test_a_requested_protocol_without_a_server_is_said_and_its_server_typed():
    journey = online(asked={"protocol": "pop3"}).until("server-host")
    assert journey.sentences[0].startswith("No POP3 server is known for this address.\n")
    assert journey.step.text == "The server for incoming mail (POP3)"


def test_a_server_without_encryption_is_asked_about_once_more():
    journey = Journey(request("anna@nowhere.example.org")).until("server-host").answer("imap.nowhere.example.org")
    journey.answer("other", "143", "plain")
    assert journey.step.default == "no"
    assert journey.answer("no").id == "server-port"
    journey.answer("other", "143", "plain", "yes")
    assert journey.id == "server-username"


def test_back_leads_through_every_question_about_a_server_and_to_the_advice():
    journey = Journey(request("anna@nowhere.example.org")).until("server-host")
    journey.answer("other", "mail.example.org", "other", "143", "STARTTLS", "other")
    seen = []
    while journey.id != "advice":
        seen.append(journey.id)
        journey.back()
    assert seen == ["server-username-text", "server-username", "server-port", "server-host"]
    journey.until("server-host").answer("other", "mail.example.org", "993 SSL", "anna@nowhere.example.org")
    assert journey.step.text == "The server for outgoing mail (SMTP)"
    assert journey.back().step.default == "other"  # the first server again, with what was typed
    assert journey.label("mail.example.org") == "mail.example.org (unchanged)"
    assert journey.back().id == "advice"
    assert journey.until("server-host").step.text == "The server for outgoing mail (SMTP)"


def test_a_guess_is_used_only_after_the_person_agreed_and_is_asked_about_once():
    doubtful = found(IMAP, "imap.example.test", trust=Trust.GUESSED)
    journey = online(look_up=looking_up(imap=doubtful, needs_consent=(GUESS,))).until("consent")
    assert journey.step.default == "by-hand"
    assert journey.label("use") == "They are right: use them"
    journey.answer("use").until("summary").answer("write")
    assert journey.outcome is not None


def test_where_others_are_published_that_answer_the_person_may_use_those_instead():
    old = {"imap": found(IMAP, "mail.old.test"), "smtp": found(SMTP, "mail.old.test")}
    new = {
        protocol.value: found(protocol, "mail.new.test", source=Source.MX, trust=Trust.UNAUTHENTICATED)
        for protocol in (IMAP, SMTP)
    }

    def look_up(address: EmailAddress) -> DiscoveryReport:
        other = DiscoveryReport(address=address, **old)
        return DiscoveryReport(address=address, needs_consent=(FOREIGN,), others=(other,), **new)

    journey = online(look_up=look_up).until("consent")
    assert journey.label("use") == "Yes, my mail is there: use new.test"
    assert journey.label("owner-0") == "No: use old.test instead"
    assert journey.step.default == "by-hand"
    journey.answer("owner-0").until("summary").answer("write")
    assert journey.outcome is not None
    account = journey.outcome.plan.account()
    hosts = {server.hostname for server in (account.incoming, account.outgoing, *account.alternatives)}
    assert hosts == {"mail.old.test"}


def test_what_was_agreed_to_in_advance_is_not_asked():
    doubtful = found(IMAP, "imap.example.test", trust=Trust.GUESSED)
    look_up = looking_up(imap=doubtful, needs_consent=(GUESS,))
    assert online(look_up=look_up, asked={"accept": ("guess",)}).until("consent", "summary").id == "summary"
    with pytest.raises(Problem, match="Did you mean guess"):
        online(asked={"accept": ("gess",)})


def test_instead_of_a_guess_a_server_is_typed_and_not_doubted_again():
    doubtful = found(IMAP, "imap.example.test", trust=Trust.GUESSED)
    journey = online(look_up=looking_up(imap=doubtful, needs_consent=(GUESS,))).until("consent").answer("by-hand")
    assert journey.back().id == "consent"
    journey.answer("by-hand", "other", "imap.provider.test", "993 SSL", "anna@example.test")
    assert journey.work[-1] is WorkKind.CHECK
    assert journey.sentences == ["They answer as they should."]
    assert journey.id == "name"


@pytest.mark.parametrize(
    ("domain", "host", "stays"),
    [
        ("example.test", "mail.elsewhere.test", False),
        ("example.test", "imap.gmail.com", True),  # one of the provider's own
        ("gmail.com", "mail.elsewhere.test", True),  # of the provider's own domain
    ],
)
def test_beside_a_typed_server_stays_only_what_has_its_owner(domain, host, stays):
    google = find_provider(Domain("gmail.com"))
    said = (Notice("sources_disagree", "about servers"), Notice("takes_no_mail", "about the domain"))
    address = parse_address(f"anna@{domain}")
    servers = {protocol.value: found(protocol, f"{protocol.value}.gmail.com") for protocol in (IMAP, POP3, SMTP)}
    more = found(IMAP, "imap2.gmail.com")
    report = DiscoveryReport(address=address, provider=google, alternatives=(more,), warnings=said, **servers)
    typed = replace(found(IMAP, host), evidence=Evidence(Source.USER, Trust.UNAUTHENTICATED))
    kept = with_typed(report, typed)
    assert (kept.imap, kept.smtp) == (typed, report.smtp)
    if stays:
        assert kept == report.with_server(typed)
    else:
        assert (kept.provider, kept.pop3, kept.alternatives, kept.warnings) == (None, None, (), said[1:])


def test_instead_of_another_owner_the_advice_is_that_of_whose_servers_are_used():
    google = replace(find_provider(Domain("gmail.com")), quota_hint="tight")
    old = {"imap": found(IMAP, "mail.old.test"), "smtp": found(SMTP, "mail.old.test")}
    new = {
        kind.value: found(kind, "x.gmail.com", source=Source.MX, trust=Trust.UNAUTHENTICATED) for kind in (IMAP, SMTP)
    }

    def look_up(address: EmailAddress) -> DiscoveryReport:
        other = DiscoveryReport(address=address, **old)
        return DiscoveryReport(address=address, provider=google, needs_consent=(FOREIGN,), others=(other,), **new)

    journey = online(look_up=look_up).until("consent")
    assert journey.state.answers.get("provider") == "both"
    journey.answer("owner-0")
    assert journey.state.answers.get("provider") is None
    assert journey.until("summary").state.report.provider is None


def test_a_server_that_does_not_answer_has_its_cause_and_choices_and_is_tried_once():
    untried = found(IMAP, "imap.example.test", verified=None)
    journey = online(look_up=looking_up(imap=untried), broken=(IMAP,)).until("silent-servers")
    assert FindingsFact in journey.facts
    assert journey.state.report.imap.trouble == "Nothing answers for imap."
    journey.answer("use").until("summary")
    assert journey.work.count(WorkKind.CHECK) == 1
    journey = online(look_up=looking_up(imap=untried), broken=(IMAP,)).until("silent-servers").answer("by-hand")
    assert journey.step.text == "The server for incoming mail (IMAP)"


def test_whoever_does_not_wait_for_the_servers_goes_on_without():
    journey = online(look_up=looking_up(imap=found(IMAP, "imap.example.test", verified=None)), broken=None)
    journey.until("summary")
    assert journey.work.count(WorkKind.CHECK) == 1
    assert journey.state.report.imap.verified is None


def test_a_provider_that_lets_no_program_in_is_a_problem():
    from wizard.discovery.catalogue import all_providers

    closed = next(provider for provider in all_providers() if provider.offers == "neither")
    journey = online(look_up=lambda address: nothing(address, provider=closed)).until("advice")
    with pytest.raises(NothingDiscovered) as caught:
        journey.answer("on")
    assert caught.value.exit_code is ExitCode.NOTHING_DISCOVERED


# --- the summary

BOTH = {"imap": found(IMAP, "imap.example.test"), "pop3": found(POP3, "pop.example.test")}


def summary(**parts: Any) -> Journey:
    return online(look_up=looking_up(**{**BOTH, **parts})).until("summary", name="Anna")


def test_every_line_of_the_summary_can_be_changed():
    journey = summary().answer("name", "Anna Rossi", "protocol", "pop3", "leave", "keep_days", "21")
    journey.answer("formats", ("autoconfig",), "output", "elsewhere")
    journey.answer("incoming", "other", "pop.provider.test", "995 SSL", "anna")
    journey.answer("outgoing", "other", "smtp.provider.test", "465 SSL", "anna")
    labels = [choice.label for choice in journey.step.choices]
    assert "Your name: Anna Rossi" in labels
    assert "Messages: 21 days on the server, then only on this computer" in labels
    assert "Into: elsewhere" in labels
    account = journey.guide.plan(journey.state).account()
    assert account.leave == LeavePolicy(AfterDownload.KEEP_DAYS, 21)
    assert (account.incoming.hostname, account.outgoing.hostname) == ("pop.provider.test", "smtp.provider.test")
    assert journey.kept.name == "Anna Rossi"
    assert journey.kept.clients == ("autoconfig",)
    journey.answer("write")
    assert journey.work[-2:] == [WorkKind.CHECK, WorkKind.WRITE]
    assert journey.outcome.plan.output == Path("elsewhere")


@pytest.mark.parametrize("line", ["name", "protocol", "formats", "output", "incoming", "outgoing"])
def test_back_from_a_line_leaves_the_summary_as_it_was(line):
    journey = summary()
    before = journey.step
    assert journey.answer(line).back().step == before


def test_the_days_lead_back_to_the_choice_and_then_to_the_summary():
    journey = summary().answer("protocol", "pop3", "leave", "keep_days")
    with pytest.raises(Problem, match="whole number"):
        journey.answer("0")
    assert journey.back().id == "leave"
    assert journey.answer("remove").state.leave == LeavePolicy(AfterDownload.REMOVE)
    assert journey.answer("leave").back().id == "summary"


def test_files_for_the_phone_are_offered_where_pop3_leaves_messages_for_it():
    journey = summary()
    assert "also-imap" not in [choice.value for choice in journey.step.choices]  # IMAP is what the phone has anyway
    journey.answer("protocol", "pop3")
    assert journey.label("also-imap") == "For the phone: nothing (pick this line for files with IMAP too)"
    journey.answer("also-imap")
    assert journey.label("also-imap") == "For the phone: files with IMAP too, in the folder “imap”"
    assert journey.guide.plan(journey.state).also_imap
    journey.answer("leave", "remove")
    assert "also-imap" not in [choice.value for choice in journey.step.choices]
    assert not journey.guide.plan(journey.state).also_imap


def test_without_imap_nothing_is_offered_for_the_phone():
    journey = online(look_up=looking_up(imap=None, pop3=BOTH["pop3"])).until("summary", name="Anna")
    assert "also-imap" not in [choice.value for choice in journey.step.choices]


def test_pop3_never_removes_at_once_unless_somebody_said_so():
    journey = summary().answer("protocol", "pop3")
    assert journey.state.leave == LeavePolicy(AfterDownload.KEEP_DAYS, 14)
    journey = online(look_up=looking_up(**BOTH), asked={"leave_days": 3, "protocol": "pop3"}).until("summary")
    assert journey.guide.plan(journey.state).account().leave == LeavePolicy(AfterDownload.KEEP_DAYS, 3)


def test_a_protocol_without_a_server_is_used_only_once_the_server_is_typed():
    journey = online().until("summary").answer("protocol", "pop3")
    assert journey.sentences == ["No POP3 server is known for this address."]
    assert journey.back().id == "summary"
    assert journey.state.protocol is IMAP
    journey.answer("protocol", "pop3", "other", "pop.example.test", "995 SSL", "anna")
    assert journey.state.protocol is POP3


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    journey = summary().answer("output")
    with pytest.raises(Problem, match="a file, not a folder"):
        journey.answer("file")


def test_another_protocol_is_doubted_anew_before_anything_is_written():
    guessed = found(POP3, "pop.example.test", trust=Trust.GUESSED)
    journey = summary(pop3=guessed, needs_consent=(GUESS,)).answer("protocol", "pop3", "write")
    assert journey.id == "consent"
    journey.answer("by-hand", "other", "pop.provider.test", "995 SSL", "anna")
    assert journey.id == "summary"  # other servers than those that were agreed to
    assert journey.answer("write").outcome is not None


def test_back_from_the_name_and_the_programs_is_the_way_one_came():
    journey = online().until("programs")
    assert journey.back().id == "name"
    assert journey.back().id == "advice"
    journey = online(asked={"answers": {"name": "Anna"}}).until("programs")
    assert journey.back().id == "advice"


def test_the_questions_again_have_their_answers_and_what_was_changed_stays():
    journey = online(look_up=looking_up(**BOTH)).until("summary", devices="several", backup="none")
    journey.answer("name", "Anna Rossi", "output", "elsewhere", "answers")
    assert (journey.id, journey.step.default, journey.step.back) == ("devices", "several", False)
    journey.answer("several").until("advice")
    journey.until("summary")
    assert journey.label("name") == "Your name: Anna Rossi"
    assert journey.label("output") == "Into: elsewhere"
    assert journey.kept.get("devices") == "several"


def test_the_questions_again_have_the_answers_as_they_were_changed():
    journey = online().until("advice", devices="several", backup="none")
    journey.answer("change", "devices", "one").until("review").answer("backup", UNKNOWN).until("review")
    assert "backup" in journey.kept.declined
    assert journey.until("summary").answer("answers").step.default == "one"


def test_a_change_that_was_left_unfinished_counts_for_nothing():
    given = {"devices": "main_plus_glance", "webmail": "never", "sent": "needed"}
    journey = online(asked={"answers": given}).until("advice").answer("change", "devices", "several")
    assert journey.id == "sent"
    journey.back().back()
    assert journey.id == "review"
    assert journey.until("summary").answer("answers").step.default == "main_plus_glance"


def test_whoever_breaks_off_while_answering_again_keeps_what_was_answered_before():
    journey = online(look_up=looking_up(**BOTH)).until("summary", devices="several", backup="none").answer("answers")
    assert journey.step.default == "several"
    assert journey.kept.get("backup") == "none"
    assert journey.kept.get("devices") is None  # about to be changed


# --- the log-in


def test_the_log_in_asks_for_a_password_that_never_becomes_part_of_the_state():
    steps: list[Work] = []

    def log_in(step: Work):
        steps.append(step)
        return diagnosis(parse_address("anna@example.test"), step.servers)

    journey = online(log_in=log_in).until("summary").answer("log-in")
    assert journey.sentences == ["Logging in works, for receiving and for sending."]
    assert journey.id == "summary"
    message = "It goes to imap.example.test, smtp.example.test and nowhere else."
    assert message in steps[0].password.text
    assert not [word for word in pickle.dumps(journey.state).split() if b"Secret" in word]


@pytest.mark.parametrize(
    ("result", "sentence"),
    [(None, "The log-in was not tried."), ("It would be shown.", "It would be shown.")],
)
def test_a_log_in_that_is_not_tried_is_said(result, sentence):
    journey = online(log_in=result).until("summary").answer("log-in")
    assert (journey.id, journey.sentences) == ("summary", [sentence])


def test_what_a_log_in_finds_is_told():
    journey = online(log_in=lambda step: diagnosis(parse_address("anna@example.test"), step.servers, IMAP))
    journey.until("summary").answer("log-in")
    assert (journey.id, journey.facts) == ("summary", [FindingsFact])


def test_a_log_in_that_fails_for_no_known_cause_is_said():
    def log_in(step: Work):
        seen = diagnosis(parse_address("anna@example.test"), step.servers, IMAP)
        return replace(seen, findings=())

    journey = online(log_in=log_in).until("summary").answer("log-in")
    assert journey.sentences == ["A step failed, and its cause is not known."]


def test_no_log_in_is_offered_offline_or_where_there_is_no_password():
    def offered(journey: Journey) -> bool:
        return "log-in" in [choice.value for choice in journey.until("summary").step.choices]

    oauth2 = found(IMAP, "imap.example.test", methods=(AuthenticationMethod.OAUTH2,))
    assert offered(online())
    assert not offered(Journey(request("anna@gmx.net", look_up=OFFLINE)))
    assert not offered(online(look_up=looking_up(imap=oauth2)))


# --- the machine


def test_every_place_has_its_step_or_is_passed():
    assert set(HANDLERS) | set(PASSED) == set(Place)
    assert not set(HANDLERS) & set(PASSED)


def test_an_answer_to_the_step_of_another_state_is_refused():
    journey = Journey(request("anna@gmx.net"))
    first = journey.step
    journey.answer("several")
    with pytest.raises(ValueError, match="not what is asked"):
        journey.guide.answer(journey.state, first, "one")


def test_the_end_takes_no_answer():
    journey = Journey(request("anna@gmx.net", dry_run=True), defaults=True)
    with pytest.raises(ValueError, match="at its end"):
        journey.guide.answer(journey.state, journey.step, "on")


def test_an_earlier_state_can_be_gone_on_from():
    journey = Journey(request("anna@gmx.net"))
    earlier = journey.state
    journey.answer("several").until("summary")
    journey.state = earlier
    assert journey.answer("one").kept.get("devices") == "one"


@pytest.mark.parametrize("value", ["nonsense", BACK, "", "several; one"])
def test_a_value_that_is_not_offered_is_one_sentence(value):
    journey = Journey(request("anna@gmx.net")).until("advice")
    with pytest.raises(Problem):
        journey.answer(value)
    assert journey.id == "advice"


def test_back_where_there_is_none_changes_nothing():
    journey = summary()
    assert journey.guide.back(journey.state) is journey.state


def test_an_interruption_at_any_step_keeps_every_answer():
    journey = online(look_up=looking_up(**BOTH))
    given: dict[str, str] = {}
    while not isinstance(journey.step, Done):
        step = journey.step
        for key, value in given.items():
            assert journey.kept.get(key) == value, (step.id, key)
        if isinstance(step, Select) and step.unknown and step.id in QUESTIONS:
            value = given[step.id] = step.choices[0].value
        elif step.id == "name":
            value = given["name"] = "Anna"
        elif step.id == "programs":
            value, given["clients"] = ("card", "mobileconfig"), "card,mobileconfig"
        else:
            value = usual(step)
        journey.answer(value)
    assert set(given) > {"devices", "name", "clients"}


WORLDS = [
    looking_up(),
    looking_up(**BOTH),
    nothing,
    no_domain,
    without_network,
    looking_up(imap=found(IMAP, "imap.hoster.test", trust=Trust.UNAUTHENTICATED), needs_consent=(FOREIGN, GUESS)),
    looking_up(imap=found(IMAP, "imap.example.test", verified=None), smtp=None),
]


@settings(max_examples=ground.examples(60), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@examples(st.data())
def test_any_way_ends_with_files_or_a_problem_and_loses_no_answer(data: st.DataObject):
    journey = online(
        look_up=data.draw(st.sampled_from(WORLDS)),
        early=data.draw(st.booleans()),
        broken=data.draw(st.sampled_from([None, (), (IMAP,), (POP3, SMTP)])),
        asked={"dry_run": True},
    )
    last: dict[str, str] = {}
    try:
        for number in range(150):
            if isinstance(journey.step, Done):
                break
            _wander(data, journey, last, straight=number > 40)
        else:
            raise AssertionError(f"no end: {journey.id}")
    except Problem:
        return
    assert journey.outcome is None or journey.outcome.written.files or journey.outcome.written.refused


def _wander(data: st.DataObject, journey: Journey, last: dict[str, str], *, straight: bool) -> None:
    """One step, of which ``last`` remembers what was answered to a question."""
    step, changing = journey.step, journey.state.round == "change" and journey.state.place is Place.QUESTION
    assert isinstance(step, Prompt)
    value = usual(step) if straight else data.draw(_answers_to(step))
    if problem_with(step, value) is not None:
        with pytest.raises(Problem):
            journey.answer(value)
        return
    journey.answer(value)
    if step.id in QUESTIONS and not changing:
        last.pop(step.id, None)
        if isinstance(value, str):
            last[step.id] = value
    if changing and journey.state.place is not Place.QUESTION:
        last.clear()
        last.update({key: answer for key, answer in journey.kept.values().items() if key in QUESTIONS})
    if journey.state.round == "change" and journey.state.place is Place.QUESTION:
        return
    kept = journey.kept
    out = left_out(load_questions(), kept.values())
    doubt = journey.state.walk.key if journey.state.walk is not None else None
    lost = {key for key, value in last.items() if kept.get(key) != value and key not in out and key != doubt}
    assert not lost, (journey.id, lost)


def _answers_to(step: Prompt) -> st.SearchStrategy[Any]:
    moves: list[Any] = [BACK] * step.back
    if isinstance(step, Text):
        words = [
            "",
            "anna",
            "anna@example.test",
            "anna@gmx.net",
            "mail.example.test",
            "993",
            "70000",
            "a\x1bb",
            "folder",
        ]
        return st.sampled_from([*words, *moves])
    assert isinstance(step, Select | Checkbox)
    values = [choice.value for choice in step.choices]
    if isinstance(step, Checkbox):
        subsets = st.lists(st.sampled_from(values), max_size=3, unique=True).map(tuple)
        return st.one_of(subsets, st.sampled_from(moves)) if moves else subsets
    return st.sampled_from([*values, *moves, *[UNKNOWN] * step.unknown])
