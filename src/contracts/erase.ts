import { z } from 'zod';
import { id, instant, reference } from './common';
import { administrators, type Routes } from './route';

/** What is left of somebody. */
export const erased = z.object({ id, erasedAt: instant });
export type Erased = z.infer<typeof erased>;

export const eraseRoutes = {
  'POST /api/v1/people/{personId}/erase': {
    summary: 'Erase a person for good',
    description:
      'Name, contact details, messages, files, notes, mails in every mailbox, and history are erased, those of people merged into them too; what ' +
      'was still to be sent is cancelled, and its credits come back. Links to their pages, reply addresses and unsubscribe links are dead. What ' +
      'stays: credits, counts of messages, and opt-outs as a keyed hash. It cannot be undone. The event `person.erased` tells other systems; ' +
      'afterwards the person is answered with 404. Backups hold them until they rotate.',
    tag: 'People',
    access: administrators('people:write'),
    params: z.object({ personId: reference }),
    response: erased,
    status: 200,
    idempotent: true,
  },
} as const satisfies Routes;
