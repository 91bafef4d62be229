import { ArrowDown, ArrowUp, Zap } from 'lucide-react';
import { useState } from 'react';
import type { Stage, StageAction } from '../../../../contracts/vacancies';
import { call } from '../../api';
import { refresh, useAction, useRoute } from '../../queries';
import { text } from '../../text';
import {
  Badge,
  Button,
  Checkbox,
  ConfirmDialog,
  Dialog,
  EmptyState,
  ErrorState,
  IconButton,
  LoadingRows,
  toast,
  toastError,
} from '../../ui';
import { delayText } from './delay';
import { fallbackWords } from '../../send/fallback-field';
import { boardText } from './text';

const words = boardText.actionsDialog;

/** What a stage does by itself: to read, remove and add to. */
export function ActionsDialog({
  stage,
  canEdit,
  onClose,
  onInclude,
  onEdit,
}: {
  stage: Stage;
  canEdit: boolean;
  onClose: () => void;
  onInclude: () => void;
  onEdit: (action: StageAction) => void;
}) {
  const actions = useRoute('GET /api/v1/stages/{stageId}/actions', { params: { stageId: stage.id } });
  const [removing, setRemoving] = useState<StageAction | null>(null);
  const change = useAction('PATCH /api/v1/stages/{stageId}/actions/{actionId}', {
    refresh: ['GET /api/v1/stages/{stageId}/actions', 'GET /api/v1/vacancies/{vacancyId}/board'],
    onError: toastError,
  });
  const patch = (action: StageAction, body: { enabled?: boolean; position?: number }) =>
    change.mutate({ params: { stageId: stage.id, actionId: action.id }, body });
  const last = (actions.data?.items.length ?? 0) - 1;
  return (
    <>
      <Dialog
        open
        onOpenChange={onClose}
        title={words.title(stage.name)}
        description={words.intro}
        footer={
          <>
            <Button onClick={onClose}>{words.close}</Button>
            {canEdit && (
              <Button variant="primary" icon={<Zap aria-hidden className="size-4" />} onClick={onInclude}>
                {words.include}
              </Button>
            )}
          </>
        }
      >
        {actions.isPending && <LoadingRows rows={2} />}
        {actions.error && <ErrorState error={actions.error} onRetry={() => void actions.refetch()} />}
        {actions.data?.items.length === 0 && (
          <EmptyState className="py-6" icon={<Zap className="size-6" />} title={words.none} />
        )}
        <ul className="space-y-2">
          {actions.data?.items.map((action, index) => (
            <li key={action.id} className="rounded-xl border border-line p-3">
              <div className="flex items-start gap-2">
                <Zap
                  aria-hidden
                  className={`mt-0.5 size-4 shrink-0 ${action.enabled ? 'text-auto' : 'text-ink-3'}`}
                />
                <div className="min-w-0 flex-1">
                  <p className="font-medium break-words">
                    {words.sends}: {nameOf(action)}
                  </p>
                  <p className="flex flex-wrap items-center gap-x-2 text-[0.9rem] text-ink-2">
                    {action.channels.map((channel) => text.channels[channel]).join(', ')},{' '}
                    {delayText(action.delaySeconds)}
                    {action.fallback && ` · ${fallbackWords(action.fallback)}`}
                    {!action.enabled && <Badge>{words.off}</Badge>}
                  </p>
                </div>
                {canEdit && (
                  <Checkbox
                    hideLabel
                    label={words.enabled(nameOf(action))}
                    checked={action.enabled}
                    disabled={change.isPending}
                    onChange={(enabled) => patch(action, { enabled })}
                  />
                )}
              </div>
              {canEdit && (
                <div className="mt-2 flex flex-wrap gap-1">
                  <Button
                    size="sm"
                    variant="quiet"
                    aria-label={words.editLabel(nameOf(action))}
                    onClick={() => onEdit(action)}
                  >
                    {words.edit}
                  </Button>
                  <Button
                    size="sm"
                    variant="quiet"
                    aria-label={words.removeLabel(nameOf(action))}
                    onClick={() => setRemoving(action)}
                  >
                    {words.remove}
                  </Button>
                  {last > 0 && (
                    <>
                      <IconButton
                        size="sm"
                        label={words.earlier(nameOf(action))}
                        disabled={index === 0 || change.isPending}
                        icon={<ArrowUp aria-hidden className="size-4" />}
                        onClick={() => patch(action, { position: index - 1 })}
                      />
                      <IconButton
                        size="sm"
                        label={words.later(nameOf(action))}
                        disabled={index === last || change.isPending}
                        icon={<ArrowDown aria-hidden className="size-4" />}
                        onClick={() => patch(action, { position: index + 1 })}
                      />
                    </>
                  )}
                </div>
              )}
              {action.body && (
                <p className="mt-2 line-clamp-3 rounded-lg bg-sunken px-3 py-2 text-[0.93rem] whitespace-pre-line">
                  {action.body}
                </p>
              )}
              {action.template &&
                action.template.channel === 'whatsapp' &&
                action.template.status !== 'approved' && (
                  <p className="mt-2 flex items-center gap-2 text-[0.9rem] text-warn">
                    <Badge tone="warn">{action.template.status}</Badge>
                    {words.deadTemplate}
                  </p>
                )}
            </li>
          ))}
        </ul>
      </Dialog>
      {removing && (
        <ConfirmDialog
          open
          danger
          onOpenChange={() => setRemoving(null)}
          title={words.removeTitle}
          body={words.removeBody(nameOf(removing), stage.name)}
          confirmLabel={words.remove}
          onConfirm={async () => {
            await call('DELETE /api/v1/stages/{stageId}/actions/{actionId}', {
              params: { stageId: stage.id, actionId: removing.id },
            });
            refresh('GET /api/v1/stages/{stageId}/actions', 'GET /api/v1/vacancies/{vacancyId}/board');
            toast({ tone: 'ok', title: words.removed });
          }}
        />
      )}
    </>
  );
}

function nameOf(action: StageAction): string {
  return action.template?.name ?? action.title ?? words.composed;
}
