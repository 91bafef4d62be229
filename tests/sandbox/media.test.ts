import { createHash } from 'node:crypto';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '../support/wait';
import { ana, type Harness, openWindow, startHarness } from './harness';

let harness: Harness;
const bytes = Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7) % 256));
const sha256 = createHash('sha256').update(bytes).digest();

beforeEach(async () => {
  harness = await startHarness();
  await openWindow(harness);
});
afterEach(() => harness.stop());

const authorized = (url: string, token = harness.account.token) =>
  fetch(url, { headers: { authorization: `Bearer ${token}` } });

describe('media', () => {
  it('goes up, is looked up, comes down unchanged and is deleted', async () => {
    const { body } = await harness.upload(bytes, 'image/png', 'a "b".png');
    const found = await harness.graph('GET', String(body.id));
    expect(found.body).toEqual({
      messaging_product: 'whatsapp',
      url: expect.stringContaining(harness.url) as string,
      mime_type: 'image/png',
      sha256: sha256.toString('hex'),
      file_size: 5000,
      id: body.id as string,
    });
    const file = await authorized(String(found.body.url));
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await harness.graph('DELETE', String(body.id))).body).toEqual({ success: true });
    expect((await harness.graph('GET', String(body.id))).body.error.error_subcode).toBe(33);
  });

  it('asks for the token at the address too, which is good for five minutes', async () => {
    const { body } = await harness.upload(bytes, 'image/png');
    const { url } = (await harness.graph('GET', String(body.id))).body as { url: string };
    expect((await authorized(url, 'wrong')).status).toBe(401);
    expect((await authorized(url, harness.control.accounts()[1]!.token)).status).toBe(404);
    harness.clock.advance(301_000);
    expect((await authorized(url)).status).toBe(404);
  });

  it('refuses kinds and sizes that Meta does not take', async () => {
    expect((await harness.upload('x', 'application/zip')).body.error.code).toBe(100);
    expect((await harness.upload(Buffer.alloc(5 * 1024 * 1024 + 1), 'image/png')).body.error.code).toBe(
      131053,
    );
    expect((await harness.upload('', 'image/png')).body.error.code).toBe(131053);
    const form = new FormData();
    form.append('messaging_product', 'whatsapp');
    expect((await harness.graph('POST', `${harness.account.id}/media`, form)).body.error.code).toBe(100);
  });

  it('is shown on the phone', async () => {
    const { body } = await harness.upload(bytes, 'application/pdf', 'offer.pdf');
    const document = { id: body.id as string, caption: 'Our offer', filename: 'offer.pdf' };
    expect((await harness.send({ type: 'document', document })).status).toBe(200);
    expect(harness.control.messages({ number: ana })).toMatchObject([
      {
        type: 'document',
        text: 'Our offer',
        content: { filename: 'offer.pdf', mimeType: 'application/pdf' },
      },
    ]);
    const shown = await fetch(`${harness.url}/sandbox/media/${String(body.id)}`);
    expect(Buffer.from(await shown.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('fails afterwards when the kind does not fit the message', async () => {
    const { body } = await harness.upload(bytes, 'application/pdf');
    expect((await harness.send({ type: 'image', image: { id: body.id as string } })).status).toBe(200);
    await harness.control.settled();
    expect(harness.endpoint.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131053 }] }]);
  });

  it('is fetched from a link, or fails when it cannot be', async () => {
    const server = http.createServer((request, response) => {
      if (request.url === '/cat.png') response.setHeader('content-type', 'image/png').end(bytes);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await harness.send({ type: 'image', image: { link: `${base}/cat.png` } });
    await harness.send({ type: 'image', image: { link: `${base}/dog.png` } });
    await waitForStatuses(3);
    expect(
      harness.endpoint
        .statuses()
        .map(({ status }) => status as string)
        .sort(),
    ).toEqual(['delivered', 'failed', 'sent']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('comes from the phone with its facts, and can be fetched by the company', async () => {
    const file = { bytes, mimeType: 'audio/ogg; codecs=opus', filename: 'voice.ogg' };
    await harness.control.write(ana, { type: 'audio', file, voice: true });
    await harness.control.settled();
    const message = harness.endpoint.messages().at(-1)!;
    expect(message).toMatchObject({
      type: 'audio',
      audio: { mime_type: 'audio/ogg; codecs=opus', voice: true, sha256: sha256.toString('base64') },
    });
    const { url } = (await harness.graph('GET', String(message.audio.id))).body as { url: string };
    expect(Buffer.from(await (await authorized(url)).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it.each([
    ['image/jpeg', 'image', { caption: 'My CV' }],
    ['video/mp4', 'video', { caption: 'My CV' }],
    ['application/pdf', 'document', { caption: 'My CV', filename: 'cv' }],
    ['image/webp', 'sticker', { animated: false }],
  ])('comes from the phone as a form: %s', async (mimeType, type, facts) => {
    const form = new FormData();
    form.append('caption', 'My CV');
    form.append('file', new Blob([bytes], { type: mimeType }), 'cv');
    const response = await fetch(`${harness.url}/sandbox/phones/${ana}/send`, { method: 'POST', body: form });
    expect(response.status).toBe(201);
    await harness.control.settled();
    expect(harness.endpoint.messages().at(-1)).toMatchObject({
      type,
      [type]: { mime_type: mimeType, ...facts },
    });
  });
});

async function waitForStatuses(count: number): Promise<void> {
  await waitFor(() => harness.endpoint.statuses().length >= count, { what: `${count} statuses` });
}
