import { useEffect, useRef, type ReactNode } from 'react';
import { cx } from '../ui';

/** What may be meant, above the field one types in; moved through with the arrow keys of that field. */
export function Suggestions<T>({
  id,
  label,
  items,
  active,
  keyOf,
  onHover,
  onChoose,
  empty,
  children,
}: {
  id: string;
  label: string;
  items: T[];
  active: number;
  keyOf: (item: T) => string;
  onHover: (index: number) => void;
  onChoose: (item: T) => void;
  empty?: ReactNode;
  children: (item: T) => ReactNode;
}) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div className="pop-in absolute right-0 bottom-full left-0 z-20 mb-2 overflow-hidden rounded-xl border border-line bg-surface shadow-pop">
      <ul ref={list} id={id} role="listbox" aria-label={label} className="scroll-y max-h-64 p-1.5">
        {items.map((item, index) => (
          <li
            key={keyOf(item)}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onPointerMove={() => onHover(index)}
            // before the field loses the focus
            onPointerDown={(event) => {
              event.preventDefault();
              onChoose(item);
            }}
            className={cx('rounded-lg px-2.5 py-1.5', index === active && 'bg-hover')}
          >
            {children(item)}
          </li>
        ))}
      </ul>
      {items.length === 0 && <p className="px-4 py-3 text-ink-2">{empty}</p>}
    </div>
  );
}
