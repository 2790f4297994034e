"""The placeholders of the autoconfig draft, filled once and never recursively.

Source: draft-ietf-mailmaint-autoconfig, "Placeholders". A local part that itself reads ``%EMAILDOMAIN%`` stays as it
is: every placeholder is found in the template, none in what was put in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Problem

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress

EMAIL_ADDRESS = "%EMAILADDRESS%"
EMAIL_LOCAL_PART = "%EMAILLOCALPART%"
EMAIL_DOMAIN = "%EMAILDOMAIN%"
PLACEHOLDERS = (EMAIL_ADDRESS, EMAIL_LOCAL_PART, EMAIL_DOMAIN)

_PLACEHOLDER = re.compile("|".join(PLACEHOLDERS))
_LOOKS_LIKE_ONE = re.compile(r"%[A-Za-z]+%|%EMAIL[A-Z]*")


def check_template(template: str) -> None:
    """Raise Problem when ``template`` holds something that looks like a placeholder and is none of the three."""
    odd = _LOOKS_LIKE_ONE.search(_PLACEHOLDER.sub("", template))
    if odd is not None:
        raise Problem(
            _("{word} is no placeholder; the placeholders are {words}.").format(
                word=odd.group(), words=", ".join(PLACEHOLDERS)
            )
        )


def fill(template: str, address: EmailAddress) -> str:
    """``template`` with its placeholders replaced by the parts of ``address`` (the domain as A-labels)."""
    if "%" not in template:
        return template
    values = {EMAIL_ADDRESS: str(address), EMAIL_LOCAL_PART: address.local, EMAIL_DOMAIN: address.domain.ascii}
    return _PLACEHOLDER.sub(lambda found: values[found.group()], template)
