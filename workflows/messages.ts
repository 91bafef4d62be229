import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ChatSnapshot } from '../src/domain/snapshot';

export type ConversationPoke = { organizationId: string; conversationId: string; snapshot: ChatSnapshot };

/** What a conversation's workflow starts with, and carries along when it continues as new. */
export type ConversationInput = ConversationPoke & { gate?: Gate };

/** The state of the sends, apart from the chat. Instants are ISO 8601. */
export type Gate = {
  /** A poke or `more` asks for a turn. */
  wanted: boolean;
  /** Messages were left queued by the last turn. */
  pending: boolean;
  retryAt: string | null;
  blockedBy: string | null;
};

export type ConversationView = { snapshot: ChatSnapshot; gate: Gate };

export type StageMoveInput = { organizationId: string; moveId: string };

export type WebhookEndpointInput = { organizationId: string; endpointId: string };

export type MailboxWorkflowInput = { organizationId: string; userId: string };

/** Something was committed. Lost, late, doubled or swapped pokes do not matter: the highest version rules. */
export const pokeSignal = defineSignal<[ConversationPoke]>('poke');

export type BulkSendInput = { organizationId: string; bulkSendId: string };

/** `batchId`: the send to many, the move, or the one message. */
export type ScheduledSendInput = { organizationId: string; batchId: string };

export type MailOutboxInput = { organizationId: string; userId: string };

/** Look again: there is something to do, or something was resumed. */
export const wakeSignal = defineSignal('wake');

export const stateQuery = defineQuery<ConversationView>('state');
