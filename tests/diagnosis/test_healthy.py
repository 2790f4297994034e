"""Set-ups in which nothing is wrong have no finding, with and without a log-in; and the deadline holds for them all."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.diagnosis.situations import (
    ADDRESS,
    ADDRESS_6,
    HOST,
    IMAP,
    OTHER,
    PASSWORD,
    POP3,
    SMTP,
    SSL,
    STARTTLS,
    Showing,
    Situation,
    login,
    serve,
    target,
)
from tests.world.certificates import authority
from wizard.discovery.catalogue import provider_named
from wizard.model.address import parse_address
from wizard.model.diagnosis import RungStatus
from wizard.model.servers import AuthenticationMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

HEALTHY: list[Callable[[World], Situation]] = []


def healthy(build: Callable[[World], Situation]) -> Callable[[World], Situation]:
    HEALTHY.append(build)
    return build


@healthy
def everything_with_tls_from_the_start(world: World) -> Situation:
    return Situation(targets=[serve(world, IMAP), serve(world, POP3), serve(world, SMTP)])


@healthy
def everything_with_starttls(world: World) -> Situation:
    return Situation(targets=[serve(world, protocol, STARTTLS) for protocol in (IMAP, POP3, SMTP)])


@healthy
def a_host_for_each_service(world: World) -> Situation:
    world.dns("imap.example.test", A=["203.0.113.21"])
    world.dns("smtp.example.test", A=["203.0.113.22"])
    serve(world, IMAP, address="203.0.113.21")
    serve(world, SMTP, STARTTLS, address="203.0.113.22")
    return Situation(targets=[target(IMAP, host="imap.example.test"), target(SMTP, STARTTLS, host="smtp.example.test")])


@healthy
def a_domain_with_other_letters(world: World) -> Situation:
    host = "mail.xn--bcher-kva.test"
    world.dns(host, A=[ADDRESS])
    world.dns("xn--bcher-kva.test", MX=[(10, host)])
    person = parse_address("anna@bücher.test")
    users = {str(person): PASSWORD}
    serve(world, IMAP, users=users)
    serve(world, SMTP, users=users)
    mine = [target(protocol, host=host, username=str(person)) for protocol in (IMAP, SMTP)]
    return Situation(targets=mine, address=person)


@healthy
def a_device_with_ipv4_only(world: World) -> Situation:
    return Situation(targets=[serve(world)])


@healthy
def a_host_with_ipv6_only(world: World) -> Situation:
    world.dns("six.example.test", AAAA=[ADDRESS_6])
    serve(world, address=ADDRESS_6)
    return Situation(targets=[target(host="six.example.test")])


@healthy
def both_families(world: World) -> Situation:
    world.dns(HOST, AAAA=[ADDRESS_6])
    serve(world, address=ADDRESS_6)
    return Situation(targets=[serve(world)])


@healthy
def a_user_name_that_is_a_part_of_the_address(world: World) -> Situation:
    serve(world, users={"anna": PASSWORD})
    serve(world, SMTP, users={"anna": PASSWORD})
    return Situation(targets=[target(username="anna"), target(SMTP, username="anna")])


@healthy
def a_wildcard_and_a_certificate_between(world: World) -> Situation:
    leaf = trustme.CA(parent_cert=authority(), organization_name="Let's Encrypt").issue_cert("*.example.test")
    return Situation(targets=[serve(world, made=Showing, leaf=leaf), serve(world, SMTP, made=Showing, leaf=leaf)])


@healthy
def tls_1_2_alone(world: World) -> Situation:
    return Situation(targets=[serve(world, tls_versions=["TLSv1.2"]), serve(world, SMTP, tls_versions=["TLSv1.2"])])


@healthy
def ports_that_nobody_else_has(world: World) -> Situation:
    return Situation(targets=[serve(world, port=9930), serve(world, SMTP, STARTTLS, port=2525)])


@healthy
def a_server_that_offers_oauth2_beside_passwords(world: World) -> Situation:
    serve(world, auth=("XOAUTH2", "PLAIN"))
    wanted = (AuthenticationMethod.OAUTH2, AuthenticationMethod.PASSWORD_CLEARTEXT)
    return Situation(targets=[target(authentication=wanted)])


@healthy
def a_provider_of_the_catalogue_at_its_own_servers(world: World) -> Situation:
    found, person = provider_named("gmx"), parse_address("anna@gmx.net")
    assert found is not None
    mine = []
    for index, server in enumerate((found.config.incoming[0], found.config.outgoing[0])):
        own, address = server.filled(person), f"203.0.113.{30 + index}"
        world.dns(own.hostname, A=[address])
        serve(world, own.protocol, own.socket_type, address=address, port=own.port, users={own.username: PASSWORD})
        mine.append(target(own.protocol, own.socket_type, host=own.hostname, port=own.port, username=own.username))
    world.dns("gmx.net", MX=[(10, "mx.gmx.net")])
    return Situation(targets=mine, address=person, provider=found)


@healthy
def a_mailbox_that_is_nearly_full_and_one_that_has_no_message(world: World) -> Situation:
    return Situation(targets=[serve(world, quota=(1000, 1024), messages=0), serve(world, POP3, messages=0)])


@healthy
def a_domain_without_mx_whose_mail_goes_to_somebody_else(world: World) -> Situation:
    world.dns("hoster.test", A=[OTHER])
    world.dns("mail.hoster.test", A=[OTHER])
    serve(world, address=OTHER)
    return Situation(targets=[target(host="mail.hoster.test")])


@pytest.mark.parametrize("build", HEALTHY, ids=lambda build: build.__name__)
@pytest.mark.parametrize("log_in", [False, True], ids=["looking", "logging-in"])
def test_nothing_is_wrong(world, build, log_in):
    situation = build(world)
    if log_in:
        situation = replace(situation, options=login(send_test=True))
    diagnosis = situation.diagnose(world)
    assert diagnosis.findings == ()
    assert not [
        rung for observation in diagnosis.observations for rung in observation.rungs if rung.status is RungStatus.FAILED
    ]
    assert all(login.accepted for login in world.logins)
    assert len(world.logins) == len(situation.targets) * log_in


def test_there_are_at_least_twelve_of_them():
    assert len(HEALTHY) >= 12


BAD = ("silent", "no_greeting", "slow", "endless_greeting", "endless_line", "garbage", "web", "reset", "close")


@pytest.mark.parametrize("behaviour", BAD)
@pytest.mark.usefixtures("patient")
def test_a_run_ends_in_time_whatever_the_servers_do(world, behaviour):
    world.dns_behaviour("*.invalid", "silent")
    targets = [
        serve(world, protocol, kind, behaviour=behaviour) for protocol in (IMAP, POP3, SMTP) for kind in (SSL, STARTTLS)
    ]
    started = time.monotonic()
    diagnosis = Situation(targets=targets, options=login(timeout=0.4)).diagnose(world)
    assert time.monotonic() - started < 20
    assert len(diagnosis.observations) == len(targets)
    assert all(
        any(rung.status is RungStatus.FAILED for rung in observation.rungs) for observation in diagnosis.observations
    )
    assert diagnosis.findings, "whatever it is, there is a word for it"
    assert world.logins == []


@pytest.mark.usefixtures("patient")
def test_a_host_that_swallows_packets_and_a_silent_resolver_end_in_time(world):
    world.swallow(OTHER)
    world.dns("gone.example.test", A=[OTHER])
    world.dns_behaviour("mute.example.test", "silent")
    targets = [target(host="gone.example.test"), target(SMTP, host="mute.example.test")]
    started = time.monotonic()
    diagnosis = Situation(targets=targets, options={"timeout": 2.0}).diagnose(world)
    assert time.monotonic() - started < 20
    assert {finding.code for finding in diagnosis.findings} == {"port_filtered", "host_not_found"}
