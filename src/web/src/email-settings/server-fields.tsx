import { TriangleAlert } from 'lucide-react';
import type { MailSecurity } from '../../../contracts/mailboxes';
import { SelectField, TextField } from '../ui';
import type { ServerDraft } from './draft';
import { emailSettingsText as words } from './text';

const securities = Object.keys(words.securities) as MailSecurity[];

/** Server, user name, password, security and port; `name` leads to their faults. */
export function ServerFields({
  name,
  draft,
  kept,
  usualPort,
  errorOf,
  onChange,
}: {
  name: 'incoming' | 'outgoing';
  draft: ServerDraft;
  /** The stored password stays if none is given. */
  kept: boolean;
  usualPort: number;
  errorOf: (field: string) => string | undefined;
  onChange: (change: Partial<ServerDraft>) => void;
}) {
  const isIncoming = name === 'incoming';
  return (
    <>
      <TextField
        label={isIncoming ? words.host : words.outgoingHost}
        hint={isIncoming ? words.hostHint : undefined}
        autoCapitalize="none"
        spellCheck={false}
        value={draft.host}
        maxLength={253}
        error={errorOf(`${name}.host`)}
        onChange={(event) => onChange({ host: event.target.value })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={words.username}
          hint={isIncoming ? words.usernameHint : words.outgoingUsernameHint}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={draft.username}
          maxLength={254}
          error={errorOf(`${name}.username`)}
          onChange={(event) => onChange({ username: event.target.value })}
        />
        <TextField
          label={words.password}
          hint={kept ? words.passwordKept : undefined}
          type="password"
          autoComplete="new-password"
          data-1p-ignore
          value={draft.password}
          maxLength={500}
          error={errorOf(`${name}.password`)}
          onChange={(event) => onChange({ password: event.target.value })}
        />
        <SelectField
          label={words.security}
          value={draft.security}
          options={securities.map((value) => ({ value, label: words.securities[value] }))}
          onChange={(event) =>
            onChange({ security: securities.find((one) => one === event.target.value) ?? draft.security })
          }
        />
        <TextField
          label={words.port}
          hint={words.portHint(usualPort)}
          inputMode="numeric"
          placeholder={String(usualPort)}
          value={draft.port}
          maxLength={5}
          error={errorOf(`${name}.port`)}
          onChange={(event) => onChange({ port: event.target.value })}
        />
      </div>
      {draft.security === 'none' && (
        <p className="flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-[0.9rem] text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {words.noneWarning}
        </p>
      )}
    </>
  );
}
