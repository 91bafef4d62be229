import { SendHorizontal, TriangleAlert } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { Language } from '../../../../contracts/common';
import { say } from '../../../../domain/words';
import { AutoTextarea } from '../../conversation/auto-textarea';
import { useAction } from '../../queries';
import { AttachButton, Button } from '../../ui';
import { PageFileList } from './page-file-list';
import { problemOf, refreshWhenOver, type ProblemKey } from './problem';
import { useFileDrop } from './use-file-drop';
import { usePageFiles } from './use-page-files';

/** What the candidate writes, with files if they like. Nothing of it is lost when it could not be sent. */
export function Composer({
  token,
  language,
  onSent,
}: {
  token: string;
  language: Language;
  onSent: () => void;
}) {
  const [text, setText] = useState(() => kept.read(token));
  useEffect(() => kept.write(token, text), [token, text]);
  const { files, add, remove, again, fail, clear } = usePageFiles(token);
  const [problem, setProblem] = useState<ProblemKey | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const fieldId = useId();
  const uploading = files.some(({ state }) => state === 'uploading');
  const send = useAction('POST /api/v1/candidate-pages/{token}/messages', {
    refresh: ['GET /api/v1/candidate-pages/{token}'],
    onSuccess: () => {
      setText('');
      clear();
      onSent();
      input.current?.focus();
    },
    onError: (error) => {
      refreshWhenOver(error);
      const gone = files.filter((_, index) => error.fieldError(`mediaIds.${index}`) !== undefined);
      for (const { key } of gone) fail(key, 'page.notUploaded');
      setProblem(gone.length > 0 ? 'page.withFaults' : problemOf(error));
    },
  });

  function attach(chosen: File[]) {
    if (send.isPending) return;
    setProblem(add(chosen) ? null : 'page.tooMany');
  }
  const held = useFileDrop(attach);

  function removeFile(key: string) {
    const index = files.findIndex((file) => file.key === key);
    remove(key);
    setProblem(null);
    // whoever takes several away by keyboard stays there
    requestAnimationFrame(() => {
      const buttons = list.current?.querySelectorAll<HTMLElement>('[data-remove]') ?? [];
      (buttons[Math.min(index, buttons.length - 1)] ?? input.current)?.focus();
    });
  }

  function submit() {
    if (send.isPending || uploading) return;
    if (text.trim() === '' && files.length === 0) return input.current?.focus();
    const mediaIds = files.flatMap((file) => (file.state === 'ready' ? file.id : []));
    if (mediaIds.length < files.length) {
      setProblem('page.withFaults');
      return list.current?.querySelector('[role=alert]')?.scrollIntoView({ block: 'nearest' });
    }
    setProblem(null);
    send.mutate({ params: { token }, body: { text: text.trim(), mediaIds } });
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem && (
        <p
          role="alert"
          className="mb-2 flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-[0.93rem] text-danger"
        >
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {say(language, problem)}
        </p>
      )}
      {files.length > 0 && (
        <PageFileList
          ref={list}
          language={language}
          files={files}
          disabled={send.isPending}
          onRemove={removeFile}
          onAgain={(file) => {
            setProblem(null);
            again(file);
          }}
        />
      )}
      <label htmlFor={fieldId} className="mb-1 block text-[0.9rem] font-medium">
        {say(language, 'page.message')}
      </label>
      <div className="rounded-lg border border-line-strong bg-surface focus-within:border-accent">
        <AutoTextarea
          inputRef={input}
          id={fieldId}
          rows={2}
          maxLength={4096}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
          }}
          onPaste={(event) => {
            const pasted = [...event.clipboardData.files];
            if (pasted.length === 0) return;
            event.preventDefault();
            attach(pasted);
          }}
        />
      </div>
      <div className="mt-2 flex items-center justify-between gap-2">
        <AttachButton label={say(language, 'page.attach')} disabled={send.isPending} onFiles={attach} />
        <Button
          type="submit"
          variant="primary"
          busy={send.isPending}
          disabled={uploading}
          icon={<SendHorizontal aria-hidden className="size-4" />}
        >
          {say(language, 'page.send')}
        </Button>
      </div>
      {held && (
        <div className="pointer-events-none fixed inset-2 z-30 flex items-center justify-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 p-4 text-center font-display text-xl font-semibold text-accent-text">
          {say(language, 'page.drop')}
        </div>
      )}
    </form>
  );
}

/** What was written and not sent, for as long as the tab is open: phones load a page again that was in the background. */
const kept = {
  read(token: string): string {
    try {
      return window.sessionStorage.getItem(`parley.answer.${token}`) ?? '';
    } catch {
      return '';
    }
  },
  write(token: string, text: string): void {
    try {
      if (text === '') window.sessionStorage.removeItem(`parley.answer.${token}`);
      else window.sessionStorage.setItem(`parley.answer.${token}`, text);
    } catch {
      // full or forbidden
    }
  },
};
