import { useState } from 'react';
import type { Vacancy } from '../../../../contracts/vacancies';
import { refresh, useAction, useUsers } from '../../queries';
import { text } from '../../text';
import {
  Checkbox,
  ErrorState,
  FormDialog,
  SelectField,
  Skeleton,
  TextArea,
  TextField,
  toast,
} from '../../ui';
import { ApplicationFormField } from './application-form-field';
import { boardText } from './text';

const words = boardText.vacancyForm;

/** Title, status, team and notification addresses of a vacancy. */
export function VacancyDialog({ vacancy, onClose }: { vacancy: Vacancy; onClose: () => void }) {
  const [title, setTitle] = useState(vacancy.title);
  const [status, setStatus] = useState(vacancy.status);
  const [emails, setEmails] = useState(vacancy.notificationEmails.join('\n'));
  const [team, setTeam] = useState<ReadonlySet<string>>(new Set(vacancy.users.map((user) => user.id)));
  const save = useAction('PATCH /api/v1/vacancies/{vacancyId}', {
    onSuccess: () => {
      refresh('GET /api/v1/vacancies/{vacancyId}/board', 'GET /api/v1/vacancies');
      toast({ tone: 'ok', title: words.saved });
      onClose();
    },
  });
  const emailErrors = save.error?.errors.filter(({ path }) => path.includes('notificationEmails')) ?? [];
  const lines = emails
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter(Boolean);

  function submit() {
    save.mutate({
      params: { vacancyId: vacancy.id },
      body: { title: title.trim(), status, notificationEmails: lines, userIds: [...team] },
    });
  }

  return (
    <FormDialog
      title={words.title}
      error={save.error}
      shown={['title', ...emailErrors.map(({ path }) => path)]}
      busy={save.isPending}
      submitLabel={words.save}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-[1fr_8rem]">
        <TextField
          label={words.name}
          value={title}
          maxLength={200}
          error={title.trim() === '' ? words.noTitle : save.error?.fieldError('title')}
          onChange={(event) => setTitle(event.target.value)}
        />
        <SelectField
          label={words.status}
          value={status}
          onChange={(event) => setStatus(event.target.value === 'closed' ? 'closed' : 'open')}
          options={[
            { value: 'open', label: words.open },
            { value: 'closed', label: words.closed },
          ]}
        />
      </div>
      <TeamField team={team} onChange={setTeam} />
      <TextArea
        label={words.emails}
        hint={words.emailsHint}
        rows={3}
        value={emails}
        error={emailErrors.map(({ path, message }) => badLine(lines, path, message)).join(' ') || undefined}
        onChange={(event) => setEmails(event.target.value)}
      />
      <ApplicationFormField vacancyId={vacancy.id} />
    </FormDialog>
  );
}

/** `notificationEmails.2` → the address itself. */
function badLine(lines: string[], path: string, message: string): string {
  const line = lines[Number(/\d+$/.exec(path)?.[0])];
  return line ? `${line}: ${message}` : message;
}

function TeamField({
  team,
  onChange,
}: {
  team: ReadonlySet<string>;
  onChange: (team: ReadonlySet<string>) => void;
}) {
  const users = useUsers();
  const [filter, setFilter] = useState('');
  const everybody = (users.data?.items ?? []).filter(
    (user) => user.state !== 'deactivated' || team.has(user.id),
  );
  const shown = everybody.filter((user) => user.name.toLowerCase().includes(filter.trim().toLowerCase()));
  return (
    <fieldset>
      <legend className="mb-1 text-[0.9rem] font-medium">
        {words.team} <span className="text-ink-2">({team.size})</span>
      </legend>
      <p className="mb-2 text-[0.87rem] text-ink-2">{words.teamHint}</p>
      {users.error && <ErrorState error={users.error} onRetry={() => void users.refetch()} />}
      {users.isPending && <Skeleton className="h-32 rounded-lg" />}
      {users.data && (
        <div className="rounded-lg border border-line-strong">
          {everybody.length > 8 && (
            <div className="border-b border-line p-2">
              <TextField
                label={words.filter}
                hideLabel
                placeholder={words.filter}
                value={filter}
                onChange={(event) => setFilter(event.target.value)}
              />
            </div>
          )}
          <div className="scroll-y max-h-52 space-y-2 p-3">
            {shown.map((user) => (
              <Checkbox
                key={user.id}
                label={
                  <>
                    {user.name} <span className="text-ink-2">· {text.roles[user.role]}</span>
                  </>
                }
                checked={team.has(user.id)}
                onChange={(on) => {
                  const next = new Set(team);
                  if (on) next.add(user.id);
                  else next.delete(user.id);
                  onChange(next);
                }}
              />
            ))}
          </div>
        </div>
      )}
    </fieldset>
  );
}
