import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SecureContext } from 'node:tls';
import type { Database, Tx } from '../../src/data/database';
import { openMailSource } from '../../src/channels/mailbox/open-source';
import type { MailServer } from '../../src/channels/mailbox/types';
import { changeMail } from '../../src/data/mailboxes/mailbox-commands';
import { mapFolders } from '../../src/data/mailboxes/mailboxes';
import { listMessages } from '../../src/data/messages/message-read';
import { keepConnections, type ConnectionKeeper } from '../../src/mail/keep-connections';
import { syncMailbox } from '../../src/mail/sync-mailbox';
import { mailPassword } from '../support/dovecot';
import { waitFor } from '../support/wait';
import {
  company,
  context,
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
  type Incoming,
} from './mailbox-world';

let keeper: ConnectionKeeper | undefined;

testMailboxes();
afterEach(async () => {
  await keeper?.stop();
  keeper = undefined;
});

const save = saveWith(() => ({ type: 'imap', port: server.port, security: 'tls' }));

const mail = (subject: string, { from = 'eva@mail.example', to = 'uma@acme.example' } = {}) =>
  `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}.${user}@mail.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\n\r\nAbout ${subject}\r\n`;

const stored = () =>
  world.db.query<{ subject: string; folder: string; direction: string; items: number }>(
    `select m.subject, m.folder, m.direction, count(i.server_id) as items from mails m
     left join mailbox_items i on i.organization_id = m.organization_id and i.mail_id = m.id
     where m.user_id = $1 group by m.id, m.subject, m.folder, m.direction order by m.subject`,
    [ids().userId],
  );

it('R-BOX-3: folders are mapped by their special use, and what is in them comes in once, with its progress', async () => {
  await server.deliver(user, mail('one'));
  await server.deliver(user, mail('two'));
  await server.deliver(user, mail('three', { from: 'uma@acme.example', to: 'eva@mail.example' }), 'Sent');
  expect(await save()).toMatchObject({ state: 'connecting', fetchedAt: null });
  const { nextDueAt } = await sync();
  const after = await settings();
  expect(after).toMatchObject({ state: 'ready', stateText: null, importTotal: 3, importDone: 3 });
  expect(after.folders).toEqual([
    { path: 'Archive', folder: 'archive' },
    { path: 'Bin', folder: 'trash' },
    { path: 'INBOX', folder: 'inbox' },
    { path: 'Sent', folder: 'sent' },
    { path: 'Spam', folder: 'junk' },
  ]);
  expect(Date.parse(nextDueAt!)).toBeGreaterThan(Date.parse(after.fetchedAt!));
  await server.deliver(user, mail('zero'));
  await sync();
  await sync();
  expect(await stored()).toEqual([
    { subject: 'one', folder: 'inbox', direction: 'in', items: 1 },
    { subject: 'three', folder: 'sent', direction: 'out', items: 1 },
    { subject: 'two', folder: 'inbox', direction: 'in', items: 1 },
    { subject: 'zero', folder: 'inbox', direction: 'in', items: 1 },
  ]);
});

async function known(address: string) {
  const person = await company.person();
  await company.addEmail(person, address);
  return {
    deliver: (folder: string) => server.deliver(user, mail('Hello', { from: address }), folder),
    items: async () =>
      (await listMessages(world.db, company.as(company.colleague), company.ids(person), { limit: 9 })).items,
  };
}

it('R-BOX-5: mail of a known person that was fetched stands in their conversation', async () => {
  const { items, deliver } = await known('known@mail.example');
  await deliver('INBOX');
  await save();
  await sync();
  expect(await items()).toMatchObject([{ channel: 'email', direction: 'in', title: 'Hello' }]);
});

it('what the user takes out of the junk on their server stands in the conversation after all', async () => {
  const { items, deliver } = await known('spam@mail.example');
  await deliver('Spam');
  await save();
  await sync();
  expect(await stored()).toMatchObject([{ folder: 'junk' }]);
  expect(await items()).toEqual([]);
  await server.as(user, async (client) => {
    await client.mailboxOpen('Spam');
    await client.messageMove('1:*', 'INBOX');
  });
  await world.db.query('update mailboxes set reconciled_at = null');
  await sync();
  expect(await stored()).toMatchObject([{ folder: 'inbox', items: 1 }]);
  expect(await items()).toMatchObject([{ direction: 'in', title: 'Hello' }]);
});

