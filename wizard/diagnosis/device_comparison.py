"""Can this device use this server? What the server accepts, beside what the device can do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.diagnosis.device import ALWAYS, UPDATE, version_of
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence, Finding
from wizard.model.servers import PASSWORD_METHODS, AuthenticationMethod

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.diagnosis.device import Device, DeviceData, Root, SignIn, Store
    from wizard.model.provider import FactSource
    from wizard.net.tls_support import ChainCertificate, TlsSupport

_CONFIDENCE = {"confirmed": Confidence.CERTAIN, "reported": Confidence.LIKELY, "unverified": Confidence.POSSIBLE}
_LEAST_SURE_LAST = tuple(_CONFIDENCE.values())
_CIPHERS_OF_OLD_TLS = frozenset({"cbc", "3des", "rc4"})
_HASHES = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def compare(device: Device, offered: TlsSupport, data: DeviceData | None = None) -> tuple[Finding, ...]:
    """Why ``device`` cannot use the server, and what helps; nothing where nothing speaks against it.

    What could not be found out of the server counts for nothing. A finding is as sure as the source of the fact about
    the device: certain where that is confirmed, likely where it is reported, possible otherwise. ``data``: roots and
    providers, the bundled ones where not given.
    """
    if data is None:
        from wizard.diagnosis.devices import device_data

        data = device_data()
    return tuple(_Comparison(device, offered, data).findings())


class _Comparison:
    """One device beside one server."""

    def __init__(self, device: Device, offered: TlsSupport, data: DeviceData) -> None:
        self._device, self._library, self._offered, self._data = device, device.library, offered, data
        self._host = offered.endpoint.host
        self._name = _(device.name)
        self._provider = next((provider for provider in data.providers if provider.has(self._host)), None)
        # With what helps against the first finding: a device that speaks nothing yet may have the next trouble then.
        speaks = self._library.on.value | self._library.can | self._library.doubtful
        self._common = (speaks & offered.versions.accepted) or speaks

    def findings(self) -> Iterator[Finding]:
        """In the order of CODES."""
        yield from self._versions()
        yield from self._keys()
        yield from self._ciphers()
        yield from self._server_name()
        yield from self._roots()
        yield from self._signature()
        yield from self._login()

    def _versions(self) -> Iterator[Finding]:
        library, tried = self._library, self._offered.versions
        if not tried.accepted or library.on.value & tried.accepted:
            return
        unclear = bool((library.on.value - tried.refused) | (library.doubtful & tried.accepted))
        newer = max(tried.accepted) > max(library.on.value)
        steps = [_(library.how)] if library.how and library.can & tried.accepted else []
        if newer:
            steps += self._helps("device_tls_too_old")
            if self._provider is not None and self._provider.old_tls is not None:
                steps.append(_(self._provider.old_tls.value))
            cause = _(
                "{device} is too old for {host}: it supports only old versions of encryption (TLS), "
                "which the server no longer accepts."
            )
        else:
            cause = _("{host} accepts only old versions of TLS, which {device} refuses as insecure.")
            steps.insert(0, _("Ask the provider to switch on TLS 1.2. Until then, only old programs can connect."))
        yield self._finding(
            "device_tls_too_old",
            _("The server accepts TLS {theirs}. The device supports TLS {ours}.").format(
                theirs=_listed(tried.accepted), ours=_listed(library.on.value)
            ),
            cause.format(device=self._name, host=self._host),
            steps,
            [library.on.source],
            at_most=Confidence.POSSIBLE if unclear else Confidence.CERTAIN,
        )

    def _keys(self) -> Iterator[Finding]:
        keys = self._library.keys
        shown = self._offered.keys.accepted or {key_type(chain) for chain in self._offered.chains} - {""}
        if not shown or keys.value & shown:
            return
        yield self._finding(
            "device_key_type",
            _("The server shows a certificate with an elliptic curve key (ECDSA), and none with an RSA key."),
            _("{device} supports only certificates with RSA keys, and {host} has none.").format(
                device=self._name, host=self._host
            ),
            [
                *self._helps("device_key_type"),
                _("Or ask the provider to offer a certificate with an RSA key beside the other."),
            ],
            [keys.source],
        )

    def _ciphers(self) -> Iterator[Finding]:
        if "1.3" in self._common:
            return  # its cipher suites come with it, and everybody has them
        tried, mine = self._offered.ciphers, self._library.ciphers
        usable = mine.value if "1.2" in self._common else mine.value & _CIPHERS_OF_OLD_TLS
        if tried.accepted and not usable & tried.accepted and not mine.value >= {"gcm", "chacha"}:
            yield self._finding(
                "device_cipher",
                _("The server accepts {theirs}. The device supports {ours}.").format(
                    theirs=_ciphers(tried.accepted), ours=_ciphers(mine.value)
                ),
                _("{device} and {host} have no cipher in common.").format(device=self._name, host=self._host),
                self._helps("device_cipher"),
                [mine.source],
                at_most=Confidence.POSSIBLE if usable - _surely_refused(tried.refused) else Confidence.CERTAIN,
            )
        curves = self._library.curves
        if curves.value and curves.value <= self._offered.curves.refused:
            yield self._finding(
                "device_cipher",
                _("The server does not accept the curve {curves}.").format(curves=_listed(curves.value)),
                _("{device} supports only the elliptic curve {curves}, and {host} requires another one.").format(
                    device=self._name, curves=_listed(curves.value), host=self._host
                ),
                self._helps("device_cipher"),
                [curves.source],
            )

    def _server_name(self) -> Iterator[Finding]:
        sends = self._library.sends_name
        if sends.value or not self._offered.needs_name:
            return
        yield self._finding(
            "device_no_sni",
            _("Without its name in the request (SNI), the server shows another certificate, or none."),
            _("{device} does not say which host it connects to, and {host} shares its address with others.").format(
                device=self._name, host=self._host
            ),
            [
                _("Ask the provider for the host name that the certificate shown without SNI is for, and enter that."),
                *self._helps("device_no_sni"),
            ],
            [sends.source],
        )

    def _roots(self) -> Iterator[Finding]:
        usable = ("", *self._library.keys.value)
        chains = [chain for chain in self._offered.chains if key_type(chain) in usable]
        results = [missing_roots(chain, self._device.store, self._data.roots) for chain in chains]
        missing = [result for result in results if result is not None]
        if not missing or len(missing) < len(results):
            return
        roots = list(dict.fromkeys(root for result in missing for root in result.roots))
        certain = all(result.certain for result in missing)
        if certain and all(root.made is not None and root.ended is None for root in roots):
            yield self._too_new(roots)
            return
        yield self._finding(
            "device_root_missing",
            _leads_to(roots),
            _("{device} does not know the root certificate that the certificate of {host} is built on.").format(
                device=self._name, host=self._host
            ),
            self._helps("device_root_missing"),
            [self._device.store.source, *(root.source for root in roots)],
            at_most=Confidence.CERTAIN if certain else Confidence.POSSIBLE,
        )

    def _too_new(self, roots: Sequence[Root]) -> Finding:
        """No device of that age can have a root that was made later, or came into its list of roots later."""
        store, made = self._device.store, max(root.made.value for root in roots if root.made is not None)
        sources: list[FactSource] = []
        for root in roots:
            if root.made is not None and store.dated is not None and store.dated.value < root.made.value:
                sources += [root.made.source, store.dated.source]
            else:
                sources.append(root.source)
        return self._finding(
            "root_too_new",
            _leads_to(roots) + " " + _("That root was made on {day}.").format(day=made),
            _(
                "The certificate of {host} is built on a root certificate that is too new for {device}: it is not in "
                "its list of roots, so the certificate is not accepted. Your settings are not the cause."
            ).format(device=self._name, host=self._host),
            self._helps("root_too_new"),
            sources,
        )

    def _signature(self) -> Iterator[Finding]:
        known = self._library.signatures
        hashes = {_HASHES.get(chain[0].signature.rpartition(" ")[2]) for chain in self._offered.chains if chain}
        if not hashes or None in hashes or hashes & known.value:
            return
        yield self._finding(
            "device_signature",
            _("The certificate is signed with {signatures}.").format(
                signatures=_listed({chain[0].signature for chain in self._offered.chains})
            ),
            _("{device} does not accept certificates that are signed like that of {host}.").format(
                device=self._name, host=self._host
            ),
            [*self._helps("device_signature"), _("Ask the provider for a certificate signed with SHA-256.")],
            [known.source],
        )

    def _login(self) -> Iterator[Finding]:
        provider, oauth2 = self._provider, self._device.oauth2
        if provider is not None:
            if provider.id not in oauth2.value:
                yield self._at_provider(provider)
            return
        methods = self._offered.methods
        if not methods or self._device.methods.value & frozenset(methods):
            return
        wants_oauth2 = set(methods) == {AuthenticationMethod.OAUTH2}
        if wants_oauth2:
            cause = _(
                "{host} does not accept passwords, only its own sign-in (OAuth2), which {device} does not support."
            )
        else:
            cause = _("{host} offers no log-in method that {device} supports.")
        yield self._finding(
            "device_auth",
            _("The server offers {theirs}.").format(theirs=_listed(method.value for method in methods)),
            cause.format(device=self._name, host=self._host),
            self._helps("device_auth"),
            [self._device.methods.source],
            at_most=Confidence.LIKELY if wants_oauth2 and oauth2.value else Confidence.CERTAIN,
        )

    def _at_provider(self, provider: SignIn) -> Finding:
        words = {"provider": provider.name, "device": self._name}
        takes_app_password = provider.password == "app_password" and self._device.methods.value & PASSWORD_METHODS
        if takes_app_password:
            cause = _("{provider} does not accept the account’s own password from {device}, only an app password.")
            step = _(
                "Create an app password in the settings of your {provider} account, under security, and enter it in "
                "the program instead of your password. Two-step verification has to be on for that."
            )
            steps = [step.format(**words)]  # that is enough, whatever else may be better
        else:
            cause = _(
                "{provider} accepts only its own sign-in (OAuth2) from mail programs, and {device} cannot do that."
            )
            steps = self._helps("device_auth")
        return self._finding(
            "device_auth",
            _("{provider} has switched off the log-in with the account’s own password.").format(**words),
            cause.format(**words),
            steps,
            [self._device.oauth2.source, provider.source],
            # Users with an app password are not affected.
            at_most=Confidence.LIKELY if takes_app_password else Confidence.CERTAIN,
        )

    def _helps(self, code: str) -> list[str]:
        provider = self._provider.name if self._provider is not None else self._host
        texts = self._device.helps.get(code, self._device.helps["other"])
        return [_(text).format(provider=provider) for text in texts]

    def _finding(
        self,
        code: str,
        evidence: str,
        cause: str,
        steps: Iterable[str],
        sources: Iterable[FactSource],
        *,
        at_most: Confidence = Confidence.CERTAIN,
    ) -> Finding:
        sources = list(dict.fromkeys(sources))
        references = dict.fromkeys(map(_reference, sources))
        return Finding(
            code=code,
            protocol=self._offered.endpoint.protocol,
            confidence=max(
                (at_most, *(_CONFIDENCE[source.confidence] for source in sources)), key=_LEAST_SURE_LAST.index
            ),
            evidence=f"{evidence} " + _("(Source: {source}.)").format(source="; ".join(references)),
            cause=cause,
            steps=tuple(dict.fromkeys(steps)),
        )


@dataclass(frozen=True, slots=True)
class MissingRoots:
    """A chain leads to ``roots``, and to none that the store has; not ``certain``: it may have been fetched since."""

    roots: tuple[Root, ...]
    certain: bool


def key_type(chain: tuple[ChainCertificate, ...]) -> str:
    """``rsa`` or ``ecdsa``, for the key of the server itself; nothing where it is of another kind."""
    word = chain[0].key.partition(" ")[0] if chain else ""
    return {"RSA": "rsa", "EC": "ecdsa"}.get(word, "")


def missing_roots(chain: tuple[ChainCertificate, ...], store: Store, roots: Mapping[str, Root]) -> MissingRoots | None:
    """The roots to which a chain leads where the store has none of them; None where it has one, or nobody knows.

    A certificate of the chain whose issuer is in the store is enough (RFC 5280 section 6: where the path begins is up
    to the verifier), so that a cross-signature helps the devices that know only one of the two.
    """
    issuers = dict.fromkeys(certificate.issuer for certificate in chain)
    led_to = [roots[issuer] for issuer in issuers if issuer in roots]
    present = {root.name: _has_root(store, root) for root in led_to}
    unknown = [root for root in led_to if present[root.name] is None]
    if not led_to or True in present.values() or not all(_is_fetched(store, root) for root in unknown):
        return None
    return MissingRoots(tuple(root for root in led_to if root.ended is None) or tuple(led_to), not unknown)


def _has_root(store: Store, root: Root) -> bool | None:
    """Whether the store has the root; None where that is not known."""
    if root.ended is not None or root.authority in store.lacks:
        return False
    if root.made is not None and store.dated is not None and store.dated.value < root.made.value:
        return False
    since = root.since.get(store.kind)
    if since is None:
        return None
    if since == UPDATE:
        return True if store.updates else None
    if since == ALWAYS or store.version >= version_of(since):
        return True
    return None if store.updates else False


def _leads_to(roots: Sequence[Root]) -> str:
    return _("The certificate leads to {roots} ({authority}).").format(
        roots=" / ".join(root.name for root in roots), authority=roots[0].authority
    )


def _is_fetched(store: Store, root: Root) -> bool:
    """Whether such a store fetched the root, as long as it was kept up to date."""
    return root.since.get(store.kind) == UPDATE


def _surely_refused(families: frozenset[str]) -> frozenset[str]:
    """Who refuses AES-CBC takes nothing older either; this computer may not even be able to ask."""
    return families | {"3des", "rc4"} if "cbc" in families else families


def _reference(source: FactSource) -> str:
    """The document, as it is called there; nobody can look up what has not been verified."""
    return _("general knowledge, not verified") if source.confidence == "unverified" else source.reference


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _ciphers(families: Iterable[str]) -> str:
    names = {
        "gcm": _("AES-GCM (ECDHE with RSA)"),
        "gcm_ecdsa": _("AES-GCM (ECDHE with ECDSA)"),
        "gcm_dhe": _("AES-GCM (DHE or RSA)"),
        "chacha": "ChaCha20",
        "cbc": "AES-CBC",
        "3des": "3DES",
        "rc4": "RC4",
    }
    return ", ".join(name for family, name in names.items() if family in set(families))
