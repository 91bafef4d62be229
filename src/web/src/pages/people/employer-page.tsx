import { Building2, MessagesSquare, PenLine, UsersRound } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Link, useLocation, useParams, useSearchParams } from 'wouter';
import type { Employer } from '../../../../contracts/people';
import { MessageListRow } from '../../conversation';
import { PagedList } from '../../paged-list';
import { paths } from '../../paths';
import { useAction, useMe, useRoute } from '../../queries';
import {
  Avatar,
  Button,
  EmptyState,
  ErrorState,
  FormDialog,
  LoadingRows,
  Page,
  PageHeader,
  TabPanel,
  Tabs,
  TextField,
} from '../../ui';
import { usePages } from '../../use-pages';
import { employerText as words, peopleText } from './text';

const MessageDetails = lazy(async () => ({
  default: (await import('../../conversation/message-details')).MessageDetails,
}));
const tabs = ['messages', 'contacts'] as const;
const back = { href: paths.employers(), label: words.back };

/** R-BOX-5: the file of an employer: its contacts, and what was said with them over every channel. */
export function EmployerPage() {
  const { employerId = '' } = useParams<{ employerId: string }>();
  const { permissions } = useMe();
  const employer = useRoute('GET /api/v1/employers/{employerId}', { params: { employerId } });
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const [renaming, setRenaming] = useState(false);
  const tab = tabs.find((one) => one === search.get('tab')) ?? 'messages';
  if (!employer.data) {
    return (
      <Page header={<PageHeader title={words.kind} back={back} />}>
        {employer.error ? (
          <ErrorState error={employer.error} onRetry={() => void employer.refetch()} />
        ) : (
          <LoadingRows rows={4} />
        )}
      </Page>
    );
  }
  const { id, name, externalId } = employer.data;
  return (
    <Tabs
      className="flex h-full min-h-0 flex-col [&>header]:border-b-0"
      label={words.tabsLabel}
      value={tab}
      onChange={(next: (typeof tabs)[number]) =>
        navigate(paths.employer(employerId, next), { replace: true })
      }
      listClassName="shrink-0 bg-surface px-4 sm:px-8"
      items={tabs.map((value) => ({ value, label: words.tabs[value] }))}
      header={
        <PageHeader
          title={
            <span className="flex min-w-0 items-center gap-3">
              <Building2 aria-hidden className="size-6 shrink-0 text-ink-2" />
              <span className="truncate">{name}</span>
            </span>
          }
          titleText={name}
          back={back}
          subtitle={
            <span className="text-[0.9rem]">
              {words.kind}
              {externalId && ` · ${words.externalId(externalId)}`}
            </span>
          }
          actions={
            permissions.editPeople && (
              <Button icon={<PenLine aria-hidden className="size-4" />} onClick={() => setRenaming(true)}>
                {words.rename}
              </Button>
            )
          }
        />
      }
    >
      <TabPanel value={tab} className="scroll-y min-h-0 flex-1 px-4 py-4 sm:px-8">
        <h2 className="sr-only">{words.tabs[tab]}</h2>
        {tab === 'messages' ? <Messages employerId={id} /> : <Contacts employerId={id} />}
      </TabPanel>
      {renaming && <RenameDialog employer={employer.data} onClose={() => setRenaming(false)} />}
    </Tabs>
  );
}

function Messages({ employerId }: { employerId: string }) {
  const [, navigate] = useLocation();
  const [detailsOf, setDetailsOf] = useState<string | null>(null);
  const pages = usePages('GET /api/v1/employers/{employerId}/messages', {
    params: { employerId },
    query: { limit: 50 },
  });
  return (
    <>
      <PagedList
        pages={pages}
        label={words.tabs.messages}
        empty={<EmptyState icon={<MessagesSquare className="size-6" />} title={words.noMessages} />}
      >
        {({ person, ...message }) => (
          <MessageListRow
            key={message.id}
            message={message}
            personName={person.name || peopleText.unnamed}
            personLink={paths.person(person.id, { messageId: message.id })}
            onDetails={setDetailsOf}
            onReply={({ id }) => navigate(paths.person(person.id, { messageId: id, reply: true }))}
          />
        )}
      </PagedList>
      <Suspense fallback={null}>
        {detailsOf && <MessageDetails messageId={detailsOf} onClose={() => setDetailsOf(null)} />}
      </Suspense>
    </>
  );
}

function Contacts({ employerId }: { employerId: string }) {
  const pages = usePages('GET /api/v1/people', { query: { employerId, limit: 50 } });
  return (
    <PagedList
      pages={pages}
      label={words.tabs.contacts}
      empty={
        <EmptyState icon={<UsersRound className="size-6" />} title={words.noContacts}>
          {words.noContactsHint}
        </EmptyState>
      }
    >
      {({ id, name, phone, email }) => (
        <li key={id}>
          <Link
            href={paths.person(id)}
            className="flex items-center gap-3 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2 sm:px-2"
          >
            <Avatar name={name} />
            <span className="min-w-0">
              <span className="block truncate font-medium">{name || peopleText.unnamed}</span>
              <span className="block truncate text-[0.9rem] text-ink-2">
                {[email, phone].filter(Boolean).join(' · ')}
              </span>
            </span>
          </Link>
        </li>
      )}
    </PagedList>
  );
}

function RenameDialog({ employer, onClose }: { employer: Employer; onClose: () => void }) {
  const [name, setName] = useState(employer.name);
  const rename = useAction('PATCH /api/v1/employers/{employerId}', {
    refresh: [
      'GET /api/v1/employers',
      'GET /api/v1/employers/{employerId}',
      'GET /api/v1/people',
      'GET /api/v1/people/{personId}',
    ],
    onSuccess: onClose,
  });
  return (
    <FormDialog
      title={words.renameTitle}
      error={rename.error}
      shown={['name']}
      busy={rename.isPending}
      submitLabel={words.save}
      disabled={name.trim() === ''}
      onClose={onClose}
      onSubmit={() => rename.mutate({ params: { employerId: employer.id }, body: { name: name.trim() } })}
    >
      <TextField
        label={words.name}
        autoFocus
        maxLength={200}
        value={name}
        error={rename.error?.fieldError('name')}
        onChange={(event) => setName(event.target.value)}
      />
    </FormDialog>
  );
}