it('a mail that is too large is kept as far as it is read, and says so', async () => {
  await server.deliver(user, `${mail('large')}${'x'.repeat(2000)}`);
  await save();
  await syncMailbox({ ...deps(), source: { ...source, maxBytes: 1_000 } }, ids(), () => true);
  const [row] = await world.db.query<{ text: string; size: number }>('select text, size from mails');
  expect(row!.text).toMatch(/^\[This mail is too large to be read as a whole\./);
  expect(row!.text).toContain('About large');
  expect(row!.size).toBe(1_000);
});

it('a mail is stored exactly once when the process dies between fetching and committing it', async () => {
  // the first is stored by itself, for it is large
  await server.deliver(user, `${mail('a')}${'x\r\n'.repeat(700_000)}`);
  for (const subject of ['b', 'c']) await server.deliver(user, mail(subject));
  await save();
  let commits = 0;
  const dying: Database = {
    ...world.db,
    transact: <T>(work: (tx: Tx) => Promise<T>) =>
      world.db.transact(async (tx) => {
        const result = await work(tx);
        const [{ mails } = { mails: 0 }] = await tx.query<{ mails: number }>(
          'select count(*) as mails from mails',
        );
        if (mails === 3 && commits++ === 0) throw new Error('the machine is gone');
        return result;
      }),
  };
  await expect(sync(dying)).rejects.toThrow('the machine is gone');
  expect(await stored()).toMatchObject([{ subject: 'a' }]);
  expect(await settings()).toMatchObject({ state: 'importing', importDone: 1, importTotal: 3 });
  await sync();
  expect(await stored()).toMatchObject([{ items: 1 }, { items: 1 }, { items: 1 }]);
  expect(await settings()).toMatchObject({ state: 'ready', importDone: 3, importTotal: 3 });
});

it.each(['imap', 'pop'] as const)(
  'a connection that breaks in the middle of a mail loses none, by %s',
  async (type) => {
    for (const subject of ['a', 'b', 'c']) await server.deliver(user, mail(subject));
    await server.deliver(user, `${mail('large')}${'x'.repeat(400_000)}`);
    await server.deliver(user, mail('z'));
    const relay = await startRelay(type === 'imap' ? server.port : server.pop.port, 200_000);
    try {
      await save({ type, port: relay.port, security: 'none' });
      await sync();
      expect(await stored()).toMatchObject([{ subject: 'a' }, { subject: 'b' }, { subject: 'c' }]);
      expect((await settings()).stateText).toContain('the server ended the connection');
      relay.heal();
      await sync();
      expect((await stored()).map(({ subject, items }) => [subject, items])).toEqual(
        ['a', 'b', 'c', 'large', 'z'].map((subject) => [subject, 1]),
      );
      expect(await settings()).toMatchObject({ state: 'ready', importDone: 5, importTotal: 5 });
    } finally {
      await relay.stop();
    }
  },
);

/** Stands between, and hangs up once the server has said so much, and the client, which is in this process, has read it. */
async function startRelay(port: number, most: number) {
  let healed = false;
  const sockets = new Set<net.Socket>();
  const hangUp = async (client: net.Socket) => {
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    client.end();
  };
  const relay = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    let passed = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => (client.destroy(), upstream.destroy()));
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      const left = healed ? chunk.length : Math.max(0, most - passed);
      passed += chunk.length;
      client.write(chunk.subarray(0, left));
      if (left > 0 && left < chunk.length) void hangUp(client);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return {
    port: (relay.address() as net.AddressInfo).port,
    heal: () => (healed = true),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}

it('R-BOX-6: after a change of UIDVALIDITY each mail stands once, with its new place', async () => {
  await server.deliver(user, mail('kept'), 'Archive');
  await save();
  await sync();
  const place = () => world.db.query('select server_id from mailbox_items order by server_id');
  const before = await place();
  await server.as(user, async (client) => {
    await client.mailboxDelete('Archive');
    await client.mailboxCreate('Archive');
  });
  await server.deliver(user, mail('fresh'), 'Archive');
  await server.deliver(user, mail('kept'), 'Archive');
  await sync();
  expect(await stored()).toMatchObject([
    { subject: 'fresh', items: 1 },
    { subject: 'kept', items: 1 },
  ]);
  expect(await place()).not.toContainEqual(before[0]);
});

it('everything is compared from time to time: gaps are fetched, what is gone from the server stays here', async () => {
  for (const subject of ['gap', 'gone', 'kept']) await server.deliver(user, mail(subject));
  await save();
  await sync();
  await server.as(user, async (client) => {
    await client.mailboxOpen('INBOX');
    await client.messageDelete({ subject: 'gone' }, { uid: true });
  });
  const [gap] = await world.db.query<{ id: string }>(`select id from mails where subject = 'gap'`);
  for (const [table, column] of [
    ['mailbox_items', 'mail_id'],
    ['mail_raws', 'mail_id'],
    ['mails', 'id'],
  ])
    await world.db.query(`delete from ${table} where ${column} = $1`, [gap!.id]);
  await sync();
  expect(await stored()).toMatchObject([{ subject: 'gone' }, { subject: 'kept' }]);
  await world.db.query('update mailboxes set reconciled_at = null');
  await sync();
  expect(await stored()).toMatchObject([
    { subject: 'gap', items: 1 },
    { subject: 'gone', items: 0 },
    { subject: 'kept', items: 1 },
  ]);
});

it('what is too much for one turn goes on at once', async () => {
  await save();
  await sync();
  await server.deliver(user, mail('one'));
  const { nextDueAt } = await syncMailbox(deps(), ids(), () => false);
  expect(Date.parse(nextDueAt!)).toBeLessThanOrEqual((await world.db.now()).getTime());
  expect(await stored()).toEqual([]);
  await sync();
  expect(await stored()).toHaveLength(1);
});

it('R-BOX-3: folders that are mapped to nothing are not read', async () => {
  await server.deliver(user, mail('one'));
  await server.deliver(user, mail('two'), 'Archive');
  await save();
  await mapFolders(world.db, context(), ids().userId, [
    { path: 'INBOX', folder: null },
    { path: 'Archive', folder: 'inbox' },
  ]);
  await sync();
  expect(await stored()).toMatchObject([{ subject: 'two', folder: 'inbox' }]);
});

it('R-BOX-3: a mail that was sent from Parley gets into the Sent folder of the server once, and is not fetched as another', async () => {
  await save();
  await sync();
  const raw = mail('written', { from: 'uma@acme.example', to: 'eva@mail.example' });
  const sendIt = async (id: string) => {
    await world.db.query(
      `insert into mails (organization_id, id, user_id, direction, state, folder, thread_id, message_id_header, content_hash, from_name,
         from_address, "to", subject, text, size, attempts, sent_at, occurred_at, created_at, updated_at)
       values ($1, $3, $2, 'out', 'sent', 'sent', $3, $4, $3::uuid::text, '', 'uma@acme.example', '[]', 'written', '', 1, 1,
         clock_timestamp(), clock_timestamp(), clock_timestamp(), clock_timestamp())`,
      [ids().organizationId, ids().userId, id, `<written.${user}@mail.example>`],
    );
    await world.db.query('insert into mail_raws (organization_id, mail_id, bytes) values ($1, $2, $3)', [
      ids().organizationId,
      id,
      Buffer.from(raw),
    ]);
  };
  const mailId = '019aa000-0000-7000-8000-000000000001';
  await sendIt(mailId);
  await sync();
  // the process died before it was written down
  await world.db.query('update mails set appended_at = null');
  await world.db.query('update mailboxes set reconciled_at = null');
  await sync();
  expect(await stored()).toMatchObject([{ subject: 'written', items: 1 }]);
  await server.as(user, async (client) =>
    expect(await client.status('Sent', { messages: true })).toMatchObject({ messages: 1 }),
  );
  for (const folder of ['trash', 'sent'] as const) {
    await changeMail(world.db, { ...context().actor, user: company.users.recruiter }, mailId, { folder });
    await sync();
    await server.as(user, async (client) => {
      const at = folder === 'trash' ? 'Bin' : 'Sent';
      expect(await client.status(at, { messages: true })).toMatchObject({ messages: 1 });
    });
  }
  // a folder that is gone, or takes no more, holds up nothing that comes in
  await mapFolders(world.db, context(), ids().userId, [
    { path: 'INBOX', folder: 'inbox' },
    { path: 'Gone', folder: 'sent' },
  ]);
  await world.db.query('update mails set appended_at = null');
  await server.deliver(user, mail('one'));
  await sync();
  expect(await stored()).toMatchObject([{ subject: 'one' }, { subject: 'written' }]);
  expect((await settings()).state).toBe('ready');
});

describe('R-BOX-4: what is known of the cause is told', () => {
  const wrong: [string, string, () => Partial<Incoming>][] = [
    ['the user name or the password is wrong', 'wrong_credentials', () => ({ password: 'wrong' })],
    ['nothing answers on this port', 'refused', () => ({ port: 1 })],
    ['no secure connection could be made', 'tls_failed', () => ({ security: 'ssl' })],
    ['not on the public internet', 'host_not_allowed', () => ({ host: '127.0.0.2' })],
  ];
  it.each(wrong)('%s', async (text, fault, incoming) => {
    await save(incoming());
    const { nextDueAt, fault: told } = await sync();
    expect(told).toBe(fault);
    const { state, stateText } = await settings();
    expect(state).toBe('failing');
    expect(stateText).toMatch(/^An unknown error occurred while getting the mail from your mail server: /);
    expect(stateText).toContain(text);
    const [row] = await world.db.query('select state_reason, failures from mailboxes');
    expect(row).toEqual({ state_reason: fault, failures: 1 });
    expect(Date.parse(nextDueAt!)).toBeGreaterThan((await world.db.now()).getTime());
    await save();
    await sync();
    expect(await settings()).toMatchObject({ state: 'ready', stateText: null });
  });

  const open = (
    more: Partial<MailServer>,
    resolved: string[] = ['127.0.0.1'],
    trust: SecureContext | undefined = undefined,
  ) =>
    openMailSource(
      {
        ...{ type: 'imap', host: 'mail.test', port: server.port, security: 'tls' },
        ...{ username: user, password: mailPassword },
        ...more,
      },
      {
        ...{ ...source, allow: ['mail.test', '127.0.0.1'], trust },
        resolve: async () => resolved.map((address) => ({ address, family: 4 })),
      },
    );

  it('a certificate that nobody vouches for is none, by STARTTLS and from the first byte, on this machine too', async () => {
    for (const host of ['mail.test', '127.0.0.1']) {
      await expect(open({ host })).rejects.toMatchObject({ fault: 'tls_failed' });
      await expect(open({ host, security: 'ssl', port: server.tlsPort })).rejects.toMatchObject({
        fault: 'tls_failed',
      });
    }
  });

  it('a certificate that is trusted, of another name', async () => {
    await expect(open({}, undefined, server.trust)).rejects.toMatchObject({ fault: 'tls_failed' });
  });

  it('a host that has no address', async () => {
    await expect(open({}, [])).rejects.toMatchObject({ fault: 'host_not_found' });
  });
});

it('every kind of security connects', async () => {
  for (const [security, port] of [
    ['none', server.port],
    ['tls', server.port],
    ['ssl', server.tlsPort],
  ] as const) {
    await save({ security, port });
    await sync();
    expect(await settings()).toMatchObject({ state: 'ready' });
  }
});

describe('connections that wait for new mail', () => {
  const options = { everyMs: 50, leaseMs: 2_000, pauseMs: 100 };
  const has = (subject: string) =>
    waitFor(async () => (await stored()).some((row) => row.subject === subject), { what: subject });

  it('new mail comes in at once, also after the server was gone for a while', async () => {
    await save();
    await sync();
    keeper = keepConnections(deps(), options);
    await waitFor(() => keeper!.held === 1, { what: 'the connection' });
    await server.deliver(user, mail('pushed'));
    await has('pushed');
    const killedAt = await world.db.now();
    await server.kill();
    await waitFor(() => keeper!.held === 0, { what: 'the end of the connection' });
    // it cannot be made again: its workflow finds out why
    const pokes = () =>
      world.db.query(`select 1 from outbox where workflow_type = 'mailbox' and created_at > $1`, [killedAt]);
    await waitFor(async () => (await pokes()).length > 0, { what: 'the workflow being woken' });
    await server.start();
    await waitFor(() => keeper!.held === 1, { what: 'the connection after the restart' });
    await server.deliver(user, mail('later'));
    await has('later');
  });

  it('one process holds a mailbox, another takes over, and a change of settings ends the connection', async () => {
    await save();
    await sync();
    keeper = keepConnections(deps(), options);
    await waitFor(() => keeper!.held === 1, { what: 'the connection' });
    const other = keepConnections(deps(), options);
    try {
      await save({ security: 'none' });
      await waitFor(() => keeper!.held === 0, { what: 'the end of the old connection' });
      await sync();
      await waitFor(() => keeper!.held + other.held === 1, { what: 'a connection with the new settings' });
      if (keeper.held === 1) {
        await keeper.stop();
        await waitFor(() => other.held === 1, { what: 'the other process' });
      }
    } finally {
      await other.stop();
    }
  });
});
