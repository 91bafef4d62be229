import { useState } from 'react';
import type { Employer } from '../../../../contracts/people';
import { useAction, useRoute } from '../../queries';
import { Button, Combobox, FormError, TextField } from '../../ui';
import { peopleText } from './text';

const words = peopleText.form;

/** The employer of a contact: one of the known, or a new one. */
export function EmployerField({
  value,
  selectedLabel,
  onChange,
}: {
  value: string | null;
  selectedLabel?: string;
  onChange: (employerId: string | null) => void;
}) {
  const [q, setQ] = useState('');
  const [made, setMade] = useState<Employer | null>(null);
  const [name, setName] = useState<string | null>(null);
  const employers = useRoute(
    'GET /api/v1/employers',
    { query: { q: q.trim() || undefined, limit: 30 } },
    { keepPrevious: true },
  );
  const create = useAction('POST /api/v1/employers', {
    refresh: ['GET /api/v1/employers'],
    onSuccess: (employer) => {
      setMade(employer);
      setName(null);
      onChange(employer.id);
    },
  });
  return (
    <div className="space-y-2">
      <Combobox
        label={words.employer}
        clearable
        value={value}
        selectedLabel={value === made?.id ? made?.name : selectedLabel}
        placeholder={words.employerNone}
        busy={employers.isFetching}
        onSearch={setQ}
        onChange={onChange}
        options={(employers.data?.items ?? []).map((employer) => ({
          value: employer.id,
          label: employer.name,
        }))}
      />
      {name === null ? (
        <Button size="sm" variant="quiet" onClick={() => setName('')}>
          {words.employerNew}
        </Button>
      ) : (
        <div className="flex items-end gap-2">
          <TextField
            className="flex-1"
            label={words.employerName}
            autoFocus
            value={name}
            maxLength={200}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              if (name.trim()) create.mutate({ body: { name: name.trim() } });
            }}
          />
          <Button
            busy={create.isPending}
            disabled={name.trim() === ''}
            onClick={() => create.mutate({ body: { name: name.trim() } })}
          >
            {words.employerAdd}
          </Button>
        </div>
      )}
      <FormError error={create.error} />
    </div>
  );
}
