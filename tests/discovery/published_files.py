"""Autoconfig files for tests: a good one, and pieces to spoil it with."""

from __future__ import annotations

INCOMING = """<incomingServer type="{kind}"><hostname>{host}</hostname><port>{port}</port>
<socketType>{security}</socketType><username>{username}</username>
<authentication>password-cleartext</authentication></incomingServer>"""
OUTGOING = """<outgoingServer type="smtp"><hostname>{host}</hostname><port>{port}</port>
<socketType>{security}</socketType><username>{username}</username>
<authentication>password-cleartext</authentication></outgoingServer>"""


def incoming(host="imap.example.test", port=993, kind="imap", security="SSL", username="%EMAILADDRESS%"):
    return INCOMING.format(host=host, port=port, kind=kind, security=security, username=username)


def outgoing(host="smtp.example.test", port=465, security="SSL", username="%EMAILADDRESS%"):
    return OUTGOING.format(host=host, port=port, security=security, username=username)


def config(*servers, domains=("example.test",), name="Example Mail"):
    """The bytes of a file; without ``servers`` it has one for IMAP and one for sending."""
    listed = "".join(f"<domain>{domain}</domain>" for domain in domains)
    inside = "\n".join(servers or (incoming(), outgoing()))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1">\n<emailProvider id="{domains[0]}">\n'
        f"{listed}\n<displayName>{name}</displayName>\n{inside}\n</emailProvider>\n</clientConfig>\n"
    ).encode()


def lines(report):
    """The servers of a report, each as one line."""
    return [
        f"{server.protocol} {server.hostname} {server.port} {server.socket_type} {server.username}"
        for server in (found.server for found in report.servers)
    ]
