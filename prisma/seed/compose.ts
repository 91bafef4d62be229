import { company, contacts, emailOf, employers, interviewStage, users, vacancies } from './company';
import { loadFiles } from './files';
import { mailRows } from './mail-rows';
import { tellHistory, type Scene, type SceneVacancy, type StoredTemplate } from './history';
import { makePeople } from './people';
import { createIds, createRandom, createWamids } from './random';
import { noRows, type Rows } from './rows';
import type { PhoneHistory } from './sandbox';
import { addressOf } from './people';
import { contactStories, stories } from './stories';

const seed = 20261;
/** With the stories about 200 candidates. */
const peopleWithoutStory = 172;
/** The automatic action of the interview stages has been there for so long. */
const actionDaysAgo = 12;
const openedDaysAgo = 61;

export type Composition = { rows: Rows; phones: PhoneHistory };

/** All that the demonstration company has done so far: the same for the same facts, whenever it is made. */
export function composeCompany(facts: {
  now: Date;
  dayMs: number;
  organizationId: string;
  accountId: string;
  emailAccountId: string;
  /** By the key of the user. */
  userIds: ReadonlyMap<string, string>;
  templates: readonly StoredTemplate[];
  hashKey: (key: string) => string;
  withHistory: boolean;
}): Composition {
  const random = createRandom(seed);
  const newId = createIds(random);
  const rows = noRows();
  const phones: PhoneHistory = { phones: [], messages: [] };
  const scene: Scene = {
    ...facts,
    random,
    newId,
    newWamid: createWamids(random),
    users: new Map(users.map((user) => [user.key, user])),
    vacancies: new Map(),
    files: loadFiles(),
    rows,
    phones,
  };
  scene.vacancies = addVacancies(scene);
  addContacts(scene, addEmployers(scene));
  for (const { person, beats } of stories) {
    // A stranger who wrote in is there by their message alone.
    if (facts.withHistory || !person.toReview) tellHistory(scene, person, facts.withHistory ? beats : []);
  }
  const taken = new Set(stories.map(({ person }) => `${person.firstName} ${person.lastName}`));
  for (const person of makePeople(random, peopleWithoutStory, taken)) tellHistory(scene, person, []);
  if (facts.withHistory) addStrangersMail(scene);
  addGrant(scene);
  return { rows, phones };
}

function addVacancies(scene: Scene): Map<string, SceneVacancy> {
  const { rows, organizationId } = scene;
  const org = { organization_id: organizationId };
  const openedAt = daysBefore(scene, openedDaysAgo);
  const since = daysBefore(scene, actionDaysAgo);
  const invitation = scene.templates.find(
    ({ name, language }) => name === 'interview_invitation' && language === 'en',
  );
  return new Map(
    vacancies.map((vacancy) => {
      const id = scene.newId(openedAt);
      rows.vacancies.push({
        ...org,
        id,
        external_id: `BW-${vacancy.key}`,
        title: vacancy.title,
        status: 'open',
        notification_emails: [`jobs@${company.domain}`, `${vacancy.lead}@${company.domain}`],
        created_at: openedAt,
        updated_at: openedAt,
      });
      for (const user of vacancy.team)
        rows.vacancy_users.push({ ...org, vacancy_id: id, user_id: scene.userIds.get(user)! });
      const stages = vacancy.stages.map((name, position) => ({ id: scene.newId(openedAt), name, position }));
      for (const stage of stages)
        rows.stages.push({
          ...org,
          id: stage.id,
          vacancy_id: id,
          name: stage.name,
          position: stage.position,
          created_at: openedAt,
        });
      const action = { id: scene.newId(since), since };
      if (invitation)
        rows.stage_actions.push({
          ...org,
          id: action.id,
          stage_id: stages.find(({ name }) => name === interviewStage)!.id,
          position: 0,
          template_id: invitation.id,
          channels: ['whatsapp'],
          delay_seconds: 0,
          enabled: true,
          created_by_id: scene.userIds.get('anna')!,
          created_at: since,
        });
      const { title, lead, team } = vacancy;
      return [vacancy.key, { id, title, lead, team, stages, action }];
    }),
  );
}

function addEmployers(scene: Scene): Map<string, string> {
  const at = daysBefore(scene, openedDaysAgo);
  return new Map(
    employers.map(({ key, name }) => {
      const id = scene.newId(at);
      scene.rows.employers.push({
        organization_id: scene.organizationId,
        id,
        external_id: null,
        name,
        created_at: at,
        updated_at: at,
      });
      return [key, id];
    }),
  );
}

function addContacts(scene: Scene, employerIds: Map<string, string>): void {
  for (const { firstName, lastName, employer, phone, responsible, consent } of contacts) {
    tellHistory(
      scene,
      {
        kind: 'contact',
        employerId: employerIds.get(employer)!,
        firstName,
        lastName,
        language: 'en',
        timeZone: company.timeZone,
        phone,
        secondPhone: null,
        email: addressOf(firstName, lastName),
        responsible,
        tags: [],
        custom: {},
        consent: consent ? 'recorded' : 'none',
        onWhatsApp: true,
        addedDaysAgo: openedDaysAgo - 1,
        application: null,
      },
      scene.withHistory ? (contactStories[phone] ?? []) : [],
    );
  }
}

/** What nobody's address leads to waits in the user's own mailbox, to be filed by hand. */
function addStrangersMail(scene: Scene): void {
  const { rows, organizationId } = scene;
  const anna = users.find(({ key }) => key === 'anna')!;
  const at = daysBefore(scene, 0.4);
  const id = scene.newId(at);
  const stored = mailRows({
    organizationId,
    id,
    userId: scene.userIds.get(anna.key)!,
    conversationId: null,
    direction: 'in',
    threadId: id,
    messageId: `<${id}@bakkerij-vos.example>`,
    answers: null,
    from: { name: 'Ilse Vos', address: 'ilse@bakkerij-vos.example' },
    to: { name: `${anna.firstName} ${anna.lastName}`, address: emailOf(anna) },
    subject: 'Somebody for the night in our bakery',
    text: 'Dear Anna,\n\nPieter van Dam gave me your name. We are looking for two people for the night in our bakery in Schiedam. Could you ring me?\n\nIlse Vos',
    file: undefined,
    at,
    seen: false,
  });
  rows.mails.push(stored.mail);
  rows.mail_raws.push(stored.raw);
}

function addGrant(scene: Scene): void {
  const at = daysBefore(scene, openedDaysAgo);
  scene.rows.credit_entries.unshift({
    organization_id: scene.organizationId,
    id: scene.newId(at),
    kind: 'grant',
    amount: company.credits,
    message_id: null,
    note: 'Demonstration credits',
    actor: 'Customer Success',
    occurred_at: at,
  });
}

const daysBefore = ({ now, dayMs }: Scene, days: number): Date =>
  new Date(now.getTime() - Math.round(days * dayMs));
