import { UserPlus, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Mail } from '../../../../contracts/mails';
import { paths } from '../../paths';
import { useAction, useMe, useRoute } from '../../queries';
import { Button, Combobox, FormDialog, TextLink, toast, toastError } from '../../ui';
import { mailPageText as words } from './text';

const AddPersonDialog = lazy(async () => ({
  default: (await import('../people/add-person-dialog')).AddPersonDialog,
}));

const refreshed = ['GET /api/v1/mails/{mailId}', 'GET /api/v1/conversations'] as const;

/** R-BOX-5: in whose file the mail is, and into whose it can be put. */
export function Filing({ mail }: { mail: Mail }) {
  const [asking, setAsking] = useState(false);
  const params = { mailId: mail.id };
  const file = useAction('POST /api/v1/mails/{mailId}/filings', {
    refresh: [...refreshed],
    onError: toastError,
  });
  const takeOut = useAction('DELETE /api/v1/mails/{mailId}/filings/{personId}', {
    refresh: [...refreshed],
    onError: toastError,
  });
  return (
    <section aria-label={words.files} className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <span className="text-ink-2">{mail.filedUnder.length === 0 ? words.notFiled : words.files}</span>
      {mail.filedUnder.map(({ id, name, byHand }) => (
        <span key={id} className="inline-flex items-center gap-1">
          <TextLink href={paths.person(id)}>{name}</TextLink>
          {byHand && (
            <button
              type="button"
              aria-label={words.takeOut(name)}
              disabled={takeOut.isPending}
              onClick={() => takeOut.mutate({ params: { ...params, personId: id } })}
              className="flex size-6 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
            >
              <X aria-hidden className="size-4" />
            </button>
          )}
        </span>
      ))}
      {mail.proposed.map(({ id, name }) => (
        <Button
          key={id}
          size="sm"
          busy={file.isPending}
          onClick={() =>
            file.mutate(
              { params, body: { personId: id } },
              { onSuccess: () => toast({ tone: 'ok', title: words.filedUnder(name) }) },
            )
          }
        >
          {words.fileUnderName(name)}
        </Button>
      ))}
      <Button
        size="sm"
        variant="quiet"
        icon={<UserPlus aria-hidden className="size-4" />}
        onClick={() => setAsking(true)}
      >
        {words.fileUnder}
      </Button>
      {asking && <FileDialog mail={mail} onClose={() => setAsking(false)} />}
    </section>
  );
}

function FileDialog({ mail, onClose }: { mail: Mail; onClose: () => void }) {
  const { permissions } = useMe();
  const [adding, setAdding] = useState(false);
  const [person, setPerson] = useState<{ id: string; name: string } | null>(null);
  const [q, setQ] = useState('');
  const found = useRoute(
    'GET /api/v1/people',
    { query: { ...(q.trim() && { q: q.trim() }), limit: 20 } },
    {
      keepPrevious: true,
    },
  );
  const people = found.data?.items ?? [];
  const file = useAction('POST /api/v1/mails/{mailId}/filings', {
    refresh: [...refreshed],
    onSuccess: ({ filedUnder }, { body }) => {
      toast({
        tone: 'ok',
        title: words.filedUnder(filedUnder.find(({ id }) => id === body.personId)?.name ?? ''),
      });
      onClose();
    },
    onError: (error) => adding && toastError(error),
  });
  const put = (personId: string) => file.mutate({ params: { mailId: mail.id }, body: { personId } });
  if (adding)
    return (
      <Suspense fallback={null}>
        <AddPersonDialog
          kind="contact"
          start={otherSideOf(mail)}
          onAdded={({ id }) => put(id)}
          onClose={onClose}
        />
      </Suspense>
    );
  return (
    <FormDialog
      title={words.fileUnder}
      description={mail.private ? words.fileHintPrivate : words.fileHint}
      error={file.error}
      busy={file.isPending}
      submitLabel={words.file}
      disabled={!person}
      onClose={onClose}
      onSubmit={() => person && put(person.id)}
    >
      <Combobox
        label={words.person}
        placeholder={words.searchPerson}
        busy={found.isFetching}
        options={people.map(({ id, name, email, phone }) => ({
          value: id,
          label: name,
          hint: [email, phone].filter(Boolean).join(' · '),
        }))}
        selectedLabel={person?.name}
        value={person?.id ?? null}
        onSearch={setQ}
        onChange={(id) => setPerson(people.find((one) => one.id === id) ?? null)}
      />
      {permissions.editPeople && (
        <Button size="sm" icon={<UserPlus aria-hidden className="size-4" />} onClick={() => setAdding(true)}>
          {words.addPerson}
        </Button>
      )}
    </FormDialog>
  );
}

/** Who may be new: the name as it stands in the mail, the last word of it as the last name. */
function otherSideOf({ direction, from, to }: Mail): { firstName: string; lastName: string; email: string } {
  const { name, address } = direction === 'in' ? from : (to[0] ?? { name: '', address: '' });
  const [, firstName = name, lastName = ''] = /^(.*\S)\s+(\S+)$/.exec(name.trim()) ?? [];
  return { firstName, lastName, email: address };
}
