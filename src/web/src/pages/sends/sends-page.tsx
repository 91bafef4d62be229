import { Send } from 'lucide-react';
import { Link } from 'wouter';
import { paths } from '../../paths';
import { sendsText as words } from '../../send/text';
import { text } from '../../text';
import { usePages } from '../../use-pages';
import { Badge, Button, EmptyState, ErrorState, LoadingRows, Page, PageHeader, Time } from '../../ui';
import { ProgressBar } from './progress-bar';
import { stateTones } from './state-tones';

/** Messages to many, newest first. */
export function SendsPage() {
  const { list: sends, items } = usePages('GET /api/v1/bulk-sends', {});
  return (
    <Page header={<PageHeader title={words.title} subtitle={words.intro} />}>
      {sends.isPending && <LoadingRows rows={5} />}
      {sends.error && <ErrorState error={sends.error} onRetry={() => void sends.refetch()} />}
      {items.length === 0 && sends.isSuccess && (
        <EmptyState icon={<Send className="size-6" />} title={words.none}>
          {words.noneHint}
        </EmptyState>
      )}
      <ul className="divide-y divide-line">
        {items.map((send) => (
          <li key={send.id} className="relative py-3 hover:bg-hover">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Link
                href={paths.send(send.id)}
                className="font-medium after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:outline-focus"
              >
                {send.name || send.templateName || send.title || send.text?.slice(0, 60)}
              </Link>
              <Badge tone={stateTones[send.state]}>{words.states[send.state]}</Badge>
              <span className="text-[0.9rem] text-ink-2">
                {send.channels.map((channel) => text.channels[channel]).join(', ')}
                {send.createdBy && ` · ${words.by(send.createdBy.name)}`} · <Time at={send.createdAt} />
              </span>
            </div>
            <ProgressBar send={send} />
          </li>
        ))}
      </ul>
      {sends.hasNextPage && (
        <div className="py-3">
          <Button busy={sends.isFetchingNextPage} onClick={() => void sends.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      )}
    </Page>
  );
}
