import { BriefcaseBusiness } from 'lucide-react';
import { useState } from 'react';
import type { Person } from '../../../../contracts/people';
import { paths } from '../../paths';
import { useAction, useMe, useRoute } from '../../queries';
import { Badge, Button, FormDialog, SelectField, TextLink } from '../../ui';
import { VacancyField } from '../../vacancy-field';
import { mayManage } from '../board/may-manage';
import { reportAdded } from '../board/report-move';
import { Section } from './section';
import { peopleText } from './text';

const words = peopleText.applications;

/** The vacancies a candidate is on. */
export function ApplicationsSection({ person }: { person: Person }) {
  const { permissions } = useMe();
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title={words.title}
      action={
        permissions.editVacancies && (
          <Button size="sm" variant="quiet" onClick={() => setAdding(true)}>
            {words.add}
          </Button>
        )
      }
    >
      {person.applications.length === 0 && <p className="text-ink-2">{words.none}</p>}
      <ul className="divide-y divide-line">
        {person.applications.map((application) => (
          <li key={application.id} className="flex items-center gap-3 py-2">
            <BriefcaseBusiness aria-hidden className="size-4 shrink-0 text-ink-2" />
            <TextLink href={paths.match(application.id)} className="min-w-0 flex-1 truncate">
              {application.vacancyTitle}
            </TextLink>
            {application.rejectedAt && <Badge tone="danger">{words.rejected}</Badge>}
            {application.withdrawnAt && <Badge tone="warn">{words.withdrawn}</Badge>}
            <Badge tone="accent">{application.stageName}</Badge>
          </li>
        ))}
      </ul>
      {adding && <PutOnVacancyDialog person={person} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function PutOnVacancyDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const [vacancyId, setVacancyId] = useState<string | null>(null);
  const [stageId, setStageId] = useState('');
  const [tried, setTried] = useState(false);
  const vacancy = useRoute('GET /api/v1/vacancies/{vacancyId}', vacancyId ? { params: { vacancyId } } : null);
  const stages = vacancy.data?.stages ?? [];
  const add = useAction('POST /api/v1/applications', {
    refresh: [
      'GET /api/v1/people/{personId}',
      'GET /api/v1/people/{personId}/timeline',
      'GET /api/v1/vacancies',
      'GET /api/v1/vacancies/{vacancyId}/board',
    ],
    onSuccess: (application) => {
      reportAdded(application);
      onClose();
    },
  });
  const me = useMe();
  const taken = new Set(person.applications.map((application) => application.vacancyId));

  function submit() {
    setTried(true);
    const stage = stageId || stages[0]?.id;
    if (!vacancyId || !stage) return;
    add.mutate({ body: { personId: person.id, vacancyId, stageId: stage } });
  }

  return (
    <FormDialog
      title={words.dialogTitle}
      error={add.error ?? vacancy.error}
      busy={add.isPending}
      submitLabel={words.submit}
      disabled={Boolean(vacancyId) && stages.length === 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <VacancyField
        label={words.vacancy}
        value={vacancyId}
        placeholder={words.choose}
        status="open"
        offered={(one) => !taken.has(one.id) && mayManage(me, one.users)}
        onChange={(next) => {
          setVacancyId(next);
          setStageId('');
        }}
      />
      {tried && !vacancyId && <p className="text-[0.87rem] text-danger">{words.choose}</p>}
      {vacancyId && (
        <SelectField
          label={words.stage}
          hint={words.hint}
          value={stageId || (stages[0]?.id ?? '')}
          disabled={stages.length === 0}
          onChange={(event) => setStageId(event.target.value)}
          options={stages.map((stage) => ({ value: stage.id, label: stage.name }))}
        />
      )}
    </FormDialog>
  );
}
