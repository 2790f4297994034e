"""Set-ups in which nothing is wrong have no finding, with and without a log-in; and the deadline holds for them all."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
def log_ins_that_are_offered_only_after_starttls(world: World) -> Situation:
    before = ["IMAP4rev1", "STARTTLS", "LOGINDISABLED"]
    return Situation(
        targets=[serve(world, IMAP, STARTTLS, capabilities_before_tls=before), serve(world, SMTP, STARTTLS)]
    )


@healthy
def a_server_that_takes_nothing_with_the_command_itself(world: World) -> Situation:
    return Situation(targets=[serve(world, initial_response=False), serve(world, POP3, initial_response=False)])


@healthy
def encrypted_passwords_alone(world: World) -> Situation:
    serve(world, auth=("CRAM-MD5",), capabilities=["IMAP4rev1", "LOGINDISABLED", "AUTH=CRAM-MD5"])
    return Situation(targets=[target(authentication=(AuthenticationMethod.PASSWORD_ENCRYPTED,))])


@healthy
def greetings_that_name_another_host(world: World) -> Situation:
    imap = serve(world, greeting="* OK [ALERT] s77.hoster.invalid is upgraded on Sunday")
    smtp = serve(world, SMTP, greeting="220-s77.hoster.invalid\r\n220 no UCE")
    return Situation(targets=[imap, smtp])


@healthy
def capabilities_in_the_greeting(world: World) -> Situation:
    return Situation(targets=[serve(world, greeting="* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")])


@healthy
def a_server_that_wants_to_know_the_program(world: World) -> Situation:
    return Situation(targets=[serve(world, wants_id=True, capabilities=["IMAP4rev1", "ID", "AUTH=PLAIN"])])


@healthy
def a_server_that_takes_two_connections_at_a_time(world: World) -> Situation:
    return Situation(targets=[serve(world, allowed=2, at_once=True), serve(world, SMTP, allowed=2, at_once=True)])


@healthy
def an_old_pop3_server_and_sending(world: World) -> Situation:
    serve(world, POP3, capabilities=["USER"], auth=())
    return Situation(targets=[target(POP3), serve(world, SMTP)])


@healthy
def sending_through_another_company(world: World) -> Situation:
    world.dns("smtp.relay.test", A=[OTHER])
    serve(world, SMTP, STARTTLS, address=OTHER)
    return Situation(targets=[serve(world), target(SMTP, STARTTLS, host="smtp.relay.test")])


@healthy
def mail_that_comes_through_a_filter(world: World) -> Situation:
    person = parse_address("anna@firma.test")
    world.dns("firma.test", MX=[(10, "in.filter.test"), (20, "in2.filter.test")])
    serve(world, users={str(person): PASSWORD})
    return Situation(targets=[target(username=str(person))], address=person)


@healthy
def a_resolver_that_knows_every_name(world: World) -> Situation:
    world.dns("*", A=["203.0.113.99"])
    return Situation(targets=[serve(world), serve(world, SMTP)])


@healthy
def a_user_name_of_a_windows_domain(world: World) -> Situation:
    users = {"FIRMA\\anna": PASSWORD}
    serve(world, users=users)
    serve(world, SMTP, users=users)
    return Situation(targets=[target(username="FIRMA\\anna"), target(SMTP, username="FIRMA\\anna")])


@healthy
def a_server_that_knows_few_commands(world: World) -> Situation:
    answers = dict.fromkeys(("NOOP", "ID", "STATUS", "GETQUOTAROOT", "LIST", "NAMESPACE"), "BAD unknown command")
    return Situation(targets=[serve(world, answers=answers, capabilities=["IMAP4rev1"], auth=())])


@healthy
def a_name_that_is_an_alias(world: World) -> Situation:
    world.dns("imap.firma.test", CNAME="cluster7.hoster.test")
    world.dns("cluster7.hoster.test", A=[OTHER])
    serve(world, address=OTHER)
    return Situation(targets=[target(host="imap.firma.test")])


@healthy
def a_certificate_for_many_names(world: World) -> Situation:
    names = [f"mail.customer{number}.test" for number in range(80)]
    return Situation(targets=[serve(world, certificate=[*names, HOST])])


@healthy
def certified_mail_at_the_provider_s_own_servers(world: World) -> Situation:
    return at_its_own_servers(world, "postecert", "anna@postecert.it")


@healthy
def an_app_password_at_a_provider_that_also_has_oauth2(world: World) -> Situation:
    return at_its_own_servers(world, "gmail", "anna@gmail.com", auth=("XOAUTH2", "PLAIN"))


@healthy
def a_provider_of_the_catalogue_at_its_own_servers(world: World) -> Situation:
    return at_its_own_servers(world, "gmx", "anna@gmx.net")


def at_its_own_servers(world: World, name: str, address: str, **how: Any) -> Situation:
    """The first servers that the catalogue has for ``address``, as they should be."""
    found, person = provider_named(name), parse_address(address)
    assert found is not None
    mine = []
    for index, server in enumerate((found.config.incoming[0], found.config.outgoing[0])):
        own, place = server.filled(person), f"203.0.113.{30 + index}"
        world.dns(own.hostname, A=[place])
        users = {own.username: PASSWORD}
        serve(world, own.protocol, own.socket_type, address=place, port=own.port, users=users, **how)
        mine.append(target(own.protocol, own.socket_type, host=own.hostname, port=own.port, username=own.username))
    world.dns(person.domain.ascii, MX=[(10, f"mx.{person.domain.ascii}")])
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


def test_there_are_at_least_thirty_of_them():
    assert len(HEALTHY) >= 30


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
