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
UNUSED = ("cacheprovider", "xdist", "hypothesispytest")
PYTEST = (sys.executable, "-m", "pytest", "-q", *(word for name in UNUSED for word in ("-p", f"no:{name}")))


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
        [*PYTEST, "-p", "conftest", "-W", "ignore", *options],
        cwd=folder,
        env={**env, "PYTHONPATH": paths, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, str]:
    """What pytest says of tests that are skipped for several reasons, in CI and on a user's machine."""
    folder = tmp_path_factory.mktemp("skipping")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = slow: a real program\n")
    (folder / "test_skips.py").write_text(
        "import pytest\n"
        "@pytest.mark.slow\ndef test_real():\n    pytest.skip('no browser here')\n"
        "def test_ordinary():\n    pytest.skip('another system')\n"
    )
    (folder / "real").mkdir()
    (folder / "real" / "test_browser.py").write_text(
        "import pytest\npytest.skip('a whole module', allow_module_level=True)\n"
    )
    (folder / "test_data.py").write_text("def test_it(shared_data):\n    pass\n")
    options = ("-rA", "--continue-on-collection-errors")
    return {
        in_ci: run_pytest(folder, *options, MAIL_WIZARD_SHARED="/nowhere", **({"CI": "true"} if in_ci else {})).stdout
        for in_ci in (False, True)
    }


def test_on_a_user_s_machine_tests_may_be_skipped_for_any_reason(outcomes):
    assert "4 skipped" in outcomes[False]
    assert "failed" not in outcomes[False]
    assert "error" not in outcomes[False].lower()


def test_a_skipped_real_test_fails_in_ci_and_an_ordinary_one_does_not(outcomes):
    assert "FAILED test_skips.py::test_real" in outcomes[True]
    assert "1 failed, 1 skipped" in outcomes[True]
    assert "no browser here" in outcomes[True]


def test_a_module_of_real_tests_that_is_skipped_as_a_whole_fails_in_ci(outcomes):
    assert "ERROR real/test_browser.py" in outcomes[True]


def test_data_that_is_missing_fails_in_ci(outcomes):
    assert "ERROR test_data.py::test_it" in outcomes[True]
