import { crc32 } from 'node:zlib';

const inUtf8 = 0x0800;
const version = 20;

/** Files in one zip file, as they are: what comes by mail is mostly compressed already. Each has a name of its own, and none leads out of the folder. */
export function zipOf(files: { filename: string; bytes: Buffer }[], at: Date): Buffer {
  const taken = new Set<string>();
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { filename, bytes } of files) {
    const name = Buffer.from(freeName(filename, taken));
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(version, 0);
    facts.writeUInt16LE(inUtf8, 2);
    facts.writeUInt32LE(dosTime(at), 6);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    entries.push(Buffer.from('PK\x03\x04'), facts, name, bytes);
    directory.push(Buffer.from([0x50, 0x4b, 1, 2, version, 0]), facts, place, name);
    offset += 4 + facts.length + name.length + bytes.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, ...directory, end]);
}

/** `cv.pdf`, `cv (2).pdf`; case alone tells no two apart on every machine. */
function freeName(filename: string, taken: Set<string>): string {
  const plain = filename.replace(/[/\\:*?"<>|\p{Cc}]/gu, '_').replace(/^\.+$/, '_') || 'file';
  const [, stem = plain, extension = ''] = /^(.+?)(\.[^.]*)?$/s.exec(plain) ?? [];
  let name = plain;
  for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${stem} (${count})${extension}`;
  taken.add(name.toLowerCase());
  return name;
}

const dosTime = (at: Date): number =>
  (((at.getUTCFullYear() - 1980) << 25) |
    ((at.getUTCMonth() + 1) << 21) |
    (at.getUTCDate() << 16) |
    (at.getUTCHours() << 11) |
    (at.getUTCMinutes() << 5) |
    (at.getUTCSeconds() >> 1)) >>>
  0;
