import type { Conversation } from '../../../contracts/conversations';
import { Dialog } from '../ui';
import { DetailsPanel } from './details-panel';

/** The details where there is no room beside the conversation. */
export function DetailsSheet({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={onClose} title={conversation.person.name}>
      <DetailsPanel conversation={conversation} />
    </Dialog>
  );
}
