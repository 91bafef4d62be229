import { nextLookAt, type MailboxFacts } from '../../src/domain/mailbox-schedule';

const at = new Date('2026-11-02T09:00:00Z');
const minutes = (count: number) => new Date(at.getTime() + count * 60_000);
const look = (facts: Partial<MailboxFacts>) =>
  nextLookAt(
    { type: 'imap', state: 'ready', fault: null, failures: 0, failedAt: at, fetchedAt: at, ...facts },
    at,
  );

it('one that works is looked into every ten minutes, for what no push tells of; by POP every five', () => {
  expect(look({})).toEqual(minutes(10));
  expect(look({ type: 'pop' })).toEqual(minutes(5));
});

it('new settings and a first import go on at once; one that is off is left alone', () => {
  expect(look({ state: 'connecting' })).toEqual(at);
  expect(look({ state: 'importing' })).toEqual(at);
  expect(look({ state: 'off' })).toBeNull();
});

it('R-BOX-4: after each failure it waits longer, an hour at most', () => {
  const waits = [1, 2, 3, 4, 5, 6, 50].map((failures) =>
    look({ state: 'failing', fault: 'refused', failures }),
  );
  expect(waits).toEqual([1, 2, 5, 15, 30, 60, 60].map(minutes));
});

it('a sign-in that has ended is not tried again', () => {
  expect(look({ state: 'failing', fault: 'sign_in_ended', failures: 1 })).toBeNull();
});

it('a wrong password is tried once an hour: servers lock accounts for it', () => {
  expect(look({ state: 'failing', fault: 'wrong_credentials', failures: 1 })).toEqual(minutes(60));
});
