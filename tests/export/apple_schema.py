"""A checker of profiles against Apple's published schema: presence, type, allowed values, no key it does not know."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

TYPES: dict[str, type | tuple[type, ...]] = {
    "<string>": str,
    "<integer>": int,
    "<boolean>": bool,
    "<real>": float,
    "<array>": list,
    "<dictionary>": dict,
    "<data>": bytes,
    "<date>": dt.datetime,
}


class Schema:
    """The schema of a profile and of the payloads whose files are in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.top = self._keys(directory / "TopLevel.yaml")
        self.common = self._keys(directory / "CommonPayloadKeys.yaml")
        self.payloads = {
            path.stem: self._keys(path)
            for path in directory.glob("*.yaml")
            if path.stem not in ("TopLevel", "CommonPayloadKeys")
        }

    @staticmethod
    def _keys(path: Path) -> list[dict[str, Any]]:
        return yaml.safe_load(path.read_text())["payloadkeys"]

    def errors(self, profile: dict[str, Any]) -> list[str]:
        """What is wrong with ``profile`` (a parsed property list), a line each; empty when nothing is."""
        found = self._dictionary(profile, self.top, "profile")
        for index, payload in enumerate(profile.get("PayloadContent", [])):
            kind = payload.get("PayloadType")
            if kind not in self.payloads:
                found.append(f"payload {index}: PayloadType {kind!r} is not known")
                continue
            found += self._dictionary(payload, [*self.common, *self.payloads[kind]], f"payload {index}")
        identities = [payload.get("PayloadUUID") for payload in [profile, *profile.get("PayloadContent", [])]]
        if len(set(identities)) != len(identities):
            found.append("a PayloadUUID is used more than once in the profile")
        return found

    def _dictionary(self, value: dict[str, Any], keys: list[dict[str, Any]], where: str) -> list[str]:
        known = {key["key"]: key for key in keys}
        found = [f"{where}: unknown key {name}" for name in value if name not in known and "ANY" not in known]
        for name, key in known.items():
            if name in value:
                found += self._value(value[name], key, f"{where}, {name}")
            elif key.get("presence") == "required" and name != "ANY":
                found.append(f"{where}: {name} is missing")
        return found

    def _value(self, value: Any, key: dict[str, Any], where: str) -> list[str]:
        wanted = TYPES.get(key["type"])
        exact = type(value) is wanted if wanted in (int, bool) else wanted is None or isinstance(value, wanted)
        if not exact:
            return [f"{where}: {type(value).__name__} instead of {key['type']}"]
        found = []
        if "rangelist" in key and value not in key["rangelist"]:
            found.append(f"{where}: {value!r} is none of {key['rangelist']}")
        if isinstance(value, str) and not value and key.get("presence") == "required":
            found.append(f"{where}: empty")
        if isinstance(value, list):
            subkeys = key.get("subkeys", [])
            for index, item in enumerate(value):
                found += self._value(
                    item, {**subkeys[0], "subkeys": subkeys[0].get("subkeys", [])}, f"{where}[{index}]"
                )
        elif isinstance(value, dict):
            found += self._dictionary(value, key.get("subkeys", []), where)
        return found
