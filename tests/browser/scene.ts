import { scopes } from '../../src/contracts/route';
import { createApiKey } from '../../src/data/organization/api-keys';
import { openBrowser, type Visitors } from '../support/browser';
import { startProduct, type Product } from '../support/product';

/** A candidate on the vacancy in the warehouse, who may be written to, and nothing has been said yet. */
export type Candidate = {
  name: string;
  personId: string;
  applicationId: string;
  conversationId: string;
  waId: string;
  /** Writes to the company, which has it when this resolves. */
  writes(text: string): Promise<void>;
};

export type Scene = {
  product: Product;
  visitors: Visitors;
  warehouse: { id: string; stage(name: string): string };
  candidate(wish?: { responsible?: string; stage?: string; email?: string }): Promise<Candidate>;
  /** Calls the API as an applicant system does, for what a test only needs to be there. */
  call<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T>;
  close(): Promise<void>;
};

const firstNames = ['Adil', 'Berta', 'Cosmo', 'Dalia', 'Edith', 'Fenna', 'Gilda', 'Hanno', 'Ilja', 'Jutta'];
const lastNames = ['Abbing', 'Bosveld', 'Craane', 'Doornik', 'Eekman'];

/** The running product with the demonstration company, browsers for its users, and fresh candidates for each test. */
export async function createScene(): Promise<Scene> {
  const product = await startProduct();
  const visitors = await openBrowser(product);
  const { db } = product;
  const organizationId = await product.value<string>('select id from organizations');
  const userId = (key: string) =>
    product.value<string>('select id from users where email = $1', [`${key}@brightwater.example`]);
  const { secret } = await createApiKey(
    db,
    {
      organizationId,
      user: { id: await userId('anna'), name: 'Anna de Vries', role: 'administrator', accessToOwnBase: true },
      apiKeyId: null,
    },
    { name: 'Applicant system', scopes: [...scopes] },
  );
  const call = async <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${product.url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', connection: 'close' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { items } = await call<{ items: { id: string; title: string }[] }>('GET', 'vacancies');
  const { id: vacancyId } = items.find(({ title }) => title.startsWith('Warehouse'))!;
  const { stages } = await call<{ stages: { id: string; name: string }[] }>('GET', `vacancies/${vacancyId}`);
  const stageId = (name: string) => stages.find((stage) => stage.name === name)!.id;
  const phoneNumberId = await product.value<string>(
    `select phone_number_id from channel_accounts where channel = 'whatsapp'`,
  );
  let serial = 0;

  return {
    product,
    visitors,
    call,
    warehouse: { id: vacancyId, stage: stageId },
    async candidate({ responsible = 'ruth', stage = 'New', email } = {}) {
      const [firstName, lastName] = [
        firstNames[serial % firstNames.length]!,
        lastNames[Math.floor(serial / firstNames.length) % lastNames.length]!,
      ];
      const waId = `316270000${String(++serial).padStart(2, '0')}`;
      const name = `${firstName} ${lastName}`;
      product.sandbox.control.createPhone({ waId, name });
      const { id: personId, conversationId } = await call<{ id: string; conversationId: string }>(
        'POST',
        'people',
        {
          firstName,
          lastName,
          responsibleUserId: await userId(responsible),
          contactPoints: [
            { kind: 'phone', value: `+${waId}`, phoneType: 'mobile' },
            ...(email === undefined ? [] : [{ kind: 'email', value: email }]),
          ],
          consents: [
            { channel: 'whatsapp', source: 'applicationForm', wording: 'Yes, write to me on WhatsApp.' },
          ],
        },
      );
      const { id: applicationId } = await call<{ id: string }>('POST', 'applications', {
        personId,
        vacancyId,
        stageId: stageId(stage),
      });
      return {
        name,
        personId,
        applicationId,
        conversationId,
        waId,
        async writes(text) {
          await product.sandbox.control.write(waId, { type: 'text', text }, { phoneNumberId });
          await product.settled();
        },
      };
    },
    async close() {
      await visitors.close();
      await product.close();
    },
  };
}
