import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import type { RecordType, Zone } from './zone';

export type DnsServer = {
  /** Resolves with the port. */
  listen(port: number, host: string): Promise<number>;
  close(): Promise<void>;
};

/** Undefined: it is asked of something that is not known here. */
type Question = { name: string; type: RecordType | undefined; bytes: Buffer };

const types = new Map<number, RecordType>([
  [15, 'MX'],
  [16, 'TXT'],
]);
const none: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];
const serverFailed = 2;

/** DNS (RFC 1035) over UDP: MX and TXT records, those of the zone, else what this machine's own servers say. */
export function createDnsServer(zone: Zone): DnsServer {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  let socket: Socket | undefined;

  async function answerTo(query: Buffer): Promise<Buffer | undefined> {
    const question = readQuestion(query);
    if (!question) return undefined;
    const { type, name } = question;
    const values = type === undefined ? [] : (zone.find(type, name) ?? (await lookUp(resolver, type, name)));
    const code = values === undefined ? serverFailed : 0;
    return writeAnswer(query, question, code, values ?? []);
  }

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        const bound = createSocket('udp4');
        socket = bound;
        bound.once('error', reject);
        bound.on('message', (query, { port: from, address }) => {
          void answerTo(query).then((answer) => {
            if (answer && socket) bound.send(answer, from, address, () => undefined);
          });
        });
        bound.bind(port, host, () => resolve(bound.address().port));
      }),
    async close() {
      const bound = socket;
      socket = undefined;
      resolver.cancel();
      if (bound) await new Promise<void>((resolve) => bound.close(() => resolve()));
    },
  };
}

async function lookUp(resolver: Resolver, type: RecordType, name: string): Promise<string[] | undefined> {
  try {
    if (type === 'TXT') return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
  } catch (error) {
    return none.includes((error as { code?: unknown }).code) ? [] : undefined;
  }
}

const headerBytes = 12;

function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  if (query.length < at + 4) return undefined;
  const type = types.get(query.readUInt16BE(at));
  return { name: labels.join('.'), type, bytes: query.subarray(headerBytes, at + 4) };
}

function writeAnswer(query: Buffer, { type, bytes }: Question, code: number, values: string[]): Buffer {
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  // an answer, recursion wanted and given
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(values.length, 6);
  const records = values.map((value) => {
    const data = type === 'MX' ? mxData(value) : txtData(value);
    // the name of the question, its type, class IN, not to be kept
    const facts = Buffer.alloc(12);
    facts.writeUInt16BE(0xc000 | headerBytes, 0);
    bytes.copy(facts, 2, bytes.length - 4, bytes.length - 2);
    facts.writeUInt16BE(1, 4);
    facts.writeUInt16BE(data.length, 10);
    return Buffer.concat([facts, data]);
  });
  return Buffer.concat([header, bytes, ...records]);
}

/** `10 mx.example` */
function mxData(value: string): Buffer {
  const [preference = '0', host = ''] = value.trim().split(/\s+/);
  const number = Buffer.alloc(2);
  number.writeUInt16BE(Number(preference) & 0xffff);
  const labels = host.split('.').filter((label) => label !== '');
  return Buffer.concat([number, ...labels.map(lengthAnd), Buffer.from([0])]);
}

/** In strings of at most 255 bytes. */
function txtData(value: string): Buffer {
  const parts = value.match(/[^]{1,255}/g) ?? [''];
  return Buffer.concat(parts.map(lengthAnd));
}

const lengthAnd = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
};
