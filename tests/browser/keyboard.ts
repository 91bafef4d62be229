import type { Page } from 'playwright-core';
import { focusedName, focusIsOn, missing, sees, told } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testKeyboard(scene: () => Scene): void {
  it('a dialogue opened from a menu gives the focus back to its button', async () => {
    const { visitors, warehouse } = scene();
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    await page.getByRole('button', { name: 'Menu of the stage Interview' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await sees(page.getByRole('dialog', { name: 'Rename stage' }));
    await page.keyboard.press('Escape');
    await focused(page, 'Menu of the stage Interview');
  });

  it('one finds and opens a chat, writes, sends a template, closes it and leaves a note for a colleague', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Is there a bus?');
    const { page, go } = await visitors.as('ruth');
    const { keyboard } = page;
    const onPhone = (words: string) =>
      waitFor(
        () =>
          product.sandbox.control.messages({ number: person.waId }).some(({ text }) => text.includes(words)),
        { what: `"${words}" on the phone` },
      );
    await go('/inbox');
    await sees(page.getByRole('list', { name: 'My Chats' }));

    await keyboard.press('/');
    await keyboard.type(person.name);
    await waitFor(async () => (await page.locator('[data-row]').count()) === 1, { what: 'one chat found' });
    await keyboard.press('Enter');
    await keyboard.press('Enter');
    await sees(
      page.getByRole('region', { name: `Messages with ${person.name}` }).getByText('Is there a bus?'),
    );

    await keyboard.press('c');
    await focused(page, `Message to ${person.name}`);
    await keyboard.type('Yes, number 69');
    await keyboard.press('Enter');
    await onPhone('Yes, number 69');

    await keyboard.type('/check');
    await sees(page.getByRole('listbox', { name: 'Choose a template' }).getByRole('option'));
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    await focused(page, 'Send template');
    await keyboard.press('Enter');
    await onPhone('Brightwater Recruitment');
    await focused(page, `Message to ${person.name}`);

    await sees(page.getByRole('button', { name: 'Close chat' }));
    await tabTo(page, 'Close chat', 'Shift+Tab');
    await keyboard.press('Enter');
    await told(page, 'Chat closed: it is Open now');
    // the button is gone, and the focus with it
    await focusIsOn(page.getByRole('main'));

    // From tab to tab the focus goes by arrow keys.
    await tabTo(page, 'WhatsApp', 'Tab');
    await keyboard.press('ArrowRight');
    const noteField = page.getByRole('textbox', { name: 'Note' });
    await sees(noteField);
    await keyboard.press('Tab');
    await sees(noteField.and(page.locator(':focus')));
    await keyboard.type('Could you see this one on Thursday, @ev');
    await sees(
      page.getByRole('listbox', { name: 'Colleagues' }).getByRole('option', { name: /Eva Lindqvist/ }),
    );
    await keyboard.press('Enter');
    await keyboard.type('please?');
    await keyboard.press('Control+Enter');
    const note = page.getByRole('article', { name: 'Note by Ruth Okafor' });
    await sees(
      note.getByText('Could you see this one on Thursday, @Eva Lindqvist please?'),
      note.getByText('also for Eva Lindqvist'),
    );

    await focused(page, `Message to ${person.name}`);
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    await sees(page.getByText('Choose a chat'));

    // a note is never sent, and the colleague is told
    expect(product.sandbox.control.messages({ number: person.waId })).toHaveLength(2);
    const eva = await visitors.as('eva');
    await eva.go('/inbox');
    await eva.page.getByRole('button', { name: /^Notifications, \d+ new/ }).click();
    await sees(eva.page.getByRole('dialog').getByRole('button', { name: person.name }));
    const tom = await visitors.as('tom');
    await tom.go(`/inbox/${person.conversationId}`);
    await sees(tom.page.getByText('Yes, number 69'));
    await missing(tom.page.getByText('Could you see this one'));
  });
}

async function focused(page: Page, name: string): Promise<void> {
  await waitFor(async () => (await focusedName(page)) === name, { what: `the focus on ${name}` });
}

async function tabTo(page: Page, name: string, key: 'Tab' | 'Shift+Tab'): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press(key);
    passed.push(await focusedName(page));
    if (passed.at(-1) === name) return;
  }
  throw new Error(`${name} cannot be reached by ${key}, only ${passed.join(' → ')}`);
}
