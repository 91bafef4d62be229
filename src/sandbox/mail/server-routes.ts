import express, { type Router } from 'express';
import type { Certificate } from './certificate';

/** As mail programs and Parley's settings name them: `ssl` is encrypted from the first byte, `tls` from STARTTLS on. */
export type MailPort = { protocol: 'smtp' | 'imap' | 'pop'; security: 'none' | 'tls' | 'ssl'; port: number };

/** What a mail program has to be told to read and write here. */
export function mailServerRoutes(ports: readonly MailPort[], certificate: Certificate | undefined): Router {
  const router = express.Router();
  router.get('/', (_request, response) => response.json({ data: ports }));
  /** For whoever wants to trust it. */
  router.get('/certificate.pem', (_request, response) => {
    if (!certificate)
      return void response.status(404).json({ error: { message: 'There is no certificate.' } });
    response.type('application/x-pem-file').send(certificate.cert);
  });
  return router;
}
