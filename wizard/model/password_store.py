"""Where a terminal program gets the password from: a program that keeps it, and prints it when asked."""

from __future__ import annotations

from enum import StrEnum


class PasswordStore(StrEnum):
    """The programs that a file may ask. ``pass`` comes first, and is what is used when nobody says otherwise.

    It needs nothing but GnuPG, works without a desktop and over SSH, on Linux, macOS and the BSDs, and is what the
    manuals of the terminal programs show. ``secret-tool`` asks the keyring of the desktop (Secret Service, libsecret),
    ``keyring`` the program of that name from Python, ``keychain`` the keychain of macOS. ``oama`` and ``pizauth`` sign
    in at the provider's page (OAuth2) and print access tokens instead of passwords.
    """

    PASS = "pass"
    SECRET_TOOL = "secret-tool"
    KEYRING = "keyring"
    KEYCHAIN = "keychain"
    OAMA = "oama"
    PIZAUTH = "pizauth"

    @property
    def gives_tokens(self) -> bool:
        """Whether it prints access tokens of OAuth2 (RFC 6749) instead of a password."""
        return self in (PasswordStore.OAMA, PasswordStore.PIZAUTH)
