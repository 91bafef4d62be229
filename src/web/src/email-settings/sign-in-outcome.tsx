import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { signInOutcomes } from '../../../contracts/mailboxes';
import { emailSettingsText } from './text';

const words = emailSettingsText.signIn.outcomes;

/** How the sign-in went that the browser comes back from. It is said once: a reload, or the address passed on, says nothing. */
export function SignInOutcome({ signedIn }: { signedIn: boolean }) {
  const [search, setSearch] = useSearchParams();
  const [outcome] = useState(() => signInOutcomes.find((one) => one === search.get('signIn')));
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!outcome) return;
    box.current?.scrollIntoView({ block: 'nearest' });
    box.current?.focus({ preventScroll: true });
    setSearch(
      (before) => {
        before.delete('signIn');
        return before;
      },
      { replace: true },
    );
  }, [outcome]);
  const done = outcome === 'done';
  if (!outcome || (done && !signedIn)) return null;
  const Icon = done ? CircleCheck : TriangleAlert;
  return (
    <p
      ref={box}
      tabIndex={-1}
      role={done ? 'status' : 'alert'}
      className={`scroll-mb-64 flex items-start gap-2 rounded-lg px-3 py-2 ${done ? 'bg-ok-soft text-ok' : 'bg-danger-soft text-danger'}`}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      {words[outcome]}
    </p>
  );
}
