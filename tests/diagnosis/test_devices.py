"""The devices that are known, how one is found by name, and the data of devices.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from wizard.diagnosis.devices import device_data, device_list, device_named, devices, read_devices
from wizard.model.problems import Problem
from wizard.resources.templates import templates_root

if TYPE_CHECKING:
    from pathlib import Path

FILE = templates_root() / "devices.yaml"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Android 4.4", "android-4.4"),
        ("KitKat", "android-4.4"),
        ("outlook 2010", "outlook-2010"),
        ("Outlook-2010", "outlook-2010"),
        ("windows 7", "outlook-2010"),
        ("Windows XP", "windows-xp"),
        ("old iPad", "ios-9"),
        ("The built-in program of Android 4.4 (KitKat)", "android-4.4"),
    ],
)
def test_a_device_is_found_by_what_people_call_it(said, meant):
    assert device_named(said).id == meant


def test_an_unknown_device_names_the_nearest():
    with pytest.raises(Problem, match=r"“Androyd 4.4” is not known. Did you mean android-4.4\?"):
        device_named("Androyd 4.4")


def test_a_device_that_is_like_none_names_the_list():
    with pytest.raises(Problem, match="--device list"):
        device_named("\x1b[2Jzzzzqqq")


def test_the_list_names_every_device_and_what_it_speaks():
    rows = device_list()
    assert [row["id"] for row in rows] == [device.id for device in devices()]
    kitkat = next(row for row in rows if row["id"] == "android-4.4")
    assert kitkat["tls"] == ["1.0"]
    assert kitkat["tls_after_a_change"] == ["1.1", "1.2"]
    assert kitkat["roots"] == "android 4.4.4"


def test_every_fact_has_a_source_and_every_source_a_day():
    for device in devices():
        library = device.library
        facts = [library.on, library.keys, library.ciphers, library.curves, library.sends_name, library.signatures]
        for source in [fact.source for fact in (*facts, device.methods, device.oauth2)] + [device.store.source]:
            assert source.reference
            assert re.fullmatch(r"20\d\d-\d\d-\d\d", source.checked_on)
            assert source.confidence in ("confirmed", "reported", "unverified")
    for known in (*device_data().roots.values(), *device_data().providers):
        assert known.source.reference
    for root in device_data().roots.values():
        assert root.made is None or root.made.source.confidence == "confirmed", root.name


def test_what_is_confirmed_or_reported_can_be_looked_up():
    for device in devices():
        for source in (device.library.on.source, device.store.source, device.oauth2.source):
            assert source.url or source.confidence == "unverified"


def test_every_source_family_library_and_help_is_used():
    from wizard.resources.documents import read_document

    data = read_document(FILE, bundled=True).data
    text = FILE.read_text(encoding="utf-8")
    for name in data["sources"]:
        assert re.search(rf"source: {re.escape(name)}\b", text), name
    assert {entry["library"] for entry in data["devices"].values()} == set(data["libraries"])
    assert {entry["family"] for entry in data["devices"].values()} == set(data["families"])
    assert {name for family in data["families"].values() for names in family.values() for name in names} == set(
        data["helps"]
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("confidence: confirmed", "confidence: sure", r"line 13, sources\.android-sslsocket\.confidence: .*“sure”"),
        ('checked_on: "2026-11-25"', 'checked_on: "25.11.2026"', r"line 12, .*checked_on: A date is expected"),
        (
            "source: android-sslsocket}",
            "source: android-sslsokket}",
            r"libraries\.android-2\.3\.tls\.source: .*Did you",
        ),
        ("types: [rsa], source: ssllabs", "types: [rsa]", r"libraries\.android-2\.3\.keys: .*“source” is missing"),
        ("families: [cbc, 3des, rc4]", "families: [cbc, 3dez]", r"ciphers\.families\.1: .*Did you mean 3des"),
        (
            "    library: android-2.3\n",
            "    library: android-2.33\n",
            r"devices\.android-2\.3\.library: .*Did you mean",
        ),
        ('ios: "10"', "ios: 10.1.", r"roots\.ISRG Root X1\.in\.ios: A version"),
        ("hosts: [gmail.com,", "hosts: [http://gmail.com,", r"providers\.google\.hosts\.0: A host name"),
        ("sent: false", "sent: no", r"libraries\.android-2\.3\.sni\.sent: True or false"),
        ("also: [gingerbread]", "also: [kitkat]", r"devices\.android-4\.4: “kitkat” is listed twice"),
        (
            "at {provider} itself",
            "at {host} itself",
            r"helps\.oauth2_program: “host” cannot stand in braces",
        ),
        ('    ended: "2024-09-30"\n', "", r"roots\.DST Root CA X3: The key “in” is missing"),
        ("    old_tls_source: microsoft-old-tls\n", "", r"providers\.\S+: The key “old_tls_source” is missing"),
        ("      how: Use K-9", "      hew: Use K-9", r"libraries\.android-4\.1\.tls\.hew: .*Did you mean how"),
    ],
)
def test_a_mistake_in_the_file_names_line_and_key(tmp_path: Path, old, new, said):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "devices.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem, match=said) as problem:
        read_devices(path)
    assert problem.value.place.file == str(path)
    assert problem.value.place.line is not None


def test_a_change_without_saying_how_is_a_mistake(tmp_path: Path):
    text = FILE.read_text(encoding="utf-8")
    path = tmp_path / "devices.yaml"
    path.write_text(re.sub(r"\n      how: Use K-9[^\n]*", "", text), encoding="utf-8")
    with pytest.raises(Problem, match="“how” is missing"):
        read_devices(path)


def test_a_file_of_one_s_own_shadows_the_bundled_one(tmp_path: Path):
    text = FILE.read_text(encoding="utf-8")
    (tmp_path / "devices.yaml").write_text(
        text.replace("also: [gingerbread]", "also: [my old phone]"), encoding="utf-8"
    )
    assert device_named("my old phone", tmp_path).id == "android-2.3"
    with pytest.raises(Problem):
        device_named("my old phone")
