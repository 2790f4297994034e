"""What a client sends to log in, as bytes. Pure: no socket, no clock.

Sources: RFC 4616 (PLAIN), RFC 2195 (CRAM-MD5), draft-murchison-sasl-login (LOGIN), RFC 9051 (IMAP strings). Names and
passwords go as UTF-8, as they were typed: what RFC 4616 says of preparing them (SASLprep), programs do not do, and
servers compare bytes. Whatever holds a password is a Secret.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re

from wizard.model.secret import Secret

# Within a quoted string: printable ASCII. Everything else, and CR and LF, needs a literal (RFC 3501 section 4.3).
_QUOTABLE = re.compile(rb"[ -~]*")


def plain(username: str, password: Secret) -> Secret:
    """The one message of PLAIN, as base64."""
    return Secret(base64.b64encode(b"\0%b\0%b" % (username.encode(), password.reveal())))


def cram_md5(username: str, password: Secret, challenge: bytes) -> Secret:
    """The answer to the challenge of CRAM-MD5, as base64. ValueError where this machine permits no MD5 (FIPS)."""
    digest = hmac.new(password.reveal(), challenge, "md5").hexdigest()
    return Secret(base64.b64encode(f"{username} {digest}".encode()))


def encoded(value: Secret | str) -> Secret:
    """One answer of LOGIN, as base64."""
    return Secret(base64.b64encode(value.encode() if isinstance(value, str) else value.reveal()))


def decoded(challenge: str) -> bytes | None:
    """What a server asks, out of its base64; None where it is none."""
    try:
        return base64.b64decode(challenge.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def quoted(value: Secret) -> Secret | None:
    """``value`` as a quoted string of IMAP, or None where it can only be a literal."""
    if not _QUOTABLE.fullmatch(value.reveal()):
        return None
    return Secret(b'"%b"' % re.sub(rb'(["\\])', rb"\\\1", value.reveal()))


def fits(mechanism: str, username: str, password: Secret) -> bool:
    """Whether ``mechanism`` can carry them: a line of POP3 has no line end within, and most take no NUL."""
    try:
        both = username.encode() + password.reveal()
    except UnicodeEncodeError:
        return False
    return not re.search(rb"[\0\r\n]" if mechanism == "USER" else rb"\0", both)
