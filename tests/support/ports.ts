import { choosePorts, type PortWish } from '../../src/local/ports';

/**
 * Ports below the range from which the system takes those of outgoing connections, and those of servers that take any: nobody else gets one of
 * them before its server listens, or while that is away.
 */
export async function portsFor<Name extends string>(
  names: readonly Name[],
  from = 20_000,
): Promise<Record<Name, number>> {
  const wishes = names.map((name): [Name, PortWish] => {
    const preferred = from + Math.floor(Math.random() * 9_500);
    return [name, { what: name, preferred, variable: name, fixed: undefined }];
  });
  return choosePorts(Object.fromEntries(wishes) as Record<Name, PortWish>, {}, () => undefined);
}
