import { X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { MailAddress } from '../../../../contracts/mails';
import { isOffice, useMe, useRoute } from '../../queries';
import { cx } from '../../ui';
import { fullOf } from './names';
import { mailPageText as words } from './text';

const addressForm = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/;

/** `Eva Novak <eva@mail.example>`, or an address alone; undefined: neither. */
function readAddress(typed: string): MailAddress | undefined {
  const [, name = '', inAngles] = /^(.*?)<([^<>]+)>\s*$/.exec(typed.trim()) ?? [];
  const address = (inAngles ?? typed).trim().toLowerCase();
  return addressForm.test(address) ? { name: name.replaceAll('"', '').trim(), address } : undefined;
}

/**
 * Addresses one after another; each becomes a piece of its own on Enter, a comma or leaving the field. What is no address stays as it was
 * typed, and makes the field and its form invalid.
 */
export function AddressField({
  label,
  value,
  error,
  autoFocus,
  onChange,
}: {
  label: string;
  value: MailAddress[];
  error?: string | undefined;
  autoFocus?: boolean;
  onChange: (next: MailAddress[]) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const known = useKnown(typed);
  const fault = wrong === null ? error : words.notAnAddress(wrong);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.setCustomValidity(wrong === null ? '' : words.notAnAddress(wrong));
  }, [wrong]);

  function take(text: string) {
    const pieces = text.split(/[,;\n]/).map((piece) => piece.trim());
    const read = pieces
      .filter((piece) => piece !== '')
      .map((piece) => ({ piece, address: readAddress(piece) }));
    const bad = read.flatMap(({ piece, address }) => (address ? [] : [piece]));
    const there = new Set(value.map(({ address }) => address));
    const fresh = read.flatMap(({ address }) =>
      address && !there.has(address.address) && there.add(address.address) ? [address] : [],
    );
    if (fresh.length > 0) onChange([...value, ...fresh]);
    setTyped(bad.join(', '));
    setWrong(bad[0] ?? null);
  }

  function onKey(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === 'Enter' || event.key === ',' || event.key === ';') {
      if (typed.trim() === '' && event.key === 'Enter') return;
      event.preventDefault();
      take(typed);
    } else if (event.key === 'Backspace' && typed === '' && value.length > 0) {
      onChange(value.slice(0, -1));
    }
  }

  return (
    <div>
      <div
        className={cx(
          'flex min-h-10 flex-wrap items-center gap-1.5 rounded-lg border bg-surface px-2 py-1 has-[input:focus]:outline-2 has-[input:focus]:outline-offset-1 has-[input:focus]:outline-focus',
          fault ? 'border-danger' : 'border-line-strong',
        )}
      >
        <label htmlFor={id} className="px-1 text-[0.9rem] text-ink-2">
          {label}
        </label>
        {value.map((one) => (
          <span
            key={one.address}
            className="inline-flex max-w-full items-center gap-1 rounded-md bg-hover py-0.5 pr-0.5 pl-2 text-[0.93rem]"
          >
            <span className="truncate">{fullOf(one)}</span>
            <button
              type="button"
              aria-label={words.removeAddress(one.address)}
              onClick={() => onChange(value.filter(({ address }) => address !== one.address))}
              className="flex size-6 shrink-0 items-center justify-center rounded hover:bg-surface"
            >
              <X aria-hidden className="size-3.5" />
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          type="text"
          inputMode="email"
          autoComplete="off"
          autoFocus={autoFocus}
          list={known.length > 0 ? `${id}-known` : undefined}
          value={typed}
          aria-invalid={fault ? true : undefined}
          aria-describedby={`${id}-hint`}
          onChange={(event) => {
            setWrong(null);
            setTyped(event.target.value);
          }}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            if (!/[,;\n@]/.test(pasted)) return;
            event.preventDefault();
            take(`${typed}${pasted}`);
          }}
          onKeyDown={onKey}
          onBlur={() => typed.trim() !== '' && take(typed)}
          className="h-8 min-w-32 flex-1 bg-transparent px-1 outline-none"
        />
        {known.length > 0 && (
          <datalist id={`${id}-known`}>
            {known.map((address) => (
              <option key={address} value={address} />
            ))}
          </datalist>
        )}
      </div>
      <p id={`${id}-hint`} className={fault ? 'mt-1 text-[0.87rem] text-danger' : 'sr-only'}>
        {fault ?? words.addresses}
      </p>
    </div>
  );
}

/** Whom one may write to, and whose name or address begins so. */
function useKnown(typed: string): string[] {
  const me = useMe();
  const [q, setQ] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), 200);
    return () => clearTimeout(timer);
  }, [typed]);
  const asks = q.length > 1 && !q.includes('<') && isOffice(me.user.role);
  const found = useRoute('GET /api/v1/people', asks ? { query: { q, limit: 8 } } : null, {
    keepPrevious: true,
  });
  if (!asks) return [];
  return (found.data?.items ?? []).flatMap(({ name, email }) =>
    email ? [fullOf({ name, address: email })] : [],
  );
}
