import { applicationsToMail } from '../../src/data/vacancies/announce-application';
import type { Company, Vacancy } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;
let vacancy: Vacancy;
let token: string;

beforeAll(async () => {
  api = await createApi({ applicationsPerIp: 1000 });
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  vacancy = await company.vacancy();
  token = await open(vacancy);
});
afterAll(() => api.close());

const settings = (of: Vacancy) => `/api/v1/vacancies/${of.id}/application-form`;

async function open(of: Vacancy): Promise<string> {
  const { body } = await recruiter.put(settings(of), { enabled: true }).expect(200);
  return (body as { url: string }).url.split('/apply/')[1]!;
}

type Form = { consentWording: string; vacancyTitle: string; companyName: string };
const form = async (of = token) =>
  (await api.anonymous.get(`/api/v1/application-forms/${of}`).expect(200)).body as Form;

let serial = 0;
const applicant = (more: object = {}) => {
  serial += 1;
  return {
    firstName: 'Nadia',
    lastName: `Nkemelu ${serial}`,
    email: `nadia${serial}@example.com`,
    phone: `655 00 ${String(1000 + serial)}`,
    phoneCountry: 'ES',
    ...more,
  };
};
const apply = (body: object, of = token) => api.anonymous.post(`/api/v1/application-forms/${of}`, body);

type Person = {
  id: string;
  name: string;
  toReview: boolean;
  contactPoints: { id: string; key: string; phoneType: string; consents: object[] }[];
  applications: { id: string; vacancyId: string; stageName: string }[];
};

async function found(q: string): Promise<Person[]> {
  const { body } = await recruiter.get(`/api/v1/people?q=${encodeURIComponent(q)}`).expect(200);
  return Promise.all(
    (body as { items: { id: string }[] }).items.map(
      async ({ id }) => (await recruiter.get(`/api/v1/people/${id}`).expect(200)).body as Person,
    ),
  );
}
const texts = async (personId: string) => {
  const { body } = await recruiter.get(`/api/v1/people/${personId}/timeline`).expect(200);
  return (body as { items: { text: string }[] }).items.map(({ text }) => text);
};

