import { Braces } from 'lucide-react';
import { useState } from 'react';
import type { Template } from '../../../../contracts/templates';
import { templateVariables } from '../../../../domain/template-render';
import { readableName } from '../../conversation/use-templates';
import { useAction } from '../../queries';
import { TemplateBubble } from '../../template-preview';
import {
  Badge,
  Button,
  Form,
  FormError,
  IconButton,
  Menu,
  MenuItem,
  MenuLabel,
  TextField,
  Time,
  toast,
} from '../../ui';
import { templateTones } from './template-tones';
import { settingsText } from './text';

const words = settingsText.templates;

/** One template: how it looks, what WhatsApp says about it, and which variables fill it. */
export function TemplateDetails({ template }: { template: Template }) {
  return (
    <article className="space-y-6">
      <header>
        <h3 className="flex flex-wrap items-center gap-2 font-display text-xl font-semibold">
          {readableName(template.name)}
          <Badge tone={templateTones[template.status]}>{words.statuses[template.status]}</Badge>
        </h3>
        <p className="text-[0.9rem] text-ink-2">
          <code>{template.name}</code> · {words.language}: {template.language}
          {template.category && ` · ${words.category}: ${template.category.toLowerCase()}`} ·{' '}
          {words.version(template.version)}, {words.updated} <Time at={template.updatedAt} />
        </p>
        {template.statusReason && (
          <p className="mt-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
            {words.reason}: {template.statusReason}
          </p>
        )}
      </header>
      <section>
        <h4 className="mb-1.5 font-semibold">{words.preview}</h4>
        <TemplateBubble content={template} />
      </section>
      <section>
        <h4 className="mb-1.5 font-semibold">{words.parameters}</h4>
        {template.parameters.length === 0 ? (
          <p className="text-ink-2">{words.noParameters}</p>
        ) : (
          <ParametersForm template={template} />
        )}
      </section>
    </article>
  );
}

function ParametersForm({ template }: { template: Template }) {
  const [parameters, setParameters] = useState(template.parameters);
  const save = useAction('PATCH /api/v1/templates/{templateId}', {
    refresh: ['GET /api/v1/templates', 'GET /api/v1/templates/{templateId}'],
    onSuccess: () => toast({ tone: 'ok', title: words.saved }),
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
