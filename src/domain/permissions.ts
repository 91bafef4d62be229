import type { Role } from '../contracts/common';

/** Who acts: a user, or a program with an API key, which may name the user it acts for (R-CHAT-2). */
export type Actor = {
  organizationId: string;
  user: ActingUser | null;
  apiKeyId: string | null;
};

export type ActingUser = { id: string; name: string; role: Role; accessToOwnBase: boolean };

const seeing: Record<Role, 'everything' | 'assigned'> = {
  administrator: 'everything',
  supervisor: 'everything',
  recruiter: 'everything',
  interviewer: 'assigned',
  collaborator: 'assigned',
  requisitioner: 'assigned',
  reviewer: 'assigned',
};

const sending: Record<Role, 'anyone' | 'tray' | 'nobody'> = {
  administrator: 'anyone',
  supervisor: 'anyone',
  recruiter: 'anyone',
  interviewer: 'tray',
  collaborator: 'nobody',
  requisitioner: 'nobody',
  reviewer: 'nobody',
};

/** R-ROLE-2. A program sees the whole organization; its scopes say what it may read. */
export function seesEverything(actor: Actor): boolean {
  return actor.user === null || seeing[actor.user.role] === 'everything';
}

/** R-ROLE-3: `tray` sends only in chats opened from the tray of an assigned vacancy. */
export function sendingRight(role: Role): 'anyone' | 'tray' | 'nobody' {
  return sending[role];
}

export const isOffice = (role: Role): boolean =>
  role === 'administrator' || role === 'supervisor' || role === 'recruiter';

export const isAdministrator = (actor: Actor): boolean => actor.user?.role === 'administrator';

/**
 * R-ROLE-1, R-ROLE-3: whether a user may write to a person whose conversation they see.
 * `fromTray`: the request names an application on a vacancy that the user is assigned to. `ownsChat`: owner of the Active chat.
 */
export function maySend(user: ActingUser, facts: { fromTray: boolean; ownsChat: boolean }): boolean {
  const right = sendingRight(user.role);
  return right === 'anyone' || (right === 'tray' && (facts.fromTray || facts.ownsChat));
}

/** Who may set up automatic actions and move applications: Administrators everywhere, office roles on assigned vacancies. */
export function mayManageVacancy(actor: Actor, facts: { assigned: boolean }): boolean {
  if (actor.user === null || actor.user.role === 'administrator') return true;
  return isOffice(actor.user.role) && facts.assigned;
}

/** Who sees every send to many, and may stop it; others see their own. */
export const mayManageSend = (actor: Actor): boolean => actor.user === null || isOffice(actor.user.role);

/** Who may cancel a scheduled message or a fallback: its author, Administrators and programs; what nobody wrote, every office role. */
export function mayCancelScheduled({ user }: Actor, { userId }: { userId: string | null }): boolean {
  if (user === null || user.role === 'administrator') return true;
  return userId === null ? isOffice(user.role) : userId === user.id;
}

/** R-ROLE: the candidate base is for Administrators, programs, and office roles with access to it. */
export function maySendFromBase({ user }: Actor): boolean {
  return user === null || user.role === 'administrator' || (isOffice(user.role) && user.accessToOwnBase);
}

/** R-CHAT-4: Close chat is for the owner, the responsible user and Administrators. */
export function mayCloseChat(
  user: ActingUser,
  chat: { ownerId: string | null; responsibleUserId: string | null },
): boolean {
  if (user.role === 'administrator') return true;
  return (
    sendingRight(user.role) !== 'nobody' && (user.id === chat.ownerId || user.id === chat.responsibleUserId)
  );
}

/** R-CHAT-8: by the owner or an Administrator. */
export function mayHandOver(user: ActingUser, chat: { ownerId: string | null }): boolean {
  return user.role === 'administrator' || user.id === chat.ownerId;
}
