import { judgeRecord, wantedRecords } from '../../src/domain/mail-dns';

const [mx, dkim, spf, dmarc] = wantedRecords({
  domain: 'mail.acme.example',
  selector: 'parley',
  publicKey: 'MIIBabc+/=',
  host: 'mx.parley.example',
  senders: 'parley.example',
}) as [Wanted, Wanted, Wanted, Wanted];
type Wanted = ReturnType<typeof wantedRecords>[number];

it('names what is to be entered', () => {
  expect([mx, dkim, spf, dmarc].map(({ type, name, value }) => [type, name, value])).toEqual([
    ['MX', 'mail.acme.example', '10 mx.parley.example'],
    ['TXT', 'parley._domainkey.mail.acme.example', 'v=DKIM1; k=rsa; p=MIIBabc+/='],
    ['TXT', 'mail.acme.example', 'v=spf1 include:parley.example ~all'],
    ['TXT', '_dmarc.mail.acme.example', 'v=DMARC1; p=none'],
  ]);
});

it.each([
  [mx, ['10 MX.parley.example.'], 'found'],
  [mx, ['5 mx.parley.example', '20 backup.example'], 'found'],
  [mx, ['20 mx.parley.example', '10 old.example'], 'different'],
  [mx, [], 'missing'],
  [mx, null, 'unanswered'],
  [dkim, ['v=DKIM1;k=rsa; p=MIIB abc+/='], 'found'],
  [dkim, ['v=DKIM1; k=rsa; p=other'], 'different'],
  [spf, ['google-site-verification=1', 'v=spf1 include:other.example include:parley.example -all'], 'found'],
  [spf, ['v=spf1 include:other.example -all'], 'different'],
  [spf, ['v=spf1 include:parley.example ~all', 'v=spf1 -all'], 'different'],
  [spf, ['google-site-verification=1'], 'missing'],
  [dmarc, ['v=DMARC1; p=reject; rua=mailto:x@acme.example'], 'found'],
  [dmarc, [], 'missing'],
] as const)('%o with %j is %s', (wanted, answers, state) => {
  expect(judgeRecord(wanted, answers && [...answers]).state).toBe(state);
});
