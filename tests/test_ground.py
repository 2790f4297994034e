"""The ground that the tests stand on: it must itself be seen to hold."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from wizard import language

TESTS = Path(__file__).resolve().parent


def test_a_datagram_to_another_machine_is_refused():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(RuntimeError, match="this machine only"),
    ):
        sender.sendto(b"?", ("192.0.2.1", 53))


def test_a_name_is_not_looked_up():
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.getaddrinfo("example.org", 443)


def test_a_connection_to_another_machine_is_refused_even_where_exceptions_are_not_raised():
    with socket.socket() as caller, pytest.raises(RuntimeError):
        caller.connect_ex(("192.0.2.1", 443))


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=5) as caller:
            caller.sendall(b"hello")
        connection, _address = server.accept()
        with connection:
            assert connection.recv(5) == b"hello"


def test_a_program_that_a_test_starts_cannot_leave_this_machine_either(cli_environment):
    code = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env=cli_environment, capture_output=True, check=False)
    assert b"NetworkClosedError" in done.stderr


def test_the_home_is_empty_and_not_the_person_s(own_home):
    assert Path.home() == own_home
    assert not list(own_home.iterdir())


def test_no_language_is_set_by_the_machine():
    assert language.choose(None, os.environ) == "en"


def run_pytest(folder: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "-W", "ignore", *options],
        cwd=folder,
        env={**env, "PYTHONPATH": paths, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def skipping(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow: a real program\n")
    (tmp_path / "test_skips.py").write_text(
        "import pytest\n"
        "@pytest.mark.slow\ndef test_real():\n    pytest.skip('no browser here')\n"
        "def test_ordinary():\n    pytest.skip('another system')\n"
    )
    return tmp_path


def test_a_real_test_may_be_skipped_on_a_user_s_machine(skipping):
    assert run_pytest(skipping).returncode == 0


def test_a_skipped_real_test_fails_in_ci_and_an_ordinary_one_does_not(skipping):
    done = run_pytest(skipping, CI="true")
    assert done.returncode == 1
    assert "1 failed, 1 skipped" in done.stdout
    assert "no browser here" in done.stdout


def test_a_module_of_real_tests_that_is_skipped_as_a_whole_fails_in_ci(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "test_browser.py").write_text(
        "import pytest\npytest.skip('no browser here', allow_module_level=True)\n"
    )
    assert run_pytest(tmp_path, CI="true").returncode != 0
    assert run_pytest(tmp_path).returncode == 5  # nothing ran, nothing failed


@pytest.fixture
def wanting_data(tmp_path: Path) -> Path:
    (tmp_path / "test_data.py").write_text("def test_it(shared_data):\n    pass\n")
    return tmp_path


def test_data_that_is_missing_skips_here_and_fails_in_ci(wanting_data):
    named = {"MAIL_WIZARD_SHARED": "/nowhere"}
    assert "1 skipped" in run_pytest(wanting_data, **named).stdout
    assert "1 error" in run_pytest(wanting_data, **named, CI="true").stdout
