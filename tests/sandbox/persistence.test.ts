import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '../../src/sandbox/create-sandbox';
import { ana, dayMs, type Harness, openWindow, startHarness } from './harness';

let dataDir: string;
let harness: Harness;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'parley-sandbox-'));
  harness = await startHarness({ dataDir, retryBaseMs: 3_600_000, retryMaxMs: 3_600_000 });
});
afterEach(async () => {
  await harness.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A second sandbox over the folder while the first still runs: it finds what a killed process leaves behind. */
const afterKill = () => createSandbox({ clock: harness.clock, dayMs, dataDir, retryBaseMs: 5 });

describe('a sandbox with a data folder', () => {
  it('knows everything that was answered, after being killed', async () => {
    await openWindow(harness);
    await harness.text('one', { biz_opaque_callback_data: 'm1' });
    const { body } = await harness.upload('OggS', 'audio/ogg');
    harness.control.misbehave(ana, { hangUpAfterAccept: 1 });
    await expect(harness.text('two', { biz_opaque_callback_data: 'm2' })).rejects.toThrow();

    const second = afterKill();
    expect(second.control.accounts()).toEqual(harness.control.accounts());
    expect(second.control.counts()).toMatchObject([
      { waId: ana, callbackData: 'm1', count: 1 },
      { waId: ana, callbackData: 'm2', count: 1 },
    ]);
    expect(second.control.messages({ direction: 'both' })).toEqual(
      harness.control.messages({ direction: 'both' }),
    );
    expect(second.control.misbehaviours()).toEqual([]);
    const { url } = await second.listen();
    const media = await fetch(`${url}/v23.0/${String(body.id)}`, {
      headers: { authorization: `Bearer ${harness.account.token}` },
    });
    expect(await media.json()).toMatchObject({ file_size: 4 });
    await second.close();
  });

  it('brings the webhooks that its predecessor could not deliver', async () => {
    harness.endpoint.answerWith((response) => response.writeHead(500).end());
    await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await harness.text('Hi');
    await harness.control.settled();
    harness.endpoint.answerWith((response) => response.end());
    harness.endpoint.received.length = 0;

    const second = afterKill();
    await second.control.settled();
    expect(harness.endpoint.messages()).toMatchObject([{ text: { body: 'Hello' } }]);
    expect(harness.endpoint.statuses().map(({ status }) => status as string)).toEqual(['sent', 'delivered']);
    await second.close();

    const third = afterKill();
    await third.control.settled();
    expect(harness.endpoint.received).toHaveLength(1);
    await third.close();
  });

  it('forgives half a line at the end, and starts with a compact journal', async () => {
    for (const n of [1, 2, 3]) harness.control.updatePhone(ana, { name: `Ana ${n}` });
    await openWindow(harness);
    await harness.sandbox.close();
    const journal = join(dataDir, 'journal.ndjson');
    const lines = () => readFileSync(journal, 'utf8').split('\n').length;
    const before = lines();
    appendFileSync(journal, '["message",{"id":"wamid.ha');
    const second = afterKill();
    expect(second.control.phone(ana).name).toBe('Ana 3');
    expect(second.control.messages({ direction: 'both' })).toHaveLength(1);
    expect(lines()).toBeLessThan(before);
    await second.close();
  });
});
