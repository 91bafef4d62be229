import { ArrowRightLeft, CircleX, LogOut, RotateCcw, UserRound, Zap } from 'lucide-react';
import { useState } from 'react';
import { useLocation, useParams, useSearchParams } from 'wouter';
import type { Application } from '../../../../contracts/vacancies';
import { ConversationView, MessageList, Timeline, useHasMessages } from '../../conversation';
import { paths } from '../../paths';
import { refresh, useAction, useMe, useRoute } from '../../queries';
import {
  Badge,
  Button,
  ButtonLink,
  ErrorState,
  LoadingRows,
  Menu,
  MenuItem,
  MenuLabel,
  Page,
  PageHeader,
  TabPanel,
  Tabs,
  TextLink,
  Time,
} from '../../ui';
import { SendButton } from '../../send';
import { RejectDialog, ReopenDialog, WithdrawDialog } from './end-dialogs';
import { CandidatePagesSection } from '../people/candidate-pages-section';
import { mayManage } from './may-manage';
import { PlannedForMatch } from './planned-section';
import { reportMove, reportRefusal } from './report-move';
import { boardText } from './text';

const words = boardText.match;
const tabs = ['whatsapp', 'messages', 'timeline', 'details'] as const;
type Tab = (typeof tabs)[number];

/** A candidate on one vacancy (Match). */
export function MatchPage() {
  const { applicationId = '' } = useParams<{ applicationId: string }>();
  const application = useRoute('GET /api/v1/applications/{applicationId}', { params: { applicationId } });
  const hasMessages = useHasMessages(application.data?.conversationId);
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const tab = tabs.find((one) => one === search.get('tab')) ?? 'whatsapp';
  if (!application.data) {
    return (
      <Page
        header={<PageHeader title={words.title} back={{ href: paths.vacancies(), label: boardText.back }} />}
      >
        {application.error ? (
          <ErrorState error={application.error} onRetry={() => void application.refetch()} />
        ) : (
          <LoadingRows rows={4} />
        )}
      </Page>
    );
  }
  const match = application.data;
  return (
    <Tabs
      className="flex h-full min-h-0 flex-col [&>header]:border-b-0"
      label={words.tabsLabel}
      value={tab}
      onChange={(next: Tab) => navigate(paths.match(applicationId, { tab: next }), { replace: true })}
      listClassName="shrink-0 bg-surface px-4 sm:px-8"
      items={tabs
        .filter((value) => value !== 'messages' || hasMessages)
        .map((value) => ({ value, label: words.tabs[value] }))}
      header={
        <PageHeader
          title={match.personName}
          back={{ href: paths.board(match.vacancyId), label: match.vacancyTitle }}
          subtitle={
            <span className="flex flex-wrap items-center gap-2 text-[0.9rem]">
              <Badge tone="accent">{match.stageName}</Badge>
              {match.rejectedAt && <Badge tone="danger">{words.rejected}</Badge>}
              {match.withdrawnAt && <Badge tone="warn">{words.withdrawn}</Badge>}
            </span>
          }
          actions={
            <>
              <SendButton
                to={{
                  kind: 'one',
                  personId: match.personId,
                  conversationId: match.conversationId,
                  applicationId: match.id,
                }}
                who={match.personName}
              />
              <ButtonLink
                size="sm"
                href={paths.person(match.personId)}
                icon={<UserRound aria-hidden className="size-4" />}
              >
                {words.person}
              </ButtonLink>
              <MoveMenu match={match} />
              <EndMenu match={match} />
            </>
          }
        />
      }
    >
      <TabPanel value="whatsapp" className="min-h-0 flex-1">
        <ConversationView
          embedded
          conversationId={match.conversationId}
          applicationId={match.id}
          messageId={search.get('message') ?? undefined}
          reply={search.has('reply')}
        />
      </TabPanel>
      <TabPanel value="messages" className="scroll-y min-h-0 flex-1 px-4 py-4 sm:px-8">
        <h2 className="sr-only">{words.tabs.messages}</h2>
        <MessageList
          key={match.id}
          conversationId={match.conversationId}
          applicationId={match.id}
          personName={match.personName}
          onReply={(message) => navigate(paths.match(applicationId, { messageId: message.id, reply: true }))}
        />
      </TabPanel>
      <TabPanel value="timeline" className="scroll-y min-h-0 flex-1 px-4 py-4 sm:px-8">
        <h2 className="sr-only">{words.tabs.timeline}</h2>
        <Timeline
          personId={match.personId}
          applicationId={match.id}
          onViewMessage={({ id }) => navigate(paths.match(applicationId, { messageId: id }))}
        />
      </TabPanel>
      <TabPanel value="details" className="scroll-y min-h-0 flex-1 px-4 py-4 sm:px-8">
        <Details match={match} />
      </TabPanel>
    </Tabs>
  );
}

