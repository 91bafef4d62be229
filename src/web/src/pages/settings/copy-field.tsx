import { Check, Copy } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button, toastError } from '../../ui';
import { settingsText as words } from './text';

const saidMs = 2000;

/** Something to be copied elsewhere, letter by letter. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), saidMs);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy() {
    input.current?.select();
    try {
      // The clipboard is there in secure contexts only; the old command also works over plain http.
      if (navigator.clipboard) await navigator.clipboard.writeText(value);
      else document.execCommand('copy');
      setCopied(true);
    } catch (error) {
      toastError(error);
    }
  }

  return (
    <label className="block">
      <span className="mb-1 block text-[0.9rem] font-medium">{label}</span>
      <span className="flex gap-2">
        <input
          ref={input}
          readOnly
          value={value}
          onFocus={(event) => event.target.select()}
          className="h-10 min-w-0 flex-1 rounded-lg border border-line-strong bg-sunken px-3 font-mono text-[0.87rem]"
        />
        <Button
          aria-label={words.copyLabel(label)}
          icon={copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
          onClick={() => void copy()}
        >
          {copied ? words.copied : words.copy}
        </Button>
        <span role="status" className="sr-only">
          {copied ? words.copied : ''}
        </span>
      </span>
    </label>
  );
}
