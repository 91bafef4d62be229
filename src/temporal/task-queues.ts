/** Each has slots of its own, so that a large move never holds up somebody who is chatting. */
export const taskQueues = { interactive: 'interactive', bulk: 'bulk' } as const;
