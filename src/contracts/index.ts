import { actionRoutes } from './actions';
import { applicationFormRoutes } from './application-form';
import { auditRoutes } from './audit';
import { candidatePageRoutes } from './candidate-pages';
import { channelRoutes } from './channels';
import { confidentialRoutes } from './confidential';
import { conversationRoutes } from './conversations';
import { eraseRoutes } from './erase';
import { eventRoutes } from './events';
import { creditRoutes } from './credits';
import { mailRoutes } from './mails';
import { mailboxRoutes } from './mailboxes';
import { heldMailRoutes } from './held-mails';
import { mergeRoutes } from './merge';
import { messageRoutes } from './messages';
import { operatorRoutes } from './operator';
import { organizationRoutes } from './organization';
import { peopleRoutes } from './people';
import { recordRoutes } from './records';
import { reportRoutes } from './reports';
import { savedSearchRoutes } from './saved-searches';
import { scheduledMessageRoutes } from './scheduled-messages';
import { sendRoutes } from './sends';
import { sessionRoutes } from './session';
import { templateRoutes } from './templates';
import { unsubscribeRoutes } from './unsubscribe';
import { userRoutes } from './users';
import { vacancyRoutes } from './vacancies';
import { webhookEndpointRoutes } from './webhook-endpoints';

/** Every route of the API. */
export const routes = {
  ...sessionRoutes,
  ...userRoutes,
  ...mailboxRoutes,
  ...peopleRoutes,
  ...vacancyRoutes,
  ...applicationFormRoutes,
  ...unsubscribeRoutes,
  ...candidatePageRoutes,
  ...mergeRoutes,
  ...eraseRoutes,
  ...actionRoutes,
  ...conversationRoutes,
  ...messageRoutes,
  ...heldMailRoutes,
  ...mailRoutes,
  ...scheduledMessageRoutes,
  ...sendRoutes,
  ...recordRoutes,
  ...templateRoutes,
  ...channelRoutes,
  ...eventRoutes,
  ...webhookEndpointRoutes,
  ...savedSearchRoutes,
  ...reportRoutes,
  ...creditRoutes,
  ...organizationRoutes,
  ...operatorRoutes,
  ...confidentialRoutes,
  ...auditRoutes,
};

export type RouteKey = keyof typeof routes;
