import { Plus, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import type { Template } from '../../../../contracts/templates';
import { useAction, useMe, useRoute } from '../../queries';
import { Button, Form, FormError, IconButton, SelectField, Switch, TextField, toast } from '../../ui';
import { VariableField } from '../../variable-field';
import { TemplateLivePreview } from './template-live-preview';
import {
  draftOf,
  newDraft,
  partsOf,
  whatsAppName,
  type DraftButton,
  type TemplateChannel,
  type TemplateDraft,
} from './template-draft';
import { templateLanguages, templatesText } from './templates-text';
import { settingsText } from './text';

const words = templatesText.form;
const channels: TemplateChannel[] = ['email', 'sms', 'whatsapp'];

/** Writes a new template, or changes one; beside it what a chosen person would get. */
export function TemplateEditor({
  template,
  channel,
  onDone,
  onCancel,
}: {
  template: Template | null;
  /** Of a new one. */
  channel: TemplateChannel;
  onDone: (saved: Template) => void;
  onCancel: () => void;
}) {
  const [draft, setDraft] = useState<TemplateDraft>(() => (template ? draftOf(template) : newDraft(channel)));
  const set = (change: Partial<TemplateDraft>) => setDraft((before) => ({ ...before, ...change }));
  const after = {
    refresh: [
      'GET /api/v1/templates',
      'GET /api/v1/templates/folders',
      'GET /api/v1/templates/{templateId}',
      'GET /api/v1/templates/{templateId}/versions',
    ] as const,
    onSuccess: (saved: Template) => {
      tell(saved);
      onDone(saved);
    },
  };
  const create = useAction('POST /api/v1/templates', { ...after, refresh: [...after.refresh] });
  const change = useAction('PATCH /api/v1/templates/{templateId}', { ...after, refresh: [...after.refresh] });
  const { error, isPending } = template ? change : create;
  const isWhatsApp = draft.channel === 'whatsapp';
  const atWhatsApp = isWhatsApp && template !== null && template.status !== 'draft';
  const fault = (path: string) => error?.fieldError(path);

  function submit() {
    const common = {
      name: isWhatsApp && !atWhatsApp ? draft.name.replace(/^_+|_+$/g, '') : draft.name.trim(),
      language: draft.language,
      folder: draft.folder.trim() || null,
      personal: draft.personal,
      ...partsOf(draft),
      ...(isWhatsApp && !(atWhatsApp && template.status === 'approved') ? { category: draft.category } : {}),
    };
    if (template) {
      change.mutate({ params: { templateId: template.id }, body: { ...common, version: template.version } });
      return;
    }
    create.mutate({
      body: {
        ...common,
        channel: draft.channel,
        ...(isWhatsApp && draft.channelAccountId ? { channelAccountId: draft.channelAccountId } : {}),
      },
    });
  }

  return (
    <article>
      <h3 className="mb-3 font-display text-xl font-semibold">
        {template ? words.editTitle : words.newTitle}
      </h3>
      <div className="grid grid-cols-1 gap-8 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <Form error={error} onSubmit={submit} className="min-w-0 space-y-4">
          {!template && (
            <SelectField
              label={words.channel}
              autoFocus
              value={draft.channel}
              onChange={(event) => set({ channel: event.target.value as TemplateChannel })}
              options={channels.map((value) => ({ value, label: templatesText.channels[value] }))}
            />
          )}
          <TextField
            label={words.name}
            required
            autoFocus={template !== null && !atWhatsApp}
            disabled={atWhatsApp}
            hint={atWhatsApp ? words.fixed : isWhatsApp ? words.whatsappName : undefined}
            maxLength={isWhatsApp ? 512 : 200}
            value={draft.name}
            error={fault('name')}
            onChange={(event) =>
              set({ name: isWhatsApp ? whatsAppName(event.target.value) : event.target.value })
            }
          />
          <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
            <SelectField
              label={templatesText.language}
              disabled={atWhatsApp}
              value={draft.language}
              error={fault('language')}
              onChange={(event) => set({ language: event.target.value })}
              options={withOwn(draft.language)}
            />
            <FolderField
              value={draft.folder}
              onChange={(folder) => set({ folder })}
              error={fault('folder')}
            />
          </div>
          {isWhatsApp && (
            <SelectField
              label={templatesText.category}
              disabled={atWhatsApp && template.status === 'approved'}
              value={draft.category}
              error={fault('category')}
              onChange={(event) => set({ category: event.target.value as TemplateDraft['category'] })}
              options={(['UTILITY', 'MARKETING'] as const).map((value) => ({
                value,
                label: templatesText.categories[value],
              }))}
            />
          )}
          {isWhatsApp && !template && (
            <NumberField
              value={draft.channelAccountId}
              onChange={(channelAccountId) => set({ channelAccountId })}
            />
          )}
          {draft.channel === 'email' && (
            <VariableField
              label={words.title}
              required
              hint={words.titleHint}
              maxLength={300}
              value={draft.title}
              error={fault('title')}
              onChange={(title) => set({ title })}
            />
          )}
          {isWhatsApp && (
            <VariableField
              label={words.header}
              maxLength={200}
              value={draft.header}
              error={fault('header')}
              onChange={(header) => set({ header })}
            />
          )}
          <VariableField
            label={words.body}
            required
            multiline
            rows={draft.channel === 'email' ? 10 : 6}
            hint={isWhatsApp ? words.whatsappBodyHint : words.bodyHint}
            value={draft.body}
            error={fault('body')}
            onChange={(body) => set({ body })}
          />
          {isWhatsApp && (
            <>
              <TextField
                label={words.footer}
                maxLength={60}
                value={draft.footer}
                error={fault('footer')}
                onChange={(event) => set({ footer: event.target.value })}
              />
              <ButtonsField buttons={draft.buttons} fault={fault} onChange={(buttons) => set({ buttons })} />
            </>
          )}
          <Switch
            label={words.personal}
            hint={fault('personal') ?? words.personalHint}
            checked={draft.personal}
            onChange={(personal) => set({ personal })}
          />
          <FormError error={error} shown={shownFields(draft)} />
          {atWhatsApp && <p className="text-[0.9rem] text-ink-2">{words.resubmit}</p>}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" variant="primary" busy={isPending}>
              {isWhatsApp && !atWhatsApp ? words.submit : words.save}
            </Button>
            <Button onClick={onCancel}>{settingsText.cancel}</Button>
          </div>
        </Form>
        <TemplateLivePreview draft={draft} />
      </div>
    </article>
  );
}

function tell(saved: Template): void {
  if (saved.channel !== 'whatsapp') return toast({ tone: 'ok', title: templatesText.saved });
  if (saved.status === 'draft')
    return toast({ tone: 'danger', title: templatesText.keptAsDraft, body: saved.statusReason ?? undefined });
  toast({ tone: 'ok', title: saved.status === 'pending' ? templatesText.submitted : templatesText.approved });
}

const withOwn = (language: string) =>
  templateLanguages.some(({ value }) => value === language)
    ? templateLanguages
    : [{ value: language, label: language }, ...templateLanguages];

function shownFields({ buttons }: TemplateDraft): string[] {
  return [
    ...['name', 'language', 'folder', 'category', 'title', 'header', 'body', 'footer', 'buttons', 'personal'],
    ...buttons.flatMap((_, index) => [`buttons.${index}.text`, `buttons.${index}.url`]),
  ];
}

function FolderField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (folder: string) => void;
  error?: string;
}) {
  const listId = useId();
  const folders = useRoute('GET /api/v1/templates/folders', {});
  return (
    <>
      <TextField
        label={templatesText.folder}
        hint={words.folderHint}
        placeholder={words.folderNone}
        list={listId}
        maxLength={100}
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {(folders.data?.items ?? []).map(({ folder }) => (
          <option key={folder} value={folder} />
        ))}
      </datalist>
    </>
  );
}

