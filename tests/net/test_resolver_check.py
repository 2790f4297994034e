"""What a network does to names, from what its DNS said of some; and what is asked for that."""

from __future__ import annotations

import asyncio

import pytest

from wizard.net.resolver_check import SURE_NAMES, NameAnswer, ResolverFault, ResolverView, check_resolver

GOOD = ("203.0.113.7",)
PORTAL = ("10.0.0.1",)
DENIES, REFUSES, INVENTS = ResolverFault


def known(*answers):
    return tuple(NameAnswer(f"known{number}.test", *answer) for number, answer in enumerate(answers))


def own(*answer, **how):
    return NameAnswer("example.test", *answer, **how)


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (ResolverView(own(False), known((False,), (False,))), DENIES),
        (ResolverView(own(False), known((False,), (True, GOOD))), None),
        (ResolverView(own(True, GOOD), known((False,))), None),
        (ResolverView(own(True, takes_mail=True), known((False,))), None),
        (ResolverView(own(False), known((False,), (None,))), DENIES),
        # names that are there and have no address
        (ResolverView(own(True), known((True,), (True,))), DENIES),
        (ResolverView(own(True, takes_mail=True), known((True,), (True,))), None),
        (ResolverView(own(True), known((True,), (False,))), None),
        # errors, and silence
        (ResolverView(own(None, reason="REFUSED"), (NameAnswer("a.test", None, reason="REFUSED"),)), REFUSES),
        (ResolverView(own(None, reason="REFUSED"), known((None,))), None),
        (ResolverView(own(None), known((None,))), None),
        (ResolverView(own(None, reason="SERVFAIL"), ()), None),
        # one address for everything; a provider that leads nonsense to a page of its own is none
        (ResolverView(own(True, PORTAL), known((True, PORTAL), (True, PORTAL)), PORTAL), INVENTS),
        (ResolverView(own(True, PORTAL), known((True, (*PORTAL, *GOOD))), PORTAL), INVENTS),
        (ResolverView(own(True, PORTAL), known((True, GOOD)), PORTAL), None),
        (ResolverView(own(True, GOOD), known((True, PORTAL)), PORTAL), None),
        (ResolverView(own(True, PORTAL), known((True, PORTAL))), None),
    ],
)
def test_what_a_network_does_follows_from_all_names_together(view, fault):
    assert view.fault is fault


def test_the_sign_that_is_named_is_one_that_people_know():
    answers = (NameAnswer("autoconfig.example.net", False), NameAnswer(SURE_NAMES[0], False))
    assert ResolverView(own(False), answers).sign == SURE_NAMES[0]
    assert ResolverView(own(False), answers[:1]).sign == "autoconfig.example.net"


def asked_in(world, **policy):
    view = asyncio.run(check_resolver(world.network(**policy), "example.test", ["database.test"]))
    return view, {event[1] for event in world.seen if event[0] == "dns"}


def test_where_a_known_host_has_an_address_of_its_own_nothing_more_is_asked(world):
    world.dns("database.test", A=["203.0.113.9"])
    view, asked = asked_in(world)
    assert view.fault is None
    assert asked == {"example.test", "database.test"}


def test_an_address_that_no_server_can_have_counts_as_denied(world):
    for name in ("example.test", "database.test", *SURE_NAMES):
        world.dns(name, A=["0.0.0.0"], AAAA=["::"])
    view, asked = asked_in(world)
    assert view.fault is DENIES
    assert asked.issuperset(SURE_NAMES)
