"""Starts one real Thunderbird, lets it read autoconfig files, and prints what it made of them. A process of its own.

``python thunderbird_reader.py [--own-network]`` reads ``{"thunderbird": path, "profile": directory, "installation":
directory, "cases": [{"name", "xml" or "disk", "address", "create"}]}`` from standard input; "disk" is a domain whose
file lies in "isp" of the directory that Thunderbird takes for its own. It prints ``{"version", "reached", "seconds",
"cases": {name: …}}``; ``reached`` says whether Thunderbird got out of this machine. Of a case, ``published`` has the
user names with their placeholders, and ``signInPages`` those of its "hosts" (pairs of host name and protocol) for
which Thunderbird knows where to log in with OAuth2.
With ``--own-network`` it stands in a network name space of its own, where even loopback must first be switched on;
Thunderbird asks for its web access through a proxy that is not there in any case.

The functions called are those of Thunderbird's own account set-up: readFromXML, replaceVariables and
createAccountInBackend (comm-central, mail/modules/accountcreation).
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

START_LIMIT = 60
"""Seconds until Thunderbird must listen; a cold start of a slow machine takes some ten."""

PREFERENCES = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    "network.dns.disablePrefetch": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.update.enabled": False,
    "app.update.disabledForTesting": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.server": "",
    "extensions.update.enabled": False,
    "app.donation.eoy.version.viewed": 999,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.spotlight.firstRunDone": True,
    "mail.winsearch.firstRunDone": True,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
    "security.sandbox.warn_unprivileged_namespaces": False,
}

READ = r"""
const [cases, installation, done] = arguments;
const { FetchConfig } = ChromeUtils.importESModule("resource:///modules/accountcreation/FetchConfig.sys.mjs");
const { readFromXML } = ChromeUtils.importESModule("resource:///modules/accountcreation/readFromXML.sys.mjs");
const { AccountConfig } = ChromeUtils.importESModule("resource:///modules/accountcreation/AccountConfig.sys.mjs");
const { CreateInBackend } = ChromeUtils.importESModule("resource:///modules/accountcreation/CreateInBackend.sys.mjs");
const { OAuth2Providers } = ChromeUtils.importESModule("resource:///modules/OAuth2Providers.sys.mjs");
const { JXON } = ChromeUtils.importESModule("resource:///modules/JXON.sys.mjs");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

function server(one) {
  return {
    type: one.type, hostname: one.hostname, port: one.port, socketType: one.socketType, auth: one.auth,
    username: one.username ?? null, password: one.password ?? null,
    leaveMessagesOnServer: one.leaveMessagesOnServer ?? null,
    daysToLeaveMessagesOnServer: one.daysToLeaveMessagesOnServer ?? null,
    deleteByAgeFromServer: one.deleteByAgeFromServer ?? null,
    deleteOnServerWhenLocalDelete: one.deleteOnServerWhenLocalDelete ?? null,
    downloadOnBiff: one.downloadOnBiff ?? null,
  };
}

async function create(config) {
  const account = await CreateInBackend.createAccountInBackend(config);
  const incoming = account.incomingServer;
  const outgoing = MailServices.outgoingServer.getServerByKey(account.defaultIdentity.smtpServerKey);
  const smtp = outgoing.QueryInterface(Ci.nsISmtpServer);
  const created = {
    incoming: {
      type: incoming.type, hostname: incoming.hostname ?? incoming.hostName, port: incoming.port,
      socketType: incoming.socketType, auth: incoming.authMethod, username: incoming.username,
    },
    outgoing: {
      type: "smtp", hostname: smtp.hostname, port: smtp.port, socketType: outgoing.socketType,
      auth: outgoing.authMethod, username: outgoing.username,
    },
    email: account.defaultIdentity.email,
  };
  if (incoming.type == "pop3") {
    for (const [word, preference] of [["leave", "leave_on_server"], ["byAge", "delete_by_age_from_server"],
        ["localDelete", "delete_mail_left_on_server"]]) {
      created.incoming[word] = incoming.getBoolValue(preference);
    }
    created.incoming.days = incoming.getIntValue("num_days_to_leave_on_server");
  }
  MailServices.accounts.removeAccount(account, true);
  MailServices.outgoingServer.deleteServer(outgoing);
  return created;
}

