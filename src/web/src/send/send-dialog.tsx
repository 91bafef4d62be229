import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Fallback } from '../../../contracts/messages';
import type { PeopleFilter } from '../../../contracts/people';
import type { SendPreview } from '../../../contracts/sends';
import type { SendChannel } from '../../../domain/eligibility';
import { unknownVariables } from '../../../domain/template-render';
import { ApiError, call, newIntent, type CallArgs, type CallResult } from '../api';
import { RichText } from '../conversation/rich-text';
import { parameterLabel, readableName, useSendableTemplates } from '../conversation/use-templates';
import { paths } from '../paths';
import { callAny, refresh, useAction, useMe } from '../queries';
import { RequestButton, requestFor } from '../request-button';
import { TemplateBubble } from '../template-preview';
import { toggled } from '../toggled';
import {
  Button,
  Checkbox,
  Combobox,
  cx,
  FormDialog,
  Skeleton,
  Tabs,
  TabPanel,
  TextField,
  toast,
  toastError,
} from '../ui';
import { VariableField } from '../variable-field';
import { FallbackField, fallbackOf, type FallbackDraft } from './fallback-field';
import { firstSentence, scheduleText as schedule, sendText as words } from './text';
import { instantOf, Otherwise, WhenField, type When } from './when-field';

/** To whom: one, in whose conversation it is said by hand, or many. */
export type SendTo =
  | { kind: 'one'; personId: string; conversationId: string; applicationId?: string }
  | { kind: 'applications'; applicationIds: string[] }
  | { kind: 'people'; personIds: string[] }
  /** All whom a search of the candidate base, or a stage, means when it is sent. */
  | { kind: 'search'; filter: PeopleFilter }
  | { kind: 'stage'; stageId: string };

const order: SendChannel[] = ['email', 'sms', 'whatsapp'];

type Source = 'text' | 'template';

