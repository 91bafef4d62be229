import { ClipboardCheck, Ellipsis, Eraser, Merge } from 'lucide-react';
import { useState } from 'react';
import { Redirect, useLocation, useParams, useSearchParams } from 'wouter';
import type { Person } from '../../../../contracts/people';
import { ConversationView, MessageList, Timeline, useHasMessages } from '../../conversation';
import { paths } from '../../paths';
import { SendButton } from '../../send';
import { isOffice, useAction, useMe, useRoute } from '../../queries';
import {
  Avatar,
  Badge,
  Button,
  ErrorState,
  IconButton,
  LoadingRows,
  Menu,
  MenuItem,
  Page,
  PageHeader,
  TabPanel,
  Tabs,
  TextLink,
  toast,
  toastError,
} from '../../ui';
import { PlannedForPerson } from '../board/planned-section';
import { ApplicationsSection } from './applications-section';
import { CandidatePagesSection } from './candidate-pages-section';
import { ContactPointsSection } from './contact-points-section';
import { EraseDialog } from './erase-dialog';
import { MergeDialog } from './merge-dialog';
import { ProfileSection } from './profile-section';
import { ResponsibleSection } from './responsible-section';
import { eraseText, mergeText, peopleText } from './text';

const words = peopleText.person;
const tabs = ['whatsapp', 'messages', 'timeline', 'details'] as const;
type Tab = (typeof tabs)[number];

/** The file of a candidate or contact. */
export function PersonPage() {
  const { personId = '' } = useParams<{ personId: string }>();
  const person = useRoute('GET /api/v1/people/{personId}', { params: { personId } });
  const hasMessages = useHasMessages(person.data?.conversationId);
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const { user } = useMe();
  const tab = tabs.find((one) => one === search.get('tab')) ?? 'whatsapp';
  if (!person.data) {
    return (
      <Page
        header={
          <PageHeader title={words.kind.candidate} back={{ href: paths.people(), label: words.back }} />
        }
      >
        {person.error ? (
          <ErrorState error={person.error} onRetry={() => void person.refetch()} />
        ) : (
          <LoadingRows rows={4} />
        )}
      </Page>
    );
  }
  const { id, name, kind, employer, toReview, confidential, conversationId, mergedIntoId } = person.data;
  // R-CHAT-13: the address of somebody who has become part of this person
  if (mergedIntoId !== null)
    return <Redirect to={paths.person(mergedIntoId, { tab: search.get('tab') ?? undefined })} replace />;
  return (
    <Tabs
      className="flex h-full min-h-0 flex-col [&>header]:border-b-0"
      label={words.tabsLabel}
      value={tab}
      onChange={(next: Tab) => navigate(paths.person(personId, { tab: next }), { replace: true })}
      listClassName="shrink-0 bg-surface px-4 sm:px-8"
      items={tabs
        .filter((value) => value !== 'messages' || hasMessages)
        .map((value) => ({ value, label: words.tabs[value] }))}
      header={
        <PageHeader
          title={
            <span className="flex min-w-0 items-center gap-3">
              <span className="font-sans tracking-normal">
                <Avatar name={name} />
              </span>
              <span className="truncate">{name || peopleText.unnamed}</span>
            </span>
          }
          titleText={name || peopleText.unnamed}
          back={{ href: paths.people(), label: words.back }}
          actions={
            <>
              <SendButton to={{ kind: 'one', personId: id, conversationId }} who={name} />
              <MergeAction person={person.data} />
              <MoreActions person={person.data} />
            </>
          }
          subtitle={
            <span className="mt-1 flex flex-wrap items-center gap-2 text-[0.9rem]">
              <span>
                {words.kind[kind]}
                {employer && ' · '}
                {employer &&
                  (isOffice(user.role) ? (
                    <TextLink href={paths.employer(employer.id)}>{employer.name}</TextLink>
                  ) : (
                    employer.name
                  ))}
              </span>
              {toReview && <Badge tone="warn">{peopleText.toReview}</Badge>}
              {confidential && <Badge tone="note">{words.confidential}</Badge>}
            </span>
          }
        />
      }
    >
      {toReview && <ReviewNotice person={person.data} />}
      <TabPanel value="whatsapp" className="min-h-0 flex-1">
        <ConversationView
          embedded
          conversationId={conversationId}
          messageId={search.get('message') ?? undefined}
          reply={search.has('reply')}
        />
      </TabPanel>
      <TabPanel value="messages" className="scroll-y min-h-0 flex-1 px-4 py-4 sm:px-8">
        <h2 className="sr-only">{words.tabs.messages}</h2>
        <MessageList
          conversationId={conversationId}
          personName={name}
          onReply={(message) => navigate(paths.person(personId, { messageId: message.id, reply: true }))}
        />
      </TabPanel>
      <TabPanel value="timeline" className="scroll-y min-h-0 flex-1 px-4 py-4 sm:px-8">
        <h2 className="sr-only">{words.tabs.timeline}</h2>
        <Timeline
          personId={id}
          onViewMessage={(message) => navigate(paths.person(personId, { messageId: message.id }))}
        />
      </TabPanel>
      <TabPanel value="details" className="scroll-y min-h-0 flex-1 px-4 py-5 sm:px-8">
        <Details person={person.data} />
      </TabPanel>
    </Tabs>
  );
}

