"""What every test stands on: a closed network, a home of its own, English, and no colours by accident."""

from __future__ import annotations

import gc
import importlib.util
import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.ground import IN_CI, ROOT, examples, shared
from tests.in_process import INTERRUPTIBLE, run_in_process
from wizard import language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.online import Online

CLOSED_NETWORK = ROOT / "tests" / "closed_network"

SPEAKING = ("LANG", "LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANGUAGE")
LOOKING = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM")
ASKING = ("MAIL_WIZARD_ISPDB_URL", "SSL_CERT_FILE", "SSL_CERT_DIR")
HOMES = {
    "HOME": "",
    "USERPROFILE": "",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
}

hypothesis.settings.register_profile("here", deadline=None, max_examples=examples(100))
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "here")


def _close_network() -> None:
    # Not by name: a module called sitecustomize is already loaded on many machines.
    spec = importlib.util.spec_from_file_location("closed_network", CLOSED_NETWORK / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.close_network()


_close_network()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no collection of garbage has to look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Whether golden files are to be written anew; look at the difference before you commit it."""
    return bool(pytestconfig.getoption("--update-golden"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a test that is marked slow may not be skipped: the real programs must be there."""
    report = yield
    if IN_CI and report.skipped and item.get_closest_marker("slow") is not None:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} is marked slow and was skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """In CI the tests of real programs may not be skipped as a module either (importorskip, for one)."""
    report = yield
    if IN_CI and report.skipped and "real" in collector.nodeid.split("/"):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped as a whole, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """New places for homes. ``mktemp`` for each of them would list all the others before."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> Path:
    """An empty home, and an environment that speaks no language and asks for no colours."""
    home = next(homes)
    home.mkdir()
    for name, folder in HOMES.items():
        monkeypatch.setenv(name, str(home / folder))
    for name in (*SPEAKING, *LOOKING, *ASKING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return home


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins and ends in English."""
    language.activate("en")
    yield
    language.activate("en")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of test data beside the project; see :func:`tests.ground.shared` for when it is not there."""
    return shared("data")


@dataclass(frozen=True)
class Ran:
    """What a finished command left behind."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def cli_environment(own_home: Path) -> dict[str, str]:
    """The environment for the program as a child process: this checkout, and the network closed there too."""
    paths = [str(ROOT), str(CLOSED_NETWORK)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}


@pytest.fixture
def run_cli(cli_environment: dict[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """``run_cli("recommend", "--json", stdin="…", env={…}, cwd=…)``: the command, within this process.

    Without ``stdin`` there is none, as in a script. The working directory is the test's ``tmp_path``. With
    ``process=True`` it is a process of its own, as with ``command``, which is then what is started.
    """

    def run(
        *arguments: str | Path,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
        process: bool = False,
        command: Sequence[str] = (),
    ) -> Ran:
        words, environment, folder = [*map(str, arguments)], {**cli_environment, **(env or {})}, cwd or tmp_path
        if not process and not command:
            return Ran(*run_in_process(words, env=environment, cwd=folder, stdin=stdin))
        feed = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin.encode()}
        done = subprocess.run(
            [*(command or (sys.executable, "-m", "wizard")), *words],
            **feed,
            capture_output=True,
            env=environment,
            cwd=folder,
            timeout=timeout,
            check=False,
            **INTERRUPTIBLE,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def online(cli_environment, run_cli, tmp_path) -> Iterator[Online]:
    """An internet of our own, and the real command in it (:mod:`tests.online`)."""
    import pytest_socket

    from tests.online import Online

    made = Online(cli_environment, run_cli, tmp_path / "work")
    # 127.0.0.1 alone is allowed elsewhere; the closed network lets nothing beyond 127.0.0.0/8 out.
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", *made.addresses], allow_unix_socket=True)
    with made.world:
        yield made


@pytest.fixture
def healthy(online):
    """A domain with SRV records and servers as they should be, in which a user can log in."""
    from tests.cli.doctor_runs import USERS

    online.machine("mail.example.test", users=USERS)
    online.srv("example.test", "mail.example.test")
    return online


@pytest.fixture
def secret(tmp_path) -> Path:
    """A file with the password of the user."""
    from tests.cli.doctor_runs import CANARY

    path = tmp_path / "secret"
    path.write_text(CANARY + "\n", encoding="utf-8")
    return path
