import type { MediaFile } from '../../contracts/messages';
import { checkEmailFile, checkWhatsAppMedia, receivedMimeType } from '../../domain/media-rules';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import type { SealedAccount } from '../../channels/open-account';
import { visiblePerson } from '../visibility';
import { sealedAccountSql } from '../channels/sealed-account';
import { storeFile } from './store-file';

/** Keeps a file to be sent, checked for what its channel takes. */
export async function storeUpload(
  db: Database,
  actor: Actor,
  upload: {
    bytes: Buffer;
    mimeType: string;
    filename: string;
    voice: boolean;
    channel?: 'whatsapp' | 'email';
  },
): Promise<MediaFile> {
  const file = { bytes: upload.bytes, declaredMimeType: upload.mimeType };
  const check = upload.channel === 'email' ? checkEmailFile(file) : checkWhatsAppMedia(file);
  if (!check.ok) throw new DomainError('media_refused', check.sentence);
  const voice = upload.voice && 'media' in check && check.media === 'audio';
  const id = await storeFile(
    db,
    { organizationId: actor.organizationId, uploadedById: actor.user?.id ?? null },
    { ...upload, mimeType: check.mimeType, voice },
  );
  return {
    id,
    state: 'stored',
    mimeType: check.mimeType,
    filename: upload.filename,
    size: upload.bytes.length,
    voice,
    url: `/api/v1/media/${id}`,
  };
}

/** A file that the actor may see: of a conversation they see, of a mail of their own, or uploaded by themselves. */
export async function readMedia(
  db: Database,
  actor: Actor,
  mediaId: string,
): Promise<{ bytes: Buffer; mimeType: string; filename: string | null }> {
  const [media] = await db.query<{ bytes: Buffer; mimeType: string; filename: string | null }>(
    `select f.bytes, f.mime_type as "mimeType", f.filename from media f
     left join messages m on m.organization_id = f.organization_id and m.id = f.message_id
     left join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
     left join people p on p.organization_id = c.organization_id and p.id = c.person_id
     left join mails w on w.organization_id = f.organization_id and w.id = f.mail_id
     where f.organization_id = $1 and f.id = $2 and f.state = 'stored'
       and (f.uploaded_by_id = $3 or w.user_id = $3 or (p.id is not null and ${visiblePerson(actor, 'p')})
         or not w.private and exists (
           select 1 from mail_filings filed
           join messages said on said.organization_id = filed.organization_id and said.id = filed.message_id
           join conversations sc on sc.organization_id = said.organization_id and sc.id = said.conversation_id
           join people sp on sp.organization_id = sc.organization_id and sp.id = sc.person_id
           where filed.organization_id = w.organization_id and filed.mail_id = w.id and ${visiblePerson(actor, 'sp')}))`,
    [actor.organizationId, mediaId, actor.user?.id ?? null],
  );
  if (!media) throw notFound('file');
  return media;
}

export type PendingMedia = { providerId: string; attempts: number; account: SealedAccount };

/** An inbound file that waits to be fetched; undefined when it was already. */
export async function pendingMedia(
  db: Database,
  ids: { organizationId: string; mediaId: string },
): Promise<PendingMedia | undefined> {
  const [row] = await db.query<SealedAccount & { providerId: string; attempts: number }>(
    `update media f set attempts = f.attempts + 1 from messages m, channel_accounts a
     where f.organization_id = $1 and f.id = $2 and f.state = 'pending'
       and m.organization_id = f.organization_id and m.id = f.message_id
       and a.organization_id = m.organization_id and a.id = m.channel_account_id
     returning f.provider_id as "providerId", f.attempts, ${sealedAccountSql('a')}`,
    [ids.organizationId, ids.mediaId],
  );
  return row && { providerId: row.providerId, attempts: row.attempts, account: row };
}

/** Keeps a fetched file, with the type that its bytes show. */
export async function storeFetched(
  db: Database,
  ids: { organizationId: string; mediaId: string },
  file: { bytes: Buffer; mimeType: string },
): Promise<void> {
  await settleMedia(db, ids, `state = 'stored', mime_type = $3, size = $4, bytes = $5`, [
    receivedMimeType(file.bytes, file.mimeType),
    file.bytes.length,
    file.bytes,
  ]);
}

/** Gives a file up: WhatsApp does not have it any more, or it is too large. */
export async function storeFetchFailure(
  db: Database,
  ids: { organizationId: string; mediaId: string },
  failure: string,
): Promise<void> {
  await settleMedia(db, ids, `state = 'failed', failure = $3`, [failure]);
}

async function settleMedia(
  db: Database,
  ids: { organizationId: string; mediaId: string },
  set: string,
  values: unknown[],
): Promise<void> {
  await db.transact(async (tx) => {
    const [message] = await tx.query<{ conversationId: string; personId: string }>(
      `update media f set ${set} from messages m, conversations c
       where f.organization_id = $1 and f.id = $2 and f.state = 'pending' and m.organization_id = f.organization_id and m.id = f.message_id
         and c.organization_id = m.organization_id and c.id = m.conversation_id
       returning m.conversation_id as "conversationId", c.person_id as "personId"`,
      [ids.organizationId, ids.mediaId, ...values],
    );
    if (message) tx.notice({ type: 'conversation', organizationId: ids.organizationId, ...message });
  });
}

/** The bytes of a file that is about to be sent. */
export async function mediaToSend(
  db: Database,
  ids: { organizationId: string; mediaId: string },
): Promise<{ bytes: Buffer; mimeType: string; filename: string } | undefined> {
  const [media] = await db.query<{ bytes: Buffer; mimeType: string; filename: string }>(
    `select bytes, mime_type as "mimeType", coalesce(filename, 'file') as filename from media
     where organization_id = $1 and id = $2 and state = 'stored'`,
    [ids.organizationId, ids.mediaId],
  );
  return media;
}