/** R-SEND-1: the one dialogue that sends, wherever people are. `who`: a name, or "12 candidates". */
export function SendDialog({ to, who, onClose }: { to: SendTo; who: string; onClose: () => void }) {
  const [, navigate] = useLocation();
  const [source, setSource] = useState<Source>('text');
  const [templateId, setTemplateId] = useState<string | null>(null);
  const [body, setBody] = useState('');
  const [title, setTitle] = useState('');
  const [wanted, setWanted] = useState<ReadonlySet<SendChannel>>(new Set());
  const [when, setWhen] = useState<When | null>(null);
  const [otherwiseId, setOtherwiseId] = useState<string | null>(null);
  const [fallbackDraft, setFallbackDraft] = useState<FallbackDraft | null>(null);
  const [tried, setTried] = useState(false);
  const templates = useTemplates();
  const template = templates.find((one) => one.id === templateId);
  const [typed, setTyped] = useState<Record<string, string>>({});
  // what stands for no variable is typed
  const open =
    source === 'template' ? (template?.parameters.filter((one) => one.expression === '') ?? []) : [];
  const values = open.map(({ key }) => [key, typed[key]?.trim() ?? ''] as const);
  const parameters = Object.fromEntries(values.filter(([, value]) => value !== ''));
  const incomplete = values.some(([, value]) => value === '');
  const wrong = (written: string) => unknownVariables(written).map(words.unknownVariable)[0];
  const [wrongBody, wrongTitle] = [source === 'text' ? wrong(body) : undefined, wrong(title)];
  const isRight = wrongBody === undefined && wrongTitle === undefined;
  const hasContent = isRight && (source === 'template' ? template !== undefined : body.trim() !== '');
  const [sampleOf, setSampleOf] = useState<string | null>(null);
  const { preview, counting } = usePreview(to, {
    sampleOf,
    templateId: source === 'template' ? templateId : null,
    parameters,
    text: source === 'text' && !wrongBody ? body : '',
    title: wrongTitle ? '' : title,
    chosen: order.filter((channel) => wanted.has(channel)),
  });
  const verdicts = new Map(preview.data?.channels.map((one) => [one.channel, one]));
  const later = when && instantOf(when);
  // later it may be otherwise: then it is asked again
  const chosen = order.filter(
    (channel) => wanted.has(channel) && (later !== null || (verdicts.get(channel)?.willSend ?? 0) > 0),
  );
  const overWhatsApp = chosen.includes('whatsapp');
  const spare = (['sms', 'email'] as const).filter((channel) => !chosen.includes(channel));
  const backup = overWhatsApp && fallbackDraft && spare.length > 0 ? { ...fallbackDraft } : null;
  if (backup && !spare.includes(backup.channel)) backup.channel = spare[0]!;
  const fallback = backup && fallbackOf(backup);
  const withEmail = wanted.has('email') || backup?.channel === 'email';
  const needsTitle =
    (chosen.includes('email') || backup?.channel === 'email') &&
    title.trim() === '' &&
    !(source === 'template' && template?.title);
  const credits = chosen.reduce((sum, channel) => sum + (verdicts.get(channel)?.credits ?? 0), 0);
  const messages = chosen.reduce((sum, channel) => sum + (verdicts.get(channel)?.willSend ?? 0), 0);

  const many = useAction('POST /api/v1/bulk-sends', {
    refresh: ['GET /api/v1/bulk-sends'],
    onSuccess: (send) => {
      onClose();
      navigate(paths.send(send.id));
    },
  });
  // one that went stays out of a second try
  const one = useSendOne(onClose, (channel) => setWanted((before) => toggled(before, channel, false)));
  const content = {
    ...(source === 'template' ? { templateId: templateId ?? '' } : { text: body.trim() }),
    ...(open.length > 0 ? { parameters } : {}),
    ...(title.trim() === '' ? {} : { title: title.trim() }),
  };

  function submit() {
    setTried(true);
    if (!hasContent || incomplete || chosen.length === 0 || needsTitle || fallback === undefined) return;
    if (later && 'fault' in later) return;
    const more = { ...later, ...(fallback ? { fallback } : {}) };
    const otherwise = later && overWhatsApp && source === 'text' ? otherwiseId : null;
    if (to.kind === 'one') one.send(to, chosen, content, { ...more, otherwise });
    else many.mutate({ body: { channels: chosen, ...content, ...more, ...recipientsOf(to) } });
  }

  return (
    <FormDialog
      title={words.title}
      description={words.to(who)}
      size="lg"
      error={many.error ?? one.error}
      busy={many.isPending || one.busy}
      submitLabel={submitLabel(to.kind === 'one', later !== null, messages)}
      disabled={!hasContent || chosen.length === 0 || (counting && to.kind !== 'one')}
      onSubmit={submit}
      onClose={onClose}
    >
      <Tabs
        label={words.source}
        value={source}
        onChange={(next: Source) => setSource(next)}
        items={[
          { value: 'text', label: words.composed },
          { value: 'template', label: words.template },
        ]}
      >
        <TabPanel value="template" className="pt-3">
          {templates.length === 0 ? (
            <p className="text-ink-2">{words.noTemplates}</p>
          ) : (
            <Combobox
              label={words.chooseTemplate}
              value={templateId}
              onChange={(next) => {
                setTemplateId(next);
                setTyped({});
              }}
              options={templates.map(({ id, name, channel, language }) => ({
                value: id,
                label: readableName(name),
                hint: `${words.channelNames[channel as SendChannel]} · ${language}`,
              }))}
            />
          )}
          {open.length > 0 && template && (
            <div className="mt-3 space-y-3">
              {open.map(({ key }) => (
                <TextField
                  key={key}
                  label={parameterLabel(template, key)}
                  required
                  maxLength={1024}
                  value={typed[key] ?? ''}
                  error={tried && !parameters[key] ? words.parameterMissing : undefined}
                  onChange={(event) => setTyped({ ...typed, [key]: event.target.value })}
                />
              ))}
            </div>
          )}
        </TabPanel>
        <TabPanel value="text" className="pt-3">
          <VariableField
            label={words.text}
            hint={words.variableHint}
            multiline
            autoFocus
            rows={5}
            maxLength={4096}
            value={body}
            error={wrongBody}
            onChange={setBody}
          />
        </TabPanel>
      </Tabs>
      {withEmail && (
        <VariableField
          label={words.emailTitle}
          hint={words.emailTitleHint}
          maxLength={300}
          value={title}
          placeholder={source === 'template' ? (template?.title ?? undefined) : undefined}
          error={wrongTitle ?? (tried && needsTitle ? words.titleMissing : undefined)}
          onChange={setTitle}
        />
      )}
      <fieldset className="rounded-xl border border-line p-3">
        <legend className="px-1 font-medium">{words.channels}</legend>
        {preview.error ? (
          <p role="alert" className="text-danger">
            {preview.error.message}
          </p>
        ) : (
          <div
            className={cx('grid gap-3', preview.data?.recipients === 1 && 'sm:grid-cols-3')}
            aria-busy={counting}
          >
            {order.map((channel) => (
              <ChannelBox
                key={channel}
                channel={channel}
                verdict={verdicts.get(channel)}
                recipients={preview.data?.recipients ?? 0}
                checked={wanted.has(channel)}
                later={later !== null}
                onChange={(next) => setWanted(toggled(wanted, channel, next))}
              />
            ))}
          </div>
        )}
        {counting && (to.kind === 'search' || to.kind === 'stage') && (
          <p role="status" className="mt-3 text-[0.93rem] text-ink-2">
            {words.counting}
          </p>
        )}
      </fieldset>
      {overWhatsApp && (
        <FallbackField draft={backup} channels={spare} tried={tried} onChange={setFallbackDraft} />
      )}
      <WhenField
        when={when}
        fault={tried && later && 'fault' in later ? later.fault : undefined}
        onChange={setWhen}
      />
      {later && overWhatsApp && source === 'text' && to.kind === 'one' && (
        <Otherwise templateId={otherwiseId} onChange={setOtherwiseId} />
      )}
      {(preview.data?.recipients ?? 0) > 1 && (
        <PreviewFor to={to} personId={sampleOf} shown={preview.data?.sample?.name} onChange={setSampleOf} />
      )}
      <Sample
        sample={hasContent ? (preview.data?.sample ?? null) : null}
        withTitle={withEmail && (title.trim() !== '' || (source === 'template' && Boolean(template?.title)))}
        onWhatsApp={wanted.has('whatsapp')}
      />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p role="status" className="text-[0.93rem] text-ink-2">
          {chosen.length > 0 && preview.data && !later
            ? words.cost(credits === 0 ? words.free : words.credits(credits), preview.data.balance)
            : ''}
        </p>
        {source === 'text' && hasContent && (
          <SaveAsTemplate
            channel={withEmail ? 'email' : 'sms'}
            onWhatsApp={wanted.has('whatsapp')}
            title={title}
            body={body}
          />
        )}
      </div>
    </FormDialog>
  );
}