/** Rejects, withdraws or reopens the match. */
function EndMenu({ match }: { match: Application }) {
  const me = useMe();
  const vacancy = useRoute('GET /api/v1/vacancies/{vacancyId}', { params: { vacancyId: match.vacancyId } });
  const [open, setOpen] = useState<'reject' | 'withdraw' | 'reopen' | null>(null);
  if (!vacancy.data || !mayManage(me, vacancy.data.users)) return null;
  const ended = match.rejectedAt !== null || match.withdrawnAt !== null;
  const props = { applicationIds: [match.id], who: match.personName, onClose: () => setOpen(null) };
  return (
    <>
      {ended ? (
        <Button
          size="sm"
          icon={<RotateCcw aria-hidden className="size-4" />}
          onClick={() => setOpen('reopen')}
        >
          {boardText.ended.reopen}
        </Button>
      ) : (
        <>
          <Button
            size="sm"
            icon={<CircleX aria-hidden className="size-4" />}
            onClick={() => setOpen('reject')}
          >
            {boardText.ended.reject}
          </Button>
          <Button
            size="sm"
            icon={<LogOut aria-hidden className="size-4" />}
            onClick={() => setOpen('withdraw')}
          >
            {boardText.ended.withdraw}
          </Button>
        </>
      )}
      {open === 'reject' && <RejectDialog {...props} />}
      {open === 'withdraw' && <WithdrawDialog {...props} />}
      {open === 'reopen' && (
        <ReopenDialog
          applicationId={match.id}
          who={match.personName}
          stageName={match.stageName}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

/** Moves the match to another stage of its vacancy. */
function MoveMenu({ match }: { match: Application }) {
  const me = useMe();
  const vacancy = useRoute('GET /api/v1/vacancies/{vacancyId}', { params: { vacancyId: match.vacancyId } });
  const stages = vacancy.data?.stages ?? [];
  const move = useAction('POST /api/v1/applications/{applicationId}/move', {
    onSuccess: (result, { body }) => {
      const stage = stages.find((one) => one.id === body.stageId);
      reportMove(result, match.personName, stage?.name ?? '', true);
      refresh(
        'GET /api/v1/applications/{applicationId}',
        'GET /api/v1/vacancies/{vacancyId}/board',
        'GET /api/v1/people/{personId}',
        'GET /api/v1/people/{personId}/timeline',
        'GET /api/v1/applications/{applicationId}/planned',
      );
    },
    onError: (error) => reportRefusal(error, match.personName),
  });
  if (!vacancy.data || !mayManage(me, vacancy.data.users)) return null;
  return (
    <Menu
      label={words.move}
      trigger={
        <Button
          size="sm"
          variant="primary"
          busy={move.isPending}
          disabled={stages.length === 0}
          icon={<ArrowRightLeft aria-hidden className="size-4" />}
        >
          {words.move}
        </Button>
      }
    >
      <MenuLabel>{boardText.card.moveTo}</MenuLabel>
      {stages.map((stage) => (
        <MenuItem
          key={stage.id}
          disabled={stage.id === match.stageId}
          onSelect={() => move.mutate({ params: { applicationId: match.id }, body: { stageId: stage.id } })}
        >
          <span className="min-w-0 flex-1 truncate">{stage.name}</span>
          {stage.id === match.stageId ? (
            <span className="text-[0.85rem] text-ink-2">{boardText.card.current}</span>
          ) : (
            stage.actionCount > 0 && (
              <Zap
                role="img"
                aria-label={boardText.actions(stage.actionCount)}
                className="size-4 text-auto"
              />
            )
          )}
        </MenuItem>
      ))}
    </Menu>
  );
}

function Details({ match }: { match: Application }) {
  const history = [...match.history].sort((a, b) => b.enteredAt.localeCompare(a.enteredAt));
  return (
    <div className="max-w-2xl space-y-8">
      <dl className="grid grid-cols-[7rem_1fr] gap-y-2">
        <dt className="text-ink-2">{words.vacancy}</dt>
        <dd>
          <TextLink href={paths.board(match.vacancyId)}>{match.vacancyTitle}</TextLink>
        </dd>
        <dt className="text-ink-2">{words.stage}</dt>
        <dd>{match.stageName}</dd>
        {match.rejectedAt && (
          <>
            <dt className="text-ink-2">{words.rejected}</dt>
            <dd>
              <Time at={match.rejectedAt} />
            </dd>
          </>
        )}
        {match.withdrawnAt && (
          <>
            <dt className="text-ink-2">{words.withdrawn}</dt>
            <dd>
              <Time at={match.withdrawnAt} />
            </dd>
          </>
        )}
        {match.externalId && (
          <>
            <dt className="text-ink-2">{words.externalId}</dt>
            <dd className="break-all">{match.externalId}</dd>
          </>
        )}
      </dl>
      <PlannedForMatch applicationId={match.id} />
      <CandidatePagesSection personId={match.personId} applicationId={match.id} />
      <section aria-labelledby="stage-history">
        <h2 id="stage-history" className="mb-3 font-display text-lg font-semibold">
          {words.history}
        </h2>
        <ol className="border-l-2 border-line">
          {history.map((entry) => (
            <li key={entry.stageId + entry.enteredAt} className="relative pb-4 pl-5 last:pb-0">
              <span
                aria-hidden
                className={`absolute top-1.5 -left-[7px] size-3 rounded-full border-2 border-surface ${entry.leftAt ? 'bg-line-strong' : 'bg-accent'}`}
              />
              <p className="font-medium">{entry.stageName}</p>
              <p className="text-[0.9rem] text-ink-2">
                <Time at={entry.enteredAt} /> – {entry.leftAt ? <Time at={entry.leftAt} /> : words.now}
                {' · '}
                {entry.by ? words.by(entry.by) : words.byAutomatic}
              </p>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
