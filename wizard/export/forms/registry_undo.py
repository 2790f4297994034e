"""The registry file that takes back what :mod:`wizard.export.forms.registry` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.export.forms.registry import reason_against, require_values, words, write

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

__all__ = ["check", "reason_against", "words", "write"]


def check(content: bytes, account: MailAccount) -> None:
    """Both values are removed, and nothing else is touched."""
    require_values(content, {"PreferLocalXML": None, account.address.domain.ascii: None})
