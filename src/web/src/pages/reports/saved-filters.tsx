import { Bookmark, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAction, useRoute } from '../../queries';
import {
  Button,
  FormDialog,
  Menu,
  MenuItem,
  MenuLabel,
  MenuSeparator,
  TextField,
  toast,
  toastError,
} from '../../ui';
import { reportsText } from './text';
import { filterNames, filtersOf, type Filters } from './use-filters';

const words = reportsText.saved;

/** The user's own filters by name: to take up, to keep, to forget. */
export function SavedFilters({
  filters,
  onChoose,
}: {
  filters: Filters;
  onChoose: (filters: Filters) => void;
}) {
  const [saving, setSaving] = useState(false);
  const list = useRoute('GET /api/v1/saved-searches', { query: { page: 'messages' } });
  const remove = useAction('DELETE /api/v1/saved-searches/{savedSearchId}', {
    refresh: ['GET /api/v1/saved-searches'],
    onError: toastError,
  });
  const items = list.data?.items ?? [];
  const current = items.find(({ query }) => same(filtersOf(query), filters));
  return (
    <>
      <Menu
        label={words.button}
        trigger={
          <Button icon={<Bookmark aria-hidden className="size-4" />}>{current?.name ?? words.button}</Button>
        }
      >
        <MenuLabel>{words.button}</MenuLabel>
        {items.length === 0 && (
          <MenuItem disabled onSelect={() => undefined}>
            {words.none}
          </MenuItem>
        )}
        {items.map((item) => (
          <MenuItem key={item.id} onSelect={() => onChoose(filtersOf(item.query))}>
            {item.name}
          </MenuItem>
        ))}
        <MenuSeparator />
        {current ? (
          <MenuItem
            danger
            icon={<Trash2 aria-hidden className="size-4" />}
            onSelect={() =>
              remove.mutate(
                { params: { savedSearchId: current.id } },
                { onSuccess: () => toast({ title: words.removed(current.name) }) },
              )
            }
          >
            {words.remove(current.name)}
          </MenuItem>
        ) : (
          <MenuItem disabled={Object.keys(filters).length === 0} onSelect={() => setSaving(true)}>
            {words.save}
          </MenuItem>
        )}
      </Menu>
      {saving && <SaveDialog filters={filters} onClose={() => setSaving(false)} />}
    </>
  );
}

function SaveDialog({ filters, onClose }: { filters: Filters; onClose: () => void }) {
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const save = useAction('POST /api/v1/saved-searches', {
    refresh: ['GET /api/v1/saved-searches'],
    onSuccess: (saved) => {
      toast({ tone: 'ok', title: words.done(saved.name) });
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
        if (!missing) save.mutate({ body: { page: 'messages', name: name.trim(), query: filters } });
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

const same = (one: Filters, other: Filters): boolean =>
  filterNames.every((name) => one[name] === other[name]);
