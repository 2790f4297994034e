"""Starts a real Thunderbird on new profiles with a given user.js each, and prints what it finds there and fetches.

``python thunderbird_profile.py`` reads from standard input ``{"thunderbird": path, "directory": an empty one,
"authority": base64 of a DER certificate, "logins": [[origin, user, password], …], "profiles": {name: {"userjs": text,
"fetch": bool}}, "files": {name: path of a user.js}, "responses": {name: Autodiscover XML}}``. It prints ``{"reached",
"profiles": {name: {"account", "fetched", "sent"}}, "files": {name: {preference: value}}, "responses": {name: …}}``. A
process of its own, so that nothing of Marionette is in the tests.

A first start makes a profile that trusts the authority and knows the passwords, as one in which a person typed them;
every other profile begins as a copy of it. Read back with Thunderbird's own code: its account manager, its servers of
IMAP, POP3 and SMTP, its reader of preferences (nsIPrefService.readUserPrefsFromFile), its “Export for Mobile”
(QRExport), and its reader of Autodiscover (readAutoDiscoverXML, which its module does not export: its text is taken
from there).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from thunderbird_reader import PREFERENCES, REACH, wait_for_port

PREPARE = r"""
const [authority, logins, done] = arguments;
(async () => {
  Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(authority, "C,,");
  for (const [origin, user, password] of logins) {
    const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
    login.init(origin, null, origin, user, password, "", "");
    await Services.logins.addLoginAsync(login);
  }
})().then(() => done(true), error => done({ failed: `${error} ${error.stack}` }));
"""

ACCOUNT = r"""
const [done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { QRExport } = ChromeUtils.importESModule("moz-src:///comm/mail/modules/QRExport.sys.mjs");
(async () => {
  const mailboxes = MailServices.accounts.accounts.filter(one => ["imap", "pop3"].includes(one.incomingServer?.type));
  const account = mailboxes[0];
  const incoming = account.incomingServer;
  const identity = account.defaultIdentity;
  const outgoing = MailServices.outgoingServer.getServerByKey(identity.smtpServerKey).QueryInterface(Ci.nsISmtpServer);
  return {
    mailboxes: mailboxes.length,
    isDefault: MailServices.accounts.defaultAccount?.key == account.key,
    sendingServers: MailServices.outgoingServer.servers.length,
    email: identity.email, name: identity.fullName,
    fccStart: identity.fccFolderURI ?? identity.fccFolder, serverURI: incoming.serverURI,
    incoming: {
      type: incoming.type, hostname: incoming.hostname ?? incoming.hostName, port: incoming.port,
      socketType: incoming.socketType, auth: incoming.authMethod, username: incoming.username,
      leave: incoming.getBoolValue("leave_on_server"), byAge: incoming.getBoolValue("delete_by_age_from_server"),
      days: incoming.getIntValue("num_days_to_leave_on_server"),
      localDelete: incoming.getBoolValue("delete_mail_left_on_server"),
    },
    outgoing: {
      hostname: outgoing.hostname, port: outgoing.port, socketType: outgoing.socketType, auth: outgoing.authMethod,
      username: outgoing.username,
    },
    code: await QRExport.getAccountData(account.key, false),
  };
})().then(done, error => done({ failed: `${error} ${error.stack}` }));
"""

FETCH = r"""
const [done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

function finished(start) {
  return new Promise((resolve, reject) => {
    start({
      QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
      OnStartRunningUrl() {},
      OnStopRunningUrl(_url, status) {
        Components.isSuccessCode(status) ? resolve() : reject(new Error(`status ${status.toString(16)}`));
      },
    });
  });
}

async function until(found, what) {
  for (let turn = 0; turn < 200; turn++) {
    const value = found();
    if (value) {
      return value;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`no ${what}`);
}

(async () => {
  const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  globalThis.setTimeout ??= setTimeout;
  const account = MailServices.accounts.accounts.find(one => ["imap", "pop3"].includes(one.incomingServer?.type));
  const server = account.incomingServer;
  const inbox = () => server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  if (server.type == "imap") {
    server.performExpand(null);
    await until(inbox, "inbox");
    const folder = inbox().QueryInterface(Ci.nsIMsgImapMailFolder);
    await finished(listener => folder.updateFolderWithListener(null, listener));
  } else {
    await until(inbox, "inbox");
    await finished(listener => MailServices.pop3.GetNewMail(null, listener, inbox(), server));
  }
  return [...inbox().msgDatabase.enumerateMessages()].map(one => one.mime2DecodedSubject);
})().then(done, error => done({ failed: `${error} ${error.stack}` }));
"""

SEND = r"""
const [path, done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const account = MailServices.accounts.accounts.find(one => ["imap", "pop3"].includes(one.incomingServer?.type));
const identity = account.defaultIdentity;
const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
file.initWithPath(path);
const to = MailServices.headerParser.makeFromDisplayAddress("bruno@example.test");
MailServices.outgoingServer.getServerByKey(identity.smtpServerKey).sendMailMessage(
  file, to, [], identity, identity.email, null, null, false, "id@example.test", {
    QueryInterface: ChromeUtils.generateQI(["nsIMsgOutgoingListener"]),
    onSendStart() {},
    onSendStop(_uri, status) {
      done(Components.isSuccessCode(status) ? true : `status ${status.toString(16)}`);
    },
  });
"""

FILES = r"""
const [files, done] = arguments;
(async () => {
  const results = {};
  for (const [name, path] of Object.entries(files)) {
    Services.prefs.deleteBranch("mail.");
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    Services.prefs.readUserPrefsFromFile(file);
    results[name] = {};
    for (const start of ["mail.account", "mail.server.server1", "mail.identity.id1", "mail.smtp"]) {
      for (const key of Services.prefs.getChildList(start).filter(one => Services.prefs.prefHasUserValue(one))) {
        const kind = Services.prefs.getPrefType(key);
        results[name][key] = kind == Ci.nsIPrefBranch.PREF_STRING ? Services.prefs.getStringPref(key)
          : kind == Ci.nsIPrefBranch.PREF_INT ? Services.prefs.getIntPref(key) : Services.prefs.getBoolPref(key);
      }
    }
  }
  return results;
})().then(done, error => done({ failed: `${error} ${error.stack}` }));
"""

RESPONSES = r"""
const [responses, done] = arguments;
const { InputSanitizer } = ChromeUtils.importESModule("resource:///modules/accountcreation/InputSanitizer.sys.mjs");
const { AccountConfig } = ChromeUtils.importESModule("resource:///modules/accountcreation/AccountConfig.sys.mjs");
const { JXON } = ChromeUtils.importESModule("resource:///modules/JXON.sys.mjs");
(async () => {
  const source = await (await fetch("resource:///modules/accountcreation/ExchangeAutoDiscover.sys.mjs")).text();
  const [text] = source.match(/^function readAutoDiscoverXML\([^]*?^\}/m);
  const principal = Services.scriptSecurityManager.getSystemPrincipal();
  const sandbox = new Cu.Sandbox(principal, { wantGlobalProperties: ["URL"] });
  sandbox.console = console;
  sandbox.lazy = { InputSanitizer, AccountConfig, l10n: { formatValueSync: word => word } };
  sandbox.Ci = Ci;
  Cu.evalInSandbox(text, sandbox);
  const part = one => ({
    type: one.type, hostname: one.hostname, port: one.port, socketType: one.socketType, auth: one.auth,
    username: one.username,
  });
  const results = {};
  for (const [name, xml] of Object.entries(responses)) {
    try {
      const tree = JXON.build(new DOMParser().parseFromString(xml, "text/xml"));
      const config = sandbox.readAutoDiscoverXML(tree, "");
      results[name] = {
        incoming: [config.incoming, ...config.incomingAlternatives].map(part),
        outgoing: [config.outgoing, ...config.outgoingAlternatives].map(part),
      };
    } catch (error) {
      results[name] = { failed: `${error} ${error.stack}` };
    }
  }
  return results;
})().then(done, error => done({ failed: `${error} ${error.stack}` }));
"""


class Thunderbird:
    """One start without a window, on ``profile``; dead when the block ends, whatever happened in it."""

    def __init__(self, program: str, profile: Path) -> None:
        self.profile = profile
        options = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
        (profile / "MarionetteActivePort").unlink(missing_ok=True)
        with (profile.parent / "thunderbird.log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, *options, "--profile", str(profile)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def __enter__(self) -> Self:
        from marionette_driver.marionette import Marionette

        try:
            self.client = Marionette(host="127.0.0.1", port=wait_for_port(self.process, self.profile))
            self.client.start_session()
            self.client.timeout.script = 30
            self.client.set_context("chrome")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        # Not the one process: what /usr/bin/thunderbird starts has it for a parent.
        self.process.kill()
        self.process.wait()

    def ask(self, script: str, *arguments: object) -> Any:
        return self.client.execute_async_script(script, script_args=arguments)

    def quit(self) -> None:
        """End it as a person does, so that everything is written."""
        self.client.execute_script("Services.tm.dispatchToMainThread(() => Services.startup.quit(2));")
        self.process.wait(30)


def prepare(asked: dict[str, Any], profile: Path) -> None:
    """A profile without an account. What the tests need stands in prefs.js, which comes before user.js."""
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "prefs.js").write_text("".join(lines))
    with Thunderbird(asked["thunderbird"], profile) as thunderbird:
        assert thunderbird.ask(PREPARE, asked["authority"], asked["logins"]) is True
        thunderbird.quit()


def look(asked: dict[str, Any], profile: Path, case: dict[str, Any]) -> dict[str, Any]:
    """What is in a profile with the user.js of ``case``, and what it fetches and sends."""
    (profile / "user.js").write_text(case["userjs"])
    with Thunderbird(asked["thunderbird"], profile) as thunderbird:
        said = {"account": thunderbird.ask(ACCOUNT)}
        if case["fetch"]:
            message = profile / "message.eml"
            message.write_bytes(b"From: anna@example.test\r\nSubject: sent\r\n\r\nHello\r\n")
            said |= {"fetched": thunderbird.ask(FETCH), "sent": thunderbird.ask(SEND, str(message))}
            thunderbird.quit()
    return said


def main() -> None:
    """Do what is asked and print what came of it."""
    asked = json.load(sys.stdin)
    directory = Path(asked["directory"])
    base = directory / "base"
    prepare(asked, base)
    said: dict[str, Any] = {"profiles": {}}
    for number, (name, case) in enumerate(asked["profiles"].items()):
        profile = directory / f"profile{number}"
        shutil.copytree(base, profile, ignore=shutil.ignore_patterns("lock", ".parentlock"), symlinks=True)
        said["profiles"][name] = look(asked, profile, case)
    with Thunderbird(asked["thunderbird"], base) as thunderbird:
        said["reached"] = thunderbird.ask(REACH, "http://192.0.2.1/")
        said["responses"] = thunderbird.ask(RESPONSES, asked["responses"])
        said["files"] = thunderbird.ask(FILES, asked["files"])
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
