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
