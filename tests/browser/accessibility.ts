import type { Page } from 'playwright-core';
import { accessibilityFaults, missing, sees } from '../support/browser';
import type { Candidate, Scene } from './scene';

export const settingsSections = [
  'channels',
  'templates',
  'company',
  'quiet-hours',
  'users',
  'api-keys',
  'webhooks',
  'credits',
  'audit-log',
];

type Stop = {
  name: string;
  user: string;
  path: (person: Candidate, scene: Scene) => string;
  colorScheme?: 'dark';
  /** Brings what is meant onto the page, and waits for it. */
  prepare?: (page: Page, person: Candidate) => Promise<void>;
};

const inConversation = (name: string, prepare: Stop['prepare']): Stop => ({
  name,
  user: 'ruth',
  path: ({ conversationId }) => `/inbox/${conversationId}`,
  prepare,
});

const inbox: Stop = {
  name: 'inbox',
  user: 'ruth',
  path: () => '/inbox',
  prepare: (page) => sees(page.getByRole('list', { name: 'My Chats' }).getByRole('link')),
};

const conversation = inConversation('conversation and info panel', (page) =>
  sees(
    page.getByRole('region', { name: /^Messages with/ }).getByText('Is there a bus?'),
    page.getByText('Consented to WhatsApp'),
  ),
);

const board: Stop = {
  name: 'board',
  user: 'ruth',
  path: (_person, { warehouse }) => `/vacancies/${warehouse.id}`,
  prepare: (page, { name }) => sees(page.getByRole('link', { name, exact: true })),
};

const stops: Stop[] = [
  inbox,
  conversation,
  inConversation('template dialog', async (page) => {
    await page.getByRole('button', { name: 'Use a template' }).click();
    await sees(page.getByRole('dialog').getByRole('option', { name: /Interview invitation/ }));
  }),
  inConversation('template preview', async (page) => {
    await page.getByRole('button', { name: 'Use a template' }).click();
    await page
      .getByRole('option', { name: /Checking in/ })
      .first()
      .click();
    await sees(page.getByRole('button', { name: 'Send template' }));
  }),
  inConversation('note', async (page) => {
    await page.getByRole('tab', { name: 'Note' }).click();
    await sees(page.getByRole('textbox', { name: 'Note' }));
  }),
  inConversation('timeline', async (page) => {
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await sees(page.getByRole('list', { name: 'Timeline' }));
  }),
  {
    ...inbox,
    name: 'notifications',
    async prepare(page) {
      await page.getByRole('button', { name: /^Notifications/ }).click();
      await sees(page.getByRole('dialog').getByRole('listitem'));
    },
  },
  { name: 'vacancies', user: 'ruth', path: () => '/vacancies' },
  board,
  {
    ...board,
    name: 'stage menu dialog',
    async prepare(page) {
      await page.getByRole('button', { name: 'Menu of the stage Interview' }).click();
      await page.getByRole('menuitem', { name: 'Automatic actions', exact: true }).click();
      await sees(page.getByRole('dialog').getByText('interview_invitation'));
    },
  },
  { name: 'match', user: 'ruth', path: ({ applicationId }) => `/applications/${applicationId}` },
  {
    name: 'people',
    user: 'ruth',
    path: () => '/people',
    prepare: (page) => sees(page.locator('a[href^="/people/"]')),
  },
  {
    name: 'employer',
    user: 'ruth',
    path: () => '/people?view=employer',
    async prepare(page) {
      await page.getByRole('link', { name: 'Havenlogistiek Rotterdam' }).click();
      await sees(page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first());
    },
  },
  { name: 'person', user: 'ruth', path: ({ personId }) => `/people/${personId}` },
  { name: 'person, details', user: 'ruth', path: ({ personId }) => `/people/${personId}?tab=details` },
  { name: 'sends', user: 'ruth', path: () => '/sends' },
  ...settingsSections.map((section) => ({
    name: `settings, ${section}`,
    user: 'anna',
    path: () => `/settings/${section}`,
  })),
  { name: 'account', user: 'anna', path: () => '/account' },
  ...[inbox, conversation, board].map((stop) => ({
    ...stop,
    name: `${stop.name}, dark`,
    colorScheme: 'dark' as const,
  })),
];

export function testAccessibility(scene: () => Scene): void {
  let person: Candidate;

  beforeAll(async () => {
    person = await scene().candidate();
    await person.writes('Is there a bus?');
  });

  it.each(stops)('$name', async ({ user, path, colorScheme, prepare }) => {
    const { page, go } = await scene().visitors.as(user, colorScheme ? { colorScheme } : undefined);
    await go(path(person, scene()));
    await sees(page.getByRole('heading', { level: 1 }));
    await prepare?.(page, person);
    await missing(page.getByRole('status', { name: 'Loading…' }));
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it.each(['/sign-in', '/forgot-password'])('%s', async (path) => {
    const { page, go } = await scene().visitors.stranger();
    await go(path);
    await sees(page.getByRole('heading', { level: 1 }));
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('the phone page', async () => {
    const { page } = await scene().visitors.phone(person.waId);
    await sees(page.getByText('Is there a bus?'));
    expect(await accessibilityFaults(page)).toEqual([]);
  });
}
