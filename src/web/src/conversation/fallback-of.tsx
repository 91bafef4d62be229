import type { MessageDetails } from '../../../contracts/messages';
import { useAction } from '../queries';
import { fallbackText as words } from '../send/text';
import { text } from '../text';
import { Button, Time, toast, toastError } from '../ui';

/** R-SEND-9: what goes, or went, in place of a message, and what it stands in for. */
export function FallbackOf({ message }: { message: MessageDetails }) {
  const { fallback, replacedBy, fallbackOf } = message;
  const cancel = useAction('POST /api/v1/scheduled-messages/{scheduledMessageId}/cancel', {
    refresh: ['GET /api/v1/messages/{messageId}', 'GET /api/v1/people/{personId}/planned'],
    onSuccess: () => toast({ tone: 'ok', title: words.cancelled }),
    onError: toastError,
  });
  return (
    <>
      {fallback && (
        <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-sunken px-3 py-2">
          <p>
            {words.next(text.channels[fallback.channel])}: <Time at={fallback.dueAt} />
          </p>
          {fallback.mayCancel && (
            <Button
              size="sm"
              variant="quiet"
              busy={cancel.isPending}
              onClick={() => cancel.mutate({ params: { scheduledMessageId: fallback.scheduledMessageId } })}
            >
              {words.cancel}
            </Button>
          )}
        </div>
      )}
      {replacedBy && <p className="text-ink-2">{words.went(text.channels[replacedBy.channel])}.</p>}
      {fallbackOf && <p className="text-ink-2">{words.standsFor(text.channels[fallbackOf.channel])}.</p>}
    </>
  );
}
