import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { MergePreview } from '../../../../contracts/merge';
import type { Person, PersonRow } from '../../../../contracts/people';
import { paths } from '../../paths';
import { useAction, useRoute } from '../../queries';
import { text } from '../../text';
import { Combobox, ErrorState, FormDialog, LoadingRows, toast } from '../../ui';
import { mergeText as words } from './text';

/** R-CHAT-13: this person becomes a part of another, who keeps everything of both. */
export function MergeDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const [, navigate] = useLocation();
  const [into, setInto] = useState<{ id: string; name: string } | null>(null);
  const [q, setQ] = useState('');
  const params = { personId: person.id };
  const suggestions = useRoute('GET /api/v1/people/{personId}/merge-suggestions', { params });
  const found = useRoute('GET /api/v1/people', q.trim() ? { query: { q: q.trim(), limit: 20 } } : null, {
    keepPrevious: true,
  });
  const preview = useRoute(
    'GET /api/v1/people/{personId}/merge-preview',
    into ? { params, query: { intoId: into.id } } : null,
    { staleTime: 0 },
  );
  const merge = useAction('POST /api/v1/people/{personId}/merge', {
    refresh: ['GET /api/v1/people', 'GET /api/v1/people/{personId}', 'GET /api/v1/conversations'],
    onSuccess: (kept) => {
      toast({ tone: 'ok', title: words.done(kept.name) });
      onClose();
      navigate(paths.person(kept.id), { replace: true });
    },
  });
  const likely = (suggestions.data?.items ?? []).filter(({ id }) => id !== person.id);
  const offered = q.trim() ? (found.data?.items ?? []).filter(({ id }) => id !== person.id) : likely;
  const choose = (row: PersonRow | undefined) => setInto(row ? { id: row.id, name: row.name } : null);

  return (
    <FormDialog
      title={words.title(person.name)}
      description={words.hint}
      size="lg"
      error={merge.error}
      busy={merge.isPending}
      submitLabel={words.submit}
      disabled={!preview.data}
      onClose={onClose}
      onSubmit={() => into && merge.mutate({ params, body: { intoId: into.id } })}
    >
      <Combobox
        label={words.into}
        placeholder={words.search}
        busy={found.isFetching}
        options={offered.map(toOption)}
        selectedLabel={into?.name}
        value={into?.id ?? null}
        onSearch={setQ}
        onChange={(id) => choose([...offered, ...likely].find((row) => row.id === id))}
      />
      {!into && likely.length > 0 && (
        <div>
          <p className="mb-1.5 text-[0.9rem] font-medium">{words.likely}</p>
          <ul className="space-y-1.5">
            {likely.map((row) => (
              <li key={row.id}>
                <button
                  type="button"
                  className="w-full rounded-lg border border-line-strong px-3 py-2 text-left hover:bg-hover"
                  onClick={() => choose(row)}
                >
                  <span className="block font-medium">{row.name}</span>
                  <span className="block truncate text-[0.9rem] text-ink-2">{toOption(row).hint}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {into && preview.isPending && <LoadingRows rows={2} />}
      {into && preview.error && <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />}
      {into && preview.data && <Preview preview={preview.data} />}
    </FormDialog>
  );
}

function Preview({ preview: { from, into, result } }: { preview: MergePreview }) {
  const { chat } = result;
  const facts: [string, string[]][] = [
    [words.contactDetails, result.contactPoints],
    [
      words.matches,
      result.matches.map(({ vacancyTitle, stageName, otherStageName }) =>
        otherStageName === null
          ? `${vacancyTitle}: ${stageName}`
          : words.twice(vacancyTitle, stageName, otherStageName),
      ),
    ],
    [words.messages, [words.messageCount(result.messageCount)]],
    [
      words.chat,
      [chat.ownerName ? `${text.status[chat.status]}, ${chat.ownerName}` : text.status[chat.status]],
    ],
  ];
  return (
    <section aria-label={words.result} className="rounded-xl bg-sunken p-4">
      <p className="flex flex-wrap items-center gap-2">
        <span className="line-through decoration-ink-3">{from.name}</span>
        <ArrowRight aria-hidden className="size-4 text-ink-2" />
        <span className="font-semibold">{result.name || into.name}</span>
      </p>
      <dl className="mt-3 grid gap-x-4 gap-y-2 sm:grid-cols-[10rem_1fr]">
        {facts.map(([name, values]) => (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="min-w-0 break-words">
              {values.length === 0 ? words.none : values.map((value) => <p key={value}>{value}</p>)}
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-[0.9rem] text-ink-2">{words.rest}</p>
    </section>
  );
}

const toOption = ({ id, name, phone, email, employerName }: PersonRow) => ({
  value: id,
  label: name,
  hint: [phone, email, employerName].filter(Boolean).join(' · '),
});
