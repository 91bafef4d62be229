import type { Copies } from '../../../contracts/messages';
import { fullOf } from '../pages/mail/names';
import { detailsText as words } from './details-text';

/** Who else has the e-mail. */
export function CopiedTo({ copies }: { copies: Copies }) {
  const lists = [
    [words.cc, copies.cc],
    [words.bcc, copies.bcc],
  ] as const;
  return lists.map(
    ([label, people]) =>
      people.length > 0 && (
        <p key={label} className="text-[0.87rem] text-ink-2 [overflow-wrap:anywhere]">
          {label}: {people.map(fullOf).join(', ')}
        </p>
      ),
  );
}
