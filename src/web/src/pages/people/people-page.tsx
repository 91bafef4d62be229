import { FileUp, Search, Send, ShieldCheck, UserPlus, UsersRound, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { PersonRow } from '../../../../contracts/people';
import { paths } from '../../paths';
import { isOffice, useMe, useRoute } from '../../queries';
import { SendDialog } from '../../send';
import { text } from '../../text';
import {
  Avatar,
  Badge,
  Button,
  ButtonLink,
  Checkbox,
  EmptyState,
  ErrorState,
  LoadingRows,
  PageHeader,
  RelativeTime,
  TabPanel,
  Tabs,
} from '../../ui';
import { usePages } from '../../use-pages';
import { AddPersonDialog } from './add-person-dialog';
import { EmployerList } from './employer-list';
import { PeopleFilterBar } from './people-filter-bar';
import { filterText, peopleText as words } from './text';
import { usePeopleFilters, views } from './use-people-filters';

/** The API takes no more. */
const mostRecipients = 100_000;

/** The candidate base, the contacts, their employers, and who waits for review. What is searched for stands in the address. */
export function PeoplePage() {
  const { permissions, user } = useMe();
  const state = usePeopleFilters();
  const { view, setView } = state;
  const [adding, setAdding] = useState(false);
  const shown = views.filter((value) => value !== 'employer' || isOffice(user.role));
  return (
    <Tabs
      className="flex h-full min-h-0 flex-col [&>header]:border-b-0"
      label={words.viewsLabel}
      value={view}
      onChange={setView}
      listClassName="shrink-0 bg-surface px-4 sm:px-8"
      items={shown.map((value) => ({ value, label: words.views[value] }))}
      header={
        <PageHeader
          title={words.title}
          actions={
            permissions.editPeople && (
              <>
                <ButtonLink href={paths.importPeople()} icon={<FileUp aria-hidden className="size-4" />}>
                  {words.importFile}
                </ButtonLink>
                <Button
                  variant="primary"
                  icon={<UserPlus aria-hidden className="size-4" />}
                  onClick={() => setAdding(true)}
                >
                  {words.add}
                </Button>
              </>
            )
          }
        >
          <PeopleFilterBar state={state} />
        </PageHeader>
      }
    >
      <TabPanel value={view} className="scroll-y min-h-0 flex-1 px-4 pb-10 sm:px-8">
        {view === 'employer' ? <EmployerList q={state.filters.q} /> : <People state={state} />}
        {adding && (
          <AddPersonDialog
            kind={view === 'contact' ? 'contact' : 'candidate'}
            onClose={() => setAdding(false)}
          />
        )}
      </TabPanel>
    </Tabs>
  );
}

function People({ state: { view, filters, asked } }: { state: ReturnType<typeof usePeopleFilters> }) {
  const { permissions } = useMe();
  const filtered = Object.keys(filters).length > 0;
  const { list, items } = usePages('GET /api/v1/people', { query: asked });
  const nothing = filtered ? 'search' : view;
  const [sending, setSending] = useState(false);
  const selection = useSelection(JSON.stringify(asked), items);
  const { shown, all } = selection;
  const wanted = shown.length === items.length && list.hasNextPage && permissions.sendFromBase;
  const matching = useRoute(
    'GET /api/v1/people/count',
    all || wanted ? { query: { ...asked, upTo: mostRecipients } } : null,
  );
  const count = all ? (matching.data?.count ?? shown.length) : shown.length;
  return (
    <>
      <div aria-busy={list.isFetching} className={list.isPlaceholderData ? 'opacity-60' : undefined}>
        {list.isPending && <LoadingRows rows={8} />}
        {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {list.data && items.length === 0 && (
          <EmptyState
            icon={filtered ? <Search className="size-6" /> : <UsersRound className="size-6" />}
            title={words.empty[nothing]}
          >
            {words.emptyHint[nothing]}
          </EmptyState>
        )}
        {items.length > 0 && permissions.sendFromBase && (
          <div className="border-b border-line py-2.5 sm:px-2">
            <Checkbox
              label={words.selectShown}
              checked={shown.length === items.length || (shown.length > 0 ? 'indeterminate' : false)}
              onChange={(on) =>
                selection.choose(
                  items.map(({ id }) => id),
                  on,
                )
              }
            />
          </div>
        )}
        {items.length > 0 && (
          <ul className="divide-y divide-line" aria-label={words.views[view]}>
            {items.map((person) => (
              <PersonLine
                key={person.id}
                person={person}
                selected={permissions.sendFromBase ? selection.has(person.id) : null}
                onSelect={(on) => selection.choose([person.id], on)}
              />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <Button className="mt-4" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        )}
      </div>
      {shown.length > 0 && (
        <div
          role="region"
          aria-label={words.selection}
          className="slide-up sticky bottom-0 z-10 mt-4 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface px-4 py-2.5 shadow-pop"
        >
          <p role="status" className="mr-2 font-medium">
            {all ? words.allSelected(count) : words.selected(count)}
          </p>
          {!all && wanted && matching.data && (
            <Button size="sm" disabled={matching.data.capped} onClick={selection.chooseAll}>
              {matching.data.capped ? words.tooMany : words.selectAll(matching.data.count)}
            </Button>
          )}
          <Button
            size="sm"
            variant="primary"
            icon={<Send aria-hidden className="size-4" />}
            onClick={() => setSending(true)}
          >
            {text.common.sendMessage}
          </Button>
          <Button
            size="sm"
            variant="quiet"
            icon={<X aria-hidden className="size-4" />}
            onClick={selection.clear}
          >
            {words.clearSelection}
          </Button>
        </div>
      )}
      {sending && (
        <SendDialog
          to={
            all ? { kind: 'search', filter: asked } : { kind: 'people', personIds: shown.map(({ id }) => id) }
          }
          who={words.people(count)}
          onClose={() => setSending(false)}
        />
      )}
    </>
  );
}

/** Those ticked of the people shown, or all whom the search means; another search begins anew. */
function useSelection(search: string, items: PersonRow[]) {
  const none = { search, chosen: new Set<string>() as ReadonlySet<string>, all: false };
  const [kept, setKept] = useState(none);
  const { chosen, all } = kept.search === search ? kept : none;
  const has = (id: string) => all || chosen.has(id);
  return {
    all,
    has,
    shown: items.filter(({ id }) => has(id)),
    choose(ids: string[], on: boolean) {
      const before = items.map(({ id }) => id).filter(has);
      const next = on ? [...before, ...ids] : before.filter((id) => !ids.includes(id));
      setKept({ search, chosen: new Set(next), all: false });
    },
    chooseAll: () => setKept({ search, chosen, all: true }),
    clear: () => setKept(none),
  };
}

/** `selected` null: this user cannot write to many from here. */
function PersonLine({
  person,
  selected,
  onSelect,
}: {
  person: PersonRow;
  selected: boolean | null;
  onSelect: (selected: boolean) => void;
}) {
  return (
    <li className="relative flex items-center gap-3 py-2.5 hover:bg-sunken sm:gap-4 sm:px-2">
      {selected !== null && (
        <span className="relative z-1 flex">
          <Checkbox label={words.select(person.name)} hideLabel checked={selected} onChange={onSelect} />
        </span>
      )}
      <Avatar name={person.name} />
      <div className="min-w-0 flex-1 gap-x-4 lg:grid lg:grid-cols-[1.3fr_1fr_1.2fr_1fr_0.8fr] lg:items-center">
        <p className="flex min-w-0 items-center gap-2">
          <Link
            href={paths.person(person.id)}
            className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
          >
            {person.name || words.unnamed}
          </Link>
          {person.toReview && <Badge tone="warn">{words.toReview}</Badge>}
        </p>
        <p className="truncate text-[0.9rem] text-ink-2 tabular-nums">
          {person.phone ?? person.employerName}
        </p>
        <p className="hidden truncate text-[0.9rem] text-ink-2 lg:block">{person.email}</p>
        <p className="truncate text-[0.9rem] text-ink-2">
          {person.kind === 'contact' && person.employerName ? `${person.employerName} · ` : ''}
          {person.responsibleUser?.name ?? words.noResponsible}
        </p>
        <p className="flex items-center gap-2 truncate text-[0.87rem] text-ink-2">
          {person.whatsappConsent && (
            <span role="img" aria-label={filterText.consented} title={filterText.consented}>
              <ShieldCheck aria-hidden className="size-4 text-ok" />
            </span>
          )}
          {person.lastContactAt ? (
            <span>
              <span className="lg:sr-only">{filterText.lastContact} </span>
              <RelativeTime at={person.lastContactAt} />
            </span>
          ) : (
            filterText.neverContacted
          )}
        </p>
      </div>
    </li>
  );
}
