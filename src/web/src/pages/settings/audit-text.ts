import type { AuditTarget } from '../../../../contracts/audit';

/** The words of the audit log. */
export const auditText = {
  intro: 'Who changed which setting, permission, consent, credit or ownership, and when.',
  user: 'User',
  anybody: 'Anybody',
  kind: 'Kind',
  anything: 'Everything',
  none: 'Nothing found',
  noneHint: 'Nothing was changed that the log holds, or not with these filters.',
  older: 'Show older',
  changes: 'What changed',
  field: 'Field',
  before: 'Before',
  after: 'After',
  targets: {
    user: 'Users and permissions',
    apiKey: 'API keys',
    person: 'People: consent, ownership',
    message: 'Messages',
    bulkSend: 'Messages to many',
    channel: 'Channels',
    template: 'Templates',
    vacancy: 'Vacancies',
    stage: 'Stages and automatic actions',
    organization: 'Organization: plan, credits',
    webhookEndpoint: 'Webhooks',
  } satisfies Record<AuditTarget, string>,
};

/** `user.invited` → `User invited`, `stageAction.added` → `Stage action added` */
export function actionWords(action: string): string {
  const words = action
    .replaceAll('.', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace('api key', 'API key');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
