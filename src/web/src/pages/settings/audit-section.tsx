import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import type { AuditEntry, AuditTarget } from '../../../../contracts/audit';
import { useUsers } from '../../queries';
import { Button, Combobox, EmptyState, ErrorState, LoadingRows, SelectField, Time } from '../../ui';
import { usePages } from '../../use-pages';
import { actionWords, auditText as words } from './audit-text';
import { SectionHead } from './section-head';
import { settingsText } from './text';

const targets = Object.keys(words.targets) as AuditTarget[];

/** R-LOG-6: who changed what, before and after. */
export function AuditSection() {
  const users = useUsers();
  const [userId, setUserId] = useState<string | null>(null);
  const [target, setTarget] = useState<AuditTarget | null>(null);
  const { list, items } = usePages('GET /api/v1/audit-entries', {
    query: { limit: 50, userId: userId ?? undefined, target: target ?? undefined },
  });
  const names = new Map((users.data?.items ?? []).map(({ id, name }) => [id, name]));
  return (
    <div className="max-w-4xl">
      <SectionHead title={settingsText.nav.audit} intro={words.intro} />
      <div className="mb-3 grid max-w-xl gap-3 sm:grid-cols-2">
        <Combobox
          label={words.user}
          clearable
          placeholder={words.anybody}
          value={userId}
          onChange={setUserId}
          options={[...names].map(([value, label]) => ({ value, label }))}
        />
        <SelectField
          label={words.kind}
          value={target ?? ''}
          onChange={(event) => setTarget(targets.find((one) => one === event.target.value) ?? null)}
          options={[
            { value: '', label: words.anything },
            ...targets.map((value) => ({ value, label: words.targets[value] })),
          ]}
        />
      </div>
      <div aria-busy={list.isFetching} className={list.isPlaceholderData ? 'opacity-60' : undefined}>
        {list.isPending && <LoadingRows rows={6} />}
        {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {list.data && items.length === 0 && (
          <EmptyState icon={<ScrollText className="size-6" />} title={words.none}>
            {words.noneHint}
          </EmptyState>
        )}
        <ul aria-label={settingsText.nav.audit} className="divide-y divide-line">
          {items.map((entry) => (
            <Entry key={entry.id} entry={entry} names={names} />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button className="mt-4" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.older}
          </Button>
        )}
      </div>
    </div>
  );
}

function Entry({ entry, names }: { entry: AuditEntry; names: Map<string, string> }) {
  const changes = changesOf(entry, names);
  return (
    <li className="py-2.5">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{actionWords(entry.action)}</span>
        {entry.targetName && <span>{entry.targetName}</span>}
      </p>
      <p className="text-[0.9rem] text-ink-2">
        {entry.actor} · <Time at={entry.occurredAt} />
      </p>
      {changes.length > 0 && (
        <details className="mt-1 text-[0.9rem]">
          <summary className="cursor-pointer rounded-sm text-ink-2">{words.changes}</summary>
          <div className="overflow-x-auto">
            <table className="mt-1 w-full text-left">
              <thead className="text-ink-2">
                <tr>
                  {[words.field, words.before, words.after].map((head) => (
                    <th key={head} scope="col" className="py-0.5 pr-4 font-medium">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {changes.map(({ field, before, after }) => (
                  <tr key={field} className="border-t border-line align-top">
                    <th scope="row" className="py-1 pr-4 font-normal">
                      {actionWords(field)}
                    </th>
                    <td className="py-1 pr-4 break-words">{before}</td>
                    <td className="py-1 break-words">{after}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </li>
  );
}

type Change = { field: string; before: string; after: string };

/** The fields that differ; ids of users by their names. */
function changesOf({ before, after }: AuditEntry, names: Map<string, string>): Change[] {
  const [one, other] = [fieldsOf(before), fieldsOf(after)];
  const shown = (value: unknown): string => {
    if (value === undefined || value === null) return '–';
    if (typeof value === 'string') return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(shown).join(', ') || '–';
    return JSON.stringify(value);
  };
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .map((field) => ({ field, before: shown(one[field]), after: shown(other[field]) }))
    .filter((change) => change.before !== change.after);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
