import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { CreditEntry, PlanAndCredits } from '../../../../contracts/credits';
import { paths } from '../../paths';
import { useAction, useRoute } from '../../queries';
import { RequestButton } from '../../request-button';
import {
  Badge,
  Button,
  ErrorState,
  Form,
  FormError,
  LoadingRows,
  Skeleton,
  TextField,
  TextLink,
  Time,
  toast,
} from '../../ui';
import { usePages } from '../../use-pages';
import { SectionHead } from './section-head';
import { settingsText } from './text';

const words = settingsText.credits;
const numbers = new Intl.NumberFormat('en');
const signed = new Intl.NumberFormat('en', { signDisplay: 'exceptZero' });

/** R-CRED-2, R-CRED-3: plan, add-ons, balance and ledger. */
export function CreditsSection() {
  const plan = useRoute('GET /api/v1/plan', {}, { refetchInterval: 30_000 });
  return (
    <div className="max-w-4xl">
      <SectionHead title={settingsText.nav.credits} intro={words.intro} />
      {plan.isPending && <Skeleton className="h-40 rounded-2xl" />}
      {plan.error && !plan.data && <ErrorState error={plan.error} onRetry={() => void plan.refetch()} />}
      {plan.data && <Plan plan={plan.data} />}
      <Ledger />
    </div>
  );
}

function Plan({ plan }: { plan: PlanAndCredits }) {
  const asked = new Set(plan.requests.map(({ kind }) => kind));
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <section aria-label={words.balance} className="rounded-2xl border border-line bg-sunken px-5 py-4">
          <h3 className="text-ink-2">{words.balance}</h3>
          <p className="font-display text-4xl font-semibold tabular-nums">
            {numbers.format(plan.balance)}{' '}
            <span className="text-base font-normal text-ink-2">{words.unit(plan.balance)}</span>
          </p>
          {plan.low && (
            <p className="mt-2 flex items-start gap-2 text-warn">
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              {words.low}
            </p>
          )}
          <div className="mt-3">
            <RequestButton kind="credits" requested={asked.has('credits')} />
          </div>
        </section>
        <section aria-label={words.plan} className="rounded-2xl border border-line bg-sunken px-5 py-4">
          <h3 className="text-ink-2">{words.plan}</h3>
          <p className="font-display text-2xl font-semibold">{words.plans[plan.plan]}</p>
          <ul className="mt-2 grid gap-2">
            <AddOn name={words.addOns.email} included />
            <AddOn name={words.addOns.whatsapp} included={plan.whatsappInPlan}>
              <RequestButton
                kind="whatsapp"
                what={words.addOns.whatsapp}
                size="sm"
                requested={asked.has('whatsapp')}
              />
            </AddOn>
            <AddOn name={words.addOns.sms} included={plan.smsInPlan}>
              <RequestButton kind="sms" what={words.addOns.sms} size="sm" requested={asked.has('sms')} />
            </AddOn>
          </ul>
        </section>
      </div>
      <p className="mt-3 text-ink-2">{words.more}</p>
      <LowBalance key={plan.lowBalance} lowBalance={plan.lowBalance} />
    </>
  );
}

function AddOn({
  name,
  included,
  children,
}: {
  name: string;
  included: boolean;
  children?: React.ReactNode;
}) {
  return (
    <li className="flex min-h-8 flex-wrap items-center justify-between gap-2">
      <span className="flex items-center gap-2">
        {name}
        <Badge tone={included ? 'ok' : 'neutral'}>{included ? words.included : words.notIncluded}</Badge>
      </span>
      {!included && children}
    </li>
  );
}

function LowBalance({ lowBalance }: { lowBalance: number }) {
  const [typed, setTyped] = useState(String(lowBalance));
  const change = useAction('PATCH /api/v1/plan', {
    refresh: ['GET /api/v1/plan', 'GET /api/v1/credits'],
    onSuccess: () => toast({ tone: 'ok', title: settingsText.saved }),
  });
  const valid = /^\d{1,9}$/.test(typed.trim());
  return (
    <Form
      className="mt-5 max-w-md"
      error={change.error}
      onSubmit={() => {
        if (valid) change.mutate({ body: { lowBalance: Number(typed) } });
      }}
    >
      <div className="flex items-end gap-2">
        <TextField
          className="flex-1"
          label={words.threshold}
          inputMode="numeric"
          value={typed}
          error={valid ? change.error?.fieldError('lowBalance') : words.noNumber}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" busy={change.isPending} disabled={!valid || Number(typed) === lowBalance}>
          {settingsText.save}
        </Button>
      </div>
      <p className="mt-1 text-[0.87rem] text-ink-2">{words.thresholdHint}</p>
      <FormError error={change.error} shown={['lowBalance']} />
    </Form>
  );
}

function Ledger() {
  const { list, items } = usePages('GET /api/v1/credits/entries', { query: { limit: 30 } });
  return (
    <section aria-labelledby="ledger" className="mt-8">
      <h3 id="ledger" className="font-display text-lg font-semibold">
        {words.ledger}
      </h3>
      <p className="text-ink-2">{words.ledgerHint}</p>
      {list.isPending && <LoadingRows rows={6} />}
      {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <p className="py-6 text-ink-2">{words.noEntries}</p>}
      <ul aria-label={words.ledger} className="divide-y divide-line">
        {items.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-4" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.older}
        </Button>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: CreditEntry }) {
  const { message } = entry;
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 py-2">
      <span className="w-full text-[0.9rem] text-ink-2 tabular-nums sm:w-48">
        <Time at={entry.occurredAt} />
      </span>
      <span className="min-w-0 flex-1">
        {words.kinds[entry.kind]}
        {message && (
          <>
            {' · '}
            <TextLink href={paths.inbox(message.conversationId, message.id)}>
              {words.messageTo(message.personName)}
            </TextLink>
          </>
        )}
        {entry.note && <span className="text-ink-2"> · {entry.note}</span>}
        {entry.actor && <span className="text-ink-2"> · {entry.actor}</span>}
      </span>
      <span className="font-medium tabular-nums">{signed.format(entry.amount)}</span>
    </li>
  );
}
