import { MessagesSquare } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { Redirect, useLocation, useParams, useSearch } from 'wouter';
import { paths } from '../../paths';
import { useRoute } from '../../queries';
import { text } from '../../text';
import { cx, EmptyState, LoadingRows, usePageTitle } from '../../ui';
import { InboxList } from './inbox-list';

const ConversationView = lazy(async () => ({
  default: (await import('../../conversation/conversation-view')).ConversationView,
}));
const KeysHelp = lazy(async () => ({ default: (await import('./keys-help')).KeysHelp }));

const words = text.inbox;

/** List, conversation and details side by side; one at a time on a phone. */
export function InboxPage() {
  usePageTitle(words.title);
  const { conversationId } = useParams<{ conversationId?: string }>();
  const messageId = new URLSearchParams(useSearch()).get('message') ?? undefined;
  const shown = useRoute(
    'GET /api/v1/conversations/{conversationId}',
    conversationId ? { params: { conversationId } } : null,
  );
  const [, navigate] = useLocation();
  const [help, setHelp] = useState(false);
  const openHelp = useCallback(() => setHelp(true), []);
  const back = useCallback(() => navigate(paths.inbox()), [navigate]);

  // fetched while one still reads the list, so that the first chat opens at once
  useEffect(() => {
    const timer = setTimeout(() => void import('../../conversation/conversation-view'), 800);
    return () => clearTimeout(timer);
  }, []);

  useEffect(() => {
    if (!conversationId) return;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.key !== 'Escape' ||
        event.defaultPrevented ||
        target.closest('[role="dialog"], [role="menu"]')
      )
        return;
      if (target.closest('input, textarea')) return target.blur();
      back();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [conversationId, back]);

  // R-CHAT-13: the conversation of somebody who was merged stands in another now
  if (shown.data && conversationId && shown.data.id !== conversationId)
    return <Redirect to={paths.inbox(shown.data.id, messageId)} replace />;

  return (
    <div className="flex h-full min-h-0">
      <div
        className={cx(
          'min-h-0 w-full shrink-0 border-line lg:w-96 lg:border-r',
          conversationId && 'print:hidden',
          conversationId && 'max-lg:hidden',
        )}
      >
        <InboxList openId={conversationId ?? null} onHelp={openHelp} />
      </div>
      <div className={cx('min-h-0 min-w-0 flex-1', !conversationId && 'max-lg:hidden')}>
        {conversationId ? (
          <Suspense fallback={<LoadingRows rows={4} />}>
            <ConversationView conversationId={conversationId} messageId={messageId} onBack={back} />
          </Suspense>
        ) : (
          <div className="flex h-full items-center bg-sunken">
            <EmptyState icon={<MessagesSquare className="size-6" />} title={words.chooseTitle}>
              {words.chooseHint}
            </EmptyState>
          </div>
        )}
      </div>
      <Suspense fallback={null}>{help && <KeysHelp open onOpenChange={setHelp} />}</Suspense>
    </div>
  );
}
