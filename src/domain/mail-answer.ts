import { cutText } from './storable';

type Address = { name: string; address: string };

export type AnsweredMail = {
  direction: 'in' | 'out';
  from: Address;
  to: Address[];
  cc: Address[];
  replyTo: string | null;
  subject: string;
  text: string;
  quoted: string | null;
  at: Date;
};

export type HowAnswered = 'reply' | 'replyAll' | 'forward';

const quotedAtMost = 100_000;

const nameAtMost = 200;
const recipientsAtMost = 500;
const subjectAtMost = 900;

/** Whom an answer goes to. `own`: the user's own addresses, which get no copy. An answer to a mail of one's own goes where that went. */
export function recipientsOf(
  how: HowAnswered,
  mail: AnsweredMail,
  own: readonly string[],
): { to: Address[]; cc: Address[] } {
  if (how === 'forward') return { to: [], cc: [] };
  const sender =
    mail.replyTo === null || mail.replyTo === mail.from.address
      ? mail.from
      : { name: '', address: mail.replyTo };
  const to = usable(mail.direction === 'out' ? mail.to : [sender]);
  if (how === 'reply') return { to, cc: [] };
  const taken = new Set([...own, ...to.map(({ address }) => address)]);
  const others = usable(mail.direction === 'out' ? mail.cc : [...mail.to, ...mail.cc]);
  return { to, cc: others.filter(({ address }) => !taken.has(address) && taken.add(address)) };
}

/** What a stranger's program wrote need not be an address. */
const usable = (addresses: Address[]): Address[] =>
  addresses
    .filter(({ address }) => /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address) && address.length <= 254)
    .slice(0, recipientsAtMost)
    .map(({ name, address }) => ({ name: cutText(name, nameAtMost), address }));

/** Prefixes are not piled up. */
export function subjectOf(how: HowAnswered, subject: string): string {
  const prefix = how === 'forward' ? 'Fwd' : 'Re';
  const bare = subject.replace(/^(?:\s*(?:re|fwd?|aw|wg|sv|tr|rv|enc|odp)\s*:)+\s*/i, '').trim();
  return cutText(`${prefix}: ${bare}`.trim(), subjectAtMost);
}

/** What stands below an answer: the mail line by line with its mark, or, forwarded, as it was with its head. */
export function quoteOf(how: HowAnswered, mail: AnsweredMail, timeZone: string): string {
  const text = cutText([mail.text, mail.quoted ?? ''].join('\n\n').trim(), quotedAtMost);
  const at = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(
    mail.at,
  );
  if (how === 'forward') {
    const head = [
      '---------- Forwarded message ----------',
      `From: ${shown(mail.from)}`,
      `Date: ${at}`,
      `Subject: ${mail.subject}`,
      `To: ${mail.to.map(shown).join(', ')}`,
      ...(mail.cc.length === 0 ? [] : [`Cc: ${mail.cc.map(shown).join(', ')}`]),
    ];
    return `${head.join('\n')}\n\n${text}`;
  }
  const lines = text.split('\n').map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd()));
  return `On ${at}, ${shown(mail.from)} wrote:\n${lines.join('\n')}`;
}

const shown = ({ name, address }: Address): string => (name === '' ? address : `${name} <${address}>`);