describe('R-SEND-8: the public application form', () => {
  it('tells company, vacancy and wording, and nothing else', async () => {
    const { body } = await api.anonymous.get(`/api/v1/application-forms/${token}`).expect(200);
    expect(Object.keys(body as object).sort()).toEqual([
      'brand',
      'companyName',
      'consentWording',
      'countries',
      'defaultCountry',
      'vacancyTitle',
    ]);
    expect(body).toMatchObject({ companyName: 'Acme', defaultCountry: 'ES' });
    expect((body as { countries: object[] }).countries).toContainEqual({ country: 'DE', prefix: '+49' });
  });

  it('makes a candidate in the first stage, with the consent as it was worded', async () => {
    const { consentWording } = await form();
    const input = applicant({ whatsappConsent: true, consentWording });
    await apply(input).expect(201, { received: true });
    const [person] = await found(input.email);
    expect(person).toMatchObject({
      name: `Nadia ${input.lastName}`,
      toReview: false,
      applications: [{ vacancyId: vacancy.id, stageName: 'New' }],
    });
    const [phone, email] = person!.contactPoints;
    expect(phone).toMatchObject({ phoneType: 'mobile' });
    expect(phone!.consents).toEqual([
      expect.objectContaining({
        channel: 'whatsapp',
        granted: true,
        source: 'applicationForm',
        wording: consentWording,
      }),
    ]);
    expect(email!.consents).toEqual([]);
    expect(await texts(person!.id)).toContain('Applied by the application form.');
    const [audit] = await api.world.db.query(
      `select actor from audit_entries where target_id = $1 and action = 'consent.recorded'`,
      [person!.id],
    );
    expect(audit).toEqual({ actor: 'Application form' });
  });

  it('asks for no consent, and keeps none that was not ticked, or ticked under other words', async () => {
    const input = applicant();
    await apply(input).expect(201);
    expect((await found(input.email))[0]!.contactPoints[0]!.consents).toEqual([]);
    await apply(applicant({ whatsappConsent: true, consentWording: 'Anything goes' })).expect(422);
    await apply(applicant({ whatsappConsent: true, phone: '', consentWording: 'x' })).expect(422);
  });

  it('R-AUTO-2: being created in the first stage fires its actions, and applying again does not', async () => {
    const other = await company.vacancy();
    const templateId = await company.template({ body: 'Thank you' });
    await company.action(other.stages[0]!, templateId);
    const otherToken = await open(other);
    const { consentWording } = await form(otherToken);
    const input = applicant({ whatsappConsent: true, consentWording });
    await apply(input, otherToken).expect(201);
    await apply(input, otherToken).expect(201);
    const runs = await api.world.db.query(
      `select r.state, r.channel from action_runs r join applications a on a.id = r.application_id where a.vacancy_id = $1`,
      [other.id],
    );
    expect(runs).toEqual([{ state: 'planned', channel: 'whatsapp' }]);
    expect(await found(input.email)).toHaveLength(1);
  });

  it('never overwrites who is there: what differs comes to the file, to be reviewed', async () => {
    const phone = '+34 677 11 22 33';
    const { body } = await recruiter
      .post('/api/v1/people', {
        firstName: 'Real',
        lastName: 'Name',
        contactPoints: [{ kind: 'phone', value: phone }],
      })
      .expect(201);
    const known = body as Person;
    const { consentWording } = await form();
    const consent = { whatsappConsent: true, consentWording };
    await apply(
      applicant({
        firstName: 'Some',
        lastName: 'Stranger',
        phone,
        email: 'stranger@example.com',
        ...consent,
      }),
    ).expect(201);
    const [person] = await found(phone);
    expect(person).toMatchObject({ id: known.id, name: 'Real Name', toReview: true });
    expect(person!.contactPoints.map(({ key }) => key)).toEqual(['+34677112233', 'stranger@example.com']);
    expect(person!.contactPoints[0]).toMatchObject({ id: known.contactPoints[0]!.id, consents: [] });
    expect((await texts(known.id)).find((text) => text.startsWith('Applied'))).toBe(
      'Applied by the application form. The name given there is “Some Stranger”. A number or address was new and came to this file. ' +
        'The box for WhatsApp was ticked; the consent was not recorded, since it is not certain who ticked it.',
    );
  });

  it('records the consent of who is certainly known, without a review', async () => {
    const input = applicant();
    await apply(input).expect(201);
    const { consentWording } = await form();
    await apply({ ...input, whatsappConsent: true, consentWording }).expect(201);
    const [person] = await found(input.email);
    expect(person).toMatchObject({ toReview: false });
    expect(person!.contactPoints[0]!.consents).toHaveLength(1);
  });

  it('leaves a client’s contact alone: the candidate is another person, to be reviewed', async () => {
    const phone = '+34 677 99 88 77';
    await recruiter
      .post('/api/v1/people', {
        kind: 'contact',
        firstName: 'Client',
        contactPoints: [{ kind: 'phone', value: phone }],
      })
      .expect(201);
    const input = applicant({ phone });
    await apply(input).expect(201);
    const [person] = await found(input.email);
    expect(person).toMatchObject({ toReview: true, name: `Nadia ${input.lastName}` });
    expect(person!.contactPoints.map(({ key }) => key)).toEqual([input.email]);
  });

  it('makes one person of several at the same instant', async () => {
    const input = applicant();
    const answers = await Promise.all([1, 2, 3, 4].map(() => apply(input)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const people = await found(input.email);
    expect(people).toHaveLength(1);
    expect(people[0]!.applications).toHaveLength(1);
  });

  it('says what is wrong, field by field', async () => {
    const wrong = await apply({ firstName: ' ', lastName: 'X', email: 'no', phone: '1' }).expect(422);
    expect((wrong.body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual([
      'firstName',
      'email',
    ]);
    const { body } = await apply(applicant({ phone: '12' })).expect(422);
    expect(body).toMatchObject({
      errors: [{ path: 'phone', message: 'is no phone number of this country' }],
    });
  });

  it('R-MAIL-2: announces the application to the notification addresses, once', async () => {
    const other = await company.vacancy();
    await recruiter
      .patch(`/api/v1/vacancies/${other.id}`, {
        notificationEmails: ['jobs@acme.example', 'hr@acme.example'],
      })
      .expect(200);
    const otherToken = await open(other);
    const input = applicant();
    await apply(input, otherToken).expect(201);
    await apply(input, otherToken).expect(201);
    expect(await applicationsToMail(api.world.db)).toMatchObject([
      {
        addresses: ['jobs@acme.example', 'hr@acme.example'],
        applications: [{ name: `Nadia ${input.lastName}` }],
      },
    ]);
  });

  it('does nothing for programs that fill in every field, and does not tell them', async () => {
    const input = applicant({ website: 'https://spam.example' });
    await apply(input).expect(201, { received: true });
    expect(await found(input.email)).toEqual([]);
  });

  it('is not there when it is switched off, the vacancy is closed, or the address is wrong', async () => {
    const other = await company.vacancy();
    const otherToken = await open(other);
    await recruiter.patch(`/api/v1/vacancies/${other.id}`, { status: 'closed' }).expect(200);
    await apply(applicant(), otherToken).expect(404);
    await recruiter.patch(`/api/v1/vacancies/${other.id}`, { status: 'open' }).expect(200);
    await recruiter.put(settings(other), { enabled: false }).expect(200);
    await api.anonymous.get(`/api/v1/application-forms/${otherToken}`).expect(404);
    await apply(applicant(), otherToken).expect(404);
    await apply(applicant(), other.id).expect(404);
    // its address stays the same
    expect(await open(other)).toBe(otherToken);
  });
});

it('takes no more than so many from one network', async () => {
  const limited = await createApi({ applicationsPerIp: 2 });
  try {
    const path = '/api/v1/application-forms/nothing';
    for (const status of [404, 404, 429]) await limited.anonymous.post(path, applicant()).expect(status);
  } finally {
    await limited.close();
  }
});
