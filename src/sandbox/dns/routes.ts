import express, { type Router } from 'express';
import { ControlError } from '../control-error';
import type { Zone } from './zone';

/** `/sandbox/dns`: what one enters at a DNS provider. */
export function dnsRoutes(zone: Zone): Router {
  const router = express.Router();
  router.get('/', (_request, response) => response.json({ data: zone.all() }));
  router.put('/', (request, response) => {
    const { type, name, values } = (request.body ?? {}) as Record<string, unknown>;
    if (type !== 'MX' && type !== 'TXT') throw new ControlError(400, 'type is MX or TXT.');
    if (typeof name !== 'string' || !/^[\w-]+(\.[\w-]+)+\.?$/.test(name.trim()))
      throw new ControlError(400, 'name is a domain name.');
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string' && value.length < 4000))
      throw new ControlError(400, 'values is a list of texts.');
    const wrong = (values as string[]).find(
      (value) => type === 'MX' && !/^\d{1,5} [\w.-]+$/.test(value.trim()),
    );
    if (wrong !== undefined)
      throw new ControlError(400, `An MX record reads 10 mx.example.com, not ${wrong}.`);
    response.json(zone.set(type, name, values as string[]));
  });
  return router;
}
