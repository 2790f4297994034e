"""Preferences of a Thunderbird profile (``user.js``, also ``prefs.js``): written one call a line, and read as accounts.

Nothing is executed: the grammar is that of Mozilla's own reader of such files (modules/libpref/parser), which knows
calls with a name and a value, and comments, no more. Names and numbers: comm-central, MailNewsTypes2.idl and the
defaults of mailnews.js. A password is never in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.comparing import first_method, inverted, require_same
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    ReadFile,
    address_or_none,
    incoming_among,
    incomplete_among,
    one_line,
    outgoing_among,
    usable,
    written_server,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.model.servers import MailAccount
    from wizard.programs.reading import WrittenServer

    Value = str | int | bool
    Preferences = Mapping[str, Value]

ID = "thunderbird-userjs"

Kind = TypeVar("Kind", str, int, bool)

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes: the preferences of a profile that is years old have some hundred thousand."""

ACCOUNT_LIMIT = 64

SOCKET_TYPES = {0: SocketType.PLAIN, 2: SocketType.STARTTLS, 3: SocketType.SSL, 1: SocketType.STARTTLS}
"""1, “TLS if it is there”, is a leftover that Thunderbird today takes for STARTTLS."""
_SOCKET_NUMBERS = inverted(SOCKET_TYPES)

METHODS = {
    1: AuthenticationMethod.NONE,
    3: AuthenticationMethod.PASSWORD_CLEARTEXT,
    4: AuthenticationMethod.PASSWORD_ENCRYPTED,
    5: AuthenticationMethod.GSSAPI,
    6: AuthenticationMethod.NTLM,
    7: AuthenticationMethod.TLS_CLIENT_CERT,
    10: AuthenticationMethod.OAUTH2,
}
_METHOD_NUMBERS = inverted(METHODS)

# Possessive: what was passed over is never gone through again, and no place is kept to go back to.
_SPACE = re.compile(r"(?:\s++|//[^\n\r]*+|\#[^\n\r]*+|/\*.*?\*/)*+", re.DOTALL)
_CALL = re.compile(
    r"""(?:user_pref|pref|sticky_pref)\s*\(\s*
    (?:"(?P<double>[^"\\]*+(?:\\.[^"\\]*+)*+)"|'(?P<single>[^'\\]*+(?:\\.[^'\\]*+)*+)')\s*,\s*
    (?:"(?P<text>[^"\\]*+(?:\\.[^"\\]*+)*+)"|'(?P<other>[^'\\]*+(?:\\.[^'\\]*+)*+)'
    |(?P<number>[+-]?[0-9]{1,11})|(?P<truth>true|false))
    \s*+(?:,\s*+(?:locked|sticky)\s*+)*+\)\s*;""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


_NO_MAILBOX = ("", "none", "nntp", "rss", "im")
"""Types of servers other than mailboxes: local folders, newsgroups, feeds, chat."""

_LISTS = ("mail.accountmanager.accounts", "mail.smtpservers")
_NAMES_ONE = ("mail.accountmanager.defaultaccount", "mail.smtp.defaultserver")
_NUMBERED_KEY = re.compile(r"(mail\.(?:account\.account|server\.server|identity\.id|smtpserver\.smtp))1\.(\w+)")
_NUMBERED_VALUE = re.compile(r"(account|server|id|smtp)1")
_REFERENCES = ("server", "identities", "smtpServer")


def _reason_against(account: MailAccount) -> str | None:
    """What Thunderbird makes something else of."""
    if "@" in account.address.local:
        return _("Thunderbird cannot read an address with two @; use the values of the card.")
    return None


def _values(account: MailAccount) -> dict[str, Any]:
    """Thunderbird's numbers, and where its folders for sent messages and drafts are."""
    incoming = account.incoming
    kind = "imap" if incoming.protocol is Protocol.IMAP else "mailbox"
    return {
        "socket_number": lambda server: _SOCKET_NUMBERS[server.socket_type],
        "method_number": lambda server: _METHOD_NUMBERS[first_method(server)],
        "folder_address": lambda name: (
            f"{kind}://{_folder_escaped(incoming.username)}@{incoming.hostname}/{_path(name)}"
        ),
    }


def _path(name: str) -> str:
    """The folder ``name`` of a server in the address of a folder of Thunderbird, which has slashes between levels."""
    levels = re.split(r"[./]", name) if name.upper().startswith(("INBOX.", "INBOX/")) else name.split("/")
    return "/".join(_folder_escaped(_in_seven_bits(level)) for level in levels)


def _in_seven_bits(name: str) -> str:
    """``name`` as IMAP servers store it: the modified UTF-7 of RFC 3501 section 5.1.3."""

    def encoded(found: re.Match[str]) -> str:
        from base64 import b64encode

        return f"&{b64encode(found[0].encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", encoded, name.replace("&", "&-"))


