export { ConversationView } from './conversation-view';
export { MessageList, MessageListRow } from './message-list';
export { Timeline } from './timeline';
export { useHasMessages } from './use-conversation';
