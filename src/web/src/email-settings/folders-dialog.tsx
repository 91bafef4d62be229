import { useEffect, useState } from 'react';
import type { MappedFolder, ServerFolder } from '../../../contracts/mailboxes';
import { Button, Dialog, FormError, LoadingRows, SelectField, toast } from '../ui';
import { text } from '../text';
import { emailSettingsText } from './text';
import { useMapFolders, useServerFolders } from './use-mailbox';

const words = emailSettingsText.folders;
const options = [
  { value: '', label: words.none },
  ...Object.entries(words.names).map(([value, label]) => ({ value, label })),
];

/** R-BOX-3: what each folder of the mail server is for Parley. */
export function FoldersDialog({ userId, onClose }: { userId: string | null; onClose: () => void }) {
  const [folders, setFolders] = useState<ServerFolder[] | null>(null);
  const list = useServerFolders(userId, setFolders);
  const { run } = list;
  const save = useMapFolders(userId, () => {
    toast({ tone: 'ok', title: words.saved });
    onClose();
  });
  useEffect(() => run(), []);

  function map(path: string, folder: MappedFolder | null) {
    setFolders((all) => all?.map((one) => (one.path === path ? { ...one, folder } : one)) ?? null);
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={words.title}
      description={words.intro}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          {list.error && !folders ? (
            <Button variant="primary" onClick={run}>
              {words.again}
            </Button>
          ) : (
            <Button
              variant="primary"
              busy={save.isPending}
              disabled={!folders}
              onClick={() => folders && save.run(folders.map(({ path, folder }) => ({ path, folder })))}
            >
              {words.save}
            </Button>
          )}
        </>
      }
    >
      {list.isPending && (
        <div role="status">
          <p className="mb-2 text-ink-2">{words.loading}</p>
          <LoadingRows rows={4} />
        </div>
      )}
      {!folders && <FormError error={list.error} />}
      {folders && (
        <ul className="space-y-2">
          {folders.map(({ path, folder }) => (
            <li key={path} className="grid items-center gap-x-4 gap-y-1 sm:grid-cols-[1fr_12rem]">
              <span className="min-w-0 break-words" aria-hidden>
                {path}
              </span>
              <SelectField
                hideLabel
                label={path}
                value={folder ?? ''}
                options={options}
                onChange={(event) => map(path, (event.target.value || null) as MappedFolder | null)}
              />
            </li>
          ))}
        </ul>
      )}
      {folders && !folders.some(({ folder }) => folder === 'sent') && (
        <p className="mt-3 rounded-lg bg-warn-soft px-3 py-2 text-[0.9rem] text-warn">{words.noSent}</p>
      )}
      <FormError error={save.error} />
    </Dialog>
  );
}
