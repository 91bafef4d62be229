import { useEffect } from 'react';
import { call } from '../api';
import { refresh } from '../queries';
import { setShownConversation } from '../shown-conversation';

/** Marks a conversation as read while it is looked at: on opening, and whenever something new arrives in front of the eyes. */
export function useReadMark(
  conversationId: string | undefined,
  unread: number,
  newestId: string | undefined,
): void {
  useEffect(() => {
    if (!conversationId) return;
    setShownConversation(conversationId);
    return () => setShownConversation(null);
  }, [conversationId]);

  useEffect(() => {
    if (!conversationId || !newestId || unread === 0) return;
    let told = false;
    const mark = () => {
      if (told || document.hidden || !document.hasFocus()) return;
      told = true;
      call('POST /api/v1/conversations/{conversationId}/read', { params: { conversationId } })
        .then(() => refresh('GET /api/v1/conversations', 'GET /api/v1/conversations/{conversationId}'))
        .catch(() => {
          told = false;
        });
    };
    // passing over it with the arrow keys is not reading it
    const timer = setTimeout(mark, 500);
    window.addEventListener('focus', mark);
    document.addEventListener('visibilitychange', mark);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('focus', mark);
      document.removeEventListener('visibilitychange', mark);
    };
  }, [conversationId, unread, newestId]);
}
