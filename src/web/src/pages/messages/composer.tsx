import { LoaderCircle, Paperclip, SendHorizontal, TriangleAlert, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { PageFile } from '../../../../contracts/candidate-pages';
import type { Language, Problem } from '../../../../contracts/common';
import { say, type WordKey } from '../../../../domain/words';
import { ApiError } from '../../api';
import { AutoTextarea } from '../../conversation/auto-textarea';
import { refresh, useAction } from '../../queries';
import { AttachButton, Button, IconButton } from '../../ui';

const page = 'GET /api/v1/candidate-pages/{token}';
const mostBytes = 20 * 1024 * 1024;

type Attached = { name: string; state: 'uploading' } | { name: string; state: 'ready'; id: string };

/** What the candidate writes, with a file if they like. Nothing of it is lost when it could not be sent. */
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
  const [file, setFile] = useState<Attached | null>(null);
  const [problem, setProblem] = useState<ProblemKey | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const upload = useRef<AbortController>(null);
  const fieldId = useId();
  const send = useAction('POST /api/v1/candidate-pages/{token}/messages', {
    refresh: [page],
    onSuccess: () => {
      setText('');
      setFile(null);
      onSent();
      input.current?.focus();
    },
    onError: (error) => {
      refreshWhenOver(error);
      setProblem(problemOf(error));
    },
  });

  async function attach(chosen: File | undefined) {
    if (!chosen) return;
    upload.current?.abort();
    setProblem(chosen.size > mostBytes ? 'page.tooLarge' : null);
    if (chosen.size > mostBytes) return setFile(null);
    const stopped = new AbortController();
    upload.current = stopped;
    setFile({ name: chosen.name, state: 'uploading' });
    try {
      const { id } = await uploadFile(token, chosen, stopped.signal);
      setFile({ name: chosen.name, state: 'ready', id });
    } catch (error) {
      if (stopped.signal.aborted) return;
      setFile(null);
      refreshWhenOver(error);
      setProblem(problemOf(error));
    }
  }

  function submit() {
    if (send.isPending || file?.state === 'uploading') return;
    if (text.trim() === '' && !file) return input.current?.focus();
    setProblem(null);
    send.mutate({ params: { token }, body: { text: text.trim(), mediaId: file?.id } });
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
      {file && (
        <p role="status" className="mb-2 flex items-center gap-2 rounded-lg bg-sunken px-3 py-1.5">
          {file.state === 'uploading' ? (
            <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin" />
          ) : (
            <Paperclip aria-hidden className="size-4 shrink-0" />
          )}
          <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
            {file.state === 'uploading' ? say(language, 'page.uploading', { file: file.name }) : file.name}
          </span>
          <IconButton
            size="sm"
            label={say(language, 'page.remove', { file: file.name })}
            icon={<X aria-hidden className="size-4" />}
            onClick={() => {
              upload.current?.abort();
              setFile(null);
              input.current?.focus();
            }}
          />
        </p>
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
        />
      </div>
      <div className="mt-2 flex items-center justify-between gap-2">
        <AttachButton
          label={say(language, 'page.attach')}
          multiple={false}
          disabled={send.isPending}
          onFiles={([chosen]) => void attach(chosen)}
        />
        <Button
          type="submit"
          variant="primary"
          busy={send.isPending}
          disabled={file?.state === 'uploading'}
          icon={<SendHorizontal aria-hidden className="size-4" />}
        >
          {say(language, 'page.send')}
        </Button>
      </div>
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

type ProblemKey = Extract<
  WordKey,
  'page.failed' | 'page.tooMuch' | 'page.tooLarge' | 'page.wrongFile' | 'page.rejected'
>;

/** Refusals in the words of the page: what the server says is English. */
function problemOf(error: unknown): ProblemKey {
  const code = error instanceof ApiError ? error.code : '';
  if (code === 'rate_limited') return 'page.tooMuch';
  if (code === 'too_large') return 'page.tooLarge';
  if (code === 'media_refused') return 'page.wrongFile';
  return code === 'rejected' ? 'page.rejected' : 'page.failed';
}

/** Rejected meanwhile, or the link works no more: the page says so. */
function refreshWhenOver(error: unknown): void {
  if (error instanceof ApiError && (error.code === 'rejected' || error.status === 404)) refresh(page);
}

async function uploadFile(token: string, file: File, signal: AbortSignal): Promise<PageFile> {
  const name = encodeURIComponent(file.name.slice(-240) || 'file');
  const response = await fetch(
    `/api/v1/candidate-pages/${encodeURIComponent(token)}/media?filename=${name}`,
    {
      method: 'POST',
      headers: { 'Content-Type': file.type || 'application/octet-stream' },
      body: file,
      signal,
    },
  );
  if (!response.ok)
    throw new ApiError(response.status, (await response.json().catch(() => ({}))) as Partial<Problem>);
  return (await response.json()) as PageFile;
}
