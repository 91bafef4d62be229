import { company, emailOf } from './company';
import { addressOf } from './people';
import type { PastMail } from './sandbox';

/** What stands in Ruth's own mailbox before she connects it: with candidates, with a client, and a newsletter that concerns nobody. */
export function mailsOfRuth(now: Date, dayMs: number): PastMail[] {
  const ruth = emailOf({ key: 'ruth' });
  const maria = addressOf('Maria', 'Santos');
  const lieke = addressOf('Lieke', 'Verhoeven');
  const pieter = addressOf('Pieter', 'van Dam');
  const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);
  const mail = (days: number, from: string, to: string, subject: string, text: string): PastMail => ({
    ...{ from, to: [to], subject, text, date: daysAgo(days) },
  });
  const answer = (...facts: Parameters<typeof mail>): PastMail => ({ ...mail(...facts), answersLast: true });
  return [
    mail(
      ...([6, pieter, ruth, 'Two more for the night shift'] as const),
      'Hello Ruth,\n\nFrom the first of next month we need two more people at night, with a forklift certificate.\n\nPieter van Dam\nHavenlogistiek Rotterdam',
    ),
    answer(
      ...([5.8, ruth, pieter, 'Re: Two more for the night shift'] as const),
      'Hello Pieter,\n\nGood to hear. You have names from me by Friday.\n\nRuth',
    ),
    mail(
      ...([4, 'news@logistics-weekly.example', ruth, 'Logistics Weekly: robots in the warehouse'] as const),
      'This week: what robots pick, and what they drop.',
    ),
    mail(
      ...([3, lieke, ruth, 'My references'] as const),
      'Dag Ruth,\n\nHierbij de namen van mijn vorige leidinggevenden. Je mag ze allebei bellen.\n\nLieke',
    ),
    mail(
      ...([2, maria, ruth, 'Confidential: my salary'] as const),
      'Hello Ruth,\n\nto answer your question: I earn 2,650 a month now. Please keep this between us.\n\nMaria',
    ),
    answer(
      ...([1.9, ruth, maria, 'Re: Confidential: my salary'] as const),
      'Hello Maria,\n\nThank you, it stays with me.\n\nRuth',
    ),
  ];
}

export const mailOwners = (users: { key: string; firstName: string; lastName: string }[]) =>
  users
    .map((user) => ({ address: emailOf(user), name: `${user.firstName} ${user.lastName}` }))
    .concat([{ address: `jobs@${company.domain}`, name: `Jobs at ${company.name}` }]);
