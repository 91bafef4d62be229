import { CalendarClock } from 'lucide-react';
import type { UpcomingSend } from '../../../../contracts/actions';
import { paths } from '../../paths';
import { useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  ChannelIcon,
  ErrorState,
  Skeleton,
  TextLink,
  Time,
  toast,
  toastError,
} from '../../ui';
import { nameOfUpcoming } from '../../conversation/name-of-upcoming';
import { boardText } from './text';

const words = boardText.planned;
const routes = [
  'GET /api/v1/people/{personId}/planned',
  'GET /api/v1/applications/{applicationId}/planned',
  'GET /api/v1/people/{personId}/timeline',
] as const;

/** R-AUTO-3: what a person will be sent next, over all vacancies. */
export function PlannedForPerson({ personId }: { personId: string }) {
  const query = useRoute('GET /api/v1/people/{personId}/planned', { params: { personId } });
  return <Planned query={query} withVacancy />;
}

/** The same for one match. */
export function PlannedForMatch({ applicationId }: { applicationId: string }) {
  const query = useRoute('GET /api/v1/applications/{applicationId}/planned', { params: { applicationId } });
  return <Planned query={query} withVacancy={false} />;
}

function Planned({
  query,
  withVacancy,
}: {
  query: ReturnType<typeof useRoute<'GET /api/v1/people/{personId}/planned'>>;
  withVacancy: boolean;
}) {
  const done = {
    refresh: [...routes],
    onSuccess: () => toast({ tone: 'ok', title: words.cancelled }),
    onError: toastError,
  };
  const planned = useAction('POST /api/v1/planned/{plannedId}/cancel', done);
  const scheduled = useAction('POST /api/v1/scheduled-messages/{scheduledMessageId}/cancel', done);
  const busyId =
    (planned.isPending && planned.variables.params.plannedId) ||
    (scheduled.isPending && scheduled.variables.params.scheduledMessageId);
  const cancel = ({ id, kind }: UpcomingSend) =>
    kind === 'automatic'
      ? planned.mutate({ params: { plannedId: id } })
      : scheduled.mutate({ params: { scheduledMessageId: id } });
  return (
    <section aria-labelledby="planned">
      <h2 id="planned" className="mb-2 font-display text-lg font-semibold">
        {words.title}
      </h2>
      {query.isPending && <Skeleton className="h-12 rounded-xl" />}
      {query.error && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="text-ink-2">{words.none}</p>}
      <ul className="space-y-2">
        {query.data?.items.map((send) => (
          <Row
            key={send.id}
            send={send}
            withVacancy={withVacancy}
            busy={busyId === send.id}
            onCancel={() => cancel(send)}
          />
        ))}
      </ul>
    </section>
  );
}

function Row({
  send,
  withVacancy,
  busy,
  onCancel,
}: {
  send: UpcomingSend;
  withVacancy: boolean;
  busy: boolean;
  onCancel: () => void;
}) {
  const name = nameOfUpcoming(send) || words.composed;
  return (
    <li className="flex items-start gap-3 rounded-xl border border-line p-3">
      <CalendarClock aria-hidden className="mt-0.5 size-4 shrink-0 text-auto" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium break-words">
          <ChannelIcon channel={send.channel} className="size-4" />
          <span className="line-clamp-2 min-w-0">{name}</span>
          {send.kind !== 'scheduled' && (
            <Badge tone={send.kind === 'automatic' ? 'auto' : 'neutral'}>{words.kinds[send.kind]}</Badge>
          )}
        </p>
        <p className="text-[0.9rem] text-ink-2">
          {words.due} <Time at={send.dueAt} />. {send.waitsText}
        </p>
        {withVacancy && send.applicationId !== null && (
          <p className="text-[0.9rem]">
            <TextLink href={paths.match(send.applicationId)}>{send.vacancyTitle}</TextLink>
            <span className="text-ink-2"> · {send.stageName}</span>
          </p>
        )}
        {!send.willSend && (
          <p className="text-[0.9rem] text-warn">
            {words.wont} {send.reasonText}
          </p>
        )}
      </div>
      {send.mayCancel && (
        <Button size="sm" variant="quiet" busy={busy} aria-label={words.cancelLabel(name)} onClick={onCancel}>
          {words.cancel}
        </Button>
      )}
    </li>
  );
}
