import { Zap } from 'lucide-react';
import { useState } from 'react';
import type { Stage } from '../../../../contracts/vacancies';
import { useRoute } from '../../queries';
import { Button, Checkbox, Dialog, SelectField, Skeleton } from '../../ui';
import { text } from '../../text';
import { delayText } from './delay';
import { boardText } from './text';

const words = boardText.moveDialog;

/** Moves many: which stage, and what that will send. */
export function MoveDialog({
  count,
  stages,
  stageId,
  onClose,
  onMove,
}: {
  count: number;
  stages: Stage[];
  stageId: string | null;
  onClose: () => void;
  onMove: (stageId: string, runActions: boolean) => void;
}) {
  const [target, setTarget] = useState(stageId ?? stages[0]?.id ?? '');
  const [runActions, setRunActions] = useState(true);
  const stage = stages.find((one) => one.id === target);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={words.title(count)}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button variant="primary" disabled={!stage} onClick={() => onMove(target, runActions)}>
            {words.submit}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <SelectField
          label={words.stage}
          value={target}
          onChange={(event) => setTarget(event.target.value)}
          options={stages.map((one) => ({
            value: one.id,
            label: one.actionCount > 0 ? `${one.name} · ${boardText.actions(one.actionCount)}` : one.name,
          }))}
        />
        {stage && stage.actionCount > 0 ? (
          <>
            <StageSends stageId={stage.id} />
            <Checkbox label={words.run} hint={words.runHint} checked={runActions} onChange={setRunActions} />
          </>
        ) : (
          <p className="text-ink-2">{words.none}</p>
        )}
      </div>
    </Dialog>
  );
}

/** What entering a stage sends. */
function StageSends({ stageId }: { stageId: string }) {
  const { data } = useRoute('GET /api/v1/stages/{stageId}/actions', { params: { stageId } });
  return (
    <div className="rounded-xl bg-auto-soft px-3 py-2.5 text-auto">
      <p className="font-medium">{words.will}</p>
      {data ? (
        <ul className="mt-1 space-y-1">
          {data.items
            .filter(({ enabled }) => enabled)
            .map((action) => (
              <li key={action.id} className="flex items-center gap-1.5">
                <Zap aria-hidden className="size-4 shrink-0" />
                {action.channels.map((channel) => text.channels[channel]).join(', ')}:{' '}
                {action.template?.name ?? action.title ?? action.body}, {delayText(action.delaySeconds)}
              </li>
            ))}
        </ul>
      ) : (
        <Skeleton className="mt-2 h-4 w-2/3" />
      )}
    </div>
  );
}
