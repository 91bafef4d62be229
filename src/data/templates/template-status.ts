import type { WhatsAppEvent } from '../../channels/whatsapp/types';
import type { Database } from '../database';

/** Follows WhatsApp's word on a template; the change shows on open pages. */
export async function storeTemplateStatus(
  db: Database,
  account: { organizationId: string; channelAccountId: string },
  event: Extract<WhatsAppEvent, { type: 'templateStatus' }>,
): Promise<void> {
  await db.transact(async (tx) => {
    await tx.query(
      `update templates set status = lower($5)::template_status, status_reason = $6, updated_at = $7
       where organization_id = $1 and channel_account_id = $2 and meta_name = $3 and language = $4`,
      [
        account.organizationId,
        account.channelAccountId,
        event.name,
        event.language,
        event.status,
        event.rejectedReason ?? null,
        await tx.now(),
      ],
    );
    tx.notice({ type: 'settings', organizationId: account.organizationId });
  });
}
