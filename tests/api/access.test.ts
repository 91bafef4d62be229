import { routes, type RouteKey } from '../../src/contracts';
import { roles, type Role } from '../../src/contracts/common';
import { scopes, type RouteFacts } from '../../src/contracts/route';
import type { Company } from '../support/company';
import { bodies, makeThings, pathOf, type Things } from './fixtures';
import { createApi, type Api, type Client, type Method } from './support';

let api: Api;
let company: Company;
let foreign: Company;
let clients: Record<Role, Client>;
let foreignAdministrator: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  foreign = await api.world.company();
  clients = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await api.signIn(company, company.users[role])])),
  ) as Record<Role, Client>;
  foreignAdministrator = await api.signIn(foreign, foreign.users.administrator);
});
afterAll(() => api.close());

const office: Role[] = ['administrator', 'supervisor', 'recruiter'];
const limited: Role[] = ['interviewer', 'collaborator', 'requisitioner', 'reviewer'];
const rolesOf = {
  every: [...roles],
  senders: [...office, 'interviewer'] as Role[],
  office,
  administrators: ['administrator'] as Role[],
};

/** What the rules add to the contract: moves are for whom may manage the vacancy, templates for who made them. */
const narrower: Partial<Record<RouteKey, Role[]>> = {
  'POST /api/v1/applications/{applicationId}/move': office,
  'POST /api/v1/applications/move': office,
  // scheduled by the Interviewer
  'POST /api/v1/scheduled-messages/{scheduledMessageId}/cancel': ['administrator', 'interviewer'],
  // made by nobody of them
  'PATCH /api/v1/templates/{templateId}': ['administrator'],
  'DELETE /api/v1/templates/{templateId}': ['administrator'],
};

/** Of a vacancy one is not assigned to: an Administrator's business. */
const forTheTeam = new Set<RouteKey>([
  'PATCH /api/v1/vacancies/{vacancyId}',
  'PUT /api/v1/vacancies/{vacancyId}/application-form',
  'POST /api/v1/vacancies/{vacancyId}/stages',
  'PATCH /api/v1/stages/{stageId}',
  'POST /api/v1/stages/{stageId}/actions',
  'DELETE /api/v1/stages/{stageId}/actions/{actionId}',
  'PATCH /api/v1/stages/{stageId}/actions/{actionId}',
  'POST /api/v1/stages/{stageId}/actions/dry-run',
  'POST /api/v1/planned/{plannedId}/cancel',
  ...(['reject', 'withdraw', 'reopen'] as const).flatMap(
    (verb) =>
      [`POST /api/v1/applications/{applicationId}/${verb}`, `POST /api/v1/applications/${verb}`] as const,
  ),
  'POST /api/v1/applications',
  'POST /api/v1/applications/{applicationId}/move',
  'POST /api/v1/applications/move',
]);

/** Routes about one person, conversation, vacancy or application, which may be out of sight. */
const sighted =
  /\{(moveId|personId|conversationId|vacancyId|stageId|applicationId|messageId|scheduledMessageId|mediaId)\}|applications\/move$|preview$/;

/** About what is the caller's alone: for everybody else it does not exist. */
const own = new Set<RouteKey>([
  'DELETE /api/v1/saved-searches/{savedSearchId}',
  'PATCH /api/v1/mail-threads',
  ...(Object.keys(routes) as RouteKey[]).filter((key) => key.includes('/mails/{mailId}')),
]);

/** Tried with a stream and a session of their own below, or in session.test.ts. */
const apart = new Set<RouteKey>(['GET /api/v1/live', 'DELETE /api/v1/session']);

const keys = (Object.keys(routes) as RouteKey[]).filter(
  (key) => routes[key].access.who === 'user' && !apart.has(key),
);

type Team = 'everybody' | 'nobody';

let untouched: Partial<Record<Team, Things>> = {};

/** Things as they were made, on a vacancy that everybody or nobody is assigned to. */
async function thingsOf(team: Team): Promise<Things> {
  const users = team === 'everybody' ? Object.values(company.users) : [];
  return (untouched[team] ??= await makeThings(api.world, company, users));
}

async function call(client: Client, key: RouteKey, things: Things) {
  const method = key.split(' ')[0]!.toLowerCase() as Method;
  const headers = key === 'POST /api/v1/media' ? { 'Content-Type': 'text/plain' } : undefined;
  const body = key === 'POST /api/v1/media' ? 'text' : bodies[key]?.(things);
  const answer = await client.call(method, pathOf(key, things), body, headers);
  // who reads or is refused changes nothing
  if (method !== 'get' && ![401, 403, 404].includes(answer.status)) untouched = {};
  return answer;
}

/** Let in: done, or refused for the state that things are in, not for who asks. */
const letIn = (status: number) => [200, 201, 202, 204, 409, 422, 503].includes(status);

