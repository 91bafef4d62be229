import { testApplicationForm } from './application-form';
import { testCandidatePage } from './candidate-page';
import { testEnding } from './ending';
import { testMailbox } from './mailbox';
import { testPeople } from './people';
import { testReports } from './reports';
import { createScene, type Scene } from './scene';
import { testSending } from './sending';
import { testSettings } from './settings';
import { testTemplates } from './templates';
import { testUnsubscribing } from './unsubscribing';

// As product.test.ts; apart from it, so that both run at the same time.
jest.setTimeout(180_000);

let scene: Scene;

beforeAll(async () => {
  scene = await createScene();
}, 180_000);
afterEach(() => scene.visitors.leave());
afterAll(async () => {
  await scene.close();
});

const now = () => scene;

describe('the application form', () => testApplicationForm(now));
describe('unsubscribing', () => testUnsubscribing(now));
describe('the candidate page', () => testCandidatePage(now));
describe('the mailbox', () => testMailbox(now));
describe('people', () => testPeople(now));
describe('rejecting', () => testEnding(now));
describe('sending', () => testSending(now));
describe('reports', () => testReports(now));
describe('templates', () => testTemplates(now));
describe('settings', () => testSettings(now));
