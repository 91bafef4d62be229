import { CalendarClock, Paperclip } from 'lucide-react';
import type { UpcomingSend } from '../../../contracts/actions';
import { useAction } from '../queries';
import { text } from '../text';
import { scheduleText as words } from '../send/text';
import { Button, ChannelIcon, Time, toast, toastError } from '../ui';
import { CopiedTo } from './copied-to';
import { nameOfUpcoming } from './name-of-upcoming';

/** What was scheduled for this person and has not gone yet (R-SEND-7). Automatic messages and fallbacks stand on their file. */
export function SentLater({ sends }: { sends: UpcomingSend[] }) {
  const cancel = useAction('POST /api/v1/scheduled-messages/{scheduledMessageId}/cancel', {
    refresh: ['GET /api/v1/people/{personId}/planned', 'GET /api/v1/applications/{applicationId}/planned'],
    onSuccess: () => toast({ tone: 'ok', title: words.cancelled }),
    onError: toastError,
  });
  return (
    <details className="mb-1 rounded-lg bg-sunken px-3 py-1.5 text-[0.9rem]">
      <summary className="flex cursor-pointer items-center gap-2">
        <CalendarClock aria-hidden className="size-4 shrink-0 text-accent-text" />
        {words.planned(sends.length)}
      </summary>
      <ul className="mt-1 max-h-48 divide-y divide-line overflow-y-auto">
        {sends.map((send) => (
          <li key={send.id} className="flex items-start gap-2 py-1.5">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-1.5">
                <ChannelIcon channel={send.channel} className="size-3.5" />
                <span className="truncate">{nameOfUpcoming(send)}</span>
              </p>
              {send.channel === 'email' && send.title && send.text && <p className="truncate">{send.text}</p>}
              {send.copies && <CopiedTo copies={send.copies} />}
              {send.files.length > 0 && (send.text ?? send.templateName) !== null && (
                <p className="flex items-center gap-1.5 text-ink-2">
                  <Paperclip aria-hidden className="size-3.5 shrink-0" />
                  <span className="sr-only">{text.composer.attachments}: </span>
                  <span className="truncate">{send.files.map(({ filename }) => filename).join(', ')}</span>
                </p>
              )}
              <p className="text-ink-2">
                <Time at={send.dueAt} />. {send.waitsText}
              </p>
              {send.reasonText && <p className="text-warn">{`${words.asOfNow} ${send.reasonText}`}</p>}
            </div>
            {send.mayCancel && (
              <Button
                size="sm"
                variant="quiet"
                aria-label={words.cancelLabel(nameOfUpcoming(send))}
                busy={cancel.isPending && cancel.variables.params.scheduledMessageId === send.id}
                onClick={() => cancel.mutate({ params: { scheduledMessageId: send.id } })}
              >
                {words.cancel}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
