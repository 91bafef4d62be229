import { RefreshCw, TriangleAlert } from 'lucide-react';
import type { Mailbox } from '../../../contracts/mailboxes';
import { Badge, Button, FormError, RelativeTime, toast } from '../ui';
import { emailSettingsText as words } from './text';
import { useFetchMailbox } from './use-mailbox';

const tones = {
  off: 'neutral',
  connecting: 'neutral',
  importing: 'neutral',
  ready: 'ok',
  failing: 'danger',
} as const;

/** Whether mail comes in, and if not, why (R-BOX-4). */
export function MailboxState({ userId, mailbox }: { userId: string | null; mailbox: Mailbox }) {
  const { state, stateText, stateDetail, stateChangedAt, fetchedAt, importTotal, importDone } = mailbox;
  const fetchNow = useFetchMailbox(userId, () => toast({ tone: 'ok', title: words.fetching }));
  return (
    <div className="space-y-3 rounded-2xl border border-line bg-surface p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Badge tone={tones[state]}>{words.states[state]}</Badge>
        <p className="min-w-0 flex-1 text-[0.9rem] text-ink-2">
          {state === 'failing' && stateChangedAt && (
            <>
              {words.failingSince} <RelativeTime at={stateChangedAt} />
            </>
          )}
          {state === 'ready' && fetchedAt && (
            <>
              {words.fetched} <RelativeTime at={fetchedAt} />
            </>
          )}
        </p>
        {state !== 'off' && mailbox.signIn?.active !== false && (
          <Button
            size="sm"
            icon={<RefreshCw aria-hidden className="size-4" />}
            busy={fetchNow.isPending}
            onClick={fetchNow.run}
          >
            {words.fetchNow}
          </Button>
        )}
      </div>
      <FormError error={fetchNow.error} />
      {state === 'importing' && importTotal !== null && importDone !== null && importTotal > 0 && (
        <ImportProgress done={importDone} total={importTotal} />
      )}
      {stateText && (
        <div className="flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger" role="status">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <div className="min-w-0 break-words">
            <p>{stateText}</p>
            {stateDetail && <p className="mt-1 text-[0.87rem]">{words.serverSaid(stateDetail)}</p>}
          </div>
        </div>
      )}
    </div>
  );
}

function ImportProgress({ done, total }: { done: number; total: number }) {
  return (
    <div>
      <div
        role="progressbar"
        aria-label={words.importLabel}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={words.importing(done, total)}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full bg-accent transition-[width]"
          style={{ width: `${Math.min(100, (done / total) * 100)}%` }}
        />
      </div>
      <p className="mt-1 text-[0.87rem] text-ink-2 tabular-nums">{words.importing(done, total)}</p>
    </div>
  );
}