function submitLabel(one: boolean, later: boolean, messages: number): string {
  if (later) return one ? schedule.schedule : schedule.scheduleMany(messages);
  return one ? words.send : words.sendMany(messages);
}

/** Ticked, or disabled with the reason; among many, how many get it and why the others do not (R-SEND-6). */
function ChannelBox({
  channel,
  verdict,
  recipients,
  checked,
  later,
  onChange,
}: {
  channel: SendChannel;
  verdict: SendPreview['channels'][number] | undefined;
  recipients: number;
  checked: boolean;
  /** What stands against it now may not stand against it then. */
  later: boolean;
  onChange: (next: boolean) => void;
}) {
  if (!verdict) return <Skeleton className="h-12 rounded-lg" />;
  const { willSend, credits, reasons, canBeAnswered } = verdict;
  const cost = credits === 0 ? words.costsNothing : words.credits(credits);
  const alone = recipients === 1;
  const request = reasons.map(({ code }) => requestFor(code, channel)).find((kind) => kind !== null);
  return (
    <div>
      <Checkbox
        label={words.channelNames[channel]}
        checked={checked && (later || willSend > 0)}
        disabled={!later && willSend === 0}
        onChange={onChange}
        hint={
          <>
            {willSend > 0 && (alone ? cost : `${words.reach(willSend, recipients)}, ${cost}`)}
            {willSend > 0 && !canBeAnswered && <span className="block">{words.notAnswered}</span>}
            {later && reasons.length > 0 && <span className="block">{schedule.asOfNow}</span>}
            {reasons.map(({ code, text, count }) => (
              <span key={code} className="block">
                {alone ? text : words.notFor(count, firstSentence(text))}
              </span>
            ))}
          </>
        }
      />
      {request && (
        <div className="mt-1.5 ml-7.5">
          <RequestButton kind={request} what={words.channelNames[channel]} size="sm" />
        </div>
      )}
    </div>
  );
}

/** R-SEND-5: whose text is shown, of those who are meant. */
function PreviewFor({
  to,
  personId,
  shown,
  onChange,
}: {
  to: SendTo;
  personId: string | null;
  shown: string | undefined;
  onChange: (personId: string | null) => void;
}) {
  const [q, setQ] = useState('');
  const body = { q: q.trim(), ...recipientsOf(to) };
  const found = useQuery<CallResult<'POST /api/v1/sends/recipients'>, ApiError>({
    queryKey: ['POST /api/v1/sends/recipients', body],
    queryFn: ({ signal }) => call('POST /api/v1/sends/recipients', { body }, { signal }),
    placeholderData: (previous) => previous,
  });
  return (
    <Combobox
      label={words.previewFor}
      value={personId}
      placeholder={shown}
      selectedLabel={shown}
      busy={found.isFetching}
      onSearch={setQ}
      onChange={onChange}
      options={(found.data?.items ?? []).map((one) => ({ value: one.personId, label: one.name }))}
    />
  );
}

