"""What holds of every format at once: they agree with each other, and a password that came in goes nowhere."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_accounts import GOLDEN_MATRIX

from wizard.app.settings_files import accounts_in
from wizard.export.registry import formats
from wizard.export.render import Refusal, render

CANARY = "Canary-4711-of-a-password"
UNREADABLE = (".reg", ".txt")
"""Endings of files that name no server to a program."""

FILES_WITH_A_PASSWORD = {
    "config-v1.1.xml": f"""<clientConfig version="1.1"><emailProvider id="example.org"><domain>example.org</domain>
        <incomingServer type="imap"><hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType>
        <username>%EMAILADDRESS%</username><password>{CANARY}</password>
        <authentication>password-cleartext</authentication></incomingServer>
        <outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>465</port><socketType>SSL</socketType>
        <username>%EMAILADDRESS%</username><password>{CANARY}</password>
        <authentication>password-cleartext</authentication></outgoingServer></emailProvider></clientConfig>""",
    "code.txt": json.dumps(
        [1, [1, 1], [0, "imap.example.org", 993, 3, 1, "anna", "Anna", CANARY],
         [[[0, "smtp.example.org", 465, 3, 1, "anna", CANARY], ["anna@example.org", "Anna"]]]]
    ),
    "neomuttrc": f"""set from = "anna@example.org"
set folder = "imaps://imap.example.org:993/"
set imap_user = "anna"
set imap_pass = "{CANARY}"
set smtp_url = "smtps://anna:{CANARY}@smtp.example.org:465/"
""",
    "accounts.conf": f"""[Anna]
source = imaps://anna:{CANARY}@imap.example.org
outgoing = smtps+plain://anna:{CANARY}@smtp.example.org
from = Anna <anna@example.org>
""",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES_WITH_A_PASSWORD)
def test_a_password_in_a_file_that_is_read_is_in_nothing_that_is_written(run_cli, tmp_path, name: str) -> None:
    (tmp_path / name).write_text(FILES_WITH_A_PASSWORD[name])
    every = ",".join(entry.id for entry in formats())
    ran = run_cli("export", "anna@example.org", "--settings", name, "--format", every, "--output", "out", "--json")
    assert ran.code == 0, ran.stdout
    looked = run_cli("inspect", name, "--account", "anna@example.org", "--json")
    assert looked.code == 0, looked.stdout
    texts = [ran.stdout, ran.stderr, looked.stdout, looked.stderr, run_cli("inspect", name).stdout]
    written = [path for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert len(written) > 15
    for path in written:
        content = path.read_bytes()
        texts += [content.decode("latin-1"), content.decode("utf-16", "ignore")]
    assert not [text for text in texts if CANARY in text]


@pytest.mark.parametrize("name", GOLDEN_MATRIX)
def test_all_formats_say_the_same_of_one_account(name: str) -> None:
    account = replace(GOLDEN_MATRIX[name], display_name="Anna Rossi")
    seen = 0
    for entry in formats():
        made = render(entry.id, account)
        if isinstance(made, Refusal):
            continue
        for file in made:
            if file.name.endswith(UNREADABLE) or (entry.id == "card" and b"<svg" not in file.content):
                continue  # names no server to a program, or is a card without a code
            whose = None if entry.id in ("neomutt", "card", "msmtp") else account.address
            (given,) = accounts_in(file.content, file.name, address=whose)
            report = given.report
            incoming = report.pop3 if given.protocol == "pop3" else report.imap
            for found, server in ((incoming, account.incoming), (report.smtp, account.outgoing)):
                if found is None:
                    continue
                seen += 1
                published = found.server
                assert (published.protocol, published.hostname, published.port) == (
                    server.protocol,
                    server.hostname,
                    server.port,
                )
                assert (published.socket_type, published.username) == (server.socket_type, server.username), entry.id
                assert set(published.authentication) <= set(server.authentication), entry.id
            assert (incoming is None) is not entry.abilities.receives, entry.id
            assert (report.smtp is None) is not entry.abilities.sends, entry.id
            if given.leave is not None and account.leave is not None and entry.id != "autoconfig":
                assert given.leave.kind == account.leave.kind or given.leave.kind == "keep", entry.id
    assert seen >= 4
