import { ArrowLeft, FileText, Folder, Plus, SearchX } from 'lucide-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { Template } from '../../../../contracts/templates';
import { readableName } from '../../conversation/use-templates';
import { paths } from '../../paths';
import { useMe, useRoute } from '../../queries';
import { usePages } from '../../use-pages';
import {
  Badge,
  Button,
  ChannelIcon,
  cx,
  EmptyState,
  ErrorState,
  LoadingRows,
  SelectField,
  Tabs,
  TextField,
} from '../../ui';
import { SectionHead } from './section-head';
import { FolderCommands } from './template-folders';
import type { TemplateChannel } from './template-draft';
import { TemplateDetails } from './template-details';
import { TemplateEditor } from './template-editor';
import { templateTones } from './template-tones';
import { templateLanguages, templatesText as words } from './templates-text';

type ChannelTab = 'all' | TemplateChannel;
type Filters = { channel: ChannelTab; q: string; folder: string; status: string; language: string };

const tabs: ChannelTab[] = ['all', 'email', 'sms', 'whatsapp'];
const statuses = Object.keys(words.statuses) as Template['status'][];
/** Of the select; a folder's own name follows a colon. */
const allFolders = '';
const noFolder = 'none';

/** The templates of all channels: finding, writing, changing and deleting them. */
export function TemplatesSection() {
  const { item } = useParams<{ item?: string }>();
  const [, go] = useLocation();
  const { permissions } = useMe();
  const [filters, setFilters] = useState<Filters>({
    channel: 'all',
    q: '',
    folder: allFolders,
    status: '',
    language: '',
  });
  const [editing, setEditing] = useState<string | null>(null);
  const isNew = item === 'new' && permissions.send;
  const panel = item !== undefined;
  const shown = useRef<HTMLDivElement>(null);
  // what comes in place of a long form is seen from its beginning
  useEffect(() => {
    if ((shown.current?.getBoundingClientRect().top ?? 0) < 0) shown.current?.scrollIntoView();
  }, [item, editing]);
  const show = (templateId?: string) => {
    setEditing(null);
    go(paths.settings('templates', templateId));
  };
  return (
    <div className="max-w-7xl">
      <div className={cx(panel && 'max-lg:sr-only')}>
        <SectionHead
          title={words.title}
          intro={words.intro}
          action={
            permissions.send && (
              <Button
                variant="primary"
                icon={<Plus aria-hidden className="size-4" />}
                onClick={() => show('new')}
              >
                {words.new}
              </Button>
            )
          }
        />
      </div>
      <div className="grid grid-cols-1 items-start gap-8 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <div className={cx(panel && 'max-lg:hidden')}>
          <TemplateList filters={filters} onFilter={setFilters} current={item} />
        </div>
        {panel ? (
          <div ref={shown} className="min-w-0">
            <Link
              href={paths.settings('templates')}
              className="mb-3 inline-flex items-center gap-1.5 rounded-sm text-[0.9rem] text-ink-2 hover:underline lg:hidden"
            >
              <ArrowLeft aria-hidden className="size-4" />
              {words.back}
            </Link>
            {isNew ? (
              <TemplateEditor
                template={null}
                channel={filters.channel === 'all' ? 'email' : filters.channel}
                onDone={({ id }) => show(id)}
                onCancel={() => show()}
              />
            ) : (
              <OneTemplate
                key={item}
                templateId={item}
                editing={editing === item}
                onEdit={() => setEditing(item)}
                onDone={() => setEditing(null)}
                onDeleted={() => show()}
              />
            )}
          </div>
        ) : (
          <EmptyState className="max-lg:hidden" icon={<FileText className="size-6" />} title={words.choose} />
        )}
      </div>
    </div>
  );
}

function OneTemplate({
  templateId,
  editing,
  onEdit,
  onDone,
  onDeleted,
}: {
  templateId: string;
  editing: boolean;
  onEdit: () => void;
  onDone: () => void;
  onDeleted: () => void;
}) {
  const template = useRoute('GET /api/v1/templates/{templateId}', { params: { templateId } });
  if (template.isPending) return <LoadingRows rows={4} />;
  if (!template.data) return <ErrorState error={template.error} onRetry={() => void template.refetch()} />;
  const { data } = template;
  if (editing && data.can.editText) {
    return (
      <TemplateEditor
        template={data}
        channel={data.channel === 'page' ? 'email' : data.channel}
        onDone={onDone}
        onCancel={onDone}
      />
    );
  }
  return <TemplateDetails key={data.version} template={data} onEdit={onEdit} onDeleted={onDeleted} />;
}

