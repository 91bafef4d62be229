import {
  accessibilityFaults,
  focusIsOn,
  missing,
  opensAndCloses,
  pick,
  sees,
  tooWide,
} from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testSending(scene: () => Scene): void {
  it('R-SEND-1, R-SEND-3: from a file: a text with a variable by e-mail and SMS; WhatsApp says why not; saved as a template', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate({ email: 'papers@mail.example' });
    const { page, go } = await visitors.as('ruth');
    await go(`/people/${person.personId}`);
    const opener = page.getByRole('button', { name: 'Send message' });
    const dialogue = await opensAndCloses(opener, 'Send message');
    const box = (channel: string) => dialogue.getByRole('checkbox', { name: channel, exact: true });
    const send = dialogue.getByRole('button', { name: 'Send', exact: true });
    await sees(dialogue.getByText(/^The 24-hour window is closed/));
    expect([await box('WhatsApp').isDisabled(), await send.isDisabled()]).toEqual([true, true]);
    const written = dialogue.getByRole('textbox', { name: 'Text', exact: true });
    await written.pressSequentially('{{candidate.f');
    await sees(page.getByRole('option', { name: /first name/ }));
    await page.keyboard.press('Escape');
    await missing(page.getByRole('option', { name: /first name/ }));
    await written.fill('Hello {{candidate.firstName|there}}, bring your papers.');
    const [firstName] = person.name.split(' ');
    await sees(dialogue.getByText(`Hello ${firstName}, bring your papers.`));
    await box('E-mail').click();
    await box('SMS').click();
    await sees(dialogue.getByRole('status').getByText(/^It will cost 1 credit; the balance is \d+\.$/));
    await send.click();
    const title = dialogue.getByRole('textbox', { name: 'Title', exact: true });
    await focusIsOn(title);
    await sees(dialogue.getByText('An e-mail needs a title. Add one.'));
    await title.fill('About {{candidate.firstName|you}}');
    await sees(dialogue.getByText(`About ${firstName}`));
    await dialogue.getByRole('button', { name: 'Save as template' }).click();
    await dialogue.getByLabel('Name of the template').fill('Bring papers');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialogue.getByRole('button', { name: 'Save as template' }).click();
    await sees(page.getByText('Saved as template'));
    await send.click();
    await missing(dialogue);
    await focusIsOn(opener);
    await page.getByRole('tab', { name: 'Messages' }).click();
    const messages = page.getByRole('list').getByRole('listitem').filter({ hasText: 'bring your papers' });
    await waitFor(async () => (await messages.count()) === 2, { what: 'one by e-mail, one by SMS' });
  });

  it('R-SEND-6: to the selected of a board: who will get it and who not, and what became of each', async () => {
    const { visitors, candidate, warehouse, product } = scene();
    const stage = 'Hired';
    const people = [await candidate({ stage }), await candidate({ stage }), await candidate({ stage })];
    await product.db.query(`update contact_points set phone_type = 'landline' where person_id = $1`, [
      people[0]!.personId,
    ]);
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    for (const { name } of people) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    await sees(page.getByText('3 selected'));
    const dialogue = await opensAndCloses(
      page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Send message' }),
      'Send message',
    );
    await dialogue.getByRole('tab', { name: 'Template' }).click();
    await pick(dialogue.getByRole('button', { name: /Choose a template/ }), 'checking');
    const whatsApp = dialogue.getByRole('checkbox', { name: 'WhatsApp', exact: true });
    await sees(dialogue.getByText('2 of 3 will get it, 2 credits'), dialogue.getByText(/^1 not: /));
    await whatsApp.click();
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialogue.getByRole('button', { name: 'Send 2 messages' }).click();
    await sees(page.getByText('Finished', { exact: true }));
    await sees(page.getByText(/^3 planned · 2 sent · 1 suppressed$/));
    const result = (name: string) => page.getByRole('listitem').filter({ hasText: name });
    await sees(
      result(people[0]!.name).getByText('Suppressed'),
      result(people[0]!.name).getByText(/not marked as mobile/),
      result(people[1]!.name).getByRole('link', { name: 'View Message' }),
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    for (const { waId } of people.slice(1))
      expect(product.sandbox.control.messages({ number: waId })).toHaveLength(1);
    await page.getByRole('tab', { name: /^Suppressed/ }).click();
    await missing(result(people[1]!.name));
  });

  it('R-SEND-6: what is paused is resumed or cancelled, on a phone', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    const { page, go } = await visitors.as('ruth', {
      viewport: { width: 375, height: 812 },
      hasTouch: true,
      isMobile: true,
    });
    const paused = async (name: string) => {
      const id = await product.value<string>(
        `insert into bulk_sends (organization_id, id, name, state, channels, body, created_by_id, planned, created_at)
         select organization_id, gen_random_uuid(), $1, 'paused', '{sms}', 'We have jobs.', id, 1, now()
         from users where email = 'ruth@brightwater.example' returning id`,
        [name],
      );
      await product.db.query(
        `insert into bulk_recipients (organization_id, bulk_send_id, position, person_id, channel, state)
         select organization_id, id, 0, $2, 'sms', 'waiting' from bulk_sends where id = $1`,
        [id, person.personId],
      );
    };
    await paused('Summer jobs');
    await paused('Winter jobs');
    await go('/sends');
    await page.getByRole('link', { name: 'Summer jobs' }).tap();
    await sees(
      page.getByRole('heading', { name: 'Summer jobs', level: 1 }),
      page.getByText('Paused', { exact: true }),
    );
    expect(await tooWide(page)).toEqual([]);
    await page.getByRole('button', { name: 'Resume' }).tap();
    await sees(page.getByText(/^1 planned · 1 sent$/));
    await page.getByRole('link', { name: 'Sends', exact: true }).first().tap();
    await page.getByRole('link', { name: 'Winter jobs' }).tap();
    const cancel = await opensAndCloses(
      page.getByRole('button', { name: 'Cancel', exact: true }),
      'Cancel this send?',
    );
    await cancel.getByRole('button', { name: 'Cancel', exact: true }).last().tap();
    await sees(page.getByText(/^1 planned · 1 cancelled$/));
    await focusIsOn(page.getByRole('main'));
  });

  it('R-SEND-6: while it runs it is paused, resumed and cancelled; who waited gets nothing', async () => {
    const { visitors, candidate, warehouse, product } = scene();
    const stage = 'Offer';
    const people = [await candidate({ stage }), await candidate({ stage }), await candidate({ stage })];
    // all places of the next hour are taken
    const account = await product.value<string>(
      `insert into send_rates (organization_id, channel_account_id, next_at)
       select organization_id, id, now() + interval '1 hour' from channel_accounts where channel = 'sms'
       on conflict (organization_id, channel_account_id) do update set next_at = excluded.next_at returning channel_account_id`,
    );
    const { page, go } = await visitors.as('ruth');
    await go(`/vacancies/${warehouse.id}`);
    for (const { name } of people) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    await page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: 'Send message' })
      .press('Enter');
    const dialogue = page.getByRole('dialog', { name: 'Send message' });
    await dialogue.getByRole('textbox', { name: 'Text', exact: true }).fill('The shift has moved.');
    await dialogue.getByRole('checkbox', { name: 'SMS', exact: true }).click();
    await dialogue.getByRole('button', { name: 'Send 3 messages' }).click();
    const state = (name: string) => page.getByText(name, { exact: true });
    await sees(state('Running'), page.getByText('3 planned · 3 waiting'));
    const resume = page.getByRole('button', { name: 'Resume' });
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await sees(state('Paused'), page.getByText('Paused: nobody who waits gets it until it is resumed.'));
    await resume.press('Enter');
    await sees(state('Running'));
    await missing(resume);
    await page.getByRole('button', { name: 'Cancel', exact: true }).press('Enter');
    await page
      .getByRole('dialog', { name: 'Cancel this send?' })
      .getByRole('button', { name: 'Cancel', exact: true })
      .last()
      .press('Enter');
    await sees(state('Cancelled').first(), page.getByText('3 planned · 3 cancelled'));
    expect(product.sandbox.control.sms.messages({ number: people[0]!.waId })).toEqual([]);
    await product.db.query('delete from send_rates where channel_account_id = $1', [account]);
  });

  it('R-SEND-7: what is sent later is asked a time to come, stands with the chat, and is cancelled there', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    const { page, go } = await visitors.as('ruth');
    await go(`/people/${person.personId}`);
    await page.getByRole('button', { name: 'Send message' }).click();
    const dialogue = page.getByRole('dialog', { name: 'Send message' });
    await dialogue.getByRole('textbox', { name: 'Text', exact: true }).fill('See you tomorrow.');
    await dialogue.getByRole('checkbox', { name: 'Send later' }).click();
    for (const channel of ['SMS', 'WhatsApp'])
      await dialogue.getByRole('checkbox', { name: channel, exact: true }).click();
    await sees(dialogue.getByText(/As things are now/));
    await pick(dialogue.getByRole('button', { name: /^Template on WhatsApp, if/ }), 'checking');
    const date = dialogue.getByLabel('Date', { exact: true });
    const tomorrow = await date.inputValue();
    await date.fill('2020-01-01');
    expect(await accessibilityFaults(page)).toEqual([]);
    const schedule = dialogue.getByRole('button', { name: 'Schedule' });
    await schedule.click();
    await focusIsOn(date);
    await sees(dialogue.getByText('This time has passed. Choose a later one.'));
    await date.fill(tomorrow);
    await schedule.click();
    await missing(dialogue);
    await page.getByText('2 messages will be sent later').click();
    const cancel = page.getByRole('button', { name: 'Cancel See you tomorrow.' });
    // by keyboard, for a toast may lie over it
    await cancel.first().press('Enter');
    await page.getByText('1 message will be sent later').waitFor();
    await cancel.press('Enter');
    await missing(cancel);

    await page.getByRole('button', { name: 'Choose a template' }).click();
    await page.getByRole('option', { name: /^Checking in.*\ben\b/ }).click();
    await page.getByRole('button', { name: 'Send later' }).click();
    const later = page.getByRole('dialog', { name: 'Send this later' });
    await sees(later.getByText(/^Hi .+, this is Ruth/));
    expect(await accessibilityFaults(page)).toEqual([]);
    await later.getByRole('button', { name: 'Schedule' }).click();
    await page.getByText('1 message will be sent later').click();
    await page.getByRole('button', { name: 'Cancel Checking in' }).press('Enter');
    await missing(page.getByText('1 message will be sent later'));
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await sees(page.getByText('A scheduled message was cancelled.'));
    expect(product.sandbox.control.messages({ number: person.waId })).toEqual([]);
  });
}
