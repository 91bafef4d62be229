import type { PageFile, PageMessageInput } from '../../contracts/candidate-pages';
import type { CandidatePageLink } from '../../domain/candidate-page-link';
import { DomainError } from '../../domain/errors';
import { checkCandidateFile, maxCandidateFileBytes } from '../../domain/media-rules';
import { lockConversation } from '../conversations/conversation-store';
import { ConcurrentChange, newId, type Database, type Tx } from '../database';
import { storeInbound } from '../inbound/store-inbound';
import { storeFile } from '../messages/store-file';
import { findPage, openPage, type OpenedPage } from './candidate-page-read';

/** R-MAIL-1: the candidate writes on their page. Returns the message's id. */
export async function receivePageMessage(
  db: Database,
  link: CandidatePageLink,
  input: PageMessageInput,
): Promise<string> {
  return db.transact(async (tx) => {
    const { organizationId, conversationId } = await findPage(tx, link);
    const conversation = await lockConversation(tx, { organizationId, conversationId });
    if (conversation.mergedIntoId !== null) throw new ConcurrentChange();
    const now = await tx.now();
    const page = await openPage(tx, link, now);
    assertMayWrite(page);
    const messageId = newId();
    const { text } = input;
    const mediaIds = [...new Set(input.mediaIds)];
    const [kind] = await takeFiles(tx, page, mediaIds, messageId);
    await storeInbound(tx, conversation, {
      messageId,
      channel: 'page',
      channelAccountId: null,
      contactPointId: null,
      providerId: null,
      kind: mediaIds.length === 1 ? kind! : text === '' ? 'document' : 'text',
      body: text === '' ? null : text,
      content: mediaIds.length === 0 ? {} : mediaIds.length === 1 ? { mediaId: mediaIds[0]! } : { mediaIds },
      applicationId: page.applicationId,
      at: now,
      now,
    });
    await tx.query(
      'update candidate_pages set last_message_at = greatest(last_message_at, $3) where organization_id = $1 and id = $2',
      [organizationId, page.pageId, now],
    );
    return messageId;
  });
}

/** R-MAIL-3 */
export function assertMayWrite({ rejected }: OpenedPage): void {
  if (rejected)
    throw new DomainError(
      'rejected',
      'This application has been closed, so nothing can be written here any more. Write to the company by e-mail.',
    );
}

/** A message takes ten; what is older than twice as many was given up. */
const waitingAtMost = 20;

/** Keeps a file until the page sends it. */
export async function storePageFile(
  db: Database,
  link: CandidatePageLink,
  upload: { bytes: Buffer; mimeType: string; filename: string },
): Promise<PageFile> {
  const page = await openPage(db, link, await db.now());
  assertMayWrite(page);
  if (upload.bytes.length > maxCandidateFileBytes)
    throw new DomainError('too_large', 'The file is larger than 20 MB. Send a smaller one.');
  const check = checkCandidateFile({ bytes: upload.bytes, declaredMimeType: upload.mimeType });
  if (!check.ok) throw new DomainError('media_refused', check.sentence);
  const id = await storeFile(
    db,
    { organizationId: page.organizationId, pageKey: ownerOf(page) },
    { ...upload, mimeType: check.mimeType },
  );
  await db.query(
    `delete from media where organization_id = $1 and id in (
       select id from media where organization_id = $1 and message_id is null and mail_id is null and provider_id = $2
       order by created_at desc, id desc offset $3)`,
    [page.organizationId, ownerOf(page), waitingAtMost],
  );
  return { id, mimeType: check.mimeType, filename: upload.filename, size: upload.bytes.length };
}

/** The files go with the message: those of this page, and only once. Returns what kind of message each would be by itself. */
async function takeFiles(tx: Tx, page: OpenedPage, mediaIds: string[], messageId: string): Promise<string[]> {
  if (mediaIds.length === 0) return [];
  const files = await tx.query<{ id: string; mimeType: string }>(
    `update media set message_id = $3 where organization_id = $1 and id = any($2::uuid[]) and message_id is null and provider_id = $4 and state = 'stored'
     returning id, mime_type as "mimeType"`,
    [page.organizationId, mediaIds, messageId, ownerOf(page)],
  );
  const errors = mediaIds.flatMap((id, index) =>
    files.some((file) => file.id === id)
      ? []
      : [{ path: `mediaIds.${index}`, message: 'is no file that waits to be sent from this page' }],
  );
  if (errors.length > 0)
    throw new DomainError('invalid', 'A file is not there any more. Attach it again.', { errors });
  return files.map(({ mimeType }) => {
    const [kind = ''] = mimeType.split('/');
    return ['image', 'audio', 'video'].includes(kind) ? kind : 'document';
  });
}

/** Who has brought a file that belongs to no message yet. */
const ownerOf = ({ pageId }: OpenedPage): string => `page:${pageId}`;
