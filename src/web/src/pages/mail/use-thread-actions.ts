import type { MailFolder } from '../../../../contracts/mails';
import type { SettledFolder } from '../../../../domain/mail-folders';
import { useAction } from '../../queries';
import { toast, toastError } from '../../ui';
import { mailPageText as words } from './text';

export type NamedThread = { threadId: string; folder: SettledFolder };

export const mailRoutesShown = [
  'GET /api/v1/mail-threads',
  'GET /api/v1/mails/counts',
  'GET /api/v1/mails/trash',
  'GET /api/v1/mails/{mailId}',
  'GET /api/v1/mails/{mailId}/thread',
] as const;

/** What is done to threads, each with a way back. */
export function useThreadActions() {
  const options = { refresh: [...mailRoutesShown], onError: toastError };
  const undo = useAction('PATCH /api/v1/mails', options);
  const change = useAction('PATCH /api/v1/mail-threads', options);

  function act(threads: NamedThread[], how: { seen?: boolean; folder?: SettledFolder }, title?: string) {
    change.mutate(
      { body: { threads, ...how } },
      {
        onSuccess: ({ before }) => {
          if (title === undefined) return;
          const back = { label: words.undo, onPress: () => undo.mutate({ body: { mails: before } }) };
          toast({ tone: 'ok', title, ...(before.length > 0 && { action: back }) });
        },
      },
    );
  }
  return {
    busy: change.isPending,
    move: (threads: NamedThread[], to: SettledFolder) =>
      act(threads, { folder: to }, words.movedThreads(threads.length, words.folders[to])),
    markSeen: (threads: NamedThread[], seen: boolean, quiet = false) =>
      act(threads, { seen }, quiet ? undefined : words.marked(threads.length, seen)),
  };
}
export type ThreadActions = ReturnType<typeof useThreadActions>;

/** Where mail of a folder can be moved. */
export function targetsOf(folder: MailFolder): SettledFolder[] {
  const home = folder === 'sent' ? [] : (['inbox', 'archive', 'junk'] as const);
  return [...home.filter((one) => one !== folder), ...(folder === 'trash' ? [] : (['trash'] as const))];
}
