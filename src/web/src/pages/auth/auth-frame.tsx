import type { ReactNode } from 'react';
import { text } from '../../text';
import { usePageTitle } from '../../ui';

/** The frame of the pages before the sign-in. */
export function AuthFrame({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <div className="scroll-y grid h-dvh place-items-center px-4 py-8">
      <div className="w-full max-w-sm">
        <header className="mb-6 flex items-center justify-center gap-2.5 font-display text-3xl font-semibold tracking-tight">
          <svg aria-hidden viewBox="0 0 32 32" className="size-9 text-accent">
            <path
              d="M4 9a5 5 0 0 1 5-5h14a5 5 0 0 1 5 5v9a5 5 0 0 1-5 5H13l-7 6v-6.6A5 5 0 0 1 4 18z"
              fill="currentColor"
            />
            <path d="M11 11h10M11 16h6" stroke="var(--accent-ink)" strokeWidth="2.4" strokeLinecap="round" />
          </svg>
          {text.product}
        </header>
        <main className="rounded-2xl border border-line bg-surface p-6 shadow-pop sm:p-8">
          <h1 className="mb-4 font-display text-xl font-semibold">{title}</h1>
          {children}
        </main>
      </div>
    </div>
  );
}
