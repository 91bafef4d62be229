import type { GetKey } from './api';
import { useAction } from './queries';
import { Checkbox, toast, toastError } from './ui';

const words = {
  label: 'Confidential',
  hint: 'Only you see this e-mail and the answers to it.',
  offered: 'Only you will see this e-mail and the answers to it. It leaves the conversation.',
  hidden: 'Only you see this e-mail now.',
  shown: 'Colleagues who see the person see this e-mail again.',
};

const shownIn: GetKey[] = [
  'GET /api/v1/mail-threads',
  'GET /api/v1/mails/{mailId}',
  'GET /api/v1/mails/{mailId}/thread',
  'GET /api/v1/people/{personId}/private-mails',
  'GET /api/v1/people/{personId}/timeline',
  'GET /api/v1/conversations/{conversationId}/messages',
  'GET /api/v1/conversations',
];

/** R-CONF-1: the box of a mail of one's own; `messageId`: of an e-mail that stands in a conversation. */
export function ConfidentialBox({
  mailId,
  messageId,
  checked,
  onChanged,
}: {
  mailId?: string;
  messageId?: string;
  checked: boolean;
  onChanged?: () => void;
}) {
  const options = {
    refresh: shownIn,
    onSuccess: (mail: { private: boolean }) => {
      toast({ tone: 'ok', title: mail.private ? words.hidden : words.shown });
      onChanged?.();
    },
    onError: toastError,
  };
  const ofMail = useAction('PUT /api/v1/mails/{mailId}/private', options);
  const ofMessage = useAction('PUT /api/v1/messages/{messageId}/private', options);
  return (
    <Checkbox
      label={words.label}
      hint={checked ? words.hint : words.offered}
      checked={checked}
      disabled={ofMail.isPending || ofMessage.isPending}
      onChange={(next) => {
        if (mailId !== undefined) ofMail.mutate({ params: { mailId }, body: { private: next } });
        else if (messageId !== undefined && next)
          ofMessage.mutate({ params: { messageId }, body: { private: true } });
      }}
    />
  );
}
