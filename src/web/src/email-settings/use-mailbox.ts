import { useState } from 'react';
import type {
  Mailbox,
  MailboxInput,
  MailboxTest,
  MailboxType,
  MappedFolder,
  ServerFolder,
  SignedOutMailbox,
} from '../../../contracts/mailboxes';
import { keyOf, queryClient, useAction, useRoute } from '../queries';

/* Each for one's own mailbox (`userId` null) and, for Administrators, for that of a user. */

export function useMailbox(userId: string | null) {
  const [moving, setMoving] = useState(false);
  const options = { refetchInterval: moving ? 2_000 : 30_000 };
  const mine = useRoute('GET /api/v1/me/mailbox', userId === null ? {} : null, options);
  const theirs = useRoute(
    'GET /api/v1/users/{userId}/mailbox',
    userId === null ? null : { params: { userId } },
    options,
  );
  const read = userId === null ? mine : theirs;
  const state = read.data?.state;
  const moves = state === 'connecting' || state === 'importing';
  if (moves !== moving) setMoving(moves);
  return read;
}

function show(userId: string | null, mailbox: Mailbox): void {
  queryClient.setQueryData(
    userId === null
      ? keyOf('GET /api/v1/me/mailbox', {})
      : keyOf('GET /api/v1/users/{userId}/mailbox', { params: { userId } }),
    mailbox,
  );
}

export function useSaveMailbox(userId: string | null, onSaved: () => void) {
  const onSuccess = (mailbox: Mailbox) => {
    show(userId, mailbox);
    onSaved();
  };
  const mine = useAction('PUT /api/v1/me/mailbox', { onSuccess });
  const theirs = useAction('PUT /api/v1/users/{userId}/mailbox', { onSuccess });
  return {
    ...(userId === null ? mine : theirs),
    run: (body: MailboxInput) =>
      userId === null ? mine.mutate({ body }) : theirs.mutate({ params: { userId }, body }),
  };
}

export function useTestMailbox(userId: string | null, onTested: (result: MailboxTest) => void) {
  const mine = useAction('POST /api/v1/me/mailbox/test', { onSuccess: onTested });
  const theirs = useAction('POST /api/v1/users/{userId}/mailbox/test', { onSuccess: onTested });
  return {
    ...(userId === null ? mine : theirs),
    run: (body: NonNullable<MailboxInput['incoming']>) =>
      userId === null ? mine.mutate({ body }) : theirs.mutate({ params: { userId }, body }),
  };
}

/** The browser leaves for the provider; only one's own mailbox can be signed in. */
export function useBeginSignIn() {
  const begin = useAction('POST /api/v1/me/mailbox/sign-in', {
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return {
    error: begin.error,
    // until the page is left
    isPending: begin.isPending || begin.isSuccess,
    provider: begin.variables?.body.provider,
    run: (provider: Mailbox['signInProviders'][number]['id'], type: MailboxType) =>
      begin.mutate({ body: { provider, type } }),
  };
}

export function useSignOutMailbox(userId: string | null, onSignedOut: (mailbox: SignedOutMailbox) => void) {
  const onSuccess = (mailbox: SignedOutMailbox) => {
    show(userId, mailbox);
    onSignedOut(mailbox);
  };
  const mine = useAction('DELETE /api/v1/me/mailbox/sign-in', { onSuccess });
  const theirs = useAction('DELETE /api/v1/users/{userId}/mailbox/sign-in', { onSuccess });
  return {
    ...(userId === null ? mine : theirs),
    run: () => (userId === null ? mine.mutate({}) : theirs.mutate({ params: { userId } })),
  };
}

export function useFetchMailbox(userId: string | null, onSuccess: () => void) {
  const mine = useAction('POST /api/v1/me/mailbox/fetch', { onSuccess });
  const theirs = useAction('POST /api/v1/users/{userId}/mailbox/fetch', { onSuccess });
  return {
    ...(userId === null ? mine : theirs),
    run: () => (userId === null ? mine.mutate({}) : theirs.mutate({ params: { userId } })),
  };
}

export function useServerFolders(userId: string | null, onListed: (folders: ServerFolder[]) => void) {
  const onSuccess = ({ items }: { items: ServerFolder[] }) => onListed(items);
  const mine = useAction('POST /api/v1/me/mailbox/folders', { onSuccess });
  const theirs = useAction('POST /api/v1/users/{userId}/mailbox/folders', { onSuccess });
  return {
    ...(userId === null ? mine : theirs),
    run: () => (userId === null ? mine.mutate({}) : theirs.mutate({ params: { userId } })),
  };
}

export function useMapFolders(userId: string | null, onSaved: () => void) {
  const onSuccess = (mailbox: Mailbox) => {
    show(userId, mailbox);
    onSaved();
  };
  const mine = useAction('PUT /api/v1/me/mailbox/folders', { onSuccess });
  const theirs = useAction('PUT /api/v1/users/{userId}/mailbox/folders', { onSuccess });
  return {
    ...(userId === null ? mine : theirs),
    run: (folders: { path: string; folder: MappedFolder | null }[]) =>
      userId === null
        ? mine.mutate({ body: { folders } })
        : theirs.mutate({ params: { userId }, body: { folders } }),
  };
}
