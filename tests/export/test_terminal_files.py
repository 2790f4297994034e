"""The files of the terminal programs: every value read back or refused, no password in them, the stores they ask."""

from __future__ import annotations

import ast
import configparser
import re
import shlex
import subprocess
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_accounts import (
    ADDRESSES,
    ENCRYPTED,
    HOSTILE,
    KEEP,
    KEEP_14,
    MATRIX,
    OAUTH2,
    OAUTH2_AND_PASSWORD,
    REMOVE,
    UNSAFE,
    legible,
    make,
)

from wizard.discovery.catalogue import provider_named
from wizard.export.registry import format_named
from wizard.export.render import About, Refusal, render
from wizard.language import activate
from wizard.model.provider_facts import FolderNames
from wizard.model.servers import AfterDownload, AuthenticationMethod, MailAccount, PasswordStore, Protocol, SocketType
from wizard.programs import aerc, fetchmail, getmail, himalaya, mbsync, msmtp, neomutt, offlineimap
from wizard.programs.aerc import read_aerc
from wizard.programs.fetchmail import read_fetchmail
from wizard.programs.getmail import read_getmail
from wizard.programs.himalaya import read_himalaya
from wizard.programs.mbsync import read_mbsync
from wizard.programs.msmtp import read_msmtp
from wizard.programs.neomutt import read_neomutt
from wizard.programs.offlineimap import read_offlineimap
from wizard.programs.terminal import in_shell, password_command, save_command

if TYPE_CHECKING:
    from wizard.programs.reading import ReadAccount

READERS = {
    "neomutt": read_neomutt,
    "aerc": read_aerc,
    "mbsync": read_mbsync,
    "getmail": read_getmail,
    "fetchmail": read_fetchmail,
    "msmtp": read_msmtp,
    "himalaya": read_himalaya,
    "offlineimap": read_offlineimap,
}
POP3 = ("neomutt", "getmail", "fetchmail")
STORES = list(PasswordStore)


def made(format_id: str, account: MailAccount) -> str | Refusal:
    rendered = render(format_id, account)
    return rendered if isinstance(rendered, Refusal) else rendered[0].content.decode()


def written(format_id: str, account: MailAccount) -> str:
    text = made(format_id, account)
    assert isinstance(text, str), text
    return text


def read(format_id: str, text: str) -> ReadAccount:
    return READERS[format_id](text.encode(), format_id).accounts[0]


def with_store(account: MailAccount, store: PasswordStore) -> MailAccount:
    return replace(account, password_store=store)


def user_of(account: ReadAccount) -> str:
    return (account.incoming or account.outgoing)[0].username


@pytest.mark.parametrize("format_id", ["neomutt", "aerc"])
def test_sent_mail_goes_where_the_provider_keeps_it(format_id: str) -> None:
    known = provider_named("posteo")
    assert known is not None
    names = FolderNames(sent="Posta inviata", source=known.source)
    rendered = render(format_id, make(), About(provider=replace(known, facts=(names,))))
    assert not isinstance(rendered, Refusal)
    text = rendered[0].content.decode()
    assert ("copy-to = Posta inviata" if format_id == "aerc" else 'record = "+Posta inviata"') in text
    assert "Drafts" in text


# What is written is read back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_id", READERS)
def test_servers_are_read_back_as_they_are(format_id: str) -> None:
    seen = 0
    for account in MATRIX.values():
        text = made(format_id, account)
        if isinstance(text, Refusal):
            continue
        found = read(format_id, text)
        seen += 1
        for wanted, servers in ((account.incoming, found.incoming), (account.outgoing, found.outgoing)):
            for server in servers:
                assert (server.hostname, server.port) == (wanted.hostname, wanted.port)
                assert (server.socket_type, server.username) == (wanted.socket_type, wanted.username)
        entry = format_named(format_id)
        assert (bool(found.incoming), bool(found.outgoing)) == (entry.abilities.receives, entry.abilities.sends)
    assert seen >= 2


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("format_id", READERS)
def test_a_hostile_user_name_is_read_back_or_refused_with_a_reason(format_id: str, value: str) -> None:
    text = made(format_id, make(username=value, protocol=Protocol.POP3 if format_id in POP3 else Protocol.IMAP))
    if isinstance(text, Refusal):
        refuses = "\u200d" in value or (format_id == "himalaya" and ("$" in value or value.startswith("~")))
        assert refuses, text.reason
        assert text.reason.endswith(".")
    else:
        assert user_of(read(format_id, text)) == value


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("format_id", ["neomutt", "aerc", "himalaya"])
def test_a_hostile_name_of_a_person_is_read_back(format_id: str, value: str) -> None:
    assert read(format_id, written(format_id, make(name=value))).display_name == value


