import { text } from '../text';
import { ConfirmDialog } from '../ui';

const words = text.conversation;

/** Nobody knows whether the message arrived: sending it again is a decision. */
export function RetryDialog({ onConfirm, onClose }: { onConfirm: () => unknown; onClose: () => void }) {
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={words.retryTitle}
      body={words.retryBody}
      confirmLabel={words.retryConfirm}
      onConfirm={onConfirm}
    />
  );
}
