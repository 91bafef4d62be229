import { useState } from 'react';
import { useAction } from '../queries';
import { scheduleText as words } from '../send/text';
import { DateAndTime, firstWhen, instantOf, Otherwise } from '../send/when-field';
import { FormDialog, toast } from '../ui';

/** A text, or a template with the values for its parameters. */
export type Later = ({ text: string } | { templateId: string; parameters?: Record<string, string> }) & {
  applicationId?: string;
  replyToId?: string;
};

/** R-SEND-7: what stands in the composer, or the template that was chosen, goes later. */
export function ScheduleDialog({
  conversationId,
  message,
  shown,
  onClose,
  onScheduled,
}: {
  conversationId: string;
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
    onSuccess: () => {
      toast({ tone: 'ok', title: words.scheduled('WhatsApp') });
      onScheduled();
    },
  });
  const at = instantOf(when);

  function submit() {
    setTried(true);
    if ('fault' in at) return;
    const otherwise = templateId === null ? {} : { templateId };
    schedule.mutate({
      params: { conversationId },
      body: { ...message, ...otherwise, sendAt: at.sendAt, channels: ['whatsapp'] },
    });
  }

  return (
    <FormDialog
      title={words.composerTitle}
      description={'text' in message ? words.laterHint : words.templateLaterHint}
      error={schedule.error}
      busy={schedule.isPending}
      submitLabel={words.schedule}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="line-clamp-3 rounded-xl bg-sunken px-4 py-3 whitespace-pre-line">{shown}</p>
      <DateAndTime when={when} fault={tried && 'fault' in at ? at.fault : undefined} onChange={setWhen} />
      {'text' in message && <Otherwise templateId={templateId} onChange={setTemplateId} />}
    </FormDialog>
  );
}