@pytest.mark.parametrize("value", UNSAFE)
@pytest.mark.parametrize("format_id", READERS)
def test_a_value_with_a_control_character_is_refused(format_id: str, value: str) -> None:
    assert isinstance(made(format_id, make(username=value)), Refusal)
    assert isinstance(made(format_id, make(name=value)), Refusal)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("format_id", READERS)
def test_an_odd_address_is_read_back_or_refused(format_id: str, address: str) -> None:
    account = make(address, username="anna")
    text = made(format_id, account)
    if isinstance(text, Refusal):
        assert (format_id, "*" in address) == ("msmtp", True), text.reason
    elif format_id in ("neomutt", "aerc", "himalaya", "msmtp"):
        assert read(format_id, text).address == account.address


printable = legible(60)
nasty = st.text(alphabet="ab\\\"'`$#;%(){}[]<>|&*?~^!=:@,. éΩ\u00a0", max_size=30)


@pytest.mark.parametrize("format_id", READERS)
@given(value=st.one_of(printable, nasty))
def test_any_user_name_is_read_back_or_refused(format_id: str, value: str) -> None:
    text = made(format_id, make(username=value, protocol=Protocol.POP3 if format_id in POP3 else Protocol.IMAP))
    if isinstance(text, str):
        assert user_of(read(format_id, text)) == value


@pytest.mark.parametrize("format_id", ["neomutt", "aerc", "himalaya"])
@given(value=st.one_of(printable, nasty))
def test_any_name_of_a_person_is_read_back_or_refused(format_id: str, value: str) -> None:
    text = made(format_id, make(name=value))
    if isinstance(text, str):
        assert read(format_id, text).display_name == value


# What cannot be said is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format_id", "account", "words"),
    [
        ("aerc", make(protocol=Protocol.POP3), "getmail or fetchmail"),
        ("mbsync", make(protocol=Protocol.POP3), "getmail or fetchmail"),
        ("himalaya", make(protocol=Protocol.POP3), "getmail or fetchmail"),
        ("offlineimap", make(protocol=Protocol.POP3), "getmail or fetchmail"),
        ("offlineimap", make(security=SocketType.STARTTLS), "“STARTTLS” for imap.example.org. Use mbsync instead"),
        ("getmail", make(security=SocketType.STARTTLS), "“STARTTLS” for imap.example.org. Use fetchmail, or mbsync"),
        ("getmail", make(username="DOM\\anna"), "use mbsync or fetchmail"),
        ("getmail", make(protocol=Protocol.POP3, methods=ENCRYPTED), "plain password"),
        ("getmail", with_store(make(protocol=Protocol.POP3, methods=OAUTH2), PasswordStore.OAMA), "with IMAP only"),
        ("aerc", make(security=SocketType.PLAIN), "“no encryption” for imap.example.org. Use neomutt instead"),
        ("aerc", make(methods=ENCRYPTED), "how you log in to imap.example.org"),
        ("aerc", with_store(make(methods=OAUTH2, security=SocketType.STARTTLS), PasswordStore.OAMA), "port 993"),
        ("himalaya", make(methods=ENCRYPTED), "how you log in to imap.example.org"),
        ("himalaya", make(username="a$HOME"), "replace"),
        ("aerc", make('"a%(x)s"@example.org', username="anna"), "replace a part of"),
        ("fetchmail", make(methods=OAUTH2), "mbsync or getmail"),
        ("msmtp", make("*@example.org"), "pattern"),
        ("msmtp", make("a%Ub@example.org"), "pattern"),
        ("msmtp", make(username="é" * 250), "line"),
        ("mbsync", make(username="日" * 350), "line"),
        *((reader, make(methods=OAUTH2), "--password-store oama") for reader in READERS if reader != "fetchmail"),
        *((reader, with_store(make(), PasswordStore.OAMA), "requires a password") for reader in READERS),
        *(
            (reader, with_store(make("o'neil@example.org", methods=OAUTH2), PasswordStore.PIZAUTH), "exact address")
            for reader in READERS
            if reader not in ("fetchmail", "getmail")
        ),
    ],
)
def test_what_a_program_cannot_do_is_refused_with_the_way_out(format_id: str, account: MailAccount, words: str) -> None:
    refused = made(format_id, account)
    assert isinstance(refused, Refusal), refused
    assert words in refused.reason


