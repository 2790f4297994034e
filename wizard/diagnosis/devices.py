"""The devices that ``doctor --device NAME`` knows: templates/devices.yaml with its schema, and finding one by name."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.diagnosis.device import (
    ALWAYS,
    CIPHERS,
    CODES,
    CURVES,
    HASHES,
    KEYS,
    STORES,
    TLS_VERSIONS,
    UPDATE,
    Device,
    DeviceData,
    Fact,
    Library,
    Root,
    SignIn,
    Store,
    version_of,
)
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.problems import Problem, nearest
from wizard.model.servers import AuthenticationMethod
from wizard.model.text import printable
from wizard.resources.documents import read_document
from wizard.resources.facts import DAY, SOURCE, sources
from wizard.resources.schema import (
    Custom,
    Field,
    Flag,
    Invalid,
    ListOf,
    MapOf,
    Message,
    NameOf,
    Record,
    Reference,
    Text,
    as_dict,
    member,
    missing,
    optional,
    words,
)
from wizard.resources.templates import find_data, templates_root

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.model.provider import FactSource
    from wizard.resources.schema import Names, Schema


FILE = "devices.yaml"


@cache
def device_data(own: Path | None = None) -> DeviceData:
    """What devices.yaml says; the person's own directory of templates shadows the bundled file."""
    path = find_data(FILE, own)
    return read_devices(path, bundled=path.is_relative_to(templates_root()))


def read_devices(path: Path, *, bundled: bool = False) -> DeviceData:
    """The data of a file; Problem with file, line, key and the nearest valid value."""
    return SCHEMA.load(read_document(path, bundled=bundled))


def devices(own: Path | None = None) -> tuple[Device, ...]:
    """All devices, in the order of the file."""
    return device_data(own).devices


def device_named(name: str, own: Path | None = None) -> Device:
    """The device with this id, or that is called so; Problem with the nearest one where there is none."""
    by_word = {
        _plain(word): device
        for device in devices(own)
        for word in (name_of(device), device.name, *device.also, device.id)
    }
    known = by_word.get(_plain(name))
    if known is not None:
        return known
    near = nearest(_plain(name), by_word)
    hint = (
        _("“--device list” names all of them.")
        if near is None
        else _("Did you mean {word}?").format(word=by_word[near].id)
    )
    raise Problem(_("The device “{name}” is not known.").format(name=printable(name, 60)) + " " + hint)


def name_of(device: Device) -> str:
    """What the device is called, in the active language."""
    return _(device.name)


def device_list(own: Path | None = None) -> tuple[dict[str, Any], ...]:
    """What ``--device list`` shows, a row a device: its id, its name in the active language, other words for it,
    the versions of TLS that it speaks (``tls``) or can be made to speak (``tls_after_a_change``), its store of roots,
    and the providers at which it can sign in (``oauth2``). Plain values, for JSON too.
    """
    return tuple(
        {
            "id": device.id,
            "name": name_of(device),
            "also": list(device.also),
            "tls": sorted(device.library.on.value),
            "tls_after_a_change": sorted(device.library.can),
            "roots": f"{device.store.kind} {'.'.join(map(str, device.store.version))}",
            "oauth2": sorted(device.oauth2.value),
        }
        for device in devices(own)
    )


def _plain(word: str) -> str:
    """Without case, spaces and signs: “Outlook 2010” and “outlook-2010” are the same."""
    return re.sub(r"[^\w.]+", "-", word.casefold()).strip("-")


def _tls(
    *, on: frozenset[str], source: FactSource, can: frozenset[str], doubtful: frozenset[str], how: str | None
) -> dict[str, Any]:
    if can and how is None:  # that it can be changed is of no use without knowing how
        raise Invalid(missing("how"))
    return {"on": Fact(on, source), "can": can, "doubtful": doubtful, "how": how}


def _library(*, tls: dict[str, Any], **facts: Any) -> Library:
    return Library(**tls, **facts)


def _root(*, since: Mapping[str, str], ended: str | None, **facts: Any) -> Root:
    if not since and ended is None:
        raise Invalid(missing("in"))
    return Root(since=since, ended=ended, **facts)


def _sign_in(*, old_tls: str | None, old_tls_source: FactSource | None, **facts: Any) -> SignIn:
    if old_tls is None:
        return SignIn(**facts)
    if old_tls_source is None:
        raise Invalid(missing("old_tls_source"))
    return SignIn(**facts, old_tls=Fact(old_tls, old_tls_source))


