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
imap greeting | * BYE Too many failed logins from 203.0.113.7, IP blocked for 30 minutes | address_locked_out/told
imap login | NO Your IP has been banned because of too many failed logins | address_locked_out/told
pop3 greeting | -ERR your IP is blocked | address_locked_out/told
pop3 login | -ERR IP blocked: brute-force protection | address_locked_out/told
smtp greeting | 421 Your IP address is blocked due to repeated authentication failures | address_locked_out/told
smtp login | 535 5.7.8 IP address temporarily banned after 5 wrong passwords | address_locked_out/told
smtp mail | 550 5.7.1 Host blocked after multiple invalid login attempts | address_locked_out/told
imap login | NO L'indirizzo IP è stato bloccato per troppi tentativi di accesso falliti | address_locked_out/told
smtp login | 535 Il tuo IP è bloccato: troppe password errate | address_locked_out/told
imap login | NO Ihre IP-Adresse wurde nach zu vielen falschen Anmeldungen gesperrt | address_locked_out/told
smtp greeting | 421 IP gesperrt nach mehreren falschen Passwörtern | address_locked_out/told
imap login | NO Votre adresse IP est bloquée suite à trop de tentatives de connexion échouées | address_locked_out/told
smtp login | 454 4.7.0 IP bannie: trop d'échecs d'authentification | address_locked_out/told
imap login | NO Su IP ha sido bloqueada por demasiados intentos fallidos | address_locked_out/told
smtp login | 535 Dirección IP bloqueada: demasiadas contraseñas incorrectas | address_locked_out/told
smtp login | 535 5.7.8 Account temporarily locked after too many failed logins from IP 203.0.113.7 | rate_limited
smtp greeting | 550 Access from IP address 203.0.113.7 blocked | address_blacklisted
smtp rcpt | 554 5.7.1 Your IP is blocked; please authenticate before sending | address_blacklisted
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
pop3 login | -ERR [SYS/TEMP] Mailbox is busy, please try again later | mailbox_in_use
pop3 login | -ERR [IN-USE] Do you have another POP session running? | mailbox_in_use
pop3 login | -ERR you already have a session open | mailbox_in_use
pop3 login | -ERR POP3 lock for user anna is held by another process | mailbox_in_use
pop3 login | -ERR mail drop is locked | mailbox_in_use
pop3 login | -ERR Un altro client sta già scaricando la posta | mailbox_in_use
pop3 login | -ERR Mailbox gesperrt durch POP-Server | mailbox_in_use
pop3 login | -ERR Ihr Postfach ist bereits geöffnet | mailbox_in_use
pop3 login | -ERR La boîte est déjà ouverte par un autre programme | mailbox_in_use
pop3 login | -ERR El buzón ya está abierto en otro equipo | mailbox_in_use
imap login | NO [AUTHENTICATIONFAILED] This account does not have the right to use IMAP | protocol_switched_off
imap login | NO Access to this service is denied for this user | protocol_switched_off
imap login | NO [AUTHORIZATIONFAILED] user lacks permission for service imap | protocol_switched_off
smtp login | 535 5.7.1 Authentication rejected: SMTP access not allowed | protocol_switched_off
imap login | NO [ALERT] IMAP access disabled, see settings | protocol_switched_off
imap login | NO Utente senza diritti di accesso al servizio | protocol_switched_off
imap login | NO L'accesso tramite IMAP non è attivo per questa casella | protocol_switched_off
imap login | NO Der Abruf über IMAP ist nicht aktiviert | protocol_switched_off
imap login | NO Keine Berechtigung für IMAP | protocol_switched_off
imap login | NO Accès IMAP non autorisé pour cet utilisateur | protocol_switched_off
imap login | NO El servicio IMAP está desactivado | protocol_switched_off
imap login | NO [AUTHENTICATIONFAILED] Service disabled for this mailbox | protocol_switched_off
imap login | NO [AUTHENTICATIONFAILED] max login attempts reached | rate_limited
imap login | NO [LIMIT] Please wait before logging in again | rate_limited
smtp login | 535 5.7.0 Login frequency too high | rate_limited
smtp login | 454 4.7.0 Too many bad auth attempts from your IP | rate_limited
imap login | NO Accesso bloccato per 10 minuti per troppi errori | rate_limited
imap login | NO Zugang wegen Fehlversuchen für 15 Minuten gesperrt | rate_limited
imap login | NO Compte temporairement verrouillé | rate_limited
imap greeting | Too many connections from your address | too_many_connections
imap login | NO Limite di sessioni raggiunto | too_many_connections
imap login | NO Zu viele gleichzeitige Verbindungen | too_many_connections
imap login | NO User is over the maximum number of simultaneous logins | too_many_connections
imap login | BAD unsupported AUTHENTICATE type | auth_mechanism_missing
imap login | NO plain login method not offered | auth_mechanism_missing
smtp login | 535 5.7.8 requested authentication method is not available | auth_mechanism_missing
smtp login | 538 5.7.11 Encryption required for requested authentication mechanism | login_disabled/without_encryption
imap login | NO Password scaduta: rinnovala dalla webmail | password_expired
imap login | NO [AUTHENTICATIONFAILED] PASSWORD EXPIRED | password_expired
smtp login | 535 Your password is too weak, please change it | password_expired
imap login | NO Password change required | password_expired
imap login | NO You must change your password before logging in | password_expired
imap login | NO Ihr Kennwort muss geändert werden | password_expired
imap login | NO Vous devez changer votre mot de passe | password_expired
imap login | NO Debe cambiar su contraseña | password_expired
smtp login | 535 5.7.139 Authentication unsuccessful, the user did not meet the criteria | program_refused/by_policy
smtp login | 550 5.7.30 Basic authentication isn't supported | auth_oauth2_only
imap login | NO Legacy authentication blocked, use OAuth | auth_oauth2_only
imap login | NO Autenticazione di base non supportata | auth_oauth2_only
imap login | NO Standardauthentifizierung ist deaktiviert | auth_oauth2_only
smtp login | 535 Password login is no longer supported, use XOAUTH2 | auth_oauth2_only
smtp login | 534 5.7.9 Log in via your web browser first | auth_failed/web_login
smtp login | 534-5.7.14 Please log in through your browser and 534-5.7.14 then try again | auth_failed/web_login
imap login | NO Please sign in on our website and confirm your identity | auth_failed/web_login
imap login | NO Suspicious login blocked | auth_failed/web_login
imap login | NO [ALERT] Application-specific password needed | auth_needs_app_password
imap login | NO An application password is required | auth_needs_app_password
imap login | NO Please create an app password for this client | auth_needs_app_password
imap login | NO Login error: please use authorization code | auth_needs_app_password/authorisation_code
smtp login | 535 Error: authentication failed, use authorized code | auth_needs_app_password/authorisation_code
imap login | NO Mailbox suspended due to suspicious activity | auth_failed/blocked
imap login | NO Utenza cessata | auth_failed/blocked
smtp data | 554 5.7.1 The message matches a profile the Internet community may consider spam | taken_for_spam
smtp data | 550 5.7.1 SPAM | taken_for_spam
smtp data | 550 5.7.0 Message content not accepted | taken_for_spam
smtp data | 554 Transaction failed: spam | taken_for_spam
smtp data | 550 Il tuo messaggio è stato identificato come posta indesiderata | taken_for_spam
smtp data | 550 Mensaje rechazado por contenido sospechoso | taken_for_spam
smtp data | 550 Votre message contient un virus | taken_for_spam
smtp rcpt | 550 5.7.1 You have exceeded the number of emails allowed | rate_reached
smtp rcpt | 450 4.7.1 Sending rate exceeded | rate_reached
smtp mail | 421 4.7.0 Too many messages sent, slow down | rate_reached
smtp rcpt | 554 5.7.1 Messages limit per day reached | rate_reached
smtp rcpt | 550 Hai raggiunto il numero massimo di email giornaliere | rate_reached
smtp rcpt | 550 Zu viele E-Mails in der letzten Stunde | rate_reached
smtp rcpt | 550 Nombre maximal de messages par jour atteint | rate_reached
smtp rcpt | 550 Ha superado el límite diario de mensajes | rate_reached
smtp rcpt | 452 4.2.2 exceeded outgoing quota | rate_reached
smtp mail | 550 This user has been barred from sending mail | sending_suspended
smtp mail | 535 Your mailbox has been blocked from sending | sending_suspended
smtp mail | 550 5.7.1 Mail sending temporarily disabled due to abuse | sending_suspended
smtp mail | 550 SMTP account suspended for spam | sending_suspended
smtp mail | 550 Account bloccato per invio di spam | sending_suspended
smtp mail | 550 Il mittente è stato bloccato | sending_suspended
smtp mail | 550 Ihr Konto wurde wegen Spamversand gesperrt | sending_suspended
smtp mail | 550 Votre compte est bloqué pour envoi de spam | sending_suspended
smtp mail | 550 Su cuenta está bloqueada para envíos | sending_suspended
smtp mail | 554 5.7.1 Sender rejected | sending_suspended
smtp rcpt | 550 5.1.1 <anna@example.test>... User unknown | mailbox_moved
smtp rcpt | 550 No such recipient here | mailbox_moved
smtp rcpt | 553 5.3.0 <anna@example.test>... No such user here | mailbox_moved
smtp rcpt | 550 Destinatario inesistente | mailbox_moved
smtp rcpt | 550 Dieses Postfach existiert nicht | mailbox_moved
smtp rcpt | 550 La boîte aux lettres n'existe pas | mailbox_moved
smtp rcpt | 550 El destinatario no existe | mailbox_moved
smtp rcpt | 551 User not local; please try <anna@other.test> | mailbox_moved
smtp rcpt | 554 5.7.1 <x[203.0.113.7]>: Client host rejected: Access denied | address_blacklisted
smtp greeting | 554 Blocked - see https://www.spamcop.net/bl.shtml?203.0.113.7 | address_blacklisted
smtp rcpt | 550 Rejected because 203.0.113.7 is in a black list at b.barracudacentral.org | address_blacklisted
smtp mail | 550 Your domain is blacklisted | address_blacklisted
smtp greeting | 550 5.7.1 Service unavailable, client [203.0.113.7] blocked by reputation | address_blacklisted
smtp greeting | 501 5.5.4 Invalid domain name in EHLO | helo_refused
smtp mail | 550 5.7.1 Bad HELO - host impersonating domain name | helo_refused
smtp mail | 550 5.7.1 You may only send from your own address | smtp_sender_refused
smtp mail | 550 5.7.1 Sender not verified | smtp_sender_refused
smtp mail | 553 Mittente diverso dall'utente autenticato | smtp_sender_refused
smtp mail | 550 Expéditeur non autorisé | smtp_sender_refused
smtp mail | 550 El remitente no está autorizado | smtp_sender_refused
smtp rcpt | 550 5.7.1 Please authenticate before sending | smtp_auth_missing/required
smtp rcpt | 550 Autenticazione richiesta per l'invio | smtp_auth_missing/required
smtp rcpt | 550 5.7.1 Unable to relay | smtp_relay_denied
smtp rcpt | 550 5.7.1 Relay vietato | smtp_relay_denied
imap login | NO Your subscription has ended | hosting_suspended
imap login | NO Il dominio risulta scaduto | hosting_suspended
imap login | NO Domain gesperrt, offene Rechnung | hosting_suspended
imap login | NO L'hébergement est suspendu | hosting_suspended
imap login | NO El dominio ha expirado | hosting_suspended
imap mailbox | NO EXAMINE Unsafe Login, the client must send ID | program_refused
imap mailbox | NO client is not identified, send the ID command | program_refused
imap login | NO [UNAVAILABLE] Service temporarily unavailable | temporarily_unavailable
smtp data | 451 4.3.0 Error: queue file write error | temporarily_unavailable
imap login | NO Mailbox is not locked, invalid password | auth_failed
imap login | NO Anmeldung fehlgeschlagen | auth_failed
imap login | NO Échec de l'authentification | auth_failed
imap login | NO Identifiants invalides | auth_failed
imap login | NO Error de autenticación | auth_failed
imap login | NO Accesso non riuscito: password errata | auth_failed
pop3 login | -ERR [AUTH] Username or password is incorrect. Check your account settings. | auth_failed
pop3 login | -ERR Login fail. Account is abnormal |
imap login | NO computer says no |
smtp login | 535 5.7.8 Error: authentication failed: frobnication missing |
imap login | NO Login failed: the moon is full |
imap login | NO [AUTHENTICATIONFAILED] Authentication failed: not provisioned |
imap login | NO [AUTHENTICATIONFAILED] Authentication failed. | auth_failed
smtp login | 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6 | auth_failed
imap login | NO Login failed: authentication failure | auth_failed
smtp login | 535 Incorrect authentication data | auth_failed
pop3 login | -ERR [AUTH] Login failed | auth_failed
smtp login | 535 5.7.8 Authentication failed: quota for logins in your region |
smtp login | 535 5.7.8 Error: authentication failed: (reason unavailable) | auth_failed
smtp login | 535 5.7.8 Error: authentication failed | auth_failed
smtp login | 535 5.7.8 Error: authentication failed: no mechanism available | auth_mechanism_missing
imap greeting | * BYE Per-user session limit exceeded | too_many_connections
imap greeting | * BYE Session limit per IP exceeded | too_many_connections
imap login | NO Client connection count exceeded for this mailbox | too_many_connections
imap login | NO Limite di sessione superato per l'utente | too_many_connections
imap greeting | * BYE Sitzungslimit pro IP erreicht | too_many_connections
imap login | NO Limite de session par utilisateur dépassée | too_many_connections
imap login | NO Límite de sesión por usuario superado | too_many_connections
imap greeting | * BYE Connections from your region are not accepted | program_refused/by_place
imap greeting | * BYE Access denied: geo-blocking is active | program_refused/by_place
imap login | NO Logins from foreign countries are disabled for this account | program_refused/by_place
imap login | NO Login from outside the corporate network is not allowed, use the VPN | program_refused/by_place
imap login | NO Accesso dall'estero non consentito | program_refused/by_place
imap login | NO Accesso non permesso dal tuo paese | program_refused/by_place
imap login | NO Anmeldung nur aus dem Firmennetz oder über VPN möglich | program_refused/by_place
imap greeting | * BYE Zugriff aus Ihrem Land ist gesperrt | program_refused/by_place
imap login | NO Connexion depuis votre pays non autorisée | program_refused/by_place
imap login | NO Acceso desde su país no permitido | program_refused/by_place
imap mailbox | NO SELECT unsafe client detected, please upgrade your mail app | program_refused
imap mailbox | NO Your client is not secure, update your mail program | program_refused
imap mailbox | NO The login is considered unsafe | program_refused
imap login | NO La password risulta in scadenza superata, è scaduta ieri | password_expired
imap login | NO La validità della password è terminata | password_expired
imap login | NO La parola d'ordine è scaduta | password_expired
imap login | NO Votre mot de passe est arrivé à expiration | password_expired
imap login | NO Mot de passe périmé | password_expired
imap login | NO Die Gültigkeit Ihres Passworts ist abgelaufen | password_expired
imap login | NO Ablauf der Kennwortgültigkeit | password_expired
imap login | NO La contraseña ha llegado a su fecha de caducidad | password_expired
imap login | NO Su clave venció el 1 de mayo | password_expired
imap login | NO Password lifetime exceeded | password_expired
imap login | NO Password expiry date passed | password_expired
imap login | NO Authentication method LOGIN is turned off on this server | auth_mechanism_missing
smtp login | 535 SASL method PLAIN has been disabled | auth_mechanism_missing
imap login | NO Metodo di accesso PLAIN disabilitato | auth_mechanism_missing
imap login | NO Anmeldeverfahren PLAIN ist deaktiviert | auth_mechanism_missing
imap login | NO Mécanisme LOGIN désactivé | auth_mechanism_missing
imap login | NO Méthode de connexion non autorisée : PLAIN | auth_mechanism_missing
imap login | NO Método de autenticación PLAIN deshabilitado | auth_mechanism_missing
imap login | NO Access with external programs is switched off | protocol_switched_off
imap login | NO POP access has been turned off for this mailbox | protocol_switched_off
imap login | NO Accesso da client di posta disattivato | protocol_switched_off
imap login | NO Zugriff über E-Mail-Programme ist ausgeschaltet | protocol_switched_off
imap login | NO L'accès par les logiciels de messagerie est désactivé | protocol_switched_off
imap login | NO El acceso con programas de correo está desactivado | protocol_switched_off
imap login | NO IMAP is not included in your plan | protocol_switched_off/paid
imap login | NO POP3 is only available for premium customers | protocol_switched_off/paid
imap login | NO IMAP non è compreso nel tuo piano | protocol_switched_off/paid
imap login | NO Funzione riservata agli utenti a pagamento: IMAP | protocol_switched_off/paid
imap login | NO IMAP ist in Ihrem Paket nicht enthalten | protocol_switched_off/paid
imap login | NO POP3 nur für Premium-Kunden verfügbar | protocol_switched_off/paid
imap login | NO IMAP n'est pas compris dans votre offre | protocol_switched_off/paid
imap login | NO IMAP no está incluido en su plan | protocol_switched_off/paid
imap login | NO User account is not active | auth_failed/blocked
imap login | NO Account inattivo | auth_failed/blocked
imap login | NO Benutzer ist inaktiv | auth_failed/blocked
imap login | NO Benutzerkonto nicht aktiviert | auth_failed/blocked
imap login | NO Compte inactif | auth_failed/blocked
imap login | NO Cuenta inactiva | auth_failed/blocked
imap login | NO You can check mail only every 15 minutes | rate_limited
pop3 login | -ERR minimum check interval is 5 minutes | rate_limited
pop3 login | -ERR Il controllo della posta è possibile ogni 10 minuti | rate_limited
pop3 login | -ERR Abruf nur alle 15 Minuten erlaubt | rate_limited
pop3 login | -ERR La relève n'est possible que toutes les 15 minutes | rate_limited
pop3 login | -ERR Solo puede consultar el correo cada 15 minutos | rate_limited
pop3 login | -ERR message 3 is damaged | message_blocks_pop3
pop3 login | -ERR Unable to read message 17 | message_blocks_pop3
pop3 login | -ERR Il messaggio 5 è danneggiato | message_blocks_pop3
pop3 login | -ERR Nachricht 12 ist beschädigt | message_blocks_pop3
imap greeting | * BYE your host has been banned by fail2ban | address_locked_out/told
imap greeting | * BYE This address is banned | address_locked_out/told
smtp greeting | 421 your IP has been banned (fail2ban) | address_locked_out/told
imap login | NO Your contract has expired | hosting_suspended
imap login | NO Benutzername ungültig, Postfach nicht in diesem Netz gefunden | auth_failed
imap login | NO Servizio sospeso per mancato pagamento | hosting_suspended
imap login | NO Connection limit for one network reached | too_many_connections
imap login | NO Session expired, please try again later | temporarily_unavailable
imap login | NO Limite de tentatives de connexion atteinte | rate_limited
imap login | NO Your domain is not active | hosting_suspended
smtp login | 535 AUTH PLAIN has been switched off here | auth_mechanism_missing
smtp greeting | 554 Your country is blocked | program_refused/by_place
imap greeting | * BYE Sessions per address: limit hit | too_many_connections
imap login | NO Votre mot de passe a atteint sa date d'expiration, merci de le renouveler | password_expired
imap login | NO La tua password non è più valida: è scaduta | password_expired
imap login | NO Accesso IMAP disponibile solo con il piano Premium | protocol_switched_off/paid
imap login | NO Ihr Tarif enthält kein IMAP | protocol_switched_off/paid
imap login | NO Your plan does not include mail clients | protocol_switched_off/paid
imap login | NO El usuario no está activo | auth_failed/blocked
imap login | NO L'utenza risulta non attiva | auth_failed/blocked
imap login | NO Le compte n'est pas actif | auth_failed/blocked
imap login | NO IMAP non attivo per l'utente | protocol_switched_off
imap login | NO IMAP-Zugang nicht aktiviert | protocol_switched_off
imap login | NO Votre abonnement ne comprend pas l'IMAP | protocol_switched_off/paid
imap login | NO Su plan no incluye POP3 | protocol_switched_off/paid
imap login | NO Puoi controllare la posta una volta ogni 5 minuti | rate_limited
imap login | NO Only one login every 60 seconds is possible | rate_limited
pop3 login | -ERR can't parse message 4 | message_blocks_pop3
pop3 login | -ERR Le message 8 est illisible | message_blocks_pop3
pop3 login | -ERR El mensaje 3 está dañado | message_blocks_pop3
imap mailbox | NO Please use a newer version of your mail client | program_refused
imap mailbox | NO Insecure login detected | program_refused
imap login | NO Kennwort ungültig | auth_failed
imap login | NO La password non è valida | auth_failed
imap login | NO User or password not valid, network login failed | auth_failed
imap login | NO Please connect through the university VPN | program_refused/by_place
imap login | NO Accesso consentito solo dalla rete aziendale | program_refused/by_place
imap login | NO Zugriff nur aus dem Hochschulnetz | program_refused/by_place
imap login | NO Connexion depuis l'étranger bloquée | program_refused/by_place
imap login | NO Se requiere VPN para acceder desde fuera | program_refused/by_place
imap login | NO Las credenciales han expirado | password_expired
imap login | NO Ihre Zugangsdaten sind abgelaufen | password_expired
imap login | NO Le credenziali sono scadute | password_expired
imap login | NO Vos identifiants ont expiré | password_expired
imap login | NO Logins by password are disabled from unknown networks | program_refused/by_place
imap greeting | * BYE Ihre IP wurde durch fail2ban gesperrt | address_locked_out/told
imap greeting | * BYE Numero di sessioni per IP superato | too_many_connections
imap greeting | * BYE Too many sessions for this IP | too_many_connections
smtp rcpt | 550 5.7.1 Mail sending is not included in your plan | protocol_switched_off/paid
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


