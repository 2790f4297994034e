"""Sentences that nobody has listed, in other words and languages, are read by what they speak of."""

from __future__ import annotations

import pytest

from wizard.diagnosis.knowledge import Stage
from wizard.diagnosis.refusals import interpret
from wizard.model.diagnosis import Confidence
from wizard.model.servers import Protocol

SENTENCES = """
pop3 login | -ERR [AUTH] Maildrop is being accessed by another client | mailbox_in_use
pop3 login | -ERR Couldn't open mailbox, another POP3 session has it open | mailbox_in_use
pop3 login | -ERR Mailbox already opened by another user | mailbox_in_use
pop3 login | -ERR La casella è attualmente utilizzata da un'altra sessione | mailbox_in_use
pop3 login | -ERR casella bloccata: è in corso un'altra connessione POP | mailbox_in_use
pop3 login | -ERR Das Postfach wird gerade von einem anderen Programm abgerufen | mailbox_in_use
pop3 login | -ERR Postfach ist durch eine andere Sitzung gesperrt | mailbox_in_use
pop3 login | -ERR La boîte aux lettres est verrouillée par une autre session | mailbox_in_use
pop3 login | -ERR El buzón está siendo utilizado por otra sesión | mailbox_in_use
pop3 login | -ERR exclusive lock on maildrop could not be obtained | mailbox_in_use
imap login | NO [AUTHENTICATIONFAILED] account has no permission for IMAP | protocol_switched_off
imap login | NO You are not entitled to use this service | protocol_switched_off
smtp login | 535 5.7.8 SMTP service is not enabled for this account | protocol_switched_off
smtp login | 535 L'utente non è abilitato all'utilizzo del servizio SMTP | protocol_switched_off
pop3 login | -ERR [AUTH] POP3-Zugriff ist deaktiviert | protocol_switched_off
pop3 login | -ERR [AUTH] Sie sind für diesen Dienst nicht freigeschaltet | protocol_switched_off
imap login | NO L'utilisateur n'a pas les droits d'accès à ce service | protocol_switched_off
imap login | NO El usuario no tiene permiso para acceder por IMAP | protocol_switched_off
imap login | NO IMAP access turned off by user | protocol_switched_off
pop3 login | -ERR POP3 not permitted, please enable it in your settings | protocol_switched_off
imap login | NO Mailbox access via IMAP is blocked | protocol_switched_off
imap login | NO [AUTHENTICATIONFAILED] login limit exceeded | rate_limited
smtp login | 535 5.7.8 Too many failed logins, account locked for 30 minutes | rate_limited
imap login | NO [AUTHENTICATIONFAILED] Troppi tentativi di accesso errati, riprovare tra 15 minuti | rate_limited
imap login | NO Zu viele fehlgeschlagene Anmeldeversuche | rate_limited
imap login | NO Trop de tentatives de connexion, réessayez plus tard | rate_limited
imap login | NO Demasiados intentos de acceso | rate_limited
imap login | NO account temporarily blocked due to repeated login failures | rate_limited
imap login | NO Superato il numero massimo di connessioni contemporanee | too_many_connections
imap login | NO Maximale Anzahl gleichzeitiger Verbindungen erreicht | too_many_connections
imap login | NO Nombre maximum de connexions simultanées atteint | too_many_connections
imap login | NO Too many active IMAP sessions | too_many_connections
imap login | NO Connection limit for this user reached | too_many_connections
smtp login | 504 5.5.4 Authentication mechanism PLAIN is not available | auth_mechanism_missing
imap login | NO unknown SASL mechanism | auth_mechanism_missing
smtp login | 535 5.7.8 AUTH LOGIN not supported by this server | auth_mechanism_missing
smtp login | 535 Meccanismo di autenticazione non supportato | auth_mechanism_missing
imap login | NO [AUTHENTICATIONFAILED] Password expired, see https://x.example/ to renew it | password_expired
smtp login | 535 5.7.8 Your password needs to be changed | password_expired
imap login | NO Le mot de passe a expiré | password_expired
imap login | NO La contraseña ha caducado | password_expired
imap login | NO Kennwort abgelaufen, bitte ändern | password_expired
imap login | NO È necessario cambiare la password | password_expired
imap login | NO credentials have expired | password_expired
smtp login | 535 5.7.139 Authentication unsuccessful, basic auth is turned off for this tenant | auth_oauth2_only
smtp login | 535 5.7.3 Only OAuth2 is accepted here | auth_oauth2_only
imap login | NO BasicAuthBlocked-LegacyAuth | auth_oauth2_only
smtp login | 535 5.7.139 Authentication unsuccessful, blocked by Conditional Access policies | program_refused/by_policy
imap login | NO [AUTHENTICATIONFAILED] Access denied by security policy | program_refused/by_policy
imap login | NO Sign-in blocked by your administrator | protocol_switched_off/by_the_administrator
smtp login | 534 5.7.9 Please sign in using a browser to continue | auth_failed/web_login
imap login | NO [WEBALERT] Web login required | auth_failed/web_login
smtp login | 535 5.7.8 Effettua prima l'accesso dal browser | auth_failed/web_login
imap login | NO [AUTHENTICATIONFAILED] Use an app-specific password | auth_needs_app_password
imap login | NO Serve una password specifica per le applicazioni | auth_needs_app_password
imap login | NO Bitte verwenden Sie ein App-Passwort | auth_needs_app_password
imap login | NO two-factor authentication is enabled for this account | auth_needs_app_password
imap login | NO Account suspended | auth_failed/blocked
smtp login | 535 5.7.8 Il tuo account è stato disattivato | auth_failed/blocked
imap login | NO Ihr Konto wurde gesperrt | auth_failed/blocked
imap login | NO Votre compte est désactivé | auth_failed/blocked
smtp data | 554 5.7.1 Il messaggio è stato rifiutato perché contiene spam | taken_for_spam
smtp data | 550 High probability of spam | taken_for_spam
smtp data | 550 Nachricht wegen Spamverdacht abgelehnt | taken_for_spam
smtp data | 550 Message refusé: considéré comme indésirable | taken_for_spam
smtp data | 550 5.7.1 Content rejected by policy | taken_for_spam
smtp data | 554 rejected: your message contains a virus | taken_for_spam
smtp rcpt | 550 5.4.5 Daily sending quota exceeded | rate_reached
smtp rcpt | 452 4.5.3 Too many recipients this hour | rate_reached
smtp rcpt | 451 4.7.1 You have reached your hourly limit of 100 messages | rate_reached
smtp rcpt | 550 Superato il limite orario di invii | rate_reached
smtp rcpt | 550 Tageslimit für den Versand erreicht | rate_reached
smtp rcpt | 550 Quota d'envoi dépassé | rate_reached
smtp rcpt | 550 Límite de envíos por hora superado | rate_reached
smtp mail | 550 5.7.1 Your account is blocked for sending spam | sending_suspended
smtp mail | 550 Account compromised, outgoing mail disabled | sending_suspended
smtp mail | 550 Invio disabilitato per questa casella | sending_suspended
smtp mail | 550 Versand für dieses Postfach gesperrt | sending_suspended
smtp mail | 550 L'envoi est suspendu pour ce compte | sending_suspended
smtp mail | 550 Sender blocked for 4 hours | sending_suspended
smtp mail | 550 5.7.1 Outbound mail from this user has been suspended | sending_suspended
smtp rcpt | 550 5.1.1 Mailbox not found on this system | mailbox_moved
smtp rcpt | 550 5.1.1 The email account that you tried to reach does not exist | mailbox_moved
smtp rcpt | 550 Invalid recipient | mailbox_moved
smtp rcpt | 550 La casella non esiste | mailbox_moved
smtp rcpt | 550 Unbekannter Empfänger | mailbox_moved
smtp rcpt | 550 5.1.1 no such mailbox here | mailbox_moved
smtp rcpt | 550 unknown user | mailbox_moved
smtp rcpt | 550 5.7.1 Your IP is on the Spamhaus PBL | address_blacklisted
smtp greeting | 554 5.7.1 Your IP address has a poor reputation | address_blacklisted
smtp greeting | 550 IP bloccato: presente in blacklist | address_blacklisted
smtp greeting | 554 Ihre IP-Adresse steht auf einer Sperrliste | address_blacklisted
smtp greeting | 550 Dynamic IP addresses are not allowed | address_blacklisted
smtp greeting | 550 HELO: invalid hostname | helo_refused
smtp mail | 504 5.5.2 <DESKTOP-1>: Helo command rejected: need fully-qualified hostname | helo_refused
smtp mail | 553 5.7.1 Sender address not owned by authenticated user | smtp_sender_refused
smtp mail | 550 Mittente non autorizzato | smtp_sender_refused
smtp mail | 550 You are not allowed to send from this address | smtp_sender_refused
smtp mail | 550 Absenderadresse nicht erlaubt | smtp_sender_refused
smtp rcpt | 550 Relaying denied, authentication required | smtp_auth_missing/required
smtp rcpt | 553 relaying to remote domains is prohibited | smtp_relay_denied
imap login | NO The domain has expired | hosting_suspended
imap login | NO Hosting account suspended for non-payment | hosting_suspended
imap login | NO Servizio sospeso per mancato pagamento | hosting_suspended
imap login | NO Vertrag gekündigt | hosting_suspended
imap mailbox | NO Quota exceeded | mailbox_full
smtp rcpt | 552 casella piena | mailbox_full
imap login | NO Casella piena, impossibile accedere | mailbox_full
imap login | NO [UNAVAILABLE] Internal error occurred. Refer to server log | temporarily_unavailable
imap login | NO Server in manutenzione, riprovare più tardi | temporarily_unavailable
imap login | NO Login failed: the backend is down | temporarily_unavailable
imap login | NO [AUTHENTICATIONFAILED] Nome utente o password non corretti | auth_failed
imap login | NO Invalid username or password | auth_failed
smtp login | 535 5.7.8 Authentication credentials invalid | auth_failed
smtp login | 535 Login o password errati | auth_failed
imap login | NO Benutzername oder Passwort ungültig | auth_failed
imap login | NO [AUTHENTICATIONFAILED] the account is not locked, but the password is wrong | auth_failed
imap login | NO Password incorrect. If you forgot it, reset your password at https://x.example/ | auth_failed
imap login | NO Invalid credentials, 4 attempts left | auth_failed
imap login | NO Wrong password; after 5 attempts your account will be locked | auth_failed
smtp login | 535 5.7.8 Username and password not accepted. Learn more about app passwords | auth_needs_app_password
pop3 mailbox | -ERR message 12 cannot be read | message_blocks_pop3
pop3 mailbox | -ERR corrupt message in mailbox | message_blocks_pop3
imap login | NO The quick brown fox |
smtp login | 535 5.7.8 Access denied |
"""
"""When it is said, what is said, and what it means, with the case; nothing for what nobody knows."""


def rows() -> list[tuple[str, str, str]]:
    cells = [[cell.strip() for cell in line.split("|")] for line in SENTENCES.strip().splitlines()]
    return [(at, says, means) for at, says, means in cells]


@pytest.mark.parametrize(("at", "says", "means"), rows())
def test_a_sentence_is_read_by_what_it_speaks_of(at, says, means):
    protocol, stage = at.split()
    found = interpret(Protocol(protocol), "", says, stage=Stage(stage))
    if not means:
        assert found is None or found.case == "unclear"
        return
    assert found is not None
    assert (f"{found.code}/{found.case}" if found.case else found.code) == means
    if means != "auth_failed":
        assert found.confidence is not Confidence.POSSIBLE


@pytest.mark.parametrize("stage", [Stage.LOGIN, Stage.RCPT])
def test_a_class_counts_only_where_it_may_be_said(stage):
    found = interpret(Protocol.SMTP, "", "550 unknown user", stage=stage)
    assert found.code == {Stage.LOGIN: "auth_failed", Stage.RCPT: "mailbox_moved"}[stage]
