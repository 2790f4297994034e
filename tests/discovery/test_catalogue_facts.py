"""What the bundled catalogue says: each provider, what is unverified, certified mail, ports."""

from __future__ import annotations

import re

import pytest

from wizard.discovery.catalogue import all_providers, find_provider
from wizard.model.address import Domain
from wizard.model.provider import CLOSED
from wizard.model.provider_facts import FreeSpace, NeedsImapId, OAuth2Issuer
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol

PROVIDERS = {provider.id: provider for provider in all_providers()}
UNUSUAL_PORTS = {("rediffmail", "smtp.rediffmail.com", 586), ("spectrum", "mobile.charter.net", 587)}
"""Ports that the provider really has, although they are not the usual ones for the protocol and its security."""

# fmt: off
TABLE = [
    "gmail.com", "outlook.com", "hotmail.com", "office365.com", "yahoo.com", "aol.com", "icloud.com", "fastmail.com",
    "protonmail.com", "tutanota.com", "hey.com", "zoho.com", "zohomail.eu", "gmx.net", "gmx.com", "web.de",
    "mail.com", "t-online.de", "posteo.de", "mailbox.org", "online.de", "strato.de", "vodafonemail.de", "freenet.de",
    "your-server.de", "ik.me", "bluewin.ch", "a1.net", "yandex.com", "mail.ru", "rambler.ru", "ukr.net", "seznam.cz",
    "wp.pl", "o2.pl", "onet.pl", "orange.fr", "free.fr", "sfr.fr", "laposte.net", "ovh.net", "gandi.net",
    "btinternet.com", "sky.com", "virginmedia.com", "ziggo.nl", "kpnmail.nl", "one.com", "sapo.pt", "uol.com.br",
    "comcast.net", "att.net", "verizon.net", "earthlink.net", "secureserver.net", "emailsrvr.com", "bell.net",
    "bigpond.com", "qq.com", "163.com", "naver.com", "daum.net", "yahoo.co.jp", "nifty.com", "ocn.ne.jp",
    "126.com", "yeah.net", "kakao.com", "hanmail.net", "charter.net", "rr.com", "centurylink.net", "q.com",
    "xtra.co.nz", "bol.com.br", "i.softbank.jp", "biglobe.ne.jp", "zoho.in", "zoho.jp", "zoho.com.au", "zohocloud.ca",
    "rogers.com", "sina.com", "aliyun.com", "hushmail.com", "thundermail.com",
    "rediffmail.com", "riseup.net", "libero.it", "virgilio.it", "tiscali.it", "tim.it", "alice.it", "fastwebnet.it",
    "email.it", "pec.it", "postecert.it", "legalmail.it", "sicurezzapostale.it", "tin.it", "interia.pl", "skynet.be",
    "telenet.be", "talktalk.net", "ntlworld.com", "blueyonder.co.uk", "virgin.net", "bbox.fr", "mailo.com", "mail.de",
    "ok.de", "ewe.net", "mnet-online.de", "alice-dsl.net", "kabelmail.de", "sunrise.ch", "drei.at", "mailfence.com",
    "startmail.com", "runbox.com", "disroot.org", "systemli.org", "inbox.lv", "mail.ee", "jubii.dk", "telia.com",
    "bahnhof.se", "arcor.de", "aon.at", "neuf.fr",
]
# fmt: on


@pytest.mark.parametrize("domain", TABLE)
def test_the_provider_is_in_the_catalogue(domain):
    assert find_provider(Domain(domain)) is not None


@pytest.mark.parametrize(
    "name", ["aruba", "serverplan", "siteground", "combell", "hostinger", "mittwald", "websupport"]
)
def test_a_hosting_company_is_found_by_mail_exchanger(name):
    assert PROVIDERS[name].mx_suffixes


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_fact_has_a_source(name):
    provider = PROVIDERS[name]
    assert len(provider.server_sources) == len(provider.config.incoming) + len(provider.config.outgoing)
    assert len(provider.domain_sources) == len(provider.config.domains)
    assert len(provider.mx_sources) == len(provider.mx_suffixes)
    assert len(provider.spf_sources) == len(provider.spf_suffixes)
    assert len(provider.server_suffix_sources) == len(provider.server_suffixes)
    assert (provider.certified_source is not None) == provider.certified_mail
    assert all(source.reference and source.checked_on >= "2026-11-24" for source in provider.sources)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_usual_port_unless_it_is_listed(name):
    """The ISPDB has POP3 on 993 and SMTP in TLS on 587: what looks wrong must be wanted."""
    odd = {
        (name, server.hostname, server.port)
        for server in (*PROVIDERS[name].config.incoming, *PROVIDERS[name].config.outgoing)
        if USUAL_PORTS[server.protocol, server.socket_type] != server.port
    }
    assert odd == {odd_port for odd_port in UNUSUAL_PORTS if odd_port[0] == name}


