import { useCallback, useEffect, useRef, useState } from 'react';

/** Files that are to go with the next message, and their uploads: one ends when its file is taken away, all end with the page. */
export function useUploads<Draft extends { key: string; file: File }>() {
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const running = useRef(new Map<string, AbortController>());

  useEffect(() => {
    const uploads = running.current;
    return () => uploads.forEach((upload) => upload.abort());
  }, []);

  const change = useCallback((key: string, next: (draft: Draft) => Draft) => {
    setDrafts((all) => all.map((each) => (each.key === key ? next(each) : each)));
  }, []);

  /** The signal with which the file's upload ends; `done` when it has. */
  const begin = useCallback((key: string): AbortSignal => {
    const upload = new AbortController();
    running.current.set(key, upload);
    return upload.signal;
  }, []);
  const done = useCallback((key: string) => void running.current.delete(key), []);

  const remove = useCallback((key: string) => {
    running.current.get(key)?.abort();
    setDrafts((all) => all.filter((each) => each.key !== key));
  }, []);

  const clear = useCallback(() => setDrafts([]), []);

  return { drafts, setDrafts, change, begin, done, remove, clear };
}
