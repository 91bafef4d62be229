import { useState } from 'react';
import { useAction } from './queries';
import { FormDialog, TextField, toast } from './ui';

/** Keeps what is searched for on a page under a name, for its user alone. */
export function SaveSearchDialog({
  page,
  query,
  words,
  onClose,
}: {
  page: 'people' | 'messages';
  query: Record<string, string>;
  words: {
    title: string;
    hint: string;
    name: string;
    noName: string;
    submit: string;
    saved: (name: string) => string;
  };
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const save = useAction('POST /api/v1/saved-searches', {
    refresh: ['GET /api/v1/saved-searches'],
    onSuccess: (saved) => {
      toast({ tone: 'ok', title: words.saved(saved.name) });
      onClose();
    },
  });
  const missing = name.trim() === '';
  return (
    <FormDialog
      title={words.title}
      description={words.hint}
      size="sm"
      error={save.error}
      shown={['name']}
      busy={save.isPending}
      submitLabel={words.submit}
      onSubmit={() => {
        setTried(true);
        if (!missing) save.mutate({ body: { page, name: name.trim(), query } });
      }}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        autoFocus
        maxLength={200}
        value={name}
        error={tried && missing ? words.noName : save.error?.fieldError('name')}
        onChange={(event) => setName(event.target.value)}
      />
    </FormDialog>
  );
}
