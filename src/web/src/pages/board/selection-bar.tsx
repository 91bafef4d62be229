import { ArrowRightLeft, CircleX, LogOut, Send, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { text } from '../../text';
import { Button } from '../../ui';
import { boardText } from './text';

type Command = (() => void) | undefined;

/** What may be done with the selected; what this user may not is left out. At the left: toasts come up at the right. */
export function SelectionBar({
  count,
  onSend,
  onMove,
  onReject,
  onWithdraw,
  onClear,
}: {
  count: number;
  onSend: Command;
  onMove: Command;
  onReject: Command;
  onWithdraw: Command;
  onClear: () => void;
}) {
  const words = boardText.selection;
  const icon = 'size-4';
  const command = (label: string, sign: ReactNode, run: Command) =>
    run && (
      <Button size="sm" icon={sign} onClick={run}>
        {label}
      </Button>
    );
  return (
    <div
      role="region"
      aria-label={words.label}
      className="slide-up flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-2.5 sm:px-8"
    >
      <p role="status" className="mr-2 font-medium">
        {words.count(count)}
      </p>
      <div role="group" aria-labelledby="selection-actions" className="flex flex-wrap items-center gap-2">
        <span id="selection-actions" className="text-ink-2">
          {words.actions}
        </span>
        {command(text.common.sendMessage, <Send aria-hidden className={icon} />, onSend)}
        {command(words.move, <ArrowRightLeft aria-hidden className={icon} />, onMove)}
        {command(boardText.ended.rejectMany, <CircleX aria-hidden className={icon} />, onReject)}
        {command(boardText.ended.withdrawMany, <LogOut aria-hidden className={icon} />, onWithdraw)}
      </div>
      <Button size="sm" variant="quiet" icon={<X aria-hidden className={icon} />} onClick={onClear}>
        {words.clear}
      </Button>
    </div>
  );
}
