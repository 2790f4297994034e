"""A text to correct the catalogue with: what it says, what the servers say now, and nothing about a person."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from wizard.app.provider_report import provider_report
from wizard.discovery.catalogue import provider_named
from wizard.discovery.context import LookUpOptions


def test_what_the_servers_say_now_stands_beside_what_the_catalogue_says(online, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(online.world.ca_file))
    online.machine("posteo.de", ports=(993,))
    found = provider_named("posteo")
    assert found is not None
    text = provider_report(found, LookUpOptions(resolver=online.world.resolver, allow_private=True))
    assert "IMAP posteo.de 993: answers, certificate valid" in text
    assert "POP3 posteo.de 995: fails at tcp" in text
    assert "2026-11" in text
    assert "@" not in text.replace("%EMAILADDRESS%", "")


def test_without_a_network_only_the_catalogue_speaks(run_cli):
    ran = run_cli("providers", "gmx", "--report", "--offline")
    assert ran.code == 0
    assert "imap.gmx.net 993" in ran.stdout
    assert "say now" not in ran.stdout
    document = json.loads(run_cli("providers", "gmx", "--report", "--offline", "--json").stdout)
    assert document["report"] == ran.stdout


def test_a_report_is_about_one_provider(run_cli):
    ran = run_cli("providers", "--report")
    assert (ran.code, "Name the provider" in ran.stderr) == (2, True)


def test_a_fact_that_is_more_than_two_years_old_says_so(run_cli, monkeypatch):
    assert "more than two years old" not in run_cli("providers", "gmx").stdout
    monkeypatch.setattr("wizard.discovery.report.YEARS_FRESH", -1)
    assert "more than two years old" in run_cli("providers", "gmx").stdout


def test_the_next_facts_to_look_at_are_listed():
    tool = Path(__file__).resolve().parents[2] / "tools" / "catalogue_age.py"
    shown = subprocess.run([sys.executable, str(tool), "3"], capture_output=True, text=True, check=True).stdout
    assert shown.count("\n") == 8
    assert "2026-11-24" in shown
