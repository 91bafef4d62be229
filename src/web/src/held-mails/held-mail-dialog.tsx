import { Dialog } from '../ui';
import { HeldMailList } from './held-mail-list';
import { heldMailsText as words } from './text';

export function HeldMailDialog({ personId, onClose }: { personId: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={words.title}
      description={words.intro}
    >
      <HeldMailList personId={personId} />
    </Dialog>
  );
}
