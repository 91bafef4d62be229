import { Dialog } from '../../ui';
import { keysText } from './keys-text';

export function KeysHelp({
  open,
  onOpenChange,
  words = keysText,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  words?: { title: string; list: readonly { keys: readonly string[]; does: string }[] };
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.title}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-5 gap-y-2.5">
        {words.list.map(({ keys, does }) => (
          <div key={does} className="contents">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-7 rounded-md border border-line-strong bg-sunken px-1.5 py-0.5 text-center font-sans text-[0.85rem]"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
