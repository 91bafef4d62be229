import { z } from 'zod';
import { rotateSecrets } from './data/rotate-secrets';
import { DomainError } from './domain/errors';
import { runCommand } from './operator-command';

const usage = `PARLEY_SECRET_KEY=<new> PARLEY_OLD_SECRET_KEY=<old> npm run secrets:rotate

Seals every stored secret anew: credentials of channels, passwords of mailboxes, keys of mail domains, secrets of webhook endpoints.

  1. Stop api, worker and mail.
  2. Run this. After a break it can be run again.
  3. Start them with PARLEY_SECRET_KEY=<new> and PARLEY_HASH_KEY=<old>, or the PARLEY_HASH_KEY that was set before: by it opt-outs are
     remembered, and links and reply addresses that were sent are known again.

Users sign in again. npm start does all of it by itself when it is started with these three.`;

runCommand({
  usage,
  options: {},
  schema: z.object({}),
  async run(db, { secretKey, oldSecretKey }) {
    if (!oldSecretKey || oldSecretKey.equals(secretKey))
      throw new DomainError(
        'invalid',
        `Set PARLEY_OLD_SECRET_KEY to the key of before, and PARLEY_SECRET_KEY to a new one.\n\n${usage}`,
      );
    const count = await rotateSecrets(db, { oldKey: oldSecretKey, newKey: secretKey });
    return `${count} secrets sealed anew. Start Parley with the new PARLEY_SECRET_KEY, and with PARLEY_HASH_KEY as it was (see --help).`;
  },
});