def test_a_program_that_only_sends_does_not_mind_how_messages_come() -> None:
    for account in (make(protocol=Protocol.POP3, leave=REMOVE), make(methods=OAUTH2, outgoing_methods=ENCRYPTED)):
        assert read("msmtp", written("msmtp", account)).outgoing
    for program in ("mbsync", "offlineimap", "fetchmail", "getmail"):
        assert not read(program, written(program, make(outgoing_methods=OAUTH2))).outgoing


def test_neomutt_never_loosens_starttls_for_one_server_because_the_other_is_open() -> None:
    account = make(security=SocketType.STARTTLS)
    mixed = replace(account, outgoing=replace(account.outgoing, socket_type=SocketType.PLAIN))
    assert isinstance(made("neomutt", mixed), Refusal)
    assert "ssl_force_tls = yes" in written("neomutt", account)


# Messages on the server -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leave", "getmail_keeps", "others_keep"),
    [
        (REMOVE, REMOVE, AfterDownload.REMOVE),
        (KEEP_14, KEEP_14, AfterDownload.KEEP),
        (KEEP, KEEP, AfterDownload.KEEP),
    ],
)
def test_messages_stay_as_long_as_the_program_can_say_and_never_shorter(leave, getmail_keeps, others_keep) -> None:
    account = make(protocol=Protocol.POP3, leave=leave)
    assert read("getmail", written("getmail", account)).leave == getmail_keeps
    for program in ("neomutt", "fetchmail"):
        assert read(program, written(program, account)).leave.kind is others_keep


@pytest.mark.parametrize("format_id", ["neomutt", "fetchmail"])
def test_who_cannot_count_days_says_so_and_names_the_one_who_can(format_id: str) -> None:
    (file,) = render(format_id, make(protocol=Protocol.POP3, leave=KEEP_14))
    assert any("cannot count days" in step and "14 days use getmail" in step for step in file.install)
    (file,) = render(format_id, make(protocol=Protocol.POP3, leave=REMOVE))
    assert any("back it up" in step for step in file.install)


# Passwords ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [store for store in STORES if not store.gives_tokens])
@pytest.mark.parametrize("format_id", READERS)
def test_the_file_asks_the_store_that_was_chosen(format_id: str, store: PasswordStore) -> None:
    account = with_store(make(), store)
    (file,) = render(format_id, account)
    first, *_others, last = password_command(account)
    assert first in file.content.decode()
    assert last in file.content.decode()
    assert any(in_shell(save_command(account)) in step for step in file.install)


@pytest.mark.parametrize("store", [store for store in STORES if store.gives_tokens])
@pytest.mark.parametrize("format_id", [reader for reader in READERS if reader != "fetchmail"])
@pytest.mark.parametrize("methods", [OAUTH2, OAUTH2_AND_PASSWORD])
def test_tokens_are_asked_for_where_the_store_hands_out_tokens(format_id: str, store: PasswordStore, methods) -> None:
    account = with_store(make(methods=methods), store)
    found = read(format_id, written(format_id, account))
    (server,) = found.incoming or found.outgoing
    assert server.authentication == (AuthenticationMethod.OAUTH2,)
    (file,) = render(format_id, account)
    assert any(f"Set up {store} for anna@example.org first" in step for step in file.install)


