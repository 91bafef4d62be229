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
    const { text, mediaId } = input;
    await storeInbound(tx, conversation, {
      messageId,
      channel: 'page',
      channelAccountId: null,
      contactPointId: null,
      providerId: null,
      kind: mediaId === undefined ? 'text' : await takeFile(tx, page, mediaId, messageId),
      body: text === '' ? null : text,
      content: mediaId === undefined ? {} : { mediaId },
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

/** More are never on their way at once; what is older was given up. */
const waitingAtMost = 10;

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

/** The file goes with the message: one of this page, and only once. Returns the message's kind. */
async function takeFile(tx: Tx, page: OpenedPage, mediaId: string, messageId: string): Promise<string> {
  const [file] = await tx.query<{ mimeType: string }>(
    `update media set message_id = $3 where organization_id = $1 and id = $2 and message_id is null and provider_id = $4 and state = 'stored'
     returning mime_type as "mimeType"`,
    [page.organizationId, mediaId, messageId, ownerOf(page)],
  );
  if (!file)
    throw new DomainError('invalid', 'The file is not there any more. Attach it again.', {
      errors: [{ path: 'mediaId', message: 'is no file that waits to be sent from this page' }],
    });
  const [kind = ''] = file.mimeType.split('/');
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document';
}

/** Who has brought a file that belongs to no message yet. */
const ownerOf = ({ pageId }: OpenedPage): string => `page:${pageId}`;
