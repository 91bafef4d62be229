import { useState } from 'react';
import type { CustomerRequestKind } from '../../contracts/credits';
import type { SendChannel } from '../../domain/eligibility';
import { useAction, useMe } from './queries';
import { Button, toast, toastError } from './ui';

const labels: Record<CustomerRequestKind, string> = {
  whatsapp: 'Request activation',
  sms: 'Request activation',
  credits: 'Request credits',
};
const asked = 'Customer Success has your request';
const askedHint = 'They answer by e-mail.';
const askedShort = 'Requested';

/** R-CRED-3: asks Customer Success; stands wherever `not_in_plan` or `no_credits` does. `what`: for which channel, where several stand. */
export function RequestButton({
  kind,
  what,
  requested = false,
  size,
}: {
  kind: CustomerRequestKind;
  what?: string;
  requested?: boolean;
  size?: 'sm' | 'md';
}) {
  const { permissions } = useMe();
  const [done, setDone] = useState(false);
  const request = useAction('POST /api/v1/customer-requests', {
    refresh: ['GET /api/v1/plan'],
    onSuccess: () => {
      setDone(true);
      toast({ tone: 'ok', title: asked, body: askedHint });
    },
    onError: toastError,
  });
  if (!permissions.send) return null;
  const over = done || requested;
  const label = over ? askedShort : labels[kind];
  return (
    <Button
      size={size}
      busy={request.isPending}
      disabled={over}
      aria-label={what ? `${label}: ${what}` : undefined}
      onClick={() => request.mutate({ body: { kind } })}
    >
      {label}
    </Button>
  );
}

/** The request that a reason points to, if it does. */
export function requestFor(reason: string, channel: SendChannel): CustomerRequestKind | null {
  if (channel === 'email') return null;
  if (reason === 'no_credits') return 'credits';
  return reason === 'not_in_plan' ? channel : null;
}
