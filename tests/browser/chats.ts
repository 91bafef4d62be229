import type { Page } from 'playwright-core';
import { conversationWorkflowId } from '../../src/domain/workflow-ids';
import { missing, pick, sees, told } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

const header = (page: Page, words: string) => page.getByText(words, { exact: true });

export function testChats(scene: () => Scene): void {
  it('R-CHAT-2, R-CHAT-3: who answers owns the chat, and a colleague sees whose it is and cannot write', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello, may I ask something?');
    const ruth = await visitors.as('ruth');
    const tom = await visitors.as('tom');
    await ruth.go(`/inbox/${person.conversationId}`);
    await tom.go(`/inbox/${person.conversationId}`);
    const field = (page: Page) => page.getByLabel(`Message to ${person.name}`);
    await sees(field(ruth.page), field(tom.page), ruth.page.getByText('Tom Janssen is here too'));
    await waitFor(
      async () => {
        // it is shown for some seconds, then she looks on
        await field(ruth.page).pressSequentially('Of');
        return tom.page.getByText('Ruth Okafor is typing…').isVisible();
      },
      { what: 'that she is typing' },
    );
    await field(ruth.page).fill('Of course, go ahead');
    await ruth.page.getByRole('button', { name: 'Send', exact: true }).click();

    await sees(header(ruth.page, 'owner: you'), header(tom.page, 'owner: Ruth Okafor'));
    await sees(tom.page.getByText('Ruth Okafor owns this chat.'), tom.page.getByText('Of course, go ahead'));
    await missing(field(tom.page));
    await waitFor(
      () => product.sandbox.control.messages({ number: person.waId })[0]?.text === 'Of course, go ahead',
      { what: 'the answer on the phone' },
    );
  });

  it('R-CHAT-4, R-CHAT-8: closed it goes to the responsible user, anybody may start it, and it can be handed over', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate({ responsible: 'ines' });
    await person.writes('Hello, may I ask something?');
    const [ruth, ines, tom] = [
      await visitors.as('ruth'),
      await visitors.as('ines'),
      await visitors.as('tom'),
    ];
    const mine = (page: Page) =>
      page.getByRole('list', { name: 'My Chats' }).getByRole('link', { name: person.name });
    const field = (page: Page) => page.getByLabel(`Message to ${person.name}`);
    await ines.go('/inbox');
    await sees(mine(ines.page));
    await ruth.go(`/inbox/${person.conversationId}`);
    await field(ruth.page).fill('Of course, go ahead');
    await field(ruth.page).press('Enter');
    await sees(mine(ruth.page));
    await missing(mine(ines.page));

    await tom.go(`/inbox/${person.conversationId}`);
    await sees(tom.page.getByText('Ruth Okafor owns this chat.'));
    await ruth.page.getByRole('button', { name: 'Close chat' }).click();
    await told(ruth.page, 'Chat closed: it is Open now');
    await sees(header(ruth.page, 'last owner: you'));
    await sees(mine(ines.page).getByText('Open', { exact: true }), field(tom.page));
    await missing(mine(ruth.page));

    await tom.page.getByRole('button', { name: 'Start chat' }).click();
    await sees(header(tom.page, 'owner: you'), header(ruth.page, 'owner: Tom Janssen'));
    await missing(mine(ines.page), field(ruth.page));

    await tom.page.getByRole('button', { name: 'More about this chat' }).click();
    await tom.page.getByRole('menuitem', { name: 'Hand over' }).click();
    const dialog = tom.page.getByRole('dialog', { name: 'Hand over the chat' });
    await pick(dialog.getByRole('button', { name: /^Colleague/ }), 'inês');
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    await told(tom.page, 'Inês Carvalho owns the chat now');
    await sees(header(tom.page, 'owner: Inês Carvalho'));
    await missing(field(tom.page));
    await sees(mine(ines.page).getByText('You', { exact: true }));
    await told(ines.page, person.name);

    await ruth.page.getByRole('tab', { name: 'Timeline' }).click();
    const timeline = ruth.page.getByRole('list', { name: 'Timeline' });
    for (const words of [/started/i, /closed/i, /handed.* over/i])
      await sees(timeline.getByRole('listitem').filter({ hasText: words }));
  });

  it('R-ROLE-3: an Interviewer is led from the inbox to the match, and writes there', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello, may I ask something?');
    const { page, go } = await visitors.as('eva');
    const field = page.getByLabel(`Message to ${person.name}`);
    await go(`/inbox/${person.conversationId}`);
    await sees(page.getByText('As an Interviewer you write from the vacancy'));
    expect(await field.count()).toBe(0);
    const { csrfToken } = (await (await page.request.get('/api/v1/me')).json()) as { csrfToken: string };
    const refusal = await page.request.post(`/api/v1/conversations/${person.conversationId}/messages`, {
      headers: { 'X-CSRF-Token': csrfToken },
      data: { type: 'text', text: 'From the inbox' },
    });
    expect(refusal.status()).toBe(403);

    await page.getByRole('link', { name: 'Open the match' }).click();
    await field.fill('From the tray');
    await field.press('Enter');
    await sees(header(page, 'owner: you'));
    await waitFor(
      () => product.sandbox.control.messages({ number: person.waId })[0]?.text === 'From the tray',
      {
        what: 'the answer on the phone',
      },
    );
  });

  it('lets operators find a conversation in Temporal, and links Administrators alone to it', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello?');
    const workflowId = conversationWorkflowId(person.conversationId);
    await waitFor(
      async () => {
        const found = product.temporal.client.workflow.list({
          query: `ParleyPerson = '${person.personId}' and ParleyChatStatus = 'open'`,
        });
        for await (const { workflowId: id } of found) return id === workflowId;
        return false;
      },
      { what: 'the conversation, by its search attributes' },
    );

    const anna = await visitors.as('anna');
    await anna.go(`/inbox/${person.conversationId}`);
    const link = (page: Page) => page.getByRole('link', { name: 'Workflow in Temporal' });
    await sees(link(anna.page));
    expect(decodeURIComponent((await link(anna.page).getAttribute('href'))!)).toContain(workflowId);
    const marco = await visitors.as('marco');
    await marco.go(`/inbox/${person.conversationId}`);
    await sees(marco.page.getByRole('complementary', { name: 'Details' }).getByText('Responsible user'));
    expect(await link(marco.page).count()).toBe(0);
  });

  it('R-CHAT-10: the unanswered mark goes when no answer is needed', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate();
    await person.writes('Thank you!');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const row = page.getByRole('list', { name: 'My Chats' }).getByRole('link', { name: person.name });
    await sees(row.getByText('Waiting'));
    await page.getByRole('button', { name: 'More about this chat' }).click();
    await page.getByRole('menuitem', { name: 'No answer needed' }).click();
    await told(page, 'No longer marked as unanswered');
    await missing(row.getByText('Waiting'));
  });
}
