/** MS-OXTNEF, as far as attachments go: the file `winmail.dat` in which Outlook packs them. */

export type TnefFile = {
  filename: string | null;
  mimeType: string | null;
  bytes: Buffer;
};

const signature = 0x223e9f78;
const ofAttachment = 2;
const attribute = {
  codepage: 0x0006_9007,
  begins: 0x0006_9002,
  title: 0x0001_8010,
  data: 0x0006_800f,
  properties: 0x0006_9005,
};
const property = { shortName: 0x3704, longName: 0x3707, mimeType: 0x370e };

const isTnef = (bytes: Buffer): boolean => bytes.length >= 6 && bytes.readUInt32LE(0) === signature;

/**
 * The files in it. `whole`: there is nothing else in it that would be missed (a message within the message, a drawing), and it is not broken.
 * Undefined: it is something else. Never throws.
 */
export function readTnef(bytes: Buffer): { files: TnefFile[]; whole: boolean } | undefined {
  if (!isTnef(bytes)) return undefined;
  const files: (Omit<TnefFile, 'bytes'> & { bytes: Buffer | null })[] = [];
  let codepage = 'windows-1252';
  let broken = false;
  let at = 6;
  while (at + 9 <= bytes.length) {
    const [level, id, length] = [bytes[at]!, bytes.readUInt32LE(at + 1), bytes.readUInt32LE(at + 5)];
    const value = bytes.subarray(at + 9, at + 9 + length);
    // a level that there is not: what follows is not of it
    if ((level !== 1 && level !== ofAttachment) || value.length < length) {
      broken = value.length < length;
      break;
    }
    at += 9 + length + 2;
    if (id === attribute.codepage && length >= 4) codepage = `windows-${value.readUInt32LE(0)}`;
    if (id === attribute.begins) files.push({ filename: null, mimeType: null, bytes: null });
    const file = files.at(-1);
    if (level !== ofAttachment || !file) continue;
    if (id === attribute.title) file.filename ??= textOf(value, codepage);
    if (id === attribute.data) file.bytes = value;
    if (id === attribute.properties) {
      const told = readProperties(value, codepage);
      file.filename = told.get(property.longName) ?? file.filename ?? told.get(property.shortName) ?? null;
      file.mimeType = told.get(property.mimeType) ?? null;
    }
  }
  return {
    files: files.flatMap((file) => (file.bytes === null ? [] : [{ ...file, bytes: file.bytes }])),
    whole: !broken && files.every((file) => file.bytes !== null),
  };
}

const string8 = 0x1e;
const unicode = 0x1f;
const many = 0x1000;
const ofAnyLength = new Set([string8, unicode, 0x0d, 0x102]);
/** How many bytes the others have, filled up to four. */
const lengths = new Map([
  ...[0x02, 0x03, 0x04, 0x0a, 0x0b].map((type) => [type, 4] as const),
  ...[0x05, 0x06, 0x07, 0x14, 0x40].map((type) => [type, 8] as const),
  [0x01, 0],
  [0x48, 16],
]);

/** Those that are texts, by their ids; as far as they can be read. */
function readProperties(bytes: Buffer, codepage: string): Map<number, string> {
  const found = new Map<number, string>();
  let at = 0;
  const next = () => {
    const number = bytes.readUInt32LE(at);
    at += 4;
    return number;
  };
  const padded = (length: number) => length + ((4 - (length % 4)) % 4);
  try {
    for (let left = next(); left > 0; left--) {
      const tag = next();
      const [type, id] = [tag & 0xffff, tag >>> 16];
      if (id >= 0x8000) {
        at += 16;
        const named = next() === 1;
        at += named ? padded(bytes.readUInt32LE(at)) + 4 : 4;
      }
      const base = type & ~many;
      const length = lengths.get(base);
      let count = (type & many) !== 0 || ofAnyLength.has(base) ? next() : 1;
      if (length !== undefined) {
        at += length * count;
        continue;
      }
      if (!ofAnyLength.has(base)) return found;
      for (; count > 0; count--) {
        const size = next();
        const value = bytes.subarray(at, at + size);
        at += padded(size);
        if (type === unicode) found.set(id, withoutEnd(value.toString('utf16le')));
        if (type === string8) found.set(id, textOf(value, codepage));
      }
    }
  } catch {
    // it ends before its end
  }
  return found;
}

function textOf(bytes: Buffer, codepage: string): string {
  try {
    return withoutEnd(new TextDecoder(codepage).decode(bytes));
  } catch {
    return withoutEnd(bytes.toString('latin1'));
  }
}

const withoutEnd = (text: string): string => text.replace(/\0[^]*$/, '');
