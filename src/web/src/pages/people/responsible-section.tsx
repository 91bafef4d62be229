import type { Person } from '../../../../contracts/people';
import { FormError } from '../../ui';
import { ResponsibleField } from './responsible-field';
import { Section } from './section';
import { peopleText } from './text';
import { useEditPerson } from './use-edit-person';

/** Who owns the file: changed as it is chosen. */
export function ResponsibleSection({ person, canEdit }: { person: Person; canEdit: boolean }) {
  const edit = useEditPerson();
  const asked = edit.isPending ? edit.variables.body.responsibleUserId : undefined;
  return (
    <Section title={peopleText.details.responsible}>
      <div className="max-w-sm">
        {canEdit ? (
          <ResponsibleField
            hideLabel
            value={asked === undefined ? (person.responsibleUser?.id ?? null) : asked}
            selectedLabel={person.responsibleUser?.name}
            disabled={edit.isPending}
            onChange={(responsibleUserId) =>
              edit.mutate({ params: { personId: person.id }, body: { responsibleUserId } })
            }
          />
        ) : (
          <p>{person.responsibleUser?.name ?? peopleText.details.responsibleNone}</p>
        )}
        <p className="mt-1 text-[0.87rem] text-ink-2">{peopleText.details.responsibleHint}</p>
        <FormError error={edit.error} />
      </div>
    </Section>
  );
}