def _folder_escaped(username: str) -> str:
    """``username`` as Thunderbird writes it into the address of a folder: all but these characters as %XX."""
    return re.sub(rb"[^A-Za-z0-9*_.-]", lambda found: b"%%%02X" % found.group()[0], username.encode()).decode()


def _write(text: str) -> bytes:
    """The text in ASCII; raises Mismatch for anything else, which tojson would not have written."""
    try:
        return utf8(text.encode("ascii").decode())
    except UnicodeEncodeError as error:
        raise Mismatch(str(error)) from None


def _joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """One file with all accounts: what is called account1, server1, id1 and smtp1 in each is numbered through."""
    import json

    merged: dict[str, str | int | bool] = {}
    for number, content in enumerate(contents, 1):
        for key, value in read_preferences(content, "user.js").items():
            found = _NUMBERED_KEY.fullmatch(key)
            refers = key in (*_LISTS, *_NAMES_ONE) or (found is not None and found[2] in _REFERENCES)
            numbered = _NUMBERED_VALUE.sub(rf"\g<1>{number}", value) if refers and isinstance(value, str) else value
            if key in _LISTS and key in merged:
                merged[key] = f"{merged[key]},{numbered}"
            elif found is not None:
                merged[f"{found[1]}{number}.{found[2]}"] = numbered
            else:
                merged.setdefault(key, numbered)  # of the defaults the first account's count
    comments = [line for line in contents[0].decode().splitlines() if line.startswith("//")]
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in merged.items()]
    content = "\n".join([*comments, *lines, ""]).encode("ascii")
    _check_all(content, accounts)
    return (content,)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as if it came from anywhere and compare what it says with the account."""
    _check_all(content, [account])


def _check_all(content: bytes, accounts: Sequence[MailAccount]) -> None:
    try:
        read = read_userjs(content, "user.js")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if len(read.accounts) != len(accounts) or read.skipped:
        raise Mismatch(f"{len(read.accounts)} accounts, left out: {read.skipped}")
    for found, account in zip(read.accounts, accounts, strict=True):
        leave = account.leave if account.incoming.protocol is Protocol.POP3 else None
        require_same(found, account, method=first_method, leave=leave)


def read_userjs(content: bytes, name: str) -> ReadFile:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem with file and line when it is not such a file, or makes no usable account.
    """
    preferences = read_preferences(content, name)
    listed = _words(preferences, "mail.accountmanager.accounts")
    first = _value(preferences, "mail.accountmanager.defaultaccount", "")
    listed = [key for key in listed if key == first] + [key for key in listed if key != first]
    if len(listed) > ACCOUNT_LIMIT:
        raise Problem(_("The file has more than {count} accounts.").format(count=ACCOUNT_LIMIT), place=Place(name))
    accounts, skipped = usable(listed, lambda key: _account(preferences, key), name)
    return ReadFile(format=ID, accounts=accounts, skipped=skipped)


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
    preferences: dict[str, Value] = {}
    position = _after_space(text, 0)
    while position < len(text):
        call = _CALL.match(text, position)
        if call is None:
            line = text.count("\n", 0, position) + 1
            raise Problem(_("This is not a Thunderbird preference."), place=Place(shown, line))
        key = call["double"] if call["double"] is not None else call["single"]
        preferences[_unescaped(key)] = _of_call(call)
        position = _after_space(text, call.end())
    return preferences


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found is not None else position


