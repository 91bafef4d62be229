import type { OrganizationPatch, OrganizationSettings } from '../../contracts/organization';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { phoneCountries } from '../../domain/phone';
import { writeAudit } from './audit';
import { logoUrlSql } from './brand';
import type { Database } from '../database';
import type { Queryable } from '../sql';

type Row = Omit<OrganizationSettings, 'countries'>;

export async function readOrganization(db: Database, actor: Actor): Promise<OrganizationSettings> {
  return { ...(await read(db, actor)), countries: phoneCountries() };
}

export async function changeOrganization(
  db: Database,
  actor: Actor,
  patch: OrganizationPatch,
): Promise<void> {
  const { defaultCountry } = patch;
  if (defaultCountry !== undefined && !phoneCountries().some(({ country }) => country === defaultCountry)) {
    throw new DomainError('invalid', 'Some fields are missing or wrong.', {
      errors: [{ path: 'defaultCountry', message: 'is no country with phone numbers' }],
    });
  }
  await db.transact(async (tx) => {
    const { defaultCountry, publicContactEmail, language, brandColor } = await read(tx, actor, 'for update');
    const before = { defaultCountry, publicContactEmail, language, brandColor };
    const after = { ...before, ...patch };
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    await tx.query(
      'update organizations set default_country = $2, public_contact_email = $3, language = $4, brand_color = $5 where id = $1',
      [
        actor.organizationId,
        after.defaultCountry,
        after.publicContactEmail,
        after.language,
        after.brandColor,
      ],
    );
    await writeAudit(tx, actor, {
      action: 'organization.changed',
      target: 'organization',
      targetId: actor.organizationId,
      before,
      after,
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

async function read(db: Queryable, { organizationId }: Actor, lock = ''): Promise<Row> {
  const [row] = await db.query<Row>(
    `select name, default_country as "defaultCountry", public_contact_email as "publicContactEmail", language,
       brand_color as "brandColor", ${logoUrlSql('o')} as "logoUrl"
     from organizations o where id = $1 ${lock}`,
    [organizationId],
  );
  if (!row) throw notFound('organization');
  return row;
}
