"""Placeholders are filled once, whatever is put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.address import Domain, EmailAddress, parse_address
from wizard.model.placeholders import PLACEHOLDERS, check_template, fill
from wizard.model.problems import Problem

ANNA = parse_address("Anna@bücher.de")


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("%EMAILADDRESS%", "Anna@xn--bcher-kva.de"),
        ("%EMAILLOCALPART%", "Anna"),
        ("imap.%EMAILDOMAIN%", "imap.xn--bcher-kva.de"),
        ("%EMAILLOCALPART%.%EMAILDOMAIN%", "Anna.xn--bcher-kva.de"),
        ("%EMAILDOMAIN%\\%EMAILLOCALPART%", "xn--bcher-kva.de\\Anna"),
        ("imap.example.org", "imap.example.org"),
        ("%emaildomain%", "%emaildomain%"),
        ("", ""),
    ],
)
def test_every_placeholder_is_filled(template, filled):
    assert fill(template, ANNA) == filled


@pytest.mark.parametrize("local", PLACEHOLDERS)
def test_a_local_part_that_looks_like_a_placeholder_stays_as_it_is(local):
    address = EmailAddress(local, Domain("example.org"))
    assert fill("%EMAILLOCALPART%", address) == local
    assert fill("%EMAILADDRESS%", address) == f"{local}@example.org"


def test_placeholders_do_not_grow_together_out_of_what_was_put_in():
    address = EmailAddress("%EMAIL", Domain("example.org"))
    assert fill("%EMAILLOCALPART%DOMAIN%", address) == "%EMAILDOMAIN%"


@given(
    st.lists(st.sampled_from([*PLACEHOLDERS, "%", "EMAIL", "x", "DOMAIN%"]), max_size=8), st.sampled_from(PLACEHOLDERS)
)
def test_as_much_is_put_in_as_there_are_placeholders(parts, local):
    # A domain that no local part and no template holds: it is counted.
    template = "|".join(parts)
    filled = fill(template, EmailAddress(local, Domain("q.example")))
    assert filled.count("q.example") == template.count("%EMAILDOMAIN%") + template.count("%EMAILADDRESS%")


@pytest.mark.parametrize("template", ["", "anna", "imap.%EMAILDOMAIN%", "100% %EMAILADDRESS%", "%EMAILLOCALPART%%40x"])
def test_a_template_with_known_placeholders_passes(template):
    check_template(template)


@pytest.mark.parametrize("template", ["%EMAILADRESS%", "%USERNAME%", "%emaildomain%", "%EMAILDOMAIN", "x%REALNAME%y"])
def test_a_word_that_only_looks_like_a_placeholder_is_refused_and_the_real_ones_named(template):
    with pytest.raises(Problem) as caught:
        check_template(template)
    assert all(name in caught.value.text for name in PLACEHOLDERS)
