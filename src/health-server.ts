import { createServer, type Server } from 'node:http';

export type Readiness = { ready: boolean; facts: Record<string, unknown> };

/** `/healthz`: the process lives, whatever else is down. `/readyz`: it can do its work (503: it cannot), with the facts as JSON. */
export function createHealthServer(readiness: () => Promise<Readiness>): Server {
  return createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const page = request.url?.split('?')[0];
    if (page === '/healthz') answer(200, { status: 'ok' });
    else if (page === '/readyz')
      void readiness().then(({ ready, facts }) => answer(ready ? 200 : 503, facts));
    else answer(404, { status: 'there is /healthz and /readyz' });
  });
}
