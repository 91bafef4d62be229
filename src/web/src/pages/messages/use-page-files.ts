import { newIntent, uploadToPage } from '../../api';
import { useUploads } from '../../use-uploads';
import { problemOf, refreshWhenOver, type ProblemKey } from './problem';

export type PageFileDraft = {
  key: string;
  file: File;
  progress: number;
} & ({ state: 'uploading' } | { state: 'ready'; id: string } | { state: 'failed'; problem: ProblemKey });

type Next = { progress: number } | { state: 'ready'; id: string } | { state: 'failed'; problem: ProblemKey };

const mostAtOnce = 10;
const mostBytes = 20 * 1024 * 1024;

/** Files that are to go with the candidate's next message: uploaded as soon as they are chosen. */
export function usePageFiles(token: string) {
  const { drafts: files, setDrafts, change: turn, begin, done, remove, clear } = useUploads<PageFileDraft>();
  const change = (key: string, next: Next) => turn(key, (each) => ({ ...each, ...next }));
  const fail = (key: string, problem: ProblemKey) => change(key, { state: 'failed', problem });

  async function start(key: string, file: File) {
    if (file.size === 0) return fail(key, 'page.emptyFile');
    if (file.size > mostBytes) return fail(key, 'page.tooLarge');
    const signal = begin(key);
    try {
      const onProgress = (progress: number) => change(key, { progress });
      const { id } = await uploadToPage(token, file, { onProgress, signal });
      change(key, { state: 'ready', id });
    } catch (error) {
      if (signal.aborted) return;
      refreshWhenOver(error);
      fail(key, problemOf(error, 'page.notUploaded'));
    } finally {
      done(key);
    }
  }

  return {
    files,
    /** Returns whether all of them found room. */
    add(chosen: File[]): boolean {
      const fresh = chosen
        .slice(0, mostAtOnce - files.length)
        .map((file): PageFileDraft => ({ key: newIntent(), file, progress: 0, state: 'uploading' }));
      setDrafts([...files, ...fresh]);
      for (const { key, file } of fresh) void start(key, file);
      return fresh.length === chosen.length;
    },
    remove,
    again({ key, file }: PageFileDraft): void {
      turn(key, () => ({ key, file, progress: 0, state: 'uploading' }));
      void start(key, file);
    },
    fail,
    clear,
  };
}
