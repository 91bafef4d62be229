import { sees } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

const dayMs = 24 * 3600_000;

export function testADayPasses(scene: () => Scene): void {
  it('R-CHAT-2, R-CHAT-4, R-CHAT-5: then free text is refused in words, a template is taken, and without an answer the chat closes', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello, may I ask something?');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const field = page.getByLabel(`Message to ${person.name}`);
    await field.fill('Of course, go ahead');
    await field.press('Enter');
    const status = (words: RegExp) =>
      page
        .getByRole('region', { name: /^Conversation with/ })
        .getByRole('paragraph')
        .filter({ hasText: words });
    await sees(status(/Active\W*owner: you/));
    const onPhone = (words: string) =>
      waitFor(
        () =>
          product.sandbox.control.messages({ number: person.waId }).some(({ text }) => text.includes(words)),
        { what: `"${words}" on the phone` },
      );
    await onPhone('Of course, go ahead');

    product.clock.advance(dayMs + 60_000);
    const { csrfToken } = (await (await page.request.get('/api/v1/me')).json()) as { csrfToken: string };
    const refusal = await page.request.post(`/api/v1/conversations/${person.conversationId}/messages`, {
      headers: { 'X-CSRF-Token': csrfToken },
      data: { type: 'text', text: 'Are you still there?' },
    });
    expect(await refusal.json()).toMatchObject({
      code: 'window_closed',
      detail: expect.stringMatching(/^The 24-hour window is closed\. Send an approved template/) as string,
    });
    await page.reload();
    await sees(status(/Open\W*last owner: you/));
    await sees(
      page.getByText('Window closed: templates only'),
      page.getByText('The 24-hour window is closed'),
    );
    expect(await field.count()).toBe(0);

    await page.getByRole('button', { name: 'Choose a template' }).click();
    await page.getByRole('option', { name: /Checking in.*\ben\b/ }).click();
    await sees(page.getByRole('dialog').getByText(/this is Ruth from Brightwater/));
    await page.getByRole('button', { name: 'Send template' }).click();
    await sees(status(/Active\W*owner: you/));
    await onPhone('this is Ruth from Brightwater');

    product.clock.advance(dayMs + 60_000);
    await page.reload();
    await sees(status(/Open\W*last owner: you/));
    product.clock.advance(dayMs);
    await page.reload();
    await sees(status(/Closed\W*last owner: you/));
  });
}
