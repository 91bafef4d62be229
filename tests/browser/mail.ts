import { parseMail } from '../../src/channels/email/parse-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { findReplyAddress, replyAddressOf } from '../../src/data/mail/reply-addresses';
import { accessibilityFaults, missing, sees, tooWide } from '../support/browser';
import { dayMs } from '../support/company';
import type { Scene } from './scene';

export function testMail(scene: () => Scene): void {
  it('an e-mail shows its text, what it quotes on request, and its HTML in a frame; one from elsewhere waits until it is accepted', async () => {
    const { visitors, candidate, product } = scene();
    const { db } = product;
    const person = await candidate({ email: 'writes.mail@mail.example' });
    const organizationId = await product.value<string>('select id from organizations');
    const { conversationId, applicationId } = person;
    const thread = { organizationId, conversationId, applicationId };
    const replyAddressId = await replyAddressOf(db, thread, { party: 'person' });
    const mail = async (from: string, type: string, text: string) => {
      const raw = Buffer.from(
        `From: ${from}\r\nTo: us@brightwater.example\r\nSubject: Re: Monday\r\nMessage-ID: <${from}>\r\nContent-Type: ${type}\r\n\r\n${text}`,
      );
      const to = await findReplyAddress(db, organizationId, replyAddressId);
      await receiveReply(db, { dayMs, hashKey: (key) => key }, to!, await parseMail(raw), raw);
    };
    await mail('writes.mail@mail.example', 'text/plain', 'Monday it is.\r\n\r\n> Would Monday do?');
    await mail(
      'writes.mail@mail.example',
      'text/html',
      '<h1>With a heading</h1><script>parent.document.title = "taken"</script>',
    );
    await mail('elsewhere@mail.example', 'text/plain', 'It is me, from home.');

    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${conversationId}`);
    const messages = page.getByRole('region', { name: `Messages with ${person.name}` });
    const first = messages.getByRole('article').filter({ hasText: 'Monday it is.' });
    await sees(first);
    await missing(first.getByText('Would Monday do?'));
    await first.getByRole('button', { name: 'Show quoted text' }).click();
    await sees(first.getByText('Would Monday do?'));

    const second = messages.getByRole('article').filter({ hasText: /with a heading/i });
    await second.getByRole('button', { name: 'Show original' }).click();
    const frame = page.frameLocator('iframe[sandbox]');
    await sees(frame.getByRole('heading', { name: 'With a heading' }));
    expect(await page.title()).not.toContain('taken');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 375, height: 812 });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('Escape');

    await page.getByRole('tab', { name: 'E-mail' }).click();
    await page.getByRole('button', { name: 'Cc, Bcc' }).click();
    await page.getByLabel('Cc', { exact: true }).fill('Otto <otto@hirer.example>');
    await page.getByLabel('Bcc', { exact: true }).fill('eva@hirer.example');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('textbox', { name: `E-mail to ${person.name}` }).fill('Until Monday.');
    await page.getByRole('button', { name: 'Send e-mail' }).click();
    const third = messages.getByRole('article').filter({ hasText: 'Until Monday.' });
    await sees(third.getByText('Cc: Otto <otto@hirer.example>'), third.getByText('Bcc: eva@hirer.example'));

    await page.getByRole('button', { name: 'Look at it' }).click();
    const waiting = page.getByRole('dialog', { name: 'Held mail' });
    await sees(waiting.getByText('It is me, from home.'));
    await waiting.getByRole('button', { name: 'Accept' }).click();
    await sees(messages.getByRole('article').filter({ hasText: 'It is me, from home.' }));
    await missing(page.getByText('1 mail waits to be looked at'));
  });
}
