"""A machine whose network is gone: the command says so, in time, with its document and its exit code."""

from __future__ import annotations

import json
import os
import sys

import pytest
from namespaces import Namespace

from tests.ground import ROOT

pytestmark = pytest.mark.slow

AWAY = "203.0.113.53"
DEADLINE = 6000
"""Milliseconds that a look-up takes at most where nothing else is said."""

CUT = {
    "pulled": None,
    "no route to it": "unreachable",
    "forbidden": "prohibit",
    "swallowed at home": "blackhole",
}
"""What is done with packets to the name server; ENETUNREACH, EHOSTUNREACH, EACCES and EINVAL for who sends them."""

SILENT = """
import signal, socket, sys
listening = [socket.socket(type=kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
for one in listening:
    one.bind((sys.argv[1], 53))
listening[1].listen()
signal.pause()
"""


def run(space: Namespace, *words: str):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = space.run(sys.executable, "-m", "wizard", *words, env=env)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(params=CUT)
def cut_off(request):
    with Namespace(nameserver=AWAY) as space:
        if CUT[request.param] is not None:
            space.route(CUT[request.param], AWAY)
        yield space


def test_a_domain_that_nobody_knows_is_not_found_and_the_reason_is_said(cut_off) -> None:
    done = run(cut_off, "discover", "anna@example.test", "--json")
    assert done.returncode == 4, done
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert [document[one] for one in ("imap", "pop3", "smtp")] == [None] * 3
    assert document["alternatives"] == []
    assert document["elapsed_ms"] < DEADLINE / 2  # nobody has to be waited for
    assert [one["code"] for one in document["warnings"]] == ["no_network"]
    for one in document["sources"]:
        wanted = "nothing" if one["source"] == "catalogue" else "unreachable"
        assert one["outcome"] == wanted, one
        assert one["detail"] or one["source"] == "catalogue", one


def test_a_name_server_that_never_answers_is_waited_for_until_the_deadline(tmp_path) -> None:
    with Namespace(addresses=[AWAY], nameserver=AWAY) as space:
        space.start(sys.executable, "-c", SILENT, AWAY, log=tmp_path / "log")
        space.wait_for((AWAY, 53))
        done = run(space, "discover", "anna@example.test", "--json", "--timeout", "2")
    assert done.returncode == 4, done
    document = json.loads(done.stdout)
    assert 1900 <= document["elapsed_ms"] < 2500
    assert [one["code"] for one in document["warnings"]] == ["no_network"]


def test_a_machine_without_a_name_server_says_so() -> None:
    with Namespace() as space:
        done = run(space, "discover", "anna@example.test", "--json")
        assert done.returncode == 4, done
        document = json.loads(done.stdout)
        assert [one["code"] for one in document["warnings"]] == ["no_network"]
        assert document["elapsed_ms"] < DEADLINE / 2


def test_what_the_program_brought_with_it_is_still_there(cut_off) -> None:
    done = run(cut_off, "discover", "anna@gmail.com", "--json")
    assert done.returncode == 0, done
    document = json.loads(done.stdout)
    assert document["imap"]["source"] == "catalogue"
    assert document["imap"]["verified"] is not True
    assert document["elapsed_ms"] < DEADLINE / 2


def test_files_are_written_of_what_the_program_brought_with_it(cut_off, tmp_path) -> None:
    words = ["--format", "autoconfig,mobileconfig,card", "--protocol", "imap", "--no-input"]
    done = run(cut_off, "export", "anna@gmx.net", *words, "--output", str(tmp_path / "files"))
    assert done.returncode == 0, done
    assert len(list((tmp_path / "files").iterdir())) >= 3
