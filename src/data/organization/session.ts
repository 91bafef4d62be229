import type { Me } from '../../contracts/session';
import { DomainError } from '../../domain/errors';
import type { ActingUser } from '../../domain/permissions';
import {
  isAdministrator,
  isOffice,
  maySendFromBase,
  seesEverything,
  sendingRight,
} from '../../domain/permissions';
import type { Database } from '../database';
import { createParams, fullNameSql, type Queryable } from '../sql';

/** The active user who acts; null when deactivated or not of the organization. */
export async function findActingUser(
  db: Queryable,
  ids: { organizationId: string; userId: string },
): Promise<ActingUser | null> {
  const [row] = await db.prepared<ActingUser>(
    `select u.id, ${fullNameSql('u')} as name, u.role, u.access_to_own_base as "accessToOwnBase"
     from users u where u.organization_id = $1 and u.id = $2 and u.deactivated_at is null`,
    [ids.organizationId, ids.userId],
  );
  return row ?? null;
}

type MeRow = Omit<Me['user'], 'role'> & { role: Me['user']['role']; organization: Me['organization'] } & {
  whatsapp: Me['whatsapp']['state'];
  pausedChannels: Me['pausedChannels'];
};

/** Everything the page needs to know of the signed-in user. */
export async function loadMe(
  db: Queryable,
  ids: { organizationId: string; userId: string },
  facts: { dayMs: number; temporalUiUrl: string | null; csrfToken: string },
): Promise<Me> {
  const [row] = await db.query<MeRow>(
    `select u.id, u.email, u.first_name as "firstName", u.last_name as "lastName", u.phone, u.role,
       u.access_to_own_base as "accessToOwnBase", u.sound_muted as "soundMuted",
       jsonb_build_object('id', o.id, 'name', o.name, 'timeZone', o.time_zone, 'defaultCountry', o.default_country,
         'language', o.language, 'publicContactEmail', o.public_contact_email) as organization,
       coalesce((select state::text from channel_accounts
         where organization_id = o.id and channel = 'whatsapp'
         order by state limit 1), 'none') as whatsapp,
       array(select distinct channel::text from channel_accounts
         where organization_id = o.id and state = 'paused' order by 1) as "pausedChannels"
     from users u join organizations o on o.id = u.organization_id
     where u.organization_id = $1 and u.id = $2 and u.deactivated_at is null`,
    [ids.organizationId, ids.userId],
  );
  if (!row) throw new DomainError('unauthenticated', 'Sign in first.');
  const { organization, whatsapp, pausedChannels, ...user } = row;
  const actor = {
    organizationId: organization.id,
    apiKeyId: null,
    user: { ...user, name: `${user.firstName} ${user.lastName}` },
  };
  return {
    user,
    organization,
    permissions: {
      seeEverything: seesEverything(actor),
      send: sendingRight(user.role) !== 'nobody',
      sendOnlyFromTray: sendingRight(user.role) === 'tray',
      sendFromBase: maySendFromBase(actor),
      editPeople: isOffice(user.role),
      editVacancies: isOffice(user.role),
      settings: isAdministrator(actor),
      reports: isOffice(user.role),
    },
    whatsapp: { connected: whatsapp === 'connected' || whatsapp === 'paused', state: whatsapp },
    pausedChannels,
    dayMs: facts.dayMs,
    temporalUiUrl: isAdministrator(actor) ? facts.temporalUiUrl : null,
    csrfToken: facts.csrfToken,
  };
}

/** Changes the user's own settings. */
export async function changeMe(
  db: Database,
  ids: { organizationId: string; userId: string },
  change: { firstName?: string; lastName?: string; phone?: string | null; soundMuted?: boolean },
): Promise<void> {
  const columns = {
    first_name: change.firstName,
    last_name: change.lastName,
    phone: change.phone,
    sound_muted: change.soundMuted,
  };
  const params = createParams(ids.organizationId, ids.userId);
  const sets = Object.entries(columns)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `${column} = ${params.add(value)}`);
  if (sets.length === 0) return;
  await db.query(`update users set ${sets.join(', ')} where organization_id = $1 and id = $2`, params.values);
}
