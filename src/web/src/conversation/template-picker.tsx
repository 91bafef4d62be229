import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, CalendarClock, FileText, SearchX } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Template } from '../../../contracts/templates';
import { call, type ApiError } from '../api';
import { paths } from '../paths';
import { useMe } from '../queries';
import { text } from '../text';
import {
  Badge,
  Button,
  cx,
  Dialog,
  EmptyState,
  ErrorState,
  LoadingRows,
  Skeleton,
  TextField,
  TextLink,
} from '../ui';
import { RichText } from './rich-text';
import { parameterLabel, readableName, searchTemplates, useSendableTemplates } from './use-templates';

const words = text.templates;

export type ChosenTemplate = { template: Template; parameters: Record<string, string>; body: string };

/** What is done with it: a WhatsApp template is sent as it is, now or later; that of an e-mail is written on. */
type Chosen =
  | {
      channel: 'whatsapp';
      onSend: (chosen: ChosenTemplate) => void;
      onLater: (chosen: ChosenTemplate) => void;
    }
  | { channel: 'email'; onUse: (template: Template) => void };

/** Choose a template, see it as this person will get it, fill in what is missing. */
export function TemplatePicker({
  open,
  onOpenChange,
  startWith,
  personId,
  personName,
  applicationId,
  ...then
}: Chosen & {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Go straight to the preview of this one. */
  startWith: Template | null;
  personId: string;
  personName: string;
  applicationId?: string;
}) {
  const [chosen, setChosen] = useState<Template | null>(startWith);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="lg"
      title={chosen ? readableName(chosen.name) : words.title}
      description={chosen ? words.previewFor(personName) : undefined}
    >
      {chosen ? (
        <Preview
          template={chosen}
          personId={personId}
          applicationId={applicationId}
          onBack={() => setChosen(null)}
          then={then}
        />
      ) : (
        <Choice channel={then.channel} onChoose={setChosen} />
      )}
    </Dialog>
  );
}

function Choice({
  channel,
  onChoose,
}: {
  channel: Chosen['channel'];
  onChoose: (template: Template) => void;
}) {
  const me = useMe();
  const templates = useSendableTemplates(channel);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const found = useMemo(() => searchTemplates(templates.data?.items ?? [], query), [templates.data, query]);

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      const next = (active + step + found.length) % found.length;
      setActive(next);
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && found[active]) onChoose(found[active]);
    else return;
    event.preventDefault();
  }

  if (templates.isPending) return <LoadingRows rows={4} />;
  if (templates.isError)
    return <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />;
  if (templates.data.items.length === 0) {
    return (
      <EmptyState
        icon={<FileText className="size-6" />}
        title={channel === 'email' ? words.noEmail : words.none}
      >
        {channel === 'email' ? null : `${words.noneHint} `}
        {me.permissions.settings && (
          <TextLink href={paths.settings('templates')}>{words.toSettings}</TextLink>
        )}
      </EmptyState>
    );
  }
  return (
    <div className="space-y-3">
      <TextField
        label={words.search}
        hideLabel
        placeholder={words.search}
        type="search"
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="template-list"
        aria-activedescendant={found[active] ? `template-${found[active].id}` : undefined}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul ref={list} id="template-list" role="listbox" aria-label={words.title} className="space-y-1">
        {found.map((template, index) => (
          <li
            key={template.id}
            id={`template-${template.id}`}
            role="option"
            aria-selected={index === active}
            onPointerMove={() => setActive(index)}
            onClick={() => onChoose(template)}
            className={cx(
              'rounded-xl border px-3 py-2',
              index === active ? 'border-accent bg-accent-soft' : 'border-line',
            )}
          >
            <span className="flex items-center gap-2">
              <span className="font-medium">{readableName(template.name)}</span>
              <Badge>{template.language}</Badge>
              {template.category && (
                <span className="text-[0.82rem] text-ink-2">{template.category.toLowerCase()}</span>
              )}
            </span>
            <span className="line-clamp-2 text-ink-2">{template.body}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <EmptyState icon={<SearchX className="size-6" />} title={text.common.noMatches} className="py-6" />
      )}
    </div>
  );
}

