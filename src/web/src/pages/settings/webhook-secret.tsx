import { useState } from 'react';
import type { WebhookEndpoint } from '../../../../contracts/webhook-endpoints';
import { useAction } from '../../queries';
import { Button, Checkbox, Dialog, FormDialog } from '../../ui';
import { CopyField } from './copy-field';
import { webhooksText } from './webhooks-text';

const words = webhooksText.secret;

/** An endpoint's new secret, shown this once. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={words.title}
      description={words.text}
      footer={
        <Button variant="primary" onClick={onClose}>
          {words.done}
        </Button>
      }
    >
      <CopyField label={words.label} value={secret} />
    </Dialog>
  );
}

/** Makes a new secret; the old one goes on for a day unless it is no secret any more. */
export function RotateSecretDialog({
  endpoint,
  onClose,
}: {
  endpoint: WebhookEndpoint;
  onClose: () => void;
}) {
  const [keepOld, setKeepOld] = useState(true);
  const [secret, setSecret] = useState<string | null>(null);
  const rotate = useAction('POST /api/v1/webhook-endpoints/{webhookEndpointId}/rotate-secret', {
    refresh: ['GET /api/v1/webhook-endpoints'],
    onSuccess: (made) => setSecret(made.secret),
  });
  if (secret !== null) return <SecretDialog secret={secret} onClose={onClose} />;
  return (
    <FormDialog
      title={words.rotateTitle(endpoint.name)}
      description={words.rotateText}
      error={rotate.error}
      busy={rotate.isPending}
      submitLabel={words.rotateSubmit}
      onSubmit={() =>
        rotate.mutate({
          params: { webhookEndpointId: endpoint.id },
          body: { keepOldHours: keepOld ? 24 : 0 },
        })
      }
      onClose={onClose}
    >
      <Checkbox label={words.keepOld} hint={words.keepOldHint} checked={keepOld} onChange={setKeepOld} />
    </FormDialog>
  );
}
