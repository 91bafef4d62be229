import { newId, type Database, type Tx } from '../database';

/** Whose a file is. Without a message or mail it waits for one: by `pageKey` one that was uploaded on a candidate page. */
type FilePlace = {
  organizationId: string;
  messageId?: string;
  mailId?: string;
  pageKey?: string;
  uploadedById?: string | null;
};

export type NewFile = {
  bytes: Buffer;
  mimeType: string;
  filename: string;
  voice?: boolean;
};

/** Keeps the bytes of a file that was checked. Returns its id. */
export async function storeFile(db: Database | Tx, place: FilePlace, file: NewFile): Promise<string> {
  const id = newId();
  await db.query(
    `insert into media (organization_id, id, message_id, mail_id, provider_id, state, mime_type, filename, size, bytes, voice,
       uploaded_by_id, created_at)
     values ($1, $2, $3, $4, $5, 'stored', $6, $7, $8, $9, $10, $11, $12)`,
    [
      place.organizationId,
      id,
      place.messageId ?? null,
      place.mailId ?? null,
      place.pageKey ?? null,
      file.mimeType,
      file.filename,
      file.bytes.length,
      file.bytes,
      file.voice ?? false,
      place.uploadedById ?? null,
      await db.now(),
    ],
  );
  return id;
}
