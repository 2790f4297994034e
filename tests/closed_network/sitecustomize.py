"""Closes the network for a test process and, through PYTHONPATH, for the programs that it starts: loopback stays open.

pytest-socket looks at ``socket.connect`` alone and ends with the process. An audit hook also sees datagrams, name
look-ups and asyncio, needs no import of ``socket`` (start-up is measured by tests), and goes with a child process.
"""

import sys

# Documentation addresses (RFC 5737) and invented names are refused as well: a test that asks for them is mistaken.
_LOCAL = ("127.", "::1", "localhost")


class NetworkClosedError(RuntimeError):
    """A test, or a program that a test started, wanted to leave this machine."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host in (None, "") or (isinstance(host, str) and host.startswith(_LOCAL))


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        if not isinstance(address, tuple):  # a Unix socket has a path; a connected one needs no address
            return
        host = address[0]
    else:
        return
    if not _is_local(host):
        raise NetworkClosedError(f"{event} to {host!r}: tests may speak to this machine only")


def close_network() -> None:
    """Close it for this process, for good: an audit hook cannot be taken away."""
    sys.addaudithook(_watch)


if __name__ == "sitecustomize":
    close_network()
