import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { portsFor } from './ports';
import { waitFor } from './wait';

const program = path.resolve(__dirname, '../../dist/src/start.js');

/** Real processes on two cores that other tests share. */
export const startTimeoutMs = 60_000;

/** `npm start` as a process, with what it prints. */
export type Start = {
  child: ChildProcess;
  output(): string;
  /** Begins anew with what it has said. */
  forget(): void;
  says(text: string | RegExp): Promise<void>;
  ends(): Promise<number | null>;
};

export function startParley(env: NodeJS.ProcessEnv): Start {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()));
  // it has ended, and all that it has said has come
  let closed = false;
  const closing = new Promise<void>((resolve) =>
    child.once('close', () => {
      closed = true;
      resolve();
    }),
  );
  return {
    child,
    output: () => output,
    forget: () => void (output = ''),
    async says(text) {
      const said = () => (typeof text === 'string' ? output.includes(text) : text.test(output));
      await waitFor(() => said() || closed, {
        what: String(text),
        timeoutMs: startTimeoutMs,
      });
      expect(output).toMatch(text);
    },
    async ends() {
      await closing;
      return child.exitCode;
    },
  };
}

export async function freePorts(): Promise<NodeJS.ProcessEnv> {
  const ports = await portsFor([
    ...[
      'PORT',
      'SANDBOX_PORT',
      'SANDBOX_SMTP_PORT',
      'PARLEY_WORKER_PORT',
      'PARLEY_SMTP_PORT',
      'PARLEY_MAIL_PORT',
    ],
    ...[
      'SANDBOX_SMTPS_PORT',
      'SANDBOX_IMAP_PORT',
      'SANDBOX_IMAPS_PORT',
      'SANDBOX_POP_PORT',
      'SANDBOX_POPS_PORT',
      'SANDBOX_DNS_PORT',
    ],
    ...['PARLEY_POSTGRES_PORT', 'PARLEY_TEMPORAL_PORT', 'PARLEY_TEMPORAL_UI_PORT'],
  ]);
  return Object.fromEntries(Object.entries(ports).map(([variable, port]) => [variable, String(port)]));
}