/** Which number's account gets it; asked where there are several and one may know them. */
function NumberField({ value, onChange }: { value: string | null; onChange: (accountId: string) => void }) {
  const { permissions } = useMe();
  const channelList = useRoute('GET /api/v1/channels', permissions.settings ? {} : null);
  const numbers = (channelList.data?.items ?? []).filter(
    (account) => account.channel === 'whatsapp' && account.state !== 'disconnected',
  );
  if (numbers.length < 2) return null;
  return (
    <SelectField
      label={words.number}
      value={value ?? numbers[0]!.id}
      onChange={(event) => onChange(event.target.value)}
      options={numbers.map(({ id, name, displayPhone }) => ({
        value: id,
        label: displayPhone ? `${name}, ${displayPhone}` : name,
      }))}
    />
  );
}

function ButtonsField({
  buttons,
  fault,
  onChange,
}: {
  buttons: DraftButton[];
  fault: (path: string) => string | undefined;
  onChange: (buttons: DraftButton[]) => void;
}) {
  const change = (index: number, part: Partial<DraftButton>) =>
    onChange(buttons.map((button, at) => (at === index ? { ...button, ...part } : button)));
  const add = (type: DraftButton['type']) => onChange([...buttons, { type, text: '', url: '' }]);
  return (
    <fieldset className="space-y-3 rounded-xl border border-line p-3">
      <legend className="px-1 text-[0.9rem] font-medium">{words.buttons}</legend>
      {buttons.map((button, index) => (
        <div key={index} className="space-y-2">
          <div className="flex items-end gap-2">
            <TextField
              className="flex-1"
              label={words.buttonText(index + 1)}
              required
              maxLength={25}
              value={button.text}
              error={fault(`buttons.${index}.text`)}
              onChange={(event) => change(index, { text: event.target.value })}
            />
            <IconButton
              label={words.removeButton(index + 1)}
              icon={<Trash2 aria-hidden className="size-4" />}
              onClick={() => onChange(buttons.filter((_, at) => at !== index))}
            />
          </div>
          {button.type === 'URL' && (
            <VariableField
              label={words.buttonUrl(index + 1)}
              required
              hint={words.urlHint}
              value={button.url}
              error={fault(`buttons.${index}.url`)}
              onChange={(url) => change(index, { url })}
            />
          )}
        </div>
      ))}
      {fault('buttons') && (
        <p className="text-[0.87rem] text-danger first-letter:uppercase">{fault('buttons')}</p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={() => add('QUICK_REPLY')}>
          {words.addReply}
        </Button>
        <Button size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={() => add('URL')}>
          {words.addLink}
        </Button>
      </div>
    </fieldset>
  );
}