type OnWhatsApp = NonNullable<NonNullable<SendPreview['sample']>['onWhatsApp']>;

function Sample({
  sample,
  withTitle,
  onWhatsApp,
}: {
  sample: SendPreview['sample'];
  withTitle: boolean;
  onWhatsApp: boolean;
}) {
  return (
    <section aria-live="polite" className="rounded-xl bg-sunken p-4">
      {sample ? (
        <>
          <h3 className="mb-2 text-[0.9rem] font-medium text-ink-2">{words.preview(sample.name)}</h3>
          <div className="max-w-md rounded-2xl rounded-tl-md bg-bubble-out px-3 py-2">
            {withTitle && sample.title && <p className="font-semibold break-words">{sample.title}</p>}
            <RichText text={sample.text} />
          </div>
          {onWhatsApp && sample.onWhatsApp && saysMore(sample.onWhatsApp) && (
            <>
              <h3 className="mt-3 mb-2 text-[0.9rem] font-medium text-ink-2">
                {sample.onWhatsApp.carried ? words.carried : words.onWhatsApp}
              </h3>
              <TemplateBubble content={sample.onWhatsApp} />
            </>
          )}
        </>
      ) : (
        <p className="text-ink-2">{words.previewHint}</p>
      )}
    </section>
  );
}

const saysMore = ({ carried, header, footer, buttons }: OnWhatsApp): boolean =>
  carried || header !== null || footer !== null || buttons.length > 0;

function SaveAsTemplate({
  channel,
  onWhatsApp,
  title,
  body,
}: {
  channel: 'email' | 'sms';
  onWhatsApp: boolean;
  title: string;
  body: string;
}) {
  const [name, setName] = useState<string | null>(null);
  const { language } = useMe().organization;
  const save = useAction('POST /api/v1/templates', {
    refresh: ['GET /api/v1/templates'],
    onSuccess: () => {
      setName(null);
      toast({
        tone: 'ok',
        title: words.savedAsTemplate(words.channelNames[channel]),
        ...(onWhatsApp ? { body: words.notForWhatsApp } : {}),
      });
    },
    onError: toastError,
  });
  if (name === null) {
    return (
      <Button size="sm" variant="quiet" onClick={() => setName('')}>
        {words.saveAsTemplate}
      </Button>
    );
  }
  return (
    <div className="flex items-end gap-2">
      <TextField
        label={words.templateName}
        autoFocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button
        busy={save.isPending}
        disabled={name.trim() === ''}
        onClick={() =>
          save.mutate({
            body: {
              channel,
              name: name.trim(),
              language,
              body: body.trim(),
              ...(channel === 'email' && title.trim() !== '' ? { title: title.trim() } : {}),
            },
          })
        }
      >
        {words.saveAsTemplate}
      </Button>
    </div>
  );
}

function useTemplates() {
  const whatsapp = useSendableTemplates('whatsapp').data?.items;
  const sms = useSendableTemplates('sms').data?.items;
  const email = useSendableTemplates('email').data?.items;
  return useMemo(() => [...(email ?? []), ...(sms ?? []), ...(whatsapp ?? [])], [email, sms, whatsapp]);
}

function recipientsOf(to: SendTo) {
  switch (to.kind) {
    case 'applications':
      return { applicationIds: to.applicationIds };
    case 'people':
      return { personIds: to.personIds };
    case 'search':
      return { filter: to.filter };
    case 'stage':
      return { stageId: to.stageId };
    case 'one':
      return to.applicationId === undefined
        ? { personIds: [to.personId] }
        : { applicationIds: [to.applicationId] };
  }
}

/**
 * Asked again shortly after the typing stops, and never while it is being answered: a hundred thousand people take seconds. Before
 * anything is written, it says which channels reach whom.
 */
