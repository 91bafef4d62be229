import { createTransport } from 'nodemailer';
import { parseMail } from '../../src/channels/email/parse-mail';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { findReplyAddress, replyAddressOf } from '../../src/data/mail/reply-addresses';
import { readMedia } from '../../src/data/messages/media';
import { readMailHtml, readMailRaw } from '../../src/data/messages/message-mail';
import { listMessages } from '../../src/data/messages/message-read';
import type { ActingUser } from '../../src/domain/permissions';
import { replyAddress } from '../../src/domain/reply-address';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;
let eva: Person;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  company = await world.company();
  count += 1;
  eva = await company.person({ firstName: 'Eva' });
  await company.apply(await company.vacancy({ assigned: [company.users.interviewer] }), [eva]);
  await company.addEmail(eva, evaAddress());
});

const evaAddress = () => `eva${count}@mail.example`;

async function receive(subject = 'My documents'): Promise<Buffer> {
  const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail({
    from: { name: 'Eva N', address: evaAddress() },
    to: 'uma@acme.example',
    cc: 'hr@acme.example',
    subject,
    text: 'Here they are.\n\nOn 3 May 2026, Uma wrote:\n> Please send them',
    html: '<p>Here they are.</p><img src="cid:logo"><img src="https://far.example/x.png"><script>alert(1)</script>',
    attachments: [
      { filename: 'cv.pdf', content: 'PDF', contentType: 'application/pdf' },
      { filename: 'logo.png', content: 'PNG', contentType: 'image/png', cid: 'logo' },
    ],
  });
  const raw = message as Buffer;
  const userId = company.users.recruiter.id;
  const place = { organizationId: company.organizationId, userId, folder: 'inbox' } as const;
  await receiveForUser(world.db, place, await parseMail(raw), raw);
  return raw;
}

const said = async (user: ActingUser = company.colleague) =>
  (await listMessages(world.db, company.as(user), company.ids(eva), { limit: 50 })).items;

it('a message that came by e-mail tells from whom and to whom, what it quotes and what is attached', async () => {
  await receive();
  expect(await said()).toMatchObject([
    {
      title: 'My documents',
      body: 'Here they are.',
      mail: {
        from: { name: 'Eva N', address: evaAddress() },
        to: [{ address: 'uma@acme.example' }],
        cc: [{ address: 'hr@acme.example' }],
        hasHtml: true,
        hasOriginal: true,
        quoted: 'On 3 May 2026, Uma wrote:\n> Please send them',
        attachments: [{ filename: 'cv.pdf', mimeType: 'application/pdf', size: 3, state: 'stored' }],
      },
    },
  ]);
});

it('whoever sees the message reads its HTML, its pictures, its attachments and its original', async () => {
  const raw = await receive();
  for (const user of [company.colleague, company.users.interviewer]) {
    const actor = company.as(user);
    const [message] = await said(user);
    const { html, pictures } = await readMailHtml(world.db, actor, message!.id);
    expect(html).not.toContain('script');
    expect(pictures).toMatchObject([{ contentId: 'logo', mimeType: 'image/png' }]);
    expect((await readMailRaw(world.db, actor, message!.id)).bytes.equals(raw)).toBe(true);
    const file = await readMedia(world.db, actor, message!.mail!.attachments[0]!.id);
    expect(file.bytes.toString()).toBe('PDF');
  }
});

it('R-ROLE-1: nobody learns a reply address, by which its party answers, from a mail they see', async () => {
  const { organizationId } = company;
  const thread = { organizationId, conversationId: eva.conversationId, applicationId: null };
  const id = await replyAddressOf(world.db, thread, { party: 'person' });
  const address = replyAddress(world.hashKey, id, 'acme.parley.test');
  const raw = Buffer.from(
    `From: ${evaAddress()}\r\nTo: ${address}\r\nSubject: Yes\r\nMessage-ID: <${count}@mail.example>\r\n` +
      `Content-Type: text/html\r\n\r\n<p>Yes.</p><blockquote>To: ${address}</blockquote>`,
  );
  const to = await findReplyAddress(world.db, organizationId, id);
  await receiveReply(world.db, { dayMs, hashKey: world.hashKey }, to!, await parseMail(raw), raw);
  const actor = company.as(company.users.interviewer);
  const [message] = await said(company.users.interviewer);
  expect(message!.mail!.to).toEqual([{ name: '', address: 'reply@acme.parley.test' }]);
  const { html } = await readMailHtml(world.db, actor, message!.id);
  const { bytes } = await readMailRaw(world.db, actor, message!.id);
  for (const shown of [html, bytes.toString()]) {
    expect(shown).toContain('To: reply@acme.parley.test');
    expect(shown).not.toContain(address);
  }
});

it('R-ROLE-1: for whoever does not see the conversation, its mail does not exist', async () => {
  await receive();
  const [message] = await said();
  const stranger = company.as(company.users.reviewer);
  const missing = { code: 'not_found' };
  await expect(readMailHtml(world.db, stranger, message!.id)).rejects.toMatchObject(missing);
  await expect(readMailRaw(world.db, stranger, message!.id)).rejects.toMatchObject(missing);
  await expect(readMedia(world.db, stranger, message!.mail!.attachments[0]!.id)).rejects.toMatchObject(
    missing,
  );
});

it('R-CONF-1: the attachments of a private mail are its user’s alone', async () => {
  await receive('Confidential: my salary');
  const [file] = await world.db.query<{ id: string }>(
    `select id from media where organization_id = $1 and mime_type = 'application/pdf'`,
    [company.organizationId],
  );
  const read = (user: ActingUser) => readMedia(world.db, company.as(user), file!.id);
  expect((await read(company.users.recruiter)).bytes.toString()).toBe('PDF');
  for (const user of [company.colleague, company.users.administrator])
    await expect(read(user)).rejects.toMatchObject({ code: 'not_found' });
  await expect(readMedia(world.db, company.program, file!.id)).rejects.toMatchObject({ code: 'not_found' });
});
