import { listEmployers, readEmployer, renameEmployer, upsertEmployer } from '../../data/people/employers';
import { listEmployerMessages } from '../../data/messages/message-read';
import { erasePerson } from '../../data/people/erase-person';
import { changePerson, recordConsent, upsertPerson } from '../../data/people/people';
import { importPeople, previewImport, readImportResult } from '../../data/people/people-import';
import { countPeople, getPerson, listPeople } from '../../data/people/person-read';
import { parseReference, resolveReference } from '../../data/visibility';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function peopleHandlers({ hashKey }: AppDeps) {
  return {
    'GET /api/v1/people': ({ actor, query, db }) => listPeople(db, actor, query),

    'GET /api/v1/people/count': ({ actor, query, db }) => countPeople(db, actor, query),

    'POST /api/v1/people': {
      run: async ({ actor, body, db }) => {
        const { id, created } = await upsertPerson(db, actor, body, hashKey);
        return { ...(await getPerson(db, actor, id)), created };
      },
      replay: async ({ actor, db }, { resourceId, status }) => ({
        ...(await getPerson(db, actor, resourceId)),
        created: status === 201,
      }),
    },

    'POST /api/v1/people/import': {
      run: ({ actor, body, db }) => importPeople(db, actor, body, hashKey),
      replay: async (_call, { resourceId }) => readImportResult(resourceId),
    },

    'POST /api/v1/people/import/preview': ({ actor, body, db }) => previewImport(db, actor, body, hashKey),

    'GET /api/v1/people/{personId}': async ({ actor, params, db }) => {
      const person = await getPerson(db, actor, await resolveReference(db, actor, 'person', params.personId));
      const { column, value } = parseReference(params.personId);
      const asked = column === 'id' ? person.id : person.externalId;
      return asked === value ? person : { ...person, mergedIntoId: person.id };
    },

    'PATCH /api/v1/people/{personId}': async ({ actor, params, body, db }) => {
      const personId = await resolveReference(db, actor, 'person', params.personId);
      await changePerson(db, actor, personId, body, hashKey);
      return getPerson(db, actor, personId);
    },

    'POST /api/v1/people/{personId}/consents': {
      run: async ({ actor, params, body, db }) => {
        const personId = await resolveReference(db, actor, 'person', params.personId);
        await recordConsent(db, actor, personId, body);
        return getPerson(db, actor, personId);
      },
      replay: ({ actor, db }, { resourceId }) => getPerson(db, actor, resourceId),
    },

    'POST /api/v1/people/{personId}/erase': {
      run: async ({ actor, params, db }) =>
        erasePerson(db, actor, await resolveReference(db, actor, 'person', params.personId)),
      replay: async (_call, { resourceId, at }) => ({ id: resourceId, erasedAt: at.toISOString() }),
    },

    'GET /api/v1/employers': ({ actor, query, db }) => listEmployers(db, actor, query),

    'GET /api/v1/employers/{employerId}': ({ actor, params, db }) =>
      readEmployer(db, actor, params.employerId),

    'GET /api/v1/employers/{employerId}/messages': async ({ actor, params, query, db }) => {
      const { id } = await readEmployer(db, actor, params.employerId);
      return listEmployerMessages(db, actor, id, query);
    },

    'POST /api/v1/employers': {
      run: ({ actor, body, db }) => upsertEmployer(db, actor, body),
      replay: ({ actor, db }, { resourceId }) => readEmployer(db, actor, resourceId),
    },

    'PATCH /api/v1/employers/{employerId}': ({ actor, params, body, db }) =>
      renameEmployer(db, actor, params.employerId, body.name),
  } satisfies Partial<Handlers>;
}
