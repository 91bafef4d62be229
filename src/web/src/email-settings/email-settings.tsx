import { CircleCheck, FolderCog, PlugZap, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Mailbox, MailboxTest, MailboxType } from '../../../contracts/mailboxes';
import { incomingPort, outgoingPort } from '../../../domain/mail-ports';
import {
  Button,
  Checkbox,
  ErrorState,
  Form,
  FormError,
  LoadingRows,
  SelectField,
  TextArea,
  TextField,
  toast,
} from '../ui';
import {
  draftOf,
  faultsOf,
  incomingKept,
  incomingOf,
  inputOf,
  isFilled,
  outgoingKept,
  providerServer,
  removesLater,
  type Draft,
  type IncomingDraft,
} from './draft';
import { FoldersDialog } from './folders-dialog';
import { MailboxState } from './mailbox-state';
import { SignedIn, SignInButtons } from './provider-sign-in';
import { ServerFields } from './server-fields';
import { SignInOutcome } from './sign-in-outcome';
import { emailSettingsText as words } from './text';
import { useMailbox, useSaveMailbox, useTestMailbox } from './use-mailbox';

const types = Object.keys(words.types) as MailboxType[];

/** R-BOX-2: the e-mail settings of a user; `userId` null: one's own. */
export function EmailSettings({ userId }: { userId: string | null }) {
  const mailbox = useMailbox(userId);
  if (mailbox.data) return <SettingsForm userId={userId} mailbox={mailbox.data} />;
  if (mailbox.error) return <ErrorState error={mailbox.error} onRetry={() => void mailbox.refetch()} />;
  return <LoadingRows rows={4} />;
}