def _authority(value: Any, names: Names) -> str:
    return words(*sorted({root.authority for root in names["roots"].values()})).read(value, names)


def _data(
    *, devices: dict[str, Device], roots: dict[str, Root], providers: dict[str, SignIn], **_used: Any
) -> DeviceData:
    taken: set[str] = set()
    for device in devices.values():
        for word in (device.id, *device.also):
            if word in taken:
                raise Invalid(_("“{name}” is listed twice.").format(name=word), "devices", device.id)
            taken.add(word)
    return DeviceData(tuple(devices.values()), roots, tuple(providers.values()))


def _set(item: Schema[str], *, empty: bool = False) -> Schema[frozenset[str]]:
    return ListOf(item, empty=empty).to(frozenset)


def _fact(key: str, values: Schema[Any]) -> Schema[Any]:
    """Something known, under ``key``, and its source."""
    return Record(Fact, {key: Field(values, "value"), "source": SOURCE})


_LINE = Text().to(str.strip)
_NO_VERSION = mark('A version in quotation marks is expected here, such as "7.1.1".')
_VERSION = r"\d{1,4}(?:\.\d{1,4}){0,3}"
_HELPS = ListOf(Reference("helps"))
_TLS = Record(
    _tls,
    {
        "on": _set(words(*TLS_VERSIONS)),
        "can": optional(_set(words(*TLS_VERSIONS)), frozenset()),
        "how": optional(Message(), None),
        "doubtful": optional(_set(words(*TLS_VERSIONS)), frozenset()),
        "source": SOURCE,
    },
)
_LIBRARY = Record(
    _library,
    {
        "tls": _TLS,
        "keys": _fact("types", _set(words(*KEYS))),
        "ciphers": _fact("families", _set(words(*CIPHERS))),
        "curves": _fact("names", _set(words(*CURVES), empty=True)),
        "sni": Field(_fact("sent", Flag()), "sends_name"),
        "signatures": _fact("hashes", _set(words(*HASHES))),
    },
)
_ROOT = Record(
    _root,
    {
        "authority": _LINE,
        "in": optional(
            MapOf(words(*STORES), Text(re.compile(f"{ALWAYS}|{UPDATE}|{_VERSION}"), _NO_VERSION), empty=True),
            {},
            name="since",
        ),
        "ended": optional(DAY, None),
        "made": optional(_fact("day", DAY), None),
        "source": SOURCE,
    },
    key="name",
)
_PROVIDER = Record(
    _sign_in,
    {
        "name": _LINE,
        "hosts": ListOf(Text(re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"), mark("A host name is expected here."))),
        "password": words("none", "app_password"),
        "source": SOURCE,
        "old_tls": optional(Message(), None),
        "old_tls_source": optional(SOURCE, None),
    },
    key="id",
)
_STORE = Record(
    Store,
    {
        "store": Field(words(*STORES), "kind"),
        "version": Text(re.compile(_VERSION), _NO_VERSION).to(version_of),
        "updates": optional(Flag(), default=False),
        "lacks": optional(_set(Custom(_authority)), frozenset()),
        "dated": optional(_fact("day", DAY), None),
        "source": SOURCE,
    },
)
_DEVICE = Record(
    Device,
    {
        "name": Message(),
        "also": optional(ListOf(_LINE, empty=True), ()),
        "library": Reference("libraries"),
        "family": Field(Reference("families"), "helps"),
        "roots": Field(_STORE, "store"),
        "login": Field(_fact("methods", ListOf(member(AuthenticationMethod)).to(frozenset)), "methods"),
        "oauth2": _fact("providers", _set(NameOf("providers"), empty=True)),
    },
    key="id",
)
SCHEMA = Record(
    _data,
    {
        "sources": sources(_LINE),
        "helps": MapOf(Text(), Message(("provider",)), names="helps"),
        "families": MapOf(
            Text(), Record(as_dict, {"other": _HELPS, **dict.fromkeys(CODES, optional(_HELPS))}), names="families"
        ),
        "providers": MapOf(Text(), _PROVIDER, names="providers"),
        "roots": MapOf(Text(), _ROOT, names="roots"),
        "libraries": MapOf(Text(), _LIBRARY, names="libraries"),
        "devices": MapOf(
            Text(
                re.compile(r"[a-z0-9][a-z0-9.-]{0,39}"),
                mark("An id consists of lowercase letters, digits, dots and hyphens."),
            ),
            _DEVICE,
        ),
    },
)
"""The schema of devices.yaml."""
