import { sees } from '../support/browser';
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
    await sees(page.getByText('Automatic action included in Offer'));

    await page.getByRole('button', { name: `Actions for ${person.name}` }).click();
    await page.getByRole('menuitem', { name: 'Offer' }).click();
    await sees(page.getByText('WhatsApp: “checking_in” will be sent when its delay is over.'));
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
    await sees(page.getByText('Automatic action removed'));
  });
}
