import { parseMail } from '../../src/channels/email/parse-mail';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { missing, sees } from '../support/browser';
import type { Scene } from './scene';

export function testConfidential(scene: () => Scene): void {
  it('R-CONF-1: ticked Confidential, an e-mail leaves the open pages of colleagues, and its user sees it with a lock', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate({ email: 'private.person@mail.example' });
    const raw = Buffer.from(
      'From: private.person@mail.example\r\nTo: ruth@brightwater.example\r\nSubject: About my pay\r\nMessage-ID: <pay@mail.example>\r\n\r\nI earn 61,000 now.',
    );
    const [ruth] = await product.db.query<{ organizationId: string; userId: string }>(
      `select organization_id as "organizationId", id as "userId" from users where email = 'ruth@brightwater.example'`,
    );
    await receiveForUser(product.db, { ...ruth!, folder: 'inbox' }, await parseMail(raw), raw);
    const { page: hers, go } = await visitors.as('ruth');
    const { page: annas, go: annaGoes } = await visitors.as('anna');
    const address = `/inbox/${person.conversationId}`;
    await Promise.all([go(address), annaGoes(address)]);
    const thread = `Messages with ${person.name}`;
    const said = (page: typeof hers) =>
      page
        .getByRole('region', { name: thread })
        .getByRole('article')
        .filter({ hasText: 'I earn 61,000 now.' });
    await sees(said(hers), said(annas));
    await said(hers)
      .getByRole('button', { name: /Show details/ })
      .click();
    await hers.getByRole('dialog').getByRole('checkbox', { name: 'Confidential' }).click();
    const card = hers.getByRole('article', { name: 'Confidential e-mail: About my pay' });
    await sees(card.getByText('only you see it'));
    await missing(said(annas));
    await card.getByRole('checkbox', { name: 'Confidential' }).click();
    await sees(said(annas));
    await missing(card);
  });
}
