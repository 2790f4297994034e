"""Published settings that leave something open: what the server will say is learnt from it, and the rest is kept."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.world import Page
from wizard.model.address import parse_address
from wizard.model.servers import fill

ANNA = "anna@example.test"
HOST = "mail.example.test"
METHOD = "<authentication>password-cleartext</authentication>"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """However busy the machine is, who is preferred is waited for."""
    for module in ("source", "completion"):
        monkeypatch.setattr(f"wizard.discovery.{module}.GRACE", 60.0)


def servers(host=HOST, **how):
    return [incoming(host, **how), incoming(host, 995, "pop3", **how), outgoing(host, **how)]


def discovered(online, *words, address=ANNA):
    ran = online.run("discover", address, "--json", "--no-probe", "--timeout", "60", *words)
    assert ran.code in (0, 4), ran.stderr
    return json.loads(ran.stdout)


def source(document, name):
    return next(report for report in document["sources"] if report["source"] == name)


def exported(online, tmp_path, *words, address=ANNA):
    """The autoconfig file that is exported."""
    words = ("--format", "autoconfig", "--no-input", "--output", str(tmp_path / "out"), *words)
    ran = online.run("export", address, "--no-probe", "--timeout", "60", *words)
    assert ran.code == 0, ran.stderr
    return ET.parse(tmp_path / "out" / "config-v1.1.xml").getroot().find("emailProvider")


def user_names(provider):
    return {element.text for element in provider.iter("username")}


def names_of(document):
    return {document[protocol]["username"] for protocol in ("imap", "smtp")}


def autodiscover(inside, user="", host=HOST):
    imap, smtp = (
        f"<Protocol><Type>{kind}</Type><Server>{host}</Server><Port>{port}</Port>{inside}</Protocol>"
        for kind, port in (("IMAP", 993), ("SMTP", 465))
    )
    return Page(
        f'<Autodiscover><Response xmlns="{OUTLOOK}"><User>{user}</User><Account><AccountType>email</AccountType>'
        f"<Action>settings</Action>{imap}{smtp}</Account></Response></Autodiscover>"
    )


# --- how to log in is not said, or in unknown words


@pytest.mark.parametrize(
    "words", ["", "<authentication></authentication>", "<authentication>smtp-auth</authentication>"]
)
def test_how_to_log_in_is_learnt_from_the_server_where_the_file_does_not_say_it(online, words):
    online.machine(HOST)
    online.publish("autoconfig.example.test", config(*(text.replace(METHOD, words) for text in servers())))
    found = discovered(online)
    for protocol in ("imap", "pop3", "smtp"):
        assert (found[protocol]["host"], found[protocol]["verified"]) == (HOST, True)
        assert found[protocol]["authentication"]


def test_one_server_without_a_way_to_log_in_does_not_drop_the_others(online, tmp_path):
    online.machine(HOST)
    receiving, _pop, sending = servers()
    online.publish("autoconfig.example.test", config(receiving, sending.replace(METHOD, "")))
    found = discovered(online)
    assert (found["imap"]["host"], found["smtp"]["host"]) == (HOST, HOST)
    assert [server.get("type") for server in exported(online, tmp_path).iter("outgoingServer")] == ["smtp"]


def test_where_nobody_connects_a_server_without_a_way_to_log_in_takes_a_password(run_cli, tmp_path):
    (tmp_path / "config-v1.1.xml").write_bytes(config(*(text.replace(METHOD, "") for text in servers())))
    document = json.loads(run_cli("inspect", "config-v1.1.xml", "--json", "--account", ANNA).stdout)
    assert document["imap"]["authentication"] == document["smtp"]["authentication"] == ["password-cleartext"]
    words = ("--settings", "config-v1.1.xml", "--format", "mobileconfig", "--output", "out")
    assert run_cli("export", ANNA, *words).code == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('type="smtp"', 'type="exchange"', "left_out"),
        (f"<hostname>{HOST}</hostname>", "", "left_out"),
        (f"<hostname>{HOST}</hostname>", "<useGlobalPreferredServer>true</useGlobalPreferredServer>", "left_out"),
        ("<port>465</port>", "<port>many</port>", "incomplete"),
        ("<socketType>SSL</socketType>", "<socketType>TLS</socketType>", "incomplete"),
    ],
)
def test_a_server_that_cannot_be_used_is_left_out_by_itself_and_named(online, run_cli, tmp_path, old, new, code):
    online.machine(HOST)
    receiving, pop, sending = servers()
    body = config(receiving, pop, sending.replace(old, new))
    online.publish("autoconfig.example.test", body)
    found = discovered(online)
    assert (found["imap"]["host"], found["pop3"]["host"]) == (HOST, HOST)
    assert "Left out: line " in source(found, "autoconfig")["detail"]
    (tmp_path / "config-v1.1.xml").write_bytes(body)
    document = json.loads(run_cli("inspect", "config-v1.1.xml", "--json", "--account", ANNA).stdout)
    assert document["imap"]["host"] == HOST
    assert "line " in {notice["code"]: notice["text"] for notice in document["warnings"]}[code]


# --- half of an account


def test_a_file_with_receiving_servers_only_is_found_and_says_what_is_missing(online, run_cli, tmp_path):
    online.machine(HOST)
    body = config(incoming(HOST), incoming(HOST, 995, "pop3"))
    online.publish("autoconfig.example.test", body)
    found = discovered(online)
    assert (found["imap"]["verified"], found["pop3"]["verified"]) == (True, True)
    assert source(found, "autoconfig")["outcome"] == "found"
    assert "no server for sending" in source(found, "autoconfig")["detail"]
    (tmp_path / "config-v1.1.xml").write_bytes(body)
    document = json.loads(run_cli("inspect", "config-v1.1.xml", "--json", "--account", ANNA).stdout)
    assert [notice["code"] for notice in document["warnings"]] == ["no_outgoing"]


def test_a_file_with_a_sending_server_only_is_found_and_completed_by_others(online):
    online.machine(HOST)
    online.publish("autoconfig.example.test", config(outgoing(HOST)))
    online.srv("example.test", HOST, {"_imaps": 993})
    found = discovered(online)
    assert (found["imap"]["source"], found["smtp"]["source"]) == ("srv", "autoconfig")
    assert "no server for reading" in source(found, "autoconfig")["detail"]


# --- a file for whoever asks


@pytest.mark.parametrize("domain", ["%EMAILDOMAIN%", "%emaildomain%"])
@pytest.mark.parametrize("identity", ["example.test", "%EMAILDOMAIN%"])
def test_a_file_whose_domain_is_a_placeholder_is_for_any_address(online, run_cli, tmp_path, domain, identity):
    online.machine(HOST)
    body = config(*servers(), domains=(domain,)).replace(f'id="{domain}"'.encode(), f'id="{identity}"'.encode())
    online.publish("autoconfig.example.test", body)
    found = discovered(online)
    assert (found["imap"]["host"], found["smtp"]["host"]) == (HOST, HOST)
    (tmp_path / "config-v1.1.xml").write_bytes(body)
    assert "For any address" in run_cli("inspect", "config-v1.1.xml").stdout
    document = json.loads(run_cli("inspect", "config-v1.1.xml", "--json", "--account", "bob@else.test").stdout)
    assert (document["imap"]["username"], document["warnings"]) == ("bob@else.test", [])


def test_a_placeholder_beside_real_domains_makes_the_file_one_for_any_address(run_cli, tmp_path):
    (tmp_path / "config-v1.1.xml").write_bytes(config(domains=("example.test", "%EMAILDOMAIN%", "other.test")))
    document = json.loads(run_cli("inspect", "config-v1.1.xml", "--json", "--account", "bob@else.test").stdout)
    assert document["warnings"] == []


def test_a_file_as_mail_suites_write_it(online):
    """Placeholders everywhere, a receiving server of each kind, and what no mail program needs."""
    online.machine(HOST)
    body = config(
        *servers(),
        "<enable visiturl='https://x.example.test/'><instruction>x</instruction></enable>",
        domains=("%EMAILDOMAIN%",),
        name="%EMAILDOMAIN% Mail",
    )
    online.publish("autoconfig.example.test", body)
    found = discovered(online)
    assert found["imap"]["verified"] is True
    assert source(found, "autoconfig")["detail"] == "Settings of “example.test Mail”."


# --- placeholders


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("%EMAILADDRESS%", ANNA),
        ("%EmailLocalPart%", "anna"),
        ("%EMAILLOCALPART%@other.test", "anna@other.test"),
        ("%EMAILLOCALPART%%EMAILDOMAIN%", "annaexample.test"),
    ],
)
def test_placeholders_in_an_autodiscover_answer_are_filled_in_every_path(online, run_cli, tmp_path, login, name):
    online.machine(HOST)
    page = autodiscover(f"<LoginName>{login}</LoginName>", "<DisplayName>%EMAILLOCALPART%</DisplayName>")
    online.publish("autodiscover.example.test", page, "/autodiscover/autodiscover.xml")
    assert names_of(discovered(online)) == {name}
    (tmp_path / "autodiscover.xml").write_bytes(page.content)
    document = json.loads(run_cli("inspect", "autodiscover.xml", "--json", "--account", ANNA).stdout)
    assert names_of(document) == {name}
    assert "--name anna" in document["warnings"][-1]["text"]
    words = ("--settings", "autodiscover.xml", "--format", "aerc", "--output", "out")
    assert run_cli("export", ANNA, *words).code == 0
    assert "%EMAIL" not in (tmp_path / "out" / "accounts.conf").read_text()


def test_a_placeholder_in_the_server_name_of_an_autodiscover_answer_is_filled_and_checked(online, run_cli, tmp_path):
    online.machine(HOST)
    page = autodiscover("", host="mail.%EMAILDOMAIN%")
    online.publish("autodiscover.example.test", page, "/autodiscover/autodiscover.xml")
    found = discovered(online)
    assert (found["imap"]["host"], found["imap"]["verified"], found["imap"]["username"]) == (HOST, True, ANNA)
    (tmp_path / "autodiscover.xml").write_bytes(autodiscover("", host="%EMAILLOCALPART%.example.test").content)
    document = json.loads(run_cli("inspect", "autodiscover.xml", "--json", "--account", "a_b@example.test").stdout)
    assert document["imap"] is None


def test_an_address_that_reads_like_a_placeholder_is_not_filled_in_twice(online):
    online.machine(HOST)
    page = autodiscover("<LoginName>%EMAILADDRESS%</LoginName>")
    online.publish("autodiscover.example.test", page, "/autodiscover/autodiscover.xml")
    odd = "%EMAILDOMAIN%@example.test"
    assert names_of(discovered(online, address=odd)) == {odd}


def test_the_name_of_a_provider_is_filled_in(online, run_cli, tmp_path):
    online.machine(HOST)
    body = config(*servers(), name="").replace(
        b"<displayName></displayName>", b"<displayShortName>Mail of %emaildomain%</displayShortName>"
    )
    online.publish("autoconfig.example.test", body)
    assert source(discovered(online), "autoconfig")["detail"] == "Settings of “Mail of example.test”."
    (tmp_path / "config-v1.1.xml").write_bytes(body)
    document = json.loads(run_cli("inspect", "config-v1.1.xml", "--json", "--account", ANNA).stdout)
    assert document["provider"]["name"] == "Mail of example.test"


def test_a_user_name_with_a_placeholder_is_not_taken_for_the_address(run_cli, tmp_path):
    (tmp_path / "config-v1.1.xml").write_bytes(config(*servers(username="%EMAILLOCALPART%@other.test")))
    assert "For any address" in run_cli("inspect", "config-v1.1.xml").stdout


# --- other ways to write the same


def both(first, second):
    """One file with the providers of two."""
    return first.partition(b"</clientConfig>")[0] + second[second.index(b"<emailProvider ") :]


@pytest.mark.parametrize(
    "body",
    [
        config(*servers()).replace(b"incomingServer", b"IncomingServer").replace(b"hostname", b"HostName"),
        config(*servers()).replace(b"SSL", b"ssl").replace(b'"imap"', b'"IMAP"'),
        config(*servers()).replace(b"<username>", b"<username></username><username>"),
        config(*servers(username="")),
        both(config(*servers("old.example.test"), domains=("old.test",)), config(*servers())),
    ],
)
def test_a_file_that_is_written_oddly_is_read(online, body):
    online.machine(HOST)
    online.publish("autoconfig.example.test", body)
    found = discovered(online)
    assert [found[protocol]["username"] for protocol in ("imap", "pop3", "smtp")] == [ANNA] * 3


# --- refused, which is not “does not exist”


@pytest.mark.parametrize("status", [400, 401, 403, 405, 422, 429])
def test_a_web_server_that_refuses_the_question_is_told_apart_from_one_that_has_nothing(online, status):
    online.publish("ua-auto-config.example.test", Page(), "/")
    online.publish("autoconfig.example.test", Page(b"", status=status))
    found = discovered(online)
    refused = source(found, "autoconfig")
    assert refused["outcome"] == "refused"
    assert refused["detail"] == f"autoconfig.example.test refused the question (HTTP status {status})."
    assert source(found, "pacc")["outcome"] == "nothing"


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize(
    ("host", "path", "name"),
    [
        ("autoconfig.example.test", "/mail/config-v1.1.xml", "autoconfig"),
        ("example.test", "/.well-known/autoconfig/mail/config-v1.1.xml", "well-known"),
    ],
)
def test_a_host_of_the_domain_that_takes_no_address_is_asked_without_it(online, status, host, path, name):
    def page(request):
        return Page(config(*servers())) if about(request) is None else Page(b"", status=status)

    online.machine(HOST)
    online.publish(host, page, path)
    found = discovered(online)
    assert (found["imap"]["host"], found["imap"]["source"]) == (HOST, name)


def test_a_web_server_that_forbids_everything_frightens_nobody(online):
    online.machine(HOST)
    online.srv("example.test", HOST)
    quiet = online.run("discover", ANNA, "--no-probe", "--timeout", "60")
    for host in ("autoconfig.example.test", "autodiscover.example.test", "ua-auto-config.example.test"):
        address = online.machine(host, ports=())
        pages = {
            f"https://{host}{path}": Page(b"", status=403)
            for path in (
                "/mail/config-v1.1.xml",
                "/autodiscover/autodiscover.xml",
                "/.well-known/user-agent-configuration.json",
            )
        }
        online.world.web(address, pages, certificate=[host])
    loud = online.run("discover", ANNA, "--no-probe", "--timeout", "60")
    assert (loud.code, loud.stdout, loud.stderr) == (quiet.code, quiet.stdout, quiet.stderr)


# --- the company that receives the mail answers about addresses only, or on its web site


def hosted(online, *, path="/mail/config-v1.1.xml", host="autoconfig.hoster.test", page):
    online.world.dns("example.test", MX=[(10, "mx.hoster.test")])
    online.machine("mail.hoster.test")
    online.publish(host, page, path)


def told(online):
    """What was told to the hosts of the company: their URLs."""
    return [event[2] for event in online.world.seen if event[0] == "http" and "hoster.test/" in event[2]]


def about(request):
    """The address in a question, None where there is none."""
    return dict(parse_qsl(urlsplit(request.url).query)).get("emailaddress")


def about_addresses_only(answer, status=400):
    def page(request):
        address = about(request)
        return Page(b"", status=status) if address is None else answer(address)

    return page


def literal(username):
    """A file in which the host put the name of the address itself."""
    return lambda address: Page(
        config(
            *servers(
                "mail.hoster.test",
                username=username.format(address=address, local=address.partition("@")[0]),
            ),
            domains=("hoster.test",),
        )
    )


@pytest.mark.parametrize("status", [400, 401, 403, 422])
@pytest.mark.parametrize(
    ("username", "name"),
    [("{address}", ANNA), ("{local}", "anna"), ("{local}@hoster.test", "anna@hoster.test"), ("%EMAILADDRESS%", ANNA)],
)
def test_a_company_that_answers_about_addresses_only_is_asked_about_one_that_is_nobodys(online, status, username, name):
    hosted(online, page=about_addresses_only(literal(username), status))
    found = discovered(online)
    assert (found["imap"]["host"], found["imap"]["verified"]) == ("mail.hoster.test", True)
    assert (found["imap"]["source"], found["imap"]["trust"]) == ("mx", "unauthenticated")
    assert names_of(found) == {name}
    assert [notice["code"] for notice in found["needs_consent"]] == ["foreign_domain"]
    assert len(told(online)) >= 2
    assert "anna" not in " ".join(told(online))


def test_a_company_that_knows_its_own_addresses_only_is_asked_about_one_of_them(online):
    def answer(address):
        return literal("{address}")(address) if address.endswith("@hoster.test") else Page(b"", status=204)

    hosted(online, page=about_addresses_only(answer))
    assert names_of(discovered(online)) == {ANNA}


def test_what_the_company_says_of_an_invented_address_is_for_everybody_in_an_exported_file(online, tmp_path):
    hosted(online, page=about_addresses_only(literal("{address}")))
    assert user_names(exported(online, tmp_path, "--accept", "foreign_domain")) == {"%EMAILADDRESS%"}


def test_a_company_that_answers_without_an_address_is_told_none(online):
    hosted(online, page=Page(config(*servers("mail.hoster.test"))))
    assert discovered(online)["imap"]["host"] == "mail.hoster.test"
    assert not any("emailaddress" in url for url in told(online))


def test_a_company_with_a_file_on_its_web_site_only(online):
    page = Page(config(*servers("mail.hoster.test")))
    hosted(online, path="/.well-known/autoconfig/mail/config-v1.1.xml", host="hoster.test", page=page)
    found = discovered(online)
    assert (found["imap"]["host"], found["imap"]["source"]) == ("mail.hoster.test", "mx")


def test_a_company_that_refuses_every_question_is_not_one_that_publishes_nothing(online):
    hosted(online, page=Page(b"", status=400))
    answer = source(discovered(online), "mx")
    assert answer["outcome"] == "refused"
    assert "autoconfig.hoster.test refused the question (HTTP status 400)." in answer["detail"]
    assert "Nothing is published" not in answer["detail"]


@pytest.mark.parametrize(
    "page", [Page("<html><body>Welcome", "text/html"), Page(b"", status=204), Page(b""), Page(b"", status=410)]
)
def test_a_company_with_a_web_page_or_nothing_there_publishes_nothing(online, page):
    hosted(online, page=page)
    answer = source(discovered(online), "mx")
    assert (answer["outcome"], answer["detail"].count("Nothing is published for hoster.test.")) == ("nothing", 1)


def test_a_company_that_redirects_elsewhere_is_followed_and_asked_about(online):
    there = "https://conf.elsewhere.test/mail.xml"
    hosted(online, page=Page(b"", status=302, headers={"Location": there}))
    online.publish("conf.elsewhere.test", Page(config(*servers("mail.hoster.test"))), "/mail.xml")
    found = discovered(online)
    assert found["imap"]["trust"] == "unauthenticated"
    assert any("elsewhere.test" in notice["text"] for notice in found["needs_consent"])


# --- a TXT record names the file


def recorded(online, *records, page=None, host="conf.example.test", path="/mail.xml", file=None):
    online.machine(HOST)
    online.world.dns("example.test", TXT=list(records))
    online.publish(host, page or Page(file or config(*servers())), path)


def asked_of(online, host):
    return [event[2] for event in online.world.seen if event[0] == "http" and urlsplit(event[2]).hostname == host]


@pytest.mark.parametrize("validated", [False, True])
def test_a_host_of_the_domain_that_a_record_names_is_asked(online, validated):
    online.world.validated = validated
    recorded(online, "v=spf1 -all", "mailconf=https://conf.example.test/mail.xml")
    found = discovered(online)
    trust = "authenticated" if validated else "unauthenticated"
    assert (found["imap"]["host"], found["imap"]["source"], found["imap"]["trust"]) == (HOST, "autoconfig", trust)
    assert found["needs_consent"] == []
    answer = source(found, "autoconfig")
    assert answer["detail"].startswith("The TXT record of example.test names https://conf.example.test/mail.xml.")
    assert asked_of(online, "conf.example.test") == [
        "https://conf.example.test/mail.xml?emailaddress=anna%40example.test"
    ]


@pytest.mark.parametrize("validated", [False, True])
def test_a_host_elsewhere_that_a_record_names_is_not_told_the_address_and_needs_consent(online, validated):
    online.world.validated = validated
    recorded(online, "mailconf=https://conf.hoster.test/mail.xml", host="conf.hoster.test")
    found = discovered(online)
    assert (found["imap"]["host"], found["imap"]["trust"]) == (HOST, "unauthenticated")
    assert [notice["code"] for notice in found["needs_consent"]] == ["foreign_domain"]
    assert "hoster.test" in found["needs_consent"][0]["text"]
    assert asked_of(online, "conf.hoster.test") == ["https://conf.hoster.test/mail.xml"]


def test_a_host_elsewhere_that_answers_about_addresses_only_learns_the_domain(online):
    page = about_addresses_only(literal("{address}"))
    online.machine("mail.hoster.test")
    recorded(online, "mailconf=https://conf.hoster.test/mail.xml", host="conf.hoster.test", page=page)
    assert names_of(discovered(online)) == {ANNA}
    assert "anna" not in " ".join(asked_of(online, "conf.hoster.test"))


@pytest.mark.parametrize(
    "place",
    [
        "http://conf.example.test/mail.xml",
        "https://conf.example.test:8443/mail.xml",
        "https://127.0.0.1/mail.xml",
        "https://user@conf.example.test/mail.xml",
        "https:\\\\conf.example.test/mail.xml",
        "https://conf.example.test/\u202e\x1b[2J",
        "",
    ],
)
def test_a_record_that_names_no_safe_url_is_refused(online, place):
    recorded(online, f"mailconf={place}")
    found = discovered(online)
    assert (found["imap"], source(found, "autoconfig")["outcome"]) == (None, "refused")
    assert source(found, "autoconfig")["detail"].isprintable()
    assert asked_of(online, "conf.example.test") == []


def test_a_redirect_from_where_a_record_leads_is_asked_about(online):
    there = "https://conf.hoster.test/mail.xml"
    page = Page(b"", status=302, headers={"Location": there})
    recorded(online, "mailconf=https://conf.example.test/mail.xml", page=page)
    online.publish("conf.hoster.test", config(*servers()), "/mail.xml")
    found = discovered(online)
    assert found["imap"]["trust"] == "unauthenticated"
    assert [notice["code"] for notice in found["needs_consent"]] == ["foreign_domain"]


def test_the_host_for_it_comes_before_the_record(online):
    recorded(online, "mailconf=https://conf.example.test/mail.xml", file=config(*servers("old.example.test")))
    online.publish("autoconfig.example.test", config(*servers()))
    found = discovered(online)
    assert (found["imap"]["host"], found["imap"]["trust"]) == (HOST, "authenticated")
    assert "TXT" not in source(found, "autoconfig")["detail"]


def test_a_record_that_names_the_usual_place_is_no_second_question(online):
    recorded(online, "mailconf=https://autoconfig.example.test/mail/config-v1.1.xml")
    online.publish("autoconfig.example.test", Page(b"", status=404))
    answer = source(discovered(online), "autoconfig")
    assert (answer["outcome"], len(asked_of(online, "autoconfig.example.test"))) == ("nothing", 1)


# --- Autodiscover refers to an address of another domain


def readdressed(address):
    return Page(
        f'<Autodiscover><Response xmlns="{OUTLOOK}"><Account><AccountType>email</AccountType>'
        f"<Action>redirectAddr</Action><RedirectAddr>{address}</RedirectAddr></Account></Response></Autodiscover>"
    )


POX = "/autodiscover/autodiscover.xml"


def refers(online, answer, host="autodiscover.hoster.test", to="box17@hoster.test"):
    online.machine("mail.hoster.test")
    online.publish("autodiscover.example.test", readdressed(to), POX)
    online.publish(host, answer, POX)


@pytest.mark.parametrize("host", ["autodiscover.hoster.test", "hoster.test"])
@pytest.mark.parametrize(("login", "name"), [("", "box17@hoster.test"), ("<LoginName>x9</LoginName>", "x9")])
def test_an_address_elsewhere_is_asked_about_there_where_that_was_agreed_to(online, host, login, name):
    refers(online, autodiscover(login, host="mail.hoster.test"), host)
    found = discovered(online, "--accept", "foreign_domain")
    assert (found["imap"]["host"], found["imap"]["trust"]) == ("mail.hoster.test", "unauthenticated")
    assert names_of(found) == {name}
    assert [notice["code"] for notice in found["needs_consent"]] == ["foreign_domain"]
    assert "redirects to another domain: hoster.test" in source(found, "autodiscover")["detail"]


def test_an_address_elsewhere_is_not_asked_about_without_agreement(online):
    refers(online, autodiscover("", host="mail.hoster.test"))
    found = discovered(online)
    assert found["imap"] is None
    assert [notice["code"] for notice in found["needs_consent"]] == ["foreign_domain"]
    assert not [event for event in online.world.seen if event[0] == "http" and "hoster.test" in event[2]]


def test_what_was_agreed_to_in_advance_is_exported_and_nothing_else_is(online, tmp_path):
    refers(online, autodiscover("", host="mail.hoster.test"))
    words = ("--format", "autoconfig", "--no-input", "--no-probe", "--output", str(tmp_path / "out"), "--timeout", "60")
    assert online.run("export", ANNA, *words).code == 3
    assert online.run("export", ANNA, *words, "--accept", "foreign_domain").code == 0


def test_addresses_that_refer_to_each_other_end(online):
    refers(online, readdressed(ANNA))
    found = discovered(online, "--accept", "foreign_domain")
    assert source(found, "autodiscover")["outcome"] == "refused"
    assert "redirects too many times" in source(found, "autodiscover")["detail"]


# --- the form of a user name, in a file that is for every user of the domain

FORMS = [
    "%EMAILLOCALPART%@other.test",
    "%EMAILLOCALPART%.mail",
    "CORP\\%EMAILLOCALPART%",
    "%EMAILLOCALPART%+%EMAILDOMAIN%",
    "%EMAILDOMAIN%%%EMAILLOCALPART%",
    "%EMAILLOCALPART%",
    "%EMAILADDRESS%",
    "box17",
]
DERIVED = [form for form in FORMS if not form.endswith(".mail")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("address", [ANNA, "a@example.test", "mail@example.test"])
def test_the_form_of_a_user_name_is_exported_and_not_the_name_of_one_person(online, tmp_path, form, address):
    online.machine(HOST)
    online.publish("autoconfig.example.test", config(*servers(username=form)))
    names = user_names(exported(online, tmp_path, address=address))
    bob = parse_address("bob@example.test")
    assert {fill(name, bob) for name in names} == {fill(form, bob)}


def test_a_form_in_small_letters_is_exported_in_those_that_every_program_knows(online, tmp_path):
    online.machine(HOST)
    online.publish("autoconfig.example.test", config(*servers(username="%emaillocalpart%@other.test")))
    assert user_names(exported(online, tmp_path)) == {"%EMAILLOCALPART%@other.test"}


def test_the_form_stays_where_another_source_names_the_same_server_first(online, tmp_path):
    online.machine(HOST)
    online.srv("example.test", HOST, {"_imaps": 993, "_submissions": 465})
    online.publish("autoconfig.example.test", config(*servers(username="%EMAILLOCALPART%.mail")))
    assert user_names(exported(online, tmp_path)) == {"%EMAILLOCALPART%.mail"}


@pytest.mark.parametrize("form", DERIVED)
def test_the_form_is_found_again_in_settings_that_have_the_name_of_one_person(online, run_cli, tmp_path, form):
    online.machine(HOST)
    page = autodiscover(f"<LoginName>{fill(form, parse_address(ANNA))}</LoginName>")
    online.publish("autodiscover.example.test", page, "/autodiscover/autodiscover.xml")
    (tmp_path / "s.json").write_text(json.dumps(discovered(online)))
    assert run_cli("export", "--settings", "s.json", "--format", "autoconfig", "--output", "out").code == 0
    names = user_names(ET.parse(tmp_path / "out" / "config-v1.1.xml").getroot())
    bob = parse_address("bob@example.test")
    assert {fill(name, bob) for name in names} == {fill(form, bob)}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("a@example.test", "anna"),
        ("mail@example.test", "mail.other.test"),
        ("mail@example.test", "webmail@other.test"),
        ("17@example.test", "box17"),
        ("anna@example.test", "anna-17"),
    ],
)
def test_a_name_that_merely_holds_the_local_part_stays_as_it_is(run_cli, tmp_path, address, name):
    server = {
        "host": HOST,
        "port": 993,
        "socket_type": "SSL",
        "username": name,
        "authentication": ["password-cleartext"],
    }
    document = {"schema": 1, "address": address, "imap": server, "smtp": {**server, "port": 465}}
    (tmp_path / "s.json").write_text(json.dumps(document))
    assert run_cli("export", "--settings", "s.json", "--format", "autoconfig", "--output", "out").code == 0
    assert user_names(ET.parse(tmp_path / "out" / "config-v1.1.xml").getroot()) == {name}