@pytest.mark.parametrize("name", PROVIDERS)
def test_servers_that_encrypt_from_the_start_come_before_those_that_begin_later(name):
    config = PROVIDERS[name].config
    rank = {"SSL": 0, "STARTTLS": 1, "plain": 2}
    for protocol in Protocol:
        ranks = [
            rank[server.socket_type] for server in (*config.incoming, *config.outgoing) if server.protocol is protocol
        ]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_user_name_is_of_a_known_form(name):
    for server in (*PROVIDERS[name].config.incoming, *PROVIDERS[name].config.outgoing):
        assert server.username in ("%EMAILADDRESS%", "%EMAILLOCALPART%")
        assert server.authentication


@pytest.mark.parametrize("name", PROVIDERS)
def test_texts_are_whole_sentences(name):
    for note in (*PROVIDERS[name].switch_on, *PROVIDERS[name].quirks):
        assert note.text.endswith("."), note.text
        assert re.fullmatch(r"[^\"']*", note.text), note.text  # curly quotes only


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_way_to_log_in_and_the_password_agree(name):
    provider = PROVIDERS[name]
    servers = (*provider.config.incoming, *provider.config.outgoing)
    if provider.password_kind == "none":
        assert all(found.only_oauth2 for found in servers)
    else:
        assert all(found.takes_password for found in servers)


@pytest.mark.parametrize("name", ["netease-163", "netease-126", "netease-yeah"])
def test_netease_opens_imap_only_to_programs_that_say_which_they_are(name):
    assert PROVIDERS[name].known(NeedsImapId).source.verified


@pytest.mark.parametrize("name", ["outlook", "office365"])
def test_microsoft_takes_oauth2_only_and_says_what_to_do_first(name):
    provider = PROVIDERS[name]
    assert all(server.only_oauth2 for server in (*provider.config.incoming, *provider.config.outgoing))
    assert provider.switch_on
    assert "no_passwords" in {quirk.code for quirk in provider.quirks}


@pytest.mark.parametrize("name", ["gmail", "yahoo", "aol", "fastmail", "mail-ru", "comcast", "att", "verizon"])
def test_oauth2_comes_before_the_password_where_both_are_taken(name):
    wanted = (AuthenticationMethod.OAUTH2, AuthenticationMethod.PASSWORD_CLEARTEXT)
    servers = (*PROVIDERS[name].config.incoming, *PROVIDERS[name].config.outgoing)
    assert {found.authentication for found in servers} == {wanted}


def test_the_user_names_of_icloud_differ_for_receiving_and_sending():
    config = PROVIDERS["icloud"].config
    assert [server.username for server in config.incoming] == ["%EMAILLOCALPART%"]
    assert [server.username for server in config.outgoing] == ["%EMAILADDRESS%"]
    assert PROVIDERS["icloud"].offers == "imap_only"


def test_the_ways_of_gmails_pop3_are_told():
    codes = {quirk.code for quirk in PROVIDERS["gmail"].quirks if Protocol.POP3 in quirk.protocols}
    assert codes >= {"pop_setting_wins", "pop_offers_once", "pop_recent_mode", "pop_in_batches"}


@pytest.mark.parametrize("name", ["proton", "tuta", "hey", "upc-poczta", "voila-fr", "i-ua"])
def test_a_provider_that_lets_no_program_in_says_why_and_has_no_servers(name):
    provider = PROVIDERS[name]
    assert provider.offers == "neither"
    assert not provider.config.incoming
    assert {quirk.code for quirk in provider.quirks} & set(CLOSED)


CERTIFIED = ["aruba-pec", "postecert", "legalmail", "namirial", "register-pec"]
CERTIFIED += ["italiaonline-pec", "actalis-pec", "intesi-pec", "telecompost"]


@pytest.mark.parametrize("name", CERTIFIED)
def test_certified_mail_leaves_through_its_own_server(name):
    provider = PROVIDERS[name]
    assert provider.certified_mail
    assert provider.smtp_must_match
    assert "certified_server_only" in {quirk.code for quirk in provider.quirks}


