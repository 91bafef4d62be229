import { focusIsOn, holds, missing, opensAndCloses, sees } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testWriting(scene: () => Scene): void {
  it('a message that failed says why and can be tried again', async () => {
    const { visitors, candidate, product } = scene();
    const { control } = product.sandbox;
    const person = await candidate();
    await person.writes('Hello');
    control.misbehave(person.waId, { refuse: { times: 1, code: 131049 } });
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const field = page.getByLabel(`Message to ${person.name}`);
    await field.fill('Are you free on Monday?');
    await field.press('Enter');
    const failed = page.getByRole('article', { name: /Are you free on Monday/ }).first();
    await sees(failed.getByText('Failed.'), failed.getByText(/The provider limits messages to this person/));
    await failed.getByRole('button', { name: 'Try again' }).click();
    await sees(failed.getByRole('button', { name: 'Sent again: show' }));
    await sees(
      page
        .getByRole('article', { name: /Are you free on Monday/ })
        .nth(1)
        .getByRole('img', { name: 'Delivered' }),
    );
    expect(control.messages({ number: person.waId })).toHaveLength(1);
  });

  it('R-SEND-3: writes an e-mail with a title and files; the next one answers in its thread', async () => {
    const { visitors, candidate, call } = scene();
    const person = await candidate({ email: 'written-to@candidate.example' });
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    await page.getByRole('tab', { name: 'E-mail' }).click();
    const field = page.getByLabel(`E-mail to ${person.name}`);
    const title = page.getByRole('textbox', { name: 'Title' });
    await sees(field, page.getByText('To written-to@candidate.example'));
    await title.fill('Your first day');
    await field.fill('Hello {{candidate.firstName}}, all of it is attached.');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'First day.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') });
    await page.getByRole('button', { name: 'Send e-mail' }).click();
    const [firstName] = person.name.split(' ');
    const sent = page.getByRole('article').filter({ hasText: `Hello ${firstName}, all of it is attached.` });
    await sees(sent.getByText('Your first day'), sent.getByRole('link', { name: /First day\.pdf/ }));
    await holds(title, 'Re: Your first day');
    await holds(field, '');

    // R-SEND-7: the next goes later, from a template and with a file
    const body = 'Bring these along, {{candidate.firstName}}.';
    await call('POST', 'templates', {
      channel: 'email',
      name: 'Bring along',
      title: 'x',
      body,
      language: 'en',
    });
    await page.getByRole('button', { name: 'Use a template' }).click();
    const picker = page.getByRole('dialog');
    await picker.getByRole('option', { name: /Bring along/ }).click();
    await sees(picker.getByText(`Bring these along, ${firstName}.`));
    await picker.getByRole('button', { name: 'Use this template' }).click();
    await missing(picker);
    await holds(field, body);
    await title.fill('What to bring');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'List.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') });
    await page.getByRole('button', { name: 'Send later' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Schedule' }).click();
    await page.getByText('1 message will be sent later').click();
    await sees(page.getByText('What to bring', { exact: true }), page.getByText('List.pdf'));
    await page.getByRole('button', { name: 'Cancel What to bring' }).click();
    await missing(page.getByText('1 message will be sent later'));
  });

  it('what is written without a connection goes out by itself, once', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const field = page.getByLabel(`Message to ${person.name}`);
    await sees(field);
    await page.context().setOffline(true);
    await field.fill('Are you free on Monday?');
    await field.press('Enter');
    const mine = page.getByRole('article').filter({ hasText: 'Are you free on Monday?' });
    await sees(mine.getByRole('img', { name: 'Sending' }));
    await page.context().setOffline(false);
    await sees(mine.getByRole('img', { name: 'Delivered' }));
    expect(product.sandbox.control.messages({ number: person.waId })).toHaveLength(1);
  });

  it('keeps what was begun, for each conversation', async () => {
    const { visitors, candidate } = scene();
    const [one, other] = [await candidate(), await candidate()];
    for (const person of [one, other]) await person.writes('Hello');
    const { page, go } = await visitors.as('ruth');
    const field = (name: string) => page.getByLabel(`Message to ${name}`);
    const row = (name: string) => page.getByRole('list', { name: 'My Chats' }).getByRole('link', { name });
    await go(`/inbox/${one.conversationId}`);
    await field(one.name).fill('Half a thought');
    await row(other.name).click();
    await holds(field(other.name), '');
    await sees(row(one.name).getByText('Draft'));
    await page.reload();
    await sees(row(one.name).getByText('Draft'));
    await row(one.name).click();
    await holds(field(one.name), 'Half a thought');
    await field(one.name).press('Enter');
    await row(other.name).click();
    await sees(field(other.name));
    await missing(row(one.name).getByText('Draft'));
  });

  it('what happens in one tab shows in the other', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate();
    const first = await visitors.as('ruth');
    await first.go('/inbox');
    const second = await first.tab();
    await second.go('/inbox');
    const row = second.page.getByRole('list', { name: 'My Chats' }).getByRole('link', { name: person.name });
    await person.writes('Hello, anybody there?');
    await sees(row.getByText('Hello, anybody there?'), row.getByText('1 unread message'));
    await first.go(`/inbox/${person.conversationId}`);
    await sees(first.page.getByText('Hello, anybody there?'));
    await missing(row.getByText('1 unread message'));
    const field = first.page.getByLabel(`Message to ${person.name}`);
    await field.fill('Yes, good morning');
    await field.press('Enter');
    await sees(row.getByText('Yes, good morning'), row.getByText('Active'));
    await missing(row.getByText('Waiting'));
  });

  it('a message twice too long is not sent', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const field = page.getByLabel(`Message to ${person.name}`);
    await field.fill('a'.repeat(4097));
    await sees(page.getByText('4097 of 4096 characters'));
    await field.press('Enter');
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    await field.fill('a');
    await field.press('Enter');
    await waitFor(() => product.sandbox.control.messages({ number: person.waId }).length === 1, {
      what: 'the short one on the phone',
    });
    expect(product.sandbox.control.messages({ number: person.waId })[0]!.text).toBe('a');
  });

  it('R-SEND-1, R-SEND-2: from a chat by three channels at once; all stand in the one conversation', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate({ email: 'hours@mail.example' });
    await person.writes('What are the hours?');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const more = page.getByRole('button', { name: 'More about this chat' });
    const dialogue = await opensAndCloses(more, 'Send message', async () => {
      await more.press('Enter');
      await page.getByRole('menuitem', { name: 'Send message' }).press('Enter');
    });
    await dialogue.getByRole('textbox', { name: 'Text', exact: true }).fill('From seven to four.');
    for (const channel of ['E-mail', 'SMS', 'WhatsApp'])
      await dialogue.getByRole('checkbox', { name: channel, exact: true }).click();
    await dialogue.getByRole('textbox', { name: 'Title', exact: true }).fill('Your hours');
    await sees(dialogue.getByRole('status').getByText(/^It will cost 2 credits/));
    await dialogue.getByRole('button', { name: 'Send', exact: true }).click();
    await missing(dialogue);
    await focusIsOn(more);
    await sees(page.getByText('owner: you', { exact: true }));
    const messages = page.getByRole('article', { name: /From seven to four/ });
    for (const [channel, state] of Object.entries({
      WhatsApp: 'Delivered',
      SMS: 'Delivered',
      'E-mail': 'Sent',
    }))
      await sees(messages.getByRole('button', { name: new RegExp(`^${channel}, .*, ${state}`) }));
    expect(await messages.count()).toBe(3);
    expect(product.sandbox.control.messages({ number: person.waId })).toHaveLength(1);
  });
}
