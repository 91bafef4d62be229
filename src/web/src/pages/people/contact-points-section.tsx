import { Mail, Phone, Plus, ShieldCheck, ShieldOff, TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import type { ContactPoint, Person } from '../../../../contracts/people';
import { Badge, Button, Form, FormError, IconButton, SelectField, TextField, Time } from '../../ui';
import { leadsToWhatsApp, WhatsAppLink } from '../../whatsapp-link';
import { ConsentDialog } from './consent-dialog';
import { phoneTypeOptions, toPhoneType } from './phone-type';
import { Section } from './section';
import { peopleText } from './text';
import { useEditPerson } from './use-edit-person';

const words = peopleText.points;

/** Numbers and addresses with what may be done with them: type, validity, WhatsApp, consent, opt-out. */
export function ContactPointsSection({ person, canEdit }: { person: Person; canEdit: boolean }) {
  const [editing, setEditing] = useState(false);
  const [consentFor, setConsentFor] = useState<ContactPoint | null>(null);
  if (editing) {
    return (
      <Section title={words.title}>
        <ContactPointsForm person={person} onDone={() => setEditing(false)} />
      </Section>
    );
  }
  return (
    <Section
      title={words.title}
      action={
        canEdit && (
          <Button
            size="sm"
            variant="quiet"
            aria-label={peopleText.details.editLabel(words.title)}
            onClick={() => setEditing(true)}
          >
            {peopleText.details.edit}
          </Button>
        )
      }
    >
      {person.contactPoints.length === 0 && <p className="text-ink-2">{words.none}</p>}
      <ul className="space-y-3">
        {person.contactPoints.map((point) => (
          <li key={point.id} className="rounded-xl border border-line p-3">
            <PointHead point={point} />
            <Consents point={point} />
            {canEdit && (
              <Button size="sm" className="mt-2" onClick={() => setConsentFor(point)}>
                {point.consents.length > 0 ? peopleText.consent.change : peopleText.consent.record}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {consentFor && (
        <ConsentDialog personId={person.id} point={consentFor} onClose={() => setConsentFor(null)} />
      )}
    </Section>
  );
}

function PointHead({ point }: { point: ContactPoint }) {
  const isPhone = point.kind === 'phone';
  const Icon = isPhone ? Phone : Mail;
  const toWhatsApp = leadsToWhatsApp(point);
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Icon aria-hidden className="size-4 shrink-0 text-ink-2" />
        <span className="font-medium break-all tabular-nums">
          {toWhatsApp ? <WhatsAppLink point={point}>{point.value}</WhatsAppLink> : point.value}
        </span>
        {isPhone && <Badge>{peopleText.phoneTypes[point.phoneType]}</Badge>}
        {isPhone && point.whatsapp !== 'unknown' && (
          <Badge tone={point.whatsapp === 'present' ? 'ok' : 'danger'}>
            {words.whatsapp[point.whatsapp]}
          </Badge>
        )}
      </div>
      {!point.valid && (
        <p className="mt-1 flex items-center gap-1.5 text-[0.9rem] text-danger">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          {isPhone ? words.invalidPhone : words.invalidEmail}
        </p>
      )}
      {point.bounced && (
        <p className="mt-1 flex items-center gap-1.5 text-[0.9rem] text-danger">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          {words.bounced}
        </p>
      )}
      {toWhatsApp && <p className="mt-1 text-[0.87rem] text-ink-2">{words.tip}</p>}
    </>
  );
}

function Consents({ point }: { point: ContactPoint }) {
  const consent = peopleText.consent;
  const whatsappKnown = point.consents.some(({ channel }) => channel === 'whatsapp');
  return (
    <ul className="mt-2 space-y-1.5 text-[0.9rem]">
      {point.kind === 'phone' && !whatsappKnown && (
        <li className="flex items-center gap-1.5 text-warn">
          <ShieldOff aria-hidden className="size-4 shrink-0" />
          {words.noConsent}
        </li>
      )}
      {point.consents.map((entry) => {
        const Icon = entry.granted ? ShieldCheck : ShieldOff;
        return (
          <li key={entry.channel}>
            <details>
              <summary
                className={`cursor-pointer ${entry.granted ? 'text-ok' : 'text-danger'} [&::-webkit-details-marker]:text-ink-2`}
              >
                <span className="inline-flex items-center gap-1.5 align-middle">
                  <Icon aria-hidden className="size-4 shrink-0" />
                  {entry.granted
                    ? consent.granted(peopleText.channels[entry.channel])
                    : consent.withdrawn(peopleText.channels[entry.channel])}
                </span>
              </summary>
              <dl className="mt-1 grid grid-cols-[5rem_1fr] gap-x-3 gap-y-1 pl-5 [overflow-wrap:anywhere]">
                <dt className="text-ink-2">{consent.when}</dt>
                <dd>
                  <Time at={entry.occurredAt} />
                </dd>
                <dt className="text-ink-2">{consent.source}</dt>
                <dd>{consent.sources[entry.source] ?? entry.source}</dd>
                {entry.wording && (
                  <>
                    <dt className="text-ink-2">{consent.wording}</dt>
                    <dd>{entry.wording}</dd>
                  </>
                )}
                <dt className="text-ink-2">{consent.evidence}</dt>
                <dd>{entry.evidence ?? peopleText.details.none}</dd>
              </dl>
            </details>
          </li>
        );
      })}
      {point.optedOut.map((optOut) => (
        <li key={optOut.occurredAt} className="text-danger">
          <p className="flex items-start gap-1.5">
            <ShieldOff aria-hidden className="mt-0.5 size-4 shrink-0" />
            <span>
              {optOut.marketingOnly
                ? words.noMarketing
                : words.optedOut(
                    optOut.channels.map((channel) => peopleText.channels[channel]).join(', '),
                  )}{' '}
              <Time at={optOut.occurredAt} />
              {optOut.words && ` ${words.optedOutWords(optOut.words)}`}
            </span>
          </p>
          {optOut.source && <p className="pl-5.5 text-ink-2">{evidenceOf(optOut)}</p>}
          <p className="pl-5.5 text-ink-2">
            {optOut.marketingOnly
              ? words.noMarketingHint
              : point.kind === 'email'
                ? words.unsubscribedHint
                : words.optedOutHint}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** How they said so, and by which message. */
function evidenceOf({ source, message }: ContactPoint['optedOut'][number]): string {
  const how = words.optedOutFor[source ?? ''] ?? '';
  if (source === 'message' && message)
    return `${how} ${words.optedOutOn(peopleText.channels[message.channel])}.`;
  return message?.title ? `${how} “${message.title}”.` : `${how}.`;
}

type Row = { id: number; kind: ContactPoint['kind']; value: string; phoneType: string };

function ContactPointsForm({ person, onDone }: { person: Person; onDone: () => void }) {
  const [rows, setRows] = useState<Row[]>(
    person.contactPoints.map(({ kind, value, phoneType }, id) => ({ id, kind, value, phoneType })),
  );
  const [nextId, setNextId] = useState(rows.length);
  const edit = useEditPerson(onDone);
  // what was refused, by the row it was sent from
  const [sent, setSent] = useState<number[]>([]);
  const errorOf = (row: Row) => {
    const index = sent.indexOf(row.id);
    if (index < 0) return undefined;
    return (
      edit.error?.fieldError(`contactPoints.${index}.value`) ??
      edit.error?.fieldError(`contactPoints.${index}`)
    );
  };

  function add(kind: Row['kind']) {
    setRows([...rows, { id: nextId, kind, value: '', phoneType: '' }]);
    setNextId(nextId + 1);
  }
  function change(row: Row) {
    setRows(rows.map((one) => (one.id === row.id ? row : one)));
  }
  function submit() {
    const kept = rows.filter(({ value }) => value.trim() !== '');
    setSent(kept.map(({ id }) => id));
    edit.mutate({
      params: { personId: person.id },
      body: {
        contactPoints: kept.map(({ kind, value, phoneType }) => ({
          kind,
          value: value.trim(),
          phoneType: kind === 'phone' ? toPhoneType(phoneType) : undefined,
        })),
      },
    });
  }

  return (
    <Form error={edit.error} onSubmit={submit} className="space-y-3">
      <ul className="space-y-3">
        {rows.map((row) => (
          <li key={row.id} className="flex items-start gap-2">
            <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-[1fr_11rem]">
              <TextField
                className={row.kind === 'email' ? 'sm:col-span-2' : undefined}
                label={row.kind === 'phone' ? words.phone : words.email}
                type={row.kind === 'phone' ? 'tel' : 'email'}
                hint={row.kind === 'phone' && row.value === '' ? peopleText.form.phoneHint : undefined}
                value={row.value}
                maxLength={254}
                error={errorOf(row)}
                onChange={(event) => change({ ...row, value: event.target.value })}
              />
              {row.kind === 'phone' && (
                <SelectField
                  label={words.type}
                  value={toPhoneType(row.phoneType) ?? ''}
                  options={phoneTypeOptions}
                  onChange={(event) => change({ ...row, phoneType: event.target.value })}
                />
              )}
            </div>
            <IconButton
              className="mt-6"
              label={words.remove(row.value)}
              tooltip={false}
              icon={<X aria-hidden className="size-4" />}
              onClick={() => setRows(rows.filter((one) => one.id !== row.id))}
            />
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={() => add('phone')}>
          {words.addPhone}
        </Button>
        <Button size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={() => add('email')}>
          {words.addEmail}
        </Button>
      </div>
      <p className="text-[0.87rem] text-ink-2">{words.replaceWarning}</p>
      <FormError
        error={edit.error}
        shown={sent.flatMap((_, index) => [`contactPoints.${index}.value`, `contactPoints.${index}`])}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" busy={edit.isPending}>
          {peopleText.details.save}
        </Button>
        <Button onClick={onDone}>{peopleText.details.cancel}</Button>
      </div>
    </Form>
  );
}
