"""Files of terminal programs as people write them by hand, and files that nobody should trust."""

from __future__ import annotations

import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import sample_accounts
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy
from wizard.programs.aerc import read_aerc
from wizard.programs.fetchmail import read_fetchmail
from wizard.programs.getmail import read_getmail
from wizard.programs.himalaya import read_himalaya
from wizard.programs.mbsync import read_mbsync
from wizard.programs.msmtp import read_msmtp
from wizard.programs.neomutt import read_neomutt
from wizard.programs.offlineimap import read_offlineimap
from wizard.programs.program import Mismatch
from wizard.programs.reading import LARGEST_TEXT, ReadAccount, ReadFile
from wizard.programs.terminal import mail_url, read_mail_url, require_servers

READERS = {
    "NeoMutt": read_neomutt,
    "aerc": read_aerc,
    "mbsync": read_mbsync,
    "getmail": read_getmail,
    "fetchmail": read_fetchmail,
    "msmtp": read_msmtp,
    "himalaya": read_himalaya,
    "OfflineIMAP": read_offlineimap,
}


def said(read: ReadFile) -> list[str]:
    """Every server of every account in one line: protocol, host, port, security, user, methods."""
    lines = []
    for server in (server for account in read.accounts for server in (*account.incoming, *account.outgoing)):
        methods = ",".join(server.authentication)
        lines.append(
            f"{server.protocol} {server.hostname} {server.port} {server.socket_type} {server.username or '-'} {methods}"
        )
    return lines


