import type { Database } from '../database';
import { wakeMailbox, type MailboxIds } from './mailboxes';

export type Lease = MailboxIds & { version: number };

/** Takes mailboxes whose connection nobody holds; those that answer, and have an inbox. */
export async function claimMailboxes(
  db: Database,
  holder: string,
  { leaseMs, limit }: { leaseMs: number; limit: number },
): Promise<Lease[]> {
  const now = await db.now();
  return db.query<Lease>(
    `update mailboxes b set lease_holder = $1, lease_until = $2 from (
       select m.organization_id, m.user_id from mailboxes m
       join users u on u.organization_id = m.organization_id and u.id = m.user_id and u.deactivated_at is null
       where m.fetch and m.kind = 'imap' and m.state = 'ready' and (m.lease_until is null or m.lease_until < $3)
         and exists (select 1 from mailbox_folders f where f.organization_id = m.organization_id and f.user_id = m.user_id and f.folder = 'inbox')
       order by m.lease_until nulls first limit $4 for no key update of m skip locked) free
     where b.organization_id = free.organization_id and b.user_id = free.user_id
     returning b.organization_id as "organizationId", b.user_id as "userId", b.version`,
    [holder, new Date(now.getTime() + leaseMs), now, limit],
  );
}

const stillHeld = `from unnest($2::uuid[], $3::uuid[], $4::int[]) as held(organization_id, user_id, version), users u
  where b.organization_id = held.organization_id and b.user_id = held.user_id and b.version = held.version and b.lease_holder = $1 and b.fetch
    and u.organization_id = b.organization_id and u.id = b.user_id and u.deactivated_at is null`;

/** By user: whether they have read, unread or moved mails here that their server may not know of. */
type KeptLeases = Map<string, { seenChanged: boolean }>;

const keptColumns = `b.user_id as "userId", b.seen_changed_at is not null as "seenChanged"`;

/** Whose they are still, with the settings that they were connected with. */
export async function heldLeases(db: Database, holder: string, leases: Lease[]): Promise<KeptLeases> {
  return keptOf(
    await db.query(`select ${keptColumns} ${stillHeld.replace('from ', 'from mailboxes b, ')}`, [
      holder,
      ...columnsOf(leases),
    ]),
  );
}

/** The same, and they are held for longer. */
export async function renewLeases(
  db: Database,
  holder: string,
  leases: Lease[],
  leaseMs: number,
): Promise<KeptLeases> {
  const until = new Date((await db.now()).getTime() + leaseMs);
  return keptOf(
    await db.query(`update mailboxes b set lease_until = $5 ${stillHeld} returning ${keptColumns}`, [
      holder,
      ...columnsOf(leases),
      until,
    ]),
  );
}

const keptOf = (rows: { userId: string; seenChanged: boolean }[]): KeptLeases =>
  new Map(rows.map((row) => [row.userId, row]));

const columnsOf = (leases: Lease[]) => [
  leases.map(({ organizationId }) => organizationId),
  leases.map(({ userId }) => userId),
  leases.map(({ version }) => version),
];

/** The connection has ended by itself: nobody tries for a moment. `wake`: the mailbox's workflow finds out what is wrong. */
export async function loseLease(
  db: Database,
  holder: string,
  { organizationId, userId }: Lease,
  { pauseMs, wake }: { pauseMs: number; wake: boolean },
): Promise<void> {
  await db.transact(async (tx) => {
    const lost = await tx.query(
      `update mailboxes set lease_holder = null, lease_until = $4 where organization_id = $1 and user_id = $2 and lease_holder = $3 returning 1`,
      [organizationId, userId, holder, new Date((await tx.now()).getTime() + pauseMs)],
    );
    if (wake && lost.length > 0) await wakeMailbox(tx, { organizationId, userId });
  });
}

/** Another process may take them at once. */
export async function freeLeases(db: Database, holder: string): Promise<void> {
  await db.query('update mailboxes set lease_holder = null, lease_until = null where lease_holder = $1', [
    holder,
  ]);
}
