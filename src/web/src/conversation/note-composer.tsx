import { Lock, X } from 'lucide-react';
import { useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { User } from '../../../contracts/users';
import { refresh, useAction, useMe, useUsers } from '../queries';
import { text } from '../text';
import { Button, Combobox, FormError } from '../ui';
import { AutoTextarea } from './auto-textarea';
import { Suggestions } from './suggestions';

const words = text.note;

/** R-CHAT-12: a note for oneself and chosen colleagues; never sent to the person. `@` names and chooses a colleague. */
export function NoteComposer({
  personId,
  applicationId,
  body,
  noteFor,
  onChange,
  onSaved,
}: {
  personId: string;
  applicationId?: string;
  body: string;
  noteFor: string[];
  onChange: (next: { body: string; noteFor: string[] }) => void;
  onSaved: () => void;
}) {
  const me = useMe();
  const users = useUsers();
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const caretTo = useRef<number | null>(null);
  const [mention, setMention] = useState<{ from: number; query: string } | null>(null);
  const [active, setActive] = useState(0);
  const colleagues = useMemo(
    () => (users.data?.items ?? []).filter((user) => user.id !== me.user.id && user.state === 'active'),
    [users.data, me.user.id],
  );
  const matching = useMemo(() => {
    if (!mention) return [];
    const query = mention.query.toLowerCase();
    return colleagues
      .filter(
        ({ name }) =>
          name
            .toLowerCase()
            .split(/\s+/)
            .some((word) => word.startsWith(query)) || name.toLowerCase().startsWith(query),
      )
      .slice(0, 8);
  }, [colleagues, mention]);
  // With the new text and not a frame later: what is typed meanwhile would land before what was typed before it.
  useLayoutEffect(() => {
    if (caretTo.current === null) return;
    input.current?.setSelectionRange(caretTo.current, caretTo.current);
    caretTo.current = null;
  }, [body]);
  const save = useAction('POST /api/v1/people/{personId}/notes', {
    onSuccess: () => {
      refresh('GET /api/v1/people/{personId}/notes', 'GET /api/v1/people/{personId}/timeline');
      onSaved();
    },
  });

  function type(next: string, caret: number) {
    onChange({ body: next, noteFor });
    const found = /(?:^|\s)@([\p{L}\p{N}]*(?: [\p{L}\p{N}]*)?)$/u.exec(next.slice(0, caret));
    setMention(found ? { from: caret - found[1]!.length - 1, query: found[1]! } : null);
    setActive(0);
  }

  function choose(user: User) {
    if (!mention) return;
    const caret = input.current?.selectionStart ?? body.length;
    const before = `${body.slice(0, mention.from)}@${user.name} `;
    onChange({ body: before + body.slice(caret), noteFor: [...new Set([...noteFor, user.id])] });
    setMention(null);
    caretTo.current = before.length;
  }

  function submit() {
    if (body.trim() === '' || save.isPending) return;
    save.mutate({ params: { personId }, body: { body: body.trim(), visibleTo: noteFor, applicationId } });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (mention && matching.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) setActive((active + step + matching.length) % matching.length);
      else if (event.key === 'Enter' || event.key === 'Tab') choose(matching[active]!);
      else if (event.key === 'Escape') setMention(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  }

  return (
    <div className="relative rounded-xl border border-dashed border-note-line bg-note-soft p-2">
      {mention && matching.length > 0 && (
        <Suggestions
          id={id}
          label={words.colleagues}
          items={matching}
          active={active}
          keyOf={(user) => user.id}
          onHover={setActive}
          onChoose={choose}
        >
          {(user) => (
            <>
              {user.name} <span className="text-ink-2">· {text.roles[user.role]}</span>
            </>
          )}
        </Suggestions>
      )}
      <p className="flex items-center gap-1.5 px-2 text-[0.85rem] text-note">
        <Lock aria-hidden className="size-3.5" />
        {words.hint}
      </p>
      <AutoTextarea
        inputRef={input}
        aria-label={words.body}
        aria-controls={mention ? id : undefined}
        aria-activedescendant={mention && matching[active] ? `${id}-${active}` : undefined}
        placeholder={words.placeholder}
        maxLength={10_000}
        value={body}
        onChange={(event) => type(event.target.value, event.target.selectionStart)}
        onKeyDown={onKeyDown}
      />
      {save.error && <FormError error={save.error} />}
      <div className="flex flex-wrap items-center gap-2 px-1 pt-1">
        <ul aria-label={words.readers} className="flex flex-1 flex-wrap items-center gap-1.5">
          {noteFor.map((userId) => {
            const name = users.data?.items.find((user) => user.id === userId)?.name ?? '…';
            return (
              <li
                key={userId}
                className="inline-flex items-center gap-1 rounded-full border border-note-line bg-surface py-0.5 pr-1 pl-2.5 text-[0.87rem]"
              >
                {name}
                <button
                  type="button"
                  aria-label={words.removeReader(name)}
                  onClick={() => onChange({ body, noteFor: noteFor.filter((each) => each !== userId) })}
                  className="flex size-6 items-center justify-center rounded-full hover:bg-hover"
                >
                  <X aria-hidden className="size-3.5" />
                </button>
              </li>
            );
          })}
          <li className="w-44">
            <Combobox
              label={words.addReader}
              hideLabel
              placeholder={words.addReader}
              options={colleagues
                .filter((user) => !noteFor.includes(user.id))
                .map((user) => ({ value: user.id, label: user.name, hint: text.roles[user.role] }))}
              value={null}
              onChange={(userId) => userId && onChange({ body, noteFor: [...noteFor, userId] })}
            />
          </li>
        </ul>
        <Button
          variant="primary"
          size="sm"
          busy={save.isPending}
          disabled={body.trim() === ''}
          onClick={submit}
        >
          {words.save}
        </Button>
      </div>
    </div>
  );
}
