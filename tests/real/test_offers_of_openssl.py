"""What is found out of real OpenSSL servers held to what an old, or a strict, server takes, and who can use them."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.world import World
from wizard.diagnosis.device_comparison import compare
from wizard.diagnosis.devices import device_named
from wizard.model.servers import Protocol, SocketType
from wizard.net.connect import Network
from wizard.net.mail import Endpoint
from wizard.net.policy import AddressPolicy
from wizard.net.tls_support import TlsSupport, find_tls_support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.net.failures import Failure

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl command"),
]

HOST = "mail.example.test"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


@contextmanager
def openssl_server(
    tmp_path, *options: str, keys: tuple[str, ...] = ("RSA",), name: str = HOST, root: str = ""
) -> Iterator[int]:
    """``openssl s_server`` on a port of loopback; ``keys``: which kinds of certificate it has, issued by ``root``."""
    authority = trustme.CA(organization_name=root or None, key_type=trustme.KeyType.RSA)
    arguments = []
    for number, kind in enumerate(keys):
        leaf = authority.issue_cert(name, key_type=trustme.KeyType[kind])
        path = tmp_path / f"{kind}.pem"
        leaf.private_key_and_cert_chain_pem.write_to_path(path)
        arguments += [("-cert", "-dcert")[number], path, ("-key", "-dkey")[number], path]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", *arguments, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait(10)
        process.stdin.close()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def ask(world: World, port: int) -> TlsSupport | Failure:
    world.dns(HOST, A=["127.0.0.1"])
    network = Network(
        resolver=world.network().resolver,
        policy=AddressPolicy(allow_private=True),
        route=lambda _address, _port: ("127.0.0.1", port),
    )
    return asyncio.run(find_tls_support(network, Endpoint(Protocol.IMAP, HOST, 993, SocketType.SSL), methods=()))


def codes(device: str, offered: TlsSupport | Failure) -> list[str]:
    assert isinstance(offered, TlsSupport)
    return [one.code for one in compare(device_named(device), offered)]


def test_an_openssl_server_held_to_tls_1_0(world, tmp_path):
    with openssl_server(tmp_path, "-tls1", "-cipher", "ALL:@SECLEVEL=0") as port:
        offered = ask(world, port)
    assert offered.versions.accepted == {"1.0"}
    assert offered.versions.refused == {"1.1", "1.2", "1.3"}
    assert offered.keys.accepted == {"rsa"}
    assert offered.keys.refused == {"ecdsa"}
    assert offered.ciphers.accepted == {"cbc"}
    assert codes("thunderbird-115", offered) == ["device_tls_too_old"]
    assert codes("android-4.0", offered) == []


def test_an_openssl_server_with_an_elliptic_key_and_tls_1_2_alone(world, tmp_path):
    with openssl_server(tmp_path, "-tls1_2", keys=("ECDSA",)) as port:
        offered = ask(world, port)
    assert offered.versions.accepted == {"1.2"}
    assert offered.keys.accepted == {"ecdsa"}
    assert offered.keys.refused == {"rsa"}
    assert "gcm_ecdsa" in offered.ciphers.accepted
    assert offered.chains[0][0].key == "EC P-256"
    assert "device_key_type" in codes("windows-xp", offered)
    assert codes("android-5", offered) == []


def test_an_openssl_server_with_both_kinds_of_keys_shows_both_chains(world, tmp_path):
    with openssl_server(tmp_path, "-tls1_2", keys=("ECDSA", "RSA")) as port:
        offered = ask(world, port)
    assert offered.keys.accepted == {"rsa", "ecdsa"}
    assert {chain[0].key for chain in offered.chains} == {"EC P-256", "RSA 2048"}


def test_an_openssl_server_with_aes_gcm_and_ecdhe_alone(world, tmp_path):
    with openssl_server(tmp_path, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256") as port:
        offered = ask(world, port)
    assert offered.ciphers.accepted == {"gcm"}
    assert offered.ciphers.refused >= {"cbc", "gcm_dhe"}
    assert codes("outlook-2013", offered) == ["device_cipher"]
    assert codes("outlook-2016", offered) == []


def test_an_openssl_server_that_takes_another_curve_alone(world, tmp_path):
    with openssl_server(tmp_path, "-tls1_2", "-cipher", "ECDHE", "-groups", "P-384") as port:
        offered = ask(world, port)
    assert offered.versions.accepted == {"1.2"}
    assert offered.curves.refused == {"P-256"}
    assert codes("android-7.0", offered) == ["device_cipher"]
    assert codes("android-7.1", offered) == []


def test_an_openssl_server_that_shows_its_certificate_by_name_only(world, tmp_path):
    other = tmp_path / "other.pem"
    leaf = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(HOST, key_type=trustme.KeyType.RSA)
    leaf.private_key_and_cert_chain_pem.write_to_path(other)
    named = ("-servername", HOST, "-cert2", other, "-key2", other)
    with openssl_server(tmp_path, *map(str, named), name="default.example.net") as port:
        offered = ask(world, port)
    assert offered.needs_name is True
    assert "device_no_sni" in codes("android-2.3", offered)
    assert codes("android-5", offered) == []


def test_an_old_android_at_a_server_of_today_with_a_root_that_it_does_not_know(world, tmp_path):
    """The telephone fails after years, while the computer and the tablet still work."""
    with openssl_server(tmp_path, "-no_tls1", "-no_tls1_1", root="ISRG Root X1") as port:
        offered = ask(world, port)
    assert codes("android-4.4", offered) == ["device_tls_too_old", "device_root_missing"]
    assert codes("ipad", offered) == []
    assert codes("macos", offered) == []


def test_outlook_2010_on_windows_7_at_a_server_with_tls_1_2_alone(world, tmp_path):
    with openssl_server(tmp_path, "-tls1_2") as port:
        offered = ask(world, port)
    assert codes("outlook-2010", offered) == ["device_tls_too_old"]
    assert codes("outlook-2016", offered) == []


def test_a_server_with_tls_1_3_alone(world, tmp_path):
    with openssl_server(tmp_path, "-tls1_3") as port:
        offered = ask(world, port)
    assert codes("android-8", offered) == ["device_tls_too_old"]
    assert codes("android-10", offered) == []


def test_a_certificate_that_is_signed_with_sha_1(world, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "sha1.pem"
    request = ("req", "-x509", "-sha1", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}")
    subprocess.run(
        ["openssl", *request, "-keyout", key, "-out", certificate, "-addext", f"subjectAltName=DNS:{HOST}"],
        check=True,
        capture_output=True,
    )
    strictness = ("-cipher", "DEFAULT:@SECLEVEL=0")
    with openssl_server(tmp_path, "-cert", str(certificate), "-key", str(key), *strictness, keys=()) as port:
        offered = ask(world, port)
    assert codes("ios-15", offered) == ["device_signature"]
    assert "device_signature" not in codes("android-4.4", offered)
