import { useDeferredValue, useState } from 'react';
import type { UserSummary } from '../../contracts/common';
import { useRoute } from './queries';
import { Combobox } from './ui';

type Found = { id: string; users: UserSummary[] };

/** Chooses one of however many vacancies by words of its title. */
export function VacancyField({
  status,
  offered = () => true,
  value,
  ...rest
}: {
  label: string;
  status?: 'open';
  /** Leaves out what cannot be chosen here. */
  offered?: (vacancy: Found) => boolean;
  value: string | null;
  onChange: (vacancyId: string | null) => void;
  placeholder?: string;
  clearable?: boolean;
}) {
  const [typed, setTyped] = useState('');
  const q = useDeferredValue(typed.trim());
  const found = useRoute(
    'GET /api/v1/vacancies',
    { query: { limit: 50, status, q: q || undefined } },
    { staleTime: 60_000, keepPrevious: true },
  );
  const chosen = useRoute(
    'GET /api/v1/vacancies/{vacancyId}',
    value === null ? null : { params: { vacancyId: value } },
    { staleTime: 60_000 },
  );
  return (
    <Combobox
      {...rest}
      value={value}
      selectedLabel={chosen.data?.title}
      busy={found.isFetching}
      onSearch={setTyped}
      options={(found.data?.items ?? [])
        .filter(offered)
        .map(({ id, title }) => ({ value: id, label: title }))}
    />
  );
}
