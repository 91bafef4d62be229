import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { ChatSnapshot } from '../src/domain/snapshot';
import { dispatchOptions, settleOptions } from './activity-options';
import { createAlarm } from './alarm';
import { pokeSignal, stateQuery, type ConversationInput, type Gate } from './messages';
import { showConversation } from './show-conversation';

const { dispatchNext } = proxyActivities<Activities>(dispatchOptions);
const { settleConversation } = proxyActivities<Activities>(settleOptions);

/** How long after a settlement in vain the database is asked again: its clock may stand a little behind Temporal's. */
const clockSkewMs = 1000;

/**
 * One conversation: sends to one person, one after another, and writes down when its chat runs out (R-CHAT-4, R-CHAT-5).
 * The database decides everything; this drives it. It ends when the chat is Closed and nothing waits to be sent; the
 * next poke starts it again.
 */
export async function conversation(input: ConversationInput): Promise<void> {
  const { organizationId, conversationId } = input;
  const ids = { organizationId, conversationId };
  let { snapshot } = input;
  const gate: Gate = input.gate ?? {
    wanted: snapshot.pending,
    pending: false,
    retryAt: null,
    blockedBy: null,
  };
  let awake = false;
  let settledInVainAt = -Infinity;

  const wake = () => void (awake = true);
  const deadlineAlarm = createAlarm('The status may run out', wake);
  const retryAlarm = createAlarm('The next send may be tried', wake);

  setHandler(stateQuery, () => ({ snapshot, gate }));
  setHandler(pokeSignal, (poke) => {
    snapshot = newer(snapshot, poke.snapshot);
    gate.wanted ||= poke.snapshot.pending;
    wake();
  });

  for (;;) {
    if (snapshot.status === 'closed' && !gate.wanted && !gate.pending && gate.retryAt === null) break;
    if (workflowInfo().continueAsNewSuggested && allHandlersFinished()) {
      await continueAsNew<typeof conversation>({ ...ids, snapshot, gate });
    }
    if (gate.wanted || isDue(gate.retryAt)) {
      await takeTurn();
    } else if (isDue(snapshot.deadlineAt) && Date.now() >= settledInVainAt + clockSkewMs) {
      await settle();
    } else {
      await waitForNews();
    }
  }
  showConversation({ ...ids, snapshot }, gate);

  async function takeTurn(): Promise<void> {
    gate.wanted = false;
    const turn = await dispatchNext(ids);
    snapshot = newer(snapshot, turn.snapshot);
    gate.pending = turn.snapshot.pending;
    gate.retryAt = turn.retryAt;
    gate.blockedBy = turn.blockedBy;
    gate.wanted ||= turn.more && turn.retryAt === null && turn.blockedBy === null;
  }

  async function settle(): Promise<void> {
    const before = snapshot;
    const settled = await settleConversation(ids);
    snapshot = newer(snapshot, settled);
    if (snapshot.version === before.version) settledInVainAt = Date.now();
    // A poke that was lost shows here at the latest.
    gate.wanted ||= settled.pending;
  }

  async function waitForNews(): Promise<void> {
    showConversation({ ...ids, snapshot }, gate);
    if (gate.retryAt !== null) retryAlarm.set(Date.parse(gate.retryAt));
    if (snapshot.deadlineAt !== null) {
      deadlineAlarm.set(Math.max(Date.parse(snapshot.deadlineAt), settledInVainAt + clockSkewMs));
    }
    awake = false;
    await condition(() => awake);
  }
}

const newer = (known: ChatSnapshot, heard: ChatSnapshot): ChatSnapshot =>
  heard.version >= known.version ? heard : known;

const isDue = (at: string | null): boolean => at !== null && Date.parse(at) <= Date.now();
