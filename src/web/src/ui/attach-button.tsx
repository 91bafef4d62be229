import { Paperclip } from 'lucide-react';
import { useRef } from 'react';
import { Button, IconButton } from './button';

/** A paper clip, behind which the browser lets one choose files. */
export function AttachButton({
  label,
  iconOnly = false,
  multiple = true,
  accept,
  size,
  busy,
  disabled,
  onFiles,
}: {
  label: string;
  iconOnly?: boolean;
  multiple?: boolean;
  accept?: string;
  size?: 'sm' | 'md';
  busy?: boolean;
  disabled?: boolean;
  onFiles: (files: File[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const open = () => input.current?.click();
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple={multiple}
        accept={accept}
        hidden
        aria-label={label}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // the same file can be chosen again
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
      {iconOnly ? (
        <IconButton
          label={label}
          icon={<Paperclip aria-hidden className="size-4.5" />}
          size={size}
          disabled={disabled}
          onClick={open}
        />
      ) : (
        <Button
          size={size}
          busy={busy}
          disabled={disabled}
          icon={<Paperclip aria-hidden className="size-4" />}
          onClick={open}
        >
          {label}
        </Button>
      )}
    </>
  );
}
