import { SMTPServer } from 'smtp-server';
import type { Clock } from '../clock';
import { newKey } from './ids';
import type { Live } from './live';
import { headerOf, parseMail } from './mime';
import type { Mail } from './model';
import type { Store } from './store';

const maxMailBytes = 30 * 1024 * 1024;

/** An SMTP server that takes every mail and passes none on. */
export function createMailbox(deps: { store: Store; clock: Clock; live: Live }): SMTPServer {
  const { store, clock, live } = deps;
  let seq = Math.max(0, ...[...store.tables.mail.values()].map((mail) => mail.seq));
  return new SMTPServer({
    authOptional: true,
    // Whoever signs in is let in: there is nothing to protect.
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anybody' }),
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: maxMailBytes,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => done(error));
      stream.on('end', () => {
        if (stream.sizeExceeded) {
          done(Object.assign(new Error('Message exceeds the size limit'), { responseCode: 552 }));
          return;
        }
        const parsed = parseMail(Buffer.concat(chunks));
        const { mailFrom, rcptTo } = session.envelope;
        const mail: Mail = {
          id: newKey(),
          seq: ++seq,
          at: clock.now().getTime(),
          from: headerOf(parsed.headers, 'from') || (mailFrom === false ? '' : mailFrom.address),
          to: rcptTo.map(({ address }) => address),
          subject: headerOf(parsed.headers, 'subject'),
          ...parsed,
        };
        store.put('mail', mail);
        store.flush();
        live.emit({ type: 'mail' });
        done();
      });
    },
  });
}
