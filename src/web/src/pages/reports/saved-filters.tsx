import { Bookmark, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAction, useRoute } from '../../queries';
import { SaveSearchDialog } from '../../save-search-dialog';
import { Button, Menu, MenuItem, MenuLabel, MenuSeparator, toast, toastError } from '../../ui';
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
      {saving && (
        <SaveSearchDialog
          page="messages"
          query={filters}
          words={{ ...words, saved: words.done }}
          onClose={() => setSaving(false)}
        />
      )}
    </>
  );
}

const same = (one: Filters, other: Filters): boolean =>
  filterNames.every((name) => one[name] === other[name]);
