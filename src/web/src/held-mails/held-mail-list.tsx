import { MailQuestion } from 'lucide-react';
import { useState } from 'react';
import type { HeldMail } from '../../../contracts/held-mails';
import { call, type GetKey } from '../api';
import { PagedList } from '../paged-list';
import { paths } from '../paths';
import { refresh, useAction } from '../queries';
import { usePages } from '../use-pages';
import { Button, Checkbox, EmptyState, TextLink, Time, toast, toastError } from '../ui';
import { heldMailsText as words } from './text';

const changed: GetKey[] = [
  'GET /api/v1/held-mails',
  'GET /api/v1/conversations/counts',
  'GET /api/v1/conversations/{conversationId}',
  'GET /api/v1/people/{personId}/conversation',
  'GET /api/v1/conversations/{conversationId}/messages',
];

/** Those of one person, or all, with what can be done with each. */
export function HeldMailList({ personId }: { personId?: string }) {
  const pages = usePages('GET /api/v1/held-mails', { query: { personId, limit: 20 } });
  return (
    <PagedList
      pages={pages}
      empty={
        <EmptyState icon={<MailQuestion className="size-6" />} title={words.none}>
          {words.noneHint}
        </EmptyState>
      }
    >
      {(held) => <Row key={held.id} held={held} named={personId === undefined} />}
    </PagedList>
  );
}

/** Its row is gone from the screen by then. */
async function takeBack(heldMailId: string): Promise<void> {
  try {
    await call('POST /api/v1/held-mails/{heldMailId}/take-back', { params: { heldMailId } });
    refresh(...changed);
  } catch (error) {
    toastError(error);
  }
}

function Row({ held, named }: { held: HeldMail; named: boolean }) {
  const [addAddress, setAddAddress] = useState(false);
  const accept = useAction('POST /api/v1/held-mails/{heldMailId}/accept', {
    refresh: changed,
    onSuccess: ({ messageId }) =>
      toast({ tone: 'ok', title: messageId === null ? words.acceptedPrivately : words.accepted }),
    onError: toastError,
  });
  const discard = useAction('POST /api/v1/held-mails/{heldMailId}/discard', {
    refresh: changed,
    onSuccess: (_, { params }) =>
      toast({
        title: words.discarded,
        action: { label: words.undo, onPress: () => void takeBack(params.heldMailId) },
      }),
    onError: toastError,
  });
  const { from, person } = held;
  const params = { heldMailId: held.id };
  const busy = accept.isPending || discard.isPending;
  return (
    <li className="space-y-2 py-4">
      <div className="flex flex-wrap items-baseline gap-x-3 [overflow-wrap:anywhere]">
        <h2 className="font-semibold">{held.subject || words.noSubject}</h2>
        <span className="text-[0.9rem] text-ink-2">
          {from.name ? `${from.name} <${from.address}>` : from.address} · <Time at={held.occurredAt} />
        </span>
      </div>
      {named && (
        <p className="text-[0.95rem]">
          <TextLink href={paths.inbox(held.conversationId)}>{words.conversation(person.name)}</TextLink>
        </p>
      )}
      <p
        tabIndex={0}
        className="scroll-y max-h-48 rounded-lg bg-sunken px-3 py-2 whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {held.text}
      </p>
      <p className="text-[0.9rem] text-ink-2">
        {held.reasonText} {!held.mayAccept && words.ofColleague}{' '}
        {held.attachments > 0 && words.files(held.attachments)}
      </p>
      {held.mayAccept && (
        <Checkbox label={words.addAddress(from.address)} checked={addAddress} onChange={setAddAddress} />
      )}
      <div className="flex gap-2">
        {held.mayAccept && (
          <Button
            variant="primary"
            busy={accept.isPending}
            disabled={busy}
            onClick={() => accept.mutate({ params, body: { addAddress } })}
          >
            {words.accept}
          </Button>
        )}
        <Button busy={discard.isPending} disabled={busy} onClick={() => discard.mutate({ params })}>
          {words.discard}
        </Button>
      </div>
    </li>
  );
}