def test_nobody_else_is_certified():
    assert sorted(provider.id for provider in PROVIDERS.values() if provider.certified_mail) == sorted(CERTIFIED)


def test_pop3_of_aruba_pec_is_on_995_and_called_a_guess():
    provider = PROVIDERS["aruba-pec"]
    (position,) = (
        position for position, server in enumerate(provider.config.incoming) if server.protocol is Protocol.POP3
    )
    assert provider.config.incoming[position].port == 995
    assert provider.server_sources[position].confidence == "unverified"
    assert provider.server_sources[0].confidence == "reported"


@pytest.mark.parametrize("name", ["serverplan", "siteground", "telecompost", "intesi-pec", "hostinger", "soverin"])
def test_servers_that_nobody_verified_are_marked_so(name):
    assert {source.confidence for source in PROVIDERS[name].server_sources} == {"unverified"}


def test_of_aruba_hosting_only_pop3_was_read_in_its_guide():
    assert [source.confidence for source in PROVIDERS["aruba"].server_sources] == ["reported", "confirmed", "reported"]


@pytest.mark.parametrize("name", ["legalmail", "freenet", "one-com"])
def test_the_port_of_pop3_that_was_only_supposed_is_a_guess_beside_what_was_read(name):
    provider = PROVIDERS[name]
    servers = (*provider.config.incoming, *provider.config.outgoing)
    for server, source in zip(servers, provider.server_sources, strict=True):
        assert (source.confidence == "unverified") == (server.protocol is Protocol.POP3)


@pytest.mark.parametrize("name", ["register-pec", "hetzner", "a1", "mailbox-org"])
def test_pop3_that_no_source_names_is_not_known_rather_than_missing(name):
    assert [server.protocol for server in PROVIDERS[name].config.incoming] == [Protocol.IMAP]
    assert PROVIDERS[name].offers is None


@pytest.mark.parametrize("name", ["tim", "wp-pl", "o2-pl", "yahoo-jp"])
def test_a_step_that_nobody_verified_is_marked_so(name):
    assert "unverified" in {note.source.confidence for note in PROVIDERS[name].switch_on}


@pytest.mark.parametrize(
    "name",
    [
        "gmail",
        "outlook",
        "gmx",
        "web-de",
        "t-online",
        "qq",
        "netease-163",
        "freenet",
        "infomaniak",
        "yandex",
        "naver",
        "daum",
        "telstra",
        "comcast",
        "att",
    ],
)
def test_what_is_to_be_switched_on_first_is_told(name):
    assert PROVIDERS[name].switch_on[0].source.confidence != "unverified"
    assert PROVIDERS[name].switch_on[0].text


@pytest.mark.parametrize("name", ["uol", "godaddy"])
def test_pop3_stays_first_where_the_provider_prefers_it(name):
    assert PROVIDERS[name].config.incoming[0].protocol is Protocol.POP3


@pytest.mark.parametrize("name", ["naver", "daum", "telstra"])
def test_where_the_usual_password_works_only_on_the_web_a_program_password_is_told_of(name):
    assert PROVIDERS[name].password_kind == "app_password"
    assert PROVIDERS[name].password_source.verified
    assert "password" in PROVIDERS[name].switch_on[0].text


def test_microsoft_takes_passwords_for_sending_until_the_dates_it_has_announced():
    quirks = {quirk.code: quirk for quirk in PROVIDERS["office365"].quirks}
    assert quirks["no_passwords"].text.startswith("For receiving")
    assert all(word in quirks["smtp_passwords_end"].text for word in ("December 2026", "2027", "550 5.7.30"))


def test_the_free_space_of_yahoo_is_that_of_today():
    assert PROVIDERS["yahoo"].known(FreeSpace).megabytes == 20_000


@pytest.mark.parametrize("name", ["rediffmail", "netease-163", "qq", "yahoo-jp", "daum"])
def test_both_protocols_are_offered_where_older_lists_knew_one(name):
    assert PROVIDERS[name].offers == "both"


@pytest.mark.parametrize(
    ("name", "issuer"),
    [
        ("gmail", "accounts.google.com"),
        ("office365", "login.microsoftonline.com"),
        ("yahoo", "login.yahoo.com"),
        ("verizon", "login.aol.com"),
        ("yandex", "oauth.yandex.com"),
        ("mail-ru", "o2.mail.ru"),
        ("fastmail", "www.fastmail.com"),
    ],
)
def test_who_gives_the_tokens_of_a_provider_is_known(name, issuer):
    assert PROVIDERS[name].known(OAuth2Issuer).issuer == issuer