function usePreview(
  to: SendTo,
  content: {
    templateId: string | null;
    parameters: Record<string, string>;
    text: string;
    title: string;
    chosen: SendChannel[];
    sampleOf: string | null;
  },
) {
  const asked = JSON.stringify({
    channels: order,
    chosen: content.chosen,
    ...(content.templateId ? { templateId: content.templateId } : { text: content.text.trim() || '…' }),
    ...(Object.keys(content.parameters).length > 0 ? { parameters: content.parameters } : {}),
    title: content.title.trim() || '…',
    ...(content.sampleOf === null ? {} : { sampleOf: content.sampleOf }),
    ...(to.kind === 'one' ? { byHand: true } : {}),
    ...recipientsOf(to),
  });
  const [settled, setSettled] = useState(asked);
  const preview = useQuery<SendPreview, ApiError>({
    queryKey: ['POST /api/v1/sends/preview', settled],
    queryFn: ({ signal }) =>
      call('POST /api/v1/sends/preview', { body: JSON.parse(settled) as never }, { signal }),
    placeholderData: (previous) => previous,
    retry: false,
  });
  const { isFetching } = preview;
  useEffect(() => {
    if (isFetching) return undefined;
    const timer = setTimeout(() => setSettled(asked), 300);
    return () => clearTimeout(timer);
  }, [asked, isFetching]);
  return { preview, counting: isFetching || asked !== settled };
}

type SendRoute = `POST /api/v1/conversations/{conversationId}/${'messages' | 'scheduled-messages'}`;

/** One message per channel, each with its own outcome. Pressing again where no answer came repeats the same intent: nothing goes twice. */
function useSendOne(onDone: () => void, onSent: (channel: SendChannel) => void) {
  const unanswered = useRef(new Map<string, string>());
  async function once<K extends SendRoute>(key: K, args: CallArgs<K>) {
    const text = JSON.stringify([key, args]);
    const idempotencyKey = unanswered.current.get(text) ?? newIntent();
    unanswered.current.set(text, idempotencyKey);
    try {
      await callAny(key, args, { idempotencyKey });
      unanswered.current.delete(text);
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0 && error.status < 500)
        unanswered.current.delete(text);
      throw error;
    }
  }
  const [state, setState] = useState<{ busy: boolean; error: ApiError | null }>({ busy: false, error: null });
  async function send(
    to: Extract<SendTo, { kind: 'one' }>,
    channels: SendChannel[],
    content: { templateId?: string; parameters?: Record<string, string>; text?: string; title?: string },
    { sendAt, fallback, otherwise }: { sendAt?: string; fallback?: Fallback; otherwise: string | null },
  ) {
    setState({ busy: true, error: null });
    const { templateId, parameters, text: written, title } = content;
    let failed: ApiError | null = null;
    for (const channel of channels) {
      const more = {
        channel,
        ...(to.applicationId === undefined ? {} : { applicationId: to.applicationId }),
        ...((channel === 'email' || fallback?.channel === 'email') && title !== undefined ? { title } : {}),
        ...(channel === 'whatsapp' && fallback ? { fallback } : {}),
      };
      try {
        if (sendAt !== undefined) {
          const { channel: only, ...rest } = more;
          const instead = channel === 'whatsapp' && otherwise !== null ? { templateId: otherwise } : {};
          await once('POST /api/v1/conversations/{conversationId}/scheduled-messages', {
            params: { conversationId: to.conversationId },
            body: {
              sendAt,
              channels: [only],
              ...(templateId === undefined
                ? { text: written ?? '', ...instead }
                : { templateId, parameters }),
              ...rest,
            },
          });
          toast({ tone: 'ok', title: schedule.scheduled(words.channelNames[channel]) });
          onSent(channel);
          continue;
        }
        await once('POST /api/v1/conversations/{conversationId}/messages', {
          params: { conversationId: to.conversationId },
          body:
            templateId === undefined
              ? { type: 'text', text: written ?? '', ...more }
              : { type: 'template', templateId, parameters, ...more },
        });
        toast({ tone: 'ok', title: words.sent(words.channelNames[channel]) });
        onSent(channel);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failed = error;
        toast({ tone: 'danger', title: words.notSent(words.channelNames[channel]), body: error.detail });
      }
    }
    refresh(
      'GET /api/v1/conversations/{conversationId}/messages',
      'GET /api/v1/conversations/{conversationId}',
      'GET /api/v1/conversations',
      'GET /api/v1/people/{personId}/planned',
      'GET /api/v1/applications/{applicationId}/planned',
    );
    setState({ busy: false, error: failed });
    if (!failed) onDone();
  }
  return { ...state, send: (...args: Parameters<typeof send>) => void send(...args) };
}
