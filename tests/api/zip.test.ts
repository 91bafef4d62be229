import { crc32 } from 'node:zlib';
import { zipOf } from '../../src/api/zip';

/** As programs read it: from its end, by the directory. */
function read(zip: Buffer): Record<string, string> {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).toBe(0x06054b50);
  const found: Record<string, string> = {};
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50);
    const [size, nameLength] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28)];
    const name = zip.subarray(at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    expect(zip.readUInt32LE(local)).toBe(0x04034b50);
    const from = local + 30 + zip.readUInt16LE(local + 26);
    const bytes = zip.subarray(from, from + size);
    expect(zip.readUInt32LE(at + 16)).toBe(crc32(bytes));
    found[name.toString()] = bytes.toString();
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return found;
}

it('a zip file holds every file under a name of its own, none of which leads out of the folder', () => {
  const files = [
    { filename: 'cv.pdf', bytes: Buffer.from('one') },
    { filename: 'CV.pdf', bytes: Buffer.from('two') },
    { filename: '../../Größe.txt', bytes: Buffer.from('three') },
    { filename: '..', bytes: Buffer.alloc(0) },
  ];
  expect(read(zipOf(files, new Date('2026-11-02T10:00:00Z')))).toEqual({
    'cv.pdf': 'one',
    'CV (2).pdf': 'two',
    '.._.._Größe.txt': 'three',
    _: '',
  });
});
