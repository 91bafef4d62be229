import { useCallback, useEffect, useRef, useState } from 'react';
import type { Mail } from '../../../../contracts/mails';
import { ApiError, call } from '../../api';
import { keyOf, queryClient, refresh } from '../../queries';
import { text } from '../../text';

export type DraftFields = Pick<Mail, 'to' | 'cc' | 'bcc' | 'subject' | 'text' | 'private'> & {
  quote: boolean;
};

const saveAfterMs = 800;

/** Drafts that were begun on this page and are still as they came, with what they quote. */
export const begun = new Set<string>();

const isEmpty = (
  { state, replyToMailId, attachments }: Mail,
  { to, cc, bcc, subject, text: said }: DraftFields,
): boolean =>
  state === 'draft' &&
  replyToMailId === null &&
  [to, cc, bcc, attachments].every((list) => list.length === 0) &&
  `${subject}${said}`.trim() === '';

/** A draft that saves itself while it is written. One save at a time: each goes out from the version that the one before has made. */
export function useDraft(draft: Mail) {
  const mailId = draft.id;
  const [fields, setFields] = useState<DraftFields>(() => ({
    to: draft.to,
    cc: draft.cc,
    bcc: draft.bcc,
    subject: draft.subject,
    text: draft.text,
    private: draft.private,
    quote: draft.quoted !== null,
  }));
  const [state, setState] = useState<'saved' | 'saving' | 'unsaved'>('saved');
  const [error, setError] = useState<ApiError | null>(null);
  const version = useRef(draft.version);
  const waiting = useRef<DraftFields | null>(null);
  const running = useRef<Promise<void> | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const flush = useCallback((): Promise<void> => {
    clearTimeout(timer.current);
    const save = async () => {
      while (waiting.current) {
        const body = waiting.current;
        waiting.current = null;
        setState('saving');
        try {
          const saved = await call('PUT /api/v1/mails/{mailId}/draft', {
            params: { mailId },
            body: { ...body, version: version.current },
          });
          version.current = saved.version;
          queryClient.setQueryData(keyOf('GET /api/v1/mails/{mailId}', { params: { mailId } }), saved);
          setError(null);
        } catch (fault) {
          waiting.current ??= body;
          setState('unsaved');
          setError(fault instanceof ApiError ? fault : new ApiError(0, { detail: text.errors.unexpected }));
          throw fault;
        }
      }
      setState('saved');
    };
    running.current ??= save().finally(() => {
      running.current = null;
    });
    return running.current;
  }, [mailId]);

  const change = useCallback(
    (next: Partial<DraftFields>) => {
      setFields((before) => {
        const after = { ...before, ...next };
        waiting.current = after;
        return after;
      });
      begun.delete(mailId);
      setState('unsaved');
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush().catch(() => undefined), saveAfterMs);
    },
    [flush, mailId],
  );

  // the browser asks before it leaves the page, and what was typed is saved meanwhile
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      if (!waiting.current && !running.current) return;
      event.preventDefault();
      void flush().catch(() => undefined);
    };
    window.addEventListener('beforeunload', onLeave);
    return () => window.removeEventListener('beforeunload', onLeave);
  }, [flush]);

  const dropped = useRef(false);
  const touch = useCallback(() => void begun.delete(mailId), [mailId]);
  const latest = useRef({ draft, fields });
  latest.current = { draft, fields };
  // what was not saved yet when one goes elsewhere; what nothing was written in does not stay
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      if (dropped.current) return;
      const { draft: shown, fields: written } = latest.current;
      const left =
        begun.has(mailId) || isEmpty(shown, written)
          ? call('DELETE /api/v1/mails/{mailId}/draft', {
              params: { mailId },
              query: { version: version.current },
            })
          : flush();
      void left
        .catch(() => undefined)
        .then(() => refresh('GET /api/v1/mail-threads', 'GET /api/v1/mails/counts'));
    },
    [flush, mailId],
  );

  return { fields, change, flush, state, error, version, touch, drop: () => void (dropped.current = true) };
}
