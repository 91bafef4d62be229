import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { SecureContext } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { mailTrust } from '../../src/channels/mail-trust';
import { isFreePort } from '../../src/local/ports';
import { portsFor } from './ports';
import { createTemporaryFolder } from './temporary-folder';
import { waitFor } from './wait';

export const mailPassword = 'sesame';

const program = '/usr/sbin/dovecot';

export type Dovecot = {
  /** Takes STARTTLS. */
  port: number;
  /** Encrypted from the first byte. */
  tlsPort: number;
  pop: { port: number; tlsPort: number };
  /** Its certificate, for 127.0.0.1, is trusted by it. */
  trust: SecureContext | undefined;
  /** The same, as a file. */
  caFile: string;
  /** Any name is a user, with `mailPassword`: a mailbox of its own. */
  as<T>(user: string, work: (client: ImapFlow) => Promise<T>): Promise<T>;
  deliver(user: string, raw: string | Buffer, folder?: string): Promise<void>;
  /** As by a power cut. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** A real IMAP and POP server of Debian's packages dovecot-imapd and dovecot-pop3d, with a configuration, mail and certificate of its own. Needs root. */
export async function startDovecot({
  introspectionUrl,
}: { introspectionUrl?: string } = {}): Promise<Dovecot> {
  const folder = createTemporaryFolder();
  const ports = await portsFor(['imap', 'imaps', 'pop3', 'pop3s'], 10_000);
  const { imap: port, imaps: tlsPort } = ports;
  const pop = { port: ports.pop3, tlsPort: ports.pop3s };
  makeCertificate(folder.path);
  fs.mkdirSync(path.join(folder.path, 'mail'), { mode: 0o777 });
  fs.chmodSync(path.join(folder.path, 'mail'), 0o777);
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const configuration = path.join(folder.path, 'dovecot.conf');
  fs.writeFileSync(
    configuration,
    configure(version, { folder: folder.path, port, tlsPort, pop, introspectionUrl }),
  );
  fs.writeFileSync(path.join(folder.path, 'oauth2'), introspection(introspectionUrl ?? ''));
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    // what it had begun may listen for a moment longer than it
    await waitFor(async () => (await Promise.all(Object.values(ports).map(isFreePort))).every(Boolean), {
      what: 'the ports of Dovecot',
    });
    server = spawn(program, ['-F', '-c', configuration], { stdio: 'ignore', detached: true });
    await waitFor(() => answers(port), { what: 'Dovecot' });
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ended = server;
    server = undefined;
    if (!ended || ended.exitCode !== null) return;
    const gone = new Promise((resolve) => ended.once('exit', resolve));
    process.kill(-ended.pid!, signal);
    await gone;
  }

  async function as<T>(user: string, work: (client: ImapFlow) => Promise<T>): Promise<T> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port,
      secure: false,
      doSTARTTLS: false,
      auth: { user, pass: mailPassword },
      logger: false,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.logout();
    }
  }

  await start();
  return {
    port,
    tlsPort,
    pop,
    trust: mailTrust(path.join(folder.path, 'cert.pem')),
    caFile: path.join(folder.path, 'cert.pem'),
    as,
    async deliver(user, raw, into = 'INBOX') {
      await as(user, (client) => client.append(into, raw));
    },
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGTERM');
      folder.remove();
    },
  };
}

function makeCertificate(folder: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')],
    ],
    { stdio: 'ignore' },
  );
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** Whose an access token is, the provider says. */
const introspection = (url: string): string =>
  `introspection_url = ${url}
introspection_mode = post
force_introspection = yes
active_attribute = active
active_value = true
username_attribute = username
`;

/**
 * 2.3 (Debian 12, Ubuntu 24.04) runs the tests. 2.4 (Debian 13) names much of it anew: that dialect was compared with its sources and manual, and never
 * run.
 */
function configure(
  version: string,
  {
    folder,
    port,
    tlsPort,
    pop,
    introspectionUrl,
  }: { folder: string; introspectionUrl: string | undefined } & Pick<Dovecot, 'port' | 'tlsPort' | 'pop'>,
): string {
  const mailboxes = [
    ['Sent', 'Sent'],
    ['Archive', 'Archive'],
    ['Spam', 'Junk'],
    ['Bin', 'Trash'],
  ].map(([name, use]) => `  mailbox ${name} {\n    auto = create\n    special_use = \\${use}\n  }`);
  const isOld = version.startsWith('2.3');
  const unlimited = isOld ? 'service_count = 0' : 'restart_request_count = unlimited';
  const common = `
protocols = imap pop3
base_dir = ${folder}/run
log_path = ${folder}/log
instance_name = ${path.basename(folder)}
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mail_max_userip_connections = 100
# what a machine does not tell of by itself is seen soon all the same
mailbox_idle_check_interval = 1 secs
auth_failure_delay = 0
ssl = yes
service imap-login {
  ${unlimited}
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service pop3-login {
  ${unlimited}
  inet_listener pop3 {
    port = ${pop.port}
  }
  inet_listener pop3s {
    port = ${pop.tlsPort}
    ssl = yes
  }
}
# who guesses wrong is not made to wait
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
namespace inbox {
  inbox = yes
  separator = /
${mailboxes.join('\n')}
}`;
  if (isOld)
    return `listen = 127.0.0.1
disable_plaintext_auth = no
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
mail_location = maildir:${folder}/mail/%u
${
  introspectionUrl === undefined
    ? ''
    : `auth_mechanisms = plain login xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${folder}/oauth2
}`
}
passdb {
  driver = static
  mechanisms = plain login
  args = password=${mailPassword}
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
${common}
`;
  return `dovecot_config_version = ${/^[\d.]+/.exec(version)![0]}
dovecot_storage_version = ${/^[\d.]+/.exec(version)![0]}
listen = 127.0.0.1
auth_allow_cleartext = yes
ssl_server_cert_file = ${folder}/cert.pem
ssl_server_key_file = ${folder}/key.pem
mail_driver = maildir
mail_path = ${folder}/mail/%{user}
mail_home = ${folder}/mail/%{user}
${
  introspectionUrl === undefined
    ? ''
    : `auth_mechanisms = plain login xoauth2
oauth2 {
${introspection(introspectionUrl)}}
passdb oauth2 {
  mechanisms_filter = xoauth2
}`
}
passdb static {
  mechanisms_filter = plain login
  password = ${mailPassword}
}
userdb static {
}
${common}
`;
}
