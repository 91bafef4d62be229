import { createHash } from 'node:crypto';
import { connectPop } from './pop-client';
import { maxBytesOfOne, type MailServer, type MailSource, type MailSourceOptions } from './types';

const inbox = 'INBOX';

/**
 * A POP account: one folder, and no numbers that only go up. Mails are named by their UIDL. Where the server gives none, or gives it to several,
 * by a hash of what they are: those are read each time to know them.
 */
export async function openPop(
  server: MailServer,
  address: string,
  { timeoutMs = 20_000, maxBytes = maxBytesOfOne, trust }: MailSourceOptions,
): Promise<MailSource> {
  const client = await connectPop(server, address, { timeoutMs, trust });
  let open = true;
  let numbers: Map<string, number[]> | undefined;
  try {
    await client.login(server.username, server);
  } catch (error) {
    client.close();
    throw error;
  }

  /** Numbers hold for a session, which this connection is. */
  async function listed(): Promise<Map<string, number[]>> {
    if (numbers) return numbers;
    numbers = new Map();
    const uidls = await client.uidl();
    const count = new Map<string, number>();
    for (const [, uidl] of uidls ?? []) count.set(uidl, (count.get(uidl) ?? 0) + 1);
    const all = uidls ?? (await client.numbers()).map((number) => [number, ''] as const);
    for (const [number, uidl] of all) {
      const id = count.get(uidl) === 1 ? uidl : await nameByContent(number);
      if (id !== undefined) numbers.set(id, [...(numbers.get(id) ?? []), number]);
    }
    return numbers;
  }

  async function nameByContent(number: number): Promise<string | undefined> {
    const mail = await client.retrieve(number, maxBytes);
    // no UIDL has a space
    return mail && `sha256 ${createHash('sha256').update(mail.raw).digest('hex')}`;
  }

  return {
    folders: async () => [{ path: inbox, name: inbox, specialUse: null, folder: 'inbox' }],
    open: async (path) => (path === inbox ? { validity: null, modSeq: null } : undefined),
    ids: async () => [...(await listed()).keys()].map((id) => ({ id, uid: null })),

    async *read(ids) {
      const all = await listed();
      for (const { id } of ids) {
        const [number] = all.get(id) ?? [];
        const mail = number === undefined ? undefined : await client.retrieve(number, maxBytes);
        if (mail) yield { id, uid: null, ...mail, seen: null };
      }
    },

    // POP takes no mail
    append: async () => undefined,

    async remove(ids) {
      const all = await listed();
      for (const id of ids) for (const number of all.get(id) ?? []) await client.remove(number);
      open = false;
      await client.quit();
    },

    async close() {
      if (open) await client.quit().catch(() => undefined);
      open = false;
      client.close();
    },
  };
}
