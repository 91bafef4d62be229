import { BriefcaseBusiness, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { paths } from '../../paths';
import { useMe } from '../../queries';
import { Avatar, Badge, Button, EmptyState, PageHeader, TabbedPage } from '../../ui';
import { PagedList } from '../../paged-list';
import { usePages } from '../../use-pages';
import { CreateVacancyDialog } from './create-vacancy-dialog';
import { vacanciesText as words } from './text';

type Filter = 'open' | 'closed' | 'all';

/** The vacancies this user may see. */
export function VacanciesPage() {
  const { permissions } = useMe();
  const [filter, setFilter] = useState<Filter>('open');
  const [creating, setCreating] = useState(false);
  const pages = usePages('GET /api/v1/vacancies', {
    query: { status: filter === 'all' ? undefined : filter },
  });
  return (
    <TabbedPage
      label={words.filter}
      value={filter}
      onChange={setFilter}
      items={(['open', 'closed', 'all'] as const).map((value) => ({ value, label: words.statuses[value] }))}
      header={
        <PageHeader
          title={words.title}
          actions={
            permissions.editVacancies && (
              <Button
                variant="primary"
                icon={<Plus aria-hidden className="size-4" />}
                onClick={() => setCreating(true)}
              >
                {words.create}
              </Button>
            )
          }
        />
      }
    >
      <PagedList
        pages={pages}
        className="max-w-4xl"
        empty={
          <EmptyState icon={<BriefcaseBusiness className="size-6" />} title={words.empty}>
            {permissions.seeEverything ? words.emptyHint : words.emptyMine}
          </EmptyState>
        }
      >
        {(vacancy) => (
          <li key={vacancy.id} className="relative flex items-center gap-4 py-3 hover:bg-sunken sm:px-3">
            <div className="min-w-0 flex-1">
              <Link
                href={paths.board(vacancy.id)}
                className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
              >
                {vacancy.title}
              </Link>
              <p className="flex flex-wrap items-center gap-x-2 text-[0.9rem] text-ink-2">
                <span>{words.candidates(vacancy.applicationCount)}</span>
                <span className="truncate">
                  {vacancy.users.length === 0
                    ? words.noTeam
                    : vacancy.users.map((user) => user.name).join(', ')}
                </span>
              </p>
            </div>
            {vacancy.status === 'closed' && <Badge>{words.statuses.closed}</Badge>}
            <span className="hidden gap-1 sm:flex">
              {vacancy.users.slice(0, 4).map((user) => (
                <span key={user.id}>
                  <Avatar name={user.name} size="sm" />
                </span>
              ))}
            </span>
          </li>
        )}
      </PagedList>
      {creating && <CreateVacancyDialog onClose={() => setCreating(false)} />}
    </TabbedPage>
  );
}
