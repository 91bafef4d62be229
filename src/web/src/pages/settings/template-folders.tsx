import { FolderPen, FolderX } from 'lucide-react';
import { useState } from 'react';
import { useAction, useRoute } from '../../queries';
import { Button, FormDialog, SelectField, TextField, toast } from '../../ui';
import { templatesText } from './templates-text';
import { settingsText } from './text';

const words = templatesText.folders;

type Folder = {
  folder: string;
  /** Shown in the list just now; the others are asked for. */
  folders: string[];
  onMoved: (to: string | null) => void;
};

/** What can be done with the folder that is chosen. */
export function FolderCommands(props: Folder) {
  const [open, setOpen] = useState<'rename' | 'remove' | null>(null);
  const close = () => setOpen(null);
  return (
    <div className="col-span-2 flex flex-wrap gap-2">
      <Button size="sm" icon={<FolderPen aria-hidden className="size-4" />} onClick={() => setOpen('rename')}>
        {words.rename}
      </Button>
      <Button
        size="sm"
        variant="quiet"
        className="text-danger!"
        icon={<FolderX aria-hidden className="size-4" />}
        onClick={() => setOpen('remove')}
      >
        {words.remove}
      </Button>
      {open === 'rename' && <RenameDialog {...props} onClose={close} />}
      {open === 'remove' && <RemoveDialog {...props} onClose={close} />}
    </div>
  );
}

function useMove({ onMoved, onClose }: Folder & { onClose: () => void }, done: string) {
  return useAction('POST /api/v1/templates/folders/move', {
    refresh: ['GET /api/v1/templates', 'GET /api/v1/templates/folders', 'GET /api/v1/templates/{templateId}'],
    onSuccess: ({ left }, { body }) => {
      toast({
        tone: left === 0 ? 'ok' : undefined,
        title: done,
        body: left > 0 ? words.left(left) : undefined,
      });
      onClose();
      onMoved(body.to);
    },
  });
}

function RenameDialog(props: Folder & { onClose: () => void }) {
  const { folder, folders, onClose } = props;
  const [name, setName] = useState(folder);
  const [tried, setTried] = useState(false);
  const move = useMove(props, words.renamed);
  const to = name.trim();
  return (
    <FormDialog
      size="sm"
      title={words.renameTitle(folder)}
      error={move.error}
      shown={['to']}
      busy={move.isPending}
      submitLabel={settingsText.save}
      onSubmit={() => {
        setTried(true);
        if (to === folder) onClose();
        else if (to !== '') move.mutate({ body: { from: folder, to } });
      }}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        hint={to !== folder && folders.includes(to) ? words.exists : undefined}
        autoFocus
        value={name}
        maxLength={100}
        error={tried && to === '' ? words.missing : move.error?.fieldError('to')}
        onChange={(event) => setName(event.target.value)}
      />
    </FormDialog>
  );
}

function RemoveDialog(props: Folder & { onClose: () => void }) {
  const { folder, onClose } = props;
  const [to, setTo] = useState('');
  const all = useRoute('GET /api/v1/templates/folders', {});
  const move = useMove(props, words.removed);
  const others = (all.data?.items ?? []).filter((one) => one.folder !== folder);
  return (
    <FormDialog
      size="sm"
      title={words.removeTitle(folder)}
      description={words.removeText}
      error={move.error}
      busy={move.isPending}
      submitLabel={words.move}
      onSubmit={() => move.mutate({ body: { from: folder, to: to === '' ? null : to } })}
      onClose={onClose}
    >
      <SelectField
        label={words.target}
        value={to}
        onChange={(event) => setTo(event.target.value)}
        options={[
          { value: '', label: templatesText.noFolder },
          ...others.map((one) => ({ value: one.folder, label: one.folder })),
        ]}
      />
    </FormDialog>
  );
}
