/** The ids by which commands name the workflows that carry them out. */
export const conversationWorkflowId = (conversationId: string): string => `conversation:${conversationId}`;
export const bulkSendWorkflowId = (bulkSendId: string): string => `bulk-send:${bulkSendId}`;
export const scheduledSendWorkflowId = (batchId: string): string => `scheduled-send:${batchId}`;
export const mailOutboxWorkflowId = (userId: string): string => `mail-outbox:${userId}`;
export const stageMoveWorkflowId = (moveId: string): string => `stage-move:${moveId}`;
export const mailboxWorkflowId = (userId: string): string => `mailbox:${userId}`;
export const webhookEndpointWorkflowId = (endpointId: string): string => `webhook-endpoint:${endpointId}`;
