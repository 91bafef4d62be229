import { createSocket } from 'node:dgram';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { PortWish } from '../../src/local/ports';
import { choosePorts } from '../../src/local/ports';
import { portsFor } from '../support/ports';

const freePort = async () => (await portsFor(['port'])).port;

describe('choosePorts', () => {
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  const open: net.Server[] = [];

  beforeEach(() => said.splice(0));
  afterEach(() =>
    Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))),
  );

  it('takes the preferred port when it is free, and says nothing', async () => {
    const port = await freePort();
    await expect(choosePorts({ api: wish({ preferred: port }) }, {}, say)).resolves.toEqual({ api: port });
    expect(said).toEqual([]);
  });

  it.each(['127.0.0.1', '0.0.0.0'])(
    'takes the next free one when it is busy on %s, and says so',
    async (host) => {
      const busy = await occupy(host);
      const { api } = await choosePorts({ api: wish({ preferred: busy }) }, {}, say);
      expect(api).toBeGreaterThan(busy);
      expect(said).toEqual([`port ${busy} is busy, the api uses ${api} (PORT sets another)`]);
    },
  );

  it('takes the next free one when somebody has it over UDP, as the DNS of another Parley', async () => {
    const busy = await freePort();
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(busy, '127.0.0.1', resolve));
    const { api } = await choosePorts({ api: wish({ preferred: busy }) }, {}, say);
    await new Promise<void>((resolve) => socket.close(resolve));
    expect(api).toBeGreaterThan(busy);
  });

  it('stays with the port of the last start', async () => {
    const [preferred, remembered] = [await freePort(), await freePort()];
    const ports = await choosePorts({ api: wish({ preferred }) }, { api: remembered }, say);
    expect(ports).toEqual({ api: remembered });
  });

  it('never gives one port to two', async () => {
    const port = await freePort();
    const wishes = {
      api: wish({ preferred: port }),
      sandbox: wish({ preferred: port, what: 'the sandbox' }),
    };
    const { api, sandbox } = await choosePorts(wishes, {}, say);
    expect(api).not.toBe(sandbox);
  });

  it('takes the port the environment fixes, and refuses to start when it is busy', async () => {
    const free = await freePort();
    await expect(choosePorts({ api: wish({ fixed: String(free) }) }, { api: 1 }, say)).resolves.toEqual({
      api: free,
    });
    const busy = await occupy('127.0.0.1');
    const choice = choosePorts({ api: wish({ fixed: String(busy) }) }, {}, say);
    await expect(choice).rejects.toThrow(`Port ${busy}, set by PORT for the api, is in use.`);
  });

  it('refuses what is no port number', async () => {
    const choice = choosePorts({ api: wish({ fixed: 'http' }) }, {}, say);
    await expect(choice).rejects.toThrow('PORT must be a port number between 1 and 65535, not "http".');
  });

  function wish(part: Partial<PortWish>): PortWish {
    return { what: 'the api', preferred: 3000, variable: 'PORT', fixed: undefined, ...part };
  }

  async function occupy(host: string): Promise<number> {
    const server = net.createServer();
    open.push(server);
    await new Promise<void>((resolve) => server.listen({ port: 0, host }, resolve));
    return (server.address() as AddressInfo).port;
  }
});
