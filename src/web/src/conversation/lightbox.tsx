import { ChevronLeft, ChevronRight, Download } from 'lucide-react';
import { useEffect } from 'react';
import type { Message } from '../../../contracts/messages';
import { text } from '../text';
import { Dialog, IconButton, Time } from '../ui';

const words = text.media;

/** A picture as large as the screen allows; arrow keys go to the others of the conversation. */
export function Lightbox({
  images,
  messageId,
  onChange,
}: {
  images: Message[];
  messageId: string;
  onChange: (messageId: string | null) => void;
}) {
  const at = images.findIndex(({ id }) => id === messageId);
  const message = images[at];
  const before = images[at - 1];
  const after = images[at + 1];
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'ArrowLeft' && before) onChange(before.id);
      if (key === 'ArrowRight' && after) onChange(after.id);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [before, after, onChange]);
  const url = message?.media?.url;
  if (!message || !url) return null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onChange(null)}
      size="xl"
      title={message.body ?? words.image}
      description={<Time at={message.occurredAt} />}
      footer={
        <div className="flex w-full items-center gap-1">
          <IconButton
            label={words.previous}
            disabled={!before}
            icon={<ChevronLeft aria-hidden className="size-5" />}
            onClick={() => before && onChange(before.id)}
          />
          <IconButton
            label={words.next}
            disabled={!after}
            icon={<ChevronRight aria-hidden className="size-5" />}
            onClick={() => after && onChange(after.id)}
          />
          <span className="flex-1" />
          <a
            href={url}
            download={message.media?.filename ?? true}
            className="inline-flex min-h-10 items-center gap-2 rounded-lg border border-line-strong px-4 font-medium hover:bg-hover"
          >
            <Download aria-hidden className="size-4" />
            {words.download}
          </a>
        </div>
      }
    >
      <img
        src={url}
        alt={message.body ?? words.imageAlt(message.direction)}
        className="mx-auto max-h-[68dvh] rounded-lg object-contain"
      />
    </Dialog>
  );
}
