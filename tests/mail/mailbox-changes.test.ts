import net from 'node:net';
import { parseMail } from '../../src/channels/email/parse-mail';
import { newId, type Database } from '../../src/data/database';
import { claimMailboxes } from '../../src/data/mailboxes/mailbox-leases';
import { changeMail } from '../../src/data/mailboxes/mailbox-commands';
import {
  keepFetched,
  MailboxChanged,
  mappedFolders,
  openMailbox,
} from '../../src/data/mailboxes/mailbox-sync';
import { readConversation } from '../../src/data/conversations/conversations';
import { markRead } from '../../src/data/messages/message-commands';
import { keepConnections, type ConnectionKeeper } from '../../src/mail/keep-connections';
import { syncMailbox } from '../../src/mail/sync-mailbox';
import { dayMs, secretKey } from '../support/company';
import type { Dovecot } from '../support/dovecot';
import { waitFor } from '../support/wait';
import { company, deps, ids, saveWith, server, sync, testMailboxes, user, world } from './mailbox-world';

testMailboxes();

const actor = () => ({ ...company.as(company.users.recruiter), user: company.users.recruiter });
const compareAll = async () => {
  await world.db.query('update mailboxes set reconciled_at = null');
  await sync();
};

const save = saveWith(() => ({ type: 'imap', port: server.port, security: 'none' }));

const mail = (subject: string, { from = 'eva@mail.example', date = 'Mon, 2 Nov 2026 10:00:00 +0100' } = {}) =>
  `From: ${from}\r\nTo: uma@acme.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}.${user}@mail.example>\r\nDate: ${date}\r\n\r\nAbout ${subject}\r\n`;

const stored = () =>
  world.db.query<{ subject: string; folder: string; seen: boolean; items: number }>(
    `select m.subject, m.folder, m.seen_at is not null as seen, count(i.server_id)::int as items from mails m
     left join mailbox_items i on i.organization_id = m.organization_id and i.mail_id = m.id
     where m.user_id = $1 group by m.id, m.subject, m.folder, m.seen_at order by m.subject`,
    [ids().userId],
  );
const mailId = async (subject: string) =>
  (await world.db.query<{ id: string }>('select id from mails where subject = $1', [subject]))[0]!.id;
const mark = async (subject: string, seen: boolean) =>
  changeMail(world.db, actor(), await mailId(subject), { seen });

/** By the user's other program. */
const elsewhere = (work: Parameters<Dovecot['as']>[1], folder = 'INBOX') =>
  server.as(user, async (client) => {
    await client.mailboxOpen(folder);
    await work(client);
  });
const readElsewhere = (subject: string) =>
  elsewhere((client) => client.messageFlagsAdd({ subject }, ['\\Seen']));
const unreadElsewhere = (subject: string) =>
  elsewhere((client) => client.messageFlagsRemove({ subject }, ['\\Seen']));
/** In Parley. */
const put = async (subject: string, folder: 'inbox' | 'sent' | 'archive' | 'junk' | 'trash') =>
  changeMail(world.db, actor(), await mailId(subject), { folder });
const pending = async () =>
  (await world.db.query<{ subject: string }>('select subject from mails where moved_here')).map(
    ({ subject }) => subject,
  );
async function onServer(folder: string): Promise<string[]> {
  const subjects: string[] = [];
  await elsewhere(async (client) => {
    if ((client.mailbox as { exists: number }).exists > 0)
      for await (const { envelope } of client.fetch('1:*', { envelope: true }))
        subjects.push(envelope!.subject!);
  }, folder);
  return subjects.sort();
}
const move = (subject: string, from: string, to: string) =>
  elsewhere((client) => client.messageMove({ subject }, to), from);
