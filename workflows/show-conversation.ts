import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { searchAttributes as keys } from '../src/temporal/search-attributes';
import type { ConversationPoke, Gate } from './messages';

/** A shorter wait is over before an operator has found it, and each change of a search attribute is billed. */
const worthShowingMs = 60_000;

/** Tells operators where the conversation stands: ids, codes and instants only. */
export function showConversation(
  { organizationId, conversationId, snapshot }: ConversationPoke,
  gate: Gate,
): void {
  const blockedBy = isLongWait(gate) ? gate.blockedBy : null;
  const shown = workflowInfo().typedSearchAttributes;
  const changed =
    shown.get(keys.chatStatus) !== snapshot.status ||
    (shown.get(keys.owner) ?? null) !== snapshot.ownerId ||
    (shown.get(keys.blockedBy) ?? null) !== blockedBy;
  if (changed) {
    upsertSearchAttributes([
      { key: keys.organization, value: organizationId },
      { key: keys.person, value: snapshot.personId },
      { key: keys.chatStatus, value: snapshot.status },
      { key: keys.owner, value: snapshot.ownerId },
      { key: keys.nextDeadline, value: snapshot.deadlineAt === null ? null : new Date(snapshot.deadlineAt) },
      { key: keys.blockedBy, value: blockedBy },
    ]);
  }
  setCurrentDetails([chatLine(snapshot), gateLine(gate), linkLine(conversationId)].join('\n\n'));
}

function isLongWait({ retryAt }: Gate): boolean {
  return retryAt === null || Date.parse(retryAt) - Date.now() >= worthShowingMs;
}

function chatLine({ status, ownerId, deadlineAt }: ConversationPoke['snapshot']): string {
  if (status === 'active') return `The chat is **Active** until ${deadlineAt}, owned by user \`${ownerId}\`.`;
  if (status === 'open')
    return `The chat is **Open** until ${deadlineAt}: anyone allowed to send may start it.`;
  return 'The chat is **Closed**.';
}

function gateLine({ wanted, pending, retryAt, blockedBy }: Gate): string {
  if (wanted) return 'Messages are being sent.';
  if (retryAt) return `The next send is tried at ${retryAt}${blockedBy ? ` (\`${blockedBy}\`)` : ''}.`;
  if (blockedBy) return `Sends are held up by \`${blockedBy}\`; they go on by themselves once it is mended.`;
  return pending ? 'Messages wait to be sent.' : 'No message waits to be sent.';
}

function linkLine(conversationId: string): string {
  const link = workflowInfo().memo?.link;
  return `[Open in Parley](${typeof link === 'string' ? link : `/inbox/${conversationId}`})`;
}
