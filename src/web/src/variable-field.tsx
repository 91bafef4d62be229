import { Braces } from 'lucide-react';
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { templateVariables } from '../../domain/template-render';
import { Suggestions } from './conversation/suggestions';
import { Button, Menu, MenuItem, MenuLabel, TextArea, TextField } from './ui';

const words = {
  insert: 'Insert variable',
  insertInto: (label: string) => `Insert variable: ${label}`,
  names: {
    'candidate.firstName': 'Candidate: first name',
    'candidate.lastName': 'Candidate: last name',
    'candidate.fullName': 'Candidate: full name',
    'contact.firstName': 'Contact: first name',
    'contact.lastName': 'Contact: last name',
    'contact.fullName': 'Contact: full name',
    'vacancy.title': 'Vacancy: title',
    'company.name': 'Company: name',
    'stage.name': 'Stage: name',
    'recruiter.firstName': 'Recruiter: first name',
    'recruiter.fullName': 'Recruiter: full name',
    'recruiter.phone': 'Recruiter: phone',
    'recruiter.email': 'Recruiter: e-mail',
    'candidatePage.link': 'Candidate page: link',
  } satisfies Record<(typeof templateVariables)[number], string>,
  custom: 'Candidate: own field, by its key',
} as const;

const customVariable = 'candidate.custom.key';
const choices: { name: string; label: string }[] = [
  ...templateVariables.map((name) => ({ name, label: words.names[name] })),
  { name: customVariable, label: words.custom },
];

/** A field for a text with variables: a menu puts them in, and so does typing `{{`. */
export function VariableField({
  label,
  value,
  onChange,
  multiline = false,
  rows,
  maxLength,
  hint,
  error,
  required,
  placeholder,
  autoFocus,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  multiline?: boolean;
  rows?: number;
  maxLength?: number;
  hint?: ReactNode;
  error?: string;
  required?: boolean;
  placeholder?: string;
  autoFocus?: boolean;
}) {
  const listId = useId();
  const field = useRef<HTMLInputElement | HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const begun = caret === null ? null : /\{\{\s*([\w.]*)$/.exec(value.slice(0, caret));
  const matching = begun
    ? choices.filter(({ name, label: word }) =>
        `${name} ${word}`.toLowerCase().includes((begun[1] ?? '').toLowerCase()),
      )
    : [];
  const suggesting = begun !== null && matching.length > 0;

  function put(name: string, from: number, to: number) {
    const rest = value.slice(to).replace(/^\s*\}\}/, '');
    const inserted = `{{${name}}}`;
    onChange(value.slice(0, from) + inserted + rest);
    setCaret(null);
    requestAnimationFrame(() => {
      field.current?.focus();
      // the key of a field of one's own is there to be written over
      const end = from + inserted.length;
      const [start, stop] = name === customVariable ? [end - 5, end - 2] : [end, end];
      field.current?.setSelectionRange(start, stop);
    });
  }

  function complete(choice: { name: string } | undefined) {
    if (!choice || !begun || caret === null) return;
    put(choice.name, caret - begun[0].length, caret);
  }

  function insert(name: string) {
    const from = field.current?.selectionStart ?? value.length;
    const to = field.current?.selectionEnd ?? from;
    put(name, from, Math.max(from, to));
  }

  function onKeyDown(event: KeyboardEvent) {
    if (!suggesting || event.nativeEvent.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setActive((active + step + matching.length) % matching.length);
    else if (event.key === 'Enter' || event.key === 'Tab') complete(matching[active] ?? matching[0]);
    else if (event.key === 'Escape') setCaret(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const props = {
    label,
    value,
    maxLength,
    hint,
    error,
    required,
    placeholder,
    autoFocus,
    spellCheck: true,
    'aria-autocomplete': 'list' as const,
    'aria-controls': suggesting ? listId : undefined,
    'aria-activedescendant': suggesting ? `${listId}-${Math.min(active, matching.length - 1)}` : undefined,
    onChange: (event: { target: HTMLInputElement | HTMLTextAreaElement }) => {
      setActive(0);
      setCaret(event.target.selectionStart);
      onChange(event.target.value);
    },
    onKeyDown,
    onBlur: () => setCaret(null),
  };
  return (
    <div className="relative">
      {suggesting && (
        <Suggestions
          id={listId}
          label={words.insert}
          items={matching}
          active={Math.min(active, matching.length - 1)}
          keyOf={({ name }) => name}
          onHover={setActive}
          onChoose={complete}
        >
          {({ name, label: word }) => (
            <>
              {word} <code className="text-[0.85rem] text-ink-2">{`{{${name}}}`}</code>
            </>
          )}
        </Suggestions>
      )}
      {multiline ? (
        <TextArea {...props} rows={rows} ref={field as React.RefObject<HTMLTextAreaElement>} />
      ) : (
        <TextField {...props} ref={field as React.RefObject<HTMLInputElement>} />
      )}
      <div className="mt-1">
        <Menu
          label={words.insert}
          align="start"
          trigger={
            <Button
              size="sm"
              variant="quiet"
              icon={<Braces aria-hidden className="size-4" />}
              aria-label={words.insertInto(label)}
            >
              {words.insert}
            </Button>
          }
        >
          <MenuLabel>{words.insert}</MenuLabel>
          {choices.map(({ name, label: word }) => (
            <MenuItem key={name} onSelect={() => insert(name)}>
              {word}
            </MenuItem>
          ))}
        </Menu>
      </div>
    </div>
  );
}
