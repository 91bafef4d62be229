import { useAction, useRoute } from '../../queries';
import { call } from '../../api';
import { refresh } from '../../queries';
import { ConfirmDialog, toast } from '../../ui';
import { mailPageText as words } from './text';
import { mailRoutesShown, type NamedThread } from './use-thread-actions';

/** Asks before what is in Trash goes for good; `threads` null: all of it. */
export function DeleteDialog({
  threads,
  mails,
  onClose,
  onDone,
}: {
  threads: NamedThread[] | null;
  /** How many mails the threads have there. */
  mails: number;
  onClose: () => void;
  onDone: () => void;
}) {
  const trash = useRoute('GET /api/v1/mails/trash', threads === null ? {} : null);
  const remove = useAction('POST /api/v1/mail-threads/delete');
  const count = threads === null ? trash.data?.count : mails;
  return (
    <ConfirmDialog
      open
      danger
      onOpenChange={onClose}
      title={threads === null ? words.emptyTrashTitle : words.deleteTitle(mails)}
      body={
        <>
          {count !== undefined && words.deleteBody(count)} {words.deleteFiled} {words.deleteServer}
        </>
      }
      confirmLabel={threads === null ? words.emptyTrash : words.deleteForGood}
      onConfirm={async () => {
        try {
          if (threads) await remove.mutateAsync({ body: { threads } });
          else while ((await call('DELETE /api/v1/mails/trash', {})).more);
        } finally {
          refresh(...mailRoutesShown);
        }
        toast({ tone: 'ok', title: words.deleted });
        onDone();
      }}
    />
  );
}
