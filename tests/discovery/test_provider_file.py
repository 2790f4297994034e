"""A provider's file: what is wrong is named with file, line and key, and the nearest valid value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.app.provider import provider_document
from wizard.discovery.provider_file import load_provider
from wizard.model.problems import ExitCode, Problem
from wizard.model.provider_facts import KINDS, MailFolder, SendingLimits
from wizard.model.servers import Protocol, SocketType
from wizard.wording.provider_facts import fact_sentences

GOOD = """\
id: example
name: Example Mail
country: IT
domains:
  guide: [example.org, xn--bcher-kva.example]
mx_suffixes:
  hearsay: [mx.example.org]
incoming:
  - protocol: imap
    host: imap.example.org
    port: 993
    socket_type: SSL
    username: "%EMAILADDRESS%"
    authentication: [OAuth2, password-cleartext]
    source: guide
  - protocol: pop3
    host: pop.%EMAILDOMAIN%
    port: 110
    socket_type: STARTTLS
    username: "%EMAILLOCALPART%"
    authentication: [password-encrypted]
    source: hearsay
outgoing:
  - host: smtp.example.org
    port: 465
    socket_type: SSL
    username: "%EMAILADDRESS%"
    authentication: [password-cleartext]
    source: guide
offers:
  protocols: both
  source: guide
password:
  kind: app_password
  source: guide
switch_on:
  - text: Switch it on.
    protocols: [pop3]
    url: "https://example.org/on"
    source: hearsay
quirks:
  - code: odd
    text: It is odd.
    protocols: [imap]
    source: guide
facts:
  inactivity: {days: 90, removes: mail, program_counts: true, source: guide}
  retention:
    - {folder: trash, days: 7, source: guide}
    - {folder: junk, days: 30, source: hearsay}
  paid_only: {protocols: [imap], source: guide}
  free_space: {megabytes: 3000, source: guide}
  password_ends: {days: 90, source: guide}
  pop_fetches: {misses: [junk], source: guide}
  folders: {sent: INBOX.Inviata, trash: Cestino, source: guide}
  connections: {most: 15, source: guide}
  sending: {per_minute: 6, recipients: 100, source: guide}
  sender_domain: {source: guide}
  imap_id: {source: guide}
  oauth2: {issuer: accounts.example.org, protocols: [imap, smtp], source: guide}
quota:
  hint: tight
  text: 1 GB
  source: guide
certified_mail:
  source: guide
smtp_must_match:
  source: guide
documentation:
  - "https://example.org/help"
sources:
  guide:
    reference: Its own guide
    url: "https://example.org/guide"
    checked_on: "2026-11-24"
    confidence: confirmed
  hearsay:
    reference: Somebody said so
    checked_on: "2026-11-24"
    confidence: unverified
