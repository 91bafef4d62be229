import fs from 'node:fs';
import { accessibilityFaults, focusIsOn, missing, opensAndCloses, sees, told } from '../support/browser';
import type { Scene } from './scene';

export function testReports(scene: () => Scene): void {
  it('R-LOG-3: messages are counted, drawn, listed and downloaded by the filters, and the filters are kept', async () => {
    const { page, go } = await scene().visitors.as('ruth');
    await go('/reports');
    const chart = (name: string) => page.getByRole('img', { name: new RegExp(`^${name}, .*: \\d+ in all`) });
    await sees(
      chart('Messages per day by channel'),
      chart('Messages per day by state'),
      chart('Credits per day'),
    );
    await page.getByText('As a table').first().click();
    await sees(page.getByRole('region', { name: 'Messages per day by channel' }).getByRole('rowheader'));
    const channel = page.getByLabel('Channel', { exact: true });
    await channel.selectOption('page');
    await sees(page.getByText('Nothing in this period'));
    await channel.selectOption('whatsapp');
    await page.getByLabel('State', { exact: true }).selectOption('failed');
    const list = page.getByRole('list', { name: 'Messages', exact: true });
    await sees(list.getByRole('listitem').getByText('Failed'));
    await missing(list.getByText('Delivered', { exact: true }));
    expect(await accessibilityFaults(page)).toEqual([]);

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as CSV' }).click();
    const [head, ...rows] = fs
      .readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(head).toMatch(/Time \(Europe\/Amsterdam\),Person,Vacancy,Channel/);
    expect(rows).toHaveLength(await list.getByRole('listitem').count());
    for (const row of rows) expect(row).toContain(',whatsapp,out,');

    const saved = page.getByRole('button', { name: 'Saved filters' });
    const dialogue = await opensAndCloses(saved, 'Save filters', async () => {
      await saved.press('Enter');
      await page.getByRole('menuitem', { name: /^Save/ }).press('Enter');
    });
    await dialogue.getByLabel('Name').fill('What failed');
    await page.keyboard.press('Enter');
    await focusIsOn(page.getByRole('button', { name: 'What failed' }));
    await go('/reports');
    await saved.click();
    await page.getByRole('menuitem', { name: 'What failed' }).click();
    await sees(list.getByRole('listitem').getByText('Failed'));
    expect(page.url()).toContain('state=failed');
    await page.getByRole('button', { name: 'What failed' }).click();
    await page.getByRole('menuitem', { name: 'Remove “What failed”' }).click();
    await told(page, '“What failed” removed');
    await sees(saved);
  });

  it('R-ROLE-1: an Interviewer has no reports', async () => {
    const { page, go } = await scene().visitors.as('eva');
    await go('/reports');
    await sees(page.getByText('Reports are for Administrators, Supervisors and Recruiters'));
    expect(await page.getByRole('link', { name: 'Reports' }).count()).toBe(0);
  });
}
