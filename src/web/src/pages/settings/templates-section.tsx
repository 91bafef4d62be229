import { ArrowLeft, FileText, SearchX } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'wouter';
import type { Template } from '../../../../contracts/templates';
import { readableName } from '../../conversation/use-templates';
import { paths } from '../../paths';
import { useRoute } from '../../queries';
import { Badge, ButtonLink, cx, EmptyState, ErrorState, LoadingRows, SelectField, TextField } from '../../ui';
import { SectionHead } from './section-head';
import { TemplateDetails } from './template-details';
import { templateTones } from './template-tones';
import { settingsText } from './text';

const words = settingsText.templates;
const statuses = Object.keys(words.statuses) as Template['status'][];

/** The templates of WhatsApp with what fills their parameters. */
export function TemplatesSection() {
  const { item } = useParams<{ item?: string }>();
  const templates = useRoute('GET /api/v1/templates', {});
  const [q, setQ] = useState('');
  const [status, setStatus] = useState('');
  const all = templates.data?.items ?? [];
  const shown = all.filter(
    (template) =>
      (status === '' || template.status === status) &&
      `${template.name} ${readableName(template.name)} ${template.language} ${template.body}`
        .toLowerCase()
        .includes(q.trim().toLowerCase()),
  );
  const chosen = all.find(({ id }) => id === item);
  if (templates.isPending) return <LoadingRows rows={5} />;
  if (templates.error && !templates.data) {
    return <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />;
  }
  return (
    <div className="max-w-6xl">
      <div className={cx(chosen && 'max-lg:sr-only')}>
        <SectionHead title={settingsText.nav.templates} intro={words.intro} />
      </div>
      {all.length === 0 ? (
        <EmptyState
          icon={<FileText className="size-6" />}
          title={words.none}
          action={<ButtonLink href={paths.settings('channels')}>{settingsText.nav.channels}</ButtonLink>}
        >
          {words.noneHint}
        </EmptyState>
      ) : (
        <div className="grid grid-cols-1 items-start gap-8 lg:grid-cols-[22rem_minmax(0,1fr)]">
          <div className={cx(chosen && 'max-lg:hidden')}>
            <div className="mb-3 grid grid-cols-[1fr_9rem] gap-2">
              <TextField
                label={words.search}
                hideLabel
                type="search"
                placeholder={words.search}
                value={q}
                onChange={(event) => setQ(event.target.value)}
              />
              <SelectField
                label={words.status}
                hideLabel
                value={status}
                onChange={(event) => setStatus(event.target.value)}
                options={[
                  { value: '', label: words.allStatuses },
                  ...statuses.map((value) => ({ value, label: words.statuses[value] })),
                ]}
              />
            </div>
            {shown.length === 0 && <EmptyState icon={<SearchX className="size-6" />} title={words.noMatch} />}
            <ul className="space-y-1">
              {shown.map((template) => (
                <TemplateLine key={template.id} template={template} current={template.id === item} />
              ))}
            </ul>
          </div>
          {chosen ? (
            <div>
              <Link
                href={paths.settings('templates')}
                className="mb-3 inline-flex items-center gap-1.5 rounded-sm text-[0.9rem] text-ink-2 hover:underline lg:hidden"
              >
                <ArrowLeft aria-hidden className="size-4" />
                {words.back}
              </Link>
              <TemplateDetails key={`${chosen.id} ${chosen.version}`} template={chosen} />
            </div>
          ) : (
            <EmptyState
              className="max-lg:hidden"
              icon={<FileText className="size-6" />}
              title={words.choose}
            />
          )}
        </div>
      )}
    </div>
  );
}

function TemplateLine({ template, current }: { template: Template; current: boolean }) {
  const open = template.parameters.filter(({ expression }) => expression === '').length;
  return (
    <li>
      <Link
        href={paths.settings('templates', template.id)}
        aria-current={current ? 'true' : undefined}
        className={cx(
          'block rounded-xl border px-3 py-2',
          current ? 'border-accent bg-accent-soft' : 'border-transparent hover:bg-hover',
        )}
      >
        <span className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate font-medium">{readableName(template.name)}</span>
          <Badge>{template.language}</Badge>
          <Badge tone={templateTones[template.status]}>{words.statuses[template.status]}</Badge>
        </span>
        <span className="block truncate text-[0.9rem] text-ink-2">{template.body}</span>
        {open > 0 && <span className="block text-[0.85rem] text-warn">{words.unmapped(open)}</span>}
      </Link>
    </li>
  );
}
