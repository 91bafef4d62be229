import { FileText, RotateCcw, X } from 'lucide-react';
import { fileSize } from '../format';
import { text } from '../text';
import { cx, UploadBar } from '../ui';
import type { Attachment } from './attachments';

const words = text.composer;

/** What will go with the message, each with its progress or what is wrong with it. */
export function AttachmentList({
  attachments,
  onRemove,
  onAgain,
}: {
  attachments: Attachment[];
  onRemove: (key: string) => void;
  onAgain: (attachment: Attachment) => void;
}) {
  if (attachments.length === 0) return null;
  return (
    <ul aria-label={words.attachments} className="flex flex-wrap gap-2 px-1 pb-2">
      {attachments.map((attachment) => {
        const { key, file, preview, state, progress, problem } = attachment;
        return (
          <li
            key={key}
            className={cx(
              'relative flex max-w-72 items-center gap-2 overflow-hidden rounded-lg border p-1.5 pr-1',
              state === 'failed' ? 'border-danger bg-danger-soft' : 'border-line bg-sunken',
            )}
          >
            {preview ? (
              <img src={preview} alt="" className="size-10 rounded object-cover" />
            ) : (
              <FileText aria-hidden className="size-6 shrink-0 text-ink-2" />
            )}
            <span className="min-w-0 flex-1 text-[0.87rem]">
              <span className="block truncate">{file.name}</span>
              <span
                role={state === 'failed' ? 'alert' : 'status'}
                className={state === 'failed' ? 'text-danger' : 'text-ink-2'}
              >
                {state === 'failed' && problem}
                {state === 'ready' && fileSize(file.size)}
                {(state === 'uploading' || state === 'checking') &&
                  words.uploading(Math.round(progress * 100))}
              </span>
            </span>
            {state === 'failed' && (
              <button
                type="button"
                aria-label={`${text.errors.retry}: ${file.name}`}
                onClick={() => onAgain(attachment)}
                className="flex size-7 items-center justify-center rounded-md hover:bg-hover"
              >
                <RotateCcw aria-hidden className="size-4" />
              </button>
            )}
            <button
              type="button"
              aria-label={words.removeAttachment(file.name)}
              onClick={() => onRemove(key)}
              className="flex size-7 shrink-0 items-center justify-center rounded-md hover:bg-hover"
            >
              <X aria-hidden className="size-4" />
            </button>
            {state === 'uploading' && <UploadBar progress={progress} />}
          </li>
        );
      })}
    </ul>
  );
}
