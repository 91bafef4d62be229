import { SMTPServer } from 'smtp-server';
import type { Certificate } from './certificate';
import type { PostOffice } from './post-office';
import { isRefused } from './sign-in';

const maxMailBytes = 30 * 1024 * 1024;

/** The mail server that a company sends by: it takes mail to everybody, and brings it where it belongs. */
export function createSmtpServer(
  office: PostOffice,
  { certificate, tls }: { certificate: Certificate | undefined; tls: boolean },
): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    onAuth({ username, password }, _session, done) {
      if (isRefused(password ?? '')) done(failure(535, 'Wrong user name or password'));
      else done(null, { user: username ?? 'anybody' });
    },
    allowInsecureAuth: true,
    secure: tls,
    ...certificate,
    disabledCommands: certificate ? [] : ['STARTTLS'],
    disableReverseLookup: true,
    size: maxMailBytes,
    logger: false,
    onRcptTo({ address }, _session, done) {
      const refusal = office.refusalOf(address);
      done(refusal && failure(refusal.code, refusal.text));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => done(error));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(failure(552, 'Message exceeds the size limit'));
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        office.receive(Buffer.concat(chunks), { from, to }).then(
          () => done(),
          (error: Error) => done(failure(451, error.message)),
        );
      });
    },
  });
}

const failure = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });
