import http from 'node:http';
import fc from 'fast-check';
import type { z } from 'zod';
import { routes, type RouteKey } from '../../src/contracts';
import type { Company } from '../support/company';
import { bodies, makeThings, pathOf, type Things } from './fixtures';
import { createApi, type Api, type Client, type Method } from './support';

let api: Api;
let company: Company;
let administrator: Client;
let things: Things;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
  things = await makeThings(api.world, company, []);
});
afterAll(() => api.close());

/** What they all are about is gone after the last. */
const last: RouteKey = 'POST /api/v1/people/{personId}/erase';
const keys = [...(Object.keys(routes) as RouteKey[]).filter((key) => key !== last), last].filter(
  (key) => key !== 'GET /api/v1/live' && key !== 'DELETE /api/v1/session',
);

/** Values that have broken servers before. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '%',
    "'; drop table users; --",
    -1,
    0.5,
    1e308,
    Number.MAX_SAFE_INTEGER,
    2147483648,
    true,
    [],
    {},
    [null],
    { __proto__: null, constructor: 1 },
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999+23:59',
    'x'.repeat(5000),
    '00000000-0000-0000-0000-000000000000',
    'ext:\u0000',
  ),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
);

const fieldsOf = (right: unknown): string[] => {
  const names = Object.keys(right ?? {});
  return names.length > 0 ? names : ['other'];
};

/** A right body with some of its fields replaced, or something else altogether. */
const broken = (right: unknown) =>
  fc.oneof(
    nasty,
    fc
      .array(fc.tuple(fc.constantFrom(...fieldsOf(right)), nasty), {
        minLength: 1,
        maxLength: 3,
      })
      .map((changes) => ({ ...(right as object), ...Object.fromEntries(changes) })),
  );

const nastyQueries = [
  '?limit=0',
  '?cursor=%00',
  '?cursor=WzFd',
  '?q=%F0%9F%98%80%25_',
  '?limit=1e9&limit=2',
  '?a[b]=c',
  '?stageId=x',
];

/** Those whose names a route knows: others are refused by their name alone. */
function queriesOf(key: RouteKey): string[] {
  const { query } = routes[key] as { query?: z.ZodObject };
  return ['', ...nastyQueries.filter((one) => Object.hasOwn(query?.shape ?? {}, /\w+/.exec(one)![0]))];
}

