import { Braces, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Template } from '../../../../contracts/templates';
import { templateVariables } from '../../../../domain/template-render';
import { readableName } from '../../conversation/use-templates';
import { useAction, useRoute } from '../../queries';
import { TemplateBubble } from '../../template-preview';
import {
  Badge,
  Button,
  ErrorState,
  Form,
  FormError,
  IconButton,
  Menu,
  MenuItem,
  MenuLabel,
  Skeleton,
  TextField,
  Time,
  toast,
} from '../../ui';
import { DeleteTemplateDialog } from './delete-template-dialog';
import { templateTones } from './template-tones';
import { templatesText as words } from './templates-text';
import { settingsText } from './text';

/** One template: how it looks, what WhatsApp says about it, and what may be done with it. */
export function TemplateDetails({
  template,
  onEdit,
  onDeleted,
}: {
  template: Template;
  onEdit: () => void;
  onDeleted: () => void;
}) {
  const isWhatsApp = template.channel === 'whatsapp';
  return (
    <article className="space-y-6">
      <header className="space-y-2">
        <h3 className="flex flex-wrap items-center gap-2 font-display text-xl font-semibold">
          {readableName(template.name)}
          {isWhatsApp && (
            <Badge tone={templateTones[template.status]}>{words.statuses[template.status]}</Badge>
          )}
          {template.personal && <Badge tone="note">{words.personal}</Badge>}
          {template.carrier && <Badge tone="auto">{words.carrier}</Badge>}
        </h3>
        <p className="text-[0.9rem] text-ink-2">
          {words.channels[template.channel]}
          {isWhatsApp && (
            <>
              {' '}
              · <code>{template.name}</code>
            </>
          )}{' '}
          · {words.language}: {template.language}
          {template.folder && ` · ${words.folder}: ${template.folder}`}
          {template.category && ` · ${words.category}: ${template.category.toLowerCase()}`} ·{' '}
          {words.version(template.version)}, {words.updated} <Time at={template.updatedAt} />
          {template.createdBy && `, ${words.by(template.createdBy.name)}`}
        </p>
        {template.statusReason && (
          <p className="rounded-lg bg-danger-soft px-3 py-2 text-danger">
            {words.reason}: {words.reasons[template.statusReason] ?? template.statusReason}
          </p>
        )}
        <Commands template={template} onEdit={onEdit} onDeleted={onDeleted} />
      </header>
      <section>
        <h4 className="mb-1.5 font-semibold">{words.preview}</h4>
        <TemplateBubble content={{ ...template, header: template.title ?? template.header }} />
      </section>
      {isWhatsApp && template.can.edit && askParameters(template) && (
        <section>
          <h4 className="mb-1.5 font-semibold">{words.parameters}</h4>
          <ParametersForm template={template} />
        </section>
      )}
      {template.version > 1 && <Versions template={template} />}
    </article>
  );
}

/** Where the text cannot be edited, or was written at WhatsApp and no variable fills its numbers yet. */
function askParameters({ parameters, can, carrier }: Template): boolean {
  return (
    !carrier &&
    parameters.length > 0 &&
    (!can.editText || parameters.some(({ expression }) => expression === ''))
  );
}

function Commands({
  template,
  onEdit,
  onDeleted,
}: {
  template: Template;
  onEdit: () => void;
  onDeleted: () => void;
}) {
  const [deleting, setDeleting] = useState(false);
  const carry = useAction('PUT /api/v1/templates/carrier', {
    refresh: ['GET /api/v1/templates', 'GET /api/v1/templates/{templateId}'],
    onSuccess: ({ templateId }) =>
      toast({ tone: 'ok', title: templateId ? words.carrierSet : words.carrierUnset }),
  });
  const { can } = template;
  if (!can.edit) return <p className="text-[0.9rem] text-ink-2">{words.othersTemplate}</p>;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {can.editText && (
          <Button size="sm" icon={<Pencil aria-hidden className="size-4" />} onClick={onEdit}>
            {words.edit}
          </Button>
        )}
        {can.carry && (
          <Button
            size="sm"
            busy={carry.isPending}
            onClick={() => carry.mutate({ body: { templateId: template.carrier ? null : template.id } })}
          >
            {template.carrier ? words.noCarrier : words.makeCarrier}
          </Button>
        )}
        <Button
          size="sm"
          variant="quiet"
          icon={<Trash2 aria-hidden className="size-4" />}
          onClick={() => setDeleting(true)}
        >
          {words.remove.action}
        </Button>
      </div>
      {!can.editText && (
        <p className="text-[0.9rem] text-ink-2">
          {template.status === 'pending' ? words.inReview : words.notWritable}
        </p>
      )}
      {(can.carry || template.carrier) && <p className="text-[0.9rem] text-ink-2">{words.carrierHint}</p>}
      <FormError error={carry.error} />
      {deleting && (
        <DeleteTemplateDialog template={template} onClose={() => setDeleting(false)} onDeleted={onDeleted} />
      )}
    </>
  );
}

