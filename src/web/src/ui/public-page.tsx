import { CircleOff } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Brand } from '../../../contracts/common';
import type { ApiError } from '../api';
import { BrandLogo, brandStyle } from './brand';
import { usePageTitle } from './page';
import { EmptyState, ErrorState, LoadingRows } from './states';

/** A page for somebody from outside, who came by a link. `of`: whose page it is, where that is known. */
export function PublicPage({
  title,
  of,
  children,
}: {
  title: string;
  of?: { companyName: string; brand: Brand };
  children: ReactNode;
}) {
  usePageTitle(title);
  return (
    <div className="scroll-y h-dvh px-4 py-6 sm:py-12" style={of && brandStyle(of.brand)}>
      <main className="relative mx-auto w-full max-w-lg rounded-2xl border border-line bg-surface p-5 shadow-pop sm:p-8">
        {of && <BrandLogo brand={of.brand} company={of.companyName} className="mb-4" />}
        {children}
      </main>
    </div>
  );
}

/** In place of what the link leads to: on its way, in trouble, or not there any more. */
export function AwaitedPublicPage({
  title,
  query,
  gone,
}: {
  title: string;
  query: { error: ApiError | null; refetch: () => Promise<unknown> };
  gone: { title: string; text: string };
}) {
  return (
    <PublicPage title={title}>
      {query.error?.status === 404 ? (
        <EmptyState pageHeading icon={<CircleOff className="size-6" />} title={gone.title}>
          {gone.text}
        </EmptyState>
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={4} />
      )}
    </PublicPage>
  );
}