describe('whatever comes in, it is never a fault of ours', () => {
  it.each(keys)('%s', async (key) => {
    const method = key.split(' ')[0]!.toLowerCase() as Method;
    const right = bodies[key]?.(things);
    await fc.assert(
      fc.asyncProperty(
        broken(right),
        fc.constantFrom(...queriesOf(key)),
        fc.constantFrom(undefined, 'ext:%00', 'ext:nobody', '%20', '00000000-0000-7000-8000-000000000000'),
        async (body, query, id) => {
          const values = id === undefined ? things : mapValues(things, () => id);
          const path = pathOf(key, values).split('?')[0]! + query;
          const sent = method === 'get' ? undefined : (body as object);
          const isObject = typeof sent === 'object' && sent !== null;
          const answer = await administrator.call(method, path, isObject ? sent : undefined);
          if (answer.status >= 500 && answer.status !== 503) {
            throw new Error(`${method} ${path} ${JSON.stringify(sent)} → ${answer.status}`);
          }
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });
});

it('what a route does not know is named, not left out: a misspelt sendAt would send at once', async () => {
  const taking = keys.filter(
    (key) =>
      bodies[key] && routes[key].access.who === 'user' && !key.startsWith('POST /api/v1/people/import'),
  );
  const refused: RouteKey[] = [];
  for (const key of taking) {
    const body = { ...(bodies[key]!(things) as object), sendAT: '2026-12-01T09:00:00Z' };
    const method = key.split(' ')[0]!.toLowerCase() as Method;
    const answer = await administrator.call(method, pathOf(key, things), body);
    const { errors } = answer.body as { errors?: unknown[] };
    if (answer.status === 422 && JSON.stringify(errors?.at(-1)) === unknownField) refused.push(key);
  }
  expect(refused).toEqual(taking);
  const query = await administrator.get('/api/v1/people?tga=driver');
  expect(query).toMatchObject({ status: 422, body: { errors: [{ path: 'tga' }] } });
});
const unknownField = JSON.stringify({ path: 'sendAT', message: 'is not known here' });

describe('malformed requests get a problem, never a fault', () => {
  const agent = () => new URL(api.url);

  /** Raw, since a proper client would not send such things. */
  function raw(
    options: http.RequestOptions,
    body?: string,
  ): Promise<{ status: number; type: string; text: string }> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = agent();
      const sent = http.request({ hostname, port, agent: false, ...options }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const post = (headers: Record<string, string>, body: string) =>
    raw({ method: 'POST', path: '/api/v1/session', headers }, body);

  it.each([
    ['broken JSON', { 'Content-Type': 'application/json' }, '{"email":', 400],
    ['JSON that is no object', { 'Content-Type': 'application/json' }, '"text"', 400],
    ['an unknown charset', { 'Content-Type': 'application/json; charset=nonsense' }, '{}', 415],
    ['an unknown encoding', { 'Content-Type': 'application/json', 'Content-Encoding': 'zst' }, '{}', 415],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b', 415],
    ['a body without a type', {}, '{}', 415],
    ['a body that is no gzip', { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, '{}', 400],
    [
      'a body of more than 1 MB',
      { 'Content-Type': 'application/json' },
      `{"a":"${'x'.repeat(1_100_000)}"}`,
      413,
    ],
  ])('%s', async (_what, headers, body, status) => {
    const answer = await post(headers, body);
    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status });
  });

  it.each(['/api/v1/people/%E0%A4%A', '/api/v1/%ff', '/%c0%ae%c0%ae/etc/passwd', '/api/v1/tokens/%00'])(
    'the address %s',
    async (path) => {
      const { status } = await raw({ path });
      expect([400, 401, 404, 410, 422]).toContain(status);
    },
  );

  it('huge headers', async () => {
    const { status } = await raw({ path: '/api/v1/me', headers: { 'X-Much': 'x'.repeat(60_000) } });
    expect(status).toBe(431);
  });

  it('a body too large for strangers is not even read', async () => {
    const large = JSON.stringify({ people: [{ firstName: 'x'.repeat(15_000_000) }] });
    const answer = await raw(
      { method: 'POST', path: '/api/v1/people/import', headers: { 'Content-Type': 'application/json' } },
      large,
    ).catch(() => ({ status: 401 }));
    expect(answer.status).toBe(401);
  });

  it('addresses that nothing answers', async () => {
    for (const path of ['/api/v1/nothing', '/api/v2/people', '/nothing']) {
      const { status, type } = await raw({ path });
      expect([path, status, type.split(';')[0]]).toEqual([path, 404, 'application/problem+json']);
    }
  });
});

it('names the fields at fault', async () => {
  const { body } = await administrator
    .post('/api/v1/people', { kind: 'robot', contactPoints: [{ kind: 'email', value: '' }] })
    .expect(422);
  expect(body).toMatchObject({ code: 'invalid', status: 422 });
  expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual([
    'kind',
    'contactPoints.0.value',
  ]);
});

it('names what is missing where there is no body, and asks for none where nothing is needed', async () => {
  const missing = await administrator.call('post', '/api/v1/employers').expect(422);
  expect(missing.body).toMatchObject({ errors: [{ path: 'name' }] });
  const { applicationId } = await makeThings(api.world, company, []);
  await administrator.call('post', `/api/v1/applications/${applicationId}/withdraw`).expect(200);
});

function mapValues(values: Things, map: (value: string) => string): Things {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)])) as Things;
}
