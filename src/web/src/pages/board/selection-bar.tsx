import { ArrowRightLeft, CircleX, LogOut, Send, X } from 'lucide-react';
import { sendText } from '../../send';
import { Button } from '../../ui';
import { boardText } from './text';

/** What may be done with the selected. At the left: toasts come up at the right. */
export function SelectionBar({
  count,
  onMove,
  onSend,
  onReject,
  onWithdraw,
  onClear,
}: {
  count: number;
  onMove: () => void;
  onSend: () => void;
  onReject: () => void;
  onWithdraw: () => void;
  onClear: () => void;
}) {
  return (
    <div
      role="region"
      aria-label={boardText.selection.label}
      className="slide-up flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-2.5 sm:px-8"
    >
      <p role="status" className="mr-2 font-medium">
        {boardText.selection.count(count)}
      </p>
      <Button
        size="sm"
        variant="primary"
        icon={<ArrowRightLeft aria-hidden className="size-4" />}
        onClick={onMove}
      >
        {boardText.selection.move}
      </Button>
      <Button size="sm" icon={<Send aria-hidden className="size-4" />} onClick={onSend}>
        {sendText.action}
      </Button>
      <Button size="sm" icon={<CircleX aria-hidden className="size-4" />} onClick={onReject}>
        {boardText.ended.rejectMany}
      </Button>
      <Button size="sm" icon={<LogOut aria-hidden className="size-4" />} onClick={onWithdraw}>
        {boardText.ended.withdrawMany}
      </Button>
      <Button size="sm" variant="quiet" icon={<X aria-hidden className="size-4" />} onClick={onClear}>
        {boardText.selection.clear}
      </Button>
    </div>
  );
}
