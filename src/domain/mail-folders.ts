import type { MailFolder } from '../contracts/mails';

/** Where mail stands that came or was sent. */
export type SettledFolder = Exclude<MailFolder, 'drafts'>;

/** Where a mail goes that stands in `folder` when its thread is moved: what was sent never to the Inbox, and out of Sent only into the waste. */
export function folderAfterMove(
  { direction, folder }: { direction: 'in' | 'out'; folder: SettledFolder },
  to: SettledFolder,
): SettledFolder {
  if (to === 'trash') return 'trash';
  if (to === 'inbox' || to === 'sent') return direction === 'in' ? 'inbox' : 'sent';
  if (direction === 'in') return to;
  return folder === 'junk' || folder === 'trash' ? 'sent' : folder;
}
