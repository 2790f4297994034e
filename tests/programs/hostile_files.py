"""Files that are made to cost a reader time or memory: for every family of formats, about 1 MiB each."""

from __future__ import annotations

import json
import plistlib
import random
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING

from tests.ground import ROOT
from wizard.programs.registry import MODULES, program_of, recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SIZE = 1024 * 1024


def _filled(unit: str | bytes) -> bytes:
    piece = unit.encode() if isinstance(unit, str) else unit
    return (piece * (SIZE // len(piece) + 1))[:SIZE]


def _nested(begin: str, end: str, middle: str = "") -> bytes:
    count = SIZE // (len(begin) + len(end))
    return (begin * count + middle + end * count).encode()


def _deep(begin: str, end: str, depth: int) -> bytes:
    """Deep, and then as wide as there is room: what a limit of depth alone lets through."""
    unit = begin * depth + end * depth
    return _filled(unit)


def _numbered(line: str) -> bytes:
    return "".join(line.format(n=number) for number in range(SIZE // (len(line) + 4))).encode()


def _laughing_plist() -> bytes:
    """A binary property list whose arrays hold the next one twice: small, and endless when it is written out."""
    count = 60
    objects = [bytes([0xA2, index + 1, index + 1]) for index in range(count)] + [b"\x51a"]
    body, offsets = b"bplist00", []
    for made in objects:
        offsets.append(len(body))
        body += made
    table = len(body)
    body += b"".join(struct.pack(">H", offset) for offset in offsets)
    return body + struct.pack(">5xBBBQQQ", 0, 2, 1, len(objects), 0, table)


def _lying_plist(marker: bytes) -> bytes:
    body = b"bplist00" + marker + b"\x00" * 64
    return body + b"\x08" + struct.pack(">5xBBBQQQ", 0, 1, 1, 1, 0, len(body))


def _laughing_profile() -> bytes:
    payload = {"PayloadType": "com.apple.mail.managed", "a": b"x" * 20}
    wide = plistlib.dumps({"PayloadType": "Configuration", "PayloadContent": [payload] * 3000}, fmt=plistlib.FMT_BINARY)
    return wide[:SIZE]


def _picture(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


@cache
def anything() -> Mapping[str, bytes]:
    """What every reader must bear."""
    signs = {f"only {sign!r}": _filled(sign) for sign in "\0 \t\n\r\\\"'`([{<>}])&%$#=:;,./@-_0a\u202e\u0130"}
    units = {
        *(
            "a=b\n",
            "a = b\n",
            "a b\n",
            "[a]\n",
            "[[a]]\n",
            "[a.b.c.d.e.f]\n",
            "# a\n",
            "\\\n",
            "a \\\n",
            "a:\n  b: c\n",
        ),
        *(
            "set a = b\n",
            "account a\n",
            "poll a ",
            "IMAPStore a\n",
            "user_pref('a', 1);\n",
            "<a>",
            "</a>",
            "<a/>",
            "<!---->",
        ),
        *(
            "<?a?>",
            "<![CDATA[",
            "&amp;",
            "&#10;",
            "&a;",
            "=?utf-8?b?YQ==?= ",
            "%(a)s",
            "%s",
            "${a}",
            "`a`",
            "a|",
            "a@",
            "a.",
            "\r\n",
        ),
        *("\xff", "a'\"", '\\"', "imaps://a:b@c/", "'''", '"""', "/*", "*/", "//", "-----BEGIN A-----\n", "a\0"),
    }
    made = {**signs, **{f"{unit!r} again and again": _filled(unit) for unit in sorted(units)}}
    made |= {
        f"{line!r}": _numbered(line)
        for line in ("a{n} = b\n", "[s{n}]\na = b\n", "account a{n}\nhost h{n}\n", "a{n}: b\n")
    }
    made["random bytes"] = random.Random(1).randbytes(SIZE)
    made["random text"] = bytes(random.Random(2).choices(range(32, 127), k=SIZE))
    made["UTF-16"] = b"\xff\xfe" + "a".encode("utf-16-le") * (SIZE // 2)
    made["a number"] = b"1" * SIZE
    made["a long line, and many"] = b"a" * (SIZE // 2) + b"\nb" * (SIZE // 4)
    made["spaces before the end"] = (b"a" + b" " * 4000 + b"b\n") * 250
    return made


def _xml(root: str, inner: bytes) -> bytes:
    return f'<?xml version="1.0"?><{root}>'.encode() + inner + f"</{root}>".encode()


def xml(root: str) -> dict[str, bytes]:
    return {
        "deep": _xml(root, _nested("<a>", "</a>")),
        "deep enough, often": _xml(root, _deep("<a>", "</a>", 30)),
        "children": _xml(root, _filled("<a></a>")),
        "attributes": f"<{root} ".encode() + _numbered("a{n}='' ") + f"></{root}>".encode(),
        "one attribute": f"<{root} a='".encode() + _filled("x") + f"'></{root}>".encode(),
        "text": _xml(root, _filled("x")),
        "pieces of text": _xml(root, _filled("x<b/>")),
        "lines": _xml(root, _filled("\n")),
        "character references": _xml(root, _filled("&#65;")),
        "names": _xml(root, _numbered("<a{n}/>")),
        "namespaces": _xml(root, _numbered("<a xmlns:n{n}='x'/>")),
        "namespaces, deep": _xml(root, _nested("<a xmlns='x'>", "</a>")),
        "comments": _xml(root, _filled("<!-- x -->")),
        "a bomb": b"<!DOCTYPE a [<!ENTITY a 'x'>" + b"".join(
            f"<!ENTITY {chr(98 + n)} '{'&' + chr(97 + n) + ';' }{'&' + chr(97 + n) + ';'}'>".encode() for n in range(20)
        ) + b"]>" + _xml(root, b"&u;" * 999),
        "a document type": b"<!DOCTYPE a [" + _filled("<!ELEMENT a ANY>") + b"]>" + _xml(root, b""),
        "declarations before the root": b"<?xml version='1.0'?>" + _filled("<?a b?> ") + _xml(root, b""),
    }  # fmt: skip


def autoconfig() -> dict[str, bytes]:
    server = (
        "<incomingServer type='imap'><hostname>h{n}.test</hostname><port>993</port><socketType>SSL</socketType>"
        "<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>"
    )
    inside = b"<emailProvider id='a.test'><domain>a.test</domain>"
    return {
        "servers": _xml("clientConfig", inside + _numbered(server) + b"</emailProvider>"),
        "domains": _xml("clientConfig", inside + _numbered("<domain>d{n}.test</domain>") + b"</emailProvider>"),
        "providers": _xml("clientConfig", _numbered("<emailProvider id='a{n}.test'/>")),
        "methods": _xml(
            "clientConfig",
            inside + b"<incomingServer type='imap'>" + _filled("<authentication>OAuth2</authentication>")
            + b"</incomingServer></emailProvider>",
        ),
        "placeholders": _xml(
            "clientConfig",
            inside + b"<incomingServer type='imap'><hostname>a.test</hostname><username>"
            + _filled("%EMAILADDRESS%") + b"</username></incomingServer></emailProvider>",
        ),
    }  # fmt: skip


def plist() -> dict[str, bytes]:
    head = b'<?xml version="1.0"?><plist version="1.0">'
    return {
        "arrays": head + _nested("<array>", "</array>") + b"</plist>",
        "dictionaries": head + _nested("<dict><key>a</key>", "</dict>", "<string/>") + b"</plist>",
        "keys": head + b"<dict>" + _numbered("<key>a{n}</key><string/>") + b"</dict></plist>",
        "a number": head + b"<integer>" + _filled("9") + b"</integer></plist>",
        "data": head + b"<data>" + _filled("QUFB") + b"</data></plist>",
        "dates": head + b"<array>" + _filled("<date>2026-01-01T00:00:00Z</date>") + b"</array></plist>",
        "payloads": head + b"<dict><key>PayloadType</key><string>Configuration</string><key>PayloadContent</key><array>"
        + _filled("<dict><key>PayloadType</key><string>com.apple.mail.managed</string></dict>")[:-40]
        + b"</array></dict></plist>",
        "laughing": _laughing_plist(),
        "payloads that are one": _laughing_profile(),
        "a length that lies": _lying_plist(b"\xaf\x13" + b"\x7f" * 8),
        "bytes that lie": _lying_plist(b"\x4f\x13" + b"\x7f" * 8),
        "a number of 16 bytes": _lying_plist(b"\x14" + b"\xff" * 16),
        "a UID": _lying_plist(b"\x8f" + b"\xff" * 16),
        "a signature": b"\x30\x83\x0f\xff\xff" + _filled(b"\x30\x80"),
    }  # fmt: skip


def data() -> dict[str, bytes]:
    """JSON, YAML and TOML."""
    return {
        "lists": _nested("[", "]"),
        "lists, deep enough, often": b"[" + _deep("[", "]", 20).replace(b"][", b"],[") + b"]",
        "objects": _nested('{"a":', "}", "1"),
        "keys": b"{" + _numbered('"a{n}":1,') + b'"z":1}',
        "a number": b'{"schema":' + b"1" * SIZE + b"}",
        "an exponent": b'{"schema":1e' + b"9" * 99999 + b"}",
        "a string": json.dumps({"schema": 1, "address": "x" * SIZE}).encode(),
        "escapes": b'{"schema": 1, "address": "' + _filled("\\u0041")[:-4] + b'"}',
        "surrogates": b'{"schema": 1, "address": "' + _filled("\\ud800")[:-4] + b'"}',
        "accounts": b'{"schema": 1, "accounts": [' + _filled('{"schema": 1, "imap": null},')[:-30] + b"1]}",
        "servers": b'{"schema": 1, "imap": null, "pop3": null, "smtp": null, "alternatives": ['
        + _filled('{"host": "a.test", "port": 1},')[:-40] + b"null]}",
        "aliases": b"a0: &a0 [x, x]\n" + b"".join(
            f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n".encode() for n in range(1, 40)
        ),
        "mappings in YAML": "".join(" " * n + f"a{n}:\n" for n in range(1400)).encode(),
        "flow in YAML": _filled("{a: [b, {c: d}]}, "),
        "keys in YAML": _numbered("a{n}: 1\n"),
        "dots in TOML": b"a" + _filled(".a") + b" = 1\n",
        "dotted keys in TOML": _numbered("a.b.c.d.e{n} = 1\n"),
        "tables in TOML": _numbered("[accounts.a{n}]\n"),
        "deep tables in TOML": _filled("[" + ".".join("a" * 1 for _ in range(300)) + ".b]\n"),
        "arrays in TOML": b"a = " + _nested("[", "]"),
        "inline tables in TOML": b"a = " + _nested("{a=", "}", "1"),
        "arrays of tables in TOML": _filled("[[a]]\n"),
        "numbers in TOML": b"a = " + b"1" * SIZE,
        "dates in TOML": b"a = " + _filled("1979-05-27T07:32:00Z"),
    }  # fmt: skip


def pictures() -> dict[str, bytes]:
    return {
        "a large picture": _picture(30000, 30000, b"\0" * 3751 * 30000),
        "a picture that lies": _picture(2**31 - 1, 2**31 - 1, b"\0" * SIZE),
        "a wide picture": _picture(2**30, 1, b"\0" * SIZE),
        "an SVG": _xml("svg xmlns='http://www.w3.org/2000/svg'", _filled("<path d='M0 0h1v1'/>")).replace(
            b"</svg xmlns='http://www.w3.org/2000/svg'>", b"</svg>"
        ),
        "a path": b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M" + _filled("0 0h1v1") + b"'/></svg>",
        "a page of pictures": b"<html>" + _filled("<img src='data:image/png;base64,AAAA'>"),
        "an embedded picture": b"<html><svg>" + _filled("<rect width='1'/>") + b"</svg></html>",
    }


@cache
def golden() -> Mapping[str, tuple[Path, ...]]:
    """Files of ours of each format, as they are recognised."""
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "tests" / "golden").glob("*/*")):
        kind = recognise(path.read_bytes(), path.name)
        if kind is not None:
            found.setdefault(kind, []).append(path)
    return {kind: tuple(paths) for kind, paths in found.items()}


def readers() -> dict[str, Callable[[bytes, str], object]]:
    """Every reader of a file, by its format."""
    programs = [program_of(module) for module in MODULES]
    return {program.id: program.read for program in programs if program.read is not None}
