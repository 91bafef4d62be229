import { ImapFlow } from 'imapflow';
import { createDatabase } from '../src/data/database';
import { sealContext } from '../src/channels/open-account';
import { createLogger } from '../src/logger';
import { syncMailbox } from '../src/mail/sync-mailbox';
import { seal } from '../src/seal';
import type { Company } from './company';
import type { Platform } from './platform';

const user = 'bench@mail.example';
const password = 'bench';
const host = '127.0.0.1';

export type ImportFigures = { bare: number; ours: number; peakMb: number };

/** Mails a second: fetched by imapflow and thrown away, against the first import into a user's mailbox, from the same server. */
export async function importRate(
  platform: Platform,
  company: Company,
  mails: number,
): Promise<ImportFigures> {
  await fill(platform.imapPort, mails);
  const bare = await bareFetch(platform.imapPort, mails);
  const db = createDatabase({ url: platform.databaseUrl, poolSize: 4 });
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
  try {
    await db.query(
      `insert into mailboxes (organization_id, user_id, "fetch", kind, host, port, security, username, password_sealed, state_changed_at,
         created_at, updated_at)
       values ($1, $2, true, 'imap', $3, $4, 'none', $5, $6, $7, $7, $7)`,
      [
        ...[company.organizationId, company.userId, host, platform.imapPort, user],
        seal(platform.secretKey, password, sealContext.mailboxPassword(company.userId)),
        await db.now(),
      ],
    );
    const started = performance.now();
    await syncMailbox(
      {
        db,
        logger: createLogger('bench', 'warn'),
        secretKey: platform.secretKey,
        source: { allow: [host] },
      },
      company,
      () => true,
    );
    const seconds = (performance.now() - started) / 1000;
    const [stored] = await db.query<{ count: number }>(
      'select count(*)::int as count from mails where user_id = $1',
      [company.userId],
    );
    if (stored!.count !== mails) throw new Error(`${stored!.count} of ${mails} mails were imported`);
    return { bare, ours: mails / seconds, peakMb: (peak - before) / 1024 / 1024 };
  } finally {
    clearInterval(watch);
    await db.close();
  }
}

async function fill(port: number, mails: number): Promise<void> {
  await withClient(port, async (client) => {
    for (let number = 0; number < mails; number++) await client.append('INBOX', mailOf(number));
  });
}

/** A few kilobytes, as most are; one in twenty with a file of 100 kB. */
function mailOf(number: number): string {
  const head = [
    `From: Person ${number % 500} <person${number % 500}@mail.example>`,
    `To: ${user}`,
    `Subject: Mail ${number}`,
    `Message-ID: <${number}@mail.example>`,
    `Date: ${new Date(Date.UTC(2026, 0, 1) + number * 60_000).toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
  ];
  const text = `Dear Sir or Madam,\r\n\r\n${`This is line after line of mail ${number}.\r\n`.repeat(60)}`;
  const file =
    number % 20 === 0
      ? `\r\n--b\r\nContent-Type: application/pdf; name=cv.pdf\r\n\r\n${'x'.repeat(76)}\r\n`.padEnd(
          100_000,
          'y',
        )
      : '';
  return [
    ...head,
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `${text}${file}`,
    '--b--',
    '',
  ].join('\r\n');
}

async function bareFetch(port: number, mails: number): Promise<number> {
  const started = performance.now();
  let fetched = 0;
  await withClient(port, async (client) => {
    await client.mailboxOpen('INBOX', { readOnly: true });
    for await (const mail of client.fetch('1:*', { source: true })) if (mail.source) fetched += 1;
  });
  if (fetched !== mails) throw new Error(`${fetched} of ${mails} mails were fetched`);
  return mails / ((performance.now() - started) / 1000);
}

async function withClient(port: number, work: (client: ImapFlow) => Promise<void>): Promise<void> {
  const client = new ImapFlow({
    ...{ host, port, secure: false, doSTARTTLS: false, logger: false },
    auth: { user, pass: password },
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.logout();
  }
}
