import type { Language } from '../../contracts/common';
import { say } from '../../domain/words';
import { acceptMessage } from './accept-message';
import type { ConversationIds } from '../conversations/conversation-store';
import type { Tx } from '../database';

/**
 * Who writes HELP is told who writes to them and how to stop it: an automatic message like any other, which passes the same gate and costs
 * the same. Once a day and person at most, so that no two machines go on answering each other.
 */
export async function answerHelp(
  tx: Tx,
  ids: ConversationIds,
  { channel, dayMs }: { channel: 'whatsapp' | 'sms'; dayMs: number },
): Promise<void> {
  const { organizationId, conversationId } = ids;
  const since = new Date((await tx.now()).getTime() - dayMs);
  const answered = await tx.query(
    `select 1 from messages where organization_id = $1 and conversation_id = $2 and occurred_at > $3 and content ->> 'help' = 'true' limit 1`,
    [organizationId, conversationId, since],
  );
  if (answered.length > 0) return;
  const [organization] = await tx.query<{ company: string; contact: string | null; language: Language }>(
    'select name as company, public_contact_email as contact, language from organizations where id = $1',
    [organizationId],
  );
  const { messageId } = await acceptMessage(tx, dayMs, ids, {
    channel,
    content: { type: 'text', text: textOf(organization!) },
    origin: 'automatic',
    actor: { organizationId, user: null, apiKeyId: null },
    applicationId: null,
    replyToId: null,
    retryOfId: null,
    stageEntryId: null,
  });
  await tx.query(
    `update messages set content = coalesce(content, '{}') || '{"help": true}' where organization_id = $1 and id = $2`,
    [organizationId, messageId],
  );
}

/** Who writes, how to stop it, and where to ask. */
function textOf({
  company,
  contact,
  language,
}: {
  company: string;
  contact: string | null;
  language: Language;
}): string {
  const help = say(language, 'help.text', { company });
  return contact === null ? help : `${help} ${say(language, 'help.contact', { contact })}`;
}
