import { Bookmark, Search, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAction, useRoute } from '../../queries';
import { SaveSearchDialog } from '../../save-search-dialog';
import { Button, Menu, MenuItem, MenuLabel, MenuSeparator, toast, toastError } from '../../ui';
import { savedText as words } from './text';
import type { usePeopleFilters } from './use-people-filters';

/** R-SEND-2: searches kept by a name, each user's own. */
export function SavedSearches({ state }: { state: ReturnType<typeof usePeopleFilters> }) {
  const { view, filters, apply } = state;
  const [saving, setSaving] = useState(false);
  const saved = useRoute('GET /api/v1/saved-searches', { query: { page: 'people' } }, { staleTime: 60_000 });
  const remove = useAction('DELETE /api/v1/saved-searches/{savedSearchId}', {
    refresh: ['GET /api/v1/saved-searches'],
    onSuccess: () => toast({ title: words.removed }),
    onError: toastError,
  });
  const items = saved.data?.items ?? [];
  const current = items.find(({ query }) => isSame(query, { view, ...filters }));
  return (
    <>
      <Menu
        label={words.title}
        align="start"
        trigger={
          <Button icon={<Bookmark aria-hidden className="size-4" />} className="max-w-56">
            <span className="truncate">{current?.name ?? words.title}</span>
          </Button>
        }
      >
        {items.length === 0 && <MenuLabel>{words.none}</MenuLabel>}
        {items.map(({ id, name, query }) => (
          <MenuItem
            key={id}
            icon={<Search aria-hidden className="size-4 text-ink-2" />}
            onSelect={() => apply(query)}
          >
            {name}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem onSelect={() => setSaving(true)}>{words.save}</MenuItem>
        {current && (
          <MenuItem
            danger
            icon={<Trash2 aria-hidden className="size-4" />}
            onSelect={() => remove.mutate({ params: { savedSearchId: current.id } })}
          >
            {words.remove(current.name)}
          </MenuItem>
        )}
      </Menu>
      {saving && (
        <SaveSearchDialog
          page="people"
          query={{ view, ...filters }}
          words={{ ...words, title: words.save, hint: words.saveHint, saved: () => words.saved }}
          onClose={() => setSaving(false)}
        />
      )}
    </>
  );
}

function isSame(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
