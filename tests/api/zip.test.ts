import { unzipSync } from 'fflate';
import { zipOf } from '../../src/api/zip';

it('a zip file holds every file under a name of its own, none of which leads out of the folder', () => {
  const files = [
    { filename: 'cv.pdf', bytes: Buffer.from('one') },
    { filename: 'CV.pdf', bytes: Buffer.from('two') },
    { filename: '../../Größe.txt', bytes: Buffer.from('three') },
    { filename: '..', bytes: Buffer.alloc(0) },
  ];
  const found = Object.entries(unzipSync(zipOf(files, new Date('2026-11-02T10:00:00Z'))));
  expect(found.map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
    ['cv.pdf', 'one'],
    ['CV (2).pdf', 'two'],
    ['.._.._Größe.txt', 'three'],
    ['_', ''],
  ]);
});
