export type DnsRecordKind = 'mx' | 'spf' | 'dkim' | 'dmarc';

/** What an organization has to enter at its DNS provider for its own mail domain. */
export type WantedRecord = {
  kind: DnsRecordKind;
  type: 'MX' | 'TXT';
  name: string;
  value: string;
  /** Without it the domain is not used; the others help mails to arrive. */
  required: boolean;
};

/** `unanswered`: the DNS could not be asked just now. */
export type RecordState = 'found' | 'missing' | 'different' | 'unanswered';

export function wantedRecords({
  domain,
  selector,
  publicKey,
  host,
  senders,
}: {
  domain: string;
  selector: string;
  /** DER in base64. */
  publicKey: string;
  /** The server that receives mail. */
  host: string;
  /** A domain whose SPF names the servers that send; null: the one that receives. */
  senders: string | null;
}): WantedRecord[] {
  return [
    { kind: 'mx', type: 'MX', name: domain, value: `10 ${host}`, required: true },
    {
      kind: 'dkim',
      type: 'TXT',
      name: `${selector}._domainkey.${domain}`,
      value: `v=DKIM1; k=rsa; p=${publicKey}`,
      required: true,
    },
    {
      kind: 'spf',
      type: 'TXT',
      name: domain,
      value: `v=spf1 ${senders === null ? `a:${host}` : `include:${senders}`} ~all`,
      required: false,
    },
    { kind: 'dmarc', type: 'TXT', name: `_dmarc.${domain}`, value: 'v=DMARC1; p=none', required: false },
  ];
}

/** `answers`: all records of that name and type as text, an MX as `<preference> <host>`; null: no answer. */
export function judgeRecord(
  wanted: WantedRecord,
  answers: string[] | null,
): { state: RecordState; found: string[] } {
  if (answers === null) return { state: 'unanswered', found: [] };
  const found = answers.filter(concerns[wanted.kind]);
  if (found.length === 0) return { state: 'missing', found };
  return { state: fits[wanted.kind](wanted, found) ? 'found' : 'different', found };
}

/** Of all records of a domain, what was found at the last look. */
export type MailDomainChecks = {
  /** The needed ones were found once: the domain is the organization's. */
  proven: boolean;
  /** They are there: mail goes out under it. */
  inUse: boolean;
  records: CheckedRecord[];
  /** ISO 8601: since when one that is needed is not there, of a domain that is in use all the same. */
  missingSince?: string | null;
};

export type CheckedRecord = { kind: DnsRecordKind; state: RecordState; found: string[] };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A domain in use stays so for so long without a record: a DNS server errs, and a change is not seen everywhere at once. */
const graceMs = hourMs;

/**
 * With the needed records a domain is used. No answer says nothing: what held goes on holding. One that is gone ends its use: at once where a user looks
 * (`byHand`), else when it is still gone an hour later.
 */
export function judgeDomain(
  before: MailDomainChecks | null,
  looked: (CheckedRecord & { required: boolean })[],
  { at, byHand }: { at: Date; byHand: boolean },
): MailDomainChecks {
  const records = looked.map(({ kind, state, found }) => ({ kind, state, found }));
  const needed = looked.filter(({ required }) => required);
  if (needed.every(({ state }) => state === 'found'))
    return { proven: true, inUse: true, records, missingSince: null };
  const { proven = false, inUse = false, missingSince = null } = before ?? {};
  const isGone = needed.some(({ state }) => state === 'missing' || state === 'different');
  if (!inUse || !isGone) return { proven, inUse, records, missingSince };
  const since = missingSince ?? at.toISOString();
  const isOver = byHand || at.getTime() - Date.parse(since) >= graceMs;
  return { proven, inUse: !isOver, records, missingSince: isOver ? null : since };
}

/** Each day while all is as it should be; sooner while something is waited for, `waitsSince` when it was entered or lost. */
export function lookAgainAt(
  { inUse }: MailDomainChecks,
  looked: (CheckedRecord & { required: boolean })[],
  { waitsSince, at }: { waitsSince: Date; at: Date },
): Date {
  const after = (ms: number) => new Date(at.getTime() + ms);
  const isWell = looked.every(({ required, state }) => !required || state === 'found');
  if (isWell) return after(dayMs);
  if (inUse) return after(10 * minuteMs);
  const waitsMs = at.getTime() - waitsSince.getTime();
  if (waitsMs < dayMs) return after(10 * minuteMs);
  return after(waitsMs < 7 * dayMs ? hourMs : dayMs);
}

const names = { mx: 'MX', dkim: 'DKIM' };

/** For people, of the records that are needed; empty: nothing is. */
export function whatIsWrong(records: CheckedRecord[]): string {
  const words = records.flatMap(({ kind, state }) => {
    if ((kind !== 'mx' && kind !== 'dkim') || (state !== 'missing' && state !== 'different')) return [];
    return `its ${names[kind]} record ${state === 'missing' ? 'is missing' : 'is another one'}`;
  });
  return words.join(' and ');
}

const starts = (version: string) => (text: string) => text.trim().toLowerCase().startsWith(version);

/** Which of the answers are about it: other TXT records may stand under the same name. */
const concerns: Record<DnsRecordKind, (answer: string) => boolean> = {
  mx: () => true,
  dkim: (text) => /(^|;)\s*p=/i.test(text),
  spf: starts('v=spf1'),
  dmarc: starts('v=dmarc1'),
};

const fits: Record<DnsRecordKind, (wanted: WantedRecord, found: string[]) => boolean> = {
  // the servers with the lowest number get the mail
  mx: ({ value }, found) => {
    const hosts = found.map((answer) => {
      const [preference = '', host = ''] = answer.split(' ');
      return { preference: Number(preference), host: plainHost(host) };
    });
    const first = Math.min(...hosts.map(({ preference }) => preference));
    const ours = plainHost(value.split(' ')[1]!);
    return hosts.some(({ preference, host }) => preference === first && host === ours);
  },
  dkim: ({ value }, found) => found.length === 1 && keyOf(found[0]!) === keyOf(value),
  // two SPF records are an error, and hold for nothing
  spf: ({ value }, found) => {
    const term = value.split(' ')[1]!.toLowerCase();
    return found.length === 1 && found[0]!.toLowerCase().split(/\s+/).includes(term);
  },
  // whichever policy it names
  dmarc: (_, found) => found.length === 1,
};

const plainHost = (host: string): string => host.toLowerCase().replace(/\.$/, '');

const keyOf = (text: string): string | undefined =>
  /(?:^|;)\s*p=([^;]*)/i.exec(text)?.[1]?.replace(/\s/g, '');
