import { defineSearchAttributeKey } from '@temporalio/common';

/** The six search attributes of all workflows: ids, codes and instants only. Workflows import this file. */
export const searchAttributes = {
  organization: defineSearchAttributeKey('ParleyOrganization', 'KEYWORD'),
  person: defineSearchAttributeKey('ParleyPerson', 'KEYWORD'),
  chatStatus: defineSearchAttributeKey('ParleyChatStatus', 'KEYWORD'),
  owner: defineSearchAttributeKey('ParleyOwner', 'KEYWORD'),
  nextDeadline: defineSearchAttributeKey('ParleyNextDeadline', 'DATETIME'),
  blockedBy: defineSearchAttributeKey('ParleyBlockedBy', 'KEYWORD'),
} as const;
