import { z } from 'zod';
import { invitationMail } from './api/mails';
import { email, name } from './contracts/common';
import { createOrganization } from './data/organization/organizations';
import { DomainError } from './domain/errors';
import { createMailer } from './mailer';
import { runCommand } from './operator-command';

const usage = `npm run org:create -- --name "Acme" --admin ada@acme.example

  --name          of the organization
  --admin         e-mail address of its first Administrator
  --admin-name    their name ("Ada Lovelace"); else the part before the @
  --slug          short name for commands; else made from the name
  --country       two letters, for numbers typed without a prefix        (NL)
  --time-zone                                                            (Europe/Amsterdam)
  --plan          essential, business or enterprise                      (business)
  --whatsapp      the plan includes WhatsApp
  --sms           the plan includes SMS
  --credits       granted at once                                        (0)
  --contact       public e-mail address of the organization
  --success       address that requests for credits and activation reach`;

const slugOf = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

const schema = z.object({
  name: name,
  admin: email,
  'admin-name': z.string().trim().min(1).max(200).optional(),
  slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and dashes')
    .max(60)
    .optional(),
  country: z
    .string()
    .regex(/^[a-z]{2}$/i, 'two letters, such as NL')
    .transform((text) => text.toUpperCase())
    .default('NL'),
  'time-zone': z
    .string()
    .refine(isTimeZone, 'is no time zone, such as Europe/Amsterdam')
    .default('Europe/Amsterdam'),
  plan: z.enum(['essential', 'business', 'enterprise']).default('business'),
  whatsapp: z.boolean().default(false),
  sms: z.boolean().default(false),
  credits: z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .transform(Number)
    .default(0),
  contact: email.optional(),
  success: email.optional(),
});

const options = {
  name: { type: 'string' },
  admin: { type: 'string' },
  'admin-name': { type: 'string' },
  slug: { type: 'string' },
  country: { type: 'string' },
  'time-zone': { type: 'string' },
  plan: { type: 'string' },
  whatsapp: { type: 'boolean' },
  sms: { type: 'boolean' },
  credits: { type: 'string' },
  contact: { type: 'string' },
  success: { type: 'string' },
} as const;

/** `npm run org:create`: an organization and its first Administrator, who gets a link to set a password. */
runCommand({
  usage,
  options,
  schema,
  async run(db, config, input) {
    const slug = input.slug ?? slugOf(input.name);
    if (slug === '') throw new DomainError('invalid', 'Give a --slug: none can be made from this name.');
    const [firstName = '', ...rest] = (input['admin-name'] ?? input.admin.split('@')[0]!).split(/\s+/);
    const { token } = await createOrganization(
      db,
      {
        name: input.name,
        slug,
        plan: input.plan,
        whatsappInPlan: input.whatsapp,
        smsInPlan: input.sms,
        defaultCountry: input.country,
        timeZone: input['time-zone'],
        language: 'en',
        publicContactEmail: input.contact ?? null,
        customerSuccessEmail: input.success ?? null,
      },
      { email: input.admin, firstName, lastName: rest.join(' ') },
      input.credits,
    );
    const mail = invitationMail(config.publicUrl, {
      email: input.admin,
      firstName,
      token,
      invitedBy: null,
    });
    const lines = [
      `${input.name} (${slug}) is there. Its Administrator sets a password here, once, within seven days:`,
      '',
      `  ${config.publicUrl}/set-password/${token}`,
      '',
      await deliver(config.mail, mail),
    ];
    return lines.join('\n');
  },
});

/** Mails the link where a mail server is configured; the organization is there either way. */
async function deliver(
  settings: { smtpUrl: string | undefined; from: string },
  mail: ReturnType<typeof invitationMail>,
): Promise<string> {
  if (settings.smtpUrl === undefined) return 'SMTP_URL is not set: pass the link on yourself.';
  const mailer = createMailer(settings);
  try {
    await mailer.send(mail);
    return `It was also sent to ${mail.to}.`;
  } catch (error) {
    return `It could not be sent to ${mail.to} (${(error as Error).message}): pass the link on yourself.`;
  } finally {
    mailer.close();
  }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