"""


def test_every_key_arrives_with_its_source(write):
    provider = load_provider(write(GOOD))
    assert (provider.id, provider.name, provider.country, provider.offers, provider.password_kind) == (
        "example",
        "Example Mail",
        "IT",
        "both",
        "app_password",
    )
    assert [str(domain) for domain in provider.config.domains] == ["example.org", "xn--bcher-kva.example"]
    imap, pop3 = provider.config.incoming
    assert (imap.protocol, imap.hostname, imap.port, imap.socket_type) == (
        Protocol.IMAP,
        "imap.example.org",
        993,
        SocketType.SSL,
    )
    assert (pop3.hostname, pop3.username, pop3.socket_type) == ("pop.%EMAILDOMAIN%", "%EMAILLOCALPART%", "STARTTLS")
    assert [source.confidence for source in provider.server_sources] == ["confirmed", "unverified", "confirmed"]
    assert [source.confidence for source in provider.mx_sources] == ["unverified"]
    assert provider.source.url == "https://example.org/guide"
    assert (provider.switch_on[0].protocols, provider.switch_on[0].url) == ((Protocol.POP3,), "https://example.org/on")
    assert (provider.quirks[0].code, provider.quirks[0].protocols) == ("odd", (Protocol.IMAP,))
    assert (provider.quota_hint, provider.quota_text, provider.quota_source.confidence) == (
        "tight",
        "1 GB",
        "confirmed",
    )
    assert provider.certified_mail
    assert provider.smtp_must_match
    assert provider.documentation == ("https://example.org/help",)


def test_every_fact_is_a_value_with_its_source_and_a_sentence(write):
    provider = load_provider(write(GOOD))
    assert [KINDS[type(fact)] for fact in provider.facts] == ["inactivity", "retention", *list(KINDS.values())[1:]]
    assert all(sentence.endswith(".") for sentence, _source in fact_sentences(provider))
    assert len({sentence for sentence, _source in fact_sentences(provider)}) == len(provider.facts)
    trash, junk = provider.retention(MailFolder.TRASH), provider.retention(MailFolder.JUNK)
    assert (trash.days, junk) == (7, None)  # what nobody has read decides nothing
    assert provider.fact(SendingLimits) == SendingLimits(per_minute=6, recipients=100, source=provider.facts[0].source)
    document = provider_document(provider)
    assert (document["facts"][0]["kind"], document["facts"][0]["days"]) == ("inactivity", 90)


def test_a_file_needs_few_keys(write):
    provider = load_provider(
        write(
            "id: example\nname: Example\noffers: {protocols: not_known, source: a}\n"
            "password: {kind: account, source: a}\n"
            "sources: {a: {reference: A, checked_on: 2026-11-24, confidence: reported}}\n"
        )
    )
    assert provider.offers is None
    assert provider.config.incoming == provider.config.domains == provider.switch_on == provider.quirks == ()


def test_a_quota_that_is_not_known_gives_no_answer(write):
    provider = load_provider(write(GOOD.replace("hint: tight", "hint: not_known")))
    assert provider.quota_hint is None
    assert provider.quota_text == "1 GB"


# What is replaced, by what, the line and the key of the complaint, and a part of it.
SPOILED = [
    ("name: Example Mail", "names: Example Mail", 2, "names", "Did you mean name?"),
    ("name: Example Mail\n", "", 1, None, "“name” is missing"),
    ("id: example", "id: other", 1, "id", "name of the file"),
    ("country: IT", "country: Italy", 3, "country", "IT"),
    ("country: IT", "country: it", 3, "country", "IT"),
    ("guide: [example.org", "guied: [example.org", 5, "domains.guied", "Did you mean guide?"),
    ("[example.org, ", "[EXAMPLE.org, ", 5, "domains.guide.0", "example.org"),
    ("[example.org, ", "[example.org, example.org, ", 5, "domains.guide.1", "twice"),
    ("[example.org, ", "[bücher.example, ", 5, "domains.guide.0", "xn--bcher-kva.example"),
    ("[example.org, ", "[-example.org, ", 5, "domains.guide.0", ""),
    ("[example.org, ", "[7, ", 5, "domains.guide.0", "text"),
    ("  guide: [example.org, xn--bcher-kva.example]", "  guide: []", 5, "domains.guide", "list"),
    ("  hearsay: [mx.example.org]", '  hearsay: ["*.example.org"]', 7, "mx_suffixes.hearsay.0", ""),
    ("protocol: imap", "protocol: imaps", 9, "incoming.0.protocol", "Did you mean imap?"),
    ("protocol: imap", "protocol: smtp", 9, "incoming.0.protocol", "imap"),
    ("host: imap.example.org", "host: imap_example.org", 10, "incoming.0.host", ""),
    ("host: imap.example.org", "host: imap.example.org.", 10, "incoming.0.host", "imap.example.org"),
    ("host: imap.example.org", "host: IMAP.example.org", 10, "incoming.0.host", "imap.example.org"),
    ("host: imap.example.org", "host: https://imap.example.org", 10, "incoming.0.host", ""),
    ("host: imap.example.org", 'host: "imap.%DOMAIN%"', 10, "incoming.0.host", "%EMAILDOMAIN%"),
    ("port: 993", "port: 99993", 11, "incoming.0.port", "65535"),
    ("port: 993", 'port: "993"', 11, "incoming.0.port", "whole number"),
    ("port: 993", "port: true", 11, "incoming.0.port", "whole number"),
    ("socket_type: SSL", "socket_type: ssl", 12, "incoming.0.socket_type", "Did you mean SSL?"),
    ("socket_type: SSL", "socket_type: TLS", 12, "incoming.0.socket_type", "Write SSL for TLS"),
    ("socket_type: STARTTLS", "socket_type: STARTLS", 19, "incoming.1.socket_type", "Did you mean STARTTLS?"),
    ('"%EMAILADDRESS%"', '"%EMAILADDRESS"', 13, "incoming.0.username", "%EMAILADDRESS%"),
    ('"%EMAILADDRESS%"', '"anna\\u202e"', 13, "incoming.0.username", "control character"),
    ("[OAuth2, password-cleartext]", "[Oauth, password-cleartext]", 14, "incoming.0.authentication.0", "OAuth2"),
    ("[OAuth2, password-cleartext]", "[OAuth2, OAuth2]", 14, "incoming.0.authentication", "twice"),
    ("[OAuth2, password-cleartext]", "[]", 14, "incoming.0.authentication", "list"),
    (
        "    source: guide\n  - protocol",
        "    source: guid\n  - protocol",
        15,
        "incoming.0.source",
        "Did you mean guide?",
    ),
    ("    source: guide\n  - protocol", "  - protocol", 9, "incoming.0", "“source” is missing"),
    ("  - host: smtp", "  - protocol: smtp\n    host: smtp", 24, "outgoing.0.protocol", "not known"),
    ("protocols: both", "protocols: booth", 31, "offers.protocols", "Did you mean both?"),
    ("protocols: both", "protocols: imap_only", 31, "offers.protocols", "does not agree"),
    ("protocols: both", "protocols: neither", 31, "offers.protocols", "does not agree"),
    ("kind: app_password", "kind: app_pasword", 34, "password.kind", "Did you mean app_password?"),
    ("text: Switch it on.", 'text: ""', 37, "switch_on.0.text", "text is expected"),
    ("protocols: [pop3]", "protocols: [pop]", 38, "switch_on.0.protocols.0", "Did you mean pop3?"),
    ('"https://example.org/on"', '"javascript:alert(1)"', 39, "switch_on.0.url", "https://"),
    ('"https://example.org/on"', '"https://example.org/a b"', 39, "switch_on.0.url", "https://"),
    ("code: odd", "code: Odd one", 42, "quirks.0.code", "lowercase letters"),
    ("removes: mail,", "removes: mails,", 47, "facts.inactivity.removes", "Did you mean mail?"),
    ("days: 90, removes", "days: 0, removes", 47, "facts.inactivity.days", "3660"),
    ("folder: junk", "folder: trash", 50, "facts.retention.1", "twice"),
    ("folder: junk", "folder: spam", 50, "facts.retention.1.folder", "not known"),
    ("protocols: [imap], source", "protocols: [smtp], source", 51, "facts.paid_only.protocols.0", "imap"),
    ("sent: INBOX.Inviata, trash: Cestino, ", "", 55, "facts.folders", "At least one value"),
    ("sent: INBOX.Inviata", 'sent: "INBOX\\n"', 55, "facts.folders.sent", "INBOX.Sent"),
    ("issuer: accounts.example.org", 'issuer: "https://example.org/"', 60, "facts.oauth2.issuer", "host"),
    ("imap_id: {source", "imap_ids: {source", 59, "facts.imap_ids", "Did you mean imap_id?"),
    ("hint: tight", "hint: tightly", 62, "quota.hint", "Did you mean tight?"),
    ("certified_mail:\n  source: guide", "certified_mail: true", 65, "certified_mail", "keys with values"),
    ('  - "https://example.org/help"', '  - "file:///etc/passwd"', 70, "documentation.0", "https://"),
    ('checked_on: "2026-11-24"', 'checked_on: "24.11.2026"', 75, "sources.guide.checked_on", "2026-11-24"),
    ('checked_on: "2026-11-24"', 'checked_on: "2026-13-24"', 75, "sources.guide.checked_on", "2026-11-24"),
    ("confidence: confirmed", "confidence: certain", 76, "sources.guide.confidence", "confirmed"),
]


@pytest.mark.parametrize(("before", "after", "line", "key", "part"), SPOILED)
def test_what_is_wrong_is_named_with_file_line_key_and_the_nearest_value(write, before, after, line, key, part):
    assert before in GOOD
    path = write(GOOD.replace(before, after, 1))
    with pytest.raises(Problem) as wrong:
        load_provider(path)
    place = wrong.value.place
    assert place.file == str(path)
    assert (place.line, place.key) == (line, key)
    assert part in wrong.value.text
    assert wrong.value.exit_code is ExitCode.USAGE
    assert "\n" not in str(wrong.value)


def test_the_same_server_twice_is_refused(write, example):
    example["incoming"].append(example["incoming"][0])
    with pytest.raises(Problem, match="twice"):
        load_provider(write(example))


@pytest.mark.parametrize("key", ["incoming", "outgoing"])
def test_servers_for_receiving_and_for_sending_belong_together(write, example, key):
    del example[key]
    with pytest.raises(Problem, match="belong together"):
        load_provider(write(example))


def test_a_provider_that_offers_nothing_says_why(write, example):
    del example["incoming"], example["outgoing"]
    example["offers"]["protocols"] = "neither"
    with pytest.raises(Problem, match="own_app_only, bridge_only"):
        load_provider(write(example))
    example["quirks"] = [{"code": "own_app_only", "text": "Its own program only.", "source": "guide"}]
    assert load_provider(write(example)).offers == "neither"


HOSTILE = {
    "an alias that multiplies": "a: &a [x, x]\nb: [*a, *a]\n",
    "a tag that would run code": "id: !!python/object/apply:os.system [ls]\n",
    "a key given twice": GOOD + "name: Again\n",
    "a list of everything": "- id: example\n",
    "nothing": "",
    "a bare word": "example\n",
    "broken YAML": "id: [example\n",
    "not a text file": "id: example\x00\n",
    "nesting without end": "[" * 5000,
    "a key that is a list": "? [a, b]\n: c\n",
    "a key that is a number": GOOD + "7: seven\n",
    "control characters in a key": GOOD + '"na\\u001bme": x\n',
    "a very long value": GOOD.replace("IT", "I" * 100_000),
    "null for a mapping": GOOD.replace("certified_mail:\n  source: guide", "certified_mail:"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_gets_one_clean_sentence(write, content):
    path = write(content)
    with pytest.raises(Problem) as wrong:
        load_provider(path)
    message = str(wrong.value)
    assert str(path) in message
    assert len(message) < len(str(path)) + 400
    assert message.isprintable()


def test_a_file_that_is_not_utf_8_gets_its_line(own):
    path = own / "providers" / "example.yaml"
    path.write_bytes(b"id: example\nname: B\xfccher\n")
    with pytest.raises(Problem, match="UTF-8") as wrong:
        load_provider(path)
    assert wrong.value.place.line == 2


def test_a_file_larger_than_a_mebibyte_is_refused(write):
    with pytest.raises(Problem, match="1 MiB"):
        load_provider(write(GOOD + "# " + "x" * 1024 * 1024))


LINES = GOOD.splitlines()
ODD = st.sampled_from(
    [
        "",
        "null",
        "[]",
        "{}",
        "[[]]",
        "-1",
        "true",
        "1e999",
        '"\\u0000"',
        '"\\u202e"',
        "*a",
        "&a b",
        "!!x y",
        "x" * 300,
        "%",
    ]
)


@given(at=st.integers(0, len(LINES) - 1), odd=ODD, whole=st.booleans())
def test_a_spoiled_line_gives_a_provider_or_one_clean_sentence(tmp_path_factory, at, odd, whole):
    head = "" if whole else LINES[at].partition(":")[0] + ": "
    path = tmp_path_factory.mktemp("spoiled") / "example.yaml"
    path.write_text("\n".join([*LINES[:at], head + odd, *LINES[at + 1 :]]) + "\n", encoding="utf-8")
    wrong = None
    try:
        provider = load_provider(path)
    except Problem as problem:
        wrong = problem
    if wrong is None:
        assert provider.id == "example"
    else:
        assert str(wrong).isprintable()
        assert wrong.place.file == str(path)
