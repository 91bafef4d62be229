import { useState } from 'react';
import type { CandidatePageSummary } from '../../../../contracts/candidate-pages';
import { call } from '../../api';
import { serverNow } from '../../clock';
import { isOffice, refresh, useMe, useRoute } from '../../queries';
import { Button, ConfirmDialog, ErrorState, Skeleton, Time, toast } from '../../ui';
import { Section } from './section';

const list = 'GET /api/v1/people/{personId}/candidate-pages';

const words = {
  title: 'Candidate page',
  none: 'They get the link to their page with the first e-mail.',
  general: 'Messages without a vacancy',
  works: 'The link works until',
  worksNot: 'The link does not work any more. The next e-mail brings a new one.',
  revoke: 'Revoke link',
  revokeLabel: (what: string) => `Revoke link: ${what}`,
  question: 'Revoke the link?',
  body: 'Whoever has it can no longer read the messages. The next e-mail brings the candidate a new one, and they can ask for one by their e-mail address.',
  revoked: 'The link is revoked',
};

/** The pages of a candidate, or the one of a match: until when their links work, and an end to them. */
export function CandidatePagesSection({
  personId,
  applicationId,
}: {
  personId: string;
  applicationId?: string;
}) {
  const me = useMe();
  const office = isOffice(me.user.role);
  const pages = useRoute(list, office ? { params: { personId } } : null);
  const [revoking, setRevoking] = useState<CandidatePageSummary | null>(null);
  if (!office) return null;
  const shown = pages.data?.items.filter(
    (page) => applicationId === undefined || page.applicationId === applicationId,
  );
  return (
    <Section title={words.title}>
      {pages.isPending && <Skeleton className="h-12 rounded-xl" />}
      {pages.error && !pages.data && <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />}
      {shown?.length === 0 && <p className="text-ink-2">{words.none}</p>}
      <ul className="divide-y divide-line">
        {shown?.map((page) => {
          const title = page.vacancyTitle ?? words.general;
          const works = Date.parse(page.livesUntil) > serverNow();
          return (
            <li key={page.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
              <div className="min-w-0 flex-1">
                {applicationId === undefined && <p className="font-medium break-words">{title}</p>}
                <p className="text-[0.9rem] text-ink-2">
                  {works ? (
                    <>
                      {words.works} <Time at={page.livesUntil} />
                    </>
                  ) : (
                    words.worksNot
                  )}
                </p>
              </div>
              {works && (
                <Button size="sm" aria-label={words.revokeLabel(title)} onClick={() => setRevoking(page)}>
                  {words.revoke}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {revoking && (
        <ConfirmDialog
          open
          danger
          onOpenChange={() => setRevoking(null)}
          title={words.question}
          body={words.body}
          confirmLabel={words.revoke}
          onConfirm={async () => {
            await call('POST /api/v1/people/{personId}/candidate-pages/{candidatePageId}/revoke', {
              params: { personId, candidatePageId: revoking.id },
            });
            refresh(list);
            toast({ tone: 'ok', title: words.revoked });
          }}
        />
      )}
    </Section>
  );
}