function TemplateList({
  filters,
  onFilter,
  current,
}: {
  filters: Filters;
  onFilter: (filters: Filters) => void;
  current: string | undefined;
}) {
  const { channel, folder, status, language } = filters;
  const q = useDeferredValue(filters.q.trim());
  const ofChannel = channel === 'all' ? undefined : channel;
  const folders = useRoute(
    'GET /api/v1/templates/folders',
    { query: { channel: ofChannel } },
    { keepPrevious: true },
  );
  const chosen = folders.data?.items.find((one) => `:${one.folder}` === folder);
  const { list, items } = usePages('GET /api/v1/templates', {
    query: {
      limit: 50,
      channel: ofChannel,
      status: (status || undefined) as Template['status'] | undefined,
      language: language || undefined,
      q: q || undefined,
      ...(folder !== allFolders && { folder: folder === noFolder ? '' : folder.slice(1) }),
    },
  });
  const set = (change: Partial<Filters>) => onFilter({ ...filters, ...change });
  const filtered = q !== '' || folder !== allFolders || status !== '' || language !== '' || channel !== 'all';
  return (
    <>
      <Tabs
        label={words.channelsLabel}
        value={channel}
        onChange={(next) => set({ channel: next, folder: allFolders })}
        panelId="template-list-panel"
        items={tabs.map((value) => ({ value, label: words.channels[value] }))}
        listClassName="mb-3"
      />
      <div id="template-list-panel">
        <div className="mb-3 grid grid-cols-2 gap-2">
          <TextField
            className="col-span-2"
            label={words.search}
            hideLabel
            type="search"
            placeholder={words.search}
            value={filters.q}
            onChange={(event) => set({ q: event.target.value })}
          />
          <SelectField
            className="col-span-2"
            label={words.folder}
            hideLabel
            value={folder}
            onChange={(event) => set({ folder: event.target.value })}
            options={[
              { value: allFolders, label: words.allFolders },
              { value: noFolder, label: words.noFolder },
              ...(folders.data?.items ?? []).map((one) => ({
                value: `:${one.folder}`,
                label: words.folderCount(one.folder, one.count),
              })),
            ]}
          />
          {chosen && chosen.movable > 0 && (
            <FolderCommands
              key={chosen.folder}
              folder={chosen.folder}
              folders={(folders.data?.items ?? []).map((one) => one.folder)}
              onMoved={(to) => set({ folder: to === null ? allFolders : `:${to}` })}
            />
          )}
          <SelectField
            label={words.status}
            hideLabel
            value={status}
            onChange={(event) => set({ status: event.target.value })}
            options={[
              { value: '', label: words.allStatuses },
              ...statuses.map((value) => ({ value, label: words.statuses[value] })),
            ]}
          />
          <SelectField
            label={words.language}
            hideLabel
            value={language}
            onChange={(event) => set({ language: event.target.value })}
            options={[{ value: '', label: words.allLanguages }, ...templateLanguages]}
          />
        </div>
        {list.isPending && <LoadingRows rows={5} />}
        {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {list.data && items.length === 0 && (
          <EmptyState
            icon={filtered ? <SearchX className="size-6" /> : <FileText className="size-6" />}
            title={filtered ? words.noMatch : words.none}
          >
            {!filtered && words.noneHint}
          </EmptyState>
        )}
        <ul className={cx('space-y-1', list.isPlaceholderData && 'opacity-60')} aria-busy={list.isFetching}>
          {items.map((template) => (
            <TemplateLine key={template.id} template={template} current={template.id === current} />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        )}
      </div>
    </>
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
          <ChannelIcon channel={template.channel} />
          <span className="min-w-0 flex-1 truncate font-medium">{readableName(template.name)}</span>
          <Badge>{template.language}</Badge>
          {template.channel === 'whatsapp' && (
            <Badge tone={templateTones[template.status]}>{words.statuses[template.status]}</Badge>
          )}
        </span>
        <span className="block truncate text-[0.9rem] text-ink-2">{template.title ?? template.body}</span>
        {(template.folder !== null || template.personal || template.carrier) && (
          <span className="flex flex-wrap items-center gap-x-2 text-[0.85rem] text-ink-2">
            {template.folder !== null && (
              <span className="inline-flex items-center gap-1">
                <Folder aria-hidden className="size-3.5" />
                {template.folder}
              </span>
            )}
            {template.personal && <span>{words.personal}</span>}
            {template.carrier && <span>{words.carrier}</span>}
          </span>
        )}
        {open > 0 && !template.carrier && (
          <span className="block text-[0.85rem] text-warn">{words.unmapped(open)}</span>
        )}
      </Link>
    </li>
  );
}
