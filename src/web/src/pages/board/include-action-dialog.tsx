import { MessageSquare } from 'lucide-react';
import { useState } from 'react';
import type { Template } from '../../../../contracts/templates';
import type { Card, Stage } from '../../../../contracts/vacancies';
import { useAction, useRoute } from '../../queries';
import { Checkbox, EmptyState, ErrorState, FormDialog, SelectField, Skeleton } from '../../ui';
import { TemplateBubble, TemplatePreview } from '../../template-preview';
import { boardText } from './text';

const words = boardText.include;

/** R-AUTO-1: Include automatic action → Send message → template → box WhatsApp → Include automatic action. */
export function IncludeActionDialog({
  stage,
  candidates,
  onClose,
  onSaved,
}: {
  stage: Stage;
  /** For whom the preview may be shown. */
  candidates: Card[];
  onClose: () => void;
  onSaved: () => void;
}) {
  const templates = useRoute('GET /api/v1/templates', {
    query: { channel: 'whatsapp', status: 'approved', limit: 200 },
  });
  const [kind, setKind] = useState<'send' | null>(null);
  const [templateId, setTemplateId] = useState('');
  const [whatsapp, setWhatsapp] = useState(false);
  const [tried, setTried] = useState(false);
  const include = useAction('POST /api/v1/stages/{stageId}/actions', {
    refresh: ['GET /api/v1/stages/{stageId}/actions', 'GET /api/v1/vacancies/{vacancyId}/board'],
    onSuccess: onSaved,
  });
  const template = templates.data?.items.find((one) => one.id === templateId);

  function submit() {
    setTried(true);
    if (!template || !whatsapp) return;
    include.mutate({
      params: { stageId: stage.id },
      body: { templateId: template.id, channels: ['whatsapp'] },
    });
  }

  return (
    <FormDialog
      title={words.title}
      description={words.intro(stage.name)}
      error={include.error}
      shown={['templateId']}
      busy={include.isPending}
      submitLabel={kind ? words.submit : undefined}
      disabled={templates.data?.items.length === 0}
      onSubmit={submit}
      onClose={onClose}
    >
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
      {kind && templates.isPending && <Skeleton className="h-10 rounded-lg" />}
      {kind && templates.error && (
        <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />
      )}
      {kind && templates.data?.items.length === 0 && (
        <EmptyState className="py-4" title={words.noTemplates}>
          {words.noTemplatesHint}
        </EmptyState>
      )}
      {kind && templates.data && templates.data.items.length > 0 && (
        <>
          <SelectField
            label={words.template}
            value={templateId}
            error={tried && !template ? words.choose : include.error?.fieldError('templateId')}
            onChange={(event) => setTemplateId(event.target.value)}
            options={[
              { value: '', label: words.choose, disabled: true },
              ...templates.data.items.map((one) => ({
                value: one.id,
                label: `${one.name} · ${one.language}`,
              })),
            ]}
          />
          {template && <CandidatePreview key={template.id} template={template} candidates={candidates} />}
          <fieldset>
            <legend className="mb-1.5 text-[0.9rem] font-medium">{words.channels}</legend>
            <Checkbox
              label={words.whatsapp}
              hint={words.whatsappHint}
              checked={whatsapp}
              onChange={setWhatsapp}
            />
            {tried && !whatsapp && (
              <p role="alert" className="mt-1.5 text-[0.87rem] text-danger">
                {words.whatsappMissing}
              </p>
            )}
          </fieldset>
        </>
      )}
    </FormDialog>
  );
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
