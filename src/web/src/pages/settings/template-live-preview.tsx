import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { smsSize } from '../../../../domain/sms-segments';
import { ApiError, call } from '../../api';
import { useRoute } from '../../queries';
import { TemplateBubble } from '../../template-preview';
import { Combobox } from '../../ui';
import { inVariables, partsOf, type TemplateDraft } from './template-draft';
import { templatesText } from './templates-text';

const words = templatesText.form;

/** What is being written, as a chosen person would get it. */
export function TemplateLivePreview({ draft }: { draft: TemplateDraft }) {
  const [personId, setPersonId] = useState<string | null>(null);
  const [q, setQ] = useState('');
  const people = useRoute(
    'GET /api/v1/people',
    { query: { q: q.trim() || undefined, limit: 20 } },
    { keepPrevious: true },
  );
  const person = people.data?.items.find(({ id }) => id === personId);
  const [name, setName] = useState('');
  return (
    <section aria-label={templatesText.preview} className="space-y-3 xl:sticky xl:top-0 xl:self-start">
      <Combobox
        label={words.person}
        placeholder={words.personPlaceholder}
        clearable
        value={personId}
        selectedLabel={person?.name ?? name}
        busy={people.isFetching}
        onSearch={setQ}
        onChange={(next) => {
          setPersonId(next);
          setName(people.data?.items.find(({ id }) => id === next)?.name ?? '');
        }}
        options={(people.data?.items ?? []).map((each) => ({
          value: each.id,
          label: each.name,
          hint: each.phone ?? each.email ?? undefined,
        }))}
      />
      {personId ? <PreviewFor draft={draft} personId={personId} /> : <Raw draft={draft} />}
    </section>
  );
}

function Raw({ draft }: { draft: TemplateDraft }) {
  const { title, header, body, footer, buttons } = partsOf(draft);
  return (
    <>
      {body !== '' && <TemplateBubble content={{ header: title ?? header, body, footer, buttons }} />}
      <p className="text-[0.87rem] text-ink-2">{words.personHint}</p>
    </>
  );
}

function PreviewFor({ draft, personId }: { draft: TemplateDraft; personId: string }) {
  const parts = partsOf(draft);
  const asked = useSettled(JSON.stringify({ channel: draft.channel, ...parts, body: parts.body || ' ' }));
  const preview = useQuery({
    queryKey: ['written preview', asked, personId],
    queryFn: ({ signal }) =>
      call(
        'POST /api/v1/templates/preview',
        { body: { ...(JSON.parse(asked) as { channel: 'sms'; body: string }), personId } },
        { signal },
      ),
    placeholderData: (previous) => previous,
  });
  if (preview.error) {
    return (
      <p role="alert" className="text-[0.9rem] text-danger">
        {preview.error instanceof ApiError ? preview.error.detail : String(preview.error)}
      </p>
    );
  }
  if (!preview.data) return null;
  const { header, body, missing } = inVariables(draft, preview.data);
  const { title, footer, buttons } = preview.data;
  const size = draft.channel === 'sms' ? smsSize(body) : null;
  return (
    <div aria-live="polite" className="space-y-2">
      <TemplateBubble content={{ header: title ?? header, body, footer, buttons }} />
      {size && body.trim() !== '' && (
        <p className="text-[0.87rem] text-ink-2">{words.segments(size.segments, body.length)}</p>
      )}
      {missing.length > 0 && (
        <p className="text-[0.87rem] text-warn">
          {words.missing(missing.map((each) => `{{${each}}}`).join(', '))}
        </p>
      )}
    </div>
  );
}

/** The value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 250);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
