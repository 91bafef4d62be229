import {
  Archive,
  FolderInput,
  Inbox,
  MailMinus,
  MailOpen,
  ShieldAlert,
  Trash2,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { MailFolder } from '../../../../contracts/mails';
import type { SettledFolder } from '../../../../domain/mail-folders';
import { Checkbox, IconButton, Menu, MenuItem } from '../../ui';
import { mailPageText as words } from './text';
import type { MailListState } from './use-mail-list';
import { targetsOf, type NamedThread, type ThreadActions } from './use-thread-actions';

const folderIcons: Record<SettledFolder, LucideIcon> = {
  inbox: Inbox,
  sent: Inbox,
  archive: Archive,
  junk: ShieldAlert,
  trash: Trash2,
};

/** Above the rows: all of them ticked at once, and what can be done with those that are. */
export function SelectionBar({
  list,
  actions,
  onDelete,
  children,
}: {
  list: MailListState;
  actions: ThreadActions;
  onDelete: (threads: NamedThread[], mails: number) => void;
  /** While none is ticked. */
  children: ReactNode;
}) {
  const { tickable, tickedRows } = list;
  const threads = tickedRows.map(({ id, folder }) => ({ threadId: id, folder: folder }));
  const allTrash = tickedRows.every(({ folder }) => folder === 'trash');
  const done = (act: () => void) => () => {
    act();
    list.clear();
  };
  return (
    <div className="flex min-h-10 items-center gap-3">
      {tickable.length > 0 && (
        <Checkbox
          label={words.tickAll}
          hideLabel
          checked={
            tickedRows.length === 0 ? false : tickedRows.length === tickable.length ? true : 'indeterminate'
          }
          onChange={(on) => (on ? list.tick(tickable, true) : list.clear())}
        />
      )}
      {tickedRows.length === 0 ? (
        children
      ) : (
        <div role="toolbar" aria-label={words.selection} className="flex min-w-0 flex-1 items-center gap-0.5">
          <p role="status" className="min-w-0 flex-1 truncate text-[0.9rem] font-medium">
            {words.ticked(tickedRows.length)}
          </p>
          <Tool
            label={words.markRead}
            icon={MailOpen}
            onClick={done(() => actions.markSeen(threads, true))}
          />
          <Tool
            label={words.markUnread}
            icon={MailMinus}
            onClick={done(() => actions.markSeen(threads, false))}
          />
          <MoveMenu
            folder={list.q === '' ? list.folder : null}
            onMove={(to) => done(() => actions.move(threads, to))()}
          />
          {allTrash ? (
            <Tool
              label={words.deleteForGood}
              icon={Trash2}
              onClick={() =>
                onDelete(
                  threads,
                  tickedRows.reduce((sum, { count }) => sum + count, 0),
                )
              }
            />
          ) : (
            <Tool label={words.delete} icon={Trash2} onClick={done(() => actions.move(threads, 'trash'))} />
          )}
        </div>
      )}
    </div>
  );
}

function Tool({ label, icon: Icon, onClick }: { label: string; icon: LucideIcon; onClick: () => void }) {
  return (
    <IconButton size="sm" label={label} icon={<Icon aria-hidden className="size-4.5" />} onClick={onClick} />
  );
}

/** `folder` null: out of several. */
export function MoveMenu({
  folder,
  onMove,
}: {
  folder: MailFolder | null;
  onMove: (to: SettledFolder) => void;
}) {
  const targets = folder === null ? (['inbox', 'archive', 'junk', 'trash'] as const) : targetsOf(folder);
  return (
    <Menu
      label={words.move}
      trigger={
        <IconButton
          size="sm"
          label={words.move}
          tooltip={false}
          icon={<FolderInput aria-hidden className="size-4.5" />}
        />
      }
    >
      {targets.map((to) => {
        const Icon = folderIcons[to];
        return (
          <MenuItem key={to} icon={<Icon aria-hidden className="size-4" />} onSelect={() => onMove(to)}>
            {words.folders[to]}
          </MenuItem>
        );
      })}
    </Menu>
  );
}
