import { Building2, Search } from 'lucide-react';
import { Link } from 'wouter';
import { PagedList } from '../../paged-list';
import { paths } from '../../paths';
import { EmptyState } from '../../ui';
import { usePages } from '../../use-pages';
import { employerText as words, peopleText } from './text';

export function EmployerList({ q }: { q: string | undefined }) {
  const pages = usePages('GET /api/v1/employers', { query: { q, limit: 50 } });
  const empty = (
    <EmptyState
      icon={q ? <Search className="size-6" /> : <Building2 className="size-6" />}
      title={q ? words.noneFound : peopleText.empty.employer}
    >
      {q ? words.noneFoundHint : peopleText.emptyHint.employer}
    </EmptyState>
  );
  return (
    <PagedList pages={pages} empty={empty} label={peopleText.views.employer}>
      {({ id, name }) => (
        <li key={id}>
          <Link
            href={paths.employer(id)}
            className="flex items-center gap-3 py-3 hover:bg-sunken focus-visible:-outline-offset-2 sm:px-2"
          >
            <Building2 aria-hidden className="size-5 shrink-0 text-ink-2" />
            <span className="truncate font-medium">{name}</span>
          </Link>
        </li>
      )}
    </PagedList>
  );
}
