import { parseMail } from '../../../src/channels/email/parse-mail';

const mail = (head: string, body = 'Hello') => Buffer.from(`${head}\r\n\r\n${body}`, 'latin1');

it('reads addresses, encoded words, charsets and the ids of the thread', async () => {
  const parsed = await parseMail(
    mail(
      [
        'From: =?utf-8?Q?Eva_Nov=C3=A1?= <Eva@Mail.Example>',
        'To: "Anna, B." <anna@acme.example>, team: a@acme.example, b@acme.example;',
        'Subject: =?iso-8859-2?Q?P=F8=EDli=B9?=',
        'Message-ID: <1@mail.example>',
        'In-Reply-To: <0@acme.example>',
        'References: <a@acme.example> <0@acme.example>',
        'Date: Mon, 2 Nov 2026 10:00:00 +0100',
        'Content-Type: text/plain; charset=windows-1250',
        'Content-Transfer-Encoding: quoted-printable',
      ].join('\r\n'),
      'Dobr=FD den',
    ),
  );
  expect(parsed).toMatchObject({
    from: { name: 'Eva Nová', address: 'eva@mail.example' },
    subject: 'Příliš',
    messageId: '<1@mail.example>',
    inReplyTo: '<0@acme.example>',
    references: ['<a@acme.example>', '<0@acme.example>'],
    date: new Date('2026-11-02T09:00:00Z'),
    text: 'Dobrý den',
    html: null,
    quiet: false,
    bounce: null,
  });
  expect(parsed.to.map(({ address }) => address)).toEqual([
    'anna@acme.example',
    'a@acme.example',
    'b@acme.example',
  ]);
});

it('HTML loses what runs, reaches out or hides; remote pictures wait until they are asked for', async () => {
  const html = `<html><head><style>p{background:url(http://x)}</style></head><body onload="x()"><script>alert(1)</script>
    <p style="color:red;background-image:url(http://x);position:fixed">Hi <a href="javascript:alert(1)">you</a></p>
    <img src="http://track.example/1.gif" onerror="x()"><img src="cid:logo"><iframe src="http://x"></iframe><form action="/"><input></form></body></html>`;
  const parsed = await parseMail(mail('From: a@b.example\r\nContent-Type: text/html; charset=utf-8', html));
  expect(parsed.html).not.toMatch(
    /script|onload|onerror|iframe|form|input|url\(|position|javascript|src="http/,
  );
  expect(parsed.html).toContain('data-remote="http://track.example/1.gif"');
  expect(parsed.html).toContain('src="cid:logo"');
  expect(parsed.text).toBe('Hi you');
});

it('a copy that came another way has the same hash, another mail under the same Message-ID has not', async () => {
  const head =
    'From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: Hi\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100';
  const [one, forwarded, other] = await Promise.all([
    parseMail(mail(head, 'Hello\r\n')),
    parseMail(mail(`Received: from x by y\r\n${head}`, 'Hello\n\n')),
    parseMail(mail(head, 'Good bye')),
  ]);
  expect(forwarded.contentHash).toBe(one.contentHash);
  expect(other.contentHash).not.toBe(one.contentHash);
});

it.each([
  ['an automatic answer', 'Auto-Submitted: auto-replied'],
  ['a list', 'Precedence: list'],
  ['a null return path', 'Return-Path: <>'],
  ['a mailer daemon', 'From: MAILER-DAEMON@b.example'],
])('RFC 3834: %s is quiet', async (_, header) => {
  const head = header.startsWith('From') ? header : `From: a@b.example\r\n${header}`;
  expect((await parseMail(mail(head))).quiet).toBe(true);
});

it('RFC 3464: a bounce names the mail, the address and the status', async () => {
  const body = [
    '--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.',
    '--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; eva@mail.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user',
    '--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: x@acme.example\r\nMessage-ID: <id@acme.example>',
    '--b--',
  ].join('\r\n');
  const head =
    'From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b';
  const parsed = await parseMail(mail(head, body));
  expect(parsed.bounce).toEqual({
    messageId: '<id@acme.example>',
    recipient: 'eva@mail.example',
    action: 'failed',
    status: '5.1.1',
    detail: 'smtp; 550 no such user',
  });
});

it.each([
  ['nothing at all', Buffer.alloc(0)],
  ['null bytes', mail('From: a@b.example', 'a\u0000b')],
  ['a boundary that never comes', mail('Content-Type: multipart/mixed; boundary=x', '--y\r\n\r\nz')],
  [
    'deep nesting',
    mail(
      'Content-Type: multipart/mixed; boundary=x',
      '--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n'.repeat(400),
    ),
  ],
  ['HTML in HTML', mail('Content-Type: text/html', `${'<b>'.repeat(100_000)}deep`)],
  ['binary rubbish', Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 89) % 256))],
])('%s is read as far as it goes', async (_, raw) => {
  const parsed = await parseMail(raw);
  expect(parsed.text).not.toContain('\u0000');
  expect(parsed.messageId).toMatch(/^<\S+>$/);
});

it('a type that is none is not passed on: it becomes part of headers and pages', async () => {
  const head =
    'From: a@b.example\r\nContent-Disposition: attachment\r\nContent-Type: image/png"><style>x</style>';
  const { attachments } = await parseMail(mail(head));
  expect(attachments.map(({ mimeType }) => mimeType)).toEqual(['application/octet-stream']);
});
