import type { UserSummary } from '../../../contracts/common';
import type { Conversation } from '../../../contracts/conversations';
import type { Me } from '../../../contracts/session';
import { text } from '../text';

/** What this user may write to this person just now, and why not. */
export type SendingState =
  /** Free text; `notice`: something to know first. */
  | { kind: 'free'; notice: string | null }
  /** A template at least. */
  | { kind: 'templateOnly'; why: string }
  | { kind: 'owned'; owner: UserSummary }
  | { kind: 'notConnected'; disconnected: boolean }
  | { kind: 'fromTray' }
  | { kind: 'never'; why: string; reason?: string };

export function sendingState({
  me,
  conversation,
  applicationId,
}: {
  me: Me;
  conversation: Conversation;
  applicationId?: string;
}): SendingState {
  const { can, status, owner } = conversation;
  if (!me.permissions.send) return { kind: 'never', why: text.blocked.role };
  if (me.whatsapp.state === 'none' || me.whatsapp.state === 'disconnected') {
    return { kind: 'notConnected', disconnected: me.whatsapp.state === 'disconnected' };
  }
  const mine = owner?.id === me.user.id;
  if (status === 'active' && owner && !mine) return { kind: 'owned', owner };
  // R-ROLE-3: an interviewer writes, and answers as owner, only in chats opened from the tray
  if (me.permissions.sendOnlyFromTray && !applicationId && !mine) return { kind: 'fromTray' };
  if (can.sendText === null) {
    return {
      kind: 'free',
      notice: me.whatsapp.state === 'paused' ? text.blocked.paused : conversation.blocked,
    };
  }
  if (can.sendTemplate === null) return { kind: 'templateOnly', why: can.sendText.text };
  return { kind: 'never', why: can.sendTemplate.text, reason: can.sendTemplate.code };
}
