import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkAddress } from '../../../src/channels/webhook/address';
import { openEndpoint } from '../../../src/channels/webhook/post';

const found =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

const faultOf = (url: string, allow: string[] = [], resolve = found('93.184.215.14')) =>
  checkAddress(url, allow, resolve).then(
    () => null,
    (error: { fault?: string }) => error.fault ?? 'another',
  );

it.each([
  'https://127.0.0.1/hooks',
  'https://10.1.2.3/',
  'https://172.20.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://100.64.0.1/',
  'https://0.0.0.0/',
  'https://224.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[fe80::1]/',
  'https://[fd00::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
])('refuses %s, which is not public', async (url) => {
  expect(await faultOf(url)).toBe('not_public');
});

it('refuses a name that leads to a private address, also beside a public one', async () => {
  expect(await faultOf('https://ats.example/', [], found('10.0.0.5'))).toBe('not_public');
  expect(await faultOf('https://ats.example/', [], found('93.184.215.14', '::1'))).toBe('not_public');
});

it('refuses http, other schemes, names that cannot be found and credentials in the address', async () => {
  expect(await faultOf('http://ats.example/')).toBe('not_https');
  expect(await faultOf('ftp://ats.example/', ['ats.example'])).toBe('not_https');
  expect(await faultOf('https://nowhere.example/', [], found())).toBe('host_not_found');
  expect(await faultOf('https://user:word@ats.example/')).toBe('not_a_url');
  expect(await faultOf('ats.example/hooks')).toBe('not_a_url');
});

it('takes what is public, and what the operator allows', async () => {
  expect(await faultOf('https://ats.example/hooks')).toBeNull();
  expect(await faultOf('https://[2606:2800:220:1::1]/')).toBeNull();
  expect(await faultOf('http://ats.internal:8080/', ['ats.internal'], found('10.0.0.5'))).toBeNull();
  expect(await faultOf('http://127.0.0.1:9000/', ['127.0.0.1:9000'])).toBeNull();
  expect(await faultOf('http://127.0.0.1:9001/', ['127.0.0.1:9000'])).toBe('not_https');
});

describe('the connection', () => {
  let server: Server;
  let hosts: (string | undefined)[];
  let port: number;

  beforeAll(async () => {
    server = createServer((request, response) => {
      hosts.push(request.headers.host);
      if (request.url === '/moved') return void response.writeHead(307, { location: '/secret' }).end();
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  beforeEach(() => {
    hosts = [];
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const post = async (url: string, allow: string[]) => {
    const endpoint = await openEndpoint(url, { allow, timeoutMs: 20_000 });
    try {
      return await endpoint.post({ 'content-type': 'application/json' }, '{}');
    } finally {
      endpoint.close();
    }
  };

  it('goes to the address that was checked, under the name that was asked for', async () => {
    expect(await post(`http://localhost:${port}/`, ['localhost'])).toEqual({ code: 204, fault: null });
    expect(hosts).toEqual([`localhost:${port}`]);
  });

  it('is never made to what is refused', async () => {
    expect(await post(`http://127.0.0.1:${port}/`, [])).toEqual({ code: null, fault: 'not_https' });
    expect(await post(`https://127.0.0.1:${port}/`, [])).toEqual({ code: null, fault: 'not_public' });
    expect(hosts).toEqual([]);
  });

  it('follows no redirect', async () => {
    expect(await post(`http://127.0.0.1:${port}/moved`, ['127.0.0.1'])).toEqual({ code: 307, fault: null });
    expect(hosts).toHaveLength(1);
  });
});
