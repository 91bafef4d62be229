import { useState } from 'react';
import type { Conversation } from '../../../contracts/conversations';
import { useAction, useMe, useUsers } from '../queries';
import { text } from '../text';
import { Button, Combobox, Dialog, FormError, toast } from '../ui';
import { showConversation } from './use-conversation';

const words = text.handOver;

/** R-CHAT-8: gives the Active chat to a colleague who may write. */
export function HandOverDialog({
  conversation,
  open,
  onOpenChange,
}: {
  conversation: Conversation;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const me = useMe();
  const users = useUsers();
  const [userId, setUserId] = useState<string | null>(null);
  const handOver = useAction('POST /api/v1/conversations/{conversationId}/hand-over', {
    onSuccess: (next) => {
      showConversation(next);
      onOpenChange(false);
      toast({ tone: 'ok', title: words.done(next.owner?.name ?? '') });
    },
  });
  const writers = (users.data?.items ?? []).filter(
    ({ id, role, state }) =>
      state === 'active' &&
      id !== conversation.owner?.id &&
      (role === 'administrator' || role === 'supervisor' || role === 'recruiter' || role === 'interviewer'),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="sm"
      title={words.title}
      description={words.body(conversation.person.name)}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{text.common.cancel}</Button>
          <Button
            variant="primary"
            busy={handOver.isPending}
            disabled={!userId}
            onClick={() =>
              userId && handOver.mutate({ params: { conversationId: conversation.id }, body: { userId } })
            }
          >
            {words.confirm}
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <Combobox
          label={words.colleague}
          busy={users.isPending}
          options={writers.map(({ id, name, role }) => ({
            value: id,
            label: id === me.user.id ? `${name} (${text.common.you})` : name,
            hint: text.roles[role],
          }))}
          value={userId}
          onChange={setUserId}
        />
        <FormError error={handOver.error} />
      </div>
    </Dialog>
  );
}