async function seenOnServer(folder = 'INBOX'): Promise<string[]> {
  const subjects: string[] = [];
  await elsewhere(async (client) => {
    for await (const { envelope, flags } of client.fetch('1:*', { envelope: true, flags: true }))
      if (flags!.has('\\Seen')) subjects.push(envelope!.subject!);
  }, folder);
  return subjects.sort();
}

it('R-BOX-2: what was being read when the account was changed is left at once', async () => {
  await save();
  await sync();
  const mailbox = await openMailbox(world.db, secretKey, ids());
  const [inbox] = await mappedFolders(world.db, ids());
  await save({ username: 'another' });
  const raw = Buffer.from(mail('late'));
  const fetched = [{ id: '1:1', uid: 1, seen: false, raw, mail: await parseMail(raw) }];
  await expect(keepFetched(world.db, mailbox!, inbox!, fetched)).rejects.toBeInstanceOf(MailboxChanged);
  expect(await stored()).toEqual([]);
});

it('R-BOX-3: folders that the old account was asked for do not become those of the new one', async () => {
  await server.as(user, async (client) => void (await client.mailboxCreate('Of the old account')));
  await save();
  let changed = false;
  const db: Database = {
    ...world.db,
    async query<T extends object>(sql: string, values?: unknown[]) {
      const rows = await world.db.query<T>(sql, values);
      if (!changed && sql.includes('mailbox_folders')) {
        changed = true;
        await save({ username: `${user}-new` });
      }
      return rows;
    },
  };
  await syncMailbox({ ...deps(), db }, ids(), () => true);
  await server.deliver(`${user}-new`, mail('new'));
  await sync();
  const folders = await world.db.query<{ path: string }>('select path from mailbox_folders');
  expect(folders.map(({ path }) => path)).not.toContain('Of the old account');
  expect(folders).toContainEqual({ path: 'INBOX' });
  expect(await stored()).toMatchObject([{ subject: 'new' }]);
});

it('R-BOX-2: after a change the connection that waits is made anew at once', async () => {
  const claim = (holder: string) => claimMailboxes(world.db, holder, { leaseMs: 60_000, limit: 1 });
  await save();
  await sync();
  expect(await claim(newId())).toMatchObject([{ userId: ids().userId }]);
  expect(await claim(newId())).toEqual([]);
  await save({ username: `${user}-new` });
  await sync();
  expect(await claim(newId())).toMatchObject([{ userId: ids().userId }]);
});

