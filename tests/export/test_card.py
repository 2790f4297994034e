"""The card: all that is typed, what is doubtful, and a page that is safe and readable."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from sample_accounts import HOSTILE, KEEP_14, MATRIX, OAUTH2, REMOVE, make

from wizard.export.registry import card_programs
from wizard.export.render import About, Refusal, render
from wizard.model.problems import Notice, Problem
from wizard.model.provider import FactSource, Provider, Step
from wizard.model.recommendation import Confidence, Option, Recommendation
from wizard.model.servers import ClientConfig, Protocol, SocketType

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


def page_of(shown: str, program: str) -> str:
    """The part of the page that is about one program."""
    start = shown.index(f"<h2>What to type: {program}</h2>")
    return shown[start : shown.index("</section>", start)]


@pytest.mark.parametrize("name", MATRIX)
def test_every_program_has_a_page_with_every_value_under_its_own_labels(name: str) -> None:
    account = MATRIX[name]
    page, _text = card(account)
    for program in card_programs():
        words = Words(page_of(page, program.name)).text
        for server in (account.incoming, account.outgoing):
            for value in (server.hostname, str(server.port), server.username):
                assert value in words, (program.name, value)
        assert account.incoming.protocol.value.upper() in words


def test_a_label_is_what_the_screen_of_the_program_says() -> None:
    page, _text = card(make(protocol=Protocol.POP3, security=SocketType.STARTTLS))
    labels = {
        program.name: re.findall(r'<th scope="row">(.*?)</th><td>(?:<code>)?(.*?)<', page_of(page, program.name))
        for program in card_programs()
    }
    assert ("Connection security", "STARTTLS") in labels["Thunderbird"]
    assert ("Secure connection type", "STARTTLS") in labels["Outlook (new)"]
    assert ("Security type", "TLS") in labels["Samsung Email"]
    assert ("Use SSL", "on") in labels["iPhone, iPad"]
    assert ("IMAP or POP", "POP3") in labels["iPhone, iPad"]


def test_one_program_can_be_chosen_without_a_script_and_the_page_for_all_is_what_is_shown_first() -> None:
    page, _text = card(make())
    tags = [attributes for tag, attributes in Words(page).tags if tag == "input"]
    assert [tag["type"] for tag in tags] == ["radio"] * (len(card_programs()) + 1)
    assert [tag["id"] for tag in tags if "checked" in tag] == ["p0"]
    labels = {attributes["for"] for tag, attributes in Words(page).tags if tag == "label"}
    assert labels == {tag["id"] for tag in tags}
    assert all(f"main:has(#{tag['id']}:checked) .{tag['id']} {{ display: block; }}" in page for tag in tags[1:])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("screens:\n  Thunderbird:\n    - title: x\n      fields: [{label: y, value: hots}]\n", "line 4"),
        ("screens:\n  Thunderbirt: []\n", "Did you mean Thunderbird"),
        ("screens:\n  Thunderbird:\n    - title: x\n      fields: [{label: y}]\n", "either “value” or “text”"),
    ],
)
def test_what_is_wrong_in_somebody_s_screens_is_named(tmp_path, text: str, said: str) -> None:
    (tmp_path / "screens.yaml").write_text(text)
    with pytest.raises(Problem) as caught:
        card(make(), About(own_templates=tmp_path))
    assert said in str(caught.value)
    assert "screens.yaml" in str(caught.value)


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
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
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