function Details({ person }: { person: Person }) {
  const { permissions } = useMe();
  const canEdit = permissions.editPeople;
  return (
    <div className="max-w-5xl">
      {!canEdit && <p className="mb-4 text-ink-2">{words.readOnly}</p>}
      <div className="grid gap-x-12 gap-y-10 lg:grid-cols-2">
        <div className="space-y-10">
          <ResponsibleSection person={person} canEdit={canEdit} />
          <ContactPointsSection person={person} canEdit={canEdit} />
        </div>
        <div className="space-y-10">
          <ProfileSection person={person} canEdit={canEdit} />
          {person.kind === 'candidate' && <ApplicationsSection person={person} />}
          {person.kind === 'candidate' && <PlannedForPerson personId={person.id} />}
          {person.kind === 'candidate' && <CandidatePagesSection personId={person.id} />}
        </div>
      </div>
    </div>
  );
}

function MergeAction({ person }: { person: Person }) {
  const { permissions } = useMe();
  const [merging, setMerging] = useState(false);
  if (!permissions.editPeople) return null;
  return (
    <>
      <Button icon={<Merge aria-hidden className="size-4" />} onClick={() => setMerging(true)}>
        {mergeText.action}
      </Button>
      {merging && <MergeDialog person={person} onClose={() => setMerging(false)} />}
    </>
  );
}

function MoreActions({ person }: { person: Person }) {
  const { user } = useMe();
  const [erasing, setErasing] = useState(false);
  if (user.role !== 'administrator') return null;
  return (
    <>
      <Menu
        trigger={<IconButton label={eraseText.more} icon={<Ellipsis aria-hidden className="size-5" />} />}
        label={eraseText.more}
        align="end"
      >
        <MenuItem danger icon={<Eraser aria-hidden className="size-4" />} onSelect={() => setErasing(true)}>
          {eraseText.action}
        </MenuItem>
      </Menu>
      {erasing && <EraseDialog person={person} onClose={() => setErasing(false)} />}
    </>
  );
}

/** R-CHAT-13: who wrote from an unknown number is looked at once. */
function ReviewNotice({ person }: { person: Person }) {
  const { permissions } = useMe();
  const review = useAction('PATCH /api/v1/people/{personId}', {
    refresh: ['GET /api/v1/people/{personId}', 'GET /api/v1/people', 'GET /api/v1/conversations'],
    onSuccess: () => toast({ tone: 'ok', title: words.reviewed }),
    onError: toastError,
  });
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 bg-warn-soft px-4 py-2 text-warn sm:px-8">
      <p className="flex-1">{words.reviewHint}</p>
      {permissions.editPeople && (
        <Button
          size="sm"
          busy={review.isPending}
          icon={<ClipboardCheck aria-hidden className="size-4" />}
          onClick={() => review.mutate({ params: { personId: person.id }, body: { toReview: false } })}
        >
          {words.reviewDone}
        </Button>
      )}
    </div>
  );
}
