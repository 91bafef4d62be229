import type { MailboxUser } from '../../src/data/mail/mailbox-read';
import type { ActingUser } from '../../src/domain/permissions';
import { createWorld, type Company, type Person, type World } from '../support/company';

export let world: World;
export let company: Company;
/** Nobody's address leads to her. */
export let eva: Person;

/** A company of its own for each test, whose recruiter's mailbox is empty. To be called once in a test file. */
export function testUserMail(): void {
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    company = await world.company();
    await newEva();
  });
}

export async function newEva(wish: Parameters<Company['person']>[0] = {}): Promise<void> {
  eva = await company.person({ firstName: 'Eva', ...wish });
}

export const as = (user: ActingUser): MailboxUser => ({
  organizationId: company.organizationId,
  user,
  apiKeyId: null,
});
export const me = () => as(company.users.recruiter);
