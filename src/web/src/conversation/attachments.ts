import { useCallback } from 'react';
import type { MediaType } from '../../../domain/media-rules';
import { ApiError, newIntent, upload } from '../api';
import { text } from '../text';
import { useUploads } from '../use-uploads';

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
  const {
    drafts: attachments,
    setDrafts,
    change: turn,
    begin,
    done,
    remove,
    clear,
  } = useUploads<Attachment>();

  const change = useCallback(
    (key: string, next: Partial<Attachment>) => turn(key, (each) => ({ ...each, ...next })),
    [turn],
  );

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
        const signal = begin(key);
        const typed =
          file.type === check.mimeType ? file : new File([file], file.name, { type: check.mimeType });
        const stored = await upload(typed, {
          channel,
          onProgress: (progress) => change(key, { progress }),
          signal,
        });
        change(key, { state: 'ready', mediaId: stored.id, progress: 1 });
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') return;
        change(key, {
          state: 'failed',
          problem: error instanceof ApiError ? error.detail : text.composer.unreadable,
        });
      } finally {
        done(key);
      }
    },
    [begin, change, channel, done],
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
      setDrafts((all) => [...all, ...fresh].slice(0, mostAtOnce));
      for (const { key, file } of fresh) void start(key, file);
    },
    [setDrafts, start],
  );

  const again = useCallback(
    ({ key, file }: Attachment) => {
      change(key, { state: 'checking', problem: null, progress: 0 });
      void start(key, file);
    },
    [change, start],
  );

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
