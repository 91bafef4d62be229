import { ArrowLeft, FileText, SendHorizontal, Trash2, TriangleAlert, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Mail, MailFolder } from '../../../../contracts/mails';
import { attachToMail } from '../../api';
import { fileSize } from '../../format';
import { keyOf, queryClient, useAction } from '../../queries';
import {
  AttachButton,
  Button,
  Checkbox,
  ConfirmDialog,
  FormError,
  IconButton,
  TextArea,
  TextField,
  toast,
  toastError,
} from '../../ui';
import { AddressField } from './address-field';
import { fullOf } from './names';
import { mailPageText as words } from './text';
import { useDraft } from './use-draft';
import { useMailPath } from './use-mail-list';

const lists = ['GET /api/v1/mail-threads', 'GET /api/v1/mails/counts'] as const;

/** Writes a mail: it saves itself, and goes when *Send* is pressed. */
export function MailComposer({
  draft,
  folder,
  onBack,
}: {
  draft: Mail;
  folder: MailFolder;
  onBack: () => void;
}) {
  const [, navigate] = useLocation();
  const mailPath = useMailPath();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const params = { mailId: draft.id };
  const { fields, change, flush, state, error, version, drop, touch } = useDraft(draft);
  const [copies, setCopies] = useState(draft.cc.length + draft.bcc.length > 0);
  const [asking, setAsking] = useState<'discard' | 'sendAgain' | null>(null);
  const leave = () =>
    draft.replyToMailId === null ? onBack() : navigate(mailPath(folder, draft.replyToMailId));
  const send = useAction('POST /api/v1/mails/{mailId}/send', {
    refresh: [...lists, 'GET /api/v1/mails/{mailId}/thread'],
    onSuccess: () => {
      toast({ tone: 'ok', title: words.sending });
      drop();
      leave();
    },
  });
  const discard = useAction('DELETE /api/v1/mails/{mailId}/draft', { refresh: [...lists] });

  async function submit() {
    touch();
    // an address that was typed and not left yet
    (document.activeElement as HTMLElement | null)?.blur();
    await new Promise((resolve) => setTimeout(resolve));
    // nobody is left out because of a slip of the keyboard
    if (!form.current?.checkValidity())
      return form.current?.querySelector<HTMLElement>('input:invalid')?.focus();
    try {
      await flush();
    } catch {
      return;
    }
    await send.mutateAsync({ params, body: { version: version.current } });
  }
  const fault = send.error ?? error;

  return (
    <form
      ref={form}
      aria-labelledby={`${id}-title`}
      noValidate
      className="flex h-full min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.state === 'unknown') setAsking('sendAgain');
        else void submit().catch(() => undefined);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
    >
      <header className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-3 sm:px-6">
        <IconButton
          label={words.back}
          icon={<ArrowLeft aria-hidden className="size-5" />}
          size="sm"
          className="lg:hidden"
          onClick={onBack}
        />
        <h2 id={`${id}-title`} className="min-w-0 flex-1 truncate font-display text-xl font-semibold">
          {fields.subject || words.newMail}
        </h2>
        <span role="status" className="text-[0.87rem] text-ink-2">
          {words[state]}
        </span>
      </header>
      <div className="scroll-y min-h-0 flex-1 space-y-3 px-4 py-4 sm:px-6">
        {draft.reasonText && (
          <p role="status" className="flex gap-2 rounded-xl bg-danger-soft px-3 py-2 text-danger">
            <TriangleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0" />
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {draft.reasonText} {draft.reasonDetail}
            </span>
          </p>
        )}
        <p className="text-[0.95rem] [overflow-wrap:anywhere]">
          <span className="text-ink-2">{words.from}</span> {fullOf(draft.from)}
        </p>
        <AddressField
          label={words.toLabel}
          value={fields.to}
          error={fault?.fieldError('to')}
          autoFocus={draft.to.length === 0}
          onChange={(to) => change({ to })}
        />
        {copies ? (
          <>
            <AddressField label={words.cc} value={fields.cc} onChange={(cc) => change({ cc })} />
            <AddressField label={words.bcc} value={fields.bcc} onChange={(bcc) => change({ bcc })} />
          </>
        ) : (
          <Button size="sm" variant="quiet" onClick={() => setCopies(true)}>
            {words.addCc}
          </Button>
        )}
        <TextField
          label={words.subject}
          maxLength={998}
          value={fields.subject}
          onChange={(event) => change({ subject: event.target.value })}
        />
        <TextArea
          label={words.text}
          placeholder={words.textPlaceholder}
          rows={12}
          autoFocus={draft.to.length > 0}
          value={fields.text}
          onChange={(event) => change({ text: event.target.value })}
        />
        {draft.signature !== null && (
          <p className="text-[0.93rem] whitespace-pre-line text-ink-2">
            <span className="sr-only">{words.signature}: </span>
            {`-- \n${draft.signature}`}
          </p>
        )}
        {draft.replyToMailId !== null && (
          <Checkbox label={words.quote} checked={fields.quote} onChange={(quote) => change({ quote })} />
        )}
        {fields.quote && draft.quoted !== null && (
          <pre className="scroll-y max-h-56 rounded-lg bg-sunken p-3 font-sans text-[0.9rem] whitespace-pre-wrap text-ink-2 [overflow-wrap:anywhere]">
            {draft.quoted}
          </pre>
        )}
        <Attachments draft={draft} onChange={touch} />
        <Checkbox
          label={words.private}
          hint={fields.private ? words.privateHint : words.privateOffer}
          checked={fields.private}
          onChange={(isPrivate) => change({ private: isPrivate })}
        />
      </div>
      <footer className="flex shrink-0 flex-wrap justify-between gap-2 border-t border-line px-4 py-3 sm:px-6">
        <div className="w-full empty:hidden">
          <FormError error={fault} shown={['to']} />
        </div>
        <Button icon={<Trash2 aria-hidden className="size-4" />} onClick={() => setAsking('discard')}>
          {words.discard}
        </Button>
        <Button
          type="submit"
          variant="primary"
          busy={send.isPending}
          icon={<SendHorizontal aria-hidden className="size-4" />}
        >
          {words.send}
        </Button>
      </footer>
      <ConfirmDialog
        open={asking === 'discard'}
        danger
        onOpenChange={() => setAsking(null)}
        title={words.discardTitle}
        body={words.discardBody}
        confirmLabel={words.discard}
        onConfirm={async () => {
          drop();
          await discard.mutateAsync({ params });
          leave();
        }}
      />
      <ConfirmDialog
        open={asking === 'sendAgain'}
        onOpenChange={() => setAsking(null)}
        title={words.sendAgain}
        body={words.sendAgainBody}
        confirmLabel={words.send}
        onConfirm={submit}
      />
    </form>
  );
}

