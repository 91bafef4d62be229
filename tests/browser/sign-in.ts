import { missing, sees } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testSignIn(scene: () => Scene): void {
  it('says that the password is wrong, and returns to where one wanted to go', async () => {
    const { visitors, warehouse, product } = scene();
    const { page, go } = await visitors.stranger();
    await go(`/vacancies/${warehouse.id}`);
    await sees(page.getByText('Sign in to go on where you were.'));
    await page.getByLabel('E-mail').fill('ruth@brightwater.example');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await sees(page.getByRole('alert'));
    expect(await page.getByRole('alert').textContent()).toMatch(/password/i);
    await page.getByLabel('Password').fill(product.password);
    await page.keyboard.press('Enter');
    await sees(page.getByRole('heading', { name: /^Warehouse operative/, level: 1 }));
    expect(new URL(page.url()).pathname).toBe(`/vacancies/${warehouse.id}`);
  });

  it('asks to sign in again when the session is over, and keeps what was written', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Is the job still open?');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const field = page.getByLabel(`Message to ${person.name}`);
    await field.fill('Yes, it is');
    await product.db.query('delete from sessions');
    // By then the page may have noticed.
    await page.keyboard.press('Enter');
    await sees(page.getByRole('heading', { name: 'Sign in' }));
    await page.getByLabel('E-mail').fill('ruth@brightwater.example');
    await page.getByLabel('Password').fill(product.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await sees(page.getByRole('region', { name: `Conversation with ${person.name}` }));
    await waitFor(
      async () =>
        (await page.getByText('Yes, it is').count()) > 0 ||
        ((await field.count()) > 0 && (await field.inputValue()) === 'Yes, it is'),
      { what: 'the words written before' },
    );
  });

  it('signs out, also in the other tab', async () => {
    const { visitors } = scene();
    const first = await visitors.as('tom');
    await first.go('/inbox');
    const second = await first.tab();
    await second.go('/people');
    await sees(second.page.getByRole('heading', { name: 'People' }));
    await first.page.getByRole('button', { name: /^Account/ }).click();
    await first.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await sees(first.page.getByRole('heading', { name: 'Sign in' }));
    await sees(second.page.getByRole('heading', { name: 'Sign in' }));
    await missing(second.page.getByRole('heading', { name: 'People' }));
  });
}
