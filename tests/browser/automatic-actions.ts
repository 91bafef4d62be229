import { accessibilityFaults, holds, sees, told } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testAutomaticActions(scene: () => Scene): void {
  it('R-AUTO-1, R-AUTO-3, R-AUTO-5: one with a delay is tried, included, waited for, cancelled and removed', async () => {
    const { visitors, candidate, warehouse } = scene();
    const person = await candidate({ stage: 'Trial shift' });
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    await page.getByRole('button', { name: 'Menu of the stage Offer' }).click();
    await page.getByRole('menuitem', { name: 'Include automatic action' }).click();
    await page.getByRole('button', { name: /^Send message/ }).click();
    await page.getByLabel('Template', { exact: true }).selectOption({ label: 'checking_in · en' });
    await page.getByRole('checkbox', { name: 'WhatsApp' }).click();
    await page.getByLabel('Delay', { exact: true }).fill('2');
    await page.getByLabel('Unit of the delay').selectOption('days');
    await page.getByRole('button', { name: 'Try it' }).click();
    await sees(page.getByText(/entered this stage in the past 30 days/));
    await page.getByRole('dialog').getByRole('button', { name: 'Include automatic action' }).click();
    await told(page, 'Automatic action included in Offer');

    await page.getByRole('button', { name: `Actions for ${person.name}` }).click();
    await page.getByRole('menuitem', { name: 'Offer' }).click();
    await told(page, 'WhatsApp: “checking_in” will be sent when its delay is over.');
    await go(`/applications/${person.applicationId}?tab=details`);
    await sees(page.getByText(/It waits for its delay/));
    await page.getByRole('button', { name: 'Cancel Checking in' }).click();
    await sees(page.getByText('Nothing is planned.'));
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await sees(page.getByText('“checking_in” on WhatsApp was not sent. The message was cancelled'));

    await go(`/vacancies/${warehouse.id}`);
    await page.getByRole('button', { name: '1 automatic action: Offer' }).click();
    await sees(page.getByText('WhatsApp, after 2 days'));
    await page.getByRole('button', { name: /^Remove the automatic action/ }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await told(page, 'Automatic action removed');
  });

  it('R-AUTO-1, R-SEND-10: one text by three channels after a delay; changed it goes at once, but for the quiet hours', async () => {
    const { visitors, call, candidate, warehouse } = scene();
    const person = await candidate({ stage: 'Trial shift', email: 'contract@mail.example' });
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    await page.getByRole('button', { name: 'Menu of the stage Hired' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Include automatic action' }).press('Enter');
    const include = page.getByRole('dialog', { name: 'Include automatic action' });
    await include.getByRole('button', { name: /^Send message/ }).click();
    await include.getByLabel('Template', { exact: true }).selectOption('Composed text');
    const save = include.getByRole('button', { name: 'Include automatic action' });
    await save.click();
    await sees(
      include.getByText('Choose a template or write a text.'),
      include.getByText('Check at least one channel.'),
    );
    await include.getByLabel('Text', { exact: true }).fill('Welcome, {{candidate.firstName|you}}.');
    for (const channel of ['WhatsApp', 'SMS', 'E-mail'])
      await include.getByRole('checkbox', { name: channel, exact: true }).click();
    await save.click();
    await sees(include.getByText('An e-mail needs a title.'));
    await include.getByLabel('Title of the e-mail').fill('Welcome');
    await include.getByLabel('Delay', { exact: true }).fill('2');
    await include.getByLabel('Unit of the delay').selectOption('hours');
    expect(await accessibilityFaults(page)).toEqual([]);
    await save.click();
    await told(page, 'Automatic action included in Hired');

    const actions = page.getByRole('button', { name: '1 automatic action: Hired' });
    await actions.click();
    const list = page.getByRole('dialog', { name: 'Automatic actions of Hired' });
    await sees(
      list.getByText('Send message: Welcome'),
      list.getByText('WhatsApp, SMS, E-mail, after 2 hours'),
    );
    await list.getByRole('button', { name: /^Edit the automatic action/ }).click();
    const edit = page.getByRole('dialog', { name: 'Edit automatic action' });
    await holds(edit.getByLabel('Text', { exact: true }), 'Welcome, {{candidate.firstName|you}}.');
    await holds(edit.getByLabel('Delay', { exact: true }), '2');
    await edit.getByRole('checkbox', { name: 'WhatsApp', exact: true }).click();
    await edit.getByLabel('Delay', { exact: true }).fill('0');
    await edit.getByRole('button', { name: 'Save' }).click();
    await actions.click();
    await sees(list.getByText('SMS, E-mail, at once'));
    await page.keyboard.press('Escape');

    const usual = await call<object>('GET', 'quiet-hours');
    await call('PUT', 'quiet-hours', { quietHours: { from: clockIn(-2), until: clockIn(2) } });
    await page.getByRole('button', { name: `Actions for ${person.name}` }).click();
    await page.getByRole('menuitem', { name: 'Hired' }).click();
    for (const channel of ['SMS', 'E-mail'])
      await told(page, `${channel}: “Composed text” will be sent when the quiet hours end.`);
    await go(`/applications/${person.applicationId}?tab=details`);
    await sees(page.getByText(/quiet hours/));
    const cancel = page.getByRole('button', { name: /^Cancel / });
    await waitFor(async () => (await cancel.count()) === 2, { what: 'two that are planned' });
    await cancel.first().click();
    await waitFor(async () => (await cancel.count()) === 1, { what: 'one left' });
    await cancel.click();
    await sees(page.getByText('Nothing is planned.'));
    await call('PUT', 'quiet-hours', usual);
  });
}

/** So many hours from now, on the clock of candidates in the Netherlands. */
const clockIn = (hours: number): string =>
  new Date(Date.now() + hours * 3600_000).toLocaleTimeString('en-GB', {
    timeZone: 'Europe/Amsterdam',
    hour: '2-digit',
    minute: '2-digit',
  });
