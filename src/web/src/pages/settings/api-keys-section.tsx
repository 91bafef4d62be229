import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { scopes, type Scope } from '../../../../contracts/route';
import type { ApiKey } from '../../../../contracts/users';
import { call } from '../../api';
import { refresh, useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  Checkbox,
  ConfirmDialog,
  Dialog,
  EmptyState,
  ErrorState,
  FormDialog,
  LoadingRows,
  RelativeTime,
  TextField,
  toast,
} from '../../ui';
import { CopyField } from './copy-field';
import { SectionHead } from './section-head';
import { settingsText } from './text';

const words = settingsText.apiKeys;

/** The keys of programs. */
export function ApiKeysSection() {
  const keys = useRoute('GET /api/v1/api-keys', {});
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  return (
    <div className="max-w-3xl">
      <SectionHead
        title={settingsText.nav.apiKeys}
        intro={
          <>
            {words.intro}{' '}
            <a
              href="/docs"
              target="_blank"
              rel="noreferrer"
              className="rounded-sm text-accent-text underline underline-offset-3"
            >
              {words.reference}
            </a>
          </>
        }
        action={
          <Button
            variant="primary"
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => setCreating(true)}
          >
            {words.create}
          </Button>
        }
      />
      {keys.isPending && <LoadingRows rows={3} />}
      {keys.error && !keys.data && <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.items.length === 0 && (
        <EmptyState icon={<KeyRound className="size-6" />} title={words.none}>
          {words.noneHint}
        </EmptyState>
      )}
      <ul className="divide-y divide-line">
        {keys.data?.items.map((key) => (
          <li key={key.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">{key.name}</span>
                <code className="text-[0.85rem] text-ink-2">{key.prefix}…</code>
              </p>
              <p className="text-[0.87rem] text-ink-2">
                {words.made} <RelativeTime at={key.createdAt} /> ·{' '}
                {key.lastUsedAt ? (
                  <>
                    {words.used} <RelativeTime at={key.lastUsedAt} />
                  </>
                ) : (
                  words.never
                )}
              </p>
              <p className="mt-1.5 flex flex-wrap gap-1.5">
                {key.scopes.map((scope) => (
                  <Badge key={scope}>{scope}</Badge>
                ))}
              </p>
            </div>
            <Button
              size="sm"
              variant="quiet"
              className="text-danger!"
              aria-label={words.revokeLabel(key.name)}
              onClick={() => setRevoking(key)}
            >
              {words.revoke}
            </Button>
          </li>
        ))}
      </ul>
      {creating && (
        <CreateKeyDialog
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
      {revoking && (
        <ConfirmDialog
          open
          danger
          onOpenChange={() => setRevoking(null)}
          title={words.revokeTitle(revoking.name)}
          body={words.revokeText}
          confirmLabel={words.revoke}
          onConfirm={async () => {
            await call('DELETE /api/v1/api-keys/{apiKeyId}', { params: { apiKeyId: revoking.id } });
            refresh('GET /api/v1/api-keys');
            toast({ title: words.revoked });
          }}
        />
      )}
    </div>
  );
}

function CreateKeyDialog({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (secret: string) => void;
}) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<Scope>>(new Set());
  const [tried, setTried] = useState(false);
  const create = useAction('POST /api/v1/api-keys', {
    refresh: ['GET /api/v1/api-keys'],
    onSuccess: (key) => onCreated(key.secret),
  });

  function submit() {
    setTried(true);
    if (name.trim() === '' || chosen.size === 0) return;
    create.mutate({ body: { name: name.trim(), scopes: scopes.filter((scope) => chosen.has(scope)) } });
  }

  return (
    <FormDialog
      title={words.form.title}
      error={create.error}
      shown={['name']}
      busy={create.isPending}
      submitLabel={words.form.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.form.name}
        hint={words.form.nameHint}
        autoFocus
        value={name}
        maxLength={200}
        error={tried && name.trim() === '' ? words.form.noName : create.error?.fieldError('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset>
        <legend className="mb-2 text-[0.9rem] font-medium">{words.form.scopes}</legend>
        {/* above the long list, where it is seen */}
        {tried && chosen.size === 0 && (
          <p role="alert" className="mb-2 text-[0.87rem] text-danger">
            {words.form.noScope}
          </p>
        )}
        <div className="grid gap-2.5">
          {scopes.map((scope) => (
            <Checkbox
              key={scope}
              label={settingsText.scopes[scope]}
              hint={<code>{scope}</code>}
              checked={chosen.has(scope)}
              onChange={(on) => {
                const next = new Set(chosen);
                if (on) next.add(scope);
                else next.delete(scope);
                setChosen(next);
              }}
            />
          ))}
        </div>
      </fieldset>
    </FormDialog>
  );
}

/** The secret stands here once. */
function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={words.secret.title}
      description={words.secret.text}
      footer={
        <Button variant="primary" onClick={onClose}>
          {words.secret.done}
        </Button>
      }
    >
      <CopyField label={words.secret.label} value={secret} />
    </Dialog>
  );
}
