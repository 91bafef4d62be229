import fc from 'fast-check';
import { parseMail } from '../../../src/channels/email/parse-mail';
import { readTnef } from '../../../src/channels/email/tnef';

const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const attribute = (level: number, id: number, value: Buffer) =>
  Buffer.concat([
    Buffer.from([level]),
    u32(id),
    u32(value.length),
    value,
    u16(value.reduce((sum, byte) => (sum + byte) & 0xffff, 0)),
  ]);
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
const unicode = (id: number, text: string) => {
  const bytes = Buffer.from(`${text}\0`, 'utf16le');
  return Buffer.concat([u16(0x1f), u16(id), u32(1), u32(bytes.length), padded(bytes)]);
};
const pack = (...attributes: Buffer[]) => Buffer.concat([u32(0x223e9f78), u16(1), ...attributes]);

/** As Outlook does: the name that DOS could hold, the bytes, then what MAPI knows of it, some of which is of no use here. */
const file = (shortName: string, bytes: Buffer | null, properties: Buffer[] = []) =>
  Buffer.concat([
    attribute(2, 0x00069002, Buffer.alloc(14)),
    attribute(2, 0x00018010, Buffer.from(`${shortName}\0`, 'latin1')),
    ...(bytes ? [attribute(2, 0x0006800f, bytes)] : []),
    attribute(2, 0x00069005, Buffer.concat([u32(properties.length), ...properties])),
  ]);
const named = Buffer.concat([
  u16(0x1f),
  u16(0x8001),
  Buffer.alloc(16),
  u32(1),
  u32(6),
  Buffer.alloc(8),
  unicode(0, 'x').subarray(4),
]);
const numbers = Buffer.concat([u16(0x1003), u16(0x1234), u32(2), u32(7), u32(8)]);

const pdf = Buffer.from('%PDF-1.7 of Zoë');
const packed = pack(
  attribute(1, 0x00069007, Buffer.concat([u32(1252), u32(0)])),
  file('LEBENS~1.PDF', pdf, [named, numbers, unicode(0x3707, 'Lebenslauf Zoë.pdf')]),
  file('caf\xe9.txt', Buffer.from('Hello')),
);

const mailWith = (winmail: Buffer, text = 'Hello', type = 'application/ms-tnef; name="winmail.dat"') =>
  parseMail(
    Buffer.from(
      [
        'From: a@b.example',
        'Content-Type: multipart/mixed; boundary=x',
        '',
        `--x\r\n\r\n${text}`,
        '--x',
        `Content-Type: ${type}`,
        'Content-Disposition: attachment',
        'Content-Transfer-Encoding: base64',
        '',
        winmail.toString('base64'),
        '--x--',
        '',
      ].join('\r\n'),
    ),
  );
const names = async (winmail: Buffer, text?: string) =>
  (await mailWith(winmail, text)).attachments.map(({ filename }) => filename);

it('what Outlook has packed into winmail.dat stands beside the mail as the files that it is', async () => {
  const { attachments } = await mailWith(packed);
  expect(attachments.map(({ bytes: _bytes, ...attachment }) => attachment)).toEqual([
    { filename: 'Lebenslauf Zoë.pdf', mimeType: 'application/pdf', contentId: null },
    { filename: 'café.txt', mimeType: 'text/plain', contentId: null },
  ]);
  expect(attachments.map(({ bytes }) => bytes.toString())).toEqual([pdf.toString(), 'Hello']);
});

it('it stays where something in it would be missed, and where it is something else', async () => {
  const both = ['Lebenslauf Zoë.pdf', 'café.txt', 'winmail.dat'];
  expect(await names(packed, '')).toEqual(both);
  expect(await names(packed.subarray(0, -30))).toEqual(['Lebenslauf Zoë.pdf', 'winmail.dat']);
  expect(await names(pack(file('A message', null), file('a.txt', pdf)))).toEqual(['a.txt', 'winmail.dat']);
  expect(await names(Buffer.from('nothing of the kind'))).toEqual(['winmail.dat']);
  // formatting alone, of a text that is there
  expect(await names(pack())).toEqual([]);
});

it('the mail is known by the bytes as they came: a copy of before is the same', async () => {
  const asItCame = await mailWith(packed, 'Hello', 'application/octet-stream; name=a');
  expect(asItCame.attachments).toHaveLength(1);
  expect((await mailWith(packed)).contentHash).toBe(asItCame.contentHash);
});

it('never throws, nor takes long, whatever is in it', () => {
  fc.assert(
    fc.property(
      fc.nat(packed.length - 1),
      fc.uint8Array({ maxLength: 12 }),
      (at, bytes) =>
        void readTnef(Buffer.concat([packed.subarray(0, at), bytes, packed.subarray(at + bytes.length)])),
    ),
  );
});