function Versions({ template }: { template: Template }) {
  const [open, setOpen] = useState(false);
  const versions = useRoute(
    'GET /api/v1/templates/{templateId}/versions',
    open ? { params: { templateId: template.id }, query: { limit: 20 } } : null,
  );
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer rounded-sm font-semibold">{words.versions}</summary>
      {open && versions.isPending && <Skeleton className="mt-2 h-20 max-w-md rounded-xl" />}
      {versions.error && <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />}
      <ol className="mt-2 space-y-4">
        {(versions.data?.items ?? [])
          .filter(({ version }) => version < template.version)
          .map((one) => (
            <li key={one.version}>
              <p className="mb-1 text-[0.87rem] text-ink-2">
                {words.version(one.version)}, <Time at={one.createdAt} />
              </p>
              <TemplateBubble content={{ ...one, header: one.title ?? one.header }} />
            </li>
          ))}
      </ol>
    </details>
  );
}

function ParametersForm({ template }: { template: Template }) {
  const [parameters, setParameters] = useState(template.parameters);
  const save = useAction('PATCH /api/v1/templates/{templateId}', {
    refresh: ['GET /api/v1/templates', 'GET /api/v1/templates/{templateId}'],
    onSuccess: () => toast({ tone: 'ok', title: words.parametersSaved }),
  });
  const changed = JSON.stringify(parameters) !== JSON.stringify(template.parameters);

  function write(index: number, expression: string) {
    setParameters(parameters.map((one, at) => (at === index ? { ...one, expression } : one)));
  }
  function submit() {
    save.mutate({
      params: { templateId: template.id },
      body: { parameters: parameters.map((one) => ({ ...one, expression: one.expression.trim() })) },
    });
  }

  return (
    <Form error={save.error} onSubmit={submit} className="max-w-xl space-y-3">
      {parameters.map(({ key, place, expression }, index) => (
        <div key={place + key} className="flex items-start gap-2">
          <TextField
            className="flex-1"
            label={words.expression(shortKey(key), words.place[place])}
            value={expression}
            maxLength={200}
            spellCheck={false}
            placeholder="{{candidate.firstName|there}}"
            error={
              save.error?.fieldError(`parameters.${index}.expression`) ??
              save.error?.fieldError(`parameters.${index}`)
            }
            onChange={(event) => write(index, event.target.value)}
          />
          <span className="mt-6.5">
            <Menu
              label={words.insert}
              trigger={
                <IconButton
                  variant="secondary"
                  label={`${words.insert}: ${words.expression(shortKey(key), words.place[place])}`}
                  tooltip={false}
                  icon={<Braces aria-hidden className="size-4" />}
                />
              }
            >
              <MenuLabel>{words.insert}</MenuLabel>
              {templateVariables.map((variable) => (
                <MenuItem key={variable} onSelect={() => write(index, `{{${variable}}}`)}>
                  <code className="text-[0.87rem]">{variable}</code>
                </MenuItem>
              ))}
            </Menu>
          </span>
        </div>
      ))}
      <p className="text-[0.87rem] text-ink-2">
        {words.typed} {words.fallback}
      </p>
      <FormError
        error={save.error}
        shown={parameters.flatMap((_, index) => [`parameters.${index}.expression`, `parameters.${index}`])}
      />
      <Button type="submit" variant="primary" busy={save.isPending} disabled={!changed}>
        {settingsText.save}
      </Button>
    </Form>
  );
}

/** `body.1` stands for `{{1}}` in the text; its place is said beside it. */
function shortKey(key: string): string {
  return key.replace(/^(header|body|button)\./, '');
}
