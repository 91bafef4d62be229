import { Zip, ZipPassThrough } from 'fflate';

/** Files in one zip file, as they are: what comes by mail is mostly compressed already. Each has a name of its own, and none leads out of the folder. */
export function zipOf(files: { filename: string; bytes: Buffer }[], at: Date): Buffer {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const taken = new Set<string>();
  for (const { filename, bytes } of files) {
    const file = new ZipPassThrough(freeName(filename, taken));
    file.mtime = at;
    zip.add(file);
    file.push(bytes, true);
  }
  zip.end();
  return Buffer.concat(chunks);
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
