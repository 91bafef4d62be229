import type { Mailbox } from '../../src/contracts/mailboxes';
import { draftOf, faultsOf, inputOf } from '../../src/web/src/email-settings/draft';
import { emailSettingsText } from '../../src/web/src/email-settings/text';

const server: NonNullable<Mailbox['incoming']> = {
  ...{ type: 'imap', host: 'imap.acme.example', port: 993, security: 'tls', username: 'uma' },
  ...{ hasPassword: true, keepCopy: true, removeAfterDays: null },
};

const mailbox = (more: Partial<Mailbox> = {}): Mailbox => ({
  ...{ systemAddress: 'uma@acme.parley.test', fromAddress: null, signature: null, fetch: false },
  ...{
    incoming: null,
    outgoing: null,
    state: 'off',
    stateText: null,
    stateDetail: null,
    stateChangedAt: null,
  },
  ...{ importTotal: null, importDone: null, fetchedAt: null, folders: [], connectsFrom: [] },
  ...{ signIn: null, signInProviders: [] },
  ...more,
});

const wrong = (draft: ReturnType<typeof draftOf>, stored: Mailbox) =>
  Object.entries(faultsOf(draft, stored)).flatMap(([field, fault]) => (fault ? [field] : []));

it('R-BOX-2: TLS is preselected, and nothing is asked for until something is to be fetched', () => {
  const draft = draftOf(mailbox());
  expect(draft.incoming.security).toBe('tls');
  expect(wrong(draft, mailbox())).toEqual([]);
  expect(wrong({ ...draft, fetch: true }, mailbox())).toEqual([
    'incoming.host',
    'incoming.username',
    'incoming.password',
  ]);
});

it('a stored password stays for its server; for another it is asked for again', () => {
  const stored = mailbox({ incoming: server, fetch: true });
  const draft = draftOf(stored);
  expect(wrong(draft, stored)).toEqual([]);
  expect(inputOf(draft, stored).incoming).toEqual({
    ...{ type: 'imap', host: 'imap.acme.example', security: 'tls', username: 'uma' },
    ...{ keepCopy: true, removeAfterDays: null },
  });
  for (const change of [{ host: 'evil.example' }, { security: 'none' as const }, { port: '994' }])
    expect(wrong({ ...draft, incoming: { ...draft.incoming, ...change } }, stored)).toEqual([
      'incoming.password',
    ]);
});

it('a port is left to the security, or is a number', () => {
  const stored = mailbox({ incoming: { ...server, port: 1993 } });
  const draft = draftOf(stored);
  expect(draft.incoming.port).toBe('1993');
  expect(wrong({ ...draft, incoming: { ...draft.incoming, port: '99999' } }, stored)).toContain(
    'incoming.port',
  );
});

it('R-BOX-2: for POP a copy is kept; it is removed after 7 days where that is ticked', () => {
  const draft = draftOf(mailbox());
  const pop = { ...draft.incoming, type: 'pop', host: 'pop.acme.example' } as const;
  const sent = (change: Partial<typeof draft.incoming>) =>
    inputOf({ ...draft, incoming: { ...pop, ...change } }, mailbox()).incoming;
  expect(sent({})).toMatchObject({ type: 'pop', keepCopy: true, removeAfterDays: null });
  expect(sent({ remove: true })).toMatchObject({ keepCopy: true, removeAfterDays: 7 });
  expect(sent({ keepCopy: false, remove: true })).toMatchObject({ keepCopy: false, removeAfterDays: null });
  expect(sent({ type: 'imap', keepCopy: false, remove: true })).toMatchObject({
    ...{ type: 'imap', keepCopy: true, removeAfterDays: null },
  });
  const stored = mailbox({ incoming: server });
  const ofStored = draftOf(stored);
  const asked = { ...ofStored, incoming: { ...ofStored.incoming, type: 'pop', port: '993' } as const };
  expect(wrong(asked, stored)).toEqual(['incoming.password']);
  const never = { ...asked, incoming: { ...asked.incoming, remove: true, removeAfterDays: '0' } };
  expect(wrong(never, stored)).toContain('incoming.removeAfterDays');
});

it('R-BOX-2: signed in with a provider no password is asked for, and mail is sent with the same sign-in; until a password takes its place', () => {
  const outgoing = { host: 'smtp.provider.example', port: 587, security: 'tls' } as const;
  const stored = mailbox({
    incoming: { ...server, hasPassword: false },
    outgoing: { ...outgoing, username: 'uma', hasPassword: false },
    signIn: { provider: 'google', name: 'Google', active: false, outgoing },
  });
  const draft = { ...draftOf(stored), fetch: true };
  expect(wrong(draft, stored)).toEqual([]);
  expect(inputOf(draft, stored)).toMatchObject({
    incoming: { host: server.host, username: 'uma' },
    outgoing: { ...outgoing, username: 'uma' },
  });
  expect(inputOf({ ...draft, ownServer: false }, stored).outgoing).toBeNull();
  expect(wrong({ ...draft, byPassword: true }, stored)).toEqual(['incoming.password', 'outgoing.password']);
  const ownServer = mailbox({ ...stored, outgoing: { ...server, hasPassword: true } });
  expect(inputOf(draftOf(ownServer), ownServer).outgoing).toMatchObject({ host: server.host });
});

it('R-BOX-2: the addresses that Parley connects from are named; where they are not known, who knows them', () => {
  const { connectsFrom } = emailSettingsText;
  expect(connectsFrom([])).toContain('ask whoever runs Parley');
  expect(connectsFrom(['203.0.113.7'])).toMatch(/203\.0\.113\.7\. .* this address/);
  expect(connectsFrom(['203.0.113.7', '2001:db8::7'])).toMatch(/203\.0\.113\.7, 2001:db8::7\. .* these/);
});
