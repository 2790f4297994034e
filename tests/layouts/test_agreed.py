"""Whatever sources say: a file has no server that was not agreed to, and the servers of an account have one owner."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.discovery.findings import PORTS, found, reported
from tests.ground import examples
from wizard.advice.recommendation import recommend
from wizard.app.plan import Plan
from wizard.app.settings_files import accounts_in
from wizard.app.writing import render_all
from wizard.discovery.catalogue import provider_named
from wizard.discovery.consent import CONSENT_CODES, consent_for_account
from wizard.discovery.context import LookUpOptions
from wizard.discovery.report import merge_reports
from wizard.export.registry import formats
from wizard.export.render import About
from wizard.model.address import parse_address
from wizard.model.discovery import Source, Trust
from wizard.model.problems import Notice
from wizard.model.servers import AfterDownload, LeavePolicy, PasswordStore, Protocol
from wizard.net.domains import registrable

ANNA = parse_address("anna@example.org")
OWN = "example.org"
HOSTS = ("mail.example.org", "imap.example.org", "mail.one.test", "smtp.one.test", "mail.two.test", "posteo.de")
SOURCES = tuple(source for source in Source if source is not Source.USER)
READ = ("autoconfig", "mobileconfig", "outlook-autodiscover", "thunderbird-android")
REDIRECTED = Notice("foreign_domain", "The settings for example.org come from redirect.test. Is your mail there?")
PLACES = (
    *((protocol, security, port) for (protocol, security), port in PORTS.items()),
    (Protocol.IMAP, "plain", 143),
    (Protocol.POP3, "plain", 110),
)


@st.composite
def servers_of(draw, source):
    protocol, security, port = draw(st.sampled_from(PLACES))
    guess = source is Source.PROBE
    return found(
        protocol,
        source,
        host=draw(st.sampled_from(HOSTS)),
        security=security,
        port=port,
        trust=Trust.GUESSED if guess else draw(st.sampled_from(Trust)),
        verified=draw(st.sampled_from([True, True, None, False])),
        username=draw(st.sampled_from(["anna@example.org", "anna"])),
    )


@st.composite
def reports(draw):
    """What some of the sources say, in the order of their rank."""
    made = []
    for source in SOURCES:
        listed = draw(st.lists(servers_of(source), max_size=4)) if draw(st.booleans()) else []
        options = {}
        if source in (Source.AUTOCONFIG, Source.AUTODISCOVER) and draw(st.booleans()):
            options["needs_consent"] = (REDIRECTED,)
        if source is Source.MX:
            hosts = draw(st.sampled_from([(), ("mx.one.test",), ("mx.two.test",), ("mx.example.org",), ("posteo.de",)]))
            options["mail_hosts"] = hosts
            options["provider"] = provider_named("posteo") if hosts == ("posteo.de",) else None
        made.append(reported(source, *listed, **options))
    return made


def plan(report, protocol):
    return Plan(
        advice=recommend({}),
        report=report,
        protocol=protocol,
        leave=LeavePolicy(AfterDownload.KEEP_DAYS, 14),
        name="Anna",
        formats=(),
        password_store=PasswordStore.PASS,
    )


def accounts(said, *, allow_insecure):
    """Each account that may be written: the report, what it uses, and the account."""
    report = merge_reports(ANNA, said, LookUpOptions(allow_insecure=allow_insecure), 1, "2026-11-28")
    for protocol, count in product((Protocol.IMAP, Protocol.POP3), range(len(CONSENT_CODES) + 1)):
        for accepted in combinations(CONSENT_CODES, count):
            if report.best(protocol) and report.smtp and not consent_for_account(report, protocol, accepted):
                yield (report.best(protocol), report.smtp), accepted, plan(report, protocol).account()


def agreed(server, used, accepted, said):
    """Whether ``server`` may leave, by the words of docs/consent.md and nothing of the program."""
    if any(place(server) == place(other.server) for other in used):
        return True
    if not server.secure:
        return not any(other.server.secure for other in used)
    naming = [one for report in said for one in report.servers if place(one.server) == place(server)]
    asked = {report.source for report in said if report.needs_consent}
    for one in naming:
        guess = one.evidence.trust is Trust.GUESSED
        proven = one.evidence.trust is Trust.AUTHENTICATED or one.evidence.source is Source.CATALOGUE
        foreign = not proven and registrable(server.hostname) != OWN
        redirected = one.evidence.trust is not Trust.AUTHENTICATED and one.evidence.source in asked
        same_host = [other for other in used if other.server.hostname == server.hostname]
        same_domain = [other for other in used if registrable(other.server.hostname) == registrable(server.hostname)]
        if guess and not ("guess" in accepted and same_host):
            continue
        if foreign and not ("foreign_domain" in accepted and same_domain):
            continue
        if redirected and "foreign_domain" not in accepted:
            continue
        return True
    return False


def place(server):
    return server.protocol, server.hostname, server.port, server.socket_type


@settings(max_examples=examples(150), deadline=None)
@given(said=reports(), allow_insecure=st.booleans())
def test_an_account_has_agreed_servers_alone(said, allow_insecure):
    for used, accepted, account in accounts(said, allow_insecure=allow_insecure):
        for server in (account.incoming, account.outgoing, *account.alternatives):
            assert agreed(server, used, accepted, said), (server, used, accepted)


def published_together(said):
    """For each registrable domain those that belong to it: named in one answer, or known as one provider's."""
    group = {registrable(host): {registrable(host)} for host in HOSTS}
    for report in said:
        if report.source is Source.PROBE:
            continue
        named = {registrable(one.server.hostname) for one in report.servers}
        named |= {"posteo.de"} if report.provider is not None else set()
        together = set().union(*(group[name] for name in named))
        group.update(dict.fromkeys(together, together))
    return group


@settings(max_examples=examples(150), deadline=None)
@given(said=reports())
def test_receiving_and_sending_belong_together_unless_one_of_them_is_a_guess(said):
    group = published_together(said)
    report = merge_reports(ANNA, said, LookUpOptions(), 1, "2026-11-28")
    best = [one for one in (report.imap, report.pop3, report.smtp) if one is not None]
    published = [one for one in best if one.evidence.trust is not Trust.GUESSED]
    for first, second in combinations(published, 2):
        assert registrable(second.server.hostname) in group[registrable(first.server.hostname)]


@settings(max_examples=examples(15), deadline=None)
@given(said=reports())
def test_a_file_names_no_server_that_the_account_does_not_have(said):
    for _used, _accepted, account in list(accounts(said, allow_insecure=False))[:1]:
        servers = (account.incoming, account.outgoing, *account.alternatives)
        places = {place(server) for server in servers}
        left_out = {host for host in HOSTS if host.count(".") > 1} - {server.hostname for server in servers}
        files, _refused = render_all([entry.id for entry in formats()], account, About())
        assert len({file.format for file in files}) > 5
        for file in files:
            text = file.content.decode("latin-1") + (file.scan or "")
            assert not [host for host in left_out if host in text], file.name
            for found_again in read_again(file):
                assert place(found_again) in places, file.name


def read_again(file):
    """The servers that a reader finds in ``file``, and in the picture of a code by its text."""
    if file.format not in READ and file.scan is None:
        return []
    content = file.content if file.scan is None else file.scan.encode()
    name = file.name if file.scan is None else "scanned.txt"
    (account,) = accounts_in(content, name, address=ANNA)
    report = account.report
    listed = [report.imap, report.pop3, report.smtp, *report.alternatives]
    assert report.smtp is not None
    return [one.server for one in listed if one is not None]
