import { accessibilityFaults, focusIsOn, missing, opensAndCloses, sees, told } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testEnding(scene: () => Scene): void {
  it('R-SEND-2: who is rejected gets a template and is folded away, comes back, and may withdraw', async () => {
    const { visitors, candidate, warehouse, product } = scene();
    const person = await candidate({ stage: 'Trial shift' });
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    const card = page.getByRole('button', { name: `Actions for ${person.name}` });
    const choose = (entry: string) => async () => {
      await card.press('Enter');
      await page.getByRole('menuitem', { name: entry }).press('Enter');
    };
    const reject = await opensAndCloses(card, `Reject ${person.name}?`, choose('Reject…'));
    await reject.getByRole('checkbox', { name: 'Send a message' }).click();
    const submit = reject.getByRole('button', { name: 'Reject', exact: true });
    await sees(reject.getByLabel('Template'));
    await submit.click();
    await focusIsOn(reject.getByLabel('Template'));
    await reject.getByLabel('Template').selectOption({ label: 'checking_in · en' });
    await submit.click();
    await told(page, `${person.name} rejected`);
    await missing(card);
    // the card is gone, and the focus with it
    await focusIsOn(page.getByRole('main'));
    await waitFor(() => product.sandbox.control.messages({ number: person.waId }).length === 1, {
      what: 'the template on the phone',
    });

    const folded = page.getByRole('region', { name: 'Rejected and withdrawn' });
    await folded.getByRole('button', { name: /^Rejected/ }).click();
    const again = folded.getByRole('button', { name: `Reopen ${person.name}` });
    const reopen = await opensAndCloses(again, `Reopen ${person.name}?`);
    await reopen.getByRole('button', { name: 'Reopen' }).click();
    const column = page.getByRole('region', { name: 'Trial shift', exact: true });
    await told(page, `${person.name} reopened`);
    await sees(column.getByRole('link', { name: person.name, exact: true }));

    const withdraw = await opensAndCloses(card, `Withdraw ${person.name}?`, choose('Withdraw…'));
    await withdraw.getByRole('button', { name: 'Withdraw' }).click();
    await told(page, `${person.name} withdrawn`);
    await sees(folded.getByRole('button', { name: /^Withdrawn/ }));
    await missing(column.getByRole('link', { name: person.name, exact: true }));
  });

  it('R-SEND-2: several are rejected with a chosen template by SMS; who has no mobile number is told of', async () => {
    const { visitors, call, candidate, warehouse, product } = scene();
    const stage = 'Screening';
    const people = [await candidate({ stage }), await candidate({ stage })];
    await product.db.query(`update contact_points set phone_type = 'landline' where person_id = $1`, [
      people[1]!.personId,
    ]);
    await call('POST', 'templates', {
      channel: 'sms',
      name: 'No, this time',
      language: 'en',
      body: 'Dear {{candidate.firstName|candidate}}, we have chosen somebody else.',
    });
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    for (const { name } of people) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    const reject = await opensAndCloses(
      page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Reject…' }),
      'Reject 2 candidates?',
    );
    await reject.getByRole('checkbox', { name: 'Send a message' }).click();
    await reject.getByLabel('Channel').selectOption('SMS');
    await reject.getByLabel('Template').selectOption({ label: 'No, this time · en' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await reject.getByRole('button', { name: 'Reject', exact: true }).click();
    await told(page, '2 candidates rejected', /SMS: not sent to 1\. The number is not marked as mobile/);
    await waitFor(() => product.sandbox.control.sms.messages({ number: people[0]!.waId }).length === 1, {
      what: 'the SMS',
    });
  });
}
