import { MessageSquare } from 'lucide-react';
import { useState } from 'react';
import type { Template } from '../../../../contracts/templates';
import type { Card, Stage, StageAction } from '../../../../contracts/vacancies';
import type { NewAction } from '../../../../contracts/actions';
import { useAction, useRoute } from '../../queries';
import { TemplateBubble, TemplatePreview } from '../../template-preview';
import { text } from '../../text';
import { toggled } from '../../toggled';
import { Checkbox, ErrorState, FormDialog, SelectField, Skeleton, TextArea, TextField } from '../../ui';
import { delayOf, delayUnits, toSeconds, type DelayUnit } from './delay';
import { draftOf, FallbackField, fallbackOf } from '../../send/fallback-field';
import { DryRunSection } from './dry-run-section';
import { boardText } from './text';

const words = boardText.include;
const channels = ['whatsapp', 'sms', 'email'] as const;
type Channel = (typeof channels)[number];
const composed = 'composed';
const hints: Record<Channel, string> = {
  whatsapp: words.whatsappHint,
  sms: words.smsHint,
  email: words.emailHint,
};

/** R-AUTO-1: Include automatic action → Send message → template or text → channel boxes → delay → Include automatic action. */
export function ActionDialog({
  stage,
  action,
  candidates,
  onClose,
  onSaved,
}: {
  stage: Stage;
  /** One to change; without it a new one. */
  action?: StageAction;
  /** For whom the preview may be shown. */
  candidates: Card[];
  onClose: () => void;
  onSaved: () => void;
}) {
  const templates = useRoute('GET /api/v1/templates', { query: { status: 'approved', limit: 200 } });
  const [kind, setKind] = useState<'send' | null>(action ? 'send' : null);
  const [choice, setChoice] = useState(action ? (action.template?.id ?? composed) : '');
  const [body, setBody] = useState(action?.body ?? '');
  const [title, setTitle] = useState(action?.title ?? '');
  const [checked, setChecked] = useState<ReadonlySet<Channel>>(new Set(action?.channels ?? []));
  const [amount, setAmount] = useState(String(delayOf(action?.delaySeconds ?? 0).amount));
  const [unit, setUnit] = useState<DelayUnit>(delayOf(action?.delaySeconds ?? 0).unit);
  const [fallbackDraft, setFallbackDraft] = useState(() => draftOf(action?.fallback));
  const [tried, setTried] = useState(false);
  const options = {
    refresh: [
      'GET /api/v1/stages/{stageId}/actions' as const,
      'GET /api/v1/vacancies/{vacancyId}/board' as const,
    ],
    onSuccess: onSaved,
  };
  const include = useAction('POST /api/v1/stages/{stageId}/actions', options);
  const change = useAction('PATCH /api/v1/stages/{stageId}/actions/{actionId}', options);
  const error = action ? change.error : include.error;
  const template = templates.data?.items.find((one) => one.id === choice);
  const overWhatsApp = choice === composed || !template || template.channel === 'whatsapp';
  const chosen = channels.filter(
    (channel) => checked.has(channel) && (overWhatsApp || channel !== 'whatsapp'),
  );
  const delaySeconds = toSeconds(amount, unit);
  const spare = (['sms', 'email'] as const).filter((channel) => !chosen.includes(channel));
  const backup =
    chosen.includes('whatsapp') && fallbackDraft && spare.length > 0 ? { ...fallbackDraft } : null;
  if (backup && !spare.includes(backup.channel)) backup.channel = spare[0]!;
  const fallback = backup && fallbackOf(backup);
  const withEmail = chosen.includes('email') || backup?.channel === 'email';
  const titled = !withEmail || title.trim() !== '' || Boolean(template?.title);
  const written = choice === composed ? body.trim() !== '' : choice !== '';
  // the template of an action may be one that WhatsApp has not approved any more
  const known = action?.template && !templates.data?.items.some(({ id }) => id === action.template?.id);

  const draft: NewAction | null =
    !written || !titled || chosen.length === 0 || delaySeconds === undefined || fallback === undefined
      ? null
      : {
          templateId: choice === composed ? null : choice,
          body: choice === composed ? body : null,
          title: title.trim() || null,
          channels: chosen,
          delaySeconds,
          fallback,
        };

  function submit() {
    setTried(true);
    if (!draft) return;
    if (action) change.mutate({ params: { stageId: stage.id, actionId: action.id }, body: draft });
    else include.mutate({ params: { stageId: stage.id }, body: draft });
  }

  return (
    <FormDialog
      title={action ? words.editTitle : words.title}
      description={words.intro(stage.name)}
      error={error}
      shown={['templateId', 'title', 'body']}
      busy={include.isPending || change.isPending}
      submitLabel={!kind ? undefined : action ? words.save : words.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      {!action && (
        <button
          type="button"
          aria-pressed={kind === 'send'}
          autoFocus
          onClick={() => setKind('send')}
          className="flex w-full items-start gap-3 rounded-xl border border-line-strong p-3 text-left hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft"
        >
          <MessageSquare aria-hidden className="mt-0.5 size-5 shrink-0 text-accent-text" />
          <span>
            <span className="block font-medium">{words.send}</span>
            <span className="block text-[0.9rem] text-ink-2">{words.sendHint}</span>
          </span>
        </button>
      )}
      {kind && templates.isPending && <Skeleton className="h-10 rounded-lg" />}
      {kind && templates.error && (
        <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />
      )}
      {kind && templates.data && (
        <>
          <SelectField
            label={words.template}
            value={choice}
            error={tried && choice === '' ? words.choose : error?.fieldError('templateId')}
            onChange={(event) => setChoice(event.target.value)}
            options={[
              { value: '', label: words.choose, disabled: true },
              ...(known
                ? [
                    {
                      value: action.template!.id,
                      label: `${action.template!.name} · ${action.template!.status}`,
                    },
                  ]
                : []),
              ...templates.data.items.map((one) => ({ value: one.id, label: labelOf(one) })),
              { value: composed, label: words.composed },
            ]}
          />
          {choice === composed && (
            <TextArea
              label={words.text}
              hint={words.textHint}
              value={body}
              error={tried && body.trim() === '' ? words.emptyText : error?.fieldError('body')}
              onChange={(event) => setBody(event.target.value)}
            />
          )}
          {template && <CandidatePreview key={template.id} template={template} candidates={candidates} />}
          <fieldset>
            <legend className="mb-1.5 text-[0.9rem] font-medium">{words.channels}</legend>
            <div className="space-y-2">
              {channels.map((channel) => {
                const possible = channel !== 'whatsapp' || overWhatsApp;
                return (
                  <Checkbox
                    key={channel}
                    label={words[channel]}
                    hint={possible ? hints[channel] : words.noWhatsApp}
                    disabled={!possible}
                    checked={possible && checked.has(channel)}
                    onChange={(on) => setChecked(toggled(checked, channel, on))}
                  />
                );
              })}
            </div>
            {tried && chosen.length === 0 && (
              <p role="alert" className="mt-1.5 text-[0.87rem] text-danger">
                {words.channelMissing}
              </p>
            )}
          </fieldset>
          {withEmail && !template?.title && (
            <TextField
              label={words.emailTitle}
              value={title}
              maxLength={200}
              error={tried && !titled ? words.emptyTitle : error?.fieldError('title')}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
          <div>
            <div className="flex items-end gap-2">
              <TextField
                label={words.delay}
                inputMode="numeric"
                className="w-28"
                value={amount}
                aria-describedby="delay-hint"
                onChange={(event) => setAmount(event.target.value)}
              />
              <SelectField
                label={words.unit}
                hideLabel
                className="w-36"
                value={unit}
                onChange={(event) => setUnit(event.target.value as DelayUnit)}
                options={delayUnits.map((value) => ({ value, label: words.units[value] }))}
              />
            </div>
            <p
              id="delay-hint"
              role={tried && delaySeconds === undefined ? 'alert' : undefined}
              className={`mt-1 text-[0.87rem] ${tried && delaySeconds === undefined ? 'text-danger' : 'text-ink-2'}`}
            >
              {delaySeconds === undefined ? words.delayFault : words.delayHint}
            </p>
          </div>
          {chosen.includes('whatsapp') && (
            <FallbackField draft={backup} channels={spare} tried={tried} onChange={setFallbackDraft} />
          )}
          <DryRunSection stageId={stage.id} draft={draft} onIncomplete={() => setTried(true)} />
        </>
      )}
    </FormDialog>
  );
}

function labelOf(template: Template): string {
  const label = `${template.name} · ${template.language}`;
  return template.channel === 'whatsapp' ? label : `${label} · ${text.channels[template.channel]}`;
}

/** The real text for one candidate of the board; without any, the template as it is. */
function CandidatePreview({ template, candidates }: { template: Template; candidates: Card[] }) {
  const [applicationId, setApplicationId] = useState(candidates[0]?.applicationId ?? '');
  const candidate = candidates.find((card) => card.applicationId === applicationId);
  return (
    <div>
      {candidate ? (
        <>
          <SelectField
            label={words.previewFor}
            value={applicationId}
            onChange={(event) => setApplicationId(event.target.value)}
            options={candidates.slice(0, 50).map((card) => ({ value: card.applicationId, label: card.name }))}
          />
          <div className="mt-2">
            <TemplatePreview
              template={template}
              personId={candidate.personId}
              applicationId={candidate.applicationId}
              missingText={words.missing}
            />
          </div>
        </>
      ) : (
        <>
          <p className="mb-1 text-[0.9rem] font-medium">{words.preview}</p>
          <TemplateBubble content={template} />
          <p className="mt-1 text-[0.87rem] text-ink-2">{words.previewRaw}</p>
        </>
      )}
    </div>
  );
}