function Attachments({ draft, onChange }: { draft: Mail; onChange: () => void }) {
  const [busy, setBusy] = useState(false);
  const params = { mailId: draft.id };
  const show = (mail: Mail) =>
    queryClient.setQueryData(keyOf('GET /api/v1/mails/{mailId}', { params }), mail);
  const remove = useAction('DELETE /api/v1/mails/{mailId}/attachments/{attachmentId}', {
    onSuccess: show,
    onError: toastError,
  });

  async function attach(files: File[]) {
    onChange();
    setBusy(true);
    try {
      for (const file of files) show(await attachToMail(draft.id, file));
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div>
      <AttachButton
        label={busy ? words.uploading : words.attach}
        size="sm"
        busy={busy}
        onFiles={(files) => void attach(files)}
      />
      {draft.attachments.length > 0 && (
        <ul aria-label={words.attachments} className="mt-2 flex flex-wrap gap-2">
          {draft.attachments.map(({ id, filename, size }) => (
            <li
              key={id}
              className="flex max-w-full items-center gap-2 rounded-lg border border-line bg-sunken py-1 pr-1 pl-2.5"
            >
              <FileText aria-hidden className="size-4.5 shrink-0 text-ink-2" />
              <span className="min-w-0 truncate">{filename}</span>
              <span className="shrink-0 text-[0.85rem] text-ink-2">{fileSize(size)}</span>
              <button
                type="button"
                aria-label={words.removeAttachment(filename)}
                disabled={remove.isPending}
                onClick={() => {
                  onChange();
                  remove.mutate({ params: { ...params, attachmentId: id } });
                }}
                className="flex size-7 shrink-0 items-center justify-center rounded-md hover:bg-hover"
              >
                <X aria-hidden className="size-4" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
