"""Words for an account that several outputs share: the password, the security, how long messages stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.language import translate_plural
from wizard.model.servers import AfterDownload, AuthenticationMethod, SocketType

if TYPE_CHECKING:
    from wizard.model.provider import Provider
    from wizard.model.servers import LeavePolicy, MailAccount, Server


def password_in_words(account: MailAccount, provider: Provider | None) -> str:
    """What goes into the password field, as a part of a sentence."""
    name = account.provider_name or account.address.domain.unicode
    if account.only_oauth2:
        return _("no password: the program opens the sign-in page of {provider}").format(provider=name)
    kind = provider.password_kind if provider is not None else ""
    if provider is not None and kind == "account" and provider.source.confidence == "unverified":
        kind = ""
    text = {
        "account": _("the password of this mailbox"),
        "app_password": _("an app password that {provider} makes for you, not your usual one"),
        "app_password_if_2fa": _(
            "the password of this mailbox; an app password if you sign in to {provider} in two steps"
        ),
        "bridge": _("the password that the bridge program of {provider} shows"),
        "authorisation_code": _("the authorisation code that {provider} gives you, not your usual password"),
    }.get(kind, _("the password of this mailbox, or an app password if your provider wants one"))
    return text.format(provider=name)


def security_in_words(server: Server) -> str:
    """What most programs call the security of the connection."""
    if server.socket_type is SocketType.PLAIN:
        return _("none (not encrypted!)")
    return "SSL/TLS" if server.socket_type is SocketType.SSL else "STARTTLS"


def sign_in_in_words(server: Server) -> str:
    """How one proves who one is, in the words that programs show; the first method that needs no explanation."""
    if server.only_oauth2:
        return "OAuth2"
    words = {
        AuthenticationMethod.OAUTH2: _("OAuth2, or normal password"),
        AuthenticationMethod.PASSWORD_CLEARTEXT: _("normal password"),
        AuthenticationMethod.PASSWORD_ENCRYPTED: _("encrypted password"),
        AuthenticationMethod.NTLM: "NTLM",
        AuthenticationMethod.GSSAPI: "Kerberos / GSSAPI",
        AuthenticationMethod.TLS_CLIENT_CERT: _("certificate"),
        AuthenticationMethod.CLIENT_IP_ADDRESS: _("none"),
        AuthenticationMethod.NONE: _("none"),
    }
    first = next(iter(server.authentication), AuthenticationMethod.PASSWORD_CLEARTEXT)
    if first is AuthenticationMethod.OAUTH2 and not server.takes_password:
        return "OAuth2"
    return words[first]


def leave_in_words(policy: LeavePolicy) -> str:
    """What happens on the server to messages that POP3 has downloaded, as a sentence."""
    if policy.kind is AfterDownload.KEEP_DAYS and policy.days is not None:
        return translate_plural(
            "Downloaded messages stay on the server for {days} day, then they are only on your computer.",
            "Downloaded messages stay on the server for {days} days, then they are only on your computer.",
            policy.days,
        ).format(days=policy.days)
    if policy.kind is AfterDownload.KEEP:
        return _("Downloaded messages stay on the server for good: empty it yourself before it is full.")
    return _("Downloaded messages are removed from the server at once: the copy on your computer is the only one.")
