"""The doctor and real servers: what Dovecot and Postfix really say, from the wire to the cause."""

from __future__ import annotations

import asyncio
import imaplib
import json
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from dovecot import HOST, Dovecot, free_ports
from namespaces import PATH, Namespace, find_program, stop
from postfix import Postfix

from tests.ground import ROOT
from tests.world import World
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.options import CheckOptions
from wizard.model.address import parse_address
from wizard.model.diagnosis import RungStatus, Target
from wizard.model.secret import Secret
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.diagnosis import Diagnosis

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])]

ANNA = "anna@example.test"
PASSWORD = "se cret:é"
USERS = {ANNA: PASSWORD}
IMAP, POP3, SMTP = Protocol
SSL, STARTTLS, PLAIN = SocketType
ELSEWHERE = "127.0.0.2"
"""To there one comes from 127.0.0.1, so Dovecot does not take the two for the same machine, which it trusts."""


class Tuned(Dovecot):
    """A Dovecot with further settings, which go before those it has; it listens at ELSEWHERE too."""

    def __init__(self, tmp_path: Path, *, settings: str = "", users: dict[str, str] = USERS) -> None:
        super().__init__(tmp_path, users)
        self._settings = settings

    def _prepare(self) -> None:
        super()._prepare()
        with (self._base / "dovecot.conf").open("a") as stream:
            stream.write(f"\nlisten = 127.0.0.1, {ELSEWHERE}\n{self._settings}\n")


@pytest.fixture
def examined(monkeypatch):
    """``examined(targets, ca_file, password=…)``: the whole way to the findings, at ELSEWHERE unless told otherwise.

    ``usual``: where the usual ports really are.
    """

    def examined(targets, ca_file, *, at=ELSEWHERE, usual=None, **wishes) -> Diagnosis:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        with World() as world:
            world.dns(HOST, A=["203.0.113.10"])
            world.dns("example.test", MX=[(10, "mx.example.test")])
            network = replace(world.network(), route=lambda _address, port: (at, (usual or {}).get(port, port)))
            address = parse_address(ANNA)
            checks = CheckOptions(address=address, **wishes)
            return asyncio.run(diagnose(address, targets, checks, network))

    return examined


def target(protocol, socket_type, port, username=ANNA) -> Target:
    return Target(protocol=protocol, host=HOST, port=port, socket_type=socket_type, username=username)


def codes(diagnosis: Diagnosis) -> list[str]:
    return [one.code for one in diagnosis.findings]


# Dovecot


def test_a_healthy_dovecot_has_no_finding(tmp_path, examined):
    with Tuned(tmp_path) as server:
        server.deliver(ANNA, b"Subject: one\n\nHello\n")
        targets = [
            target(IMAP, SSL, server.imaps),
            target(IMAP, STARTTLS, server.imap),
            target(POP3, SSL, server.pop3s),
            target(POP3, STARTTLS, server.pop3),
            target(SMTP, SSL, server.submissions),
            target(SMTP, STARTTLS, server.submission),
        ]
        diagnosis = examined(targets, server.ca_file, password=Secret(PASSWORD), send_test=True)
        assert diagnosis.findings == (), server.log
        assert not [rung for one in diagnosis.observations for rung in one.rungs if rung.status is RungStatus.FAILED]
        assert [one.messages for one in diagnosis.observations[:4]] == [1, 1, 1, 1]
        assert [(one.sender, one.recipients) for one in server.sent] == [(ANNA, (ANNA,))] * 2


@pytest.mark.parametrize("protocol", Protocol)
def test_a_wrong_password(tmp_path, examined, protocol):
    with Tuned(tmp_path) as server:
        port = {IMAP: server.imaps, POP3: server.pop3s, SMTP: server.submissions}[protocol]
        diagnosis = examined([target(protocol, SSL, port)], server.ca_file, password=Secret("wrong"))
    assert codes(diagnosis) == ["auth_failed"]
    assert diagnosis.findings[0].confidence == "certain"
    assert "uthentication failed" in diagnosis.findings[0].evidence
    assert len(diagnosis.observations[0].logins) <= 2


def test_another_form_of_the_name(tmp_path, examined):
    with Tuned(tmp_path, users={"anna": PASSWORD}) as server:
        diagnosis = examined([target(IMAP, SSL, server.imaps)], server.ca_file, password=Secret(PASSWORD))
    assert codes(diagnosis) == ["username_form"]
    assert "“anna”" in diagnosis.findings[0].cause


QUOTA = """
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=1K
}
"""


def test_a_mailbox_over_its_quota(tmp_path, examined):
    with Tuned(tmp_path, settings=QUOTA) as server:
        server.deliver(ANNA, b"Subject: large\n\n" + b"x" * 4000 + b"\n")
        diagnosis = examined([target(IMAP, SSL, server.imaps)], server.ca_file, password=Secret(PASSWORD))
    assert codes(diagnosis) == ["mailbox_full"]


