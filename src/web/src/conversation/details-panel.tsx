import { ExternalLink, Mail, Phone, ShieldAlert, ShieldCheck } from 'lucide-react';
import type { Conversation } from '../../../contracts/conversations';
import type { ContactPoint, Person } from '../../../contracts/people';
import { paths } from '../paths';
import { isOffice, refresh, useAction, useMe, useRoute, useUsers } from '../queries';
import { text } from '../text';
import { Badge, Combobox, ErrorState, LoadingRows, RelativeTime, TextLink, toast, toastError } from '../ui';
import { leadsToWhatsApp, WhatsAppLink } from '../whatsapp-link';
import { refreshConversation } from './use-conversation';

const words = text.info;

/** R-CHAT-11, ⓘ: contact details, the chat's owner and the responsible user; for Administrators the workflow. */
export function DetailsPanel({ conversation }: { conversation: Conversation }) {
  const me = useMe();
  const personId = conversation.person.id;
  const query = useRoute('GET /api/v1/people/{personId}', { params: { personId } });
  const owner = conversation.status === 'active' ? conversation.owner : null;
  return (
    <div className="space-y-5 text-[0.93rem]">
      <Section title={words.chat}>
        <Fact label={owner ? words.owner : words.lastOwner}>
          {(owner ?? conversation.lastOwner)?.name ?? <span className="text-ink-2">{words.nobody}</span>}
        </Fact>
        {query.data && me.permissions.editPeople ? (
          <ResponsibleUser person={query.data} />
        ) : (
          <Fact label={words.responsible}>
            {conversation.responsibleUser?.name ?? <span className="text-ink-2">{words.unassigned}</span>}
          </Fact>
        )}
        {conversation.blocked && (
          <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn">{conversation.blocked}</p>
        )}
        {conversation.workflowUrl && (
          <a
            href={conversation.workflowUrl}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1.5 rounded text-accent-text underline underline-offset-3"
          >
            {words.workflow}
            <ExternalLink aria-hidden className="size-4" />
          </a>
        )}
      </Section>
      {query.isPending && <LoadingRows rows={2} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <PersonFacts person={query.data} conversation={conversation} />}
    </div>
  );
}

function ResponsibleUser({ person }: { person: Person }) {
  const users = useUsers();
  const change = useAction('PATCH /api/v1/people/{personId}', {
    onSuccess: () => {
      refresh(
        'GET /api/v1/people/{personId}',
        'GET /api/v1/conversations',
        'GET /api/v1/conversations/counts',
      );
      refreshConversation();
      toast({ tone: 'ok', title: words.responsibleChanged });
    },
    onError: toastError,
  });
  const options = (users.data?.items ?? [])
    .filter(({ state }) => state === 'active')
    .map(({ id, name, role }) => ({ value: id, label: name, hint: text.roles[role] }));
  return (
    <Combobox
      label={words.responsible}
      placeholder={words.unassigned}
      options={options}
      value={person.responsibleUser?.id ?? null}
      selectedLabel={person.responsibleUser?.name}
      disabled={change.isPending}
      clearable
      onChange={(responsibleUserId) =>
        change.mutate({ params: { personId: person.id }, body: { responsibleUserId } })
      }
    />
  );
}

function PersonFacts({ person, conversation }: { person: Person; conversation: Conversation }) {
  const { user } = useMe();
  return (
    <>
      <Section title={words.contact}>
        {person.employer && (
          <Fact label={words.employer}>
            {isOffice(user.role) ? (
              <TextLink href={paths.employer(person.employer.id)}>{person.employer.name}</TextLink>
            ) : (
              person.employer.name
            )}
          </Fact>
        )}
        {person.contactPoints.length === 0 && <p className="text-ink-2">{words.noContact}</p>}
        <ul className="space-y-3">
          {person.contactPoints.map((point) => (
            <Point key={point.id} point={point} linked={conversation.whatsapp?.contactPointId === point.id} />
          ))}
        </ul>
        {person.language && <Fact label={words.language}>{person.language}</Fact>}
        {person.timeZone && <Fact label={words.timeZone}>{person.timeZone}</Fact>}
        {person.tags.length > 0 && (
          <ul aria-label={words.tags} className="flex flex-wrap gap-1.5">
            {person.tags.map((tag) => (
              <li key={tag}>
                <Badge>{tag}</Badge>
              </li>
            ))}
          </ul>
        )}
        <TextLink href={paths.person(person.id)}>{words.openFile}</TextLink>
      </Section>
      {person.applications.length > 0 && (
        <Section title={words.matches}>
          <ul className="space-y-2">
            {person.applications.map(({ id, vacancyTitle, stageName, rejectedAt, withdrawnAt }) => (
              <li key={id}>
                <TextLink href={paths.match(id)}>{vacancyTitle}</TextLink>
                <span className="block text-ink-2">
                  {rejectedAt ? words.rejected : withdrawnAt ? words.withdrawn : stageName}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** A number or address with what is known of it: consent, WhatsApp, opt-out. */
function Point({ point, linked }: { point: ContactPoint; linked: boolean }) {
  const Icon = point.kind === 'phone' ? Phone : Mail;
  const consent = point.consents.find(
    ({ channel }) => channel === (point.kind === 'phone' ? 'whatsapp' : 'email'),
  );
  const optOut = point.optedOut.find(({ marketingOnly }) => !marketingOnly) ?? point.optedOut[0];
  return (
    <li className="flex gap-2.5">
      <Icon aria-hidden className="mt-1 size-4 shrink-0 text-ink-2" />
      <div className="min-w-0 flex-1">
        {leadsToWhatsApp(point) ? (
          <WhatsAppLink point={point} tip={words.whatsappTip}>
            {point.value}
          </WhatsAppLink>
        ) : (
          <span className="break-all">{point.value}</span>
        )}
        <div className="mt-1 flex flex-wrap gap-1.5">
          {linked && <Badge tone="accent">{words.linked}</Badge>}
          {!point.valid && <Badge tone="danger">{words.invalid}</Badge>}
          {point.kind === 'phone' && point.phoneType !== 'mobile' && (
            <Badge tone="warn">{words.phoneTypes[point.phoneType]}</Badge>
          )}
          {point.kind === 'phone' && point.whatsapp === 'absent' && (
            <Badge tone="danger">{words.notOnWhatsApp}</Badge>
          )}
        </div>
        {optOut ? (
          <p className="mt-1 flex items-center gap-1 text-[0.87rem] text-danger">
            <ShieldAlert aria-hidden className="size-4" />
            {optOut.marketingOnly ? words.noMarketing : words.optedOut}{' '}
            <RelativeTime at={optOut.occurredAt} />
          </p>
        ) : consent ? (
          <p
            className={`mt-1 flex items-center gap-1 text-[0.87rem] ${consent.granted ? 'text-ok' : 'text-danger'}`}
          >
            {consent.granted ? (
              <ShieldCheck aria-hidden className="size-4" />
            ) : (
              <ShieldAlert aria-hidden className="size-4" />
            )}
            {consent.granted ? words.consented : words.consentWithdrawn}{' '}
            <RelativeTime at={consent.occurredAt} />
          </p>
        ) : (
          point.kind === 'phone' && <p className="mt-1 text-[0.87rem] text-ink-2">{words.noConsent}</p>
        )}
      </div>
    </li>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="space-y-3">
      <h3 className="font-display text-base font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <p className="text-[0.87rem] text-ink-2">{label}</p>
      <p>{children}</p>
    </div>
  );
}
