"""The words for values: the everyday word, with the one that mail programs show. Each stands here and nowhere else.

Everything above ``model/`` may use it: files, diagnoses and screens say the same. What belongs to data (questions,
reasons, causes, install steps) stands in ``templates/`` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import mark, translate_plural
from wizard.language import translate as _
from wizard.model.discovery import Outcome
from wizard.model.servers import AfterDownload, AuthenticationMethod, SocketType
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.model import recommendation
    from wizard.model.diagnosis import Confidence, Finding, RungName, RungStatus, Target
    from wizard.model.discovery import FoundServer
    from wizard.model.provider import Provider, Step
    from wizard.model.recommendation import Option
    from wizard.model.servers import LeavePolicy, MailAccount, Protocol, Server

_SECURITY = {
    SocketType.SSL: "SSL/TLS",
    SocketType.STARTTLS: "STARTTLS",
    SocketType.PLAIN: mark("none (not encrypted!)"),
}

_METHODS = {
    AuthenticationMethod.PASSWORD_CLEARTEXT: mark("normal password"),
    AuthenticationMethod.PASSWORD_ENCRYPTED: mark("encrypted password"),
    AuthenticationMethod.OAUTH2: "OAuth2",
    AuthenticationMethod.NTLM: "NTLM",
    AuthenticationMethod.GSSAPI: "Kerberos / GSSAPI",
    AuthenticationMethod.TLS_CLIENT_CERT: mark("certificate"),
    AuthenticationMethod.CLIENT_IP_ADDRESS: mark("none"),
    AuthenticationMethod.NONE: mark("none"),
}

_OUTCOMES = {
    Outcome.FOUND: mark("found"),
    Outcome.NOTHING: mark("nothing"),
    Outcome.UNREACHABLE: mark("unreachable"),
    Outcome.MALFORMED: mark("malformed"),
    Outcome.REFUSED: mark("refused"),
    Outcome.CANCELLED: mark("cancelled"),
}

# Of the diagnosis by value: its module is not needed to write files, and start-up time is a feature.
_RUNGS = {
    "dns": mark("name (DNS)"),
    "tcp": mark("connection (TCP)"),
    "tls": mark("encryption (TLS)"),
    "greeting": mark("greeting"),
    "capabilities": mark("capabilities"),
    "starttls": mark("upgrade (STARTTLS)"),
    "login": mark("log-in"),
    "mailbox": mark("mailbox"),
}

_STATUSES = {
    "ok": mark("ok"),
    "failed": mark("failed"),
    "skipped": mark("not tried"),
}

_CONFIDENCES = {
    "certain": mark("certain"),
    "likely": mark("likely"),
    "possible": mark("possible"),
}

_ADVICE_CONFIDENCES = {
    "clear": mark("a clear case"),
    "leaning": mark("leaning this way"),
    "close": mark("a close call: the other way is fine too"),
}

_OPTIONS = {
    "imap": mark("IMAP: the mail stays on the server"),
    "imap_archive": mark("IMAP, with old mail moved to this computer"),
    "pop_keep": mark("POP3 that leaves messages on the server for some days"),
    "pop": mark("POP3: download the mail and clear the server"),
    "none": mark("no mail program: this provider does not allow one"),
}

_OFFERS = {
    "both": mark("IMAP and POP3"),
    "imap_only": mark("IMAP only"),
    "pop_only": mark("POP3 only"),
    "neither": mark("neither IMAP nor POP3"),
    None: mark("not known for certain"),
}

_PASSWORD_KINDS = {
    "account": mark("the password of the mailbox"),
    "app_password": mark("an app password, made on the provider's web site"),
    "app_password_if_2fa": mark("the password of the mailbox; with two-step sign-in, an app password"),
    "bridge": mark("the password that the provider's Bridge program shows"),
    "authorisation_code": mark("an authorisation code, made on the provider's web site"),
    "none": mark("none: the provider's own sign-in page opens"),
}

_PASSWORD_HINTS = {
    "account": mark("the password of this mailbox"),
    "app_password": mark("an app password that {provider} makes for you, not your usual one"),
    "app_password_if_2fa": mark(
        "the password of this mailbox; an app password if you sign in to {provider} in two steps"
    ),
    "bridge": mark("the password that the bridge program of {provider} shows"),
    "authorisation_code": mark("the authorisation code that {provider} gives you, not your usual password"),
}


# Servers


def protocol_label(protocol: Protocol) -> str:
    """``IMAP``, ``POP3`` or ``SMTP``."""
    return protocol.value.upper()


def security_label(socket_type: SocketType) -> str:
    """What most programs call the security of the connection, with a warning where there is none."""
    return _(_SECURITY[socket_type])


def security_setting(socket_type: SocketType) -> str:
    """As :func:`security_label`, where it is something to choose in a mail program: no warning."""
    return _("none") if socket_type is SocketType.PLAIN else _SECURITY[socket_type]


def server_label(server: Server) -> str:
    """Host, port and security on one line; the letters of an internationalised name behind it, in brackets."""
    from wizard.model.address import Domain

    security = security_label(server.socket_type) if server.secure else _("not encrypted!")
    line = f"{server.hostname} {server.port} {security}"
    letters = Domain(server.hostname).unicode
    return line if letters == server.hostname else f"{line} ({letters})"


def endpoint_label(server: Server) -> str:
    """Protocol, host, port and security on one line."""
    return f"{protocol_label(server.protocol)}  {server_label(server)}"


def target_label(target: Target) -> str:
    """``mail.example.org 993 SSL/TLS``: the values as a mail program shows them."""
    return f"{target.host} {target.port} {security_setting(target.socket_type)}"


def login_label(server: Server) -> str:
    """How one logs in: the first method, in everyday words."""
    methods = server.authentication
    if server.only_oauth2:
        return _("sign-in page of the provider (OAuth2)")
    if AuthenticationMethod.OAUTH2 in methods:
        return _("sign-in page of the provider (OAuth2), or a password")
    if AuthenticationMethod.PASSWORD_CLEARTEXT in methods:
        return _("password")
    if AuthenticationMethod.PASSWORD_ENCRYPTED in methods:
        return _("encrypted password")
    return printable(", ".join(methods)) or _("not known")


def username_label(server: Server) -> str:
    """The user name, and how one logs in with it."""
    return _("user name {username}; log in with: {login}").format(
        username=server.username or "–", login=login_label(server)
    )


def authentication_label(method: AuthenticationMethod) -> str:
    """What most programs call an authentication method."""
    return _(_METHODS[method])


def authentication_setting(server: Server) -> str:
    """What to choose as the authentication method in a mail program: the first that needs no explanation."""
    first = next(iter(server.authentication), AuthenticationMethod.PASSWORD_CLEARTEXT)
    if first is AuthenticationMethod.OAUTH2 and server.takes_password:
        return _("OAuth2, or normal password")
    return authentication_label(first)


def tls_version_label(version: str) -> str:
    """``TLS 1.0`` for OpenSSL's ``TLSv1``, ``SSL 3`` for ``SSLv3``; empty for anything else."""
    name, _v, number = version.partition("v")
    return f"{name} {number}{'.0' if name == 'TLS' and '.' not in number else ''}" if number else ""


