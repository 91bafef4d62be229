import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  accessibilityFaults,
  focusIsOn,
  missing,
  opensAndCloses,
  pick,
  sees,
  told,
} from '../support/browser';
import type { Scene } from './scene';

export function testSettings(scene: () => Scene): void {
  it('a user is invited, gets another role and access to the own base, and is deactivated with a successor', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate({ responsible: 'ines' });
    const { page, go } = await visitors.as('anna');
    await go('/settings/users');
    const invite = await opensAndCloses(page.getByRole('button', { name: 'Invite user' }), 'Invite user');
    await page.keyboard.press('Enter');
    await focusIsOn(invite.getByLabel('E-mail'));
    await sees(invite.getByText('Give an e-mail address.'));
    await invite.getByLabel('E-mail').fill('noa@brightwater.example');
    await invite.getByLabel('First name').fill('Noa');
    await invite.getByLabel('Last name').fill('Berg');
    await invite.getByRole('button', { name: 'Send invitation' }).click();
    const line = (name: string) => page.getByRole('listitem').filter({ hasText: name });
    await told(page, 'Invitation sent to noa@brightwater.example');
    await sees(line('Noa Berg').getByText('Invited'));

    const menu = (name: string) => page.getByRole('button', { name: `Actions for ${name}` });
    const choose = (name: string, entry: string) => async () => {
      await menu(name).press('Enter');
      await page.getByRole('menuitem', { name: entry }).press('Enter');
    };
    const edit = await opensAndCloses(menu('Noa Berg'), 'Edit user', choose('Noa Berg', 'Edit'));
    await edit.getByLabel('Role').selectOption({ label: 'Supervisor' });
    await edit.getByRole('checkbox', { name: 'Access to own base' }).click();
    await edit.getByRole('button', { name: 'Save' }).click();
    await sees(
      line('Noa Berg').getByText('Supervisor', { exact: true }),
      line('Noa Berg').getByText('Access to own base', { exact: true }),
    );

    const off = await opensAndCloses(
      menu('Inês Carvalho'),
      'Deactivate Inês Carvalho?',
      choose('Inês Carvalho', 'Deactivate'),
    );
    await pick(off.getByRole('button', { name: /^Successor|^Nobody/ }), 'marco');
    await sees(off.getByText('Takes over their chats'));
    await off.getByRole('button', { name: 'Deactivate' }).click();
    await sees(line('Inês Carvalho').getByText('Deactivated'));
    expect(
      await product.value(
        'select u.email from people p join users u on u.id = p.responsible_user_id where p.id = $1',
        [person.personId],
      ),
    ).toBe('marco@brightwater.example');
  });

  it('an API key is shown once, works, and does not after it was revoked', async () => {
    const { visitors, product } = scene();
    const { page, go } = await visitors.as('anna');
    await go('/settings/api-keys');
    const add = page.getByRole('button', { name: 'New API key' });
    const dialogue = await opensAndCloses(add, 'New API key');
    await dialogue.getByLabel('Name').fill('Payroll');
    await page.keyboard.press('Enter');
    await sees(dialogue.getByText('Choose at least one scope.'));
    await dialogue.getByRole('checkbox', { name: 'Search and read candidates and contacts' }).click();
    await dialogue.getByRole('button', { name: 'Make API key' }).click();
    const shown = page.getByRole('dialog', { name: 'Your new API key' });
    const secret = await shown.getByRole('textbox').inputValue();
    expect(await accessibilityFaults(page)).toEqual([]);
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    await focusIsOn(add);
    expect(await page.locator('body').textContent()).not.toContain(secret);
    const people = async () =>
      (
        await fetch(`${product.url}/api/v1/people?limit=1`, {
          headers: { authorization: `Bearer ${secret}`, connection: 'close' },
        })
      ).status;
    expect(await people()).toBe(200);
    const revoke = await opensAndCloses(
      page.getByRole('button', { name: 'Revoke Payroll' }),
      'Revoke Payroll?',
    );
    await revoke.getByRole('button', { name: 'Revoke' }).click();
    await missing(page.getByText('Payroll', { exact: true }));
    await focusIsOn(page.getByRole('main'));
    expect(await people()).toBe(401);
  });

  it('R-LOG-5: a webhook endpoint is added, its log says how the test event went, and it is sent again', async () => {
    // it is tried again by itself
    let code = 500;
    const server = createServer((_, res) => res.writeHead(code).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { page, go } = await scene().visitors.as('anna');
      await go('/settings/webhooks');
      const add = page.getByRole('button', { name: 'Add endpoint' });
      const dialogue = await opensAndCloses(add, 'Add endpoint');
      await dialogue.getByLabel('Name').fill('Timesheets');
      await dialogue.getByLabel('Address').fill('http://timesheets.example/hooks');
      await page.keyboard.press('Enter');
      await focusIsOn(dialogue.getByLabel('Address'));
      await sees(dialogue.getByText('Has to begin with https://'));
      await dialogue
        .getByLabel('Address')
        .fill(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`);
      await dialogue.getByRole('button', { name: 'Add endpoint' }).click();
      const shown = page.getByRole('dialog', { name: 'The secret of the endpoint' });
      expect(await shown.getByRole('textbox').inputValue()).toMatch(/^whsec_/);
      await shown.getByRole('button', { name: 'I have copied it' }).click();
      await focusIsOn(add);
      await page.getByRole('button', { name: 'Send test event: Timesheets' }).click();
      const delivery = page.getByRole('listitem').filter({ hasText: 'webhook.test' });
      await sees(delivery.last().getByText('Failing'), delivery.last().getByText(/Answer 500/));
      expect(await accessibilityFaults(page)).toEqual([]);
      code = 204;
      await delivery.last().getByRole('button', { name: 'Send again: webhook.test' }).click();
      await sees(delivery.last().getByText('Delivered'), delivery.last().getByText(/Answer 204/));
      await page.getByRole('button', { name: 'Remove: Timesheets' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await missing(page.getByRole('heading', { name: 'Timesheets' }));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('R-CRED-2, R-CRED-3: the ledger says what was spent on whom, and credits are requested from Customer Success', async () => {
    const { page, go } = await scene().visitors.as('anna');
    await go('/settings/credits');
    const ledger = page.getByRole('list', { name: 'Ledger' });
    await sees(ledger.getByRole('listitem').filter({ hasText: /Reserved · message to .*-1$/ }));
    await page.getByRole('button', { name: 'Request credits' }).click();
    await told(page, 'Customer Success has your request');
    await sees(page.getByRole('button', { name: 'Requested', disabled: true }));
    await page.getByLabel('Warn at a balance of').fill('some');
    await sees(page.getByText('Give a whole number.'));
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('the channels: what is missing is said at the field, and a test SMS names its sender', async () => {
    const { page, go } = await scene().visitors.as('anna');
    await go('/settings/channels');
    const connect = await opensAndCloses(
      page.getByRole('button', { name: 'Connect a WhatsApp number' }),
      'Connect a WhatsApp number',
    );
    await connect.getByRole('button', { name: 'Connect', exact: true }).click();
    await focusIsOn(connect.getByLabel('Name'));
    await sees(connect.getByText('Digits, as shown in Meta’s dashboard.'));
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    const sms = await opensAndCloses(
      page.getByRole('button', { name: 'Account and sender' }),
      'Account and sender',
    );
    await sms.getByLabel('Messages come from').selectOption({ label: 'A name' });
    await sms.getByLabel('Sender name').fill('!');
    await sms.getByRole('button', { name: 'Save' }).click();
    await focusIsOn(sms.getByLabel('Sender name'));
    await sees(sms.getByText('with at least one letter'));
    await page.keyboard.press('Escape');
    const test = await opensAndCloses(
      page.getByRole('region', { name: 'SMS', exact: true }).getByRole('button', { name: 'Send test' }),
      'Send a test SMS',
    );
    await sees(test.getByText('With country prefix. It must be a mobile number.'));
    await test.getByLabel('To your own number').fill('+31627009999');
    await page.keyboard.press('Enter');
    await told(page, 'The provider took the test SMS');
    await opensAndCloses(page.getByRole('button', { name: 'Disconnect' }).first(), /^Disconnect WhatsApp/);
  });

  // last: it tells of what was done above
  it('R-LOG-6: the audit log says who changed what, by name', async () => {
    const { page, go } = await scene().visitors.as('anna');
    await go('/settings/audit-log');
    const log = page.getByRole('list', { name: 'Audit log' });
    const entry = (words: string | RegExp) => log.getByRole('listitem').filter({ hasText: words });
    await sees(entry(/^User deactivated\s*Inês Carvalho/), entry(/^API key created\s*Payroll/));
    await page.getByLabel('Kind').selectOption({ label: 'Users and permissions' });
    await missing(entry(/^API key created/));
    const changed = entry(/Noa Berg/).filter({ hasText: 'What changed' });
    await changed.first().getByText('What changed').click();
    await sees(changed.first().getByRole('cell', { name: 'supervisor' }));
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('R-ROLE-1: who is no Administrator is told whom to ask', async () => {
    const { page, go } = await scene().visitors.as('ruth');
    for (const section of ['users', 'api-keys', 'webhooks', 'audit-log']) {
      await go(`/settings/${section}`);
      await sees(page.getByText('Settings are for Administrators'), page.getByText(/Anna de Vries/));
    }
  });
}
