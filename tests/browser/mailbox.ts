import { accessibilityFaults, focusIsOn, holds, missing, sees, tooWide } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testMailbox(scene: () => Scene): void {
  it('R-BOX-7: a mail is written, kept as a draft, sent, and answered on a phone', async () => {
    const { visitors, candidate, product } = scene();
    const email = 'gets.mail@mail.example';
    const person = await candidate({ email });
    const { page, go } = await visitors.as('ruth');
    await go('/mail');
    const compose = page.getByRole('button', { name: 'Compose' });
    const drafts = page.getByRole('tab', { name: /^Drafts/ });
    await compose.click();
    await sees(page.getByLabel('Subject'));
    await drafts.click();
    // nothing was written
    await sees(page.getByText('Nothing in this folder'));
    await compose.click();
    await page.getByLabel('To', { exact: true }).fill(`${person.name} <${email}>`);
    await page.getByLabel('Subject').fill('Your first day');
    await page.getByLabel('Text').fill('We start at nine.');
    await drafts.click();
    // as it was when one left it
    await page.getByRole('link', { name: /Your first day.*We start at nine/ }).click();
    await sees(page.getByRole('button', { name: `Remove ${email}` }));
    expect(await accessibilityFaults(page)).toEqual([]);
    // nobody is left out because of a slip of the keyboard
    const to = page.getByLabel('To', { exact: true });
    const send = page.getByRole('button', { name: 'Send', exact: true });
    await to.fill('not an address, nor this');
    await send.click();
    await focusIsOn(to);
    await holds(to, 'not an address, nor this');
    await to.fill('');
    await send.click();
    await waitFor(
      async () => {
        const answer = await fetch(`${product.phonesUrl}/sandbox/mails?to=${email}`);
        return ((await answer.json()) as { data: { text: string }[] }).data[0]?.text.includes(
          'We start at nine.',
        );
      },
      { what: 'the mail' },
    );

    await go('/mail/sent');
    // once it is known to have left
    await page.getByRole('checkbox', { name: 'Select Your first day' }).click();
    await page.keyboard.press('#');
    await page.getByRole('button', { name: 'Undo' }).click();
    await sees(page.getByRole('link', { name: /Your first day/ }));

    await page.getByRole('searchbox').fill('first day');
    await page.waitForURL(/q=first/);
    await page.getByRole('link', { name: /Your first day/ }).click();
    await sees(page.getByRole('heading', { name: 'Your first day' }));
    await page.reload();
    await sees(page.getByRole('link', { name: /Your first day/ }));
    await holds(page.getByRole('searchbox'), 'first day');

    await page.setViewportSize({ width: 375, height: 700 });
    await go('/mail/sent');
    await sees(page.getByRole('link', { name: /Your first day/ }));
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('link', { name: /Your first day/ }).click();
    await sees(
      page.getByRole('heading', { name: 'Your first day' }),
      page.getByRole('link', { name: person.name }),
    );
    await page.getByRole('button', { name: 'File under a person' }).click();
    const filing = page.getByRole('dialog', { name: 'File under a person' });
    await sees(filing.locator(':focus'));
    await page.keyboard.type(person.name);
    await sees(page.getByRole('option', { name: person.name }));
    await holds(page.getByRole('combobox'), person.name);
    await page.keyboard.press('Escape');
    await missing(page.getByRole('combobox'));
    await page.keyboard.press('Escape');
    await missing(filing);
    // the mail stands in a frame
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await sees(
      page.getByRole('heading', { name: 'Re: Your first day' }),
      page.getByText('> We start at nine.'),
    );
    expect(await tooWide(page)).toEqual([]);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await sees(page.getByRole('heading', { name: 'Your first day' }));
  });
}