def test_too_many_connections(tmp_path, examined):
    with Tuned(tmp_path, settings="mail_max_userip_connections = 1") as server:
        trust = ssl.create_default_context(cafile=server.ca_file)
        trust.check_hostname = False
        with imaplib.IMAP4_SSL(ELSEWHERE, server.imaps, ssl_context=trust) as first:
            first.authenticate("PLAIN", lambda _challenge: f"\0{ANNA}\0{PASSWORD}".encode())
            diagnosis = examined([target(IMAP, SSL, server.imaps)], server.ca_file, password=Secret(PASSWORD))
    assert codes(diagnosis) == ["too_many_connections"], diagnosis.observations[0]


@pytest.mark.parametrize("protocol", [IMAP, POP3])
def test_no_password_in_the_clear(tmp_path, examined, protocol):
    with Tuned(tmp_path, settings="disable_plaintext_auth = yes\nauth_mechanisms = plain login") as server:
        port = server.imap if protocol is IMAP else server.pop3
        diagnosis = examined([target(protocol, PLAIN, port)], server.ca_file)
        assert server.logins == []
    assert codes(diagnosis) == ["login_disabled"]
    assert "only through an encrypted connection" in diagnosis.findings[0].cause


NO_TLS = "ssl = no\ndisable_plaintext_auth = no\n" + "".join(
    f"service {name}-login {{\n  inet_listener {name}s {{\n    ssl = no\n  }}\n}}\n"
    for name in ("imap", "pop3", "submission")
)


@pytest.mark.parametrize("protocol", Protocol)
def test_starttls_is_missing(tmp_path, examined, protocol):
    with Tuned(tmp_path, settings=NO_TLS) as server:
        port = {IMAP: server.imap, POP3: server.pop3, SMTP: server.submission}[protocol]
        diagnosis = examined([target(protocol, STARTTLS, port)], server.ca_file, password=Secret(PASSWORD))
        assert server.logins == []
    assert codes(diagnosis) == ["plaintext_only"]


def test_the_wrong_security_and_the_wrong_port(tmp_path, examined):
    with Tuned(tmp_path) as server:
        for protocol, kind, port, code in (
            (IMAP, SSL, server.imap, "tls_on_plain_port"),
            (POP3, SSL, server.pop3, "tls_on_plain_port"),
            (IMAP, STARTTLS, server.imaps, "plain_on_tls_port"),
            (IMAP, SSL, server.pop3s, "wrong_protocol"),
            (POP3, STARTTLS, server.submission, "wrong_protocol"),
        ):
            diagnosis = examined([target(protocol, kind, port)], server.ca_file)
            assert codes(diagnosis) == [code], (protocol, kind, diagnosis.findings)


def test_oauth2_alone(tmp_path, examined):
    with Dovecot(tmp_path, USERS, tokens=True) as server:
        wanted = [target(IMAP, SSL, server.imaps), target(SMTP, SSL, server.submissions)]
        diagnosis = examined(wanted, server.ca_file, at="127.0.0.1", password=Secret(PASSWORD))
        assert server.logins == []
    assert set(codes(diagnosis)) == {"auth_oauth2_only"}


def test_a_dovecot_that_cannot_open_any_mailbox(tmp_path, examined):
    with Tuned(tmp_path, settings="mail_location = maildir:/dev/null/nowhere") as server:
        diagnosis = examined([target(IMAP, SSL, server.imaps)], server.ca_file, password=Secret(PASSWORD))
    assert codes(diagnosis) == ["temporarily_unavailable"], diagnosis.observations[0]


# Postfix


@pytest.fixture
def postfix(tmp_path, examined):
    """``postfix(password=…, **settings)``: what the doctor finds at a Postfix that has these settings."""

    def made(password=PASSWORD, *, kind=STARTTLS, sasl=True, **settings) -> Diagnosis:
        (port,) = free_ports(1)
        listener = f"service auth {{\n  inet_listener {{\n    address = 127.0.0.1\n    port = {port}\n  }}\n}}\n"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "postfix-ca.pem")
        with (
            Tuned(tmp_path, settings=listener),
            Postfix(tmp_path, authority.issue_cert(HOST), settings=settings, sasl=port if sasl else None) as server,
        ):
            aim = target(SMTP, kind, server.submission if kind is STARTTLS else server.submissions)
            wishes = {} if password is None else {"password": Secret(password), "send_test": True}
            usual = {465: server.submissions, 587: server.submission}
            diagnosis = examined([aim], tmp_path / "postfix-ca.pem", at="127.0.0.1", usual=usual, **wishes)
            for one in diagnosis.observations:
                assert one.rungs, server.log
            return diagnosis

    return made


@pytest.mark.parametrize("kind", [STARTTLS, SSL])
def test_a_healthy_postfix_has_no_finding_and_takes_the_message(postfix, kind):
    diagnosis = postfix(kind=kind)
    assert diagnosis.findings == ()
    assert diagnosis.observations[0].sent.accepted


