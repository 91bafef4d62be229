import { useCallback, useEffect, useRef, useState } from 'react';
import type { MediaType } from '../../../domain/media-rules';
import { ApiError, newIntent, upload } from '../api';
import { text } from '../text';

export type Attachment = {
  key: string;
  file: File;
  media: MediaType | null;
  /** A small picture of it, for images. */
  preview: string | null;
  progress: number;
  state: 'checking' | 'uploading' | 'ready' | 'failed';
  mediaId: string | null;
  problem: string | null;
};

const mostAtOnce = 10;
// more than any kind may have: not even read
const mostBytes = 100 * 1024 * 1024;

/** Files that are to go with the next message: checked as the server will check them, then uploaded at once. */
export function useAttachments(channel: 'whatsapp' | 'email') {
  const [attachments, setAttachments] = useState<Attachment[]>([]);
  const uploads = useRef(new Map<string, AbortController>());

  const change = useCallback((key: string, next: Partial<Attachment>) => {
    setAttachments((all) => all.map((each) => (each.key === key ? { ...each, ...next } : each)));
  }, []);

  const start = useCallback(
    async (key: string, file: File) => {
      try {
        if (file.size > mostBytes) return change(key, { state: 'failed', problem: text.composer.tooLarge });
        const bytes = new Uint8Array(await file.arrayBuffer());
        const rules = await import('../../../domain/media-rules');
        const given = { bytes, declaredMimeType: file.type };
        const check = channel === 'email' ? rules.checkEmailFile(given) : rules.checkWhatsAppMedia(given);
        if (!check.ok) return change(key, { state: 'failed', problem: check.sentence });
        const media = rules.mediaTypeOf(check.mimeType) ?? null;
        change(key, { state: 'uploading', media, preview: media === 'image' ? await dataUrl(file) : null });
        const controller = new AbortController();
        uploads.current.set(key, controller);
        const typed =
          file.type === check.mimeType ? file : new File([file], file.name, { type: check.mimeType });
        const stored = await upload(typed, {
          channel,
          onProgress: (progress) => change(key, { progress }),
          signal: controller.signal,
        });
        change(key, { state: 'ready', mediaId: stored.id, progress: 1 });
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') return;
        change(key, {
          state: 'failed',
          problem: error instanceof ApiError ? error.detail : text.composer.unreadable,
        });
      } finally {
        uploads.current.delete(key);
      }
    },
    [change, channel],
  );

  const add = useCallback(
    (files: Iterable<File>) => {
      const fresh = [...files].slice(0, mostAtOnce).map<Attachment>((file) => ({
        key: newIntent(),
        file,
        media: null,
        preview: null,
        progress: 0,
        state: 'checking',
        mediaId: null,
        problem: null,
      }));
      setAttachments((all) => [...all, ...fresh].slice(0, mostAtOnce));
      for (const { key, file } of fresh) void start(key, file);
    },
    [start],
  );

  const remove = useCallback((key: string) => {
    uploads.current.get(key)?.abort();
    setAttachments((all) => all.filter((each) => each.key !== key));
  }, []);

  const again = useCallback(
    ({ key, file }: Attachment) => {
      change(key, { state: 'checking', problem: null, progress: 0 });
      void start(key, file);
    },
    [change, start],
  );

  const clear = useCallback(() => setAttachments([]), []);

  useEffect(() => {
    const running = uploads.current;
    return () => running.forEach((controller) => controller.abort());
  }, []);

  return { attachments, add, remove, again, clear };
}

function dataUrl(file: File): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : null);
    reader.onerror = () => resolve(null);
    reader.readAsDataURL(file);
  });
}
