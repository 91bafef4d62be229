import type { UserSummary } from '../../../../contracts/common';
import type { Me } from '../../../../contracts/session';

/** Who may move a vacancy's candidates and set up its stages: Administrators, and office users on its team. The server decides again. */
export function mayManage({ user, permissions }: Me, team: UserSummary[]): boolean {
  if (user.role === 'administrator') return true;
  return permissions.editVacancies && team.some(({ id }) => id === user.id);
}
