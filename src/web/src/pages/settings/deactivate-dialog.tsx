import { useState } from 'react';
import type { User } from '../../../../contracts/users';
import { isOffice, useAction, useUsers } from '../../queries';
import { text } from '../../text';
import { Button, Combobox, Dialog, FormError, toast } from '../../ui';
import { settingsText } from './text';

const words = settingsText.users.off;

/** R-CHAT-8: chats and people go to a named successor. */
export function DeactivateDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const users = useUsers();
  const [successorId, setSuccessorId] = useState<string | null>(null);
  const deactivate = useAction('POST /api/v1/users/{userId}/deactivate', {
    refresh: ['GET /api/v1/users', 'GET /api/v1/conversations', 'GET /api/v1/people'],
    onSuccess: () => {
      toast({ title: words.done(user.name) });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={words.title(user.name)}
      description={words.text}
      footer={
        <>
          <Button onClick={onClose}>{settingsText.cancel}</Button>
          <Button
            variant="danger"
            busy={deactivate.isPending}
            onClick={() => deactivate.mutate({ params: { userId: user.id }, body: { successorId } })}
          >
            {words.submit}
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <Combobox
          label={words.successor}
          clearable
          value={successorId}
          placeholder={words.nobody}
          onChange={setSuccessorId}
          options={(users.data?.items ?? [])
            .filter((one) => one.id !== user.id && one.state === 'active' && isOffice(one.role))
            .map((one) => ({ value: one.id, label: one.name, hint: text.roles[one.role] }))}
        />
        <p className="text-[0.87rem] text-ink-2">{successorId ? words.successorHint : words.nobodyHint}</p>
        <FormError error={deactivate.error} />
      </div>
    </Dialog>
  );
}
