export { bulkSend } from './bulk-send';
export { conversation } from './conversation';
export { scheduledSend } from './scheduled-send';
export { stageMove } from './stage-move';
export { webhookEndpoint } from './webhook-endpoint';
