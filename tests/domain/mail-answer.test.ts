import { quoteOf, recipientsOf, subjectOf, type AnsweredMail } from '../../src/domain/mail-answer';

const eva = { name: 'Eva', address: 'eva@mail.example' };
const tom = { name: 'Tom', address: 'tom@mail.example' };
const me = { name: 'Rita', address: 'rita@acme.example' };
const mail: AnsweredMail = {
  direction: 'in',
  from: eva,
  to: [me, tom],
  cc: [{ name: 'Boss', address: 'boss@acme.example' }, eva],
  replyTo: null,
  subject: 'Question',
  text: 'Can I bring my dog?',
  quoted: '> Welcome',
  at: new Date('2026-11-02T09:00:00Z'),
};
const own = ['rita@acme.example'];

it('an answer goes to the sender, or where they want it', () => {
  expect(recipientsOf('reply', mail, own)).toEqual({ to: [eva], cc: [] });
  const elsewhere = { ...mail, replyTo: 'list@mail.example' };
  expect(recipientsOf('reply', elsewhere, own).to).toEqual([{ name: '', address: 'list@mail.example' }]);
});

it('an answer to all leaves out oneself and doubles', () => {
  expect(recipientsOf('replyAll', mail, own)).toEqual({
    to: [eva],
    cc: [tom, { name: 'Boss', address: 'boss@acme.example' }],
  });
});

it('an answer to what one has sent goes where that went', () => {
  const sent: AnsweredMail = { ...mail, direction: 'out', from: me, to: [eva, tom] };
  expect(recipientsOf('reply', sent, own).to).toEqual([eva, tom]);
});

it('what is no address gets no answer', () => {
  for (const address of ['', 'undisclosed-recipients', 'a b@mail.example'])
    expect(recipientsOf('reply', { ...mail, from: { name: '', address } }, own).to).toEqual([]);
});

it.each([
  ['reply', 'Question', 'Re: Question'],
  ['reply', 'RE: Fwd: Question', 'Re: Question'],
  ['reply', 'SV: AW: Question', 'Re: Question'],
  ['forward', 'Re: Question', 'Fwd: Question'],
  ['reply', '', 'Re:'],
  ['reply', 'Reference', 'Re: Reference'],
] as const)('%s of “%s” is “%s”', (how, subject, expected) => {
  expect(subjectOf(how, subject)).toBe(expected);
});

it('quotes line by line; forwards as it was', () => {
  expect(quoteOf('reply', mail, 'Europe/Madrid')).toBe(
    'On 2 Nov 2026, 10:00, Eva <eva@mail.example> wrote:\n> Can I bring my dog?\n>\n>> Welcome',
  );
  expect(quoteOf('forward', mail, 'Europe/Madrid')).toBe(
    '---------- Forwarded message ----------\nFrom: Eva <eva@mail.example>\nDate: 2 Nov 2026, 10:00\nSubject: Question\n' +
      'To: Rita <rita@acme.example>, Tom <tom@mail.example>\nCc: Boss <boss@acme.example>, Eva <eva@mail.example>\n\n' +
      'Can I bring my dog?\n\n> Welcome',
  );
});
