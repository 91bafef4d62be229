import { useEffect, useState } from 'react';
import type { MailFolder, MailThread } from '../../../../contracts/mails';
import type { SettledFolder } from '../../../../domain/mail-folders';
import { usePages } from '../../use-pages';

const typingPauseMs = 300;

/** A folder, or what is searched for everywhere, with the rows that are ticked. */
export function useMailList(folder: MailFolder) {
  const [typed, setTyped] = useState('');
  const [q, setQ] = useState('');
  const [unread, setUnread] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const pages = usePages('GET /api/v1/mail-threads', {
    query: { ...(q === '' ? { folder } : { q }), ...(unread && { unread }) },
  });
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const { items } = pages;
  const tickable = items.filter(isTickable);
  return {
    folder,
    typed,
    setTyped,
    q,
    unread,
    setUnread,
    pages,
    items,
    tickable,
    isTicked: (row: MailThread) => ticked.has(keyOfRow(row)),
    tickedRows: tickable.filter((row) => ticked.has(keyOfRow(row))),
    tick(rows: MailThread[], on: boolean) {
      const keys = new Set(rows.map(keyOfRow));
      setTicked((before) =>
        on ? new Set([...before, ...keys]) : new Set([...before].filter((key) => !keys.has(key))),
      );
    },
    clear: () => setTicked(new Set()),
  };
}
export type MailListState = ReturnType<typeof useMailList>;

/** One row a thread, and one more of what it has in the waste or in junk. */
export const keyOfRow = ({ id, mailId, folder }: MailThread): string =>
  folder === 'drafts' ? mailId : folder === 'junk' || folder === 'trash' ? `${id} ${folder}` : id;

/** What is being written, or is on its way, is dealt with by itself. */
export const isTickable = (row: MailThread): row is MailThread & { folder: SettledFolder } =>
  row.folder !== 'drafts' && (row.count > 1 || row.state === 'received' || row.state === 'sent');
