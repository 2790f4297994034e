"""What terminal programs write in their own ways: several accounts in one file, and what is left out is named."""

from __future__ import annotations

import pytest

from tests.programs.test_terminal_readers import READERS, said
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload

SEVERAL = {
    "fetchmail, with the defaults of all servers": (
        "fetchmail",
        (
            'defaults proto pop3 keep\npoll pop.example.org user "anna@example.org" ssl\n'
            "skip mail.example.net via pop.example.net port 1110 user bea no keep\n"
        ),
        [
            "pop3 pop.example.org 995 SSL anna@example.org password-cleartext",
            "pop3 pop.example.net 1110 STARTTLS bea password-cleartext",
        ],
    ),
    "fetchmail, with several users": (
        "fetchmail",
        (
            'poll pop.example.org proto pop3\n  user "anna@example.org" is anna here ssl keep\n'
            "  user bea here is 'bea@example.org' there with password user ssl\n  user user\n"
        ),
        [
            "pop3 pop.example.org 995 SSL anna@example.org password-cleartext",
            "pop3 pop.example.org 995 SSL bea@example.org password-cleartext",
            "pop3 pop.example.org 110 STARTTLS user password-cleartext",
        ],
    ),
    "fetchmail, with other words for POP3 and its ways to log in": (
        "fetchmail",
        (
            "poll a.example proto apop user a\npoll b.example proto IMAP auth cram-md5, port imaps: user b ssl\n"
            "server c.example protocol pop3 authenticate gssapi username c sslproto ''\n"
        ),
        [
            "pop3 a.example 110 STARTTLS a password-encrypted",
            "imap b.example 993 SSL b password-encrypted",
            "pop3 c.example 110 plain c GSSAPI",
        ],
    ),
    "fetchmail, with escapes": (
        "fetchmail",
        r'poll a.example proto imap user "\042\x41\66\q\\é\xc3\xa9"' + "\n  no ssl # user x\n",
        ['imap a.example 143 STARTTLS "ABq\\éé password-cleartext'],
    ),
    "mbsync, with two accounts, a store of its own, and old words": (
        "mbsync",
        (
            "IMAPAccount one\nHost imap.example.org\nUser anna@example.org\nTLSType IMAPS\n\n"
            "IMAPStore one-remote\nAccount one\n\n"
            "# a store without an account\nIMAPStore two\nHost imaps:imap.example.net\n"
            "# within\nUser bea\nRequireCRAM yes\n\n"
            'IMAPAccount three\nhost imap.example.com\nport 1143\nuser "c \\"d"\nSSLType None\nAuthMech LOGIN\n'
            "MaildirStore local\nPath ~/Mail/\n\nGroup all\nChannel a\n"
        ),
        [
            "imap imap.example.org 993 SSL anna@example.org password-cleartext",
            "imap imap.example.net 993 SSL bea password-encrypted",
            'imap imap.example.com 1143 plain c "d password-cleartext',
        ],
    ),
    "msmtp, without a default account": (
        "msmtp",
        (
            "account one\nhost smtp.example.org\nport 465\ntls on\ntls_starttls off\nauth on\nuser anna@example.org\n\n"
            'account two\nhost\tsmtp.example.net\nport 587\ntls\nauth scram-sha-256\nuser "bea"\n'
        ),
        [
            "smtp smtp.example.org 465 SSL anna@example.org password-cleartext",
            "smtp smtp.example.net 587 STARTTLS bea password-encrypted",
        ],
    ),
    "msmtp, where an account inherits what another says, but not what it has by default": (
        "msmtp",
        (
            "defaults\ntls on\nport 2525\naccount a\nhost a.example\ndefaults\nport 587\n"
            "account b : a\ntls_starttls off\nauth plain\nuser bea\naccount default: b\n"
        ),
        [
            "smtp a.example 587 SSL bea password-cleartext",
            "smtp a.example 2525 STARTTLS - none",
        ],
    ),
    "aerc, with words after a plus": (
        "aerc",
        (
            "[DEFAULT]\nhost = imap.example.org\n[home]\nsource = IMAPS://anna%40example.org:secret@imap.example.org\n"
            "outgoing = smtp+insecure+none://relay.example.org:2525\nfrom = Anna <anna@example.org>\n"
            "[work]\nsource = imaps+xoauth2://bea@%(host)s ; a comment\noutgoing = `smtps+login://b#a@smtp.example.org`\n"
            "[bridge]\nsource = imap+insecure://c@bridge.example:1143\n"
        ),
        [
            "imap imap.example.org 993 SSL anna@example.org password-cleartext",
            "smtp relay.example.org 2525 plain - none",
            "imap imap.example.org 993 SSL bea OAuth2",
            "smtp smtp.example.org 465 SSL b#a password-cleartext",
            "imap bridge.example 1143 plain c password-cleartext",
        ],
    ),
    "neomutt, with a quotation mark that ends with its line": (
        "NeoMutt",
        "set sidebar_indent_string = '  ''\nset folder = \"imaps://anna%40example.org@imap.example.org/\"\n",
        ["imap imap.example.org 993 SSL anna@example.org password-cleartext"],
    ),
    "neomutt, with profiles": (
        "NeoMutt",
        (
            "set folder=imaps://imap.example.org/ spoolfile=+INBOX ssl_starttls\n"
            "folder-hook . 'set imap_user=anna@example.org'\n"
            "folder-hook work 'set folder=imap://imap.example.net/ imap_user=bea; set smtp_url=smtps://bea@smtp.example.net'\n"
            "folder-hook work 'set from=bea@example.net'\nfolder-hook lists 'set sort=threads'\n"
            "mailboxes +INBOX imaps://imap.example.org/Archive imaps://imap.example.com/INBOX\n"
            "account-hook imaps://imap\\\\.example\\\\.com/ 'set imap_user=carla'\n"
        ),
        [
            "imap imap.example.org 993 SSL anna@example.org password-cleartext",
            "imap imap.example.net 143 STARTTLS bea password-cleartext",
            "smtp smtp.example.net 465 SSL bea password-cleartext",
            "imap imap.example.com 993 SSL carla password-cleartext",
        ],
    ),
    "neomutt, with a line that goes on, values that grow and are taken back": (
        "NeoMutt",
        (
            "set imap_user=x # not a command: \\\nset imap_user=y\n"
            "set imap_user += '@example.org' imap_login=z; unset imap_login\n"
            "set folder=imap://imap.example.org:\\\n1143/; set nossl_force_tls invssl_starttls\n"
        ),
        ["imap imap.example.org 1143 plain x@example.org password-cleartext"],
    ),
    "getmail, for several recipients": (
        "getmail",
        "[retriever]\ntype = MultidropPOP3SSLRetriever\nserver = pop.example.org\nusername = anna\nuse_apop = yes\n",
        ["pop3 pop.example.org 995 SSL anna password-encrypted"],
    ),
    "himalaya 0": (
        "himalaya",
        (
            'display-name = "Anna"\n[home]\ndefault = true\nemail = "anna@example.org"\nbackend = "imap"\n'
            'imap-host = "imap.example.org"\nimap-port = 993\nimap-login = "anna"\nsender = "smtp"\n'
            'smtp-host = "smtp.example.org"\nsmtp-port = 587\nsmtp-starttls = true\nsmtp-login = "anna"\n'
        ),
        [
            "imap imap.example.org 993 SSL anna password-cleartext",
            "smtp smtp.example.org 587 STARTTLS anna password-cleartext",
        ],
    ),
    "himalaya 1": (
        "himalaya",
        (
            '[accounts.other]\nbackend.type = "imap"\nbackend.host = "imap.example.net"\nbackend.login = "bea"\n'
            '[accounts.home]\ndefault = true\nemail = "anna@example.org"\nbackend.type = "imap"\n'
            'backend.host = "imap.example.org"\nbackend.port = 143\nbackend.encryption.type = "start-tls"\n'
            'backend.login = "anna"\nbackend.auth.type = "oauth2"\nmessage.send.backend.type = "smtp"\n'
            'message.send.backend.host = "smtp.example.org"\nmessage.send.backend.encryption = "none"\n'
            'message.send.backend.login = "anna"\n'
        ),
        [
            "imap imap.example.org 143 STARTTLS anna OAuth2",
            "smtp smtp.example.org 587 plain anna password-cleartext",
            "imap imap.example.net 993 SSL bea password-cleartext",
        ],
    ),
    "OfflineIMAP, with values that refer to others and a mailbox on both sides": (
        "OfflineIMAP",
        (
            "[general]\naccounts = a\n[Account a]\nlocalrepository = l\nremoterepository = r\n"
            "[Repository l]\ntype = IMAP\nremotehost = imap.example.net\nremoteuser = bea\n"
            "[Repository r]\ntype = Gmail\nname = anna\nremoteuser = %(name)s%%@gmail.com\nssl = no\n"
        ),
        [
            "imap imap.gmail.com 993 STARTTLS anna%@gmail.com password-cleartext",
            "imap imap.example.net 993 SSL bea password-cleartext",
        ],
    ),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_every_account_of_a_file_is_read(name: str) -> None:
    program, text, servers = SEVERAL[name]
    assert said(READERS[program](text.encode(), "file")) == servers


GOOD = {
    "fetchmail": "poll good.example proto imap user anna\n",
    "mbsync": "IMAPAccount good\nHost good.example\nUser anna\n\n",
    "msmtp": "account good\nhost good.example\n",
    "aerc": "[good]\nsource = imaps://anna@good.example\n",
    "NeoMutt": "set folder=imaps://anna@good.example/\n",
    "himalaya": '[accounts.good]\nimap = { server = "good.example", sasl.plain.username = "anna" }\n',
    "OfflineIMAP": (
        "[Account good]\nremoterepository=good\n[Repository good]\n"
        "type=IMAP\nremotehost=good.example\nremoteuser=anna\n"
    ),
}

LEFT_OUT = {
    "fetchmail, AUTO": (
        "fetchmail",
        "poll a.example user anna\n",
        "a.example: The file leaves the protocol to fetchmail",
    ),
    "fetchmail, ETRN": (
        "fetchmail",
        "poll a.example proto etrn\n",
        "a.example: ETRN is not a protocol for reading a mailbox",
    ),
    "fetchmail, a plugin": (
        "fetchmail",
        "poll a.example proto imap plugin 'ssh %h nc' user a\n",
        "a.example: Another program makes the connection (plugin)",
    ),
    "mbsync, a tunnel": (
        "mbsync",
        'IMAPAccount a\nTunnel "ssh -q host /usr/bin/imapd"\n',
        "a: Another program makes the connection (Tunnel)",
    ),
    "mbsync, no server": ("mbsync", "IMAPAccount a\nUser anna\n", "a: It names no server."),
    "msmtp, no server": ("msmtp", "account a\nuser anna\n", "a: It names no server."),
    "msmtp, LMTP": ("msmtp", "account a\nhost a.example\nprotocol lmtp\nport 24\n", "a: It delivers directly (LMTP"),
    "aerc, a directory": ("aerc", "[a]\nsource = maildir://~/Mail\n", "a: source: “maildir” is not a mail server."),
    "aerc, a command": (
        "aerc",
        "[a]\noutgoing = /usr/bin/msmtp\n",
        "a: outgoing: “/usr/bin/msmtp” is not a mail server.",
    ),
    "aerc, a way to log in": (
        "aerc",
        "[a]\nsource = imaps+magic://x@a.example\n",
        "a: source: The log-in “magic” is not known here.",
    ),
    "neomutt, another file": (
        "NeoMutt",
        "source ~/.mutt/work\n",
        "It also reads ~/.mutt/work, which is not read here.",
    ),
    "neomutt, a server that is known elsewhere": (
        "NeoMutt",
        "set smtp_url=smtps://anna@`cat host`/\n",
        "smtp_url: The name of the server is not in this file.",
    ),
    "himalaya, a directory and a program": (
        "himalaya",
        '[accounts.a]\nbackend.type = "maildir"\nmessage.send.backend.type = "sendmail"\n',
        "a: imap: “maildir” is not a mail server.",
    ),
    "OfflineIMAP, a program": (
        "OfflineIMAP",
        "[Account a]\nremoterepository=a\n[Repository a]\ntype=IMAP\nremotehosteval=open('x')\n",
        "a: remotehosteval is a program, which is not run here.",
    ),
    "OfflineIMAP, a tunnel": (
        "OfflineIMAP",
        "[Account a]\nremoterepository=a\n[Repository a]\ntype=IMAP\npreauthtunnel=ssh x imapd\n",
        "a: Another program makes the connection (preauthtunnel).",
    ),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_cannot_be_used_is_named_beside_what_can(name: str) -> None:
    program, text, reason = LEFT_OUT[name]
    read = READERS[program]((GOOD[program] + text).encode(), "file")
    assert [line.split()[1] for line in said(read)] == ["good.example"]
    assert read.skipped[0].startswith(reason), read.skipped


def test_a_file_that_leaves_the_protocol_to_fetchmail_is_refused_for_that() -> None:
    with pytest.raises(Problem, match="leaves the protocol to fetchmail"):
        READERS["fetchmail"](b'poll mail.example.org\n  user "anna" there is "anna" here ssl\n', "file")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("keep", AfterDownload.KEEP),
        ("no keep", AfterDownload.REMOVE),
        ("keep options nokeep", AfterDownload.REMOVE),
        ("no keep and keep", AfterDownload.KEEP),
        ("no dns keep", AfterDownload.KEEP),
        ("is keep here", AfterDownload.REMOVE),
    ],
)
def test_the_last_word_about_keeping_counts(words: str, kind: AfterDownload) -> None:
    (account,) = READERS["fetchmail"](f"poll p.example proto pop3 user a {words}\n".encode(), "f").accounts
    assert account.leave is not None
    assert account.leave.kind is kind


def test_the_sender_of_a_header_line_comes_before_the_variable() -> None:
    text = "set folder=imaps://a@b.example/ from=x@example.org\nmy_hdr From: Anna <anna@example.org>\n"
    (account,) = READERS["NeoMutt"](text.encode(), "f").accounts
    assert (str(account.address), account.display_name) == ("anna@example.org", "Anna")


def test_variables_that_multiply_each_other_stay_small() -> None:
    lines = "".join(f"set my_{i + 1} = $my_{i}$my_{i}$my_{i}\n" for i in range(60))
    text = f"set my_0 = aaaaaaaaaa\n{lines}set imap_user = $my_60 folder = imaps://x@b.example/\n"
    assert said(READERS["NeoMutt"](text.encode(), "f")) == ["imap b.example 993 SSL x password-cleartext"]
