import { ChannelError } from '../../channels/channel-error';
import { templateSlots } from '../../channels/whatsapp/templates';
import type { TemplateComponent } from '../../channels/whatsapp/types';
import { reasonText } from '../../contracts/reasons';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { normalisePhone, toWaId } from '../../domain/phone';
import { writeAudit } from '../organization/audit';
import { openChannelAccount, type ChannelContext } from '../channels/channel-accounts';
import { newId, type Database } from '../database';
import { defaultCountryOf } from '../people/people';
import type { RatedAccount, SendLimits } from '../limits/send-limits';
import { openSmsChannel, type SmsContext } from '../channels/sms-account';
import type { Queryable } from '../sql';

const callTimeoutMs = 15_000;

type TestTemplate = { name: string; language: string; status: string; components: TemplateComponent[] };

/**
 * *Send test*: an approved template without parameters to a number of one's own. It proves that the credentials work; it is
 * no message to a person, and costs no credit; it takes its place in the account's row of sends. Sent within the transaction that keeps
 * its idempotency key.
 */
export async function sendTest(
  db: Database,
  context: ChannelContext & { rate: SendLimits },
  test: { channelAccountId: string; to: string; templateId: string },
): Promise<void> {
  const { actor, whatsApp, rate } = context;
  const to = await numberOf(db, actor, test.to);
  const account = await openChannelAccount(db, context, test.channelAccountId);
  const template = await readTemplate(db, actor.organizationId, test);
  await placeFor(rate, { organizationId: actor.organizationId, ...test });
  await db.transact(async (tx) => {
    const id = newId();
    const content = {
      type: 'template',
      template: { name: template.name, language: template.language },
    } as const;
    await sending(() =>
      whatsApp.send(
        account,
        { to: toWaId(to), clientReference: `test:${id}`, content },
        { timeoutMs: callTimeoutMs },
      ),
    );
    await writeAudit(tx, actor, {
      action: 'channel.tested',
      target: 'channel',
      targetId: test.channelAccountId,
      after: { templateId: test.templateId },
    });
    return { id };
  });
}

/** The same by SMS, from the sender that is set. */
export async function sendSmsTest(
  db: Database,
  context: SmsContext & { rate: SendLimits },
  number: string,
): Promise<void> {
  const { actor, sms, rate } = context;
  const to = await numberOf(db, actor, number);
  const { id, account } = await openSmsChannel(db, context);
  await placeFor(rate, { organizationId: actor.organizationId, channelAccountId: id });
  await db.transact(async (tx) => {
    const [organization] = await tx.query<{ name: string }>('select name from organizations where id = $1', [
      actor.organizationId,
    ]);
    const body = `This is a test of SMS from ${organization!.name}.`;
    await sending(() => sms.send(account, { to, body }, { timeoutMs: callTimeoutMs }));
    await writeAudit(tx, actor, { action: 'channel.tested', target: 'channel', targetId: id });
    return { id: newId() };
  });
}

/** Not within the transaction: the row is locked by a statement of its own. */
async function placeFor(rate: SendLimits, { organizationId, channelAccountId }: RatedAccount): Promise<void> {
  if (!(await rate.once({ organizationId, channelAccountId })))
    throw new DomainError(
      'rate_limited',
      'As many messages as this account may send are on their way. Try again in a moment.',
      { retryAfterSeconds: 1 },
    );
}

async function numberOf(db: Database, actor: Actor, typed: string): Promise<string> {
  const phone = normalisePhone(typed, await defaultCountryOf(db, actor.organizationId));
  if (!phone.ok) throw invalid('to', 'is no phone number');
  return phone.e164;
}

/** What the provider refuses is told in its own words. */
async function sending(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    throw new DomainError(error.reason, error.detail ?? reasonText[error.reason]);
  }
}

async function readTemplate(
  db: Queryable,
  organizationId: string,
  test: { channelAccountId: string; templateId: string },
): Promise<TestTemplate> {
  const [template] = await db.query<TestTemplate>(
    `select meta_name as name, language, status, coalesce(components, '[]') as components from templates
     where organization_id = $1 and id = $2 and channel_account_id = $3 and removed_at is null`,
    [organizationId, test.templateId, test.channelAccountId],
  );
  if (!template) throw invalid('templateId', 'is none of this number');
  if (template.status !== 'approved') {
    throw new DomainError('template_not_approved', reasonText.template_not_approved);
  }
  if (templateSlots(template.components).length > 0) {
    throw invalid('templateId', 'has parameters; choose one without');
  }
  return template;
}

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });
