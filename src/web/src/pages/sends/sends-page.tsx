import { Send } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { BulkSend } from '../../../../contracts/sends';
import { readableName } from '../../conversation/use-templates';
import { PagedList } from '../../paged-list';
import { paths } from '../../paths';
import { isOffice, useMe } from '../../queries';
import { sendsText as words } from '../../send/text';
import { text } from '../../text';
import { usePages } from '../../use-pages';
import { Badge, Checkbox, EmptyState, PageHeader, TabbedPage, Time } from '../../ui';
import { ProgressBar } from './progress-bar';
import { stateOf, states, type SendState } from './send-state';

type Filter = BulkSend['state'] | 'all';

/** Messages to many, newest first. */
export function SendsPage() {
  const { user } = useMe();
  const [filter, setFilter] = useState<Filter>('all');
  const [mine, setMine] = useState(false);
  const pages = usePages('GET /api/v1/bulk-sends', {
    query: { limit: 10, state: filter === 'all' ? undefined : filter, ...(mine && { mine }) },
  });
  const narrowed = mine || filter !== 'all';
  return (
    <TabbedPage
      label={words.filter}
      value={filter}
      onChange={setFilter}
      items={(['all', 'running', 'paused', 'finished', 'cancelled'] as const).map((value) => ({
        value,
        label: value === 'all' ? words.all : words.states[value],
      }))}
      header={<PageHeader title={words.title} subtitle={words.intro} />}
    >
      {isOffice(user.role) && (
        <div className="py-2">
          <Checkbox label={words.mine} checked={mine} onChange={setMine} />
        </div>
      )}
      <PagedList
        pages={pages}
        empty={
          <EmptyState icon={<Send className="size-6" />} title={narrowed ? words.noneFound : words.none}>
            {!narrowed && words.noneHint}
          </EmptyState>
        }
      >
        {(send) => (
          <li key={send.id} className="relative py-3 hover:bg-hover">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Link
                href={paths.send(send.id)}
                className="font-medium after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:outline-focus"
              >
                {send.name ||
                  (send.templateName && readableName(send.templateName)) ||
                  send.title ||
                  send.text?.slice(0, 60) ||
                  words.confidential}
              </Link>
              <StateBadge state={stateOf(send)} />
              <span className="text-[0.9rem] text-ink-2">
                {send.channels.map((channel) => text.channels[channel]).join(', ')}
                {send.createdBy && ` · ${words.by(send.createdBy.name)}`} · <Time at={send.createdAt} />
              </span>
            </div>
            <ProgressBar send={send} />
          </li>
        )}
      </PagedList>
    </TabbedPage>
  );
}

function StateBadge({ state }: { state: SendState }) {
  return <Badge tone={states[state]}>{words.states[state]}</Badge>;
}
