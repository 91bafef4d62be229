import { MailQuestion } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { paths } from '../paths';
import { Button, TextLink } from '../ui';
import { heldMailsText as words } from './text';

const HeldMailDialog = lazy(async () => ({
  default: (await import('./held-mail-dialog')).HeldMailDialog,
}));

const look =
  'flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-2 text-[0.95rem]';

/** Over the conversation of a person under whom mails wait. */
export function HeldMailNotice({ count, personId }: { count: number; personId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <div className={look}>
      <MailQuestion aria-hidden className="size-4 text-warn" />
      <p className="flex-1">{words.waiting(count)}</p>
      <Button size="sm" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {count === 1 ? words.look : words.lookAll}
      </Button>
      {open && (
        <Suspense fallback={null}>
          <HeldMailDialog personId={personId} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** The way to all of them. */
export function HeldMailsLink({ count }: { count: number }) {
  return (
    <p className={look}>
      <MailQuestion aria-hidden className="size-4 text-warn" />
      <TextLink href={paths.heldMails()}>{words.waiting(count)}</TextLink>
    </p>
  );
}
