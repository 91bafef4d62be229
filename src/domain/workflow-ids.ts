/** The ids by which commands name the workflows that carry them out. */
export const conversationWorkflowId = (conversationId: string): string => `conversation:${conversationId}`;
export const stageMoveWorkflowId = (moveId: string): string => `stage-move:${moveId}`;
