"""One way out: whatever was seen, only what answered is told to be entered, and one thing for each protocol."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.observations import (
    ANNA,
    DNS,
    GREETING,
    IMAP,
    OTHER_NAME,
    PLAIN,
    POP3,
    SMTP,
    SSL,
    STARTTLS,
    TCP,
    TLS,
    failing,
    healthy,
    ports,
    provider,
    refused,
    target,
)
from tests.ground import examples
from wizard.diagnosis.knowledge import knowledge
from wizard.diagnosis.rules import find_causes
from wizard.diagnosis.way_out import way_out
from wizard.model.diagnosis import RungName
from wizard.model.discovery import Source
from wizard.model.servers import USUAL_PORTS

SECURITY = {SSL: "SSL/TLS", STARTTLS: "STARTTLS"}
PORTS = {IMAP: (993, 143), POP3: (995, 110), SMTP: (465, 587, 25)}
HOSTS = ("mail.example.org", "imap.example.org", "smtp.example.net", "imap.gmail.com", "mail.provider.example")
FAILURES = [
    *((DNS, kind) for kind in ("no_such_name", "dns_timeout")),
    *((TCP, kind) for kind in ("connection_refused", "timeout")),
    *(
        (TLS, kind)
        for kind in ("tls_name_mismatch", "tls_untrusted", "tls_expired", "tls_too_old", "not_tls", "timeout")
    ),
    *((GREETING, kind) for kind in ("wrong_protocol", "timeout", "connection_lost", "server_says_no")),
    *((RungName.STARTTLS, kind) for kind in ("starttls_missing", "starttls_refused")),
    *((RungName.LOGIN, kind) for kind in ("login_impossible", "login_unencrypted")),
    (RungName.MAILBOX, "mailbox_refused"),
]
_PORT = re.compile(r"(?:[Ee]nter|and|with) port (\d+)")
_HOST = re.compile(r"[Ee]nter (\S+) as the (?:server name|outgoing server)")
_SAFE = re.compile(r"choose (SSL/TLS|STARTTLS) as", re.IGNORECASE)


@st.composite
def observations(draw, protocol):
    host, kind = draw(st.sampled_from(HOSTS)), draw(st.sampled_from([SSL, STARTTLS, PLAIN]))
    port = draw(st.sampled_from(PORTS[protocol]))
    of_target = {"port": port, "socket_type": kind}
    if draw(st.integers(0, 5)) == 0:
        return draw(
            st.sampled_from(
                [healthy(protocol, host, **of_target), refused("NO", "no", protocol, host, username="a", **of_target)]
            )
        )
    rung, failure = draw(st.sampled_from(FAILURES))
    others = [(other, security) for other in PORTS[protocol] for security in (SSL, STARTTLS)]
    others = [place for place in others if place != (port, kind)]
    seen = [(*place, draw(st.booleans())) for place in draw(st.lists(st.sampled_from(others), unique=True))]
    return failing(
        rung,
        failure,
        protocol,
        host,
        other_ports=ports(*seen),
        other_names=tuple(draw(st.lists(st.sampled_from(("imap.other.example", "box.example.org")), unique=True))),
        spoken=draw(st.sampled_from([None, "tls", "plain", "imap", "pop3", "smtp", "http", "ssh"])),
        extra=draw(st.sampled_from([{}, {"spoke_line": "HTTP/1.1 400"}, {"web": "443,80"}])),
        certificate=OTHER_NAME,
        clear_capabilities=draw(st.sampled_from([None, ("IMAP4rev1", "STARTTLS"), ("STLS",), ("AUTH PLAIN",)])),
        **of_target,
    )


@st.composite
def found_for_the_address(draw, protocol):
    places = draw(st.lists(st.sampled_from([(host, kind) for host in HOSTS for kind in SECURITY]), max_size=3))
    source = draw(st.sampled_from([Source.CATALOGUE, Source.PROBE, Source.SRV]))
    return [
        target(protocol, host, socket_type=kind, source=source, username=draw(st.sampled_from(["anna", str(ANNA)])))
        for host, kind in places
    ]


@settings(max_examples=examples(400))
@given(data=st.data())
def test_what_is_told_to_be_entered_was_seen_to_answer_and_is_one_thing_for_each_protocol(data):
    kinds = data.draw(st.lists(st.sampled_from([IMAP, POP3, SMTP]), min_size=1, unique=True))
    seen = [data.draw(observations(protocol)) for protocol in kinds]
    published = {protocol: data.draw(found_for_the_address(protocol)) for protocol in kinds}
    at = data.draw(st.sampled_from([None, "gmail", "ionos", "aruba-pec", "gmx"]))
    known = provider(at) if at else None
    providers = {"imap.gmail.com": provider("gmail")} if data.draw(st.booleans()) else {}
    findings = find_causes(ANNA, seen, known, providers=providers, published=published)
    steps = [(finding.protocol, step) for finding in findings for step in finding.steps]
    assert not [step for _protocol, step in steps if "{" in step]
    told = [
        (protocol, step) for protocol, step in steps if _PORT.search(step) or _HOST.search(step) or _SAFE.search(step)
    ]
    told = [(protocol, step) for protocol, step in told if "help pages" not in step]
    allowed = {observed.target.protocol: _answered(observed, published) for observed in seen}
    for protocol, step in told:
        places = allowed[protocol] if protocol is not None else set().union(*allowed.values())
        port, host, security = _PORT.search(step), _HOST.search(step), _SAFE.search(step)
        own = {observed.target.host for observed in seen}
        assert any(
            (port is None or int(port[1]) == place[1])
            and (host[1] == place[0] if host else place[0] in own)
            and (security is None or security[1].upper() == SECURITY[place[2]].upper())
            for place in places
        ), step
    for protocol in kinds:
        one = {step for told_for, step in told if told_for is protocol}
        assert len(one) <= 1, one
    for finding in findings:
        of_finding = [index for index, step in enumerate(finding.steps) if (finding.protocol, step) in told]
        assert of_finding == list(range(len(of_finding))), finding.steps


def _answered(observed, published):
    """Host, port and security of all that was seen to answer in place of this server."""
    mine = observed.target
    places = {(server.host, server.port, server.socket_type) for server in published[mine.protocol]}
    places |= {(mine.host, port.port, port.socket_type) for port in observed.other_ports if port.answers}
    usual = USUAL_PORTS[mine.protocol, SSL]
    places |= {(name, usual, SSL) for name in observed.other_names}
    if mine.socket_type in SECURITY:
        places |= {(name, mine.port, mine.socket_type) for name in observed.other_names}
    if observed.spoken == "tls":
        places.add((mine.host, mine.port, SSL))
    if observed.clear_capabilities and mine.socket_type is PLAIN:
        places.add((mine.host, mine.port, STARTTLS))
    return places


def test_no_text_names_a_value_that_nobody_tried():
    """The way out is a value of its own: no text puts a host, a port or a security to enter together by itself."""
    steps = [text for texts in knowledge().texts.values() for step in texts.steps for text in step]
    entering = re.compile(r"[Ee]nter (?:port )?\{(?!other_username)|[Ee]nter port \d")
    assert [text for text in steps if entering.search(text)] == []


MINE = target(IMAP, "mail.example.org")
ELSEWHERE = target(IMAP, "imap.example.net")
OWN_PORT = failing(TCP, "connection_refused", other_ports=ports((143, STARTTLS, True)))


@pytest.mark.parametrize(
    ("published", "host", "port"),
    [
        ([], "mail.example.org", 143),
        ([ELSEWHERE], "imap.example.net", 993),
        ([ELSEWHERE, target(IMAP, "mail.example.org", socket_type=STARTTLS)], "mail.example.org", 143),
        ([target(IMAP, "imap.example.net", source=Source.PROBE)], "mail.example.org", 143),
        ([target(IMAP, "mail.example.org"), ELSEWHERE], "mail.example.org", 143),
    ],
    ids=[
        "own port",
        "found elsewhere",
        "found at the same host",
        "a guess comes after it",
        "what fails is found itself",
    ],
)
def test_what_was_found_comes_before_other_ports_and_these_before_a_guess(published, host, port):
    found = way_out(MINE, OWN_PORT, published)
    assert found is not None
    assert (found.host, found.port) == (host, port)


def test_where_nothing_answered_there_is_no_way_out():
    assert way_out(MINE, failing(TCP, "timeout", other_ports=ports((143, STARTTLS, False))), []) is None


def test_tls_with_something_else_within_is_no_way_out():
    seen = failing(
        GREETING, "timeout", port=443, socket_type=STARTTLS, spoken="tls", extra={"spoke_line": "HTTP/1.1 400 Bad"}
    )
    assert way_out(seen.target, seen, []) is None
