import type { Socket } from 'node:net';

/** What a client says, line by line, with literals between. Undefined once it is gone. */
export type Input = {
  line(): Promise<string | undefined>;
  bytes(count: number): Promise<Buffer | undefined>;
};

export function createInput(socket: Socket): Input {
  let chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  let wake: () => void = () => undefined;

  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });

  function take(count: number): Buffer {
    const all = Buffer.concat(chunks);
    chunks = count < all.length ? [all.subarray(count)] : [];
    size -= count;
    return all.subarray(0, count);
  }

  async function more(): Promise<boolean> {
    if (ended) return false;
    await new Promise<void>((resolve) => (wake = resolve));
    return true;
  }

  return {
    async line() {
      for (;;) {
        if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
        const end = chunks[0]?.indexOf('\n') ?? -1;
        if (end >= 0)
          return take(end + 1)
            .toString('utf8')
            .replace(/\r?\n$/, '');
        if (!(await more())) return undefined;
      }
    },
    async bytes(count) {
      while (size < count) if (!(await more())) return undefined;
      return take(count);
    },
  };
}