async function read(one) {
  const config = one.disk
    ? await FetchConfig.fromDisk(one.disk, new AbortController().signal)
    : readFromXML(JXON.build(new DOMParser().parseFromString(one.xml, "text/xml")), "disk");
  const published = {
    incoming: [config.incoming, ...config.incomingAlternatives].map(one => one.username),
    outgoing: [config.outgoing, ...config.outgoingAlternatives].map(one => one.username ?? null),
  };
  config.identity.realname = "Anna Rossi";
  config.identity.emailAddress = one.address;
  AccountConfig.replaceVariables(config, "Anna Rossi", one.address, null);
  return {
    id: config.id, domains: config.domains, displayName: config.displayName,
    rememberPassword: config.rememberPassword ?? null, published,
    signInPages: (one.hosts ?? []).filter(([host, type]) => OAuth2Providers.getHostnameDetails(host, type)),
    incoming: [config.incoming, ...config.incomingAlternatives].map(server),
    outgoing: [config.outgoing, ...config.outgoingAlternatives].map(server),
    created: one.create ? await create(config) : null,
  };
}

// Where Thunderbird looks for its own directory; its files of providers are in "isp" below that.
Services.dirsvc.QueryInterface(Ci.nsIDirectoryService).registerProvider({
  getFile(property, persistent) {
    persistent.value = false;
    if (property != "CurProcD" || !installation) {
      throw Components.Exception("", Cr.NS_ERROR_FAILURE);
    }
    const directory = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    directory.initWithPath(installation);
    return directory;
  },
  QueryInterface: ChromeUtils.generateQI(["nsIDirectoryServiceProvider"]),
});

(async () => {
  const results = {};
  for (const one of cases) {
    try {
      results[one.name] = await read(one);
    } catch (error) {
      results[one.name] = { error: String(error) };
    }
  }
  return results;
})().then(done, error => done({ failed: String(error) }));
"""

REACH = """
const [url, done] = arguments;
fetch(url, { signal: AbortSignal.timeout(5000) }).then(() => done(true), () => done(false));
"""


def raise_loopback() -> None:
    """Switch loopback on in a new network name space: SIOCSIFFLAGS with IFF_UP (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 1))


def start(thunderbird: str, profile: Path) -> subprocess.Popen[bytes]:
    """Thunderbird without a window, on a new profile; it writes the port it listens on into that profile."""
    profile.mkdir(parents=True, exist_ok=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    options = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", str(profile)]
    with (profile.parent / "thunderbird.log").open("wb") as log:
        return subprocess.Popen([thunderbird, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_for_port(process: subprocess.Popen[bytes], profile: Path) -> int:
    """The port of the new Thunderbird; ends the program when it does not start."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            return int((profile / "MarionetteActivePort").read_text())
        except (OSError, ValueError):
            time.sleep(0.05)
    log = (profile.parent / "thunderbird.log").read_text(errors="replace")[-2000:]
    sys.exit(f"Thunderbird did not start (exit status {process.poll()}): {log}")


def main() -> None:
    """Read the cases, ask Thunderbird, print its answers; Thunderbird is killed whatever happens."""
    if "--own-network" in sys.argv:
        raise_loopback()
    from marionette_driver.marionette import Marionette

    asked = json.load(sys.stdin)
    profile = Path(asked["profile"])
    began = time.monotonic()
    process = start(asked["thunderbird"], profile)
    try:
        client = Marionette(host="127.0.0.1", port=wait_for_port(process, profile))
        client.start_session()
        client.timeout.script = 120
        client.set_context("chrome")
        reached = client.execute_async_script(REACH, script_args=("http://192.0.2.1/",))
        answers = client.execute_async_script(READ, script_args=(asked["cases"], asked["installation"]))
        version = client.session_capabilities["browserVersion"]
    finally:
        process.kill()
        process.wait()
    seconds = round(time.monotonic() - began, 1)
    json.dump({"version": version, "reached": reached, "seconds": seconds, "cases": answers}, sys.stdout)


if __name__ == "__main__":
    main()
