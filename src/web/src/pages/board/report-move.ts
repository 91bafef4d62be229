import { ApiError, type CallResult } from '../../api';
import { text } from '../../text';
import { toast } from '../../ui';
import type { MoveResult } from '../../../../contracts/vacancies';
import { moveResultLines } from './move-result-text';
import { boardText } from './text';

/** Says after a move what is sent by it and what not, and why. */
export function reportMove(result: MoveResult, who: string, stageName: string, runActions: boolean): void {
  const allSent = result.planned.every((planned) => planned.willSend);
  toast({
    tone: allSent ? 'ok' : 'neutral',
    title: boardText.result.moved(who, stageName),
    lines: moveResultLines(result, runActions),
  });
}

export function reportRefusal(error: unknown, who: string): void {
  toast({
    tone: 'danger',
    title: boardText.result.failed(who),
    lines: [error instanceof ApiError ? error.detail : text.errors.unexpected],
  });
}

/** The same for a candidate who was put on a vacancy. */
export function reportAdded(application: CallResult<'POST /api/v1/applications'>): void {
  const { created, planned, personName, stageName } = application;
  toast({
    tone: 'ok',
    title: created
      ? boardText.addDialog.added(personName, stageName)
      : boardText.addDialog.was(personName, stageName),
    lines: created ? moveResultLines({ moveId: '', moved: 1, unchanged: 0, planned }, true) : undefined,
  });
}
