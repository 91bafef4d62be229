import { openMailSource } from '../../src/channels/mailbox/open-source';
import type { Database } from '../../src/data/database';
import { syncMailbox } from '../../src/mail/sync-mailbox';
import { mailPassword } from '../support/dovecot';
import {
  deps,
  ids,
  saveWith,
  server,
  settings,
  source,
  sync,
  testMailboxes,
  user,
  world,
} from './mailbox-world';

testMailboxes();

const save = saveWith(() => ({ type: 'pop', port: server.pop.port, security: 'tls' }));

const mail = (subject: string, text = `About ${subject}`) =>
  `From: eva@mail.example\r\nTo: uma@acme.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}.${user}@mail.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\n\r\n${text}\r\n`;
const deliver = async (...subjects: string[]) => {
  for (const subject of subjects) await server.deliver(user, mail(subject));
};

const stored = async () =>
  (
    await world.db.query<{ subject: string }>(
      'select subject from mails where user_id = $1 order by subject',
      [ids().userId],
    )
  ).map(({ subject }) => subject);
const onServer = () =>
  server.as(user, async (client) => {
    const { exists } = await client.mailboxOpen('INBOX');
    const subjects: string[] = [];
    if (exists === 0) return subjects;
    for await (const { envelope } of client.fetch('1:*', { envelope: true }))
      subjects.push(envelope!.subject!);
    return subjects.sort();
  });
const itemCount = async () => (await world.db.query('select 1 from mailbox_items')).length;

it('R-BOX-2: with every kind of security mail comes in once, with its progress, and stays on the server', async () => {
  await deliver('one', 'two');
  await save();
  const { nextDueAt } = await sync();
  const after = await settings();
  expect(after).toMatchObject({
    ...{ state: 'ready', stateText: null, importTotal: 2, importDone: 2 },
    folders: [{ path: 'INBOX', folder: 'inbox' }],
  });
  expect(Date.parse(nextDueAt!) - Date.parse(after.fetchedAt!)).toBe(5 * 60_000);
  await deliver('three');
  for (const [security, port] of [
    ['none', server.pop.port],
    ['ssl', server.pop.tlsPort],
  ] as const) {
    await save({ security, port });
    await sync();
    expect(await settings()).toMatchObject({ state: 'ready' });
  }
  expect(await stored()).toEqual(['one', 'three', 'two']);
  expect(await onServer()).toEqual(['one', 'three', 'two']);
});

it('8-bit bytes and lines that begin with a dot are kept as they came', async () => {
  const raw = Buffer.from(mail('bytes', '.\r\n..\r\n.dot\r\nna\xefve \xff\x80\r\n.'), 'latin1');
  await server.deliver(user, raw);
  await save();
  await sync();
  const [row] = await world.db.query<{ bytes: Buffer }>('select bytes from mail_raws');
  expect(row!.bytes.equals(raw)).toBe(true);
});

describe('without a copy on the server', () => {
  it('a mail is removed from there once it is stored', async () => {
    await deliver('one', 'two');
    await save({ keepCopy: false });
    await sync();
    expect(await stored()).toEqual(['one', 'two']);
    expect(await onServer()).toEqual([]);
    // a UIDL that is free may come again, with another mail
    expect(await itemCount()).toBe(0);
  });

  it('a mail that could not be stored stays there', async () => {
    await deliver('one', 'two');
    await save({ keepCopy: false });
    const dying = dyingDatabase(2);
    await expect(sync(dying)).rejects.toThrow('the machine is gone');
    expect(await stored()).not.toContain('two');
    expect(await onServer()).toEqual(['one', 'two']);
    await sync();
    expect(await stored()).toEqual(['one', 'two']);
    expect(await onServer()).toEqual([]);
  });

  it('a process that ends after storing it and before QUIT leaves one mail, removed by the next look', async () => {
    await deliver('one');
    await save();
    await sync();
    await save({ keepCopy: false });
    // deleted in a session that ended without QUIT
    const session = await openMailSource(
      {
        ...{ type: 'pop', host: '127.0.0.1', port: server.pop.port, security: 'none' },
        ...{ username: user, password: mailPassword },
      },
      source,
    );
    const [name] = await session.ids(0);
    await server.kill();
    await server.start();
    await expect(session.remove!([name!.id])).rejects.toMatchObject({ fault: 'disconnected' });
    expect(await onServer()).toEqual(['one']);
    await sync();
    expect(await stored()).toEqual(['one']);
    expect(await onServer()).toEqual([]);
  });

  it('a mail that appears again is one mail, and is removed again', async () => {
    await deliver('one');
    await save({ keepCopy: false });
    await sync();
    await deliver('one');
    await sync();
    expect(await stored()).toEqual(['one']);
    expect(await onServer()).toEqual([]);
  });

  it('one of which only the beginning was kept stays on the server', async () => {
    await server.deliver(user, mail('large', 'x'.repeat(2_000)));
    await save({ keepCopy: false });
    await syncMailbox({ ...deps(), source: { ...source, maxBytes: 1_000 } }, ids(), () => true);
    expect(await stored()).toEqual(['large']);
    expect(await onServer()).toEqual(['large']);
  });
});

it('R-BOX-2: copies are removed so many days after they were fetched', async () => {
  await deliver('old');
  await save({ removeAfterDays: 7 });
  await sync();
  world.clock.advance(6 * 86_400_000);
  await deliver('new');
  await sync();
  expect(await onServer()).toEqual(['new', 'old']);
  world.clock.advance(86_400_000);
  await sync();
  expect(await onServer()).toEqual(['new']);
  expect(await stored()).toEqual(['new', 'old']);
});

it('R-BOX-4: a wrong password is told; nothing is lost when it is set right', async () => {
  await deliver('one');
  await save({ password: 'wrong' });
  await sync();
  const { state, stateText } = await settings();
  expect(state).toBe('failing');
  expect(stateText).toContain('the user name or the password is wrong');
  await save();
  await sync();
  expect(await stored()).toEqual(['one']);
});

it('another type is another account: what was fetched by IMAP is not fetched again by POP', async () => {
  await deliver('one');
  await save({ type: 'imap', port: server.port });
  await sync();
  expect((await settings()).folders).toHaveLength(5);
  await save();
  await sync();
  expect((await settings()).folders).toEqual([{ path: 'INBOX', folder: 'inbox' }]);
  expect(await stored()).toEqual(['one']);
});

/** Fails while it stores the mail of this number. */
function dyingDatabase(at: number): Database {
  return {
    ...world.db,
    transact: (work) =>
      world.db.transact(async (tx) => {
        const result = await work(tx);
        const [{ mails } = { mails: 0 }] = await tx.query<{ mails: number }>(
          'select count(*) as mails from mails',
        );
        if (mails === at) throw new Error('the machine is gone');
        return result;
      }),
  };
}