@pytest.mark.parametrize("format_id", READERS)
def test_a_password_is_used_where_it_stands_beside_oauth2(format_id: str) -> None:
    found = read(format_id, written(format_id, make(methods=OAUTH2_AND_PASSWORD)))
    (server,) = found.incoming or found.outgoing
    assert server.authentication == (AuthenticationMethod.PASSWORD_CLEARTEXT,)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_can_break_out_of_a_password_command(store: PasswordStore, address: str) -> None:
    account = with_store(make(address), store)
    for command in (password_command(account), save_command(account)):
        assert all(re.fullmatch(r"[\w.+=@/-]+", word) for word in command)
        assert not any(word.startswith("-") for word in command if "@" in word)
        line = in_shell(command)
        assert shlex.split(line) == list(command)
        echoed = subprocess.run(["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, check=True).stdout
        assert echoed.decode().splitlines() == list(command)


CANARY = "canary-4711-password"
HAND_WRITTEN = {
    "neomutt": f'set folder=imaps://anna:{CANARY}@imap.example.org imap_pass={CANARY}\nset smtp_pass="{CANARY}"\n',
    "aerc": f"[a]\nsource = imaps://anna:{CANARY}@imap.example.org\noutgoing = smtps://a:{CANARY}@x.example.org\n",
    "mbsync": f"IMAPAccount a\nHost imap.example.org\nUser anna\nPass {CANARY}\nSSLType IMAPS\n",
    "getmail": f"[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = x.example.org\nusername=a\npassword={CANARY}\n",
    "fetchmail": f'poll imap.example.org proto imap user anna pass "{CANARY}" ssl\n',
    "msmtp": f"account a\nhost smtp.example.org\nauth on\nuser anna\npassword {CANARY}\ntls on\n",
    "himalaya": f'[accounts.a]\nimap.server = "imap.example.org"\nimap.sasl.plain = '
    f'{{ username = "anna", password.raw = "{CANARY}" }}\n',
    "offlineimap": "[general]\naccounts = a\n[Account a]\nremoterepository = r\n[Repository r]\ntype = IMAP\n"
    f"remotehost = imap.example.org\nremoteuser = anna\nremotepass = {CANARY}\n",
}


@pytest.mark.parametrize("format_id", READERS)
def test_a_password_in_a_file_is_never_taken_along(format_id: str) -> None:
    found = read(format_id, HAND_WRITTEN[format_id])
    assert found.incoming or found.outgoing
    assert CANARY not in repr(found)


# The grammars, one by one ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [*HOSTILE, "", "a\\", '"', "\\042"])
def test_each_quoting_is_undone_by_its_reader(value: str) -> None:
    assert tomllib.loads(f"a = {himalaya.quoted(value)}") == {"a": value}
    if value:
        rc = f"set imap_user={neomutt.quoted(value)} folder=imaps://h.example"
        assert user_of(read("neomutt", rc)) == value
        rc = f"poll h.example proto pop3 user {fetchmail.quoted(value)}"
        assert user_of(read("fetchmail", rc)) == value
        rc = f"IMAPAccount a\nHost h.example\nUser {mbsync.quoted(value)}\n"
        assert user_of(read("mbsync", rc)) == value
        rc = (
            "[Account a]\nremoterepository=b\n[Repository b]\ntype=IMAP\nremotehost=h.example\n"
            f"remoteuser={offlineimap.escaped(value)}\n"
        )
        assert user_of(read("offlineimap", rc)) == value
        rc = f"account a\nhost h.example\nauth on\nuser {msmtp.quoted(value)}\n"
        assert user_of(read("msmtp", rc)) == value


def test_getmail_sends_every_user_name_that_is_an_atom_and_no_other() -> None:
    for code in range(0x21, 0x7F):
        atom = chr(code) not in '(){%*"\\]'
        assert isinstance(made("getmail", make(username=f"a{chr(code)}b")), str) is atom, chr(code)


@pytest.mark.parametrize("sign", "#;`\"'\\")
def test_what_go_ini_would_take_for_something_else_stands_between_backticks(sign: str) -> None:
    assert aerc.quoted(f"a{sign}b") == f"`a{sign}b`"
    assert aerc.quoted("a b") == "a b"


def test_a_line_is_as_long_as_the_program_reads_and_no_longer() -> None:
    for format_id, longest in (("mbsync", 1021 - len('User ""')), ("msmtp", 499 - len('user ""'))):
        value = "é" * (longest // 2) + "x" * (longest % 2)
        if len(value) <= 500:
            assert isinstance(made(format_id, make(username=value[:500])), str)
    assert isinstance(made("msmtp", make(username="x" * 492)), str)
    assert isinstance(made("msmtp", make(username="x" * 493)), Refusal)
    assert isinstance(made("mbsync", make(username="日" * 338)), str)
    assert isinstance(made("mbsync", make(username="日" * 338 + "x")), Refusal)


def test_getmails_password_command_is_a_tuple_of_texts_and_nothing_else() -> None:
    for address in ADDRESSES:
        account = make(address, username="anna")
        parser = configparser.RawConfigParser()
        parser.read_string(written("getmail", account))
        assert ast.literal_eval(parser["retriever"]["password_command"]) == password_command(account)
        assert parser["retriever"]["ca_certs"] == getmail.CERTIFICATES


@pytest.mark.parametrize("store", STORES)
def test_offlineimaps_python_runs_the_password_command_and_takes_its_first_line(monkeypatch, store) -> None:
    account = with_store(make(methods=OAUTH2_AND_PASSWORD, username="100%s"), store)
    parser = configparser.ConfigParser()  # which replaces, as OfflineIMAP's own does
    parser.read_string(written("offlineimap", account))
    remote = parser["Repository anna@example.org-server"]
    assert remote["remoteuser"] == "100%s"
    (option,) = set(remote) & {"remotepasseval", "oauth2_access_token_eval"}
    assert (option == "oauth2_access_token_eval") is store.gives_tokens
    ran = []

    def check_output(command: list[str]) -> bytes:
        ran.append(tuple(command))
        return "pässword\nanother line\n".encode()

    monkeypatch.setattr(subprocess, "check_output", check_output)
    assert eval(remote[option], {}) == "pässword"
    assert ran == [password_command(account)]


def test_a_template_without_the_line_that_makes_offlineimap_check_certificates_is_caught(tmp_path) -> None:
    from wizard.model.problems import Problem
    from wizard.resources.templates import templates_root

    text = (templates_root() / "clients/offlineimap.j2").read_text()
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients/offlineimap.j2").write_text(text.replace("sslcacertfile = OS-DEFAULT", ""))
    with pytest.raises(Problem, match="sslcacertfile"):
        render("offlineimap", make(), About(own_templates=tmp_path))


def test_a_sender_of_aerc_is_ascii_whatever_the_name_is() -> None:
    for value in HOSTILE:
        header = aerc.sender(value, make().address)
        assert header.isascii()
        assert all(len(word) <= 75 for word in header.split() if word.startswith("=?"))
        assert not re.search(r"[#;`\"'\\%]", header)


def test_himalayas_file_has_only_keys_that_version_2_knows() -> None:
    # The keys of src/config.rs, version 2; email and display-name belong to its sister with a screen, which shares it.
    known = {"default", "email", "display-name", "imap", "smtp"}
    for security in (SocketType.SSL, SocketType.STARTTLS):
        for account in (make(security=security), with_store(make(methods=OAUTH2, security=security), STORES[-1])):
            (table,) = tomllib.loads(written("himalaya", account))["accounts"].values()
            assert set(table) == known
            for backend in (table["imap"], table["smtp"]):
                assert set(backend) <= {"server", "starttls", "sasl"}
                assert backend.get("starttls", False) is (security is SocketType.STARTTLS)
                ((mechanism, parameters),) = backend["sasl"].items()
                secret = {"plain": "password", "xoauth2": "token"}[mechanism]
                assert set(parameters) == {"username", secret}
                assert parameters[secret] == {"command": list(password_command(account))}


def test_a_template_without_aercs_starttls_line_is_caught(tmp_path) -> None:
    from wizard.model.problems import Problem
    from wizard.resources.templates import templates_root

    text = (templates_root() / "clients/aerc.j2").read_text()
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients/aerc.j2").write_text(text.replace("smtp-starttls = yes", ""))
    with pytest.raises(Problem, match="smtp-starttls"):
        render("aerc", make(security=SocketType.STARTTLS), About(own_templates=tmp_path))


@pytest.mark.parametrize("format_id", READERS)
def test_the_files_are_right_in_italian_too(format_id: str) -> None:
    english = written(format_id, make())
    activate("it")
    italian = written(format_id, make())
    strip = re.compile(r"^\s*#.*\n", re.MULTILINE)
    assert strip.sub("", english) == strip.sub("", italian)