CASES = {
    "neomutt, with variables of its own and a command": (
        read_neomutt,
        """
        # my mail
        source "gpg -d ~/.mutt/passwords.gpg |"
        set my_user = anna ; set my_pass="`pass mail`"
        set imap_user = "$my_user@example.org" imap_pass = $my_pass
        set folder = "imaps://imap.example.org"
        set spoolfile="+INBOX" sort=threads nomark_old
        set smtp_url="smtp://$imap_user@smtp.example.org:587/" \\
            smtp_pass=$my_pass
        set from = 'Anna R\u00f6ssi <anna@example.org>'
        color index red default "~s \\"set folder=x\\""
        """,
        [
            "imap imap.example.org 993 SSL anna@example.org password-cleartext",
            "smtp smtp.example.org 587 STARTTLS anna@example.org password-cleartext",
        ],
    ),
    "neomutt, without encryption": (
        read_neomutt,
        "set folder=imap://imap.example.org/ imap_user=anna\nset nossl_starttls\nunset ssl_force_tls\n",
        ["imap imap.example.org 143 plain anna password-cleartext"],
    ),
    "aerc, several accounts": (
        read_aerc,
        """
        [work]
        source = imaps+oauthbearer://anna%40example.org@imap.example.org?token_endpoint=https://x.example
        outgoing = msmtpq --read-envelope-from
        from = "Rossi, Anna" <anna@example.org> ; a comment
        [private]
        source = imap://x@other.example
        """,
        [
            "imap imap.example.org 993 SSL anna@example.org OAuth2",
            "imap other.example 143 STARTTLS x password-cleartext",
        ],
    ),
    "mbsync, with the new word and no quotes": (
        read_mbsync,
        """
# all accounts
IMAPAccount work
Host imap.example.org
User anna@example.org
PassCmd "gpg -q -d ~/pass.gpg"  # a comment
TLSType STARTTLS
AuthMechs LOGIN

IMAPAccount other
Host other.example
User x
""",
        [
            "imap imap.example.org 143 STARTTLS anna@example.org password-cleartext",
            "imap other.example 143 STARTTLS x password-cleartext",
        ],
    ),
    "OfflineIMAP, several accounts, with defaults": (
        read_offlineimap,
        """
[general]
accounts = work, home
[Account home]
remoterepository = elsewhere
[Account work]
localrepository = here
remoterepository = there
[Repository elsewhere]
type = Gmail
remoteuser = x@gmail.com
[Repository here]
type = Maildir
[Repository there]
type = IMAP
remotehost = imap.example.org
remoteuser = 100%%@example.org
remotepasseval = open("/etc/passwd").read()
ssl = no
auth_mechanisms = CRAM-MD5, PLAIN, LOGIN
""",
        [
            "imap imap.example.org 143 STARTTLS 100%@example.org password-encrypted,password-cleartext",
            "imap imap.gmail.com 993 SSL x@gmail.com password-cleartext",
        ],
    ),
    "OfflineIMAP, for Gmail with a token": (
        read_offlineimap,
        (
            "[Account a]\nremoterepository = r\n[Repository r]\ntype = Gmail\nremoteuser = x@gmail.com\n"
            'oauth2_refresh_token_eval = token("x")\n'
        ),
        ["imap imap.gmail.com 993 SSL x@gmail.com OAuth2"],
    ),
    "OfflineIMAP, with percent signs and Kerberos": (
        read_offlineimap,
        (
            "[Account a]\nremoterepository = r\n[Repository r]\ntype = IMAP\nremotehost = imap.example.org\n"
            "remoteuser = a%%(b)s\nremoteport = %(x)s\nauth_mechanisms = GSSAPI\n"
        ),
        ["imap imap.example.org 993 SSL a%(b)s GSSAPI"],
    ),
    "OfflineIMAP, without encryption": (
        read_offlineimap,
        (
            "[Account a]\nremoterepository = r\n[Repository r]\ntype = IMAP\nremotehost = imap.example.org\n"
            "remoteport = 1143\nremoteuser = x\nssl = no\nstarttls = no\n"
        ),
        ["imap imap.example.org 1143 plain x password-cleartext"],
    ),
    "getmail, with defaults": (
        read_getmail,
        """
[retriever]
type: SimplePOP3SSLRetriever
server: pop.example.org
username: anna
password: x
[destination]
type: Mboxrd
path: ~/x
[options]
delete = 0
delete_after = 7
""",
        ["pop3 pop.example.org 995 SSL anna password-cleartext"],
    ),
    "fetchmail, as prose": (
        read_fetchmail,
        """
        set daemon 300
        defaults proto pop3
        poll pop.example.org with proto POP3 and options no dns
            user 'anna' there with password "x y" is anna here and wants ssl keep mda "procmail"
        """,
        ["pop3 pop.example.org 995 SSL anna password-cleartext"],
    ),
    "msmtp, with defaults and several accounts": (
        read_msmtp,
        """
        defaults
        auth on
        tls on
        logfile ~/x

        account a
        host a.example
        user x

        account b : a
        host smtp.example.org
        port 587
        from anna@example.org
        user anna

        account default : b
        """,
        [
            "smtp smtp.example.org 587 STARTTLS anna password-cleartext",
            "smtp a.example 25 STARTTLS x password-cleartext",
        ],
    ),
    "himalaya, with a bare host and no encryption for sending": (
        read_himalaya,
        """
        [accounts.other]
        imap.server = "x.example"
        [accounts.a]
        default = true
        imap.server = "imap.example.org:9933"
        imap.sasl.login = { username = "anna" }
        smtp.server = "smtp://s.example.org"
        """,
        ["imap imap.example.org 9933 SSL anna password-cleartext", "smtp s.example.org 587 plain - none"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_people_write_by_hand_is_understood(name: str) -> None:
    reader, text, servers = CASES[name]
    assert said(reader(text.encode(), "file")) == servers


def test_the_sender_is_read_with_the_name() -> None:
    for name in ("neomutt, with variables of its own and a command", "aerc, several accounts"):
        reader, text, _servers = CASES[name]
        account = reader(text.encode(), "file").accounts[0]
        assert str(account.address) == "anna@example.org"
        assert account.display_name in ("Anna Rössi", "Rossi, Anna")


@pytest.mark.parametrize(
    ("options", "leave"),
    [
        ("delete = true", LeavePolicy(AfterDownload.REMOVE)),
        ("delete_after = 7", LeavePolicy(AfterDownload.KEEP_DAYS, 7)),
        ("delete_after = 0", LeavePolicy(AfterDownload.KEEP)),
        ("delete_after = 99999", LeavePolicy(AfterDownload.KEEP)),
        ("delete_after = __import__('os')", LeavePolicy(AfterDownload.KEEP)),
        ("", LeavePolicy(AfterDownload.KEEP)),
    ],
)
def test_getmails_options_say_how_long_messages_stay(options: str, leave: LeavePolicy) -> None:
    text = f"[retriever]\ntype=SimplePOP3Retriever\nserver=p.example.org\nusername=a\n[options]\n{options}\n"
    assert read_getmail(text.encode(), "f").accounts[0].leave == leave


@pytest.mark.parametrize(
    ("words", "kind"), [("keep", AfterDownload.KEEP), ("nokeep", AfterDownload.REMOVE), ("", AfterDownload.REMOVE)]
)
def test_fetchmail_removes_unless_it_is_told_to_keep(words: str, kind: AfterDownload) -> None:
    leave = read_fetchmail(f"poll p.example.org proto pop3 user a {words}".encode(), "f").accounts[0].leave
    assert leave is not None
    assert leave.kind is kind


IMPOSSIBLE = {
    "NeoMutt": ("set folder=imaps://imap..example.org/ imap_user=anna", "imap..example.org"),
    "aerc": ("[a]\nsource = imaps://anna@imap.example.org:99999", "99999"),
    "mbsync": ("IMAPAccount a\nHost -x-\nUser anna\n", "-x-"),
    "getmail": (
        "[retriever]\ntype=SimpleIMAPSSLRetriever\nserver=x.example.org\nport=port\nusername=anna",
        "“port”",
    ),
    "fetchmail": ("poll x.example.org proto imap service 0 user anna", "“0”"),
    "msmtp": ("host smtp.example.org\nport 1e3\naccount x\nhost a.example\nport 99999", "“1e3”"),
    "himalaya": ('[accounts.a]\nimap.server = "127.0.0.1:1143"', "127.0.0.1"),
    "OfflineIMAP": (
        (
            "[Account a]\nremoterepository=r\n[Repository r]\n"
            "type=IMAP\nremotehost=x.example.org\nremoteuser=a\nremoteport=0"
        ),
        "“0”",
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_server_that_cannot_be_is_shown_with_the_reason(name: str) -> None:
    text, reason = IMPOSSIBLE[name]
    read = READERS[name](text.encode(), "the file")
    assert said(read) == []
    incomplete = [server for account in read.accounts for server in account.incomplete]
    assert reason in " ".join(reason for server in incomplete for reason in server.reasons)


def test_a_server_of_something_else_is_no_mail_server() -> None:
    with pytest.raises(Problem, match="gopher") as caught:
        read_himalaya(b'[accounts.a]\nimap.server = "gopher://x.example.org"', "the file")
    assert "the file" in str(caught.value)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", [b"", b"hello\n", b"\xff\xfe", b"a\0b", b"[x]\n" * 10, b"=" * 100, b"{" * 5000])
def test_a_file_of_something_else_is_named(name: str, content: bytes) -> None:
    with pytest.raises(Problem) as caught:
        READERS[name](content, "the file")
    assert "the file" in str(caught.value)


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_too_large_is_not_read(name: str) -> None:
    with pytest.raises(Problem, match="KiB"):
        READERS[name](b"#" * (LARGEST_TEXT + 1), "f")


HEAVY = [
    "set a=",
    '"',
    "'",
    "`",
    "\\\n",
    "poll ",
    'user "',
    "[",
    "a=b\n",
    "set x=$x",
    "\\",
    "(",
    "://@",
    "a.",
    "# \n",
    ";",
    "folder-hook a 'set folder=imaps://a@b.example/'\n",
    "account-hook . 'set imap_user=x'\nmailboxes imaps://b.example/\n",
    "set my_a=$my_a$my_a\n",
    "poll a.example proto imap user a ",
    "account a : a,b,c\nhost a.example\n",
    "IMAPAccount a\nHost a.example\nUser a\n\n",
    "[a]\nsource=%(source)s%(source)s\n",
    "[accounts.a]\nimap.server='a.example'\n",
]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.slow
@pytest.mark.parametrize("piece", HEAVY)
def test_no_file_takes_long(name: str, piece: str) -> None:
    content = (piece * (LARGEST_TEXT // len(piece))).encode()
    start = time.process_time()
    with suppress(Problem):
        READERS[name](content, "f")
    assert time.process_time() - start < 2, "measured: under 0.3"


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_no_file_takes_much_memory(name: str) -> None:
    for piece in (piece for piece in HEAVY if ".example" in piece or "$" in piece):
        numbered = "".join(piece.replace("a.example", f"a{line}.example") for line in range(LARGEST_TEXT // len(piece)))
        tracemalloc.start()
        with suppress(Problem):
            READERS[name](numbered.encode()[:LARGEST_TEXT], "f")
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 100_000_000, (piece, "measured: under 20 MB")


@pytest.mark.parametrize("name", READERS)
@given(
    text=st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from(
                ["set ", "folder=", "imaps://", "a@b", ":993", "\n", '"', "'", "`", "\\", "$x", "[", "]", "source = ",
                 "poll ", "proto imap ", "user ", "account ", "host ", "Host ", "IMAPAccount ", "[retriever]\n",
                 "type=", "SimpleIMAPRetriever\n", "server=", "x.example\n", "accounts.a", "imap.server", " = ",
                 "#", ";", "%40", "from", "<", ">", "=?utf-8?b?/w==?=", "{", "}", "\u202e", "é",
                 "[Account a]\n", "[Repository a]\n", "remoterepository=a\n", "remotehost=", "%(x)s"]
            ),
            max_size=30,
        ).map(lambda parts: "".join(parts).encode()),
    )
)  # fmt: skip
def test_any_file_gives_an_account_or_a_problem(name: str, text: bytes) -> None:
    try:
        read = READERS[name](text, "f")
    except Problem:
        return
    assert read.accounts


@given(
    st.text(max_size=40).filter(lambda text: "\ud800" not in text and not any("\ud800" <= c <= "\udfff" for c in text))
)
def test_a_user_name_in_an_address_comes_back(user: str) -> None:
    url = read_mail_url(mail_url("imaps", "imap.example.org", 993, user, "/"))
    assert (url.scheme, url.username, url.hostname, url.port) == ("imaps", user, "imap.example.org", 993)


def test_a_form_that_checks_a_server_without_a_known_log_in_says_so():
    """An own clients.yaml may name the form of a program that only sends for a format that only receives."""
    account = sample_accounts.make(methods=(AuthenticationMethod.OAUTH2,))
    read = ReadAccount(address=account.address, incoming=(account.incoming,), outgoing=(account.outgoing,))
    with pytest.raises(Mismatch, match="no way to log in at imap"):
        require_servers(read, account, incoming=True, outgoing=True)
