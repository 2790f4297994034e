"""Reads preferences of Thunderbird (``user.js``, ``prefs.js``) as the accounts that they make, without trusting them.

Nothing is executed: the grammar is that of Mozilla's own reader of such files (modules/libpref/parser), which knows
calls with a name and a value, and comments, no more. Names and numbers: comm-central, MailNewsTypes2.idl and the
defaults of mailnews.js. A password is never in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, ReadAccounts, one_line, read_server, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = str | int | bool
    Preferences = Mapping[str, Value]

Kind = TypeVar("Kind", str, int, bool)

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes: the preferences of a profile that is years old have some hundred thousand."""

ACCOUNT_LIMIT = 64

SOCKET_TYPES = {0: SocketType.PLAIN, 1: SocketType.STARTTLS, 2: SocketType.STARTTLS, 3: SocketType.SSL}
"""1, “TLS if it is there”, is a leftover that Thunderbird today takes for STARTTLS."""

METHODS = {
    1: AuthenticationMethod.NONE,
    3: AuthenticationMethod.PASSWORD_CLEARTEXT,
    4: AuthenticationMethod.PASSWORD_ENCRYPTED,
    5: AuthenticationMethod.GSSAPI,
    6: AuthenticationMethod.NTLM,
    7: AuthenticationMethod.TLS_CLIENT_CERT,
    10: AuthenticationMethod.OAUTH2,
}

_SPACE = re.compile(r"(?:\s+|//[^\n\r]*|\#[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_CALL = re.compile(
    r"""(?:user_pref|pref|sticky_pref)\s*\(\s*
    (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)')\s*,\s*
    (?:"(?P<text>(?:[^"\\]|\\.)*)"|'(?P<other>(?:[^'\\]|\\.)*)'|(?P<number>[+-]?[0-9]{1,11})|(?P<truth>true|false))
    \s*(?:,\s*(?:locked|sticky)\s*)*\)\s*;""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_userjs(content: bytes, name: str) -> ReadAccounts:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem with file and line when it is no such file, or makes no account that can be used.
    """
    preferences = read_preferences(content, name)
    listed = _words(preferences, "mail.accountmanager.accounts")
    first = _value(preferences, "mail.accountmanager.defaultaccount", "")
    listed = [one for one in listed if one == first] + [one for one in listed if one != first]
    if len(listed) > ACCOUNT_LIMIT:
        raise Problem(_("The file has more than {count} accounts.").format(count=ACCOUNT_LIMIT), place=Place(name))
    accounts, skipped = usable(listed, lambda key: _account(preferences, key), name)
    return ReadAccounts(accounts, skipped)


def read_preferences(content: bytes, name: str) -> dict[str, Value]:
    """All preferences of a file; of one that is set twice the last counts. Raises Problem with file and line."""
    shown = printable(name)
    if len(content) > SIZE_LIMIT:
        raise Problem(_("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024), place=Place(shown))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Problem(_("The text is not UTF-8."), place=Place(shown, line)) from None
    made: dict[str, Value] = {}
    at = _after_space(text, 0)
    while at < len(text):
        call = _CALL.match(text, at)
        if call is None:
            raise Problem(_("This is no preference of Thunderbird."), place=Place(shown, text.count("\n", 0, at) + 1))
        key = call["double"] if call["double"] is not None else call["single"]
        made[_unescaped(key)] = _of_call(call)
        at = _after_space(text, call.end())
    return made


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _of_call(call: re.Match[str]) -> Value:
    if call["number"] is not None:
        return int(call["number"])
    if call["truth"] is not None:
        return call["truth"] == "true"
    return _unescaped(call["text"] if call["text"] is not None else call["other"])


def _unescaped(text: str) -> str:
    """The text of a string; what lies beyond the first 65536 characters is written as two escapes."""
    plain = {"n": "\n", "r": "\r"}

    def one(found: re.Match[str]) -> str:
        digits = found[1] or found[2]
        return chr(int(digits, 16)) if digits else plain.get(found[3], found[3])

    joined = _ESCAPE.sub(one, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _value(preferences: Preferences, key: str, default: Kind) -> Kind:
    """The preference when it has the kind of ``default``; else the default, as Thunderbird does."""
    found = preferences.get(key, default)
    return found if type(found) is type(default) else default


def _words(preferences: Preferences, key: str) -> list[str]:
    """The keys in a list with commas, each once."""
    listed = (one.strip() for one in _value(preferences, key, "").split(","))
    return list(dict.fromkeys(one for one in listed if _KEY.fullmatch(one)))


def _account(preferences: Preferences, key: str) -> ReadAccount | None:
    """An account; None for one that is no mailbox (local folders, newsgroups, feeds)."""
    server = _value(preferences, f"mail.account.{key}.server", "")
    start = f"mail.server.{server}."
    kinds = {"imap": Protocol.IMAP, "pop3": Protocol.POP3}
    protocol = kinds.get(_value(preferences, start + "type", ""))
    if protocol is None:
        return None
    identities = _words(preferences, f"mail.account.{key}.identities")
    if not identities:
        raise Problem(_("There is no identity."))
    identity = f"mail.identity.{identities[0]}."
    sender = _value(preferences, identity + "smtpServer", "") or _value(preferences, "mail.smtp.defaultserver", "")
    sending = f"mail.smtpserver.{sender}."
    incoming = _server(preferences, start, protocol, ("userName", "socketType"))
    outgoing = _server(preferences, sending, Protocol.SMTP, ("username", "try_ssl"))
    assert isinstance(incoming, IncomingServer)
    assert isinstance(outgoing, OutgoingServer)
    return ReadAccount(
        address=parse_address(one_line(_value(preferences, identity + "useremail", ""))),
        display_name=one_line(_value(preferences, identity + "fullName", "")),
        incoming=(incoming,),
        outgoing=(outgoing,),
        leave=_leave(preferences, start) if protocol is Protocol.POP3 else None,
    )


def _server(
    preferences: Preferences, start: str, protocol: Protocol, names: tuple[str, str]
) -> IncomingServer | OutgoingServer:
    username, security = names
    socket_type = SOCKET_TYPES.get(_value(preferences, start + security, 0))
    method = METHODS.get(_value(preferences, start + "authMethod", 3))
    if socket_type is None or method is None:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    port = _value(preferences, start + "port", -1)
    return read_server(
        protocol,
        hostname=_value(preferences, start + "hostname", ""),
        port=USUAL_PORTS[protocol, socket_type] if port == -1 else max(0, port),
        socket_type=socket_type,
        username=_value(preferences, start + username, ""),
        authentication=(method,),
    )


def _leave(preferences: Preferences, start: str) -> LeavePolicy:
    """What becomes of downloaded messages; Thunderbird's defaults where the file says nothing."""
    if not _value(preferences, start + "leave_on_server", False):
        return LeavePolicy(AfterDownload.REMOVE)
    days = _value(preferences, start + "num_days_to_leave_on_server", 7)
    if not _value(preferences, start + "delete_by_age_from_server", False):
        return LeavePolicy(AfterDownload.KEEP)
    return LeavePolicy(AfterDownload.KEEP_DAYS, min(max(1, days), 3650))
