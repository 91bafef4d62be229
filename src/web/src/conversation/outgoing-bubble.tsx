import { Clock, Paperclip, RotateCcw, TriangleAlert, X } from 'lucide-react';
import { memo } from 'react';
import { clockTime } from '../format';
import { text } from '../text';
import { Button, cx } from '../ui';
import { discard, sendAgain, type Outgoing } from './outgoing';
import { RichText } from './rich-text';

const words = text.message;

/** A message on its way to being committed; with the reason when it was refused. */
export const OutgoingBubble = memo(function OutgoingBubble({ outgoing }: { outgoing: Outgoing }) {
  const { body, filename, state, error, at } = outgoing;
  return (
    <article
      data-entry={outgoing.intent}
      aria-label={words.outgoing}
      className="flex justify-end px-3 pt-1 sm:px-6"
    >
      <div className="flex max-w-[85%] flex-col items-end sm:max-w-[70%]">
        <div
          className={cx(
            'rounded-2xl rounded-br-md border px-3 pt-2 pb-1.5',
            state === 'sending' ? 'border-transparent bg-bubble-out' : 'border-danger bg-danger-soft',
          )}
        >
          {filename && (
            <p className="flex items-center gap-1.5 font-medium">
              <Paperclip aria-hidden className="size-4" />
              {filename}
            </p>
          )}
          {body && <RichText text={body} />}
          <p className="mt-0.5 flex items-center justify-end gap-1 text-[0.78rem] text-ink-2">
            {clockTime(at)}
            {state === 'sending' && (
              <Clock role="img" aria-label={text.messageStates.dispatching} className="size-4 text-ink-3" />
            )}
          </p>
        </div>
        {state !== 'sending' && (
          <div
            role="alert"
            className="mt-1 flex max-w-md flex-col items-end gap-1 px-1 text-[0.87rem] text-danger"
          >
            <p className="flex items-start gap-1.5">
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span>
                <strong className="font-semibold">{text.messageStates.suppressed}.</strong> {error?.detail}
              </span>
            </p>
            <div className="flex gap-2">
              <Button
                size="sm"
                variant="quiet"
                icon={<X aria-hidden className="size-3.5" />}
                onClick={() => discard(outgoing)}
              >
                {words.discard}
              </Button>
              <Button
                size="sm"
                icon={<RotateCcw aria-hidden className="size-3.5" />}
                onClick={() => void sendAgain(outgoing)}
              >
                {text.errors.retry}
              </Button>
            </div>
          </div>
        )}
      </div>
    </article>
  );
});
