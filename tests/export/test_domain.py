"""The file for everybody of a domain: placeholders, nothing unencrypted, and read by both Thunderbirds' rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_accounts import KEEP_3, OAUTH2, make
from test_autoconfig_file import android_reads

from wizard.export.domain import render_for_domain
from wizard.export.render import Refusal, RenderedFile
from wizard.model.address import Domain, EmailAddress, Hostname
from wizard.model.placeholders import EMAIL_ADDRESS, EMAIL_LOCAL_PART
from wizard.model.problems import Problem
from wizard.model.servers import Protocol, SocketType
from wizard.programs.autoconfig import read_autoconfig

DOMAIN = Domain("example.org")
IMAP, POP3, SMTP = (
    replace(one, username=EMAIL_ADDRESS) for one in (make().incoming, *make().alternatives, make().outgoing)
)


def made(incoming=(IMAP, POP3), outgoing=(SMTP,), **how) -> RenderedFile:
    file = render_for_domain(DOMAIN, incoming, outgoing, **how)
    assert isinstance(file, RenderedFile), file
    return file


@pytest.mark.parametrize(
    "username", [EMAIL_ADDRESS, EMAIL_LOCAL_PART, f"{EMAIL_LOCAL_PART}.mail", f"x+{EMAIL_ADDRESS}"]
)
@pytest.mark.parametrize("local", ["anna", "Bob.Smith", "007", "o'neil&co", "somebody"])
def test_everybody_gets_their_own_user_name(username: str, local: str) -> None:
    content = made([replace(IMAP, username=username)], [replace(SMTP, username=username)]).content
    config = read_autoconfig(content, "x").config
    assert [one.username for one in (*config.incoming, *config.outgoing)] == [username, username]
    address = EmailAddress(local, DOMAIN)
    wanted = username.replace(EMAIL_ADDRESS, str(address)).replace(EMAIL_LOCAL_PART, local)
    assert config.filled(address).incoming[0].username == wanted
    assert b"somebody" not in content


def test_the_recommended_protocol_stands_first_and_the_days_are_said() -> None:
    for order in ((IMAP, POP3), (POP3, IMAP)):
        read = read_autoconfig(made(order, leave=KEEP_3, provider_name="Example & Mail").content, "x")
        assert [one.protocol for one in read.config.incoming] == [one.protocol for one in order]
        assert read.leave == KEEP_3
        assert read.config.display_name == "Example & Mail"


@pytest.mark.parametrize("security", [SocketType.SSL, SocketType.STARTTLS])
def test_thunderbird_for_android_reads_it(security: SocketType) -> None:
    servers = [replace(one, socket_type=security) for one in (IMAP, POP3)]
    read = android_reads(made(servers, [replace(SMTP, socket_type=security)]).content)
    assert read["imap"] == ("imap.example.org", 993, security.value, EMAIL_ADDRESS, "password-cleartext")
    assert read["smtp"] == ("smtp.example.org", 465, security.value, EMAIL_ADDRESS, "password-cleartext")


def test_nothing_unencrypted_is_published() -> None:
    plain = replace(IMAP, socket_type=SocketType.PLAIN)
    assert b"plain" not in made([plain, IMAP], [replace(SMTP, socket_type=SocketType.PLAIN), SMTP]).content
    for incoming, outgoing in (([plain], [SMTP]), ([IMAP], [replace(SMTP, socket_type=SocketType.PLAIN)])):
        refused = render_for_domain(DOMAIN, incoming, outgoing)
        assert isinstance(refused, Refusal)
        assert "Only encrypted servers are published" in refused.reason


def test_a_user_name_that_would_be_everybodys_is_refused() -> None:
    refused = render_for_domain(DOMAIN, [replace(IMAP, username="anna")], [SMTP])
    assert isinstance(refused, Refusal)
    assert "“anna” would be everybody’s" in refused.reason
    assert "%EMAILADDRESS%" in refused.reason


def test_a_word_that_is_no_placeholder_is_said() -> None:
    with pytest.raises(Problem, match="%REALNAME% is no placeholder"):
        made([replace(IMAP, username="%EMAILADDRESS%%REALNAME%")])


def test_a_host_name_with_the_domain_in_it_is_filled() -> None:
    host = replace(IMAP, hostname=Hostname("imap.%EMAILDOMAIN%"))
    assert b"<hostname>imap.example.org</hostname>" in made([host]).content


def test_oauth2_alone_is_refused_where_no_program_knows_the_page() -> None:
    refused = render_for_domain(DOMAIN, [replace(IMAP, authentication=OAUTH2)], [SMTP])
    assert isinstance(refused, Refusal)


def test_without_pop3_nothing_is_said_of_messages_on_the_server() -> None:
    assert b"<pop3>" not in made([IMAP]).content
    assert all(one.protocol is Protocol.IMAP for one in read_autoconfig(made([IMAP]).content, "x").config.incoming)
