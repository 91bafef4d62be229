/**
 * Activities that send in numbers have a queue and slots of their own, so that a large move never holds up somebody who is chatting,
 * and so have calls of other people's servers, which may be slow. `mail` is served by the mail process.
 * All workflows run on `interactive`: they only decide what is next, and a second set of workflow threads would cost 40 MB.
 */
export const taskQueues = {
  interactive: 'interactive',
  bulk: 'bulk',
  webhooks: 'webhooks',
  mail: 'mail',
} as const;
