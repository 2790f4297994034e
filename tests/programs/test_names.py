"""The form that a user name has for everybody."""

from __future__ import annotations

import pytest

from wizard.model.address import parse_address
from wizard.programs.names import username_forms

LOCAL, ADDRESS = "%EMAILLOCALPART%", "%EMAILADDRESS%"


def form(username, address="anna@example.org", published=""):
    """The first form that gives ``username`` for ``address``."""
    from wizard.model.servers import fill

    parsed = parse_address(address)
    return next(text for text in username_forms(username, parsed, published) if text and fill(text, parsed) == username)


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("anna@example.org", ADDRESS),
        ("anna", LOCAL),
        ("anna@other.example", f"{LOCAL}@other.example"),
        ("CORP\\anna", f"CORP\\{LOCAL}"),
        ("corp/anna", f"corp/{LOCAL}"),
        ("anna+example.org", f"{LOCAL}+example.org"),
        ("anna%example.org", f"{LOCAL}%example.org"),
        ("example.org.anna", f"example.org.{LOCAL}"),
        ("joanna@other.example", "joanna@other.example"),
        ("anna17", "anna17"),
        ("anna.rossi", "anna.rossi"),
        ("anna.other.example", "anna.other.example"),
        ("Anna@other.example", "Anna@other.example"),
    ],
)
def test_a_local_part_counts_where_it_is_a_whole_part_of_the_name(username, expected):
    assert form(username) == expected


@pytest.mark.parametrize("published", ["%EMAILLOCALPART%.mail", "%emailLocalPart%.mail"])
def test_what_was_published_says_it_exactly(published):
    assert form("anna.mail", published=published) == "%EMAILLOCALPART%.mail"
    assert form("anna.mail") == "anna.mail"


def test_what_was_published_of_another_name_does_not_count():
    assert form("box17", published="%EMAILLOCALPART%.mail") == "box17"
