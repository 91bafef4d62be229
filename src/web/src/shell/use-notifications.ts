import { useEffect } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { call } from '../api';
import { isLeadingTab, onLiveEvent } from '../live';
import { paths } from '../paths';
import { refresh, useMe } from '../queries';
import { text } from '../text';
import { toast } from '../ui';
import { shownConversation } from '../shown-conversation';
import { playSound, prepareSound, showBrowserNotification } from './alerts';

/** Tells of what arrives: a toast, a sound, and a notification of the browser while this tab is hidden. */
export function useNotifications(): void {
  const muted = useMe().user.soundMuted;

  useEffect(() => prepareSound(), []);
  useEffect(
    () =>
      onLiveEvent((event) => {
        if (event.type === 'notification') void tell(event.notificationId, muted);
      }),
    [muted],
  );
}

/** A tab that begins to listen hears again what it may have missed. */
const told = new Set<string>();

async function tell(notificationId: string, muted: boolean): Promise<void> {
  if (told.has(notificationId)) return;
  told.add(notificationId);
  const { items } = await call('GET /api/v1/notifications', { query: { limit: 20 } }).catch(() => ({
    items: [],
  }));
  const notification = items.find(({ id }) => id === notificationId);
  if (!notification || notification.seenAt) return;
  const { kind, conversationId, applicationId, mailId } = notification;
  if (
    kind !== 'privateMail' &&
    conversationId !== null &&
    conversationId === shownConversation() &&
    !document.hidden
  ) {
    // what is on the screen needs no telling; older notifications stay unseen
    const unseen = items.filter(({ seenAt }) => seenAt === null);
    if (unseen.every((entry) => entry.conversationId === conversationId)) await markSeen(notification.id);
    return;
  }
  const open = () => {
    if (mailId) navigate(paths.mail('inbox', mailId));
    else if (applicationId) navigate(paths.match(applicationId));
    else if (conversationId) navigate(paths.inbox(conversationId));
  };
  const title = notification.personName ?? text.product;
  if (!muted && isLeadingTab()) playSound();
  if (document.hidden) {
    if (isLeadingTab())
      showBrowserNotification({ tag: notification.id, title, body: notification.text, onClick: open });
    return;
  }
  toast({
    title,
    body: notification.text,
    action:
      conversationId || applicationId || mailId
        ? {
            label: mailId
              ? text.notifications.openMail
              : applicationId
                ? text.notifications.openMatch
                : text.notifications.open,
            onPress: open,
          }
        : undefined,
  });
}

export async function markSeen(upToId: string): Promise<void> {
  await call('POST /api/v1/notifications/seen', { body: { upToId } });
  refresh('GET /api/v1/notifications', 'GET /api/v1/conversations/counts');
}
