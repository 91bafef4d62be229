import { FileText, LoaderCircle, RotateCcw, TriangleAlert, X } from 'lucide-react';
import type { Ref } from 'react';
import type { Language } from '../../../../contracts/common';
import { say } from '../../../../domain/words';
import { fileSize } from '../../format';
import { cx, IconButton, UploadBar } from '../../ui';
import type { ProblemKey } from './problem';
import type { PageFileDraft } from './use-page-files';

/** Faults that another try may mend; a file that is not taken stays so. */
const mayPass: ReadonlySet<ProblemKey> = new Set(['page.notUploaded', 'page.tooMuch']);

/** What will go with the message, each with its size and how far it is, or what is wrong with it. */
export function PageFileList({
  ref,
  language,
  files,
  disabled,
  onRemove,
  onAgain,
}: {
  ref: Ref<HTMLUListElement>;
  language: Language;
  files: PageFileDraft[];
  disabled: boolean;
  onRemove: (key: string) => void;
  onAgain: (file: PageFileDraft) => void;
}) {
  return (
    <ul
      ref={ref}
      aria-label={say(language, 'page.files')}
      className="scroll-y mb-2 max-h-[30dvh] space-y-1.5 rounded-lg"
    >
      {files.map((each) => {
        const { key, file, state, progress } = each;
        const Icon = state === 'uploading' ? LoaderCircle : state === 'failed' ? TriangleAlert : FileText;
        return (
          <li
            key={key}
            className={cx(
              'relative flex items-center gap-2 overflow-hidden rounded-lg px-3 py-1.5',
              state === 'failed' ? 'bg-danger-soft text-danger' : 'bg-sunken',
            )}
          >
            <Icon aria-hidden className={cx('size-4.5 shrink-0', state === 'uploading' && 'animate-spin')} />
            <span className="min-w-0 flex-1">
              <span className="[overflow-wrap:anywhere]">{file.name}</span>
              <span className={state === 'failed' ? undefined : 'text-ink-2'}> · {fileSize(file.size)}</span>
              <span
                role={state === 'failed' ? 'alert' : 'status'}
                className={cx('block text-[0.9rem]', state === 'uploading' && 'text-ink-2')}
              >
                {state === 'failed' && say(language, each.problem)}
                {state === 'uploading' && say(language, 'page.uploading')}
              </span>
            </span>
            {state === 'failed' && mayPass.has(each.problem) && (
              <IconButton
                size="sm"
                label={say(language, 'page.again', { file: file.name })}
                icon={<RotateCcw aria-hidden className="size-4" />}
                disabled={disabled}
                onClick={() => onAgain(each)}
              />
            )}
            <IconButton
              size="sm"
              data-remove
              label={say(language, 'page.remove', { file: file.name })}
              icon={<X aria-hidden className="size-4" />}
              disabled={disabled}
              onClick={() => onRemove(key)}
            />
            {state === 'uploading' && <UploadBar progress={progress} />}
          </li>
        );
      })}
    </ul>
  );
}
