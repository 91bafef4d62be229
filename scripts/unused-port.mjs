import { once } from 'node:events';
import net from 'node:net';

/** Any port nobody listens on. */
export async function unusedPort() {
  const holder = net.createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address();
  holder.close();
  await once(holder, 'close');
  return port;
}
