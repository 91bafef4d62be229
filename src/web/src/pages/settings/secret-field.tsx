import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { IconButton, TextField } from '../../ui';
import { settingsText } from './text';

const words = settingsText.channels.form;

/** A token or secret: hidden while it is entered, shown on demand, never remembered by the browser. */
export function SecretField({
  label,
  hint,
  error,
  value,
  onChange,
}: {
  label: string;
  hint?: string;
  error?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <TextField
        label={label}
        hint={hint}
        error={error}
        type={shown ? 'text' : 'password'}
        autoComplete="off"
        spellCheck={false}
        data-1p-ignore
        className="[&_input]:pr-11"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <IconButton
        size="sm"
        tooltip={false}
        className="absolute top-[1.85rem] right-1"
        aria-pressed={shown}
        label={`${shown ? words.hide : words.show}: ${label}`}
        icon={shown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
        onClick={() => setShown(!shown)}
      />
    </div>
  );
}
