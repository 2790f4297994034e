"""What a mail program on a system can do, and what is known of roots and providers: the values of devices.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.provider import FactSource
    from wizard.model.servers import AuthenticationMethod

T = TypeVar("T")

CODES = (
    "device_tls_too_old",
    "device_key_type",
    "device_cipher",
    "device_no_sni",
    "device_root_missing",
    "root_too_new",
    "device_signature",
    "device_auth",
)
"""The codes of findings of a comparison, in the order in which they are shown."""

TLS_VERSIONS = ("1.0", "1.1", "1.2", "1.3")
KEYS = ("rsa", "ecdsa")
CIPHERS = ("gcm", "gcm_ecdsa", "gcm_dhe", "chacha", "cbc", "3des", "rc4")
CURVES = ("X25519", "P-256", "P-384", "P-521")
HASHES = ("sha1", "sha256", "sha384", "sha512")
STORES = ("android", "ios", "macos", "windows", "mozilla", "java", "printer")

ALWAYS, UPDATE = "always", "update"
"""Instead of a version since which a store has a root: in all, or fetched by the system when it is wanted."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """Something known, and where it was read."""

    value: T
    source: FactSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A TLS library as the program uses it.

    ``on``: versions as it comes; ``can``: further ones after the change that ``how`` (a message id) describes;
    ``doubtful``: further ones of which the sources contradict each other. The words are those of the tuples above.
    """

    on: Fact[frozenset[str]]
    can: frozenset[str]
    doubtful: frozenset[str]
    how: str | None
    keys: Fact[frozenset[str]]
    ciphers: Fact[frozenset[str]]
    curves: Fact[frozenset[str]]
    sends_name: Fact[bool]
    signatures: Fact[frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store of root certificates: one of STORES in a version. ``lacks``: authorities that it refuses as a whole.

    ``updates``: it is still brought up to date, so that ``version`` is the least that it has. ``dated``: the day (ISO)
    after which nothing was made that is in it; None where that is not known.
    """

    kind: str
    version: tuple[int, ...]
    updates: bool
    lacks: frozenset[str]
    source: FactSource
    dated: Fact[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A mail program on a system. ``name`` is a message id, ``also`` are other words for it.

    ``methods``: ways to log in without OAuth2; ``oauth2``: ids of the providers where the program can sign in by
    itself. ``helps``: message ids of what helps, by the code of the finding, else under ``other``.
    """

    id: str
    name: str
    also: tuple[str, ...]
    library: Library
    store: Store
    methods: Fact[frozenset[AuthenticationMethod]]
    oauth2: Fact[frozenset[str]]
    helps: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A root certificate by its common name.

    ``since``: by store, the version since which it is there, ALWAYS or UPDATE; a store that is not named is unknown.
    ``ended``: the day (ISO) since which no chain to it holds. ``made``: the day from which it is valid, for roots that
    are newer than devices in use.
    """

    name: str
    authority: str
    since: Mapping[str, str] = field(hash=False)
    ended: str | None
    source: FactSource
    made: Fact[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A provider that limits the log-in with the account's own password, for the hosts at and below ``hosts``.

    ``password``: ``none`` (OAuth2 or nothing) or ``app_password``. ``old_tls``: a message id, other hosts that take
    older TLS, with its source.
    """

    id: str
    name: str
    hosts: tuple[str, ...]
    password: str
    source: FactSource
    old_tls: Fact[str] | None = None

    def has(self, host: str) -> bool:
        """Whether ``host`` (A-labels, lower case) is one of its."""
        return any(host == own or host.endswith(f".{own}") for own in self.hosts)


@dataclass(frozen=True, slots=True)
class DeviceData:
    """All of devices.yaml."""

    devices: tuple[Device, ...]
    roots: Mapping[str, Root]
    providers: tuple[SignIn, ...]


def version_of(text: str) -> tuple[int, ...]:
    """``10.12.1`` as numbers; ValueError for anything else."""
    return tuple(int(part) for part in text.split("."))
