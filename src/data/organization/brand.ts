import { createHash } from 'node:crypto';
import { DomainError, notFound } from '../../domain/errors';
import { checkLogo } from '../../domain/logo';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import type { Queryable } from '../sql';
import { writeAudit } from './audit';

/** Where the logo of the organization `o` is, with what makes browsers ask anew for another; null: it has none. */
export const logoUrlSql = (o: string): string =>
  `'/api/v1/organizations/' || ${o}.id || '/logo?v=' || ${o}.brand_logo_hash`;

/** The `Brand` of the organization `o`; the logo's bytes are not read. */
export const brandSql = (o: string): string =>
  `jsonb_build_object('color', ${o}.brand_color, 'logoUrl', ${logoUrlSql(o)})`;

/** For everybody: it stands in mails. */
export async function readLogo(
  db: Queryable,
  organizationId: string,
): Promise<{ bytes: Buffer; mimeType: string; hash: string }> {
  const [logo] = await db.query<{ bytes: Buffer; mimeType: string; hash: string }>(
    `select brand_logo as bytes, brand_logo_type as "mimeType", brand_logo_hash as hash from organizations
     where id = $1 and brand_logo is not null`,
    [organizationId],
  );
  if (!logo) throw notFound('logo');
  return logo;
}

/** Null: without a logo. @throws DomainError `invalid` */
export async function setLogo(db: Database, actor: Actor, bytes: Buffer | null): Promise<void> {
  const { organizationId } = actor;
  const checked = bytes && checkLogo(bytes);
  if (checked && !checked.ok) throw new DomainError('invalid', checked.sentence);
  const after = bytes && checked && { type: checked.mimeType, bytes: bytes.length, hash: hashOf(bytes) };
  await db.transact(async (tx) => {
    const [row] = await tx.query<{ before: { type: string; bytes: number; hash: string } | null }>(
      `select case when brand_logo_hash is not null then
         jsonb_build_object('type', brand_logo_type, 'bytes', length(brand_logo), 'hash', brand_logo_hash) end as before
       from organizations where id = $1 for no key update`,
      [organizationId],
    );
    const { before } = row!;
    if (before?.hash === after?.hash) return;
    await tx.query(
      'update organizations set brand_logo = $2, brand_logo_type = $3, brand_logo_hash = $4 where id = $1',
      [organizationId, bytes, after?.type ?? null, after?.hash ?? null],
    );
    await writeAudit(tx, actor, {
      action: 'organization.logoChanged',
      target: 'organization',
      targetId: organizationId,
      before: { logo: before },
      after: { logo: after },
    });
    tx.notice({ type: 'settings', organizationId });
  });
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
