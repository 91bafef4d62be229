import { z } from 'zod';
import { grantCredits } from './data/organization/organizations';
import { runCommand } from './operator-command';

const usage = `npm run org:credits -- --org acme --grant 100

  --org      short name of the organization, as org:create printed it
  --grant    how many
  --note     for the ledger, e.g. the invoice`;

const schema = z.object({
  org: z.string().min(1),
  grant: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'a whole number above 0')
    .transform(Number),
  note: z.string().trim().max(200).optional(),
});

/** `npm run org:credits`: Customer Success grants credits (R-CRED-3). */
runCommand({
  usage,
  options: { org: { type: 'string' }, grant: { type: 'string' }, note: { type: 'string' } },
  schema,
  async run(db, _config, { org, grant, note }) {
    const balance = await grantCredits(db, { slug: org, credits: grant, note: note ?? null });
    return `${grant} credits granted to ${org}; the balance is ${balance}.`;
  },
});
