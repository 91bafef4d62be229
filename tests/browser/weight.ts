import { sees } from '../support/browser';
import type { Scene } from './scene';

/** What all scripts of a page with an open conversation may weigh, as they come over the wire. */
const budgetBytes = 170_000;

export function testWeight(scene: () => Scene): void {
  it('opens a conversation and its details with few scripts', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate();
    await person.writes('Hello?');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    await sees(
      page.getByRole('list', { name: 'My Chats' }),
      page.getByLabel(`Message to ${person.name}`),
      page.getByRole('complementary', { name: 'Details' }).getByText('Responsible user'),
    );
    const bytes = await page.evaluate<number>(
      `performance.getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`,
    );
    expect(bytes).toBeGreaterThan(budgetBytes / 2);
    expect(bytes).toBeLessThan(budgetBytes);
  });
}
