import { useState } from 'react';
import type { MailAddress } from '../../../contracts/mails';
import { useAction } from '../queries';
import { scheduleText as words } from '../send/text';
import { DateAndTime, firstWhen, instantOf, Otherwise } from '../send/when-field';
import { text } from '../text';
import { FormDialog, toast } from '../ui';

/** A text, a template with the values for its parameters, or files. */
export type Later = {
  text?: string;
  templateId?: string;
  parameters?: Record<string, string>;
  /** Of an e-mail. */
  title?: string;
  mediaIds?: string[];
  cc?: MailAddress[];
  bcc?: MailAddress[];
  applicationId?: string;
  replyToId?: string;
};

/** R-SEND-7: what stands in the composer, or the template that was chosen, goes later. */
export function ScheduleDialog({
  conversationId,
  channel,
  message,
  shown,
  onClose,
  onScheduled,
}: {
  conversationId: string;
  channel: 'whatsapp' | 'email';
  message: Later;
  /** What it will say, as things are now. */
  shown: string;
  onClose: () => void;
  onScheduled: () => void;
}) {
  const [when, setWhen] = useState(firstWhen);
  const [templateId, setTemplateId] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const schedule = useAction('POST /api/v1/conversations/{conversationId}/scheduled-messages', {
    refresh: ['GET /api/v1/people/{personId}/planned', 'GET /api/v1/applications/{applicationId}/planned'],
  });
  const at = instantOf(when);
  const free = channel === 'whatsapp' && !message.templateId;

  async function submit() {
    setTried(true);
    if ('fault' in at) return;
    const otherwise = templateId === null ? {} : { templateId };
    await schedule.mutateAsync({
      params: { conversationId },
      body: { ...message, ...otherwise, sendAt: at.sendAt, channels: [channel] },
    });
    toast({ tone: 'ok', title: words.scheduled(text.channels[channel]) });
    onScheduled();
  }

  return (
    <FormDialog
      title={words.composerTitle}
      description={
        channel === 'email' ? words.emailLaterHint : free ? words.laterHint : words.templateLaterHint
      }
      error={schedule.error}
      busy={schedule.isPending}
      submitLabel={words.schedule}
      onSubmit={() => void submit().catch(() => undefined)}
      onClose={onClose}
    >
      <div className="rounded-xl bg-sunken px-4 py-3">
        <p className="line-clamp-4 whitespace-pre-line">{shown}</p>
      </div>
      <DateAndTime when={when} fault={tried && 'fault' in at ? at.fault : undefined} onChange={setWhen} />
      {free && <Otherwise templateId={templateId} onChange={setTemplateId} />}
    </FormDialog>
  );
}
