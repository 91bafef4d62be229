export { bulkSend } from './bulk-send';
export { conversation } from './conversation';
export { mailOutbox } from './mail-outbox';
export { mailbox } from './mailbox';
export { scheduledSend } from './scheduled-send';
export { stageMove } from './stage-move';
export { webhookEndpoint } from './webhook-endpoint';
