"""Time and memory of every reader are bounded by its input: at most 2 s and 100 MB for 1 MiB, whatever is in it."""

from __future__ import annotations

import gc
import json
import os
import sys
import time

import pytest

from tests.programs import hostile_files as hostile
from wizard.app.settings_files import accounts_in
from wizard.model.address import parse_address
from wizard.model.problems import Problem
from wizard.programs.autoconfig import read_autoconfig
from wizard.programs.pacc import read_pacc
from wizard.resources.documents import decode, parse_document

ANNA = parse_address("anna@example.test")
SECONDS, MEGABYTES = 2.0, 100.0

GROUPS = {
    "anything": hostile.anything,
    "XML of mail": lambda: hostile.xml("clientConfig"),
    "XML of Autodiscover": lambda: hostile.xml("Autodiscover"),
    "XML of K-9": lambda: hostile.xml("k9settings"),
    "XML of Apple": lambda: hostile.xml("plist"),
    "autoconfig": hostile.autoconfig,
    "property lists": hostile.plist,
    "data": hostile.data,
    "pictures": hostile.pictures,
}


def spent(read, content: bytes) -> tuple[float, float, str]:
    """Seconds of the processor, megabytes and what was raised beside a Problem, in a process of its own."""
    import resource

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        wrong = ""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.process_time()
        try:
            read(content)
        except Problem:
            pass
        except BaseException as error:
            wrong = f"{type(error).__name__}: {error}"[:200]
        seconds = time.process_time() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        os.write(writing, json.dumps([seconds, grown, wrong]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return tuple(json.loads(said)) if said else (0.0, 0.0, "the process died")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's account of a child is that of Linux")
@pytest.mark.parametrize("group", GROUPS)
def test_a_hostile_file_of_1_mib(group):
    readers = {name: lambda content, read=read: read(content, "file") for name, read in hostile.readers().items()}
    readers["any"] = lambda content: accounts_in(content, "file")
    readers["published file"] = lambda content: read_autoconfig(content, "file")
    readers["PACC"] = lambda content: read_pacc(content, "file", ANNA)
    readers["answers"] = lambda content: parse_document(decode(content, "file"), "file")
    gc.collect()
    faults = []
    for case, content in GROUPS[group]().items():
        for name, read in readers.items():
            seconds, grown, wrong = spent(read, content)
            if seconds > SECONDS or grown > MEGABYTES or wrong:
                faults.append(f"{name}, {case}: {seconds:.2f} s, {grown:.0f} MB {wrong}")
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="as above")
def test_a_hostile_part_within_a_file_of_its_format():
    faults = []
    for name, read in hostile.readers().items():
        original = hostile.golden()[name][0].read_bytes() if name in hostile.golden() else b""
        half = len(original) // 2
        for case, part in hostile.anything().items():
            content = original[:half] + part[: hostile.SIZE - len(original)] + original[half:]
            seconds, grown, wrong = spent(lambda content, read=read: read(content, "file"), content)
            if seconds > SECONDS or grown > MEGABYTES or wrong:
                faults.append(f"{name}, {case}: {seconds:.2f} s, {grown:.0f} MB {wrong}")
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)
