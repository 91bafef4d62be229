import { useState } from 'react';
import type { Stage } from '../../../../contracts/vacancies';
import { refresh, useAction } from '../../queries';
import { FormDialog, TextField } from '../../ui';
import { boardText } from './text';

const words = boardText.stageForm;

/** Renames a stage; without one, adds one at the end. */
export function StageNameDialog({
  vacancyId,
  stage,
  onAdded,
  onClose,
}: {
  vacancyId: string;
  stage?: Stage;
  onAdded?: (stageId: string) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(stage?.name ?? '');
  const [empty, setEmpty] = useState(false);
  const done = () => {
    refresh('GET /api/v1/vacancies/{vacancyId}/board');
    onClose();
  };
  const add = useAction('POST /api/v1/vacancies/{vacancyId}/stages', {
    onSuccess: ({ id }) => {
      onAdded?.(id);
      done();
    },
  });
  const rename = useAction('PATCH /api/v1/stages/{stageId}', { onSuccess: done });
  const { error, isPending } = stage ? rename : add;

  function submit() {
    const body = { name: name.trim() };
    setEmpty(body.name === '');
    if (body.name === '') return;
    if (stage) rename.mutate({ params: { stageId: stage.id }, body });
    else add.mutate({ params: { vacancyId }, body });
  }

  return (
    <FormDialog
      size="sm"
      title={stage ? words.renameTitle : words.addTitle}
      error={error}
      shown={['name']}
      busy={isPending}
      submitLabel={stage ? words.save : words.add}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        value={name}
        maxLength={200}
        autoFocus
        error={empty && name.trim() === '' ? words.empty : error?.fieldError('name')}
        onChange={(event) => setName(event.target.value)}
      />
    </FormDialog>
  );
}
