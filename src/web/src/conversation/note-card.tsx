import { Lock } from 'lucide-react';
import { memo } from 'react';
import type { Note } from '../../../contracts/records';
import { text } from '../text';
import { Time } from '../ui';

const words = text.note;

/** A note stands among the messages, but looks like nothing that is ever sent. */
export const NoteCard = memo(function NoteCard({ note, myId }: { note: Note; myId: string }) {
  const readers = note.visibleTo.filter(({ id }) => id !== note.author.id);
  return (
    <article
      data-entry={note.id}
      aria-label={words.label(note.author.name)}
      className="flex justify-center px-3 pt-3 sm:px-6"
    >
      <div className="w-full max-w-xl rounded-lg border border-dashed border-note-line bg-note-soft px-3 py-2">
        <p className="flex flex-wrap items-center gap-x-1.5 text-[0.82rem] text-note">
          <Lock aria-hidden className="size-3.5" />
          <strong className="font-semibold">
            {words.heading(note.author.id === myId ? null : note.author.name)}
          </strong>
          <span>
            ·{' '}
            {readers.length === 0
              ? words.onlyAuthor
              : words.visibleTo(
                  readers.map((reader) => (reader.id === myId ? text.common.you : reader.name)),
                )}
          </span>
          <Time at={note.occurredAt} show="clock" className="ml-auto" />
        </p>
        <p className="mt-0.5 break-words whitespace-pre-wrap">{note.body}</p>
      </div>
    </article>
  );
});
