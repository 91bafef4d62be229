import type { UserSummary } from '../../../../contracts/common';
import type { Me } from '../../../../contracts/session';

/** Who may send to a vacancy's candidates (R-ROLE): Administrators, and those of its team whose role sends. */
export function maySendFrom({ user, permissions }: Me, team: UserSummary[]): boolean {
  return permissions.send && (user.role === 'administrator' || team.some(({ id }) => id === user.id));
}

/** Who may move a vacancy's candidates and set up its stages: Administrators, and office users on its team. The server decides again. */
export function mayManage({ user, permissions }: Me, team: UserSummary[]): boolean {
  if (user.role === 'administrator') return true;
  return permissions.editVacancies && team.some(({ id }) => id === user.id);
}
