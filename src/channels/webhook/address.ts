import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Why an address of somebody else's choosing is not called. */
export type AddressFault = 'not_https' | 'not_public' | 'host_not_found' | 'not_a_url';

export class AddressError extends Error {
  constructor(readonly fault: AddressFault) {
    super(fault);
  }
}

export type CheckedAddress = { url: URL; address: string; family: 4 | 6 };

type Resolve = (host: string) => Promise<{ address: string; family: number }[]>;

const resolveAll: Resolve = (host) => lookup(host, { all: true, verbatim: true });

/**
 * Whether an endpoint may be called, and at which address: https to the public internet. Hosts on the operator's list (`host` or
 * `host:port`) may also be private ones, over http. The address found here is the one to connect to: a name that means something else a
 * moment later leads nowhere.
 *
 * @throws AddressError
 */
export async function checkAddress(
  text: string,
  allow: readonly string[],
  resolve: Resolve = resolveAll,
): Promise<CheckedAddress> {
  const url = parse(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const allowed = allow.includes(url.hostname) || allow.includes(url.host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed))
    throw new AddressError('not_https');
  return { url, ...(await resolveHost(host, allowed, resolve)) };
}

/**
 * The address of a host: a public one, unless it is `allowed` to be private.
 *
 * @throws AddressError
 */
export async function resolveHost(
  host: string,
  allowed: boolean,
  resolve: Resolve = resolveAll,
): Promise<{ address: string; family: 4 | 6 }> {
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await resolve(host).catch(() => []);
  const [first] = found;
  if (!first) throw new AddressError('host_not_found');
  if (!allowed && !found.every(({ address }) => isPublic(address))) throw new AddressError('not_public');
  return { address: first.address, family: first.family === 6 ? 6 : 4 };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username !== '' || url.password !== '' || url.hostname === '')
    throw new AddressError('not_a_url');
  return url;
}

const notPublic = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  notPublic.addSubnet(net, bits, 'ipv4');
// What carries an IPv4 address inside could lead to a private one.
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  notPublic.addSubnet(net, bits, 'ipv6');

const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');

/** Neither private, loopback, link-local, multicast nor reserved. */
function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic.check(address, 'ipv4');
  return family === 6 && globalIpv6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}
