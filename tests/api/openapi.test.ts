import fs from 'node:fs';
import path from 'node:path';
import { createOpenApiDocument } from '../../src/api/openapi-document';
import { bindRoutes } from '../../src/api/bind';
import { problems } from '../../src/api/problem';
import { routes, type RouteKey } from '../../src/contracts';
import { reasonCodes } from '../../src/contracts/reasons';

type Operation = {
  operationId: string;
  security: Record<string, string[]>[];
  responses: Record<string, { content?: Record<string, unknown> }>;
  parameters?: { name: string; in: string }[];
};

const document = JSON.parse(JSON.stringify(createOpenApiDocument())) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
};

const operationOf = (key: string): Operation => {
  const [method, url] = key.split(' ');
  return document.paths[url!]![method!.toLowerCase()]!;
};

it('docs/openapi.json is what the contracts say (`npm run openapi` writes it)', () => {
  const golden = fs.readFileSync(path.resolve(__dirname, '../../docs/openapi.json'), 'utf8');
  expect(JSON.parse(golden)).toEqual(document);
});

it('is OpenAPI 3.1, with every route and nothing else, each under its own name', () => {
  expect(document.openapi).toBe('3.1.0');
  const shown = Object.entries(document.paths).flatMap(([url, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
  );
  expect(shown.sort()).toEqual(Object.keys(routes).sort());
  const names = shown.map((key) => operationOf(key).operationId);
  expect(new Set(names).size).toBe(names.length);
});

it.each(Object.keys(routes) as RouteKey[])('%s says who may call it, and how it fails', (key) => {
  const { access, idempotent } = routes[key] as {
    access: (typeof routes)[RouteKey]['access'];
    idempotent?: boolean;
  };
  const operation = operationOf(key);
  const scopes = operation.security.flatMap((one) => one.apiKey ?? []);
  expect(scopes).toEqual(access.who === 'user' && access.scope !== null ? [access.scope] : []);
  expect(operation.responses.default!.content).toHaveProperty(['application/problem+json']);
  const names = operation.parameters?.map(({ name }) => name) ?? [];
  expect(names.includes('Idempotency-Key')).toBe(idempotent === true);
  for (const [, name] of key.matchAll(/\{(\w+)\}/g)) expect(names).toContain(name);
});

it('refers to nothing that is not there', () => {
  for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(document.components.schemas).toHaveProperty(name!);
  }
});

it('the api does not start with a route that is not bound, or bound twice', () => {
  const options = { db: {} as never, publicUrl: 'http://localhost', checkAnswers: true };
  expect(() => bindRoutes(options, [])).toThrow('GET /api/v1/me has no handler');
  const group = { 'GET /api/v1/me': () => Promise.reject(new Error('unused')) };
  expect(() => bindRoutes(options, [group, group])).toThrow('GET /api/v1/me has several handlers');
  expect(() => bindRoutes(options, [{ 'GET /api/v1/other': group } as never])).toThrow(
    'none of the contract',
  );
});

it('every reason has an answer in HTTP', () => {
  for (const code of reasonCodes) expect(problems[code].status).toBeGreaterThanOrEqual(400);
});
