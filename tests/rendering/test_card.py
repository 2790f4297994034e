"""The card: all that is typed, what is doubtful, and a page that is safe and readable."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from sample_accounts import HOSTILE, KEEP_14, MATRIX, OAUTH2, REMOVE, make

from wizard.model.notice import Notice
from wizard.model.provider import FactSource, Provider, Step
from wizard.model.recommendation import Confidence, Option, Recommendation
from wizard.model.servers import ClientConfig, Protocol, SocketType
from wizard.rendering.registry import card_programs
from wizard.rendering.render import About, Refusal, render

CONFIRMED = FactSource("a guide", "2026-11", "confirmed")
UNVERIFIED = FactSource("hearsay", "2026-11", "unverified")
PROVIDER = Provider(
    id="example",
    name="Example Mail",
    config=ClientConfig("example", (), "Example Mail", (), ()),
    mx_suffixes=(),
    offers="both",
    password_kind="app_password",
    source=CONFIRMED,
    switch_on=(
        Step("Switch on IMAP in the settings.", (Protocol.IMAP,), CONFIRMED, "https://example.org/settings"),
        Step("Switch on POP3 in the settings.", (Protocol.POP3,), UNVERIFIED),
        Step("Click here.", (), CONFIRMED, "javascript:alert(1)"),
    ),
)
ADVICE = Recommendation(
    option=Option.POP_KEEP,
    confidence=Confidence.CLEAR,
    scores={},
    leave_days=14,
    leave_reason="Fourteen days cover a holiday.",
    headline="POP3 is right for you.",
    tomorrow=("What you send stays here.",),
    warnings=(Notice("check_backup", "Check the backup first."),),
)


def card(account, about: About | None = None) -> tuple[str, str]:
    made = render("card", account, about)
    assert not isinstance(made, Refusal), made
    page, text = made
    return page.content.decode(), text.content.decode()


class Words(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.skipping = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.skipping = tag == "style"

    def handle_data(self, data):
        if not self.skipping:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.mark.parametrize("name", MATRIX)
def test_both_cards_hold_everything_that_is_typed(name: str) -> None:
    account = MATRIX[name]
    page, text = card(account)
    for shown in (Words(page).text, text):
        for server in (account.incoming, account.outgoing):
            for value in (server.hostname, str(server.port), server.username):
                assert value in shown
        assert ("SSL/TLS" if account.incoming.socket_type is SocketType.SSL else "STARTTLS") in shown


def test_the_steps_at_the_provider_come_first_for_this_protocol_and_doubt_is_said() -> None:
    for shown in (Words(card(make(), About(provider=PROVIDER))[0]).text, card(make(), About(provider=PROVIDER))[1]):
        assert "Switch on IMAP" in shown
        assert "Switch on POP3" not in shown
        assert "https://example.org/settings" in shown
        assert "not verified by us" not in shown
        assert shown.index("Switch on IMAP") < shown.index("imap.example.org")
        assert "an app password that Example Mail makes for you" in shown
    for shown in card(make(protocol=Protocol.POP3), About(provider=PROVIDER)):
        assert "not verified by us" in shown


def test_a_link_that_leads_nowhere_on_the_web_is_left_out() -> None:
    assert "javascript" not in card(make(), About(provider=PROVIDER))[0]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (About(verified=None), "Not tried yet"),
        (About(verified=False), "Not confirmed"),
        (About(verified=None, guessed=True), "These servers are a guess"),
    ],
)
def test_what_nobody_verified_is_said(about: About, words: str) -> None:
    for shown in card(make(), about):
        assert words in shown


def test_verified_servers_are_shown_without_doubt() -> None:
    page, text = card(make(), About(verified=True))
    assert "! " not in text
    assert 'class="doubt"' not in page


def test_an_unencrypted_account_is_called_so() -> None:
    for shown in card(make(security=SocketType.PLAIN), About(verified=True)):
        assert "Not encrypted" in shown


def test_the_advice_is_on_the_card_when_it_was_followed() -> None:
    for shown in card(make(protocol=Protocol.POP3), About(recommendation=ADVICE)):
        for sentence in (ADVICE.headline, ADVICE.leave_reason, ADVICE.tomorrow[0], ADVICE.warnings[0].text):
            assert sentence in shown
        assert "stay on the server for 14 days" in shown


@pytest.mark.parametrize("account", [make(), make(protocol=Protocol.POP3, leave=REMOVE)])
def test_the_advice_is_not_on_the_card_when_the_person_decided_otherwise(account) -> None:
    for shown in card(account, About(recommendation=ADVICE)):
        assert ADVICE.headline not in shown
        assert ADVICE.leave_reason not in shown


def test_oauth2_alone_has_no_password_to_type() -> None:
    for shown in card(make(methods=OAUTH2)):
        assert "no password: the program opens the sign-in page" in shown.replace("\n", " ")


def test_each_program_has_its_own_words() -> None:
    page, text = card(make(protocol=Protocol.POP3, security=SocketType.STARTTLS, leave=KEEP_14))
    for program in card_programs():
        assert program.name in Words(page).text
        assert program.name in text
    assert "TLS" in re.search(r"Samsung Email\n.*\n *Security: (.*)", text).group(1)


def test_imap_has_no_column_about_messages_left_on_the_server() -> None:
    for shown in card(make()):
        assert "Messages on the server" not in shown
    for shown in card(make(protocol=Protocol.POP3)):
        assert "Messages on the server" in shown


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_text_on_the_page_and_nothing_else(value: str) -> None:
    joined = "\u200d" in value
    page, text = card(make(username="u" if joined else value, name=value, provider=value, leave=KEEP_14))
    read = Words(page)
    assert value in "".join(read.words)
    assert [tag for tag, _ in read.tags] == [
        tag for tag, _ in Words(card(make(username="u", name="n", provider="p"))[0]).tags
    ]
    assert value in text


def test_the_page_has_a_language_headings_and_scopes_and_no_script() -> None:
    read = Words(card(make(protocol=Protocol.POP3), About(provider=PROVIDER, recommendation=ADVICE))[0])
    tags = read.tags
    assert ("html", {"lang": "en"}) in tags
    assert [tag for tag, _ in tags].count("h1") == 1
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in tags if tag == "th")
    assert not {"script", "img", "iframe", "link", "form"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "src"]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_enough_contrast_in_light_and_dark() -> None:
    page, _ = card(make())
    palettes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    ]
    assert len(palettes) == 3
    for palette in palettes[:2]:
        for ink, paper in (
            ("ink", "paper"),
            ("soft", "paper"),
            ("soft", "tint"),
            ("ink", "tint"),
            ("accent", "paper"),
            ("warn", "warn-back"),
            ("warn", "paper"),
        ):
            light, dark = sorted((_luminance(palette[ink]), _luminance(palette[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_the_text_has_72_columns_and_no_control_character() -> None:
    for account in MATRIX.values():
        text = card(account, About(provider=PROVIDER, recommendation=ADVICE))[1]
        assert max(map(len, text.splitlines())) <= 72
        assert all(character == "\n" or character.isprintable() for character in text)
        assert not text.startswith("\n")
        assert text.endswith("\n")
        assert "\n\n\n" not in text
