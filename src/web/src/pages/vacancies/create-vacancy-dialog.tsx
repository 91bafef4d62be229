import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../../paths';
import { useAction } from '../../queries';
import { Button, FormDialog, IconButton, TextField, toast } from '../../ui';
import { vacanciesText } from './text';

const words = vacanciesText.form;
type Draft = { key: number; name: string };

/** A new vacancy with its stages. */
export function CreateVacancyDialog({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation();
  const [title, setTitle] = useState('');
  const [stages, setStages] = useState<Draft[]>(() => words.defaults.map((name, key) => ({ key, name })));
  const [nextKey, setNextKey] = useState<number>(words.defaults.length);
  const [tried, setTried] = useState(false);
  const create = useAction('POST /api/v1/vacancies', {
    refresh: ['GET /api/v1/vacancies'],
    onSuccess: (vacancy) => {
      toast({ tone: 'ok', title: words.created });
      navigate(paths.board(vacancy.id));
    },
  });

  function submit() {
    setTried(true);
    if (title.trim() === '' || stages.length === 0 || stages.some(({ name }) => name.trim() === '')) return;
    create.mutate({
      body: { title: title.trim(), stages: stages.map(({ name }) => ({ name: name.trim() })) },
    });
  }

  function swap(index: number, by: number) {
    const next = [...stages];
    const [stage] = next.splice(index, 1);
    if (stage) next.splice(index + by, 0, stage);
    setStages(next);
  }

  return (
    <FormDialog
      title={words.title}
      error={create.error}
      shown={['title', ...stages.map((_, index) => `stages.${index}.name`)]}
      busy={create.isPending}
      submitLabel={words.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        value={title}
        maxLength={200}
        autoFocus
        error={tried && title.trim() === '' ? words.noTitle : create.error?.fieldError('title')}
        onChange={(event) => setTitle(event.target.value)}
      />
      <fieldset>
        <legend className="text-[0.9rem] font-medium">{words.stages}</legend>
        <p className="mb-2 text-[0.87rem] text-ink-2">{words.stagesHint}</p>
        <ol className="space-y-2">
          {stages.map(({ key, name }, index) => (
            <li key={key} className="flex items-start gap-1">
              <TextField
                className="min-w-0 flex-1"
                label={words.stage(index + 1)}
                hideLabel
                value={name}
                maxLength={200}
                error={
                  tried && name.trim() === ''
                    ? words.noStage
                    : create.error?.fieldError(`stages.${index}.name`)
                }
                onChange={(event) =>
                  setStages(stages.map((one) => (one.key === key ? { key, name: event.target.value } : one)))
                }
              />
              <IconButton
                label={words.up(index + 1)}
                tooltip={false}
                disabled={index === 0}
                icon={<ArrowUp aria-hidden className="size-4" />}
                onClick={() => swap(index, -1)}
              />
              <IconButton
                label={words.down(index + 1)}
                tooltip={false}
                disabled={index === stages.length - 1}
                icon={<ArrowDown aria-hidden className="size-4" />}
                onClick={() => swap(index, 1)}
              />
              <IconButton
                label={words.remove(index + 1)}
                tooltip={false}
                disabled={stages.length === 1}
                icon={<X aria-hidden className="size-4" />}
                onClick={() => setStages(stages.filter((one) => one.key !== key))}
              />
            </li>
          ))}
        </ol>
        <Button
          size="sm"
          className="mt-2"
          disabled={stages.length >= 50}
          icon={<Plus aria-hidden className="size-4" />}
          onClick={() => {
            setStages([...stages, { key: nextKey, name: '' }]);
            setNextKey(nextKey + 1);
          }}
        >
          {words.addStage}
        </Button>
      </fieldset>
    </FormDialog>
  );
}
