"""The part ``facts`` of a provider's file: what decides about mail, passwords and programs, each with its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.provider_facts import (
    FolderNames,
    FreeSpace,
    Inactivity,
    Loss,
    MailFolder,
    MostConnections,
    NeedsImapId,
    OAuth2Issuer,
    PaidOnly,
    PasswordEnds,
    PopFetches,
    ProviderFact,
    Retention,
    SenderDomain,
    SendingLimits,
)
from wizard.model.servers import RECEIVING, Protocol
from wizard.resources.facts import SOURCE
from wizard.resources.schema import Flag, Invalid, ListOf, Number, Record, Text, member, optional

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from wizard.resources.schema import Fields

    T = TypeVar("T", bound=ProviderFact)

_RECEIVING = ListOf(member(Protocol, *RECEIVING))
_DAYS = Number(1, 3660)
_COUNT = optional(Number(1, 1_000_000), None)
_FOLDER = optional(
    Text(
        re.compile(r"[^\x00-\x1f\x7f\"\\*%]{1,120}"),
        mark("The name of a folder as the IMAP server has it is expected here, such as INBOX.Sent."),
    ),
    None,
)
_HOST = Text(re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"), mark("The host of an OAuth2 issuer is expected here."))


def _some(kind: Callable[..., ProviderFact]) -> Callable[..., ProviderFact]:
    """A fact of which at least one value is known."""

    def build(**values: Any) -> ProviderFact:
        if all(value is None for key, value in values.items() if key != "source"):
            raise Invalid(_("At least one value is expected here."))
        return kind(**values)

    return build


def _each_folder_once(facts: tuple[Retention, ...]) -> tuple[Retention, ...]:
    folders = [fact.folder for fact in facts]
    for index, folder in enumerate(folders):
        if folder in folders[:index]:
            raise Invalid(_("“{name}” is listed twice.").format(name=folder), index)
    return facts


def _fact(kind: Callable[..., T], fields: Fields) -> Record[T]:
    return Record(kind, {**fields, "source": SOURCE})


def _in_order(retention: tuple[ProviderFact, ...], **facts: ProviderFact | None) -> tuple[ProviderFact, ...]:
    found = [facts.pop("inactivity"), *retention, *facts.values()]
    return tuple(fact for fact in found if fact is not None)


FACTS = Record(
    _in_order,
    {
        "inactivity": optional(
            _fact(Inactivity, {"days": _DAYS, "removes": member(Loss), "program_counts": optional(Flag(), None)}), None
        ),
        "retention": optional(
            ListOf(_fact(Retention, {"folder": member(MailFolder), "days": _DAYS})).to(_each_folder_once), ()
        ),
        "paid_only": optional(_fact(PaidOnly, {"protocols": _RECEIVING}), None),
        "free_space": optional(_fact(FreeSpace, {"megabytes": Number(1, 10_000_000)}), None),
        "password_ends": optional(_fact(PasswordEnds, {"days": _DAYS}), None),
        "pop_fetches": optional(_fact(PopFetches, {"misses": optional(ListOf(member(MailFolder)), ())}), None),
        "folders": optional(
            _fact(_some(FolderNames), {"sent": _FOLDER, "drafts": _FOLDER, "junk": _FOLDER, "trash": _FOLDER}), None
        ),
        "connections": optional(_fact(MostConnections, {"most": Number(1, 1000)}), None),
        "sending": optional(
            _fact(
                _some(SendingLimits),
                {"per_minute": _COUNT, "per_hour": _COUNT, "per_day": _COUNT, "recipients": _COUNT},
            ),
            None,
        ),
        "sender_domain": optional(_fact(SenderDomain, {}), None),
        "imap_id": optional(_fact(NeedsImapId, {}), None),
        "oauth2": optional(
            _fact(
                OAuth2Issuer,
                {
                    "issuer": _HOST,
                    "protocols": optional(ListOf(member(Protocol)), ()),
                    "programs": optional(ListOf(Text()), ()),
                },
            ),
            None,
        ),
    },
)
"""The schema of ``facts``, which makes a tuple of facts."""
