import { Send } from 'lucide-react';
import { lazy, Suspense, useState, type ComponentProps } from 'react';
import { useMe } from '../queries';
import { text } from '../text';
import { Button } from '../ui';
import type { SendTo } from './send-dialog';

const LazyDialog = lazy(async () => ({ default: (await import('./send-dialog')).SendDialog }));

/** Loaded when it is first opened. */
export function SendDialog(props: ComponentProps<typeof LazyDialog>) {
  return (
    <Suspense fallback={null}>
      <LazyDialog {...props} />
    </Suspense>
  );
}

/** The button that opens it on one person's file, for who may write to them. */
export function SendButton({ to, who }: { to: Extract<SendTo, { kind: 'one' }>; who: string }) {
  const { permissions } = useMe();
  const [open, setOpen] = useState(false);
  if (!permissions.send || (permissions.sendOnlyFromTray && to.applicationId === undefined)) return null;
  return (
    <>
      <Button size="sm" icon={<Send aria-hidden className="size-4" />} onClick={() => setOpen(true)}>
        {text.common.sendMessage}
      </Button>
      {open && <SendDialog to={to} who={who} onClose={() => setOpen(false)} />}
    </>
  );
}

export type { SendTo } from './send-dialog';
