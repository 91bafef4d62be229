import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Person } from '../../../../contracts/people';
import { paths } from '../../paths';
import { useAction } from '../../queries';
import { FormDialog, TextField, toast } from '../../ui';
import { eraseText as words } from './text';

/** A person is erased for good, once their name is typed. */
export function EraseDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const asked = person.name || words.unnamed;
  const erase = useAction('POST /api/v1/people/{personId}/erase', {
    refresh: ['GET /api/v1/people', 'GET /api/v1/conversations', 'GET /api/v1/conversations/counts'],
    onSuccess: () => {
      toast({ tone: 'ok', title: words.done });
      onClose();
      navigate(paths.people(), { replace: true });
    },
  });
  const same = (one: string) => one.trim().toLocaleLowerCase();
  return (
    <FormDialog
      title={words.title(person.name)}
      description={words.hint}
      error={erase.error}
      busy={erase.isPending}
      submitLabel={words.submit}
      danger
      autoComplete="off"
      onClose={onClose}
      onSubmit={() =>
        same(typed) === same(asked) ? erase.mutate({ params: { personId: person.id } }) : setWrong(true)
      }
    >
      <Facts title={words.goesTitle} facts={words.goes} />
      <Facts title={words.staysTitle} facts={words.stays} />
      <TextField
        label={words.confirm(asked)}
        value={typed}
        error={wrong ? words.wrong(asked) : undefined}
        onChange={({ target }) => {
          setTyped(target.value);
          setWrong(false);
        }}
      />
    </FormDialog>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly string[] }) {
  return (
    <section aria-label={title}>
      <h3 className="text-[0.9rem] font-medium">{title}</h3>
      <ul className="mt-1 list-disc space-y-1 pl-5 text-ink-2">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </section>
  );
}
