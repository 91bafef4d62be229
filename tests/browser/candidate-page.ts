import { accessibilityFaults, focusIsOn, holds, sees, tooWide } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testCandidatePage(scene: () => Scene): void {
  it('R-MAIL-1, R-MAIL-3: from an e-mail to the page: an answer with files on a phone, the next message without reload, the end', async () => {
    const { visitors, candidate, call, product } = scene();
    const email = 'reads.on.the.page@mail.example';
    const person = await candidate({ email });
    const write = (text: string) =>
      call('POST', `conversations/${person.conversationId}/messages`, {
        channel: 'email',
        type: 'text',
        title: 'Your shift',
        text,
        applicationId: person.applicationId,
      });
    await write('Can you start on Monday?');
    const mail = await waitFor(
      async () => {
        const answer = await fetch(`${product.phonesUrl}/sandbox/mails?to=${email}`);
        return ((await answer.json()) as { data: { text: string }[] }).data[0];
      },
      { what: 'the mail' },
    );
    const { page, go } = await visitors.stranger({ viewport: { width: 375, height: 700 } });
    const path = new URL(/See message: (\S+)/.exec(mail.text)![1]!).pathname;
    await go(path);
    const log = page.getByRole('log', { name: 'Messages' });
    await sees(
      page.getByRole('heading', { name: /^Messages from Brightwater/, level: 1 }),
      log.getByText('Can you start on Monday?'),
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    const field = page.getByRole('textbox', { name: 'Your message' });
    await field.fill('Yes, I have signed it.');
    // a phone loads a page again that was in the background
    await page.reload();
    await holds(field, 'Yes, I have signed it.');
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Attach files' }).click(),
    ]);
    const pdf = { mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') };
    await chooser.setFiles([
      { name: 'contract.pdf', ...pdf },
      { name: 'a certificate with a name that is longer than a phone is wide.pdf', ...pdf },
      { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') },
      { name: 'nothing.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) },
    ]);
    // each with what is wrong with it
    const attached = (name: string) =>
      page.getByRole('list', { name: 'Attached files' }).getByRole('listitem').filter({ hasText: name });
    await sees(
      attached('contract.pdf').getByText('8 B'),
      attached('drawing.svg').getByText('This kind of file cannot be sent here.'),
      attached('nothing.pdf').getByText('The file is empty.'),
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send' }).click();
    await sees(page.getByText('Not every file can be sent.'));
    await page.getByRole('button', { name: 'Remove drawing.svg' }).press('Enter');
    await focusIsOn(page.getByRole('button', { name: 'Remove nothing.pdf' }));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Send' }).click();
    await sees(
      log.getByText('Yes, I have signed it.'),
      log.getByRole('link', { name: /^contract\.pdf/ }),
      log.getByRole('link', { name: /^a certificate/ }),
      log.getByText('This page'),
    );
    await focusIsOn(field);

    const ruth = await visitors.as('ruth');
    await ruth.go(`/inbox/${person.conversationId}`);
    await sees(
      ruth.page.getByRole('article', { name: new RegExp(`^${person.name}, .*Yes, I have signed it`) }),
      ruth.page.getByRole('link', { name: /^contract\.pdf/ }),
      ruth.page.getByRole('link', { name: /^a certificate/ }),
      ruth.page.getByRole('button', { name: /^Candidate page/ }),
    );
    await write('See you on Monday.');
    await sees(log.getByText('See you on Monday.'));

    await call('POST', `applications/${person.applicationId}/reject`, {});
    await field.fill('Are you there?');
    await page.getByRole('button', { name: 'Send' }).click();
    await sees(
      page.getByText('This application has ended, so you cannot write here any more.'),
      page.getByRole('link', { name: /^jobs@/ }),
    );
    expect(await accessibilityFaults(page)).toEqual([]);

    await ruth.go(`/people/${person.personId}?tab=details`);
    await ruth.page.getByRole('button', { name: /^Revoke link: Warehouse/ }).click();
    await ruth.page.getByRole('dialog').getByRole('button', { name: 'Revoke link' }).click();
    await sees(page.getByRole('heading', { name: 'This link does not work any more', level: 1 }));
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    await page.getByLabel('Your e-mail address').fill(email);
    await page.keyboard.press('Enter');
    await focusIsOn(page.getByRole('heading', { name: 'Look into your mailbox' }));
  });
}
