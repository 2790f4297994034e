"""Accounts that the tests render: every protocol, security, log-in and form of user name, and values meant to break."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from wizard.model.address import EmailAddress, Hostname, Port, parse_address
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    MailAccount,
    PasswordStore,
    Protocol,
    SocketType,
    server,
)
from wizard.model.text import has_controls

if TYPE_CHECKING:
    from collections.abc import Iterable

PASSWORD = (AuthenticationMethod.PASSWORD_CLEARTEXT,)
ENCRYPTED = (AuthenticationMethod.PASSWORD_ENCRYPTED,)
OAUTH2 = (AuthenticationMethod.OAUTH2,)
OAUTH2_AND_PASSWORD = (AuthenticationMethod.OAUTH2, AuthenticationMethod.PASSWORD_CLEARTEXT)

KEEP = LeavePolicy(AfterDownload.KEEP)
KEEP_14 = LeavePolicy(AfterDownload.KEEP_DAYS, 14)
KEEP_3 = LeavePolicy(AfterDownload.KEEP_DAYS, 3)
REMOVE = LeavePolicy(AfterDownload.REMOVE)


def make(
    address: str | EmailAddress = "anna@example.org",
    *,
    protocol: Protocol = Protocol.IMAP,
    security: SocketType = SocketType.SSL,
    methods: tuple[AuthenticationMethod, ...] = PASSWORD,
    username: str | None = None,
    outgoing_username: str | None = None,
    name: str = "Anna Rossi",
    provider: str | None = "Example Mail",
    domain: str | None = None,
    both: bool = True,
    leave: LeavePolicy | None = KEEP_14,
    outgoing_methods: tuple[AuthenticationMethod, ...] | None = None,
    port: int | None = None,
) -> MailAccount:
    """An account; ``username`` None: the address; ``domain``: of the servers; ``both``: with the other protocol too."""
    parsed = parse_address(address) if isinstance(address, str) else address
    at = domain or parsed.domain.ascii
    user = str(parsed) if username is None else username

    def one(kind: Protocol, who: str, how: tuple[AuthenticationMethod, ...]):
        host = {Protocol.IMAP: "imap", Protocol.POP3: "pop", Protocol.SMTP: "smtp"}[kind]
        number = port if port is not None and kind is protocol else USUAL_PORTS[kind, security]
        return server(
            kind,
            hostname=Hostname(f"{host}.{at}"),
            port=Port(number),
            socket_type=security,
            username=who,
            authentication=how,
        )

    other = Protocol.POP3 if protocol is Protocol.IMAP else Protocol.IMAP
    outgoing = one(Protocol.SMTP, user if outgoing_username is None else outgoing_username, outgoing_methods or methods)
    with_pop3 = both or protocol is Protocol.POP3
    return MailAccount(
        address=parsed,
        display_name=name,
        incoming=one(protocol, user, methods),
        outgoing=outgoing,
        alternatives=(one(other, user, methods),) if both else (),
        leave=leave if with_pop3 else None,
        provider_id=None if provider is None else "example",
        provider_name=provider,
    )


PROTOCOLS = {
    "imap": (Protocol.IMAP, KEEP_14),
    "pop_keep": (Protocol.POP3, KEEP_14),
    "pop_keep_3": (Protocol.POP3, KEEP_3),
    "pop_keep_for_good": (Protocol.POP3, KEEP),
    "pop": (Protocol.POP3, REMOVE),
}
SECURITIES = {"tls": SocketType.SSL, "starttls": SocketType.STARTTLS}
LOG_INS = {
    "password": (PASSWORD, None),
    "encrypted": (ENCRYPTED, None),
    "oauth2_and_password": (OAUTH2_AND_PASSWORD, "gmail.com"),
    "oauth2_and_password_unknown": (OAUTH2_AND_PASSWORD, None),
    "oauth2": (OAUTH2, "outlook.com"),
}
USERNAMES = {
    "address": (None, None),
    "local": ("anna", None),
    "literal": ("customer 4711-x", None),
    "two": ("anna", "anna@example.org"),
    "windows": ("DOM\\anna", None),
}


def pairwise(*properties: Iterable[str]) -> list[tuple[str, ...]]:
    """Few combinations of ``properties`` in which every two values of two of them meet; always the same ones."""
    rows = list(product(*properties))
    pairs = {row: set(combinations(enumerate(row), 2)) for row in rows}
    missing = set().union(*pairs.values())
    chosen = []
    while missing:
        best = max(rows, key=lambda row: len(pairs[row] & missing))
        missing -= pairs[best]
        chosen.append(best)
    return chosen


SWEEP = {
    f"{protocol}-{security}-{log_in}-{username}": make(
        protocol=PROTOCOLS[protocol][0],
        leave=PROTOCOLS[protocol][1],
        security=SECURITIES[security],
        methods=LOG_INS[log_in][0],
        domain=LOG_INS[log_in][1],
        username=USERNAMES[username][0],
        outgoing_username=USERNAMES[username][1],
    )
    for protocol, security, log_in, username in product(PROTOCOLS, SECURITIES, LOG_INS, USERNAMES)
}
"""All combinations, for the slow tests that drive a real program: it reads hundreds of files in one go."""

MATRIX = {"-".join(row): SWEEP["-".join(row)] for row in pairwise(PROTOCOLS, SECURITIES, LOG_INS, USERNAMES)}
"""Combinations in which every two of the properties meet."""

HOSTILE = (
    "<script>alert(1)</script>",
    "a & b < c > d",
    "]]> <!-- x -->",
    "\"double\" and 'single'",
    "back\\slash\\",
    "`id` $(id) $HOME ${HOME} %PATH% %s {{ 7*7 }} {% raw %} {0} {file}",
    "DOMAIN\\user",
    "شركة البريد العربية",
    "דואר ישראל",
    "Bücher & Straße ſ 日本語",
    "x" * 200,
    "007",
    "1e3",
    "0x10",
    "true",
    "TRUE",
    "%EMAILADDRESS%",
    "a%EMAILLOCALPART%b",
    "%REALNAME%",
    "100%sure%",
    "#hash;semi,comma",
    "Zoë 👩‍💻",
    "&amp;&lt;",
    "-",
)
UNSAFE = (
    "line\nfeed",
    "null\0byte",
    "bell\a",
    "escape\x1b[31m",
    "over\u202eride",
    "mark\u200fed",
    "sepa\u2028rator",
    "not\ufffexml",
)

ADDRESSES = (
    "anna@example.org",
    "Anna.Rossi+tag@Example.org",
    "anna@bücher.de",
    "jörg@example.org",
    "0123456@example.org",
    "true@example.org",
    "o'neil&co@example.org",
    "a%EMAILDOMAIN%b@example.org",
    "a/b@example.org",
    '"../../x"@example.org',
    '"a b"@example.org',
    "con.x@example.org",
    "-rf@example.org",
    "{{7*7}}@example.org",
    "`id`@example.org",
    "$HOME@example.org",
)

GOLDEN = {
    "imap": make(),
    "pop-keep": make(protocol=Protocol.POP3, leave=KEEP_14),
    "pop-remove-starttls": make(protocol=Protocol.POP3, leave=REMOVE, security=SocketType.STARTTLS, both=False),
    "imap-oauth2-and-password": make("anna@gmail.com", methods=OAUTH2_AND_PASSWORD, provider="Gmail"),
    "imap-two-usernames": make(
        "Zoë@bücher.de".replace("ë", "e"), username="Zoe", outgoing_username="Zoe@xn--bcher-kva.de"
    ),
    "pop-keep-for-good-hostile": make(
        "o'neil&co@example.org",
        protocol=Protocol.POP3,
        leave=KEEP,
        username="DOM\\o'neil",
        name='O\'Neil <&> "Co" ]]>',
        provider="A & B <Mail>",
    ),
}

# What every format is seen with: the three ways to read, both ways to be encrypted, and to log in. Gmail's names for
# OAuth2, because programs know their sign-in pages by the names of servers.
GOLDEN_MATRIX = {
    f"{protocol}-{security}-{log_in}": make(
        "anna@gmail.com" if log_in == "oauth2" else "anna@example.org",
        protocol=PROTOCOLS[protocol][0],
        leave=PROTOCOLS[protocol][1],
        security=SECURITIES[security],
        methods=methods,
        provider="Gmail" if log_in == "oauth2" else "Example Mail",
    )
    for protocol in ("imap", "pop_keep", "pop")
    for security in SECURITIES
    for log_in, methods in (("password", PASSWORD), ("oauth2", OAUTH2))
}
GOLDEN_MATRIX |= {
    f"{name}-token": replace(GOLDEN_MATRIX[name], password_store=PasswordStore.OAMA)
    for name in ("imap-tls-oauth2", "imap-starttls-oauth2", "pop_keep-tls-oauth2")
}


def legible(max_size: int, min_size: int = 0) -> st.SearchStrategy[str]:
    """Names that people may have: whatever shows something."""
    signs = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co"])
    return st.text(signs.filter(lambda sign: not has_controls(sign)), min_size=min_size, max_size=max_size)
