import os from 'node:os';
import { startBare } from './bare';
import { makeCompany, type Company } from './company';
import { addPeople, bareBulkRate, bulkRate, prepareBulk } from './bulk';
import { median, quantile } from './figures';
import { conversationCost } from './history';
import { bareInsertRate, ingestRate } from './ingest';
import { holdIdle } from './idle';
import { limiterUse } from './limiter';
import { importRate } from './mailbox';
import { measurePages } from './pages';
import { startPlatform, type Platform } from './platform';
import { openWindows, sendLatencies, sendRate } from './sends';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const parts = process.argv.slice(2).filter((argument) => argument !== '--full');
const measured = (part: string): boolean => parts.length === 0 || parts.includes(part);

void main();

/** `npm run bench [sends] [ingest] [bulk] [limiter] [mailbox] [idle] [cost] [pages [--full]]`: figures as ratios against a bare baseline, measured in turn in the same run on the same servers. */
async function main(): Promise<void> {
  say(`Parley benchmark on ${os.cpus().length} cores, Node ${process.version}`);
  if (measured('pages')) await measurePages({ full: process.argv.includes('--full') }, say, verdict);
  if (parts.join() === 'pages') return;
  const platform = await startPlatform(say);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void platform.stop().finally(() => process.exit(130)));
  }
  try {
    await platform.startParts('24h');
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    say(
      `\nidle memory: api ${platform.memoryMb('api').toFixed(0)} MB, worker ${platform.memoryMb('worker').toFixed(0)} MB`,
    );
    const company = await makeCompany(platform, 200);
    if (measured('sends')) {
      await openWindows(platform, company);
      await measureSends(platform, company);
    }
    if (measured('ingest')) await measureIngest(platform, company);
    if (measured('bulk')) await measureBulk(platform, company);
    if (measured('limiter')) await measureLimiter(platform, company);
    if (measured('mailbox')) await measureMailbox(platform, company);
    if (measured('idle')) await measureIdle(platform, company);
    await platform.stopParts();
    if (measured('cost')) await measureCost(platform);
  } finally {
    await platform.stop();
  }
}

async function measureSends(platform: Platform, company: Company): Promise<void> {
  const bare = await startBare(platform.temporalAddress);
  const rounds: { bare: number; sends: number }[] = [];
  await bare.rate(100, 50);
  await sendRate(platform, company, 200, 50);
  for (let round = 0; round < 3; round++) {
    rounds.push({ bare: await bare.rate(400, 50), sends: await sendRate(platform, company, 1000, 50) });
  }
  say('\nsustained single sends, 50 callers (bare: start + signal + one activity, waited for)');
  for (const round of rounds) {
    say(
      `  bare ${round.bare.toFixed(1)}/s, sends ${round.sends.toFixed(1)}/s, ratio ${(round.sends / round.bare).toFixed(2)}`,
    );
  }
  const ratio = median(rounds.map((round) => round.sends / round.bare));
  verdict('sends against bare workflows', ratio, '≥ 2.00×', ratio >= 2);

  const load = 0.6 * median(rounds.map((round) => round.bare));
  const bareLatencies = await bare.latencies(load, 15);
  const latencies = await sendLatencies(platform, company, load, 15);
  const [ours, theirs] = [quantile(latencies, 0.95), quantile(bareLatencies, 0.95)];
  say(
    `\naccept → provider at ${load.toFixed(0)}/s: p50 ${median(latencies).toFixed(0)} ms, p95 ${ours.toFixed(0)} ms`,
  );
  say(
    `bare workflow at ${load.toFixed(0)}/s: p50 ${median(bareLatencies).toFixed(0)} ms, p95 ${theirs.toFixed(0)} ms`,
  );
  verdict('p95 against bare', ours / theirs, '< 1.00×', ours < theirs);
  await bare.stop();
}

async function measureIngest(platform: Platform, company: Company): Promise<void> {
  await ingestRate(company, 2);
  say('\nwebhook ingest, 8 callers (bare: the same row inserted by pgbench, 8 clients)');
  const ratios: number[] = [];
  for (let round = 0; round < 3; round++) {
    const bare = bareInsertRate(platform, company, 5);
    const ours = await ingestRate(company, 5);
    ratios.push(ours / bare);
    say(`  bare ${bare.toFixed(0)}/s, webhooks ${ours.toFixed(0)}/s, ratio ${(ours / bare).toFixed(2)}`);
  }
  const ratio = median(ratios);
  verdict('ingest against bare inserts', ratio, '≥ 0.35×', ratio >= 0.35);
}

