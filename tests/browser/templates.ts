import { accessibilityFaults, focusIsOn, missing, opensAndCloses, sees, told } from '../support/browser';
import type { Scene } from './scene';

export function testTemplates(scene: () => Scene): void {
  it('R-SEND-5: one for e-mail is written, an unknown variable refused at its field, changed, and its versions kept', async () => {
    const { visitors } = scene();
    const { page, go } = await visitors.as('ruth');
    await go('/settings/templates/new');
    const field = (name: string) => page.getByRole('textbox', { name, exact: true });
    await field('Name').fill('Kind refusal');
    await page.getByLabel('Folder', { exact: true }).last().fill('Rejections');
    await field('Title').fill('Your application as {{vacancy.title}}');
    await field('Text').fill('Dear {{candidate.firstname}}, we chose somebody else.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await focusIsOn(field('Text'));
    await sees(page.getByText(/candidate\.firstname.* (unknown|not)/i));
    expect(await accessibilityFaults(page)).toEqual([]);
    await field('Text').fill('Dear {{candidate.firstName|applicant}}, we chose somebody else.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await sees(page.getByText('Folder: Rejections'));
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Edit', exact: true }).press('Enter');
    await focusIsOn(field('Name'));
    await field('Text').fill('Dear {{candidate.firstName|applicant}}, thank you. We chose somebody else.');
    await page.getByRole('switch', { name: /^Personal/ }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await sees(page.getByText(/Version 2/), page.getByRole('article').getByText('Personal', { exact: true }));
    await page.getByText('Earlier versions').press('Enter');
    await sees(page.getByText(/, we chose somebody else/));

    // personal: a colleague does not find it
    const tom = await visitors.as('tom');
    await tom.go('/settings/templates');
    const search = (on: typeof page) => on.getByLabel('Search templates').fill('Kind refusal');
    await search(tom.page);
    await sees(tom.page.getByText('No template found'));
    await search(page);
    await sees(page.getByRole('link', { name: /Kind refusal/ }));
    const dialogue = await opensAndCloses(
      page.getByRole('button', { name: 'Delete', exact: true }),
      'Delete Kind refusal?',
    );
    await dialogue.getByRole('button', { name: 'Delete' }).click();
    await told(page, 'Template deleted');
    await missing(page.getByRole('link', { name: /Kind refusal/ }));
  });

  it('one for WhatsApp is submitted, and its status stands beside it', async () => {
    const { page, go } = await scene().visitors.as('anna');
    await go('/settings/templates/new');
    await page.getByRole('combobox', { name: 'Channel' }).selectOption('whatsapp');
    await page.getByRole('textbox', { name: 'Name', exact: true }).pressSequentially('Second round');
    await page
      .getByRole('textbox', { name: 'Text', exact: true })
      .fill('Hello {{candidate.firstName|there}}, shall we meet again?');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save and submit for approval' }).click();
    await sees(page.getByRole('article').getByText(/^(In review|Approved)$/));
    await sees(page.getByRole('link', { name: /Second round.*(In review|Approved)/ }));
    expect(await accessibilityFaults(page)).toEqual([]);
  });
}
