import { ConfidentialBox } from '../confidential-box';
import { fullOf } from '../pages/mail/names';
import { useRoute } from '../queries';
import { text } from '../text';
import { Badge, ChannelIcon, cx, Dialog, ErrorState, LoadingRows, MessageTicks, Time } from '../ui';
import { costOf } from './cost-of';
import { FallbackOf } from './fallback-of';
import { SettleMessage } from './settle-message';
import { readableName } from './use-templates';
import { detailsText } from './details-text';

const words = detailsText;

/** R-LOG-2: states with their times, receipts, credits, and the reason with its remedy. */
export function MessageDetails({ messageId, onClose }: { messageId: string; onClose: () => void }) {
  const query = useRoute('GET /api/v1/messages/{messageId}', { params: { messageId } });
  const message = query.data;
  // it is on its way, or there
  const delayed = message?.reason === 'email_delayed' || message?.reason === 'copies_refused';
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={words.title} size="md">
      {query.isPending && <LoadingRows rows={3} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {message && (
        <div className="space-y-4">
          <div className="flex flex-wrap items-center gap-2">
            <Badge icon={<ChannelIcon channel={message.channel} className="size-3.5" />}>
              {text.channels[message.channel]}
            </Badge>
            <Badge
              tone={
                message.direction === 'in' ? 'neutral' : delayed ? 'warn' : message.reason ? 'danger' : 'ok'
              }
              icon={<MessageTicks state={message.state} className="size-3.5!" />}
            >
              {text.messageStates[message.state]}
            </Badge>
            {message.direction === 'out' && message.origin !== 'manual' && message.origin !== 'person' && (
              <Badge tone="auto">{text.message.origins[message.origin]}</Badge>
            )}
          </div>
          {(message.reasonText ?? message.reasonDetail) && (
            <div
              className={cx(
                'rounded-lg px-3 py-2',
                delayed ? 'bg-warn-soft text-warn' : 'bg-danger-soft text-danger',
              )}
            >
              {message.reasonText && <p>{message.reasonText}</p>}
              {message.reasonDetail && (
                <p className="mt-1 text-[0.87rem]">
                  {words.provider}: {message.reasonDetail}
                </p>
              )}
            </div>
          )}
          <FallbackOf message={message} />
          {message.state === 'unknown' && <SettleMessage messageId={message.id} />}
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            {message.sender && <Fact label={words.sender}>{message.sender.name}</Fact>}
            {message.copies && message.copies.cc.length > 0 && (
              <Fact label={words.cc}>{message.copies.cc.map(fullOf).join(', ')}</Fact>
            )}
            {message.copies && message.copies.bcc.length > 0 && (
              <Fact label={words.bcc}>{message.copies.bcc.map(fullOf).join(', ')}</Fact>
            )}
            {message.template && <Fact label={words.template}>{readableName(message.template.name)}</Fact>}
            {message.direction === 'in' ? (
              <Fact label={words.received}>
                <Time at={message.occurredAt} />
              </Fact>
            ) : (
              <Fact label={words.accepted}>
                <Time at={message.createdAt} />
              </Fact>
            )}
            {message.sentAt && (
              <Fact label={text.messageStates.sent}>
                <Time at={message.sentAt} />
              </Fact>
            )}
            {message.deliveredAt && (
              <Fact label={text.messageStates.delivered}>
                <Time at={message.deliveredAt} />
              </Fact>
            )}
            {message.readAt && (
              <Fact label={text.messageStates.read}>
                <Time at={message.readAt} />
              </Fact>
            )}
            {message.failedAt && (
              <Fact label={text.messageStates.failed}>
                <Time at={message.failedAt} />
              </Fact>
            )}
            {message.direction === 'out' && <Fact label={words.credits}>{costOf(message)}</Fact>}
          </dl>
          {message.mayMakePrivate && (
            <ConfidentialBox messageId={message.id} checked={false} onChanged={onClose} />
          )}
          {message.receipts.length > 0 && (
            <details>
              <summary className="cursor-pointer text-ink-2">
                {words.receipts(message.receipts.length)}
              </summary>
              <ul className="mt-2 space-y-1.5 text-[0.9rem]">
                {message.receipts.map((receipt) => (
                  <li key={receipt.status}>
                    {text.messageStates[receipt.status]} · <Time at={receipt.occurredAt} />
                    <span className="block text-ink-2">
                      {words.heardAt} <Time at={receipt.receivedAt} />
                      {receipt.providerCode !== null && ` · ${words.code} ${receipt.providerCode}`}
                      {receipt.detail && ` · ${receipt.detail}`}
                    </span>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
    </Dialog>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{label}</dt>
      <dd className="[overflow-wrap:anywhere]">{children}</dd>
    </>
  );
}
