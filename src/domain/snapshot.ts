import type { ChatStatus } from './chat';

/** What a conversation's workflow knows of it: ids and instants (ISO 8601) only. The highest `version` rules. */
export type ChatSnapshot = {
  version: number;
  status: ChatStatus;
  ownerId: string | null;
  personId: string;
  deadlineAt: string | null;
  /** Messages are queued. */
  pending: boolean;
};
