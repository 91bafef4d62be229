import { useState } from 'react';
import { useAction, useMe } from '../queries';
import { Button, FormError } from '../ui';
import { detailsText } from './details-text';

const words = detailsText.settle;

/** R-CRED-2: an Administrator says what became of an unknown message. */
export function SettleMessage({ messageId }: { messageId: string }) {
  const { permissions } = useMe();
  const [outcome, setOutcome] = useState<'sent' | 'notSent' | null>(null);
  const settle = useAction('POST /api/v1/messages/{messageId}/settle', {
    refresh: [
      'GET /api/v1/messages/{messageId}',
      'GET /api/v1/conversations/{conversationId}/messages',
      'GET /api/v1/credits',
    ],
  });
  if (!permissions.settings) return null;
  const say = (next: 'sent' | 'notSent') => {
    setOutcome(next);
    settle.mutate({ params: { messageId }, body: { outcome: next } });
  };
  return (
    <div className="rounded-lg border border-line bg-sunken px-3 py-2.5">
      <p className="text-[0.93rem]">{words.hint}</p>
      <div className="mt-2 flex flex-wrap gap-2">
        {(['sent', 'notSent'] as const).map((one) => (
          <Button
            key={one}
            size="sm"
            busy={settle.isPending && outcome === one}
            disabled={settle.isPending}
            onClick={() => say(one)}
          >
            {words[one]}
          </Button>
        ))}
      </div>
      <FormError error={settle.error} />
    </div>
  );
}
