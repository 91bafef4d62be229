import { Resolver } from 'node:dns/promises';

/** Looks records up: all of a name, an MX as `<preference> <host>`; null where the DNS gives no answer. */
export type MailDns = (type: 'MX' | 'TXT', name: string) => Promise<string[] | null>;

const none: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];

/** `servers`: `address` or `address:port`; none: those of this machine. */
export function createMailDns(servers: readonly string[]): MailDns {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return async (type, name) => {
    try {
      if (type === 'TXT') return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    } catch (error) {
      return none.includes((error as { code?: unknown }).code) ? [] : null;
    }
  };
}
