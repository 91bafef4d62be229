import http from 'node:http';

// idle connections live for less than servers keep them
const agent = new http.Agent({ keepAlive: true, maxSockets: 256, timeout: 2_000 });

type RequestOptions = {
  apiKey?: string;
  body?: unknown;
  raw?: Buffer;
  headers?: Record<string, string>;
};

/** One request; rejects on anything but 2xx, with the answer in its words. */
export async function requestJson<T = unknown>(
  base: string,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const { status, text } = await request(base, method, path, options);
  if (status < 200 || status > 299)
    throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 500)}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function request(
  base: string,
  method: string,
  path: string,
  { apiKey, body, raw, headers = {} }: RequestOptions = {},
): Promise<{ status: number; text: string }> {
  const payload = raw ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  return new Promise((resolve, reject) => {
    const call = http.request(
      new URL(path, base),
      {
        method,
        agent,
        headers: {
          ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
          ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        answer.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(payload);
  });
}