# What is only a condition, an offer of help or to come

ASIDE = """
imap | NO Invalid user name or password. If your password has expired, please contact support. | auth_failed
imap | NO Wrong password. Your account will be locked after 3 more failed attempts. | auth_failed
imap | NO Login failed: wrong password. Repeated failures will cause a temporary block. | auth_failed
smtp | 535 5.7.8 Authentication failed. Should your password have expired, renew it in the customer area. | auth_failed
smtp | 535 Incorrect authentication data. Forgot your password? Reset it at example.org | auth_failed
imap | NO Bad user name or password. Unless you pay your invoice, your account will be suspended. | auth_failed
imap | NO Benutzername oder Passwort falsch. Passwort vergessen? Hier ändern: https://example.org/p | auth_failed
imap | NO Falsches Kennwort. Wenn Ihr Kennwort abgelaufen ist, ändern Sie es im Kundencenter. | auth_failed
imap | NO Zugangsdaten ungültig. Nach drei weiteren Fehlversuchen wird Ihr Konto gesperrt. | auth_failed
smtp | 535 Passwort falsch. Falls Sie zwei Faktoren nutzen, verwenden Sie ein App-Passwort. | auth_failed
imap | NO Credenziali errate. Se la password è scaduta, rinnovala nell'area clienti. | auth_failed
imap | NO Nome utente o password errati. Password dimenticata? Cambiala su example.org | auth_failed
imap | NO Password errata. Dopo altri tre tentativi l'account sarà bloccato. | auth_failed
smtp | 535 Password errata. Nel caso la casella sia sospesa, contattare l'assistenza. | auth_failed
imap | NO Identifiant ou mot de passe incorrect. Si votre mot de passe a expiré, renouvelez-le. | auth_failed
imap | NO Mot de passe erroné. Mot de passe oublié ? Cliquez ici. | auth_failed
imap | NO Mot de passe incorrect. Votre compte sera bloqué après trois autres essais. | auth_failed
imap | NO Usuario o contraseña incorrectos. Si ha olvidado su clave, cambie su contraseña. | auth_failed
imap | NO Contraseña incorrecta. Su cuenta será bloqueada tras tres intentos. | auth_failed
imap | NO Contraseña incorrecta. En caso de que haya caducado, cámbiela en la web. | auth_failed
imap | NO Your password has expired. If you need help, contact support. | password_expired
imap | NO Account locked. Forgot your password? Reset it. | auth_failed/blocked
imap | NO Ihr Passwort ist abgelaufen. Falls Sie Hilfe brauchen, rufen Sie uns an. | password_expired
imap | NO Si è verificato un errore temporaneo, riprovare più tardi. | temporarily_unavailable
"""


