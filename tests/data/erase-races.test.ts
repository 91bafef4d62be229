import { moveApplications } from '../../src/data/actions/stage-moves';
import { claimBatch } from '../../src/data/bulk/bulk-batch';
import { newId } from '../../src/data/database';
import { receiveMessage } from '../../src/data/inbound/inbound';
import { erasePerson } from '../../src/data/people/erase-person';
import { mergePeople } from '../../src/data/people/merge-people';
import { DomainError } from '../../src/domain/errors';
import { assertLedger, createWorld, dayMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => void (company = await world.company()));
afterEach(() => assertLedger(world.db));

const rounds = 4;
const administrator = () => company.as(company.users.administrator);
const erase = (person: Person) => erasePerson(world.db, administrator(), person.id);
const query = <T extends object>(sql: string, values: unknown[]) => world.db.query<T>(sql, values);

/** Both at once, and either first; whoever comes too late finds nobody. */
async function atOnce(
  round: number,
  erasing: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<void> {
  const both = round % 2 === 0 ? [erasing, other] : [other, erasing];
  for (const outcome of await Promise.allSettled(both.map((start) => start())))
    if (outcome.status === 'rejected') {
      expect(outcome.reason).toBeInstanceOf(DomainError);
      expect((outcome.reason as DomainError).code).toBe('not_found');
    }
}

/** Nothing of them is said anywhere, and nothing waits for them. */
async function assertGone(...people: Person[]): Promise<void> {
  const ids = people.map(({ id }) => id);
  const numbers = people.map(({ waId }) => `+${waId}`);
  const conversations = people.map(({ conversationId }) => conversationId);
  expect(
    await query(
      `select 'message' as left_over from messages where conversation_id = any($1::uuid[]) and (body is not null or state in ('queued', 'scheduled'))
       union all select 'person' from people where id = any($2::uuid[]) and (erased_at is null or first_name <> '')
       union all select 'point' from contact_points where person_id = any($2::uuid[]) and key = any($3)
       union all select 'application' from applications where person_id = any($2::uuid[]) and erased_at is null
       union all select 'run' from action_runs r join applications a on a.id = r.application_id
         where a.person_id = any($2::uuid[]) and r.state = 'planned'
       union all select 'recipient' from bulk_recipients where person_id = any($2::uuid[]) and state = 'waiting'
       union all select 'chat' from conversations where id = any($1::uuid[]) and (status <> 'closed' or erased_at is null)`,
      [conversations, ids, numbers],
    ),
  ).toEqual([]);
}

it('a message that comes in meanwhile is theirs, and erased, or that of somebody new', async () => {
  for (let round = 0; round < rounds; round++) {
    const person = await company.person();
    const context = {
      channel: 'whatsapp' as const,
      organizationId: company.organizationId,
      channelAccountId: company.account.id,
      dayMs,
      hashKey: world.hashKey,
    };
    const event = {
      providerId: `wamid.${newId()}`,
      from: person.waId,
      fromUserId: undefined,
      profileName: 'Ada',
      at: new Date(),
      replyToProviderId: undefined,
      content: { kind: 'text' as const, body: 'Wait' },
      raw: {},
    };
    await atOnce(
      round,
      () => erase(person),
      () => receiveMessage(world.db, context, event),
    );
    await assertGone(person);
    const said = await query(
      `select 1 from messages m join conversations c on c.id = m.conversation_id join people p on p.id = c.person_id
       join contact_points cp on cp.person_id = p.id
       where cp.key = $1 and p.to_review and m.body = 'Wait'`,
      [`+${person.waId}`],
    );
    const kept = await query('select 1 from messages where conversation_id = $1', [person.conversationId]);
    expect(said.length + kept.length).toBe(1);
  }
});

it('a move to a stage with an action', async () => {
  const vacancy = await company.vacancy();
  await company.action(vacancy.stages[1]!, await company.template());
  for (let round = 0; round < rounds; round++) {
    const person = await company.person();
    const applicationIds = await company.apply(vacancy, [person]);
    const move = { applicationIds, stageId: vacancy.stages[1]!, runActions: true };
    await atOnce(
      round,
      () => erase(person),
      () => moveApplications(world.db, { actor: administrator(), dayMs }, move),
    );
    await assertGone(person);
  }
});

it('a batch of a send to many', async () => {
  const templateId = await company.template();
  for (let round = 0; round < rounds; round++) {
    const [person, other] = (await company.people(2)) as [Person, Person];
    const bulkSendId = newId();
    const { organizationId } = company;
    await query(
      `insert into bulk_sends (organization_id, id, name, state, channels, template_id, created_by_id, planned, created_at)
       values ($1, $2, '', 'running', '{whatsapp}', $3, $4, 2, now())`,
      [organizationId, bulkSendId, templateId, company.users.administrator.id],
    );
    await query(
      `insert into bulk_recipients (organization_id, bulk_send_id, position, person_id, channel, state)
       values ($1, $2, 0, $3, 'whatsapp', 'waiting'), ($1, $2, 1, $4, 'whatsapp', 'waiting')`,
      [organizationId, bulkSendId, person.id, other.id],
    );
    await atOnce(
      round,
      () => erase(person),
      () =>
        claimBatch(world.db, { organizationId, bulkSendId }, world.deps, {
          channel: 'whatsapp',
          after: -1,
          limit: 10,
        }),
    );
    await assertGone(person);
    const [{ state }] = (await query<{ state: string }>(
      'select state from bulk_recipients where bulk_send_id = $1 and person_id = $2',
      [bulkSendId, other.id],
    )) as [{ state: string }];
    expect(['accepted', 'waiting']).toContain(state);
  }
});

it('R-CHAT-13: a merge: whoever was merged into them in time goes along', async () => {
  for (let round = 0; round < rounds; round++) {
    const [from, into] = (await company.people(2)) as [Person, Person];
    await atOnce(
      round,
      () => erase(into),
      () => mergePeople(world.db, { actor: administrator(), dayMs }, { fromId: from.id, intoId: into.id }),
    );
    const [merged] = await query('select 1 from people where id = $1 and merged_into_id is not null', [
      from.id,
    ]);
    await assertGone(...(merged ? [from, into] : [into]));
  }
});
