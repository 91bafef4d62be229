import { Ban, FileText, Lock, PlugZap, Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Conversation } from '../../../contracts/conversations';
import { paths } from '../paths';
import { useMe, useRoute } from '../queries';
import { RequestButton, requestFor } from '../request-button';
import { text } from '../text';
import { Button, ButtonLink, Countdown } from '../ui';
import type { SendingState } from './sending-state';

const words = text.blocked;

/** In the place of the field: why one cannot write here, and what one can do. */
export function Blocked({
  state,
  conversation,
  onTemplate,
}: {
  state: Exclude<SendingState, { kind: 'free' }>;
  conversation: Conversation;
  onTemplate: () => void;
}) {
  const me = useMe();
  const { person } = conversation;
  const request = state.kind === 'never' ? requestFor(state.reason ?? '', 'whatsapp') : null;
  switch (state.kind) {
    case 'templateOnly':
      return (
        <Notice
          icon={<Timer className="size-5" />}
          action={
            <Button variant="primary" icon={<FileText aria-hidden className="size-4" />} onClick={onTemplate}>
              {text.templates.title}
            </Button>
          }
        >
          {state.why}
        </Notice>
      );
    case 'owned':
      return (
        <Notice icon={<Lock className="size-5" />}>
          <strong className="font-semibold">{words.owned(state.owner.name)}</strong> {words.ownedHint}{' '}
          {conversation.deadlineAt && (
            <>
              {words.ownedUntil} <Countdown until={conversation.deadlineAt} />.
            </>
          )}
        </Notice>
      );
    case 'notConnected':
      return (
        <Notice
          icon={<PlugZap className="size-5" />}
          action={
            me.permissions.settings && (
              <ButtonLink href={paths.settings('channels')}>{words.connect}</ButtonLink>
            )
          }
        >
          <strong className="font-semibold">
            {state.disconnected ? words.disconnected : words.notConnected}
          </strong>{' '}
          {me.permissions.settings ? words.connectHint : words.askAdministrator}
        </Notice>
      );
    case 'fromTray':
      return (
        <Notice icon={<Lock className="size-5" />} action={<OpenMatch personId={person.id} />}>
          {words.fromTray}
        </Notice>
      );
    case 'never':
      return (
        <Notice
          icon={<Ban className="size-5" />}
          action={
            request ? (
              <RequestButton kind={request} />
            ) : (
              me.permissions.editPeople && (
                <ButtonLink href={paths.person(person.id)}>{words.openFile}</ButtonLink>
              )
            )
          }
        >
          {state.why}
        </Notice>
      );
  }
}

/** To the newest match that is still running; without one, the newest. */
function OpenMatch({ personId }: { personId: string }) {
  const person = useRoute('GET /api/v1/people/{personId}', { params: { personId } });
  const matches = person.data?.applications ?? [];
  const match = matches.find(({ rejectedAt, withdrawnAt }) => !rejectedAt && !withdrawnAt) ?? matches[0];
  return match && <ButtonLink href={paths.match(match.id)}>{words.openMatch}</ButtonLink>;
}

function Notice({ icon, action, children }: { icon: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl border border-line bg-sunken px-3 py-2.5">
      <span aria-hidden className="text-ink-2">
        {icon}
      </span>
      <p className="min-w-48 flex-1">{children}</p>
      {action}
    </div>
  );
}
