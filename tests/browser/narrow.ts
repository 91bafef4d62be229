import { settingsSections } from './accessibility';
import { missing, sees, tooWide } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

const phoneSize = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

export function testNarrow(scene: () => Scene): void {
  it('one goes from the inbox to a conversation, writes, and comes back', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Is there a bus?');
    const { page, go } = await visitors.as('ruth', phoneSize);
    await go('/inbox');
    const row = page.getByRole('list', { name: 'My Chats' }).getByRole('link', { name: person.name });
    await sees(row);
    expect(await tooWide(page)).toEqual([]);
    await row.tap();
    const field = page.getByLabel(`Message to ${person.name}`);
    await sees(field, page.getByRole('heading', { name: person.name, level: 1 }));
    await missing(row);
    expect(await tooWide(page)).toEqual([]);
    await field.fill('Yes, number 69, and it stops right in front of the gate of the warehouse');
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await waitFor(() => product.sandbox.control.messages({ number: person.waId }).length === 1, {
      what: 'the answer on the phone',
    });
    const bottom = (await field.boundingBox())!;
    expect(bottom.y + bottom.height).toBeLessThan(812);
    await page.getByRole('button', { name: 'Show details', exact: true }).tap();
    await sees(page.getByRole('dialog').getByText('Responsible user'));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Back to the list' }).tap();
    await sees(row);
  });

  it('no page is wider than the screen', async () => {
    const { visitors, candidate, warehouse } = scene();
    const { personId, applicationId } = await candidate();
    const { page, go } = await visitors.as('anna', phoneSize);
    const wide: string[] = [];
    for (const path of [
      '/vacancies',
      `/vacancies/${warehouse.id}`,
      '/people',
      ...['whatsapp', 'timeline', 'details'].map((tab) => `/people/${personId}?tab=${tab}`),
      `/applications/${applicationId}`,
      '/people/import',
      '/people?view=employer',
      '/mail',
      '/sends',
      '/reports',
      ...settingsSections.map((section) => `/settings/${section}`),
      '/account',
    ]) {
      await go(path);
      await sees(page.getByRole('heading', { level: 1 }));
      await missing(page.locator('main').getByRole('status', { name: 'Loading…' }));
      wide.push(...(await tooWide(page)).map((element) => `${path}: ${element}`));
    }
    expect(wide).toEqual([]);
  });
}
