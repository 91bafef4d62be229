import { parseMail } from '../../../src/channels/email/parse-mail';
import { storableFaults } from '../../../src/domain/storable';

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

it('what HTML says of all of it stays: language, direction, ground and ink; its title is no text, and a picture without words has none', async () => {
  const html = `<html lang="ar" dir="rtl"><head><title>Newsletter 12</title></head><body bgcolor="#000000" text="#ffffff" style="font-size:14px;position:fixed"><p>Hi</p><img src="cid:line"></body></html>`;
  const parsed = await parseMail(mail('From: a@b.example\r\nContent-Type: text/html', html));
  expect(parsed.html).toMatch(
    /^<div lang="ar" dir="rtl"><div style="background-color:#000000;color:#ffffff;font-size:14px"><p>Hi<\/p>/,
  );
  expect(parsed.html).toContain('<img alt="" src="cid:line" />');
  expect(parsed.html).not.toContain('Newsletter');
});

it('pictures load from nowhere by themselves, however their address is written', async () => {
  const html = [
    '//a.example/1.png',
    '/\\\\b.example/2.png',
    '\\\\c.example/3.png',
    '/api/v1/me',
    'x',
    ' HTTP://d.example/4.png',
  ]
    .map((src) => `<img src="${src}">`)
    .join('');
  const parsed = await parseMail(mail('From: a@b.example\r\nContent-Type: text/html', `<p>Hi</p>${html}`));
  expect(parsed.html).not.toContain(' src=');
  for (const remote of ['https://a.example/1.png', 'https://c.example/3.png', 'HTTP://d.example/4.png'])
    expect(parsed.html).toContain(`data-remote="${remote}"`);
});

it('what names no charset and is not UTF-8 is read as Western, its head and its text', async () => {
  expect(
    await parseMail(mail('From: J\xf6rg <j@mail.example>\r\nSubject: M\xfcnchen', 'Gr\xfc\xdfe')),
  ).toMatchObject({
    from: { name: 'Jörg' },
    subject: 'München',
    text: 'Grüße',
  });
  const named = 'Subject: M\xfcnchen\r\nContent-Type: text/plain; charset=windows-1250';
  expect(await parseMail(mail(named, 'P\xf8\xedli\x9a'))).toMatchObject({
    subject: 'München',
    text: 'Příliš',
  });
});

it('of a mail whose parts are not where it says all is shown', async () => {
  const parsed = await parseMail(
    mail('Subject: x\r\nContent-Type: multipart/mixed; boundary=none', '--other\r\n\r\nStill here'),
  );
  expect(parsed.text).toContain('Still here');
  expect((await parseMail(mail('Subject: x', ''))).text).toBe('');
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

const face = '😀';
it.each([
  [
    'null characters in the ids of the thread',
    'Message-ID: <a\u0000b@c>\r\nIn-Reply-To: <d\u0000@c>\r\nReferences: <d\u0000@c>',
  ],
  [
    'names and a subject that are cut within a character',
    `From: "x${face.repeat(1500)}" <a@b.example>\r\nTo: "x${face.repeat(1500)}" <a@b.example>\r\nSubject: x${face.repeat(1500)}`,
  ],
  ['a text that is cut within a character', 'From: a@b.example', `x${face.repeat(500_001)}`],
  [
    'a file name that is cut within a character',
    `Content-Type: application/pdf; name="x${face.repeat(150)}"`,
  ],
  [
    'a report with null characters',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    [
      '--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a\u0000@b',
      `Action: failed\r\nStatus: 5.1\u0000.1\r\nDiagnostic-Code: smtp;${face.repeat(300)}`,
      '--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <a\u0000b@c>\r\n\r\n--b--',
    ].join('\r\n'),
  ],
])('nothing of it is what the database cannot hold: %s', async (_, head, body = 'Hello') => {
  const { attachments, ...parsed } = await parseMail(Buffer.from(`${head}\r\n\r\n${body}`));
  expect(storableFaults(parsed)).toEqual([]);
  expect(storableFaults(attachments.map(({ filename }) => filename))).toEqual([]);
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

it.each([
  ['before PostgreSQL’s', '-5000-01-01T00:00:00Z'],
  ['before JavaScript’s', 'Mon, 1 Jan -300000 00:00:00 +0000'],
  ['before e-mail’s', 'Sat, 2 Nov 1024 10:00:00 +0100'],
])('a date %s time is none: the mail counts from when it came', async (_, date) => {
  expect((await parseMail(mail(`From: a@b.example\r\nDate: ${date}`))).date).toBeNull();
});

describe('what nobody would write', () => {
  const head = 'From: Eva <a@b.example>\r\nMessage-ID: <1@b.example>';
  const html = (body: string) => mail(`${head}\r\nContent-Type: text/html; charset=utf-8`, body);
  const times = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => part(index)).join('');
  const mixed = (parts: string) =>
    mail(`${head}\r\nContent-Type: multipart/mixed; boundary=x`, `${parts}--x--`);
  const file = '--x\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\na\r\n';

  it.each([
    ['unmatched closing tags', true, html('</b>'.repeat(120_000))],
    ['elements that nobody closes', false, html('<b>'.repeat(250_000))],
    ['closing tags of others', false, html('<b>'.repeat(60_000) + '</i>'.repeat(60_000))],
    ['tables within tables', false, html('<table><tr><td>x'.repeat(60_000))],
    ['comments that hide the closing', false, html('<b><!--</b>-->x'.repeat(60_000))],
    ['empty lines', false, mail(head, '\n'.repeat(2_000_000))],
    ['quoted lines', false, mail(head, '> a\n'.repeat(100_000))],
    ['lines of text', false, mail(head, `${'Some words on a line '.repeat(4)}\r\n`.repeat(340_000))],
    ['parts', false, mixed('--x\r\n\r\na\r\n'.repeat(34_000))],
    ['attachments', false, mixed(file.repeat(2_000))],
    ['headers', false, mail(`${head}\r\n${'X-A: b\r\n'.repeat(300_000)}`)],
    [
      'heads, too large to be read',
      false,
      mixed(`--x\r\nX-A: ${'b'.repeat(1_000_000)}\r\n\r\na\r\n`.repeat(3)),
    ],
    ['references', true, mail(`${head}\r\nReferences: ${'<a@b.example> '.repeat(100_000)}`)],
    [
      'recipients',
      false,
      mail(`${head}\r\nTo: ${times(10_000, (index) => `"N ${index}" <a${index}@b.example>,\r\n `)}`),
    ],
  ])('%s: is read in the time of a test, and says where something was cut', async (_, whole, raw) => {
    const parsed = await parseMail(raw);
    expect(parsed).toMatchObject({
      from: { name: 'Eva', address: 'a@b.example' },
      messageId: '<1@b.example>',
      cut: !whole,
    });
    expect(parsed.text.startsWith('[Not all of this mail is shown')).toBe(!whole);
    expect(parsed.references.length).toBeLessThanOrEqual(50);
    expect(parsed.to.length).toBeLessThanOrEqual(2_000);
    expect(parsed.attachments.length).toBeLessThanOrEqual(500);
  });

  it('a mail of 25 MB with a file in it is read as a whole', async () => {
    const encoded = Buffer.alloc(18_000_000, 7).toString('base64').replace(/.{76}/g, '$&\r\n');
    const raw = mixed(
      `--x\r\n\r\nHello\r\n--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`,
    );
    const { cut, text, attachments } = await parseMail(raw);
    expect({ cut, text, sizes: attachments.map(({ bytes }) => bytes.length) }).toEqual({
      cut: false,
      text: 'Hello',
      sizes: [18_000_000],
    });
  });
});
