import { useCallback, useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { MailFolder, MailThread } from '../../../../contracts/mails';
import type { SettledFolder } from '../../../../domain/mail-folders';
import { paths } from '../../paths';
import { usePages } from '../../use-pages';

const typingPauseMs = 300;

/** What is searched for stands in the address, as much as a search may be long. */
const searchedFor = (search: URLSearchParams): string => (search.get('q') ?? '').trim().slice(0, 200);

/** Addresses of mails, which keep what is searched for. */
export function useMailPath(): (folder: MailFolder, mailId?: string) => string {
  const q = searchedFor(useSearchParams()[0]);
  return useCallback((folder, mailId) => paths.mail(folder, mailId, q), [q]);
}

/** A folder, or what is searched for everywhere, with the rows that are ticked. */
export function useMailList(folder: MailFolder) {
  const [search, setSearch] = useSearchParams();
  const q = searchedFor(search);
  const [typed, setTyped] = useState(q);
  const [shownQ, setShownQ] = useState(q);
  // the way back, or a link, changed it from elsewhere
  if (shownQ !== q) {
    setShownQ(q);
    if (typed.trim() !== q) setTyped(q);
  }
  const [unread, setUnread] = useState(false);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === q) return undefined;
    const timer = setTimeout(
      () => setSearch(wanted === '' ? {} : { q: wanted }, { replace: true }),
      typingPauseMs,
    );
    return () => clearTimeout(timer);
  }, [typed, q, setSearch]);
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