@pytest.mark.parametrize("row", ASIDE.strip().splitlines())
def test_what_may_be_or_is_to_come_is_not_taken_for_what_is(row):
    protocol, says, means = (part.strip() for part in row.split(" | "))
    found = interpret(Protocol(protocol), "", says, stage=Stage.LOGIN)
    assert found is not None
    assert f"{found.code}/{found.case}" in (means, f"{means}/", f"{means}/unclear")


USERNAMES = """
imap | NO Invalid login. Please use your full email address as your user name. | username_form/
pop3 | -ERR Utilizzare l'indirizzo email completo come nome utente. | username_form/
imap | NO Bitte die vollständige E-Mail-Adresse als Benutzernamen verwenden. | username_form/
imap | NO Utilisez l'adresse complète comme identifiant. | username_form/
smtp | 535 Use la dirección completa como usuario. | username_form/
imap | NO Unknown user. Please use the mailbox login (e.g. m012345) from the panel as user name. | username_form/named
imap | NO Bitte verwenden Sie Ihre Postfachnummer als Benutzernamen. | username_form/named
imap | NO Usare il codice cliente come nome utente. | username_form/named
pop3 | -ERR Veuillez saisir votre numéro de client comme identifiant. | username_form/named
smtp | 535 Introduzca su número de cliente como usuario. | username_form/named
imap | NO Invalid user name or password. | auth_failed/
imap | NO Benutzername oder Passwort falsch. | auth_failed/
"""


@pytest.mark.parametrize("row", USERNAMES.strip().splitlines())
def test_what_the_server_wants_for_a_user_name_is_read(row):
    protocol, says, means = (part.strip() for part in row.split(" | "))
    found = interpret(Protocol(protocol), "", says, stage=Stage.LOGIN)
    assert found is not None
    assert f"{found.code}/{found.case}" == means