describe.each(keys)('R-ROLE-1: %s', (key) => {
  const facts: RouteFacts = routes[key];
  const allowed = narrower[key] ?? (facts.access.who === 'user' ? rolesOf[facts.access.roles] : []);

  it('is for its roles', async () => {
    for (const role of roles) {
      const things = await thingsOf('everybody');
      const { status, body } = await call(clients[role], key, things);
      const mine = !own.has(key) || role === 'administrator';
      const expected = !allowed.includes(role) ? status === 403 : mine ? letIn(status) : status === 404;
      if (!expected) throw new Error(`${role} got ${status} ${JSON.stringify(body)}`);
    }
  });

  it('tells another organization nothing', async () => {
    const things = await thingsOf('nobody');
    const { status, text } = await call(foreignAdministrator, key, things);
    if (key.includes('{')) expect(status).toBe(404);
    else {
      expect(status).toBeLessThan(500);
      for (const id of Object.values(things)) expect(text ?? '').not.toContain(id);
    }
  });

  it('needs a caller', async () => {
    const things = await thingsOf('nobody');
    expect((await call(api.anonymous, key, things)).status).toBe(401);
  });

  if (sighted.test(key)) {
    it('is out of sight for those not assigned (R-ROLE-2)', async () => {
      for (const role of limited.filter((one) => allowed.includes(one))) {
        const things = await thingsOf('nobody');
        expect([role, (await call(clients[role], key, things)).status]).toEqual([role, 404]);
      }
    });
  }

  if (forTheTeam.has(key)) {
    it('is for the team of the vacancy and Administrators', async () => {
      for (const role of office) {
        const things = await thingsOf('nobody');
        const { status } = await call(clients[role], key, things);
        expect([role, role === 'administrator' ? letIn(status) : status === 403]).toEqual([role, true]);
      }
    });
  }
});

it('R-ROLE-2: lists hold what one may see, and nothing else', async () => {
  const other = await api.world.company();
  const seen = await makeThings(api.world, other, [other.users.interviewer]);
  const unseen = await makeThings(api.world, other, []);
  const asInterviewer = await api.signIn(other, other.users.interviewer);
  const asReviewer = await api.signIn(other, other.users.reviewer);
  const lists = ['people', 'vacancies', 'conversations'].map((name) => `/api/v1/${name}?limit=100`);
  for (const path of lists) {
    const [interviewer, reviewer] = await Promise.all([
      asInterviewer.get(path).expect(200),
      asReviewer.get(path).expect(200),
    ]);
    const holds = (text: string, things: Things) =>
      text.includes(things.personId) || text.includes(things.vacancyId);
    expect([path, holds(interviewer.text, seen), holds(interviewer.text, unseen)]).toEqual([
      path,
      true,
      false,
    ]);
    expect([path, holds(reviewer.text, seen)]).toEqual([path, false]);
  }
});

describe('R-ROLE-1: sent again under its key', () => {
  it.each(['collaborator', 'requisitioner', 'reviewer'] as const)(
    'by one who has become a %s, a message, a later message and a message to many are refused',
    async (role) => {
      const own = await api.world.company();
      const { recruiter } = own.users;
      const client = await api.signIn(own, recruiter);
      const things = await makeThings(api.world, own, [recruiter]);
      const requests = (
        [
          'POST /api/v1/conversations/{conversationId}/messages',
          'POST /api/v1/conversations/{conversationId}/scheduled-messages',
          'POST /api/v1/bulk-sends',
        ] as const
      ).map((key) => ({ path: pathOf(key, things), body: bodies[key]!(things) }));
      const send = () =>
        Promise.all(requests.map(({ path, body }) => client.post(path, body, { 'Idempotency-Key': 'once' })));
      for (const { status, body } of await send())
        if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
      expect((await send()).map(({ headers }) => headers['idempotency-replayed'])).toEqual([
        'true',
        'true',
        'true',
      ]);
      await api.world.db.query('update users set role = $2 where id = $1', [recruiter.id, role]);
      expect((await send()).map(({ status }) => status)).toEqual([403, 403, 403]);
    },
  );
});

describe('an API key', () => {
  it('calls the routes of its scopes, and no others', async () => {
    const holders = await Promise.all(
      scopes.map(async (scope) => [scope, await api.program(company, [scope])] as const),
    );
    for (const key of keys) {
      const { access } = routes[key];
      if (access.who !== 'user') continue;
      // the key that is let in comes last, since it may change things
      const things = await thingsOf('nobody');
      const ordered = [...holders].sort(
        ([a], [b]) => Number(a === access.scope) - Number(b === access.scope),
      );
      for (const [scope, client] of ordered) {
        const { status, body } = await call(client, key, things);
        const code = (body as { code?: string } | null)?.code;
        const expected = access.scope === scope ? code !== 'scope_missing' : status === 403;
        if (!expected) throw new Error(`${key} with ${scope}: ${status} ${JSON.stringify(body)}`);
      }
    }
  }, 300_000);
});
