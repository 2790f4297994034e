"""The devices that ``doctor --device NAME`` knows, and how one is found by what a person calls it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem, nearest
from wizard.model.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.diagnosis.device import Device, DeviceData

FILE = "devices.yaml"


@cache
def device_data(own: Path | None = None) -> DeviceData:
    """What devices.yaml says; the person's own directory of templates shadows the bundled file."""
    from wizard.diagnosis.device_file import read_devices
    from wizard.resources.root import find_data, templates_root

    path = find_data(FILE, own)
    return read_devices(path, bundled=path.is_relative_to(templates_root()))


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
