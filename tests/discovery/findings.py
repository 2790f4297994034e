"""Findings to judge: servers of an address at example.org, as a source would report them."""

from __future__ import annotations

from wizard.model.address import Hostname, Port
from wizard.model.discovery import Evidence, FoundServer, Outcome, SourceReport, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType, server

PORTS = {
    (Protocol.IMAP, "SSL"): 993,
    (Protocol.IMAP, "STARTTLS"): 143,
    (Protocol.POP3, "SSL"): 995,
    (Protocol.POP3, "STARTTLS"): 110,
    (Protocol.SMTP, "SSL"): 465,
    (Protocol.SMTP, "STARTTLS"): 587,
    (Protocol.SMTP, "plain"): 587,
}


def found(
    protocol,
    source,
    *,
    host="mail.example.org",
    security="SSL",
    port=None,
    trust=Trust.AUTHENTICATED,
    verified=True,
    trouble="",
    username="anna@example.org",
    auth=(AuthenticationMethod.PASSWORD_CLEARTEXT,),
):
    """A server that ``source`` named for ``protocol``; verified unless said otherwise."""
    return FoundServer(
        server(
            protocol,
            hostname=Hostname(host),
            port=Port(port or PORTS[protocol, security]),
            socket_type=SocketType(security),
            username=username,
            authentication=auth,
        ),
        Evidence(source, trust),
        verified,
        trouble,
    )


def reported(source, *servers, **options):
    """A source's report of ``servers``; without any it found nothing."""
    return SourceReport(source, Outcome.FOUND if servers else Outcome.NOTHING, servers=servers, **options)
