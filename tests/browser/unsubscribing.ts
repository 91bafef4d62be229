import { accessibilityFaults, focusIsOn, sees, tooWide } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

export function testUnsubscribing(scene: () => Scene): void {
  it('RFC 8058: the link of an automatic e-mail asks first, and leads back again; the file says how it was said', async () => {
    const { visitors, candidate, call, product } = scene();
    const email = 'wants.no.more@mail.example';
    const { personId, conversationId } = await candidate({ email });
    // by a program, which counts as automatic and keeps no quiet hours
    await call('POST', `conversations/${conversationId}/messages`, {
      channel: 'email',
      type: 'text',
      title: 'A new job',
      text: 'Hello',
    });
    const mail = await waitFor(
      async () => {
        const answer = await fetch(`${product.phonesUrl}/sandbox/mails?to=${email}`);
        return ((await answer.json()) as { data: { text: string }[] }).data[0];
      },
      { what: 'the mail' },
    );
    const { page, go } = await visitors.stranger({ viewport: { width: 375, height: 700 } });
    await go(new URL(/Unsubscribe: (\S+)/.exec(mail.text)![1]!).pathname);
    await sees(
      page.getByRole('heading', { name: /^Do you want no more e-mails from Brightwater/, level: 1 }),
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await focusIsOn(page.getByRole('heading', { name: 'You are unsubscribed', level: 1 }));
    await sees(page.getByText('w•••@mail.example'));
    expect(await accessibilityFaults(page)).toEqual([]);

    const ruth = await visitors.as('ruth');
    await ruth.go(`/people/${personId}?tab=details`);
    await sees(ruth.page.getByText('By the unsubscribe link of the e-mail “A new job”.'));
    await page.getByRole('button', { name: 'Subscribe again' }).click();
    await focusIsOn(page.getByRole('heading', { name: /^Do you want no more/ }));
    await go('/unsubscribe/nothing');
    await sees(page.getByRole('heading', { name: 'This link does not work', level: 1 }));
  });
}
