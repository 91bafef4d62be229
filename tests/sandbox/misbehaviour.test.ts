import { waitFor } from '../support/wait';
import { ana, type Harness, openWindow, startHarness } from './harness';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
  await openWindow(harness);
  harness.endpoint.received.length = 0;
});
afterEach(() => harness.stop());

const got = () => harness.control.messages({ number: ana }).map(({ text }) => text);
const statuses = () => harness.endpoint.statuses().map(({ status }) => status as string);

describe('misbehaviour', () => {
  it('answers later', async () => {
    harness.control.misbehave(harness.account.id, { answerDelayMs: 60 });
    const startedAt = performance.now();
    expect((await harness.text('Hi')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  });

  it('refuses the next sends with a code, then no longer', async () => {
    harness.control.misbehave(harness.account.id, { refuse: { times: 2, code: 131048 } });
    expect((await harness.text('1')).body.error.code).toBe(131048);
    expect((await harness.text('2')).body.error.code).toBe(131048);
    expect((await harness.text('3')).status).toBe(200);
    expect(got()).toEqual(['3']);
    expect(harness.control.misbehaviours()).toEqual([]);
  });

  it('accepts and reports the code by webhook', async () => {
    harness.control.misbehave(ana, { refuse: { times: 1, code: 131049, as: 'status' } });
    expect((await harness.text('1')).status).toBe(200);
    await harness.text('2');
    await harness.control.settled();
    expect(harness.endpoint.statuses()).toMatchObject([
      { status: 'failed', errors: [{ code: 131049 }] },
      { status: 'sent' },
      { status: 'delivered' },
    ]);
  });

  it.each([
    [{ status: 502 }, undefined],
    [{ status: 500, graphBody: true }, 131000],
    [{ status: 503, graphBody: true }, 2],
  ])('answers %j without sending', async (error, code) => {
    harness.control.misbehave(harness.account.id, { httpError: { times: 1, ...error } });
    const { status, body } = await harness.text('1');
    expect(status).toBe(error.status);
    expect(body.error?.code).toBe(code);
    expect(got()).toEqual([]);
    expect((await harness.text('2')).status).toBe(200);
  });

  it('answers 502 although it was sent', async () => {
    harness.control.misbehave(harness.account.id, { httpError: { times: 1, status: 502, accepted: true } });
    expect((await harness.text('1')).status).toBe(502);
    await harness.control.settled();
    expect(got()).toEqual(['1']);
    expect(statuses()).toEqual(['sent', 'delivered']);
  });

  it.each([
    ['hangUpAfterAccept', ['1']],
    ['hangUpBeforeAccept', []],
  ] as const)('%s: the connection is reset', async (setting, texts) => {
    harness.control.misbehave(ana, { [setting]: 1 });
    await expect(harness.text('1')).rejects.toThrow('fetch failed');
    await harness.control.settled();
    expect(got()).toEqual(texts);
    expect(statuses()).toHaveLength(texts.length * 2);
    expect((await harness.text('2')).status).toBe(200);
  });

  it('accepts and never answers', async () => {
    harness.control.misbehave(ana, { neverAnswer: 1 });
    const patience = new AbortController();
    const call = fetch(`${harness.url}/v23.0/${harness.account.id}/messages`, {
      method: 'POST',
      signal: patience.signal,
      headers: { authorization: `Bearer ${harness.account.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messaging_product: 'whatsapp', to: ana, type: 'text', text: { body: '1' } }),
    });
    const given = expect(call).rejects.toThrow('aborted');
    await waitFor(() => got().length > 0, { what: 'the message' });
    await harness.control.settled();
    patience.abort();
    await given;
    expect(got()).toEqual(['1']);
    expect(statuses()).toEqual(['sent', 'delivered']);
  });

  it('tells the statuses before it answers', async () => {
    harness.control.misbehave(harness.account.id, { statusBeforeAnswer: true });
    let seen = 0;
    harness.endpoint.answerWith((response) => {
      seen++;
      response.end();
    });
    await harness.text('1');
    expect(seen).toBe(1);
    expect(statuses()).toEqual(['sent', 'delivered']);
  });

  it('delays webhooks', async () => {
    harness.control.misbehave(harness.account.id, { webhookDelayMs: 60 });
    const startedAt = performance.now();
    let cameAt = 0;
    harness.endpoint.answerWith((response) => {
      cameAt ||= performance.now();
      response.end();
    });
    await harness.text('1');
    await harness.control.settled();
    expect(cameAt - startedAt).toBeGreaterThanOrEqual(55);
    expect(statuses()).toEqual(['sent', 'delivered']);
  });

  it('loses the next webhook elements', async () => {
    harness.control.misbehave(harness.account.id, { dropWebhooks: 1 });
    await harness.text('1');
    await harness.control.settled();
    expect(statuses()).toEqual(['delivered']);
    expect(harness.control.deliveries().map(({ state }) => state)).toContain('dropped');
  });

  it('repeats every body', async () => {
    harness.control.misbehave(harness.account.id, { repeatWebhooks: 2 });
    await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await harness.control.settled();
    expect(harness.endpoint.received).toHaveLength(3);
    expect(new Set(harness.endpoint.received.map(({ raw }) => raw.toString())).size).toBe(1);
  });

  it('sends every status twice', async () => {
    harness.control.misbehave(harness.account.id, { duplicateStatuses: true });
    await harness.text('1');
    await harness.control.settled();
    expect(statuses()).toEqual(['sent', 'sent', 'delivered', 'delivered']);
  });

  it('turns the order round', async () => {
    // it does so with what comes within a moment, which may be too short for these two
    harness.control.misbehave(harness.account.id, { holdWebhooks: true });
    await harness.text('1');
    await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await harness.control.settled();
    harness.control.misbehave(harness.account.id, { reorderWebhooks: true });
    await harness.control.settled();
    expect(harness.endpoint.received).toHaveLength(3);
    expect(statuses()).toEqual(['delivered', 'sent']);
    expect(harness.endpoint.received[0]?.body.entry[0].changes[0].value.messages).toHaveLength(1);
  });

  it('concerns one phone alone, and wins over its account there', async () => {
    harness.control.misbehave(harness.account.id, { refuse: { times: true, code: 131000 } });
    harness.control.misbehave('+34 600 111 222', { refuse: { times: true, code: 131016 } });
    expect((await harness.text('1')).body.error.code).toBe(131016);
    expect((await harness.send({ type: 'text', text: { body: '1' } }, '34600111333')).body.error.code).toBe(
      131000,
    );
    harness.control.behave(ana);
    expect((await harness.text('1')).body.error.code).toBe(131000);
    harness.control.behave();
    expect((await harness.text('1')).status).toBe(200);
  });
});
