import { hasWords, splitQuoted } from '../../src/domain/quoted';
import { splitSignature } from '../../src/domain/signature';

const introductions = [
  'On Mon, 2 Nov 2026 at 10:00, Anna Berg <anna@brightwater.example> wrote:',
  'On Mon, 2 Nov 2026 at 10:00, Anna Berg\n<anna@brightwater.example> wrote:',
  'Dne 2. 11. 2026 v 10:00 Anna Berg napsala:',
  'Dne 02. 11. 26 v 10:00 Anna Berg napsal(a):',
  'po 2. 11. 2026 v 10:00 odesílatel Anna Berg <anna@brightwater.example> napsal:',
  'El lun, 2 nov 2026 a las 10:00, Anna Berg (<anna@brightwater.example>) escribió:',
  'Em seg., 2 de nov. de 2026 às 10:00, Anna Berg <anna@brightwater.example> escreveu:',
  'Op ma 2 nov 2026 om 10:00 schreef Anna Berg <anna@brightwater.example>:',
  'Am 02.11.2026 um 10:00 schrieb Anna Berg:',
  '-----Original Message-----',
  '________________________________\nFrom: Anna Berg <anna@brightwater.example>\nSent: Monday, 2 November 2026 10:00\nTo: Eva',
];

it.each(introductions)('what is quoted behind %j is folded', (introduction) => {
  const mail = `Yes, Tuesday suits me.\n\nEva\n\n${introduction}\n> Does Tuesday suit you?\n> Anna\n`;
  const { text, quoted } = splitQuoted(mail);
  expect(text).toBe('Yes, Tuesday suits me.\n\nEva');
  expect(quoted).toContain('> Does Tuesday suit you?');
});

it('a signature below what is quoted stays with the text, and is told from it', () => {
  const mail =
    'Tuesday suits me.\n\nDne 2. 11. 2026 v 10:00 Anna Berg napsal(a):\n> Tuesday?\n> Anna\n\n-- \nEva\nTel. 123';
  const { text, quoted } = splitQuoted(mail);
  expect(quoted).toContain('> Tuesday?');
  expect(splitSignature(text)).toEqual({ text: 'Tuesday suits me.', signature: 'Eva\nTel. 123' });
  for (const all of ['No signature', '-- \nEva', `Yes.\n-- \n${'And this.\n'.repeat(30)}`])
    expect(splitSignature(all)).toEqual({ text: all, signature: null });
});

it('answers between quoted lines stay', () => {
  const mail = 'On Mon, Anna wrote:\n> Tuesday?\nYes.\n> At nine?\nRather ten.';
  expect(splitQuoted(mail)).toEqual({ text: mail, quoted: null });
});

it('a mail that is nothing but a quotation is shown, and one without any is left as it is', () => {
  expect(splitQuoted('> all of it\n> is quoted').quoted).toBeNull();
  expect(splitQuoted('From: the bottom of my heart\nthank you')).toEqual({
    text: 'From: the bottom of my heart\nthank you',
    quoted: null,
  });
});

it.each([
  ['Yes.\n\nOn Mon, Anna wrote:\n> Tuesday?', true],
  ['> Tuesday?\nYes.', true],
  ['\n\nOn Mon, Anna wrote:\n> Tuesday?', false],
  ['> Tuesday?', false],
  ['\n-- \nAnna Berg\nBrightwater', false],
  ['-- \nAnna\n\nOn Mon, Eva wrote:\n> Tuesday?', false],
  ['\n', false],
])('whether there is more in %j than what it quotes: %s', (text, words) => {
  expect(hasWords(text)).toBe(words);
});

it.each([
  ['empty lines', `a${'\n'.repeat(60_000)}b`],
  ['one long line', `2026-11-02 Anna <${'@'.repeat(60_000)}`],
  ['openings', 'On Monday Anna wrote:\n> x\nNo.\n'.repeat(15_000)],
])('a mail of nothing but %s takes no time', (_, plain) => {
  const start = process.cpuUsage();
  splitQuoted(plain);
  // what the machine gives to others meanwhile does not count
  expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
});
