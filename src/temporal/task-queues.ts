/**
 * Activities that send in numbers have a queue and slots of their own, so that a large move never holds up somebody who is chatting.
 * All workflows run on `interactive`: they only decide what is next, and a second set of workflow threads would cost 40 MB.
 */
export const taskQueues = { interactive: 'interactive', bulk: 'bulk' } as const;
