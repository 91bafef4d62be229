import { text } from '../text';
import { ChannelIcon } from '../ui';

type Shown = { id: string; channel: keyof typeof text.channels; state: string; sentAt: string | null };

/** R-LOG-2: the channel's icon, there only once the provider accepted the message; it opens the details. */
export function AcceptedChannel({
  message,
  onDetails,
}: {
  message: Shown;
  onDetails: (messageId: string) => void;
}) {
  if (message.sentAt === null && message.state !== 'received') return null;
  return (
    <button
      type="button"
      aria-label={text.timeline.details(text.channels[message.channel])}
      className="-m-1 rounded p-1 hover:bg-hover"
      onClick={() => onDetails(message.id)}
    >
      <ChannelIcon channel={message.channel} className="size-3.5" />
    </button>
  );
}