/** `BENCH_RECIPIENTS`: how many; 100,000 is what is promised, and takes minutes. */
async function measureBulk(platform: Platform, company: Company): Promise<void> {
  const recipients = Number(process.env.BENCH_RECIPIENTS ?? 5000);
  const bulk = await prepareBulk(platform, company);
  try {
    await bareBulkRate(platform, bulk, 1000);
    await bulkRate(platform, bulk, await addPeople(bulk, 500));
    say(`\none message to ${recipients} (bare: the same posts to the sandbox and one row for each)`);
    const ratios: number[] = [];
    for (let round = 0; round < 3; round++) {
      const bare = await bareBulkRate(platform, bulk, 5000);
      const personIds = await addPeople(bulk, round === 0 ? recipients : 5000);
      const { perSecond, cpu, transactions } = await bulkRate(platform, bulk, personIds);
      ratios.push(perSecond / bare);
      const parts = Object.entries(cpu).map(([part, ms]) => `${part} ${ms.toFixed(2)}`);
      const all = Object.values(cpu).reduce((sum, ms) => sum + ms, 0);
      say(
        `  bare ${bare.toFixed(0)}/s, bulk ${perSecond.toFixed(0)}/s, ratio ${(perSecond / bare).toFixed(2)}; ` +
          `${transactions.toFixed(3)} transactions and ${all.toFixed(2)} ms of processor a recipient (${parts.join(', ')})`,
      );
    }
    const ratio = median(ratios);
    // 1,000 recipients a second on two quiet cores, where bare posts reach 2,500
    verdict('recipients against bare posts', ratio, '≥ 0.40×', ratio >= 0.4);
    const peakMb = platform.memoryMb('worker', true);
    verdict('memory of the worker at its most, in MB', peakMb, '< 512', peakMb < 512);
  } finally {
    await bulk.db.close();
  }
}

/** The sandbox refuses beyond 80 a second, as Meta does. */
async function measureLimiter(platform: Platform, company: Company): Promise<void> {
  const perSecond = 80;
  await openWindows(platform, company);
  const bulk = await prepareBulk(platform, company, 'bench_limiter');
  try {
    const personIds = await addPeople(bulk, perSecond * 30);
    const { use, refusals, singles } = await limiterUse(platform, bulk, personIds, perSecond);
    say(`\none message to ${personIds.length} at ${perSecond}/s, with 2 single messages a second meanwhile`);
    say(
      `  accept → provider of these: p50 ${median(singles).toFixed(0)} ms, p95 ${quantile(singles, 0.95).toFixed(0)} ms`,
    );
    verdict('share of the allowed rate', use, '≥ 0.98', use >= 0.98);
    verdict('refused by the provider', refusals, '0', refusals === 0);
  } finally {
    await bulk.db.close();
  }
}

/** `BENCH_MAILBOXES`: how many. */
async function measureIdle(platform: Platform, company: Company): Promise<void> {
  const mailboxes = Number(process.env.BENCH_MAILBOXES ?? 2000);
  const idle = await holdIdle(platform, company, mailboxes);
  say(`\n${mailboxes} connections that wait for new mail, in one process`);
  say(
    `  all connected in ${idle.connectedIn.toFixed(1)} s, with ${(idle.connectCpu / mailboxes).toFixed(1)} ms of processor each; waiting takes ` +
      `${(100 * idle.idleCpu).toFixed(1)} % of a processor`,
  );
  say(
    `  a new mail is stored ${median(idle.noticed).toFixed(0)} ms after the server took it (the slowest of ${idle.noticed.length}: ` +
      `${Math.max(...idle.noticed).toFixed(0)} ms)`,
  );
  say(
    `  the server away for ${idle.away} s: all connected again ${idle.againIn.toFixed(1)} s after it came back, at most ${idle.mostInASecond} in a second`,
  );
  verdict('memory of a connection, in kB', idle.kbEach, '< 150', idle.kbEach < 150);
  verdict('slowest new mail, in ms', Math.max(...idle.noticed), '< 5000', Math.max(...idle.noticed) < 5000);
  verdict('connections made in a second', idle.mostInASecond, '≤ 100', idle.mostInASecond <= 100);
}

async function measureMailbox(platform: Platform, company: Company): Promise<void> {
  const mails = 10_000;
  const { bare, ours, peakMb } = await importRate(platform, company, mails);
  say(`\nfirst import of ${mails} mails (bare: fetched by imapflow and thrown away)`);
  say(`  bare ${bare.toFixed(0)}/s, import ${ours.toFixed(0)}/s, ratio ${(ours / bare).toFixed(2)}`);
  verdict('memory that the import takes at its most, in MB', peakMb, '< 150', peakMb < 150);
}

async function measureCost(platform: Platform): Promise<void> {
  await platform.startParts('20s');
  const company = await makeCompany(platform, 1);
  const cost = await conversationCost(platform, company);
  say('\na conversation of 5 in and 5 out, counted to Closed');
  const perMessage = cost.events / cost.messages;
  say(`  ${cost.events} events, ${cost.transitions} transitions, ${cost.billableActions} billable actions`);
  verdict('history events a message', perMessage, '≤ 10.50', perMessage <= 10.5);
  verdict('billable actions', cost.billableActions, '≤ 25', cost.billableActions <= 25);
}

function verdict(what: string, figure: number, goal: string, met: boolean): void {
  say(`${met ? 'met   ' : 'MISSED'} ${what}: ${figure.toFixed(2)} (goal ${goal})`);
}
