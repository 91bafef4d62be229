import {
  judgeDomain,
  judgeRecord,
  lookAgainAt,
  wantedRecords,
  type RecordState,
} from '../../src/domain/mail-dns';

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

describe('a domain', () => {
  const start = new Date('2026-11-22T12:00:00Z');
  const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
  const look = (mxState: RecordState, dkimState: RecordState = 'found') => [
    { kind: 'mx' as const, state: mxState, found: [], required: true },
    { kind: 'dkim' as const, state: dkimState, found: [], required: true },
    { kind: 'spf' as const, state: 'missing' as const, found: [], required: false },
  ];
  const used = judgeDomain(null, look('found'), { at: start, byHand: false });
  const judge = (before: typeof used | null, mxState: RecordState, at: Date, byHand = false) =>
    judgeDomain(before, look(mxState), { at, byHand });

  it('comes into use with the needed records, and not by an answer that does not come', () => {
    expect(used).toMatchObject({ proven: true, inUse: true });
    expect(judge(null, 'unanswered', start)).toMatchObject({ proven: false, inUse: false });
    expect(judge(null, 'different', start)).toMatchObject({ proven: false, inUse: false });
  });

  it('stays in use while the DNS does not answer, for however long', () => {
    const silent = judge(used, 'unanswered', start);
    expect(judge(silent, 'unanswered', later(10_000))).toMatchObject({ inUse: true, missingSince: null });
  });

  it('goes out of use when a record is gone for an hour, and not sooner', () => {
    const gone = judge(used, 'missing', start);
    expect(gone).toMatchObject({ inUse: true, missingSince: start.toISOString() });
    const silent = judge(judge(gone, 'different', later(59)), 'unanswered', later(120));
    expect(silent).toMatchObject({ inUse: true, missingSince: start.toISOString() });
    expect(judge(silent, 'missing', later(121))).toMatchObject({
      proven: true,
      inUse: false,
      missingSince: null,
    });
    expect(judge(judge(gone, 'found', later(50)), 'missing', later(70))).toMatchObject({
      ...{ inUse: true, missingSince: later(70).toISOString() },
    });
  });

  it('goes out of use at once where a user looks', () => {
    expect(judge(used, 'missing', start, true)).toMatchObject({ inUse: false });
    expect(judge(used, 'unanswered', start, true)).toMatchObject({ inUse: true });
  });

  it.each([
    ['all is well', 'found', true, 0, 24 * 60],
    ['a record of a domain in use is gone', 'missing', true, 90_000, 10],
    ['it was entered just now', 'missing', false, 0, 10],
    ['it was entered two days ago', 'missing', false, 2 * 24 * 60, 60],
    ['it was entered long ago', 'unanswered', false, 30 * 24 * 60, 24 * 60],
  ] as const)('is looked up again: %s', (_, state, inUse, waitsMinutes, minutes) => {
    const at = later(waitsMinutes);
    const records = look(state);
    expect(lookAgainAt({ proven: inUse, inUse, records }, records, { waitsSince: start, at })).toEqual(
      new Date(at.getTime() + minutes * 60_000),
    );
  });
});
