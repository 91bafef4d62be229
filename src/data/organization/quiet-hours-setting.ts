import type { QuietHoursSetting } from '../../contracts/actions';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeAudit } from './audit';
import type { Database } from '../database';
import { readQuietHours } from '../scheduled/quiet-hours';
import { replanWaiting } from '../scheduled/replan-waiting';
import type { Queryable } from '../sql';

export async function getQuietHours(db: Queryable, actor: Actor): Promise<QuietHoursSetting> {
  const hours = await readQuietHours(db, actor.organizationId);
  return { quietHours: hours ? { from: timeOf(hours.from), until: timeOf(hours.until) } : null };
}

/** Holds at once, also for what waits already. */
export async function setQuietHours(
  db: Database,
  actor: Actor,
  { quietHours }: QuietHoursSetting,
): Promise<void> {
  if (quietHours && quietHours.from === quietHours.until) {
    throw new DomainError('invalid', 'Some fields are missing or wrong.', {
      errors: [{ path: 'quietHours.until', message: 'must differ from their beginning' }],
    });
  }
  const { organizationId } = actor;
  await db.transact(async (tx) => {
    await tx.query('select 1 from organizations where id = $1 for no key update', [organizationId]);
    const before = await getQuietHours(tx, actor);
    const after = quietHours && { from: minuteOf(quietHours.from), until: minuteOf(quietHours.until) };
    await tx.query('update organizations set quiet_from = $2, quiet_until = $3 where id = $1', [
      organizationId,
      after?.from ?? null,
      after?.until ?? null,
    ]);
    await replanWaiting(tx, { organizationId });
    await writeAudit(tx, actor, {
      action: 'organization.quietHours',
      target: 'organization',
      targetId: organizationId,
      before: before.quietHours,
      after: quietHours,
    });
    tx.notice({ type: 'settings', organizationId });
  });
}

const timeOf = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
