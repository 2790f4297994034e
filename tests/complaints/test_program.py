"""What somebody reports who knows the program and the words on its screen: what they mean, and what to set."""

from __future__ import annotations

import pytest

from tests.cli.doctor_runs import ADDRESS, PRINTING, USERS, codes, document

pytestmark = pytest.mark.usefixtures("secret")

HOST = "mail.example.test"
LOGIN = ("--login", "--password-command", PRINTING)


@pytest.fixture
def secret(tmp_path):
    """A file with the password of the user."""
    from tests.cli.doctor_runs import CANARY

    (tmp_path / "secret").write_text(CANARY + "\n", encoding="utf-8")


# --- a server that lets only programs in that say which they are


@pytest.mark.parametrize("answer", ["OK Done", "NO I do not care", "BAD Unknown command"])
def test_a_server_that_wants_to_know_the_program_lets_the_doctor_in(online, answer):
    online.machine(HOST, ports=(993,), users=USERS, wants_id=True, id_answer=answer)
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, *LOGIN), 0)
    assert codes(made) == []
    rungs = {rung["name"]: rung for rung in made["targets"][0]["rungs"]}
    assert rungs["mailbox"]["status"] == "ok"
    assert rungs["mailbox"]["detail"] == "INBOX: 3"
    said = [command for command in online.world.mail_commands() if " ID " in command]
    assert len(said) == 1
    assert '"name" "mail-wizard"' in said[0]
    assert "anna" not in said[0]
    assert len(online.world.logins) == 1


def test_a_server_that_does_not_ask_is_told_nothing(online):
    online.machine(HOST, ports=(993,), users=USERS)
    document(online.run("doctor", ADDRESS, "--json", "--imap", HOST, *LOGIN), 0)
    assert not [command for command in online.world.mail_commands() if " ID " in command]
