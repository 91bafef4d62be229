import { useCallback, useEffect, useRef, useState } from 'react';
import { newIntent, uploadToPage } from '../../api';
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
  const [files, setFiles] = useState<PageFileDraft[]>([]);
  const uploads = useRef(new Map<string, AbortController>());
  const change = useCallback(
    (key: string, next: Next) =>
      setFiles((all) => all.map((each) => (each.key === key ? { ...each, ...next } : each))),
    [],
  );
  const fail = useCallback(
    (key: string, problem: ProblemKey) => change(key, { state: 'failed', problem }),
    [change],
  );

  async function start(key: string, file: File) {
    if (file.size === 0) return fail(key, 'page.emptyFile');
    if (file.size > mostBytes) return fail(key, 'page.tooLarge');
    const stopped = new AbortController();
    uploads.current.set(key, stopped);
    try {
      const onProgress = (progress: number) => change(key, { progress });
      const { id } = await uploadToPage(token, file, { onProgress, signal: stopped.signal });
      change(key, { state: 'ready', id });
    } catch (error) {
      if (stopped.signal.aborted) return;
      refreshWhenOver(error);
      fail(key, problemOf(error, 'page.notUploaded'));
    } finally {
      uploads.current.delete(key);
    }
  }

  useEffect(() => {
    const running = uploads.current;
    return () => running.forEach((upload) => upload.abort());
  }, []);

  return {
    files,
    /** Returns whether all of them found room. */
    add(chosen: File[]): boolean {
      const fresh = chosen
        .slice(0, mostAtOnce - files.length)
        .map((file): PageFileDraft => ({ key: newIntent(), file, progress: 0, state: 'uploading' }));
      setFiles([...files, ...fresh]);
      for (const { key, file } of fresh) void start(key, file);
      return fresh.length === chosen.length;
    },
    remove(key: string): void {
      uploads.current.get(key)?.abort();
      setFiles((all) => all.filter((each) => each.key !== key));
    },
    again({ key, file }: PageFileDraft): void {
      setFiles((all) =>
        all.map((each) => (each.key === key ? { key, file, progress: 0, state: 'uploading' } : each)),
      );
      void start(key, file);
    },
    fail,
    clear: () => setFiles([]),
  };
}
