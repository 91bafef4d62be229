import { Check, ChevronsUpDown, X } from 'lucide-react';
import { Popover as Radix } from 'radix-ui';
import { useId, useMemo, useRef, useState } from 'react';
import { text } from '../text';
import { cx } from './cx';

export type ComboboxOption = { value: string; label: string; hint?: string };

/** Choose one of many by typing. `onSearch` hands the typing to whoever searches (the options then are the answer). */
export function Combobox({
  label,
  options,
  value,
  onChange,
  onSearch,
  placeholder = text.common.selectPlaceholder,
  clearable = false,
  hideLabel = false,
  disabled,
  busy,
  selectedLabel,
  className,
}: {
  label: string;
  options: ComboboxOption[];
  value: string | null;
  onChange: (value: string | null) => void;
  onSearch?: (query: string) => void;
  placeholder?: string;
  clearable?: boolean;
  hideLabel?: boolean;
  disabled?: boolean;
  busy?: boolean;
  /** What to show for a value that is not among the options. */
  selectedLabel?: string;
  className?: string;
}) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const shown = useMemo(() => {
    if (onSearch || query.trim() === '') return options;
    const words = query.toLowerCase().split(/\s+/);
    return options.filter(({ label: name, hint }) =>
      words.every((word) => `${name} ${hint ?? ''}`.toLowerCase().includes(word)),
    );
  }, [options, query, onSearch]);
  const selected =
    options.find((option) => option.value === value)?.label ?? (value ? selectedLabel : undefined);

  function search(next: string) {
    setQuery(next);
    setActive(0);
    onSearch?.(next);
  }
  function toggle(next: boolean) {
    setOpen(next);
    if (next) search('');
  }
  function choose(option: ComboboxOption | undefined) {
    if (!option) return;
    onChange(option.value);
    setOpen(false);
  }
  function move(by: number) {
    if (shown.length === 0) return;
    const next = (active + by + shown.length) % shown.length;
    setActive(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  }

  return (
    <div className={className}>
      <span id={`${id}-label`} className={hideLabel ? 'sr-only' : 'mb-1 block text-[0.9rem] font-medium'}>
        {label}
      </span>
      <Radix.Root open={open} onOpenChange={toggle}>
        <span className="relative flex">
          <Radix.Trigger asChild>
            <button
              id={`${id}-button`}
              type="button"
              disabled={disabled}
              aria-labelledby={`${id}-label ${id}-button`}
              onKeyDown={(event) => {
                // who types at once searches: the list opens with it, and the page takes it for no shortcut
                if (event.key.length !== 1 || event.key === ' ') return;
                if (event.ctrlKey || event.metaKey || event.altKey) return;
                event.preventDefault();
                setOpen(true);
                search(`${open ? query : ''}${event.key}`);
              }}
              className="flex h-10 w-full items-center justify-between gap-2 rounded-lg border border-line-strong bg-surface px-3 text-left disabled:bg-sunken disabled:text-ink-3"
            >
              <span className={cx('truncate', !selected && 'text-ink-3')}>{selected ?? placeholder}</span>
              <ChevronsUpDown
                aria-hidden
                className={cx('size-4 shrink-0 text-ink-2', clearable && value && 'mr-7')}
              />
            </button>
          </Radix.Trigger>
          {clearable && value && !disabled && (
            <button
              type="button"
              aria-label={`${text.common.clear}: ${label}`}
              className="absolute top-1 right-1 flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
              onClick={() => onChange(null)}
            >
              <X aria-hidden className="size-4" />
            </button>
          )}
        </span>
        <Radix.Portal>
          <Radix.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-labelledby={`${id}-label`}
            onOpenAutoFocus={(event) => {
              // by itself it would select what was typed, and the next key would take its place
              event.preventDefault();
              input.current?.focus();
              input.current?.setSelectionRange(query.length, query.length);
            }}
            className="pop-in z-50 flex max-h-80 w-(--radix-popover-trigger-width) min-w-64 flex-col rounded-xl border border-line bg-surface shadow-pop"
          >
            <input
              ref={input}
              role="combobox"
              aria-expanded
              aria-controls={`${id}-list`}
              aria-activedescendant={shown[active] ? `${id}-${active}` : undefined}
              aria-label={label}
              autoComplete="off"
              value={query}
              placeholder={text.common.search}
              onChange={(event) => search(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowDown') move(1);
                else if (event.key === 'ArrowUp') move(-1);
                else if (event.key === 'Enter') choose(shown[active]);
                else return;
                event.preventDefault();
              }}
              className="h-10 shrink-0 rounded-t-xl border-b border-line bg-transparent px-3 focus-visible:-outline-offset-2"
            />
            <ul
              ref={list}
              id={`${id}-list`}
              role="listbox"
              aria-label={label}
              className="scroll-y min-h-0 flex-1 p-1.5"
            >
              {shown.map((option, index) => (
                <li
                  key={option.value}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={option.value === value}
                  onClick={() => choose(option)}
                  onPointerMove={() => setActive(index)}
                  className={cx(
                    'flex min-h-9 items-center gap-2 rounded-lg px-2.5 py-1',
                    index === active && 'bg-hover',
                  )}
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{option.label}</span>
                    {option.hint && (
                      <span className="block truncate text-[0.85rem] text-ink-2">{option.hint}</span>
                    )}
                  </span>
                  {option.value === value && (
                    <Check aria-hidden className="size-4 shrink-0 text-accent-text" />
                  )}
                </li>
              ))}
            </ul>
            {shown.length === 0 && (
              <p role="status" className="px-4 pb-3 text-ink-2">
                {busy ? text.common.loading : text.common.noMatches}
              </p>
            )}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </div>
  );
}
