"""Real name and web servers in a network namespace: Knot, NSD, Unbound and nginx, each from files in a directory.

They run as root of the machine, in the foreground, and see the namespace alone; everything they write is in
``directory``. A test is skipped where one of them is not installed.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from namespaces import PATH, Namespace, find_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import trustme

KNOT = """
server:
  rundir: {directory}
  pidfile: {directory}/knot.pid
  listen: {address}@53
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {directory}
log:
  - target: stderr
    any: warning
policy:
  - id: test
    algorithm: ecdsap256sha256
    nsec3: off
zone:
  - domain: {zone}
    file: {file}
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: {signing}
    dnssec-policy: test
"""

NSD = """
server:
  ip-address: {address}
  port: 53
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "{directory}"
  database: ""
  zonelistfile: "{directory}/zone.list"
  xfrdfile: "{directory}/xfrd.state"
  xfrdir: "{directory}"
  pidfile: "{directory}/nsd.pid"
  logfile: "{directory}/nsd.log"
remote-control:
  control-enable: no
zone:
  name: {zone}
  zonefile: {file}
"""

# Without a root of its own: what is not in the zone does not exist. RFC 6761 makes every resolver deny “test.”.
UNBOUND = """
server:
  directory: "{directory}"
  pidfile: "{directory}/unbound.pid"
  username: ""
  chroot: ""
  use-syslog: no
  logfile: ""
  num-threads: 1
  {listen}
  access-control: 0.0.0.0/0 allow
  module-config: "validator iterator"
  trust-anchor-file: "{anchor}"
  local-zone: "." static
  local-zone: "{zone}" transparent
remote-control:
  control-enable: no
stub-zone:
  name: "{zone}"
  stub-addr: {authority}
"""

NGINX = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  log_format asked '$scheme://$host$request_uri';
  access_log {directory}/asked.log asked;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  types {{ text/xml xml; }}
  ssl_certificate {directory}/certificate.pem;
  ssl_certificate_key {directory}/key.pem;
{servers}
}}
"""


def start_knot(space: Namespace, directory: Path, address: str, zone: str, file: Path, *, signed: bool) -> None:
    """An authoritative server for ``zone``, which it signs where ``signed``; :func:`trust_anchor` is then there."""
    program = find_program("knotd")
    configuration = directory / "knot.conf"
    signing = "on" if signed else "off"
    configuration.write_text(KNOT.format(directory=directory, address=address, zone=zone, file=file, signing=signing))
    space.start(program, "-c", configuration, log=directory / "knot.log")
    space.wait_for((address, 53))


def trust_anchor(directory: Path, zone: str) -> str:
    """The DS record of the key with which the Knot of ``directory`` signs ``zone``."""
    command = [find_program("keymgr"), "-c", str(directory / "knot.conf"), zone, "ds"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": PATH}).stdout
    # One line a digest algorithm: 2 is SHA-256 (RFC 4509).
    return next(line for line in told.splitlines() if line.split()[4] == "2")


def start_nsd(space: Namespace, directory: Path, address: str, zone: str, file: Path) -> None:
    """An authoritative server for ``zone``."""
    program = find_program("nsd")
    configuration = directory / "nsd.conf"
    configuration.write_text(NSD.format(directory=directory, address=address, zone=zone, file=file))
    space.start(program, "-d", "-c", configuration, log=directory / "nsd.stderr")
    space.wait_for((address, 53))


def start_unbound(
    space: Namespace, directory: Path, addresses: tuple[str, ...], zone: str, *, authority: str, anchor: str
) -> None:
    """A resolver that asks ``authority`` for ``zone`` and validates what it says by the DS record ``anchor``."""
    program = find_program("unbound")
    directory.mkdir()
    (directory / "anchor").write_text(anchor + "\n")
    configuration = directory / "unbound.conf"
    filled = UNBOUND.format(
        directory=directory,
        listen="\n  ".join(f"interface: {address}" for address in addresses),
        anchor=directory / "anchor",
        zone=zone,
        authority=authority,
    )
    configuration.write_text(filled)
    space.start(program, "-d", "-c", configuration, log=directory / "unbound.log")
    space.wait_for(*((address, 53) for address in addresses))


class Nginx:
    """A web server on one address, with a certificate for all of its names.

    ``sites`` has for "https://NAME" or "http://NAME" either a directory, whose files are served, or the URL that every
    request is sent on to. ``asked`` has the URL of every request so far.
    """

    def __init__(self, space: Namespace, directory: Path, address: str, authority: trustme.CA) -> None:
        self._space, self._directory, self._address, self._authority = space, directory, address, authority

    @property
    def asked(self) -> list[str]:
        return (self._directory / "asked.log").read_text().splitlines()

    def start(self, sites: Mapping[str, Path | str]) -> None:
        program = find_program("nginx")
        names = sorted({site.partition("://")[2] for site in sites if site.startswith("https:")})
        certificate = self._authority.issue_cert(*names)
        chain = b"".join(one.bytes() for one in certificate.cert_chain_pems)
        (self._directory / "certificate.pem").write_bytes(chain)
        certificate.private_key_pem.write_to_path(self._directory / "key.pem")
        servers = "\n".join(self._server(site, what) for site, what in sites.items())
        configuration = self._directory / "nginx.conf"
        configuration.write_text(NGINX.format(directory=self._directory, servers=servers))
        # -e: or it complains about the log of the machine, before it has read this file.
        self._space.start(program, "-e", "stderr", "-c", configuration, log=self._directory / "nginx.log")
        ports = {443 if site.startswith("https:") else 80 for site in sites}
        self._space.wait_for(*((self._address, port) for port in sorted(ports)))

    def _server(self, site: str, what: Path | str) -> str:
        scheme, _colon, name = site.partition("://")
        listen = f"{self._address}:443 ssl" if scheme == "https" else f"{self._address}:80"
        answer = f"return 302 {what};" if isinstance(what, str) else f"root {what};"
        return f"  server {{ listen {listen}; server_name {name}; location / {{ {answer} }} }}"