function SettingsForm({ userId, mailbox }: { userId: string | null; mailbox: Mailbox }) {
  const [draft, setDraft] = useState(() => draftOf(mailbox));
  const [tried, setTried] = useState(false);
  const [tested, setTested] = useState<MailboxTest | null>(null);
  /** What is to happen once it is saved. */
  const [then, setThen] = useState<'folders' | null>(null);
  const [folders, setFolders] = useState(false);
  const save = useSaveMailbox(userId, () => {
    toast({ tone: 'ok', title: words.saved });
    setTried(false);
    setDraft((now) => ({
      ...now,
      incoming: { ...now.incoming, password: '' },
      outgoing: { ...now.outgoing, password: '' },
    }));
    if (then === 'folders') setFolders(true);
    setThen(null);
  });
  const test = useTestMailbox(userId, setTested);
  const faults = faultsOf(draft, mailbox);
  const errorOf = (field: string) =>
    (tried ? faults[field] : undefined) ??
    save.error?.fieldError(field) ??
    test.error?.fieldError(field.replace('incoming.', ''));
  const { systemAddress, connectsFrom, signIn, signInProviders } = mailbox;
  const { incoming } = draft;
  const isPop = incoming.type === 'pop';
  const signedIn = draft.byPassword ? null : signIn;
  const provider = providerServer(draft, mailbox);

  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const changeIncoming = (part: Partial<IncomingDraft>) => {
    setTested(null);
    change({ incoming: { ...draft.incoming, ...part } });
  };

  function submit(next: 'folders' | null) {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    // nothing was changed: the folders are those of what is stored
    if (next === 'folders' && isSame(draft, draftOf(mailbox))) return setFolders(true);
    setThen(next);
    save.run(inputOf(draft, mailbox));
  }

  function tryIt() {
    setTried(true);
    if (Object.entries(faults).some(([field, fault]) => field.startsWith('incoming.') && fault)) return;
    setTested(null);
    test.run(incomingOf(draft.incoming));
  }

  return (
    <div className="space-y-5">
      {userId === null && <SignInOutcome signedIn={signIn?.active ?? false} />}
      <MailboxState userId={userId} mailbox={mailbox} />
      <Form
        error={save.error}
        autoComplete="off"
        aria-label={words.title}
        onSubmit={() => submit(null)}
        className="space-y-8"
      >
        <div className="space-y-4">
          {systemAddress !== null && (
            <div>
              <p className="text-[0.9rem] font-medium">{words.systemAddress}</p>
              <p className="break-all">{systemAddress}</p>
              <p className="mt-1 text-[0.87rem] text-ink-2">{words.systemAddressHint}</p>
            </div>
          )}
          <TextField
            label={words.fromAddress}
            hint={words.fromAddressHint(systemAddress)}
            type="email"
            value={draft.fromAddress}
            maxLength={254}
            error={errorOf('fromAddress')}
            onChange={(event) => change({ fromAddress: event.target.value })}
          />
          <TextArea
            label={words.signature}
            hint={words.signatureHint}
            value={draft.signature}
            maxLength={10_000}
            error={errorOf('signature')}
            onChange={(event) => change({ signature: event.target.value })}
          />
        </div>

        <fieldset className="space-y-4">
          <legend className="mb-3 font-semibold">{words.incoming}</legend>
          {signedIn ? (
            <SignedIn
              userId={userId}
              signIn={signedIn}
              username={incoming.username}
              type={incoming.type}
              onPassword={() => change({ byPassword: true })}
              onSignedOut={(after) => {
                const { leftAtProvider } = after;
                toast({
                  tone: 'ok',
                  title: words.signIn.signedOut,
                  ...(leftAtProvider !== null && { lines: [words.signIn.leftAtProvider(leftAtProvider)] }),
                });
                setDraft(draftOf(after));
              }}
            />
          ) : (
            <>
              <SelectField
                label={words.type}
                value={incoming.type}
                options={types.map((value) => ({ value, label: words.types[value] }))}
                onChange={(event) =>
                  changeIncoming({ type: types.find((one) => one === event.target.value) ?? incoming.type })
                }
              />
              {signIn ? (
                <Button onClick={() => setDraft(draftOf(mailbox))}>{words.signIn.keepSignIn}</Button>
              ) : (
                <SignInButtons userId={userId} providers={signInProviders} type={incoming.type} />
              )}
              <ServerFields
                name="incoming"
                draft={incoming}
                kept={incomingKept(incoming, mailbox.incoming)}
                usualPort={incomingPort(incoming.type, incoming.security)}
                errorOf={errorOf}
                onChange={changeIncoming}
              />
            </>
          )}
          <Checkbox label={words.fetch} checked={draft.fetch} onChange={(fetch) => change({ fetch })} />
          <Checkbox
            label={words.keepCopy}
            hint={isPop ? words.noCopyHint : words.keepCopyHint}
            checked={!isPop || incoming.keepCopy}
            disabled={!isPop}
            onChange={(keepCopy) => changeIncoming({ keepCopy })}
          />
          {isPop && incoming.keepCopy && (
            <Checkbox
              label={words.remove}
              checked={incoming.remove}
              onChange={(remove) => changeIncoming({ remove })}
            />
          )}
          {removesLater(incoming) && (
            <TextField
              label={words.removeAfterDays}
              inputMode="numeric"
              value={incoming.removeAfterDays}
              maxLength={4}
              error={errorOf('incoming.removeAfterDays')}
              onChange={(event) => changeIncoming({ removeAfterDays: event.target.value })}
            />
          )}
          <div className="flex flex-wrap gap-2">
            <Button
              icon={<PlugZap aria-hidden className="size-4" />}
              busy={test.isPending}
              disabled={!isFilled(draft.incoming)}
              onClick={tryIt}
            >
              {test.isPending ? words.testing : words.test}
            </Button>
            {!isPop && (
              <Button
                icon={<FolderCog aria-hidden className="size-4" />}
                busy={save.isPending && then === 'folders'}
                disabled={!isFilled(draft.incoming)}
                onClick={() => submit('folders')}
              >
                {words.editFolders}
              </Button>
            )}
          </div>
          <div aria-live="polite">{tested && <TestResult result={tested} />}</div>
          <FormError error={test.error} shown={['password', 'host', 'username', 'port']} />
          <div className="space-y-2 text-[0.87rem] text-ink-2">
            {!signedIn && <p>{words.appPassword}</p>}
            {systemAddress !== null && signInProviders.length === 0 && (
              <p>{words.forwardInstead(systemAddress)}</p>
            )}
            <p>{words.connectsFrom(connectsFrom)}</p>
          </div>
        </fieldset>

        <fieldset className="space-y-4">
          <legend className="mb-3 font-semibold">{words.outgoing}</legend>
          <Checkbox
            label={
              provider && signIn
                ? words.signIn.sendBy(signIn.name)
                : userId === null
                  ? words.ownServer
                  : words.ownServerOfUser
            }
            hint={provider ? words.signIn.sendByHint : words.ownServerHint}
            checked={draft.ownServer}
            onChange={(ownServer) => change({ ownServer })}
          />
          {draft.ownServer && !provider && (
            <ServerFields
              name="outgoing"
              draft={draft.outgoing}
              kept={outgoingKept(draft.outgoing, mailbox.outgoing)}
              usualPort={outgoingPort(draft.outgoing.security)}
              errorOf={errorOf}
              onChange={(part) => change({ outgoing: { ...draft.outgoing, ...part } })}
            />
          )}
        </fieldset>

        <div className="space-y-3">
          <FormError error={save.error} shown={['fromAddress', 'signature', ...Object.keys(faults)]} />
          <Button type="submit" variant="primary" busy={save.isPending && then === null}>
            {words.save}
          </Button>
        </div>
      </Form>
      {folders && <FoldersDialog userId={userId} onClose={() => setFolders(false)} />}
    </div>
  );
}

const isSame = (one: Draft, other: Draft): boolean => JSON.stringify(one) === JSON.stringify(other);

function TestResult({ result: { ok, text, detail } }: { result: MailboxTest }) {
  if (ok)
    return (
      <p className="flex items-center gap-2 rounded-lg bg-ok-soft px-3 py-2 text-ok">
        <CircleCheck aria-hidden className="size-4 shrink-0" />
        {words.testOk}
      </p>
    );
  return (
    <div className="flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 break-words">
        <p>{text}</p>
        {detail && <p className="mt-1 text-[0.87rem]">{words.serverSaid(detail)}</p>}
      </div>
    </div>
  );
}
