import { accessibilityFaults, focusIsOn, missing, opensAndCloses, sees, told } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testPeople(scene: () => Scene): void {
  it('R-SEND-2: the candidate base is narrowed, the search kept by a name, and found again', async () => {
    const { visitors } = scene();
    const { page, go } = await visitors.as('ruth');
    await go('/people');
    const found = page.getByRole('status').filter({ hasText: /^\d+ people$/ });
    await sees(found);
    const all = await found.first().textContent();
    const filters = page.getByRole('button', { name: /^Filters/ });
    await filters.press('Enter');
    await page.getByLabel('Consent to WhatsApp').selectOption('no');
    await waitFor(async () => (await found.first().textContent()) !== all, { what: 'fewer people' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await focusIsOn(filters);
    await sees(page.getByRole('button', { name: 'Filters, 1 on' }));

    await page.getByRole('button', { name: 'Saved searches' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Save this search' }).press('Enter');
    await page.getByRole('dialog', { name: 'Save this search' }).getByLabel('Name').fill('To be asked');
    await page.keyboard.press('Enter');
    const saved = page.getByRole('button', { name: 'To be asked' });
    await focusIsOn(saved);
    await go('/people');
    await page.getByRole('button', { name: 'Saved searches' }).click();
    await page.getByRole('menuitem', { name: 'To be asked' }).click();
    await sees(saved, page.getByRole('button', { name: 'Filters, 1 on' }));
    await saved.click();
    await page.getByRole('menuitem', { name: /^Remove/ }).click();
    await missing(saved);

    const box = (on: typeof page) =>
      on.getByRole('list', { name: 'Candidates' }).getByRole('checkbox').first();
    await box(page).click();
    const selection = page.getByRole('region', { name: 'Selection' });
    const dialogue = await opensAndCloses(
      selection.getByRole('button', { name: 'Send message' }),
      'Send message',
    );
    await sees(dialogue.getByText('To 1 person'));
    // without access to the own base nobody is chosen here (R-ROLE-1)
    const tom = await visitors.as('tom');
    await tom.go('/people');
    await sees(tom.page.getByRole('list', { name: 'Candidates' }).getByRole('link'));
    expect(await box(tom.page).count()).toBe(0);
  });

  it('R-SEND-8: a CSV file is checked row by row before it comes in, and what was left out comes back as a file', async () => {
    const { page, go } = await scene().visitors.as('ruth');
    await go('/people/import');
    await page.getByLabel('Choose a CSV file').setInputFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        [
          'First name;Last name;Mobile;E-mail;Consent;Evidence',
          'Lena;Brandhorst;+31612009901;lena@mail.example;yes;On paper, 3 May',
          'Otto;Brandhorst;+31612009902;no address;no;',
          'Paula;Brandhorst;+31612009903;;yes;',
        ].join('\n'),
      ),
    });
    await focusIsOn(page.getByRole('heading', { name: 'Columns' }));
    await sees(page.getByText('2 new, 0 updated, 1 left out', { exact: true }));
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await sees(
      row('Lena').getByText('New person'),
      row('Otto').getByText(/e-mail address/),
      row('Paula').getByText('Consent without evidence: not recorded'),
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'To look at (2)' }).click();
    await missing(row('Lena'));
    await page.getByRole('button', { name: 'Import 2 people' }).click();
    await focusIsOn(page.getByText('Imported', { exact: true }));
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download what was left out' }).click();
    expect((await download).suggestedFilename()).toBe('left-out.csv');
    await page.getByRole('link', { name: 'To the people' }).click();
    await page.getByLabel('Search by name, number or address').fill('Brandhorst');
    await sees(page.getByText('2 people', { exact: true }));
    await sees(
      page
        .getByRole('listitem')
        .filter({ hasText: 'Lena Brandhorst' })
        .getByRole('img', { name: /consent/i }),
    );
  });

  it('R-CHAT-13: one of two who are the same person becomes a part of the other', async () => {
    const { visitors, call, candidate } = scene();
    const kept = await candidate();
    const [firstName, lastName] = kept.name.split(' ');
    const { id } = await call<{ id: string }>('POST', 'people', {
      firstName,
      lastName,
      contactPoints: [{ kind: 'email', value: 'twice@mail.example' }],
    });
    const { page, go } = await visitors.as('ruth');
    await go(`/people/${id}`);
    const dialogue = await opensAndCloses(page.getByRole('button', { name: 'Merge' }), `Merge ${kept.name}`);
    await dialogue.getByRole('button', { name: kept.name }).press('Enter');
    const result = dialogue.getByRole('region');
    await sees(result.getByText('twice@mail.example'), result.getByText(/^Warehouse operative.*: New$/));
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialogue.getByRole('button', { name: 'Merge', exact: true }).click();
    await told(page, `Merged into ${kept.name}`);
    const ofKept = ({ pathname }: URL) => pathname === `/people/${kept.personId}`;
    await page.waitForURL(ofKept);
    // who has the old address is led there too
    await go(`/people/${id}?tab=details`);
    await sees(page.getByText('twice@mail.example'));
    await page.waitForURL(ofKept);
  });
}
