import { endpointsToMail, noteEndpointMailed, type FailingEndpoint } from '../data/events/failing-endpoints';
import type { Mail } from '../mailer';
import { mailEach, type NoticeDeps } from './mail-each';

/** R-LOG-5: mails the Administrators about a webhook endpoint that fails for long, once, and once more when it is stopped. */
export async function mailFailingEndpoints(deps: NoticeDeps): Promise<void> {
  await mailEach(deps, await endpointsToMail(deps.db), {
    mail: (endpoint) => failingEndpointMail(deps.publicUrl, endpoint),
    note: noteEndpointMailed,
    about: ({ organizationId, id }) => ({ organizationId, endpointId: id }),
  });
}

function failingEndpointMail(publicUrl: string, endpoint: FailingEndpoint): Mail {
  const { id, name, url, organization, administrators, disabled, toldAt } = endpoint;
  return {
    to: administrators.join(', '),
    subject: disabled
      ? `Parley: the webhook endpoint ${name} of ${organization} is stopped`
      : `Parley: events do not get through to ${name} of ${organization}`,
    messageId: `webhook-${id}-${toldAt.getTime()}`,
    text: [
      'Hello,',
      '',
      disabled
        ? `${name} (${url}) took no event for seven days. Parley has stopped asking it.`
        : `Events for ${name} (${url}) have not been taken for more than an hour. Parley goes on trying.`,
      'Nothing is lost so far: what it has not got is kept, and follows in order.',
      '',
      disabled ? 'Why, and where to resume it:' : 'Why:',
      `${publicUrl}/settings/webhooks`,
    ].join('\n'),
  };
}
