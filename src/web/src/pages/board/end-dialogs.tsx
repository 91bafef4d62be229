import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { EndResult } from '../../../../contracts/vacancies';
import { call, type ApiError } from '../../api';
import { refresh, useAction, useMe, useRoute } from '../../queries';
import { text } from '../../text';
import {
  Checkbox,
  ConfirmDialog,
  ErrorState,
  FormDialog,
  SelectField,
  Skeleton,
  TextField,
  toast,
} from '../../ui';
import { inBatches } from './in-batches';
import { moveResultLines } from './move-result-text';
import { boardText } from './text';

const words = boardText.ended;
const changed = [
  'GET /api/v1/vacancies/{vacancyId}/board',
  'GET /api/v1/vacancies/{vacancyId}/ended',
  'GET /api/v1/applications/{applicationId}',
  'GET /api/v1/applications/{applicationId}/planned',
  'GET /api/v1/people/{personId}',
  'GET /api/v1/people/{personId}/planned',
  'GET /api/v1/people/{personId}/timeline',
] as const;

type Channel = 'whatsapp' | 'sms' | 'email';
type Message = { templateId?: string; channel?: Channel };
type Props = { applicationIds: string[]; who: string; onClose: () => void };

/** R-SEND-2: rejects one or many, and offers to write to them. */
export function RejectDialog({
  applicationIds,
  who,
  onClose,
  onDone,
}: Props & { onDone?: (moveIds: string[]) => void }) {
  const [send, setSend] = useState(false);
  const [templateId, setTemplateId] = useState('');
  const [channel, setChannel] = useState<Channel>('whatsapp');
  const [tried, setTried] = useState(false);
  const [contact, setContact] = useState('');
  const me = useMe();
  // R-MAIL-3: asked for until there is one, but not taken away from under who has just set it
  const [asksContact] = useState(me.organization.publicContactEmail === null);
  const saveContact = useAction('PATCH /api/v1/organization', {
    refresh: ['GET /api/v1/organization', 'GET /api/v1/me'],
  });
  const templates = useRoute(
    'GET /api/v1/templates',
    send ? { query: { status: 'approved', limit: 200 } } : null,
  );
  const done = (result: EndResult, moveIds: string[]) => {
    refresh(...changed);
    const lines = moveResultLines({ ...result, moved: result.changed, unchanged: 0 }, true);
    toast({
      tone: 'ok',
      title: words.done.reject(who),
      lines: !send ? undefined : many ? lines : [words.sent],
    });
    if (result.planned.length > 0) onDone?.(moveIds);
    onClose();
  };
  const many = applicationIds.length > 1;
  const one = useAction('POST /api/v1/applications/{applicationId}/reject', {
    onSuccess: (result) => done(result, [result.moveId]),
  });
  const several = useMutation<Awaited<ReturnType<typeof inBatches>>, ApiError, Message>({
    mutationFn: (message) =>
      inBatches(applicationIds, (ids) =>
        call('POST /api/v1/applications/reject', { body: { applicationIds: ids, ...message } }),
      ),
    onSuccess: (result) => done(result, result.moveIds),
  });
  const usable = (templates.data?.items ?? []).filter(
    (template) =>
      (channel !== 'whatsapp' || template.channel === 'whatsapp') &&
      (channel !== 'email' || template.title !== null),
  );
  const chosen = usable.find(({ id }) => id === templateId);

  async function submit() {
    setTried(true);
    if (send && !chosen) return;
    if (contact.trim() !== '') {
      const saved = await saveContact
        .mutateAsync({ body: { publicContactEmail: contact.trim() } })
        .catch(() => null);
      if (saved === null) return;
    }
    const message = send && chosen ? { templateId: chosen.id, channel } : {};
    if (many) several.mutate(message);
    else one.mutate({ params: { applicationId: applicationIds[0]! }, body: message });
  }

  return (
    <FormDialog
      title={words.rejectTitle(who)}
      description={words.rejectHint}
      error={saveContact.error ?? one.error ?? several.error}
      shown={['publicContactEmail']}
      busy={saveContact.isPending || one.isPending || several.isPending}
      submitLabel={words.reject}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      {asksContact &&
        (me.permissions.settings ? (
          <TextField
            label={words.contact}
            hint={words.contactHint}
            type="email"
            maxLength={254}
            value={contact}
            error={saveContact.error?.fieldError('publicContactEmail')}
            onChange={(event) => setContact(event.target.value)}
          />
        ) : (
          <p className="text-[0.93rem] text-ink-2">{words.contactMissing}</p>
        ))}
      <Checkbox
        label={words.sendTemplate}
        hint={many ? words.sendManyHint : send && channel !== 'whatsapp' ? words.sendInName : words.sendHint}
        checked={send}
        onChange={setSend}
      />
      {send && templates.isPending && <Skeleton className="h-10 rounded-lg" />}
      {send && templates.error && (
        <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />
      )}
      {send && templates.data && (
        <>
          <SelectField
            label={words.channel}
            value={channel}
            onChange={(event) => setChannel(event.target.value as Channel)}
            options={(['whatsapp', 'sms', 'email'] as const).map((value) => ({
              value,
              label: text.channels[value],
            }))}
          />
          <SelectField
            label={words.template}
            value={chosen?.id ?? ''}
            hint={usable.length === 0 ? words.none : undefined}
            error={tried && !chosen ? (usable.length === 0 ? words.none : words.choose) : undefined}
            onChange={(event) => setTemplateId(event.target.value)}
            options={[
              { value: '', label: words.choose, disabled: true },
              ...usable.map((template) => ({
                value: template.id,
                label: `${template.name} · ${template.language}`,
              })),
            ]}
          />
        </>
      )}
    </FormDialog>
  );
}

export function WithdrawDialog({ applicationIds, who, onClose }: Props) {
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={words.withdrawTitle(who)}
      body={words.withdrawHint}
      confirmLabel={words.withdraw}
      onConfirm={async () => {
        await inBatches(applicationIds, (ids) =>
          call('POST /api/v1/applications/withdraw', { body: { applicationIds: ids } }),
        );
        refresh(...changed);
        toast({ tone: 'ok', title: words.done.withdraw(who) });
      }}
    />
  );
}

export function ReopenDialog({
  applicationId,
  who,
  stageName,
  onClose,
}: {
  applicationId: string;
  who: string;
  stageName: string;
  onClose: () => void;
}) {
  const [runActions, setRunActions] = useState(true);
  const reopen = useAction('POST /api/v1/applications/{applicationId}/reopen', {
    refresh: [...changed],
    onSuccess: (result) => {
      toast({
        tone: 'ok',
        title: words.done.reopen(who),
        lines: moveResultLines({ ...result, moved: result.changed }, runActions),
      });
      onClose();
    },
  });
  return (
    <FormDialog
      title={words.reopenTitle(who)}
      description={words.reopenHint(stageName)}
      error={reopen.error}
      busy={reopen.isPending}
      submitLabel={words.reopen}
      onSubmit={() => reopen.mutate({ params: { applicationId }, body: { runActions } })}
      onClose={onClose}
    >
      <Checkbox
        label={boardText.moveDialog.run}
        hint={boardText.moveDialog.runHint}
        checked={runActions}
        onChange={setRunActions}
      />
    </FormDialog>
  );
}
