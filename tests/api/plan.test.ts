import type { Conversation } from '../../src/contracts/conversations';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
});
afterAll(() => api.close());

const putInPlan = (included: boolean) =>
  api.world.db.query('update organizations set whatsapp_in_plan = $2 where id = $1', [
    company.organizationId,
    included,
  ]);

describe('R-CRED-1: WhatsApp outside the plan', () => {
  it('is refused with the way to get it, costs nothing, and works as soon as it is in the plan', async () => {
    const person = await company.person();
    const templateId = await company.template();
    const path = `/api/v1/conversations/${person.conversationId}`;
    const send = () => recruiter.post(`${path}/messages`, { type: 'template', templateId });
    const verdict = async () =>
      ((await recruiter.get(path).expect(200)).body as Conversation).can.sendTemplate?.code ?? null;

    await putInPlan(false);
    expect(await verdict()).toBe('not_in_plan');
    const { body } = await send().expect(409);
    expect(body).toMatchObject({
      code: 'not_in_plan',
      detail: expect.stringMatching(
        /does not include.*Request its activation from Customer Success/,
      ) as string,
    });
    expect((await recruiter.get(`${path}/messages`).expect(200)).body).toMatchObject({ items: [] });
    expect(await company.balance()).toBe(1000);

    await putInPlan(true);
    expect(await verdict()).toBeNull();
    await send().expect(202);
    expect(await company.balance()).toBe(999);
  });

  it('is told to whoever moves a candidate to a stage that would send', async () => {
    const vacancy = await company.vacancy();
    const person = await company.person();
    const [applicationId] = await company.apply(vacancy, [person]);
    await company.action(vacancy.stages[1]!, await company.template());
    await putInPlan(false);
    const { body } = await recruiter
      .post(`/api/v1/applications/${applicationId}/move`, { stageId: vacancy.stages[1] })
      .expect(200);
    expect(JSON.stringify(body)).toContain('not_in_plan');
    await putInPlan(true);
  });
});
