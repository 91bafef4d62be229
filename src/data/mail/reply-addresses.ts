import { newId } from '../database';
import type { Queryable } from '../sql';

/** Who answers by it. */
export type ReplyParty =
  | { party: 'person' }
  | { party: 'user'; userId: string }
  /** A notification address that is no user's. */
  | { party: 'address'; address: string };

export type ReplyThread = { organizationId: string; conversationId: string; applicationId: string | null };

export type ReplyAddressRow = ReplyThread & ReplyParty & { personId: string };

/** The reply address of a party to a thread, the same one each time. Returns its id (`domain/reply-address.ts` makes the address of it). */
export async function replyAddressOf(db: Queryable, thread: ReplyThread, party: ReplyParty): Promise<string> {
  const values = [
    thread.organizationId,
    newId(),
    thread.conversationId,
    thread.applicationId,
    party.party,
    party.party === 'user' ? party.userId : null,
    party.party === 'address' ? party.address : null,
  ];
  const [made] = await db.query<{ id: string }>(
    `insert into reply_addresses (organization_id, id, conversation_id, application_id, party, user_id, address, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
     on conflict (organization_id, conversation_id, application_id, party, user_id, address)
       do update set organization_id = excluded.organization_id
     returning id`,
    values,
  );
  return made!.id;
}

/** The same of the person of each thread, in one statement. Returns their ids in the order of the threads. */
export async function replyAddressesOfPeople(
  db: Queryable,
  organizationId: string,
  threads: Pick<ReplyThread, 'conversationId' | 'applicationId'>[],
): Promise<string[]> {
  const keyOf = ({ conversationId, applicationId }: (typeof threads)[number]) =>
    `${conversationId} ${applicationId ?? ''}`;
  // in one order for all: who makes several waits for nobody who waits for them
  const wanted = [...new Map(threads.map((thread) => [keyOf(thread), thread])).entries()].sort(
    ([one], [other]) => (one < other ? -1 : 1),
  );
  const made = await db.query<(typeof threads)[number] & { id: string }>(
    `insert into reply_addresses (organization_id, id, conversation_id, application_id, party, created_at)
     select $1, w.id, w.conversation_id, w.application_id, 'person', clock_timestamp()
     from unnest($2::uuid[], $3::uuid[], $4::uuid[]) w(id, conversation_id, application_id)
     on conflict (organization_id, conversation_id, application_id, party, user_id, address)
       do update set organization_id = excluded.organization_id
     returning id, conversation_id as "conversationId", application_id as "applicationId"`,
    [
      organizationId,
      wanted.map(() => newId()),
      wanted.map(([, { conversationId }]) => conversationId),
      wanted.map(([, { applicationId }]) => applicationId),
    ],
  );
  const ids = new Map(made.map(({ id, ...thread }) => [keyOf(thread), id]));
  return threads.map((thread) => ids.get(keyOf(thread))!);
}

/** Undefined where there is none (any more). A merged person's leads to the one they became part of. */
export async function findReplyAddress(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<ReplyAddressRow | undefined> {
  const [row] = await db.query<
    ReplyThread & {
      personId: string;
      party: string;
      userId: string | null;
      address: string | null;
    }
  >(
    `select ra.organization_id as "organizationId", c.id as "conversationId", c.person_id as "personId",
       ra.application_id as "applicationId", ra.party, ra.user_id as "userId", ra.address
     from reply_addresses ra
     join conversations was on was.organization_id = ra.organization_id and was.id = ra.conversation_id
     join conversations c on c.organization_id = ra.organization_id and c.id = coalesce(was.merged_into_id, was.id)
     join people p on p.organization_id = c.organization_id and p.id = c.person_id and p.erased_at is null
     where ra.organization_id = $1 and ra.id = $2`,
    [organizationId, id],
  );
  if (!row) return undefined;
  const { party, userId, address, ...thread } = row;
  if (party === 'user') return { ...thread, party, userId: userId! };
  return party === 'address' ? { ...thread, party, address: address! } : { ...thread, party: 'person' };
}
