"""Slips in a domain: which well-known one was perhaps meant."""

from __future__ import annotations

import pytest

from wizard.app.servers import near_address
from wizard.model.address import parse_address


@pytest.mark.parametrize("typed", ["gmial.com", "gmail.co", "gmaill.com", "gmsil.com"])
def test_a_slip_in_a_well_known_domain_is_noticed_before_anybody_is_asked(typed):
    assert str(near_address(parse_address(f"anna@{typed}"))) == "anna@gmail.com"


@pytest.mark.parametrize(("typed", "meant"), [("web.ed", "web.de"), ("gmx.ne", "gmx.net"), ("wbe.de", "web.de")])
def test_in_a_short_name_one_slip_counts_only_where_the_domain_does_not_exist(typed, meant):
    assert str(near_address(parse_address(f"anna@{typed}"), sure=True)) == f"anna@{meant}"


def test_a_short_name_that_may_exist_is_left_alone():
    assert near_address(parse_address("anna@web.ed")) is None


@pytest.mark.parametrize("sure", [False, True])
@pytest.mark.parametrize("typed", ["gmail.com", "nowhere.example.org", "bücher.example"])
def test_a_provider_and_what_is_like_none_are_left_alone(typed, sure):
    assert near_address(parse_address(f"anna@{typed}"), sure=sure) is None


def test_the_local_part_stays_as_it_was_typed():
    assert near_address(parse_address('"A b"@gmial.com')).local == '"A b"'
