"""templates/devices.yaml as values: every key checked, every fact with its source."""

from __future__ import annotations

import re
from string import Formatter
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
from wizard.language import translate as _
from wizard.model.provider import FactSource
from wizard.model.servers import AuthenticationMethod
from wizard.resources import shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from wizard.resources.documents import Document

PARTS = ("sources", "libraries", "roots", "providers", "helps", "families", "devices")
CONFIDENCES = ("confirmed", "reported", "unverified")
PASSWORDS = ("none", "app_password")
FIELDS = frozenset({"provider"})
"""What a sentence of what helps may hold in braces."""

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_DATE = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_URL = re.compile(r"https://[a-z0-9.-]+(?:[/?#][!-~]*)?", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,3}")

At = tuple[Any, ...]


def read_devices(path: Path, *, bundled: bool = False) -> DeviceData:
    """The data of a file; Problem with file, line, key and the nearest valid value."""
    from wizard.resources.documents import read_document

    return _File(read_document(path, bundled=bundled)).data()


class _File:
    """One file while it is read."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._top = shape.mapping(document, (), document.data, required=PARTS, allowed=PARTS)
        self._sources = {name: self._source(at, entry) for name, at, entry in self._entries("sources")}
        self._helps = {name: self._help(at, entry) for name, at, entry in self._entries("helps")}
        self._families = {name: self._family(at, entry) for name, at, entry in self._entries("families")}
        self._providers = {name: self._provider(name, at, entry) for name, at, entry in self._entries("providers")}
        self._roots = {name: self._root(name, at, entry) for name, at, entry in self._entries("roots")}
        self._libraries = {name: self._library(at, entry) for name, at, entry in self._entries("libraries")}

    def data(self) -> DeviceData:
        """All of it."""
        found = tuple(self._device(name, at, entry) for name, at, entry in self._entries("devices"))
        self._refuse_twice(found)
        return DeviceData(found, self._roots, tuple(self._providers.values()))

    def _entries(self, part: str) -> Iterator[tuple[str, At, Any]]:
        value = self._top[part]
        if not isinstance(value, dict) or not value:
            raise self._document.problem(_("Here a list of keys with values is expected."), (part,))
        for name, entry in value.items():
            yield str(name), (part, name), entry

    def _fields(self, at: At, value: Any, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
        return shape.mapping(self._document, at, value, required=required, allowed=(*required, *optional))

    def _text(self, at: At, value: Any) -> str:
        return shape.text(self._document, at, value).strip()

    def _words(self, at: At, value: Any, known: Collection[str], *, empty: bool = False) -> frozenset[str]:
        found = shape.sequence(self._document, at, value, empty=empty)
        return frozenset(shape.choice(self._document, (*at, number), one, known) for number, one in enumerate(found))

    def _matching(self, at: At, value: Any, pattern: re.Pattern[str], problem: str) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self._document.problem(problem, at)
        return value

    def _day(self, at: At, value: Any) -> str:
        return self._matching(at, value, _DATE, _("Here a day is expected, written like 2026-11-24."))

    def _known(self, at: At, fields: dict[str, Any], key: str = "source") -> FactSource:
        return self._sources[shape.choice(self._document, (*at, key), fields[key], self._sources)]

    def _source(self, at: At, entry: Any) -> FactSource:
        fields = self._fields(at, entry, ("reference", "checked_on", "confidence"), ("url",))
        url = fields.get("url")
        if url is not None:
            self._matching((*at, "url"), url, _URL, _("Here a web address is expected."))
        return FactSource(
            reference=self._text((*at, "reference"), fields["reference"]),
            checked_on=self._day((*at, "checked_on"), fields["checked_on"]),
            confidence=shape.choice(self._document, (*at, "confidence"), fields["confidence"], CONFIDENCES),
            url=url,
        )

    def _help(self, at: At, entry: Any) -> str:
        found = self._text(at, entry)
        try:
            names = {name for _text, name, _spec, _conversion in Formatter().parse(found) if name is not None}
        except ValueError:
            raise self._document.problem(_("The braces do not pair."), at) from None
        if not names <= FIELDS:
            raise self._document.problem(_("In braces there can be: {names}.").format(names=", ".join(FIELDS)), at)
        return found

    def _family(self, at: At, entry: Any) -> dict[str, tuple[str, ...]]:
        fields = self._fields(at, entry, ("other",), CODES)
        return {
            code: tuple(
                self._helps[shape.choice(self._document, (*at, code, number), one, self._helps)]
                for number, one in enumerate(shape.sequence(self._document, (*at, code), names))
            )
            for code, names in fields.items()
        }

    def _provider(self, name: str, at: At, entry: Any) -> SignIn:
        fields = self._fields(at, entry, ("name", "hosts", "password", "source"), ("old_tls", "old_tls_source"))
        hosts = shape.sequence(self._document, (*at, "hosts"), fields["hosts"])
        problem = _("Here a host name is expected.")
        old_tls = None
        if "old_tls" in fields:
            self._fields(at, entry, (*fields, "old_tls_source"))
            said = self._text((*at, "old_tls"), fields["old_tls"])
            old_tls = Fact(said, self._known(at, fields, "old_tls_source"))
        return SignIn(
            id=name,
            name=self._text((*at, "name"), fields["name"]),
            hosts=tuple(self._matching((*at, "hosts", n), one, _HOST, problem) for n, one in enumerate(hosts)),
            password=shape.choice(self._document, (*at, "password"), fields["password"], PASSWORDS),
            source=self._known(at, fields),
            old_tls=old_tls,
        )

    def _root(self, name: str, at: At, entry: Any) -> Root:
        fields = self._fields(at, entry, ("authority", "source"), ("in", "ended"))
        since = self._fields((*at, "in"), fields.get("in", {}), (), STORES)
        for store, value in since.items():
            if value not in (ALWAYS, UPDATE):
                self._version((*at, "in", store), value)
        if not since and "ended" not in fields:
            raise self._document.problem(_("The key “{key}” is missing.").format(key="in"), at)
        return Root(
            name=name,
            authority=self._text((*at, "authority"), fields["authority"]),
            since=since,
            ended=self._day((*at, "ended"), fields["ended"]) if "ended" in fields else None,
            source=self._known(at, fields),
        )

    def _version(self, at: At, value: Any) -> tuple[int, ...]:
        problem = _('Here a version in quotation marks is expected, like "7.1.1".')
        return version_of(self._matching(at, value, _VERSION, problem))

    def _library(self, at: At, entry: Any) -> Library:
        fields = self._fields(at, entry, ("tls", "keys", "ciphers", "curves", "sni", "signatures"))
        tls = self._fields((*at, "tls"), fields["tls"], ("on", "source"), ("can", "how", "doubtful"))
        if "can" in tls:  # what can be changed is of no use to anybody who is not told how
            self._fields((*at, "tls"), tls, ("on", "source", "can", "how"), ("doubtful",))
        name = self._fields((*at, "sni"), fields["sni"], ("sent", "source"))
        can, doubtful = (
            self._words((*at, "tls", key), tls[key], TLS_VERSIONS) if key in tls else frozenset[str]()
            for key in ("can", "doubtful")
        )
        return Library(
            on=Fact(self._words((*at, "tls", "on"), tls["on"], TLS_VERSIONS), self._known((*at, "tls"), tls)),
            can=can,
            doubtful=doubtful,
            how=self._text((*at, "tls", "how"), tls["how"]) if "how" in tls else None,
            keys=self._fact((*at, "keys"), fields["keys"], "types", KEYS),
            ciphers=self._fact((*at, "ciphers"), fields["ciphers"], "families", CIPHERS),
            curves=self._fact((*at, "curves"), fields["curves"], "names", CURVES, empty=True),
            sends_name=Fact(
                shape.flag(self._document, (*at, "sni", "sent"), name["sent"]), self._known((*at, "sni"), name)
            ),
            signatures=self._fact((*at, "signatures"), fields["signatures"], "hashes", HASHES),
        )

    def _fact(
        self, at: At, entry: Any, key: str, known: Collection[str], *, empty: bool = False
    ) -> Fact[frozenset[str]]:
        fields = self._fields(at, entry, (key, "source"))
        return Fact(self._words((*at, key), fields[key], known, empty=empty), self._known(at, fields))

    def _store(self, at: At, entry: Any) -> Store:
        fields = self._fields(at, entry, ("store", "version", "source"), ("updates", "lacks"))
        authorities = sorted({root.authority for root in self._roots.values()})
        return Store(
            kind=shape.choice(self._document, (*at, "store"), fields["store"], STORES),
            version=self._version((*at, "version"), fields["version"]),
            updates=shape.flag(self._document, (*at, "updates"), fields.get("updates", False)),
            lacks=self._words((*at, "lacks"), fields["lacks"], authorities) if "lacks" in fields else frozenset(),
            source=self._known(at, fields),
        )

    def _device(self, name: str, at: At, entry: Any) -> Device:
        required = ("name", "family", "library", "roots", "login", "oauth2")
        fields = self._fields(at, entry, required, ("also",))
        self._matching(at, name, _ID, _("An id has small letters, digits, dots and hyphens."))
        methods = self._fact((*at, "login"), fields["login"], "methods", [one.value for one in AuthenticationMethod])
        also = shape.sequence(self._document, (*at, "also"), fields.get("also", []), empty=True)
        library = shape.choice(self._document, (*at, "library"), fields["library"], self._libraries)
        family = shape.choice(self._document, (*at, "family"), fields["family"], self._families)
        return Device(
            id=name,
            name=self._text((*at, "name"), fields["name"]),
            also=tuple(self._text((*at, "also", number), one) for number, one in enumerate(also)),
            library=self._libraries[library],
            store=self._store((*at, "roots"), fields["roots"]),
            methods=Fact(frozenset(map(AuthenticationMethod, methods.value)), methods.source),
            oauth2=self._fact((*at, "oauth2"), fields["oauth2"], "providers", self._providers, empty=True),
            helps=self._families[family],
        )

    def _refuse_twice(self, found: Collection[Device]) -> None:
        words: set[str] = set()
        for device in found:
            for word in (device.id, *device.also):
                if word in words:
                    raise self._document.problem(
                        _("“{name}” stands here twice.").format(name=word), ("devices", device.id)
                    )
                words.add(word)