def _of_call(call: re.Match[str]) -> Value:
    if call["number"] is not None:
        return int(call["number"])
    if call["truth"] is not None:
        return call["truth"] == "true"
    return _unescaped(call["text"] if call["text"] is not None else call["other"])


def _unescaped(text: str) -> str:
    """The text of a string; what lies beyond the first 65536 characters is written as two escapes."""
    plain = {"n": "\n", "r": "\r"}

    def character(found: re.Match[str]) -> str:
        digits = found[1] or found[2]
        return chr(int(digits, 16)) if digits else plain.get(found[3], found[3])

    joined = _ESCAPE.sub(character, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _value(preferences: Preferences, key: str, default: Kind) -> Kind:
    """The preference when it has the kind of ``default``; else the default, as Thunderbird does."""
    found = preferences.get(key, default)
    return found if type(found) is type(default) else default


def _words(preferences: Preferences, key: str) -> list[str]:
    """The keys in a list with commas, each once."""
    listed = (word.strip() for word in _value(preferences, key, "").split(","))
    return list(dict.fromkeys(word for word in listed if _KEY.fullmatch(word)))


def _account(preferences: Preferences, key: str) -> ReadAccount | None:
    """An account; None if it is not a mailbox (local folders, newsgroups, feeds)."""
    server = _value(preferences, f"mail.account.{key}.server", "")
    start = f"mail.server.{server}."
    kinds = {"imap": Protocol.IMAP, "pop3": Protocol.POP3}
    kind = _value(preferences, start + "type", "")
    if kind in _NO_MAILBOX:
        return None
    if kind not in kinds:
        raise Problem(_("the type “{kind}” is not known").format(kind=printable(kind, 40)))
    protocol = kinds[kind]
    identities = _words(preferences, f"mail.account.{key}.identities")
    identity = f"mail.identity.{identities[0]}." if identities else ""
    incoming = _server(preferences, start, protocol, ("userName", "socketType"))
    outgoing = _sender(preferences, identity)
    servers = [server for server in (incoming, outgoing) if server is not None]
    return ReadAccount(
        address=address_or_none(_value(preferences, identity + "useremail", "")),
        label=printable(_value(preferences, start + "name", "") or key, 60),
        display_name=one_line(_value(preferences, identity + "fullName", "")),
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        incomplete=incomplete_among(servers),
        leave=_leave(preferences, start) if protocol is Protocol.POP3 else None,
    )


def _sender(preferences: Preferences, identity: str) -> WrittenServer | None:
    """The server that sends: the identity's, the default one, or the first in the list, as the program does it."""
    key = _value(preferences, identity + "smtpServer", "") or _value(preferences, "mail.smtp.defaultserver", "")
    key = key or next(iter(_words(preferences, "mail.smtpservers")), "")
    start = f"mail.smtpserver.{key}."
    named = key and any(name.startswith(start) for name in preferences)
    return _server(preferences, start, Protocol.SMTP, ("username", "try_ssl")) if named else None


def _server(preferences: Preferences, start: str, protocol: Protocol, names: tuple[str, str]) -> WrittenServer:
    username, security = names
    socket_type = SOCKET_TYPES.get(_value(preferences, start + security, 0))
    method = METHODS.get(_value(preferences, start + "authMethod", 3))
    if socket_type is None or method is None:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    port = _value(preferences, start + "port", -1)
    return written_server(
        protocol,
        hostname=_value(preferences, start + "hostname", ""),
        port=None if port == -1 else max(0, port),
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


PROGRAM = Program(
    id=ID,
    read=read_userjs,
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:user_|sticky_)?pref[ \t]*\([ \t]*[\"']", re.MULTILINE),
        name=re.compile(r"(?:user|prefs)\.js", re.IGNORECASE),
    ),
    forms={
        "userjs": Form(write=_write, check=_check, reason_against=_reason_against, values=_values, joined=_joined),
    },
)
