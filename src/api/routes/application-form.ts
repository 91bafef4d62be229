import {
  findOpenForm,
  getApplicationForm,
  receiveApplication,
  setApplicationForm,
} from '../../data/vacancies/application-form';
import { resolveReference } from '../../data/visibility';
import { consentWording } from '../../domain/application-form';
import { phoneCountries } from '../../domain/phone';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';
import { createApplicationLimit } from '../rate-limit';

export function applicationFormHandlers(deps: AppDeps) {
  const { config, hashKey } = deps;
  const limit = createApplicationLimit(deps.applicationsPerIp);
  return {
    'GET /api/v1/vacancies/{vacancyId}/application-form': async ({ actor, params, db }) => {
      const vacancyId = await resolveReference(db, actor, 'vacancy', params.vacancyId);
      return getApplicationForm(db, actor, vacancyId, config.publicUrl);
    },

    'PUT /api/v1/vacancies/{vacancyId}/application-form': async ({ actor, params, body, db }) => {
      const vacancyId = await resolveReference(db, actor, 'vacancy', params.vacancyId);
      await setApplicationForm(db, actor, vacancyId, body.enabled);
      return getApplicationForm(db, actor, vacancyId, config.publicUrl);
    },

    'GET /api/v1/application-forms/{token}': async ({ params, db }) => {
      const { companyName, brand, vacancyTitle, defaultCountry } = await findOpenForm(db, params.token);
      return {
        companyName,
        brand,
        vacancyTitle,
        defaultCountry,
        consentWording: consentWording(companyName),
        countries: phoneCountries(),
      };
    },

    'POST /api/v1/application-forms/{token}': async ({ params, body, db, req, res }) => {
      await limit(req, res);
      // a program is told what a person is told
      if (body.website !== '') return { received: true };
      await receiveApplication(db, { dayMs: config.dayMs, hashKey }, params.token, body);
      return { received: true };
    },
  } satisfies Partial<Handlers>;
}
