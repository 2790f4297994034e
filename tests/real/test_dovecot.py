"""The Dovecot that other tests stand on does what it says."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import ssl

import pytest
from dovecot import Dovecot

pytestmark = pytest.mark.slow

ANNA = "anna@example.test"


def test_every_port_takes_the_password_and_hands_messages_on(tmp_path) -> None:
    with Dovecot(tmp_path, users={ANNA: "se cret:é"}) as server:
        trust = ssl.create_default_context(cafile=server.ca_file)
        server.deliver(ANNA, b"Subject: one\n\nHello\n")
        with imaplib.IMAP4_SSL(server.host, server.imaps, ssl_context=trust) as imap:
            imap.authenticate("PLAIN", lambda _challenge: f"\0{ANNA}\0se cret:é".encode())
            assert imap.select() == ("OK", [b"1"])
        with imaplib.IMAP4(server.host, server.imap) as imap:
            imap.starttls(trust)
            imap.authenticate("PLAIN", lambda _challenge: f"\0{ANNA}\0se cret:é".encode())
        pop = poplib.POP3_SSL(server.host, server.pop3s, context=trust)
        pop.encoding = "UTF-8"
        pop.user(ANNA)
        pop.pass_("se cret:é")
        assert pop.stat()[0] == 1
        pop.dele(1)
        pop.quit()
        assert server.messages(ANNA) == []
        for port, secure in ((server.submissions, True), (server.submission, False)):
            smtp = (
                smtplib.SMTP_SSL(server.host, port, "localhost", context=trust)
                if secure
                else smtplib.SMTP(server.host, port, "localhost")
            )
            with smtp:
                if not secure:
                    smtp.starttls(context=trust)
                smtp.user, smtp.password = ANNA, "se cret:é"
                smtp.ehlo()
                code, _text = smtp.docmd("AUTH", "PLAIN " + _plain())
                assert code == 235
                smtp.sendmail(ANNA, ["bruno@example.test"], f"Subject: by {port}\r\n\r\n.dot\r\n")
        assert {(one.service, one.user, one.mechanism) for one in server.logins} == {
            ("imap", ANNA, "PLAIN"),
            ("pop3", ANNA, "PLAIN"),
            ("submission", ANNA, "PLAIN"),
        }
        assert all(one.tls for one in server.logins)
        with imaplib.IMAP4(server.host, server.imap) as imap:
            imap.authenticate("PLAIN", lambda _challenge: f"\0{ANNA}\0se cret:é".encode())
        assert not server.logins[-1].tls
        assert [(one.sender, one.recipients) for one in server.sent] == [(ANNA, ("bruno@example.test",))] * 2
        assert all(b"\r\n\r\n.dot\r\n" in one.content for one in server.sent)


def test_a_wrong_password_is_refused_and_another_user_sees_nothing(tmp_path) -> None:
    with Dovecot(tmp_path, users={ANNA: "secret", "bruno@example.test": "other"}) as server:
        trust = ssl.create_default_context(cafile=server.ca_file)
        server.deliver(ANNA, b"Subject: one\n\nHello\n")
        with imaplib.IMAP4_SSL(server.host, server.imaps, ssl_context=trust) as imap:
            with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
                imap.login(ANNA, "wrong")
            imap.login("bruno@example.test", "other")
            assert imap.select() == ("OK", [b"0"])
        assert server.messages("bruno@example.test") == []
        assert len(server.messages(ANNA)) == 1


def _plain() -> str:
    from base64 import b64encode

    return b64encode(f"\0{ANNA}\0se cret:é".encode()).decode()
