import { Search, UserPlus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import type { Board } from '../../../../contracts/vacancies';
import { paths } from '../../paths';
import { useAction, useRoute } from '../../queries';
import {
  Avatar,
  Button,
  Dialog,
  ErrorState,
  FormError,
  LoadingRows,
  SelectField,
  TextField,
  TextLink,
} from '../../ui';
import { allCards } from './board-model';
import { reportAdded } from './report-move';
import { boardText } from './text';

const words = boardText.addDialog;

/** Puts a known candidate on the vacancy. */
export function AddCandidateDialog({ board, onClose }: { board: Board; onClose: () => void }) {
  const { vacancy } = board;
  const [query, setQuery] = useState('');
  const [stageId, setStageId] = useState(vacancy.stages[0]?.id ?? '');
  const q = useDeferredValue(query.trim());
  const people = useRoute(
    'GET /api/v1/people',
    { query: { kind: 'candidate', q: q || undefined, limit: 20 } },
    { keepPrevious: true },
  );
  const [adding, setAdding] = useState<string | null>(null);
  const add = useAction('POST /api/v1/applications', {
    refresh: ['GET /api/v1/vacancies/{vacancyId}/board', 'GET /api/v1/vacancies'],
    onSuccess: (application) => {
      reportAdded(application);
      onClose();
    },
  });
  const here = new Set(allCards(board).map((card) => card.personId));
  return (
    <Dialog open onOpenChange={onClose} title={words.title}>
      <div className="space-y-3">
        <TextField
          label={words.search}
          type="search"
          autoFocus
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <SelectField
          label={words.stage}
          value={stageId}
          onChange={(event) => setStageId(event.target.value)}
          options={vacancy.stages.map((stage) => ({
            value: stage.id,
            label:
              stage.actionCount > 0 ? `${stage.name} · ${boardText.actions(stage.actionCount)}` : stage.name,
          }))}
        />
        <FormError error={add.error} />
        {people.isPending && <LoadingRows rows={4} />}
        {people.error && <ErrorState error={people.error} onRetry={() => void people.refetch()} />}
        {people.data?.items.length === 0 && (
          <p role="status" className="flex items-center gap-2 py-2 text-ink-2">
            <Search aria-hidden className="size-4" />
            {words.none}
          </p>
        )}
        <ul className="divide-y divide-line">
          {people.data?.items.map((person) => (
            <li key={person.id} className="flex items-center gap-3 py-2">
              <Avatar name={person.name} size="sm" />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{person.name}</p>
                <p className="truncate text-[0.87rem] text-ink-2">{person.phone ?? person.email}</p>
              </div>
              {here.has(person.id) ? (
                <span className="text-[0.87rem] text-ink-2">{words.already}</span>
              ) : (
                <Button
                  size="sm"
                  icon={<UserPlus aria-hidden className="size-4" />}
                  aria-label={words.addLabel(person.name)}
                  busy={add.isPending && adding === person.id}
                  disabled={add.isPending}
                  onClick={() => {
                    setAdding(person.id);
                    add.mutate({ body: { personId: person.id, vacancyId: vacancy.id, stageId } });
                  }}
                >
                  {words.add}
                </Button>
              )}
            </li>
          ))}
        </ul>
        <p className="text-[0.9rem] text-ink-2">
          {words.newOne} <TextLink href={paths.people()}>{words.toPeople}</TextLink>
        </p>
      </div>
    </Dialog>
  );
}
