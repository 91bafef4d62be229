import { missing, sees } from '../support/browser';
import type { Scene } from './scene';

const exactTime = /\d{1,2} \w{3,4} 20\d\d, \d\d:\d\d:\d\d/;

export function testLog(scene: () => Scene): void {
  it('R-LOG-2: the channel’s icon stands beside the time once the provider accepted, and opens states, times and credits', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello');
    product.sandbox.control.misbehave(person.waId, { refuse: { times: 1, code: 131049 } });
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    await page.getByLabel(`Message to ${person.name}`).fill('Are you free on Monday?');
    await page.keyboard.press('Enter');

    const messages = page.getByRole('article', { name: /Are you free on Monday/ });
    const refused = messages.nth(0).getByRole('button', { name: /^\d\d:\d\d, Failed\. Show details/ });
    await sees(refused);
    await messages.nth(0).getByRole('button', { name: 'Try again' }).click();
    const accepted = messages
      .nth(1)
      .getByRole('button', { name: /^WhatsApp, \d\d:\d\d, Delivered\. Show details/ });
    await sees(accepted);
    for (const button of [refused, accepted]) expect(await button.getAttribute('title')).toMatch(exactTime);
    const received = page.getByRole('article', { name: /Hello/ });
    await sees(received.getByRole('button', { name: /^WhatsApp, \d\d:\d\d, Received\. Show details/ }));

    const details = page.getByRole('dialog', { name: 'Message details' });
    const tells = async () => {
      for (const state of ['Sent', 'Delivered'])
        await sees(details.locator(`dt:text-is("${state}") + dd`).getByText(exactTime));
      await sees(details.locator('dt:text-is("Credits") + dd').getByText('1', { exact: true }));
      await page.keyboard.press('Escape');
      await missing(details);
    };
    await accepted.click();
    await tells();

    await page.getByRole('tab', { name: 'Timeline' }).click();
    const entries = page
      .getByRole('list', { name: 'Timeline' })
      .getByRole('listitem')
      .filter({ hasText: 'Are you free on Monday?' });
    const icon = { name: 'WhatsApp: show states, times and credits' };
    const inState = (state: string) => entries.filter({ has: page.getByRole('img', { name: state }) });
    await sees(inState('Delivered').getByRole('button', icon), inState('Failed'));
    expect(await inState('Failed').getByRole('button', icon).count()).toBe(0);
    await inState('Delivered').getByRole('button', icon).first().click();
    await tells();

    await go(`/people/${person.personId}`);
    await page.getByRole('tab', { name: 'Messages' }).click();
    const rows = page.getByRole('list', { name: 'Messages, newest first' }).getByRole('listitem');
    await sees(rows.nth(2).getByText(exactTime), rows.nth(1).getByText('Failed'));
    expect(await rows.nth(1).getByRole('button', icon).count()).toBe(0);
    await rows.nth(0).getByRole('button', icon).click();
    await tells();
    await page.getByRole('button', { name: 'Reply to “Hello”' }).click();
    await sees(page.getByText(`Replying to ${person.name}`));
  });

  it('R-ROLE-3: an Interviewer writes from the tray alone, and answers as owner in the inbox', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate();
    await person.writes('Hello, may I ask something?');
    const { page, go } = await visitors.as('eva');
    const field = page.getByLabel(`Message to ${person.name}`);
    await go(`/inbox/${person.conversationId}`);
    await sees(page.getByText('As an Interviewer you write from the vacancy: open the candidate there.'));
    expect(await field.count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Start chat' }).count()).toBe(0);

    await go(`/applications/${person.applicationId}`);
    await field.fill('Of course, go ahead');
    await page.keyboard.press('Enter');
    await sees(
      page.getByText('owner: you', { exact: true }),
      page.getByRole('article', { name: /Of course, go ahead/ }).getByRole('img', { name: 'Delivered' }),
    );

    await person.writes('When do I start?');
    await go(`/inbox/${person.conversationId}`);
    await field.fill('On Monday');
    await page.keyboard.press('Enter');
    await sees(page.getByRole('article', { name: /On Monday/ }).getByRole('img', { name: 'Delivered' }));
  });
}