describe('R-BOX-7: what is read in one place is read in the other', () => {
  it('read and unread on the server', async () => {
    for (const subject of ['a', 'b', 'c']) await server.deliver(user, mail(subject));
    await readElsewhere('c');
    await save();
    await sync();
    expect(await stored()).toMatchObject([{ seen: false }, { seen: false }, { seen: true }]);
    await readElsewhere('a');
    await unreadElsewhere('c');
    await sync();
    expect(await stored()).toMatchObject([{ seen: true }, { seen: false }, { seen: false }]);
  });

  it('read and unread in Parley; the server hears of it when it can be reached again', async () => {
    for (const subject of ['a', 'b']) await server.deliver(user, mail(subject));
    await readElsewhere('b');
    await save();
    await sync();
    await server.kill();
    await mark('a', true);
    await mark('b', false);
    await sync();
    await server.start();
    await sync();
    expect(await seenOnServer()).toEqual(['a']);
    expect(await stored()).toMatchObject([{ seen: true }, { seen: false }]);
    // what it was told is no change of its own
    await sync();
    await compareAll();
    expect(await stored()).toMatchObject([{ seen: true }, { seen: false }]);
  });

  it('a candidate’s mail that is read in the conversation is read on the server, and the other way round', async () => {
    const person = await company.person();
    const from = 'known-read@mail.example';
    await company.addEmail(person, from);
    const unread = async () =>
      (await readConversation(world.db, { actor: actor(), dayMs, temporalUi: null }, company.ids(person)))
        .unread;
    await save();
    await sync();
    // from after the account was connected, whatever second that was in
    const date = new Date(Date.now() + 60_000).toUTCString();
    await server.deliver(user, mail('a', { from, date }));
    await sync();
    expect(await unread()).toBe(1);
    await markRead(world.db, { actor: actor(), dayMs }, company.ids(person));
    await sync();
    expect(await seenOnServer()).toEqual(['a']);
    for (const subject of ['b', 'c']) await server.deliver(user, mail(subject, { from, date }));
    await readElsewhere('b');
    await sync();
    expect(await unread()).toBe(1);
    await readElsewhere('c');
    await sync();
    expect(await unread()).toBe(0);
    await unreadElsewhere('c');
    await sync();
    expect(await unread()).toBe(1);
  });

  it('changed in both: what was changed last there holds, and what was changed here alone is told', async () => {
    for (const subject of ['a', 'b']) await server.deliver(user, mail(subject));
    await save();
    await sync();
    await mark('a', true);
    await readElsewhere('b');
    await mark('b', true);
    await sync();
    expect(await seenOnServer()).toEqual(['a', 'b']);
    expect(await stored()).toMatchObject([{ seen: true }, { seen: true }]);
  });

  it('a server that does not count its changes is compared as a whole', async () => {
    const relay = await startRelay({
      said: (text) => text.replace(/CONDSTORE|QRESYNC|HIGHESTMODSEQ/g, (name) => `X${name.slice(1)}`),
    });
    try {
      await server.deliver(user, mail('a'));
      await server.deliver(user, mail('b'));
      await save({ port: relay.port });
      await sync();
      await readElsewhere('a');
      await move('b', 'INBOX', 'Archive');
      await compareAll();
      expect(await stored()).toMatchObject([
        { folder: 'inbox', seen: true },
        { folder: 'archive', seen: false, items: 1 },
      ]);
    } finally {
      await relay.stop();
    }
  });

  it('a server that does not count its changes tells of them to the connection that waits', async () => {
    let waits = 0;
    const relay = await startRelay({
      asked: async (text) => void (waits += Number(/IDLE/.test(text))),
      said: (text) => text.replace(/CONDSTORE|QRESYNC|HIGHESTMODSEQ/g, (name) => `X${name.slice(1)}`),
    });
    for (const subject of ['a', 'b']) await server.deliver(user, mail(subject));
    await save({ port: relay.port });
    await sync();
    const keeper = keepConnections(deps(), { everyMs: 50, leaseMs: 2_000, pauseMs: 100 });
    try {
      // what changes before the folder is open it tells nobody of
      await waitFor(() => waits === 1, { what: 'the connection to wait' });
      await readElsewhere('a');
      await waitFor(async () => (await stored())[0]!.seen, { what: 'what was read on the server' });
      await waitFor(() => waits > 1, { what: 'the connection to wait again' });
      await move('b', 'INBOX', 'Archive');
      await waitFor(async () => (await stored())[1]!.items === 0, { what: 'what has left the inbox' });
    } finally {
      await keeper.stop();
      await relay.stop();
    }
  });

  it('by the connection that waits, both ways', async () => {
    await server.deliver(user, mail('a'));
    await server.deliver(user, mail('b'));
    await save();
    await sync();
    const keeper: ConnectionKeeper = keepConnections(deps(), { everyMs: 50, leaseMs: 2_000, pauseMs: 100 });
    try {
      await waitFor(() => keeper.held === 1, { what: 'the connection' });
      await readElsewhere('a');
      await waitFor(async () => (await stored())[0]!.seen, { what: 'what was read on the server' });
      await mark('b', true);
      await waitFor(async () => (await seenOnServer()).includes('b'), { what: 'what was read in Parley' });
      await move('a', 'INBOX', 'Archive');
      await waitFor(async () => (await stored())[0]!.items === 0, { what: 'what has left the inbox' });
      // a new mail after one that went
      await server.deliver(user, mail('c'));
      await waitFor(async () => (await stored()).length === 3, { what: 'the new mail' });
    } finally {
      await keeper.stop();
    }
  });
});

