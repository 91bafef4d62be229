import { announceApplication, applicationsToMail } from '../../src/data/vacancies/announce-application';
import { upsertApplication } from '../../src/data/vacancies/applications';
import { listNotifications } from '../../src/data/conversations/notifications';
import type { ActingUser, Actor } from '../../src/domain/permissions';
import type { Mail, Mailer } from '../../src/mailer';
import { mailNewApplications } from '../../src/notices/new-applications';
import { createWorld, dayMs, type Company, type Person, type Vacancy, type World } from '../support/company';

let world: World;
let company: Company;
let vacancy: Vacancy;
let mails: Mail[];
let refusal: Error | undefined;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  [mails, refusal] = [[], undefined];
  company = await world.company();
  vacancy = await company.vacancy({ assigned: [company.users.recruiter, company.users.interviewer] });
  await world.db.query(
    `update vacancies set title = 'Baker', notification_emails = '{jobs@acme.example,hr@acme.example}' where id = $1`,
    [vacancy.id],
  );
});

const mailer: Mailer = {
  assertConfigured: () => undefined,
  send: (mail) => (refusal ? Promise.reject(refusal) : Promise.resolve(void mails.push(mail))),
  close: () => undefined,
};
const sendMails = () =>
  mailNewApplications({ db: world.db, mailer, logger: world.deps.logger, publicUrl: 'http://parley' });

const put = (actor: Actor, person: Person, more: { announce?: boolean } = {}) =>
  upsertApplication(
    world.db,
    { actor, dayMs },
    { personId: person.id, vacancyId: vacancy.id, runActions: true, ...more },
  );
const program = () => ({ ...company.program, apiKeyId: '0192f0c1-0000-7000-8000-000000000001' });
const told = async (user: ActingUser) =>
  (await listNotifications(world.db, { ...company.as(user), user }, { limit: 50 })).items;

it('R-MAIL-2: a new application by API is told once to the users of the vacancy and Administrators, and mailed to its addresses', async () => {
  const person = await company.person({ firstName: 'Maria', lastName: 'Souza' });
  const { id } = await put(program(), person);
  await put(program(), person);
  const { administrator, recruiter, interviewer } = company.users;
  for (const user of [administrator, recruiter, interviewer])
    expect(await told(user)).toMatchObject([
      { kind: 'application', text: 'Maria Souza applied for Baker', applicationId: id },
    ]);
  for (const user of [company.colleague, company.users.reviewer]) expect(await told(user)).toEqual([]);
  await sendMails();
  await sendMails();
  expect(mails).toMatchObject([
    {
      to: 'jobs@acme.example, hr@acme.example',
      subject: 'New application for Baker',
      text: expect.stringContaining(`http://parley/applications/${id}`) as string,
    },
  ]);
});

it('R-MAIL-2: who has left hears nothing, though their address still stands with the vacancy', async () => {
  const { reviewer } = company.users;
  await world.db.query(
    `update vacancies set notification_emails = array['jobs@acme.example', (select upper(email) from users where id = $2)] where id = $1`,
    [vacancy.id, reviewer.id],
  );
  await world.db.query('update users set deactivated_at = $2 where id = $1', [
    reviewer.id,
    await world.db.now(),
  ]);
  await put(program(), await company.person());
  await sendMails();
  expect(mails.map(({ to }) => to)).toEqual(['jobs@acme.example']);
});

it('nobody is told of one added by hand, nor where a program asks for quiet', async () => {
  const [one, other] = await company.people(2);
  await put(company.as(company.users.recruiter), one!);
  await put(program(), other!, { announce: false });
  expect(await told(company.users.administrator)).toEqual([]);
  expect(await applicationsToMail(world.db)).toEqual([]);
});

it('many are one notification until it is seen, and one mail every ten minutes that names the first', async () => {
  const people = await company.people(30);
  for (const person of people) await put(program(), person);
  expect(await told(company.users.recruiter)).toMatchObject([
    { text: expect.stringMatching(/and 29 others applied for Baker$/) as string },
  ]);
  await sendMails();
  expect(mails[0]!.subject).toBe('30 new applications for Baker');
  expect(mails[0]!.text).toContain('and 10 more');
  expect(mails[0]!.text.match(/^- /gm)).toHaveLength(20);
  await put(program(), await company.person());
  await world.db.query(`update notifications set seen_at = occurred_at where organization_id = $1`, [
    company.organizationId,
  ]);
  await put(program(), await company.person());
  expect(await told(company.users.recruiter)).toHaveLength(2);
  await sendMails();
  expect(mails).toHaveLength(1);
  world.clock.advance(10 * 60_000);
  await sendMails();
  expect(mails[1]!.subject).toBe('2 new applications for Baker');
});

it('a mail server that is away gets the mail later; what it refuses for good is not tried for ever', async () => {
  await put(program(), await company.person());
  refusal = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
  await sendMails();
  refusal = undefined;
  await sendMails();
  expect(mails).toHaveLength(1);
  world.clock.advance(10 * 60_000);
  await put(program(), await company.person());
  refusal = Object.assign(new Error('no such mailbox'), { code: 'EENVELOPE', responseCode: 550 });
  await sendMails();
  expect(await applicationsToMail(world.db)).toEqual([]);
});

it('two at the same instant are both counted or told', async () => {
  const people = await company.people(4);
  const applications = await company.apply(vacancy, people);
  await Promise.all(
    applications.map((id, index) =>
      world.db.transact((tx) =>
        announceApplication(tx, program(), { id, personId: people[index]!.id, vacancyId: vacancy.id }),
      ),
    ),
  );
  const rows = await world.db.query<{ sum: number }>(
    `select sum(coalesce((data ->> 'count')::int, 1)) from notifications where user_id = $1`,
    [company.users.recruiter.id],
  );
  expect(rows[0]!.sum).toBe(4);
});
