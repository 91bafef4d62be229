import {
  findOpenForm,
  getApplicationForm,
  receiveApplication,
  setApplicationForm,
} from '../../data/application-form';
import { resolveReference } from '../../data/visibility';
import { consentWording } from '../../domain/application-form';
import { phoneCountries } from '../../domain/phone';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';
import { newApplicationMail } from '../mails';
import { createApplicationLimit } from '../rate-limit';
import type { ReceivedApplication } from '../../data/application-form';

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
      const { companyName, vacancyTitle, defaultCountry } = await findOpenForm(db, params.token);
      return {
        companyName,
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
      const received = await receiveApplication(db, { dayMs: config.dayMs, hashKey }, params.token, body);
      if (received.created) announce(deps, received, `${body.firstName} ${body.lastName}`);
      return { received: true };
    },
  } satisfies Partial<Handlers>;
}

/** To the addresses that announce new candidates (R-MAIL-2). Not awaited: the applicant does not wait for the mail server. */
function announce({ config, mailer, logger }: AppDeps, received: ReceivedApplication, name: string): void {
  const { form, applicationId } = received;
  for (const to of form.notificationEmails) {
    const mail = newApplicationMail(config.publicUrl, {
      to,
      name,
      vacancyTitle: form.vacancyTitle,
      applicationId,
    });
    mailer.send(mail).catch((error: unknown) => {
      const { code } = (error ?? {}) as { code?: unknown };
      logger.warn(
        { organizationId: form.organizationId, applicationId, code },
        'a new application was not announced by mail',
      );
    });
  }
}
