import { useState } from 'react';
import type { SendRate } from '../../../../contracts/channels';
import { TextField } from '../../ui';
import { limitsText } from './limits-text';

const words = limitsText.form;

/** What is typed as a rate: empty is null, the usual one; undefined: it is none. */
export function useRate(limits: SendRate) {
  const [typed, setTyped] = useState(
    limits.messagesPerSecondFrom === 'settings' ? String(limits.messagesPerSecond) : '',
  );
  const text = typed.trim();
  const isRate = /^\d{1,5}$/.test(text) && +text >= 1 && +text <= 10_000;
  return { typed, setTyped, rate: text === '' ? null : isRate ? Number(text) : undefined };
}

export function RateField({
  value: { typed, setTyped, rate },
  hint,
  error,
}: {
  value: ReturnType<typeof useRate>;
  hint: string;
  error: string | undefined;
}) {
  return (
    <TextField
      label={words.rate}
      hint={hint}
      inputMode="numeric"
      value={typed}
      error={rate === undefined ? words.wrongRate : error}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
