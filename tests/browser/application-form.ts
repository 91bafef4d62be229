import { accessibilityFaults, focusIsOn, sees, tooWide } from '../support/browser';
import type { Scene } from './scene';

export function testApplicationForm(scene: () => Scene): void {
  it('R-SEND-8: somebody applies on a phone, without an account: consent is up to them, and what is wrong is said at the field', async () => {
    const { visitors, warehouse, call } = scene();
    const { url } = await call<{ url: string }>('PUT', `vacancies/${warehouse.id}/application-form`, {
      enabled: true,
    });
    const { page, go } = await visitors.stranger({
      viewport: { width: 375, height: 812 },
      hasTouch: true,
      isMobile: true,
    });
    await go(new URL(url).pathname);
    const field = (label: string) => page.getByLabel(label, { exact: true });
    const consent = page.getByRole('checkbox', { name: /may send me messages .* on WhatsApp/ });
    await sees(page.getByRole('heading', { name: /^Apply: Warehouse operative/, level: 1 }));
    expect(await consent.isChecked()).toBe(false);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);

    const send = page.getByRole('button', { name: 'Send application' });
    await send.tap();
    await focusIsOn(field('First name'));
    await sees(page.getByText('Please fill this in.'));
    await field('First name').fill('Nele');
    await field('Last name').fill('Winter');
    await field('E-mail').fill('nele at example');
    await consent.tap();
    await send.tap();
    await focusIsOn(field('Phone'));
    await sees(page.getByText('Give the number for WhatsApp.'));
    await field('Country prefix').selectOption({ label: 'Germany (+49)' });
    await field('Phone').fill('1512 3456789');
    await send.tap();
    await focusIsOn(field('E-mail'));
    await sees(page.getByText('is no e-mail address'));
    expect(await accessibilityFaults(page)).toEqual([]);
    await field('E-mail').fill('nele.winter@mail.example');
    await send.tap();
    await focusIsOn(page.getByRole('heading', { name: 'Thank you' }));
    expect(await accessibilityFaults(page)).toEqual([]);

    const ruth = await visitors.as('ruth');
    await ruth.go(`/vacancies/${warehouse.id}`);
    await ruth.page
      .getByRole('region', { name: 'New', exact: true })
      .getByRole('link', { name: 'Nele Winter' })
      .click();
    await ruth.page.getByRole('link', { name: 'Candidate’s file' }).click();
    await ruth.page.getByRole('tab', { name: 'Timeline' }).click();
    await sees(ruth.page.getByText('Consent to WhatsApp was recorded.'));
  });

  it('a form that is not open says so', async () => {
    const { page, go } = await scene().visitors.stranger();
    await go('/apply/nothing');
    await sees(page.getByRole('heading', { name: 'This form is not open', level: 1 }));
    expect(await accessibilityFaults(page)).toEqual([]);
  });
}