def test_postfix_refuses_the_password(postfix):
    assert codes(postfix("wrong")) == ["auth_failed"]


def test_postfix_denies_relaying(postfix):
    diagnosis = postfix(smtpd_relay_restrictions="reject_unauth_destination")
    assert codes(diagnosis) == ["smtp_relay_denied"]
    assert "Relay access denied" in diagnosis.findings[0].evidence


def test_postfix_refuses_a_sender_of_somebody_else(postfix):
    diagnosis = postfix(
        smtpd_sender_login_maps=f"inline:{{ {{ {ANNA} = bruno@example.test }} }}",
        smtpd_sender_restrictions="reject_sender_login_mismatch",
    )
    assert codes(diagnosis) == ["smtp_sender_refused"]
    assert "not owned by user" in diagnosis.findings[0].evidence


def test_postfix_without_starttls_and_with_a_port_for_tls(postfix):
    diagnosis = postfix(None, smtpd_tls_security_level="none", smtpd_tls_auth_only="no")
    assert codes(diagnosis) == ["starttls_missing"]
    assert "Enter port 465, and choose SSL/TLS" in diagnosis.findings[0].steps[0]


def test_postfix_without_a_log_in(postfix):
    assert codes(postfix(None, sasl=False)) == ["smtp_auth_missing"]


def test_postfix_that_has_lost_its_authentication_server(postfix):
    diagnosis = postfix(smtpd_sasl_path="inet:127.0.0.1:9")
    assert codes(diagnosis) == ["temporarily_unavailable"]


def test_postfix_that_wants_a_log_in_before_it_takes_anything(postfix):
    """Who does not log in is told so by the server; the doctor does, so there is nothing to find."""
    assert postfix(smtpd_sender_restrictions="permit_sasl_authenticated, reject").findings == ()


# OpenSSL


@pytest.mark.parametrize(("version", "told"), [("-tls1", "TLS 1.0 at most"), ("-tls1_1", "TLS 1.1 at most")])
def test_an_openssl_server_held_to_old_tls(tmp_path, examined, version, told):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(tmp_path / "leaf.pem")
    (port,) = free_ports(1)
    command = [find_program("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", tmp_path / "leaf.pem",
               version, "-cipher", "DEFAULT:@SECLEVEL=0", "-quiet"]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        diagnosis = examined([target(IMAP, SSL, port)], tmp_path / "ca.pem", at="127.0.0.1")
    finally:
        stop(process)
    assert codes(diagnosis) == ["tls_too_old"]
    assert told in diagnosis.findings[0].cause


def _wait_for(port: int) -> None:
    for _time in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    message = f"nobody listens on {port}"
    raise RuntimeError(message)


# a network that swallows

SCENARIO = """
from tests.world import MailServer
DNS_ADDRESS = "203.0.113.53"
def build(world):
    world.dns("gone.example.test", A=["198.51.100.66"])
    world.dns("far.example.test", A=["198.51.100.77"])
    world.dns("mail.example.test", A=["203.0.113.10"])
    world.dns("example.test", MX=[(10, "mail.example.test")])
    world.mail("203.0.113.10", 465, MailServer(protocol="smtp"))
"""


def test_an_address_that_swallows_packets_and_one_to_which_no_way_leads(tmp_path):
    """The command in a network of its own, in which packets to one address get lost for good."""
    with Namespace(addresses=["203.0.113.53", "203.0.113.10"], nameserver="203.0.113.53") as space:
        space.lose("198.51.100.66")
        (tmp_path / "scenario.py").write_text(SCENARIO)
        serving = subprocess.Popen(
            space.command(sys.executable, "-m", "tests.world", tmp_path / "scenario.py"),
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            told = json.loads(serving.stdout.readline())
            begun = time.monotonic()
            words = ("doctor", ANNA, "--imap", "gone.example.test", "--smtp", "mail.example.test", "--json",
                     "--pop3", "far.example.test")  # fmt: skip
            environment = {
                "PATH": PATH,
                "PYTHONPATH": str(ROOT),
                "SSL_CERT_FILE": told["ca_file"],
                "HOME": str(tmp_path),
            }
            ran = space.run(sys.executable, "-m", "wizard", *words, "--allow-private", env=environment)
            assert time.monotonic() - begun < 20
        finally:
            serving.communicate(timeout=20)
    assert ran.returncode == 5, ran.stderr
    document = json.loads(ran.stdout)
    found = {one["protocol"]: one for one in document["findings"]}
    assert {(one["code"], one["protocol"]) for one in document["findings"]} == {
        ("address_locked_out", "imap"),
        ("port_filtered", "pop3"),
    }
    assert "its firewall has locked out your internet connection" in found["imap"]["cause"]
    assert "There is no route from this network to far.example.test" in found["pop3"]["cause"]
    assert document["elapsed_ms"] < 15500
    assert [one["status"] for one in document["targets"][0]["rungs"]] == ["ok", "failed"]
    assert all(one["status"] != "failed" for one in document["targets"][2]["rungs"])
