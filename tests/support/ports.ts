import { choosePorts, type PortWish } from '../../src/local/ports';

/** What a product under test is given takes seconds to be listened on: each of Jest's workers has ports of its own. */
const worker = Number(process.env.JEST_WORKER_ID ?? 1);
const workers = 4;
const share = 2_400;

/**
 * Ports below the range from which the system takes those of outgoing connections, and those of servers that take any: nobody else gets one of
 * them before its server listens, or while that is away.
 */
export async function portsFor<Name extends string>(
  names: readonly Name[],
  from = 20_000,
): Promise<Record<Name, number>> {
  const wishes = names.map((name): [Name, PortWish] => {
    const preferred = from + ((worker - 1) % workers) * share + Math.floor(Math.random() * (share - 200));
    return [name, { what: name, preferred, variable: name, fixed: undefined }];
  });
  return choosePorts(Object.fromEntries(wishes) as Record<Name, PortWish>, {}, () => undefined);
}
