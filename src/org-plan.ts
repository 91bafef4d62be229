import { z } from 'zod';
import { plan } from './contracts/credits';
import { changePlan, getOrganization, organizationOf } from './data/organization/organizations';
import { runCommand } from './operator-command';

const usage = `npm run org:plan -- --org acme --plan enterprise --sms on

  --org        short name of the organization, as org:create printed it
  --plan       essential, business or enterprise
  --whatsapp   on or off: whether the plan includes WhatsApp
  --sms        on or off: whether the plan includes SMS`;

const onOrOff = z
  .enum(['on', 'off'])
  .transform((word) => word === 'on')
  .optional();

const schema = z.object({
  org: z.string().min(1),
  plan: plan.optional(),
  whatsapp: onOrOff,
  sms: onOrOff,
});

/** `npm run org:plan`: Customer Success changes plan and add-ons, or sees how they stand (R-CRED-3). */
runCommand({
  usage,
  options: {
    org: { type: 'string' },
    plan: { type: 'string' },
    whatsapp: { type: 'string' },
    sms: { type: 'string' },
  },
  schema,
  async run(db, _config, { org, plan: wanted, whatsapp, sms }) {
    const organizationId = await organizationOf(db, org);
    if (wanted !== undefined || whatsapp !== undefined || sms !== undefined)
      await changePlan(db, organizationId, { plan: wanted, whatsappInPlan: whatsapp, smsInPlan: sms });
    const now = await getOrganization(db, organizationId);
    const word = (included: boolean) => (included ? 'on' : 'off');
    return `${org} has the plan ${now.plan}, WhatsApp ${word(now.whatsappInPlan)}, SMS ${word(now.smsInPlan)}.`;
  },
});