# What a look-up found


def outcome_label(outcome: Outcome) -> str:
    """The outcome of asking a source."""
    return _(_OUTCOMES[outcome])


def state_label(found: FoundServer) -> str:
    """Whether a server was seen to answer, and why not."""
    if found.verified and not found.server.secure:
        return _("answers, but does not encrypt")
    if found.verified:
        return _("answers, certificate valid")
    if found.verified is False and found.trouble:
        return _("does not answer as it should: {reason}").format(reason=printable(found.trouble))
    return _("not tried") if found.verified is None else _("does not answer as it should")


# Providers


def offers_label(offers: str | None) -> str:
    """Which protocols for reading a provider offers."""
    return _(_OFFERS[offers])


def password_kind_label(kind: str) -> str:
    """What goes into the password field of a mail program: a value of ``Provider.password_kind``."""
    return _(_PASSWORD_KINDS[kind])


def password_hint(account: MailAccount, provider: Provider | None) -> str:
    """What goes into the password field for this account, as a part of a sentence."""
    name = account.provider_name or account.address.domain.unicode
    if account.only_oauth2:
        return _("no password: the program opens the sign-in page of {provider}").format(provider=name)
    kind = provider.password_kind if provider is not None else ""
    if provider is not None and kind == "account" and provider.source.confidence == "unverified":
        kind = ""
    if kind not in _PASSWORD_HINTS:
        return _("the password of this mailbox, or an app password if your provider requires one")
    return _(_PASSWORD_HINTS[kind]).format(provider=name)


def step_label(step: Step) -> str:
    """A step at the provider with its address; a fact nobody verified is called so."""
    text = _(step.text)
    if step.url is not None:
        text = f"{text} {step.url}"
    if step.source.confidence == "unverified":
        text = _("{text} (not verified by us)").format(text=text)
    return text


# Advice


def option_label(option: Option) -> str:
    """An outcome of the advice in few words, with the technical word that mail programs show."""
    return _(_OPTIONS[option])


def advice_confidence_label(confidence: recommendation.Confidence) -> str:
    """How sure the advice is."""
    return _(_ADVICE_CONFIDENCES[confidence])


def leave_label(policy: LeavePolicy) -> str:
    """How long POP3 leaves messages on the server, in short."""
    if policy.days is not None:
        return _("{days} days on the server, then only on this computer").format(days=policy.days)
    if policy.kind is AfterDownload.REMOVE:
        return _("removed from the server once downloaded")
    return _("kept on the server permanently")


def leave_sentence(policy: LeavePolicy) -> str:
    """What happens on the server to messages that POP3 has downloaded, as a sentence."""
    if policy.kind is AfterDownload.KEEP_DAYS and policy.days is not None:
        return translate_plural(
            "Downloaded messages stay on the server for {days} day, then they are only on your computer.",
            "Downloaded messages stay on the server for {days} days, then they are only on your computer.",
            policy.days,
        ).format(days=policy.days)
    if policy.kind is AfterDownload.KEEP:
        return _("Downloaded messages stay on the server permanently: empty it yourself before it is full.")
    return _("Downloaded messages are removed from the server at once: the copy on your computer is the only one.")


# A diagnosis


def rung_label(name: RungName) -> str:
    """A step of the ladder."""
    return _(_RUNGS[name])


def status_label(status: RungStatus) -> str:
    """The outcome of a step."""
    return _(_STATUSES[status])


def confidence_label(confidence: Confidence) -> str:
    """How sure a finding is."""
    return _(_CONFIDENCES[confidence])


def scope_label(finding: Finding) -> str:
    """The protocol that a finding is about; empty where it is not about one server."""
    return "" if finding.protocol is None else protocol_label(finding.protocol)


# Times


def duration_label(elapsed_ms: int) -> str:
    """Milliseconds as seconds, for people: hundredths where it went fast."""
    seconds = elapsed_ms / 1000
    whole, _point, part = (f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}").partition(".")
    # Translators: the decimal sign of the language.
    return _("{whole}.{part} s").format(whole=whole, part=part)


def month_label(date: str) -> str:
    """The month of an ISO date, as it is written in the active language."""
    # Translators: the order and the signs that are usual for a month with its year.
    return _("{year}-{month}").format(year=date[:4], month=date[5:7])