function Preview({
  template,
  personId,
  applicationId,
  onBack,
  then,
}: {
  template: Template;
  personId: string;
  applicationId?: string;
  onBack: () => void;
  then: Chosen;
}) {
  const [values, setValues] = useState<Record<string, string>>({});
  const filled = useMemo(
    () => Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== '')),
    [values],
  );
  const asked = useDeferredValue(JSON.stringify(filled));
  const preview = usePreview(template.id, personId, applicationId, asked);
  const [everMissing, setEverMissing] = useState<string[]>([]);
  const isEmail = then.channel === 'email';
  const unfilled = preview.data?.missing ?? [];
  // in an e-mail they are written over in its text
  const missing = isEmail ? [] : unfilled;
  const sendButton = useRef<HTMLButtonElement>(null);

  // a field stays once it was asked for, else it would vanish at the first letter
  const newlyMissing = missing.filter((key) => !everMissing.includes(key));
  if (newlyMissing.length > 0) setEverMissing([...everMissing, ...newlyMissing]);
  const ready = preview.isSuccess;
  const hasFields = everMissing.length > 0;
  useEffect(() => {
    if (ready && !hasFields) sendButton.current?.focus();
  }, [ready, hasFields]);

  const stillMissing =
    everMissing.some((key) => !filled[key] && missing.includes(key)) || missing.some((key) => !filled[key]);
  function choose(on: (chosen: ChosenTemplate) => void) {
    if (!preview.data || stillMissing) return;
    on({ template, parameters: filled, body: preview.data.body });
  }

  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (then.channel === 'email') then.onUse(template);
        else choose(then.onSend);
      }}
    >
      {everMissing.length > 0 && (
        <fieldset className="space-y-3 rounded-xl border border-line p-3">
          <legend className="px-1 font-medium">{words.missing}</legend>
          {everMissing.map((key, index) => (
            <TextField
              key={key}
              label={parameterLabel(template, key)}
              required
              autoFocus={index === 0}
              maxLength={1024}
              value={values[key] ?? ''}
              onChange={(event) => setValues({ ...values, [key]: event.target.value })}
            />
          ))}
        </fieldset>
      )}
      {preview.isError ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : (
        <div className="rounded-xl bg-sunken p-4" aria-live="polite">
          {preview.data ? (
            <div className="ml-auto max-w-md rounded-2xl rounded-br-md bg-bubble-out px-3 py-2">
              {preview.data.title && <p className="font-semibold break-words">{preview.data.title}</p>}
              {preview.data.header && <p className="font-semibold break-words">{preview.data.header}</p>}
              <RichText text={preview.data.body} />
              {preview.data.footer && <p className="mt-1 text-[0.85rem] text-ink-2">{preview.data.footer}</p>}
              {preview.data.buttons.map((button) => (
                <p
                  key={button.text}
                  className="mt-1.5 border-t border-line-strong/40 pt-1.5 text-center font-medium text-accent-text"
                >
                  {button.text}
                </p>
              ))}
            </div>
          ) : (
            <div role="status" aria-label={text.common.loading} className="ml-auto max-w-md space-y-2">
              <Skeleton className="h-4 w-full" />
              <Skeleton className="h-4 w-4/5" />
              <Skeleton className="h-4 w-2/3" />
            </div>
          )}
        </div>
      )}
      {isEmail && unfilled.length > 0 && (
        <p role="status" className="text-warn">
          {words.unfilled(unfilled.map((name) => `{{${name}}}`))}
        </p>
      )}
      <div className="flex flex-wrap justify-between gap-2">
        <Button variant="quiet" icon={<ArrowLeft aria-hidden className="size-4" />} onClick={onBack}>
          {words.others}
        </Button>
        <div className="flex flex-wrap gap-2">
          {then.channel === 'whatsapp' && (
            <Button
              icon={<CalendarClock aria-hidden className="size-4" />}
              disabled={!preview.data || stillMissing}
              onClick={() => choose(then.onLater)}
            >
              {text.composer.later}
            </Button>
          )}
          <Button ref={sendButton} type="submit" variant="primary" disabled={!preview.data || stillMissing}>
            {isEmail ? words.use : words.send}
          </Button>
        </div>
      </div>
    </form>
  );
}

/** Asked again shortly after the typing stops; what was shown stays until then. */
function usePreview(templateId: string, personId: string, applicationId: string | undefined, asked: string) {
  const [settled, setSettled] = useState(asked);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), 250);
    return () => clearTimeout(timer);
  }, [asked]);
  return usePreviewQuery(templateId, personId, applicationId, settled);
}

function usePreviewQuery(
  templateId: string,
  personId: string,
  applicationId: string | undefined,
  asked: string,
) {
  return useQuery({
    queryKey: ['POST /api/v1/templates/{templateId}/preview', { templateId, personId, applicationId, asked }],
    queryFn: ({ signal }) =>
      call(
        'POST /api/v1/templates/{templateId}/preview',
        {
          params: { templateId },
          body: {
            ...{ personId, applicationId, inConversation: true },
            parameters: JSON.parse(asked) as Record<string, string>,
          },
        },
        { signal },
      ),
    placeholderData: (previous) => previous,
    throwOnError: false,
    retry: (count, error) => count < 1 && (error as ApiError).status === 0,
  });
}
