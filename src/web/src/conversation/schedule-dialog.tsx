import { useRef, useState } from 'react';
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
  applicationId?: string;
  replyToId?: string;
};

/** R-SEND-7: what stands in the composer, or the template that was chosen, goes later. */
export function ScheduleDialog({
  conversationId,
  channel,
  messages,
  shown,
  onStored,
  onClose,
  onScheduled,
}: {
  conversationId: string;
  channel: 'whatsapp' | 'email';
  /** Over WhatsApp each file is one. */
  messages: Later[];
  /** What it will say, as things are now. */
  shown: string;
  /** Of each as it stands: where one after it fails, it is not to be sent again. */
  onStored?: (message: Later) => void;
  onClose: () => void;
  onScheduled: () => void;
}) {
  const [when, setWhen] = useState(firstWhen);
  const [templateId, setTemplateId] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  /** How many stand already, where one after them failed. */
  const done = useRef(0);
  const schedule = useAction('POST /api/v1/conversations/{conversationId}/scheduled-messages', {
    refresh: ['GET /api/v1/people/{personId}/planned', 'GET /api/v1/applications/{applicationId}/planned'],
  });
  const at = instantOf(when);
  const free = channel === 'whatsapp' && messages.length === 1 && !messages[0]?.templateId;

  async function submit() {
    setTried(true);
    if ('fault' in at) return;
    const otherwise = templateId === null ? {} : { templateId };
    for (const [place, message] of messages.entries()) {
      if (place < done.current) continue;
      // a second apart, so that they go in their order
      const sendAt = new Date(Date.parse(at.sendAt) + place * 1000).toISOString();
      await schedule.mutateAsync({
        params: { conversationId },
        body: { ...message, ...otherwise, sendAt, channels: [channel] },
      });
      done.current = place + 1;
      onStored?.(message);
    }
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
