import { CircleCheck, CircleHelp, CircleX, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { DnsRecord, MailDomainSettings } from '../../../../contracts/channels';
import { call } from '../../api';
import { refresh, useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  ConfirmDialog,
  ErrorState,
  FormDialog,
  LoadingRows,
  TextField,
  Time,
  toast,
  toastError,
} from '../../ui';
import { CopyField } from './copy-field';

const route = 'GET /api/v1/channels/email/domain';

const words = {
  title: 'Mail domain',
  intro: (domain: string) => `E-mails come from messages@${domain}; what people answer comes in there.`,
  none: 'There is none: answers go to the sender’s own address, and Parley does not hear of them. Whoever runs Parley sets one (PARLEY_MAIL_DOMAIN).',
  set: 'Use your own domain',
  change: 'Change domain',
  inUse: 'In use',
  notInUse: 'Not in use yet',
  notYet: (standard: string | null) =>
    standard === null
      ? 'It is used once the records marked as needed are found.'
      : `It is used once the records marked as needed are found. Until then e-mails go under ${standard}.`,
  missing: 'A needed record has not been found since',
  willEnd: (standard: string | null) =>
    standard === null
      ? 'If it is not back within an hour, e-mails no longer go under this domain.'
      : `If it is not back within an hour, e-mails go under ${standard}.`,
  records: 'Enter these records at your DNS provider',
  recordsHint: 'A change there can take some hours to be seen everywhere.',
  name: (name: string) => `Name of ${name}`,
  value: (name: string) => `Value of ${name}`,
  kinds: { mx: 'MX', dkim: 'DKIM', spf: 'SPF', dmarc: 'DMARC' },
  what: {
    mx: 'Answers come in.',
    dkim: 'Signs your e-mails, and proves that the domain is yours.',
    spf: 'Says who may send for the domain. Where one is there already, add the part that begins with include or a.',
    dmarc: 'Asks other servers to look at both. A policy of your own is as good.',
  },
  needed: 'Needed',
  states: {
    found: 'Found',
    missing: 'Missing',
    different: 'Different',
    unanswered: 'The DNS gave no answer',
    unchecked: 'Not checked yet',
  },
  stands: 'There stands:',
  check: 'Check DNS records',
  checked: 'Checked',
  nextCheck: 'Checked again by itself',
  remove: 'Stop using it',
  removeTitle: (domain: string) => `Stop using ${domain}?`,
  removeText: (standard: string | null) =>
    `Answers to e-mails that were sent under it come in no more.${standard === null ? '' : ` New ones go under ${standard}.`}`,
  removed: 'The domain is not used any more',
  form: {
    title: 'Your own mail domain',
    intro:
      'Take one that receives no mail yet, such as jobs.example.com: all mail to it will come to Parley. The page then shows what to enter at your DNS provider.',
    domain: 'Domain',
    submit: 'Continue',
  },
};

/** R-BOX-1: under which domain e-mails go and answers come in; an own one, with its DNS records. */
export function MailDomain() {
  const settings = useRoute(route, {});
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  return (
    <section aria-label={words.title} className="mt-4 border-t border-line pt-4">
      {settings.isPending && <LoadingRows rows={1} />}
      {settings.error && !settings.data && (
        <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />
      )}
      {settings.data && (
        <>
          <h4 className="font-medium">{words.title}</h4>
          <p className="text-ink-2">
            {settings.data.domain === null ? words.none : words.intro(settings.data.domain)}
          </p>
          {settings.data.own && <OwnDomain {...settings.data} own={settings.data.own} />}
          <div className="mt-3 flex flex-wrap gap-2">
            {settings.data.own && <CheckButton />}
            <Button size="sm" onClick={() => setEditing(true)}>
              {settings.data.own ? words.change : words.set}
            </Button>
            {settings.data.own && (
              <Button size="sm" variant="quiet" className="text-danger!" onClick={() => setRemoving(true)}>
                {words.remove}
              </Button>
            )}
          </div>
          {editing && (
            <DomainDialog domain={settings.data.own?.domain ?? ''} onClose={() => setEditing(false)} />
          )}
          <ConfirmDialog
            open={removing}
            danger
            onOpenChange={setRemoving}
            title={words.removeTitle(settings.data.own?.domain ?? '')}
            body={words.removeText(settings.data.standard)}
            confirmLabel={words.remove}
            onConfirm={async () => {
              await call('DELETE /api/v1/channels/email/domain', {});
              refresh(route);
              toast({ title: words.removed });
            }}
          />
        </>
      )}
    </section>
  );
}

function OwnDomain({
  own,
  standard,
}: {
  own: NonNullable<MailDomainSettings['own']>;
  standard: string | null;
}) {
  return (
    <>
      <p className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        <strong className="font-semibold break-all">{own.domain}</strong>
        <Badge tone={own.inUse ? 'ok' : 'warn'}>{own.inUse ? words.inUse : words.notInUse}</Badge>
        {own.checkedAt && (
          <span className="text-[0.87rem] text-ink-2">
            {words.checked} <Time at={own.checkedAt} />
          </span>
        )}
        {own.nextCheckAt && (
          <span className="text-[0.87rem] text-ink-2">
            {words.nextCheck} <Time at={own.nextCheckAt} />
          </span>
        )}
      </p>
      {own.inUse && own.missingSince && (
        <p className="text-[0.9rem] text-warn">
          {words.missing} <Time at={own.missingSince} />. {words.willEnd(standard)}
        </p>
      )}
      {!own.inUse && <p className="text-[0.9rem] text-ink-2">{words.notYet(standard)}</p>}
      <details className="mt-3" open={!own.inUse || own.missingSince !== null}>
        <summary className="cursor-pointer font-medium">{words.records}</summary>
        <p className="mt-1 text-[0.9rem] text-ink-2">{words.recordsHint}</p>
        <ul className="mt-3 space-y-3">
          {own.records.map((record) => (
            <RecordItem key={record.kind} record={record} />
          ))}
        </ul>
      </details>
    </>
  );
}

const marks = {
  found: { Icon: CircleCheck, tone: 'text-ok' },
  missing: { Icon: CircleX, tone: 'text-danger' },
  different: { Icon: TriangleAlert, tone: 'text-danger' },
  unanswered: { Icon: CircleHelp, tone: 'text-warn' },
  unchecked: { Icon: CircleHelp, tone: 'text-ink-2' },
} as const;

function RecordItem({ record: { kind, type, name, value, required, state, found } }: { record: DnsRecord }) {
  const { Icon, tone } = marks[state ?? 'unchecked'];
  const label = words.kinds[kind];
  return (
    <li className="space-y-2 rounded-xl border border-line p-3">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <strong className="font-semibold">{label}</strong>
        {kind !== 'mx' && <span className="text-[0.87rem] text-ink-2">{type}</span>}
        {required && <Badge>{words.needed}</Badge>}
        <span className={`inline-flex items-center gap-1 text-[0.9rem] ${tone}`}>
          <Icon aria-hidden className="size-4 shrink-0" />
          {words.states[state ?? 'unchecked']}
        </span>
      </p>
      <p className="text-[0.87rem] text-ink-2">{words.what[kind]}</p>
      <CopyField label={words.name(label)} value={name} />
      <CopyField label={words.value(label)} value={value} />
      {state === 'different' && (
        <p className="text-[0.87rem] text-danger">
          {words.stands}{' '}
          {found.map((text) => (
            <code key={text} className="block break-all">
              {text}
            </code>
          ))}
        </p>
      )}
    </li>
  );
}

function CheckButton() {
  const check = useAction('POST /api/v1/channels/email/domain/check', {
    refresh: [route],
    onSuccess: ({ own }) =>
      toast({ tone: own?.inUse ? 'ok' : undefined, title: own?.inUse ? words.inUse : words.notInUse }),
    onError: toastError,
  });
  return (
    <Button size="sm" variant="primary" busy={check.isPending} onClick={() => check.mutate({})}>
      {words.check}
    </Button>
  );
}

function DomainDialog({ domain: before, onClose }: { domain: string; onClose: () => void }) {
  const [domain, setDomain] = useState(before);
  const save = useAction('PUT /api/v1/channels/email/domain', { refresh: [route], onSuccess: onClose });
  return (
    <FormDialog
      title={words.form.title}
      description={words.form.intro}
      error={save.error}
      shown={['domain']}
      busy={save.isPending}
      submitLabel={words.form.submit}
      disabled={domain.trim() === ''}
      autoComplete="off"
      onSubmit={() => save.mutate({ body: { domain: domain.trim() } })}
      onClose={onClose}
    >
      <TextField
        label={words.form.domain}
        autoFocus
        required
        spellCheck={false}
        autoCapitalize="none"
        placeholder="jobs.example.com"
        maxLength={190}
        value={domain}
        error={save.error?.fieldError('domain')}
        onChange={(event) => setDomain(event.target.value)}
      />
    </FormDialog>
  );
}