/** Stands between: changes what the server says, and holds back what it is asked until `asked` is done with it. */
async function startRelay({
  asked = async () => undefined,
  said = (text) => text,
}: {
  asked?: (text: string) => Promise<unknown>;
  said?: (text: string) => string;
}) {
  const sockets = new Set<net.Socket>();
  const relay = net.createServer((client) => {
    const upstream = net.connect(server.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => (client.destroy(), upstream.destroy()));
    }
    client.on('data', (chunk: Buffer) => {
      void asked(chunk.toString('latin1')).then(() => upstream.write(chunk));
    });
    upstream.on('data', (chunk: Buffer) => client.write(said(chunk.toString('latin1')), 'latin1'));
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return {
    port: (relay.address() as net.AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}

describe('R-BOX-3: a mail that is moved on the server', () => {
  it('moves here as well, and stands once', async () => {
    await server.deliver(user, mail('a'));
    await server.deliver(user, mail('b'));
    await save();
    await sync();
    await readElsewhere('a');
    await move('a', 'INBOX', 'Archive');
    await move('b', 'INBOX', 'Bin');
    await sync();
    expect(await stored()).toMatchObject([
      { folder: 'archive', seen: true, items: 1 },
      { folder: 'trash', seen: false, items: 1 },
    ]);
    await move('b', 'Bin', 'INBOX');
    await sync();
    expect(await stored()).toMatchObject([{ folder: 'archive' }, { folder: 'inbox', items: 1 }]);
    expect(await seenOnServer('Archive')).toEqual(['a']);
  });

  it('unread in Parley before the server was told, it stays unread, and the server hears of it', async () => {
    for (const subject of ['a', 'b', 'c']) await server.deliver(user, mail(subject));
    await readElsewhere('a');
    await readElsewhere('b');
    await save();
    await sync();
    await mark('a', false);
    await mark('c', true);
    await move('a', 'INBOX', 'Archive');
    await move('c', 'INBOX', 'Archive');
    // read there, and moved before anybody looked
    await unreadElsewhere('b');
    await move('b', 'INBOX', 'Archive');
    await sync();
    expect(await stored()).toMatchObject([
      { folder: 'archive', seen: false, items: 1 },
      { folder: 'archive', seen: false, items: 1 },
      { folder: 'archive', seen: true, items: 1 },
    ]);
    await sync();
    expect(await seenOnServer('Archive')).toEqual(['c']);
  });

  it('a copy in another folder moves nothing; what is deleted on the server stays here', async () => {
    await server.deliver(user, mail('a'));
    await save();
    await sync();
    await elsewhere((client) => client.messageCopy({ subject: 'a' }, 'Archive'));
    await sync();
    expect(await stored()).toMatchObject([{ folder: 'inbox', items: 2 }]);
    await elsewhere((client) => client.messageDelete({ subject: 'a' }));
    await sync();
    expect(await stored()).toMatchObject([{ folder: 'archive', items: 1 }]);
    await elsewhere((client) => client.messageDelete({ subject: 'a' }), 'Archive');
    await sync();
    expect(await stored()).toMatchObject([{ folder: 'archive', items: 0 }]);
  });
});

describe('R-BOX-7: a mail that is moved in Parley', () => {
  const inBin = { folder: 'trash', items: 1 };

  it('moves on the server at once, by the connection that waits; what is put back goes back there', async () => {
    await server.deliver(user, mail('a'));
    await readElsewhere('a');
    await save();
    await sync();
    const keeper = keepConnections(deps(), { everyMs: 50, leaseMs: 2_000, pauseMs: 100 });
    try {
      await waitFor(() => keeper.held === 1, { what: 'the connection' });
      await put('a', 'trash');
      await waitFor(async () => (await onServer('Bin')).length === 1, { what: 'the mail in the waste' });
      // it is put there before it is taken away here
      await waitFor(async () => (await onServer('INBOX')).length === 0, { what: 'the empty inbox' });
      await waitFor(async () => (await pending()).length === 0, { what: 'its new place' });
      expect(await stored()).toMatchObject([inBin]);
      await put('a', 'inbox');
      await waitFor(async () => (await onServer('INBOX')).length === 1, { what: 'the mail in the inbox' });
      await waitFor(async () => (await pending()).length === 0, { what: 'its old place' });
    } finally {
      await keeper.stop();
    }
    await compareAll();
    expect(await onServer('Bin')).toEqual([]);
    expect(await stored()).toMatchObject([{ folder: 'inbox', seen: true, items: 1 }]);
  });

  it('moves there once it can be reached, what was put back before not at all; once, however often it is looked at', async () => {
    for (const subject of ['a', 'b', 'c']) await server.deliver(user, mail(subject));
    await save();
    await sync();
    await server.kill();
    await put('a', 'archive');
    await put('b', 'trash');
    await put('b', 'inbox');
    await put('c', 'junk');
    await sync();
    await server.start();
    // its names on the server change meanwhile
    await world.db.query('update mailbox_folders set uid_validity = 1');
    await compareAll();
    await sync();
    await compareAll();
    expect(await pending()).toEqual([]);
    expect(await onServer('INBOX')).toEqual(['b']);
    expect(await onServer('Archive')).toEqual(['a']);
    expect(await onServer('Spam')).toEqual(['c']);
    expect(await stored()).toMatchObject([
      { folder: 'archive', seen: false, items: 1 },
      { folder: 'inbox', items: 1 },
      { folder: 'junk', items: 1 },
    ]);
  });

  it('a process that ends before it is written down moves nothing twice, and what is put back meanwhile goes back', async () => {
    for (const subject of ['a', 'b']) await server.deliver(user, mail(subject));
    await save();
    await sync();
    await put('a', 'trash');
    await put('b', 'trash');
    // as the server has it then
    await move('a', 'INBOX', 'Bin');
    await move('b', 'INBOX', 'Bin');
    await put('b', 'inbox');
    await sync();
    await sync();
    expect(await stored()).toMatchObject([inBin, { folder: 'inbox', items: 1 }]);
    expect(await onServer('Bin')).toEqual(['a']);
    expect(await onServer('INBOX')).toEqual(['b']);
    expect(await pending()).toEqual([]);
  });

  it('moved in both, what was done here holds; after that it goes where it is moved there', async () => {
    await server.deliver(user, mail('a'));
    await save();
    await sync();
    await put('a', 'trash');
    await move('a', 'INBOX', 'Archive');
    await sync();
    await sync();
    expect(await stored()).toMatchObject([inBin]);
    expect(await onServer('Bin')).toEqual(['a']);
    await move('a', 'Bin', 'Archive');
    await sync();
    expect(await stored()).toMatchObject([{ folder: 'archive', items: 1 }]);
  });

  it.each([
    ['copies and removes where the server cannot move', /\bMOVE\b/g, 'trash'],
    ['is left alone where that would remove what others have marked', /\b(MOVE|UIDPLUS)\b/g, 'inbox'],
  ])('%s', async (_, missing, place) => {
    const relay = await startRelay({
      said: (text) => text.replace(missing, (name) => `X${name.slice(1)}`),
    });
    try {
      for (const subject of ['a', 'marked']) await server.deliver(user, mail(subject));
      await elsewhere((client) => client.messageFlagsAdd({ subject: 'marked' }, ['\\Deleted']));
      await save({ port: relay.port });
      await sync();
      await put('a', 'trash');
      await sync();
      await compareAll();
      expect(await onServer('Bin')).toEqual(place === 'trash' ? ['a'] : []);
      expect(await onServer('INBOX')).toEqual(place === 'trash' ? ['marked'] : ['a', 'marked']);
      expect(await stored()).toMatchObject([inBin, { folder: 'inbox', items: 1 }]);
      expect(await pending()).toEqual([]);
    } finally {
      await relay.stop();
    }
  });

  it('stays where it is on a server that has no such folder, or does not take it', async () => {
    await server.deliver(user, mail('a'));
    await save();
    await sync();
    await world.db.query("update mailbox_folders set folder = null where folder = 'archive'");
    await put('a', 'archive');
    await sync();
    expect(await pending()).toEqual([]);
    await world.db.query("update mailbox_folders set path = 'Gone' where folder = 'junk'");
    await put('a', 'junk');
    await sync();
    await compareAll();
    // it is tried again
    expect(await pending()).toEqual(['a']);
    expect(await onServer('INBOX')).toEqual(['a']);
    expect(await stored()).toMatchObject([{ folder: 'junk', items: 1 }]);
  });
});

describe('R-BOX-6: a folder that is made anew in the middle', () => {
  it.each([
    ['before it is opened for reading', /EXAMINE Archive/, 2],
    ['while it is read', /UID FETCH/, 1],
  ])('%s: no mail is lost, and none stands twice', async (_, command, time) => {
    for (const subject of ['a', 'b', 'kept']) await server.deliver(user, mail(subject), 'Archive');
    let times = 0;
    const relay = await startRelay({
      async asked(text) {
        if (!command.test(text) || ++times !== time) return;
        await server.as(user, async (client) => {
          await client.mailboxDelete('Archive');
          await client.mailboxCreate('Archive');
        });
        for (const subject of ['fresh', 'kept']) await server.deliver(user, mail(subject), 'Archive');
      },
    });
    try {
      await save({ port: relay.port });
      await sync();
      await sync();
      expect(times).toBeGreaterThanOrEqual(time);
      // the two that were thrown away were never read
      const kept = (await stored()).filter(({ items }) => items === 1).map(({ subject }) => subject);
      expect(kept).toEqual(['fresh', 'kept']);
      const subjects = (await stored()).map(({ subject }) => subject);
      expect(new Set(subjects).size).toBe(subjects.length);
    } finally {
      await relay.stop();
    }
  });
});

describe('R-BOX-5: what was there before the mailbox was connected is news to nobody', () => {
  const hour = 3_600_000;
  const date = async (ago: number) => new Date((await world.db.now()).getTime() - ago).toUTCString();

  it.each(['imap', 'pop'] as const)('by %s', async (type) => {
    const person = await company.person({ responsible: company.users.recruiter });
    const address = `known-${type}@mail.example`;
    await company.addEmail(person, address);
    const conversation = () =>
      readConversation(world.db, { actor: actor(), dayMs, temporalUi: null }, company.ids(person));
    const notifications = () =>
      world.db.query('select 1 from notifications where conversation_id = $1', [person.conversationId]);
    await server.deliver(user, mail('old', { from: address }));
    await server.deliver(user, mail('lately', { from: address, date: await date(hour) }));
    await save(type === 'pop' ? { type, port: server.pop.port } : {});
    await sync();
    // the server is right about what is read; by POP nobody says
    expect(await stored()).toMatchObject([{ seen: type === 'pop' }, { seen: type === 'pop' }]);
    const before = await conversation();
    expect(before).toMatchObject({ unread: 0, unanswered: false, status: 'closed' });
    expect(before.lastMessage).not.toBeNull();
    expect(await notifications()).toEqual([]);
    await server.deliver(user, mail('new', { from: address, date: await date(-hour) }));
    await sync();
    expect((await stored())[1]).toMatchObject({ subject: 'new', seen: false });
    expect(await conversation()).toMatchObject({ unread: 1, unanswered: true });
    expect(await notifications()).not.toEqual([]);
  });
});
