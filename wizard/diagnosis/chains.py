"""Which root certificates a chain leads to, and whether a store has one of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.diagnosis.device import ALWAYS, UPDATE, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.diagnosis.device import Root, Store
    from wizard.net.tls_support import ChainCertificate


@dataclass(frozen=True, slots=True)
class Missing:
    """A chain leads to ``roots``, and to none that the store has; not ``sure``: it may have been fetched since."""

    roots: tuple[Root, ...]
    sure: bool


def kind_of_key(chain: tuple[ChainCertificate, ...]) -> str:
    """``rsa`` or ``ecdsa``, for the key of the server itself; nothing where it is of another kind."""
    word = chain[0].key.partition(" ")[0] if chain else ""
    return {"RSA": "rsa", "EC": "ecdsa"}.get(word, "")


def lead(chain: tuple[ChainCertificate, ...], store: Store, roots: Mapping[str, Root]) -> Missing | None:
    """The roots to which a chain leads where the store has none of them; None where it has one, or nobody knows.

    A certificate of the chain whose issuer is in the store is enough (RFC 5280 section 6: where the path begins is up
    to the verifier), so that a cross-signature helps the devices that know only one of the two.
    """
    names = dict.fromkeys(one.issuer for one in chain)
    found = [roots[name] for name in names if name in roots]
    verdicts = {root.name: _has(store, root) for root in found}
    unknown = [root for root in found if verdicts[root.name] is None]
    if not found or True in verdicts.values() or not all(_fetched(store, root) for root in unknown):
        return None
    return Missing(tuple(root for root in found if root.ended is None) or tuple(found), not unknown)


def _has(store: Store, root: Root) -> bool | None:
    """Whether the store has the root; None where that is not known."""
    if root.ended is not None or root.authority in store.lacks:
        return False
    since = root.since.get(store.kind)
    if since is None:
        return None
    if since == UPDATE:
        return True if store.updates else None
    return since == ALWAYS or store.version >= version_of(since)


def _fetched(store: Store, root: Root) -> bool:
    """Whether such a store fetched the root, as long as it was kept up to date."""
    return root.since.get(store.kind) == UPDATE
