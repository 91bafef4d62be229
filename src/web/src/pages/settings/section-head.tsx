import type { ReactNode } from 'react';

/** The heading of a settings section with its purpose and its main command. */
export function SectionHead({
  title,
  intro,
  action,
}: {
  title: string;
  intro: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="max-w-2xl min-w-[min(100%,16rem)] flex-1">
        <h2 className="font-display text-xl font-semibold">{title}</h2>
        <p className="text-ink-2">{intro}</p>
      </div>
      {action}
    </div>
  );
}
